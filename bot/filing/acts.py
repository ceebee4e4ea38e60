"""A pressed button of a request: who may, is it still possible, are words needed, then it is done and shown."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.filing import asking, background
from bot.filing.cards import Reader
from bot.filing.desk import Desk
from bot.filing.people import Named, find
from bot.filing.requests import Overtaken, Request, by_reference
from bot.filing.rights import Look, Role, ruling
from bot.filing.states import MAKES_VERSION, NEEDS_REASON, Act, Impossible, possible
from bot.filing.work import Deed, do
from bot.messages import Outgoing

if TYPE_CHECKING:
    from bot.assistant import Turn

LABELS = {act.value: f"request-button-{act.value}" for act in Act if act not in (*MAKES_VERSION, Act.NOTE)}
"""The message of each act's button, for acts that are typed."""
_STEP = re.compile(r"^\s*(\d{1,2})\s*[.:)]\s*(\S.*)$")
DECIDES = frozenset({Act.TAKE, Act.APPROVE, Act.RETURN, Act.REJECT})


class Pressed:
    """One press, `req:<reference>:<verb>[:<version>[:<step>]]`."""

    def __init__(self, desk: Desk, turn: Turn, action: str) -> None:
        self.desk = desk
        self.turn = turn
        self.action = action
        _, self.reference, self.verb, self.version, self.step, *_ = [*action.split(":"), "", "", "", "", ""]

    async def result(self) -> list[Outgoing]:
        """What the person is told."""
        request = await by_reference(self.desk.tx, self.desk.organisation, self.reference, hold=True)
        if request is None:
            return [self._only_to_them("request-unknown", reference=self.reference)]
        roles = await self.desk.roles(self.turn.person, request)
        what = self._what()
        if what is None:
            return [self.turn.notice("old-button")]
        allowed = ruling(what, roles)
        if not allowed.allowed:
            name = request.approver_name or "–"
            return [self._only_to_them(allowed.why_not, reference=request.reference, name=name)]
        if what is Look.REQUEST:
            return [self._card(request, roles)]
        if what is Look.BACKGROUND:
            return [await background.shown(self.desk, self._reader(roles), request)]
        assert isinstance(what, Act)  # noqa: S101 - the only kind that is left
        return await self._act(request, roles, what)

    def _what(self) -> Act | Look | None:
        looks = {"show": Look.REQUEST, "background": Look.BACKGROUND}
        if self.verb in looks:
            return looks[self.verb]
        try:
            act = Act(self.verb)
        except ValueError:
            return None
        return None if act in MAKES_VERSION else act

    async def _act(self, request: Request, roles: frozenset[Role], act: Act) -> list[Outgoing]:
        if act not in possible(request.state):
            return self._too_late(request, roles)
        if self.version and self.version != str(request.version):
            return [self.turn.notice("request-changed", version=request.version), self._card(request, roles)]
        reason = asking.words(self.turn)
        if act in NEEDS_REASON and not reason and not (act is Act.RETURN and request.notes()):
            return asking.ask(self.turn, self.action, self.turn.say(f"request-reason-{act.value}"))
        refused = asking.refused(self.turn, reason)
        if refused:
            return [refused]
        try:
            return await self._done(request, roles, act, reason)
        except (Overtaken, Impossible):
            fresh = await by_reference(self.desk.tx, self.desk.organisation, self.reference)
            return self._too_late(fresh or request, roles)

    async def _done(self, request: Request, roles: frozenset[Role], act: Act, reason: str) -> list[Outgoing]:
        if act is Act.NOTE and self.step not in {s["id"] for s in request.answers().get("steps", [])}:
            return [self.turn.notice("old-button")]
        if act is Act.RETURN:
            request, reason = await self._with_notes(request, reason)
        changes: dict[str, str | None] = {}
        if act in DECIDES:
            changes = {"reviewer": self.turn.person, "reviewer_name": self.turn.name}
        elif act in (Act.NAME, Act.PASS):
            named = await self._named(request, act, reason)
            if named.id == request.requester and act is Act.NAME:
                return [self.turn.notice("request-manager-self")]
            role = "approver" if act is Act.NAME else "reviewer"
            changes = {role: named.id, f"{role}_name": named.name}
            reason = named.name
        deed = self._deed(act, reason, step=self.step if act is Act.NOTE else "", changes=changes)
        moved = await do(self.desk, request, deed)
        return [self._card(moved, await self.desk.roles(self.turn.person, moved))]

    def _deed(self, act: Act, reason: str, step: str = "", changes: dict[str, str | None] | None = None) -> Deed:
        return Deed(act, self.turn.person, self.turn.name, reason, step, changes=changes or {})

    async def _with_notes(self, request: Request, reason: str) -> tuple[Request, str]:
        """Lines such as "7: write the whole name" are words on answer 7; the rest is on the whole."""
        steps = [s["id"] for s in request.answers().get("steps", [])]
        rest = []
        for line in reason.splitlines():
            found = _STEP.match(line)
            if found and 1 <= int(found[1]) <= len(steps):
                request = await do(self.desk, request, self._deed(Act.NOTE, found[2], steps[int(found[1]) - 1]))
            else:
                rest.append(line)
        return request, "\n".join(rest).strip()

    async def _named(self, request: Request, act: Act, reason: str) -> Named:
        mention = next(iter(self.turn.incoming.mentions), None)
        but = (request.requester,) if act is Act.NAME else ()
        known = mention.id if mention else None
        name = mention.name if mention and mention.name else reason[:120]
        if act is Act.NAME:
            return await find(self.desk.tx, self.desk.organisation, name, known, request.requester, but)
        found = await find(self.desk.tx, self.desk.organisation, name, known, "", but)
        reviews = found.id and await self.desk.reviews(found.id)
        return found if reviews else Named(None, name)

    # -- what is shown -----------------------------------------------------------------------------------------

    def _reader(self, roles: frozenset[Role]) -> Reader:
        office = self.desk.office
        if office.destinations.is_review(self.desk.organisation, self.desk.here) and Role.REVIEWER in roles:
            roles = frozenset({Role.REVIEWER})
        return Reader(self.turn.answers.language, self.desk.zone, roles)

    def _card(self, request: Request, roles: frozenset[Role]) -> Outgoing:
        """The request, in this conversation only where it is private or the reviewers' own."""
        card = self._reader(roles).card(request)
        shared = self.desk.office.destinations.is_review(self.desk.organisation, self.desk.here)
        return replace(card, private=not shared)

    def _too_late(self, request: Request, roles: frozenset[Role]) -> list[Outgoing]:
        reader = self._reader(roles)
        return [
            self._only_to_them("request-too-late", reference=request.reference, state=reader.state(request)),
            self._card(request, roles),
        ]

    def _only_to_them(self, message: str, **values: str | int) -> Outgoing:
        return replace(self.turn.notice(message, **values), private=True)

"""A pressed button of a request: who may, is it still possible, are words needed, then it is done and shown."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.dialogue.dialogue import Dialogue
from bot.filing import asking, background
from bot.filing.cards import AS_REPORT, Reader
from bot.filing.desk import Desk
from bot.filing.people import Named, find
from bot.filing.requests import Overtaken, Request, by_reference, listed
from bot.filing.rights import Look, Role, ruling
from bot.filing.states import MAKES_VERSION, NEEDS_REASON, Act, Impossible, State, possible
from bot.filing.work import Deed, do
from bot.messages import Button, Outgoing
from bot.store.tables import requests

if TYPE_CHECKING:
    from bot.assistant import Turn

MEND = "mend"
_BUTTONS = {
    verb: f"request-button-{verb}" for verb in (*Act, MEND, "background") if verb not in (*MAKES_VERSION, Act.NOTE)
}
LABELS = {
    **{str(verb): (label, f"{label}-report") if label in AS_REPORT else (label,) for verb, label in _BUTTONS.items()},
    "show": ("request-button-show-typed",),
}
"""The messages of each button, for what is typed."""
AS_MANAGER = {Act.APPROVE: Act.AGREE, Act.REJECT: Act.DECLINE}
"""What a manager means who types the reviewers' word while the request waits for them."""
_STEP = re.compile(r"^\s*(\d{1,2})\s*[.:)]\s*(\S.*)$")
OPEN = frozenset(state for state in State if Act.WITHDRAW in possible(state))
MOST = 5
"""Requests of one person among which they are asked to choose."""
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
        if self.verb == MEND:
            return await self._mended(request, roles)
        what = self._what()
        if what is None:
            return [self.turn.notice("old-button")]
        if not self.version and request.state is State.WAITING and Role.MANAGER in roles and isinstance(what, Act):
            what = AS_MANAGER.get(what, what)
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

    async def _mended(self, request: Request, roles: frozenset[Role]) -> list[Outgoing]:
        """The typed "Correct it": the dialogue goes on where it was sent back."""
        if Role.REQUESTER not in roles:
            return [self._only_to_them("request-only-requester", reference=request.reference)]
        if request.state is not State.RETURNED:
            return self._too_late(request, roles)
        return await Dialogue(self.turn).press(f"s:{request.session}:resume")

    async def _act(self, request: Request, roles: frozenset[Role], act: Act) -> list[Outgoing]:
        if act not in possible(request.state):
            return self._too_late(request, roles)
        if self.version and self.version != str(request.version):
            return [self.turn.notice("request-changed", version=request.version), self._card(request, roles)]
        reason = asking.words(self.turn)
        if act in NEEDS_REASON and not reason and not (act is Act.RETURN and request.notes()):
            label = self._reader(roles).of(request, f"request-reason-{act.value}")
            return asking.ask(self.turn, self.action, label)
        refused = asking.refused(self.turn, reason)
        if refused:
            return [refused]
        steps = [s["id"] for s in request.answers().get("steps", [])]
        beyond = self._beyond(act, reason, len(steps))
        if beyond:
            return [
                self._only_to_them("request-no-answer", number=beyond, reference=request.reference, count=len(steps))
            ]
        if act is Act.NOTE and self.step.isdigit():
            self.step = steps[int(self.step) - 1]
        try:
            return await self._done(request, roles, act, reason)
        except (Overtaken, Impossible):
            fresh = await by_reference(self.desk.tx, self.desk.organisation, self.reference)
            return self._too_late(fresh or request, roles)

    def _beyond(self, act: Act, reason: str, count: int) -> int | None:
        """The number of an answer that words are meant for and that is not there."""
        named = [found[1] for line in reason.splitlines() if act is Act.RETURN and (found := _STEP.match(line))]
        named += [self.step] if act is Act.NOTE and self.step.isdigit() else []
        return next((int(number) for number in named if not 1 <= int(number) <= count), None)

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
            if named.id is None and act is Act.PASS:
                return [self._only_to_them("request-pass-nobody", name=named.name, reference=request.reference)]
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
            if found:
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


async def to_withdraw(desk: Desk, turn: Turn) -> Outgoing:
    """Asks which request is to be withdrawn, where none was named."""
    mine = (requests.c.requester == turn.person, requests.c.state.in_([state.value for state in OPEN]))
    found = await listed(desk.tx, desk.organisation, *mine, limit=MOST)
    if not found:
        return replace(turn.notice("request-none-to-withdraw"), private=True)
    reader = Reader(turn.answers.language, desk.zone, {Role.REQUESTER})
    buttons = tuple(
        Button(f"{button.label} {request.reference}", button.action, button.style)
        for request in found
        for button in [reader.button(request, Act.WITHDRAW)]
    )
    return replace(turn.notice("request-which-to-withdraw", example=buttons[0].label), buttons=buttons, private=True)

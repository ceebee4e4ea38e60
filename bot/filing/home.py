"""What a person has (drafts, requests, what waits for their agreement, accounts), and what reviewers have to do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.commands import Command
from bot.dialogue.dialogue import Dialogue
from bot.filing import handover, questions, register
from bot.filing.background import entry
from bot.filing.cards import Reader
from bot.filing.desk import Desk
from bot.filing.requests import REPORT_FLOW, listed
from bot.filing.rights import Look, Role, ruling
from bot.filing.states import DECIDED, State
from bot.messages import Button, Entry, Group, Kind, Outgoing
from bot.store.tables import requests

if TYPE_CHECKING:
    from bot.assistant import Turn

MOST = 15


class Home:
    """One person's view."""

    def __init__(self, desk: Desk, turn: Turn, roles: frozenset[Role]) -> None:
        self.desk = desk
        self.turn = turn
        self.roles = roles
        self.reader = Reader(turn.answers.language, desk.zone, roles)

    async def shown(self) -> Outgoing:
        """All of it."""
        groups = [await Dialogue(self.turn).draft_group(), await self._mine()]
        waiting = await self._to_agree()
        groups += [waiting] if waiting.entries else []
        accounts = await self._accounts()
        groups += [accounts] if accounts.entries else []
        if ruling(Look.QUEUE, self.roles).allowed:
            groups += [*await self._queue(), *await self._handovers(), await self._questions(), await self._register()]
        shown = self._home(self.reader.say("home-title"), *groups)
        return replace(shown, buttons=self._flows(), suggestions=self._examples())

    async def requests(self) -> Outgoing:
        """Only the person's own requests."""
        group = await self._mine()
        if not group.entries:
            return self._home(self.reader.say("home-no-requests"))
        return self._home(group.title, group)

    def _home(self, text: str, *groups: Group) -> Outgoing:
        return Outgoing(Kind.HOME, self.reader.language, text, groups=groups, private=True)

    def _flows(self) -> tuple[Button, ...]:
        """What can be begun."""
        flows = self.turn.answers.knowledge.flows.values()
        return tuple(Button(self.turn.answers.in_language(flow.title), f"flow:{flow.id}") for flow in flows)

    def _examples(self) -> tuple[str, ...]:
        """What can be asked."""
        return self.turn.answers.command(Command("help", self.reader.language)).suggestions

    async def _requests(self, title: str, *where: object) -> Group:
        found = await listed(self.desk.tx, self.desk.organisation, *where, limit=MOST)
        mine = self.turn.person
        entries = tuple(entry(self.reader, r, self.desk.called(r), r.requester == mine) for r in found)
        return Group(self.reader.say(title), entries, self.reader.say("request-none"))

    async def _mine(self) -> Group:
        return await self._requests("home-requests", requests.c.requester == self.turn.person)

    async def _to_agree(self) -> Group:
        waiting = requests.c.state == State.WAITING.value
        return await self._requests("home-to-agree", waiting, requests.c.approver == self.turn.person)

    async def _accounts(self) -> Group:
        found = await register.responsible_for(self.desk.tx, self.desk.organisation, self.turn.person, self.turn.name)
        entries = tuple(self._account(a) for a in found[:MOST])
        return Group(self.reader.say("home-accounts"), entries, self.reader.say("request-none"))

    def _account(self, account: register.Account) -> Entry:
        unit = register.unit_in(account, self.turn.answers.knowledge, self.reader.language)
        return Entry(f"{account.platform}: {account.name}", unit)

    async def _queue(self) -> list[Group]:
        open_states = [s.value for s in State if s not in DECIDED]
        mine = (requests.c.state == State.IN_REVIEW.value, requests.c.reviewer == self.turn.person)
        found = [
            await self._requests("home-mine", *mine),
            await self._requests("home-unassigned", requests.c.state == State.FILED.value),
            await self._requests(
                "home-waiting",
                requests.c.state.in_(set(open_states) - {State.FILED.value}),
                (requests.c.state != State.IN_REVIEW.value) | (requests.c.reviewer.is_distinct_from(self.turn.person)),
            ),
        ]
        to_do = (requests.c.state == State.APPROVED.value, requests.c.flow != REPORT_FLOW)
        approved = await self._requests("home-approved", *to_do)
        return [*found, *([approved] if approved.entries else [])]

    async def _handovers(self) -> list[Group]:
        """Questions that somebody waits for an answer to."""
        label = self.reader.say("handover-button-answer")
        entries = tuple(
            Entry(row.question, self.reader.moment(row.at), (Button(label, f"ho:{row.id}:show"),))
            for row in await handover.waiting(self.desk, MOST)
        )
        return [Group(self.reader.say("home-handovers"), entries)] if entries else []

    async def _questions(self) -> Group:
        found = await questions.listed(self.desk.tx, self.desk.organisation, MOST)
        entries = tuple(Entry(q.question, self.reader.say("home-asked", count=q.count)) for q in found)
        return Group(self.reader.say("home-questions"), entries, self.reader.say("request-none"))

    async def _register(self) -> Group:
        await register.seed(self.desk.tx, self.turn.answers.knowledge, self.desk.now)
        found = [a for a in await register.listed(self.desk.tx, self.desk.organisation) if not a.closed]
        entries = tuple(self._account(a) for a in found[:MOST])
        title = self.reader.say("home-register", count=len(found))
        return Group(title, entries, self.reader.say("request-none"))

"""What people do in a storm: they ask, go through dialogues, file, agree, review, and open their home view."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from knowledge.flows import FlowKind
from knowledge.loader import Knowledge
from tests.storm.drafts import RESUME
from tests.storm.world import Member, Move, Role, World

ANSWER = 90.0
"""Seconds after which a person does not wait for an answer any longer."""
STAFF = {
    "ask": 22, "several": 4, "channel": 5, "thread": 4, "button": 14, "home": 7, "aside": 3, "draft": 12,
    "checklist": 16, "decision": 8, "shortcut": 3,
}  # fmt: skip
"""What staff do, by weight; a dialogue is many events, the others one or two."""
STEPS = 60


class Life:
    """One person's day."""

    def __init__(
        self, world: World, member: Member, knowledge: Knowledge, rng: random.Random, more: Callable[[], bool]
    ) -> None:
        self.world = world
        self.member = member
        self.rng = rng
        self.more = more
        language = knowledge.organisation.languages[0]
        self.resume = RESUME[language]
        known = [t.wordings.get(language, ()) for t in knowledge.topics.values() if t.id in knowledge.guidance]
        self.questions = [question for several in known for question in several]
        flows = [f for f in knowledge.flows.values() if f.start.get(language)]
        self.checklists = [f.start[language][0] for f in flows if f.kind is FlowKind.CHECKLIST]
        self.decisions = [f.start[language][0] for f in flows if f.kind is FlowKind.DECISION]

    async def live(self) -> None:
        """Goes on as long as there is more to do. Some begin the day with what was nearly finished."""
        if self.member.role is Role.STAFF and self.rng.random() < 0.5:
            await self._act("draft")
        while self.more():
            if self.member.role is Role.REVIEWER:
                await self._review()
            elif self.member.role is Role.MANAGER:
                await self._manage()
            else:
                await self._act(self.rng.choices(list(STAFF), list(STAFF.values()))[0])

    async def _act(self, what: str) -> None:
        if what in ("checklist", "decision"):
            await self._dialogue(self.checklists if what == "checklist" else self.decisions)
        elif what == "draft":
            await self._dialogue([self.resume], begin=True)
        elif what == "shortcut":
            await self._and_answer(lambda: self.world.shortcut(self.member))
        elif what == "several":
            await asyncio.gather(
                *(self.world.say(self.member, self._question()) for _ in range(self.rng.randint(2, 3)))
            )
        elif what == "channel":
            await self.world.ask_in_channel(self.member, self._question())
        elif what == "thread":
            await self.world.reply_in_thread(self.member, self._question())
        elif what == "aside":
            await self.world.aside(self.member, self._question())
        elif what == "home":
            await self._and_answer(lambda: self.world.home(self.member))
        elif what == "button":
            await self._press(self.world.buttons(self.member))
        else:
            await self._and_answer(lambda: self.world.say(self.member, self._question()))

    def _question(self) -> str:
        return self.rng.choice(self.questions)

    async def _and_answer(self, do: Callable[[], object]) -> None:
        """Does something and waits until something comes of it in the private conversation."""
        place = self.world.place(self.member)
        before = self.world.board.counts[place]
        reply = await do()  # type: ignore[misc]
        if reply.acknowledged:
            await self.world.board.more(place, before, ANSWER)

    async def _press(self, moves: list[Move]) -> None:
        """Any of the buttons, as long as it neither files nor ends anything."""
        found = [m for m in moves if not m.action.startswith("s:") and ":withdraw" not in m.action]
        found = found if self.rng.random() < 0.9 else [m for m in moves if ":submit:" not in m.action]
        if found:
            await self._and_answer(self.rng.choice(found).make)
        else:
            await asyncio.sleep(0.05)

    # -- dialogues -------------------------------------------------------------------------------------------------

    async def _dialogue(self, starts: list[str], begin: bool = False) -> None:
        """Through a dialogue to its end, or part of the way."""
        if starts and (begin or not self.world.steps(self.member) or self.rng.random() < 0.3):
            await self._and_answer(lambda: self.world.say(self.member, self.rng.choice(starts)))
        for _ in range(STEPS):
            moves = self.world.steps(self.member)
            if not moves or not self.more():
                return
            move = self.rng.choice(moves)
            await self._and_answer(move.make)
            chance = self.rng.random()
            if chance < 0.02:
                return
            if chance < 0.06:
                await self._and_answer(lambda: self.world.say(self.member, self._question()))
            if ":submit:" in move.action:
                return

    # -- managers and reviewers --------------------------------------------------------------------------------------

    async def _manage(self) -> None:
        asked = [m for m in self.world.buttons(self.member) if _verb(m) in ("agree", "decline")]
        agree = [m for m in asked if _verb(m) == "agree"]
        if asked:
            await self._and_answer(self.rng.choice(agree if agree and self.rng.random() < 0.85 else asked).make)
        await self._idle(0.5)

    async def _review(self) -> None:
        asked = [m for m in self.world.reviewing(self.member) if _verb(m) in REVIEWS or m.action.endswith(":answer")]
        if asked:
            weights = [REVIEWS.get(_verb(m), 3) for m in asked]
            await self.rng.choices(asked, weights)[0].make()
        await self._idle(1.0)

    async def _idle(self, seconds: float) -> None:
        """Between two looks at what has come; now and then something else is done."""
        await asyncio.sleep(self.rng.uniform(0.0, 2 * seconds))
        if self.rng.random() < 0.2:
            await self._act(self.rng.choice(["ask", "home", "button"]))


REVIEWS = {"take": 6, "approve": 6, "return": 2, "reject": 1, "ask": 1, "note": 1, "finish": 1, "background": 1}
"""What reviewers press, by weight."""


def _verb(move: Move) -> str:
    """What a button of a request does."""
    parts = move.action.split(":")
    return parts[2] if parts[0] == "req" and len(parts) > 2 else ""

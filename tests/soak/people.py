"""What people do in a soak: each files one request, and it is agreed to and decided, by two at once now and then."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError

from bot.filing.requests import Request
from bot.filing.states import Act, State, possible
from bot.store.tables import requests, sessions
from bot.store.unavailable import StoreUnavailable
from tests.filing_town import Town

KILLS = 0.002
"""So many statements are the last of their turn or worker."""
AGAIN = 0.2
"""So many events are delivered once more."""
ACTS = 12
LEAVE = 0.25
"""After so many acts nobody goes on with a request."""
OTHERS = {Act.NAME, Act.REMIND, Act.WITHDRAW, Act.PASS, Act.ANSWER, Act.NOTE}
"""Acts that are not pressed by chance; withdrawing is, against another act."""


class Killed(BaseException):
    """The worker or the turn is gone."""


GONE = (Killed, StoreUnavailable)


class People:
    """Everybody of some organisations, over one or several instances.

    What a person does has names that do not depend on when it is done: who begins anew after a crash sends the same
    events again, and nothing may come of those that were handled before.
    """

    def __init__(self, towns: Sequence[Town], organisations: Sequence[str], seed: int) -> None:
        self.towns = list(towns)
        self.organisations = list(organisations)
        self.kills = 0
        self._seed = seed
        self._chance = random.Random(f"{seed} kills")
        for town in towns:
            event.listen(town.store.engine.sync_engine, "before_cursor_execute", self._statement)

    def spare(self) -> None:
        """From now on nobody is killed."""
        for town in self.towns:
            event.remove(town.store.engine.sync_engine, "before_cursor_execute", self._statement)

    def _statement(self, *_: object) -> None:
        if self._chance.random() < KILLS:
            self.kills += 1
            raise Killed

    async def request(self, number: int) -> None:
        """One person's request, from the finished checklist to wherever it gets."""
        await Person(self, number, random.Random(f"{self._seed} {number}")).live()


class Person:
    """Somebody with a checklist to file."""

    def __init__(self, people: People, number: int, rng: random.Random) -> None:
        self.people = people
        self.organisation = people.organisations[number % len(people.organisations)]
        self.who = f"chat:person{number}"
        self._rng = rng
        self._done = 0
        self._number = number

    async def live(self) -> None:
        """Files and mends; managers and reviewers do their part."""
        draft = await self._draft()
        await self._turn(self.who, f"s:{draft}:submit:1")
        reference = await self._reference(draft)
        for _ in range(ACTS):
            request = await self._read(reference)
            acts = sorted(possible(request.state) - OTHERS)
            if request.state is State.RETURNED:
                await self._mend(draft)
            elif not acts or self._rng.random() < LEAVE:
                return
            else:
                await self._decide(request, self._rng.choice(acts))

    async def _decide(self, request: Request, act: Act) -> None:
        agent = self._rng.choice(["chat:rita", "chat:roy"])
        agent = f"chat:maria-{self.organisation}" if act in (Act.AGREE, Act.DECLINE) else agent
        button = f"req:{request.reference}:{act.value}:{request.version}"
        press = self._turn(agent, button, reason="For a reason.")
        if self._rng.random() < 0.2:
            withdraw = self._turn(self.who, f"req:{request.reference}:withdraw:{request.version}")
            await asyncio.gather(press, withdraw)
        else:
            await press

    async def _mend(self, draft: int) -> None:
        """Looks through the returned checklist and files it again."""
        await self._turn(self.who, f"s:{draft}:resume")
        await self._turn(self.who, f"s:{draft}:keep:manager")
        await self._turn(self.who, f"s:{draft}:show")
        await self._turn(self.who, f"s:{draft}:submit:{await self._shown(draft)}")

    async def _turn(self, who: str, choice: str, **more: str) -> None:
        """One message, delivered by the platform until it is acknowledged, and sometimes once more."""
        self._done += 1
        name = f"{self._number}.{self._done}"
        again = 1 + (self._rng.random() < AGAIN)
        while again:
            town = self._rng.choice(self.people.towns)
            with suppress(*GONE):
                await town.take(who, choice=choice, event=name, org=self.organisation, **more)
                again -= 1

    # -- what is read beside the conversation ----------------------------------------------------------------------

    async def _draft(self) -> int:
        """The person's session; made where there is none yet. In another process they may just be making one, too."""
        while True:
            with suppress(*GONE, IntegrityError):
                found = await self._one(sessions.c.id, sessions.c.person == self.who)
                if found is not None:
                    return int(found)
                manager = {"id": f"chat:maria-{self.organisation}", "name": "Maria"}
                await self.people.towns[0].draft(self.who, org=self.organisation, manager=manager)

    async def _shown(self, draft: int) -> int:
        while True:
            with suppress(*GONE):
                return int(await self._one(sessions.c.turn, sessions.c.id == draft))

    async def _reference(self, draft: int) -> str:
        while True:
            with suppress(*GONE):
                return str(await self._one(requests.c.reference, requests.c.session == draft))

    async def _one(self, column, where):  # type: ignore[no-untyped-def]
        async with self.people.towns[0].store.transaction() as tx:
            return await tx.scalar(select(column).where(where).order_by(column).limit(1))

    async def _read(self, reference: str) -> Request:
        while True:
            with suppress(*GONE):
                return await self.people.towns[0].request(reference, self.organisation)

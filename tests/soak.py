"""Files many requests while everything fails: two instances, lost answers, 429, 5xx, killed workers, double events.

`python -m tests.soak --requests 10000 [--database postgresql://…]` ends with what reconcile finds: nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import event, func, select

from bot.channels import RetryLater
from bot.filing.reconcile import Difference
from bot.filing.states import Act, State, possible
from bot.messages import Outgoing
from bot.organisations import Organisations
from bot.outbox import LEASE
from bot.settings import Settings
from bot.store.store import StoreUnavailable
from bot.store.tables import requests
from tests.filing_town import ORG, Clock, Platform, Town

SHARE = 0.12
"""So many sends fail before the platform took them; half as many after."""
KILLS = 0.02
"""So many statements of a turn are its last."""


class Killed(BaseException):
    """The worker or the turn is gone."""


@dataclass
class Outcome:
    """What a soak ends with."""

    filed: int
    faults: int
    kills: int
    doubled: int
    states: dict[str, int]
    differences: list[Difference]
    seconds: float


class Soak:
    """One run."""

    def __init__(self, towns: list[Town], seed: int) -> None:
        self.towns = towns
        self.rng = random.Random(seed)
        self.faults = 0
        self.kills = 0
        platform = towns[0].platform
        platform.faults = self._fault
        platform.lost = self._lost

    def _fault(self, place: str, outgoing: Outgoing) -> Exception | None:
        if self.rng.random() >= SHARE:
            return None
        self.faults += 1
        return self.rng.choice([RetryLater("429", 2.0), RetryLater("502"), RetryLater("timed out")])

    def _lost(self) -> bool:
        self.faults += (lost := self.rng.random() < SHARE / 2)
        return lost

    def kill_sometimes(self, town: Town) -> None:
        """A statement is now and then the last that a task gets to."""

        def step(*_: object) -> None:
            if self.rng.random() < KILLS / 10:
                self.kills += 1
                raise Killed

        event.listen(town.store.engine.sync_engine, "before_cursor_execute", step)
        self._stop = lambda: event.remove(town.store.engine.sync_engine, "before_cursor_execute", step)

    async def turn(self, who: str, choice: str, **more: str) -> None:
        """One message, delivered by the platform until it is acknowledged, and sometimes once more."""
        name = f"e{self.rng.random()}"
        again = 1 + (self.rng.random() < 0.2)
        while again:
            town = self.rng.choice(self.towns)
            try:
                await town.take(who, choice=choice, event=name, **more)
                again -= 1
            except (Killed, StoreUnavailable):
                continue

    async def request(self, number: int) -> None:
        """One request's way: filed, agreed, and decided in one way or another, by two at once now and then."""
        who = f"chat:person{number}"
        draft = await self._draft(who)
        await self.turn(who, f"s:{draft}:submit:1")
        reference = await self._reference(draft)
        for _ in range(12):
            request = await self._read(reference)
            acts = sorted(
                possible(request.state) - {Act.NAME, Act.REMIND, Act.WITHDRAW, Act.PASS, Act.ANSWER, Act.NOTE}
            )
            if request.state is State.RETURNED:
                town = self.towns[0]
                with suppress(Killed, StoreUnavailable):
                    shown = await town.said(who, choice=f"s:{draft}:resume")
                    if "manager" in (shown[-1].field.name if shown[-1].field else ""):
                        await town.said(who, choice=f"s:{draft}:keep:manager")
                    shown = await town.said(who, choice=f"s:{draft}:show")
                    submit = [b.action for b in shown[-1].buttons if ":submit:" in b.action]
                    await self.turn(who, submit[0]) if submit else None
                continue
            if not acts or self.rng.random() < 0.1:
                return
            act = self.rng.choice(acts)
            agent = "chat:maria" if act in (Act.AGREE, Act.DECLINE) else self.rng.choice(["chat:rita", "chat:roy"])
            press = self.turn(agent, f"req:{reference}:{act.value}:{request.version}", reason="For a reason.")
            if self.rng.random() < 0.2:
                other = f"req:{reference}:withdraw:{request.version}"
                await asyncio.gather(press, self.turn(who, other))
            else:
                await press

    async def _draft(self, who: str) -> int:
        while True:
            with suppress(Killed, StoreUnavailable):
                return (await self.towns[0].draft(who)).id

    async def _reference(self, draft: int) -> str:
        while True:
            with suppress(Killed, StoreUnavailable):
                async with self.towns[0].store.transaction() as tx:
                    return str(await tx.scalar(select(requests.c.reference).where(requests.c.session == draft)))

    async def _read(self, reference: str):  # type: ignore[no-untyped-def]
        while True:
            with suppress(Killed, StoreUnavailable):
                return await self.towns[0].request(reference)

    async def deliver(self, stop: asyncio.Event) -> None:
        """The workers of both instances; one that is killed comes again."""
        while not stop.is_set():
            for town in self.towns:
                with suppress(Killed, StoreUnavailable, BaseExceptionGroup):
                    await town.outbox.deliver_due()
            self.towns[0].clock.now += self.rng.choice([0.5, 1.0, LEASE / 3])
            await asyncio.sleep(0)


async def soak(database: str, requests: int, seed: int, organisations: Organisations | None = None) -> Outcome:
    """Runs one and says how it ended."""
    began = time.monotonic()
    known, platform, clock = organisations or Organisations(Settings()), Platform(), Clock()
    async with AsyncExitStack() as stack:
        towns = [
            await stack.enter_async_context(Town.open(known, database, platform=platform, clock=clock))
            for _ in range(2)
        ]
        run = Soak(towns, seed)
        for town in towns:
            run.kill_sometimes(town)
        stop = asyncio.Event()
        worker = asyncio.create_task(run.deliver(stop))
        for first in range(0, requests, 6):
            await asyncio.gather(*(run.request(n) for n in range(first, min(first + 6, requests))))
        stop.set()
        await worker
        return await _ended(run, towns[0], began)


async def _ended(run: Soak, town: Town, began: float) -> Outcome:
    event_targets = [t.store.engine.sync_engine for t in run.towns]
    for engine in event_targets:
        engine.dispatch.before_cursor_execute.clear()
    town.clock.now += LEASE + 1
    await town.deliver(rounds=1_000_000)
    cards: Counter[tuple[str, str | None]] = Counter(
        (p.place, p.outgoing.key) for p in town.platform.posts.values() if p.outgoing.key
    )
    async with town.store.transaction() as tx:
        rows = await tx.execute(
            select(requests.c.state, func.count()).where(requests.c.organisation == ORG).group_by(requests.c.state)
        )
        states = {row[0]: row[1] for row in rows}
    wrong = await town.differences()
    return Outcome(
        filed=sum(states.values()),
        faults=run.faults,
        kills=run.kills,
        doubled=sum(n - 1 for n in cards.values()),
        states=states,
        differences=wrong,
        seconds=time.monotonic() - began,
    )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", help="address of an empty database; an SQLite file when left out")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory() as folder:
        database = given.database or f"sqlite:///{Path(folder) / 'soak.db'}"
        outcome = asyncio.run(soak(database, given.requests, given.seed))
    print(f"{outcome.filed} requests in {outcome.seconds:.0f} s, {outcome.states}")
    print(f"{outcome.faults} faults of the platform, {outcome.kills} killed, {outcome.doubled} doubled")
    for difference in outcome.differences[:50]:
        print(difference)
    print(f"{len(outcome.differences)} difference(s)")
    raise SystemExit(1 if outcome.differences or outcome.doubled else 0)


if __name__ == "__main__":
    main()

"""One storm from its first event to what is found at its end."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.outbox import LEASE
from bot.store.store import Store
from bot.store.unavailable import StoreUnavailable
from knowledge.loader import Knowledge, load
from tests.storm import checks, drafts, hurried
from tests.storm.instances import Instance, environment
from tests.storm.people import Life
from tests.storm.post import Post
from tests.storm.world import World

DRAIN = 300.0
"""Seconds without any progress after which the outbox is taken to be stuck."""
LATE = 3.0
"""Seconds after an instance's end in which the platform may still come to read what it has sent before."""


@dataclass(frozen=True)
class Plan:
    """How a storm is to be."""

    database: str
    folder: Path  # of this storm alone
    knowledge: Path
    events: int = 5000
    instances: int = 2
    kills: int = 6
    drafts: int = 2  # of everybody, before it begins
    seconds: float = 900.0
    hurried: bool = False
    build: bool = True  # the indexes first, so that no instance does it while it is waited for
    seed: int = 1


@dataclass
class Outcome:
    """What was done and what was found."""

    differences: list[str] = field(default_factory=list)
    figures: dict[str, object] = field(default_factory=dict)


class Storm:
    """Brings the instances, the platform and its people together."""

    def __init__(self, plan: Plan, world: World, say: Callable[[str], None] = lambda _: None) -> None:
        self.plan = plan
        self.world = world
        self.rng = random.Random(plan.seed)
        self._say = say
        self._began = time.monotonic()
        self._cut_off: list[tuple[float, dict[str, float]]] = []  # when one was killed; what was held, and since when
        self._env: dict[str, str] = {}
        self.instances: list[Instance] = []

    async def run(self) -> Outcome:
        """All of it. Processes and servers are ended whatever happens."""
        await self.world.open()
        self._env = environment(
            self.plan.database, SOMEGUIDE_KNOWLEDGE_DIR=str(self.plan.knowledge), **self.world.settings()
        )
        self.instances = [
            Instance(n, self._env, self.plan.folder, self.plan.hurried) for n in range(1, self.plan.instances + 1)
        ]
        self.post = Post(self.rng, self.instances, hurried.PACE if self.plan.hurried else 1.0)
        self.world.connect(self.post)
        store: Store | None = None
        try:
            if self.plan.build:
                await self._command("build")
            store = await Store.open(self.plan.database)
            await asyncio.gather(*(instance.start() for instance in self.instances))
            return await self._blow(store)
        finally:
            for instance in self.instances:
                await instance.kill()
            if store:
                await store.close()
            await self.world.close()

    async def _blow(self, store: Store) -> Outcome:
        """From the first event to the last check."""
        known = {name: load(name, self.plan.knowledge) for name in {m.organisation for m in self.world.members}}
        await drafts.prepare(store, self.world, known, self.plan.drafts)
        self._began = began = time.monotonic()
        killer = asyncio.create_task(self._kill(store))
        lives = [asyncio.create_task(life.live()) for life in self._lives(known)]
        while self._more() and not all(life.done() for life in lives):
            await asyncio.sleep(0.2)
        await self._over(lives)
        blown = time.monotonic() - began
        self._say(f"{len(self.post.events)} events after {blown:.0f} s; what is under way comes to its end")
        await killer
        await self.post.quiet()
        await self._drain(store)
        drained = time.monotonic() - began
        return await self._ended(store, blown, drained)

    def _lives(self, known: dict[str, Knowledge]) -> list[Life]:
        return [
            Life(self.world, member, known[member.organisation], random.Random(self.rng.random()), self._more)
            for member in self.world.members
        ]

    def _more(self) -> bool:
        return len(self.post.events) < self.plan.events and time.monotonic() - self._began < self.plan.seconds

    @staticmethod
    async def _over(lives: list[asyncio.Task[None]]) -> None:
        """Everybody goes home. A person who stumbled is a fault of the storm's."""
        failed = [life for life in lives if life.done() and not life.cancelled() and life.exception()]
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)
        if failed:
            raise failed[0].exception() or AssertionError

    # -- killing -------------------------------------------------------------------------------------------------

    async def _kill(self, store: Store) -> None:
        """At so many points of the storm an instance is killed and started again; every third time all of them."""
        for number in range(1, self.plan.kills + 1):
            point = self.plan.events * number / (self.plan.kills + 1)
            while self._more() and len(self.post.events) < point:
                await asyncio.sleep(0.05)
            if not self._more():
                return
            struck = self.instances if number % 3 == 0 else [self.rng.choice(self.instances)]
            await asyncio.gather(*(instance.kill() for instance in struck))
            self._cut_off.append((time.time(), await self._under_way(store)))
            self._say(f"{len(self.post.events)} events: killed instance {', '.join(str(i.number) for i in struck)}")
            await asyncio.gather(*(instance.start() for instance in struck))

    async def _under_way(self, store: Store) -> dict[str, float]:
        while True:
            with contextlib.suppress(StoreUnavailable):
                return await checks.under_way(store, time.time(), hurried.LEASE if self.plan.hurried else LEASE)

    def _excused(self, conversation: str, at: float) -> bool:
        """Whether a message that came at a time may be there twice, for whoever sent it was killed."""
        return any(conversation in held and held[conversation] <= at <= when + LATE for when, held in self._cut_off)

    # -- the end -------------------------------------------------------------------------------------------------

    async def _drain(self, store: Store) -> None:
        """Until the outbox is empty; given up when nothing moves any more."""
        least, since = sys.maxsize, time.monotonic()
        while time.monotonic() - since < DRAIN:
            with contextlib.suppress(StoreUnavailable):
                left = await checks.waiting(store)
                if left == 0:
                    return
                if left < least:
                    least, since = left, time.monotonic()
            await asyncio.sleep(0.3)

    async def _ended(self, store: Store, blown: float, drained: float) -> Outcome:
        for instance in self.instances:
            await instance.stop()
        found = await checks.kept(store)
        wrong = checks.stuck(found) + checks.effects(self.post.events, found, self.world.told) + checks.register(found)
        shown, figures = self.world.findings(found.rows, self._excused)
        reconciled = await self._command("reconcile", expected=(0, 1))
        wrong += shown + [f"reconcile: {line}" for line in reconciled[:-1]]
        wrong += [] if reconciled[-1:] == ["0 difference(s)"] else [f"reconcile: {reconciled[-1:]}"]
        faults: Counter[str] = sum((instance.wrongs() for instance in self.instances), Counter())
        wrong += [f"log, {count} times: {what}" for what, count in faults.items()]
        return Outcome(wrong, self._figures(found, blown, drained) | figures)

    def _figures(self, found: checks.Kept, blown: float, drained: float) -> dict[str, object]:
        events = self.post.events.values()
        kinds = Counter(event.kind for event in events)
        return {
            "events": len(self.post.events),
            "kinds": dict(kinds.most_common()),
            "people": len(self.world.members),
            "deliveries": sum(e.deliveries for e in events),
            "acknowledged more than once": sum(e.acknowledged > 1 for e in events),
            "never acknowledged": sum(not e.acknowledged for e in events),
            "turns": len(found.events),
            "instances": len(self.instances),
            "kills": sum(i.kills for i in self.instances),
            "platform calls": self.world.weather.calls,
            "of which failed": dict(self.world.weather.failed),
            "requests": dict(Counter(row.state for row in found.requests)),
            "outbox": dict(Counter(row.state for row in found.rows)),
            "seconds of events": round(blown),
            "seconds until the outbox was empty": round(drained),
        }

    async def _command(self, *arguments: str, expected: tuple[int, ...] = (0,)) -> list[str]:
        """One of the someguide commands, with the settings of the instances. Returns its lines."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *arguments,
            env=self._env, cwd=self.plan.folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(600):
            out, err = await process.communicate()
        if process.returncode not in expected:
            raise RuntimeError(f"someguide {' '.join(arguments)}: {err.decode()[-2000:]}")
        return out.decode().splitlines()

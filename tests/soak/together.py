"""A soak in one process: two instances over one store, on a platform in memory, with a clock that goes when told."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

from sqlalchemy import func, select

from bot.channels import RetryLater
from bot.organisations import Organisations
from bot.outbox import LEASE
from bot.settings import OrganisationFiling, ReviewConversation, Settings
from bot.store.tables import requests
from tests.filing_town import Clock, Platform, Town, Unread
from tests.soak.people import GONE, People

SHARE = 0.12
"""So many sends fail before the platform took them; half as many after."""
AT_ONCE = 6
"""People who file at the same time."""


@dataclass
class Outcome:
    """What a soak ends with."""

    filed: int
    faults: int
    kills: int
    doubled: int
    states: dict[str, int]
    differences: list[str]
    seconds: float


class Faults:
    """How a platform fails."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.count = 0

    def before(self, *_: object) -> Exception | None:
        """Why a message is not taken, if it is not."""
        if self._rng.random() >= SHARE:
            return None
        self.count += 1
        return self._rng.choice([RetryLater("429", 2.0), RetryLater("502"), RetryLater("timed out")])

    def after(self) -> bool:
        """Whether the answer to a message that was taken is lost."""
        self.count += (lost := self._rng.random() < SHARE / 2)
        return lost


def settings(organisations: Sequence[str]) -> Settings:
    """Every organisation has a review channel of its own; the reviewers are the same."""
    filing = {
        name: OrganisationFiling(
            reviewers=("chat:rita", "chat:roy"),
            review=(ReviewConversation(conversation=f"chat:review-{name}", address={"place": f"chat:review-{name}"}),),
        )
        for name in organisations
    }
    return Settings(filing=filing, _env_file=None)  # type: ignore[call-arg]


async def soak(
    database: str,
    requests: int,
    seed: int,
    organisations: Organisations | None = None,
    orgs: Sequence[str] = ("nykvarn",),
) -> Outcome:
    """Runs one and says how it ended."""
    began = time.monotonic()
    faults, platform, clock = Faults(random.Random(seed)), Platform(), Clock()
    platform.faults, platform.lost = faults.before, faults.after
    known = organisations or Unread()
    async with AsyncExitStack() as stack:
        towns = [
            await stack.enter_async_context(
                Town.open(known, database, settings(orgs), platform=platform, clock=clock)  # type: ignore[arg-type]
            )
            for _ in range(2)
        ]
        people = People(towns, orgs, seed)
        stop = asyncio.Event()
        worker = asyncio.create_task(_deliver(people, clock, stop))
        for first in range(0, requests, AT_ONCE):
            await asyncio.gather(*(people.request(n) for n in range(first, min(first + AT_ONCE, requests))))
        stop.set()
        await worker
        people.spare()
        clock.now += LEASE + 1
        await towns[0].deliver(rounds=1_000_000)
        doubled = Counter((p.place, p.outgoing.key) for p in platform.posts.values() if p.outgoing.key)
        states, wrong = await ended(towns[0], orgs)
        return Outcome(
            filed=sum(states.values()),
            faults=faults.count,
            kills=people.kills,
            doubled=sum(n - 1 for n in doubled.values()),
            states=states,
            differences=wrong,
            seconds=time.monotonic() - began,
        )


async def _deliver(people: People, clock: Clock, stop: asyncio.Event) -> None:
    """The workers of both instances; one that is killed comes again."""
    chance = random.Random(0)
    while not stop.is_set():
        for town in people.towns:
            with suppress(*GONE, BaseExceptionGroup):
                await town.outbox.deliver_due()
        clock.now += chance.choice([0.5, 1.0, LEASE / 3])
        await asyncio.sleep(0)


async def ended(town: Town, organisations: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """The requests by their states, and what reconcile finds."""
    async with town.store.transaction() as tx:
        counted = await tx.execute(select(requests.c.state, func.count()).group_by(requests.c.state))
        states = {row[0]: row[1] for row in counted}
    return states, [str(wrong) for name in organisations for wrong in await town.differences(name)]


__all__ = ["Faults", "Outcome", "ended", "settings", "soak"]

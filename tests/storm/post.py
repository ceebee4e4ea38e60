"""Delivers events as a platform does: until they are acknowledged, sometimes again though they were, in disorder.

An event goes out one to four times, each time to any of the instances, at once or seconds later. What nobody has
acknowledged after four deliveries the platform gives up.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from tests.fakes.slack_people import Reply
from tests.storm.instances import Instance

TRIES = 4
PAUSES = (0.3, 3.0, 12.0)
"""Seconds before the second, third and fourth delivery of what was not acknowledged. Slack's own are minutes."""

Send = Callable[[Instance, int], Awaitable[Reply]]
"""Sends to an instance; the number says which delivery of the event it is, from 0."""


@dataclass
class Event:
    """Something a person did, as the platform tells of it."""

    name: str  # by which a second delivery is known
    organisation: str
    person: str
    kind: str
    repeated: bool = True  # whether the platform sends again what was not acknowledged
    deliveries: int = 0
    acknowledged: int = 0
    answer: str = ""  # to the first delivery that was acknowledged


class Post:
    """The platform's deliveries."""

    def __init__(self, rng: random.Random, instances: Sequence[Instance], pace: float = 1.0) -> None:
        """`pace`: by how much everything comes sooner."""
        self._rng = rng
        self._pace = pace
        self._instances = instances
        self._going: set[asyncio.Task[None]] = set()
        self.events: dict[tuple[str, str], Event] = {}

    async def deliver(self, event: Event, send: Send) -> Reply:
        """Delivers an event; the first acknowledgement, or what came last where there was none."""
        known = self.events.setdefault((event.organisation, event.name), event)
        heard: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._all(known, send, heard))
        self._going.add(task)
        task.add_done_callback(self._going.discard)
        return await asyncio.shield(heard)

    def any_order(self) -> list[Instance]:
        """The instances, as chance has them."""
        return self._rng.sample(list(self._instances), len(self._instances))

    async def quiet(self) -> None:
        """Returns when nothing is being delivered any more."""
        while self._going:
            await asyncio.wait(set(self._going))

    async def _all(self, event: Event, send: Send, heard: asyncio.Future[Reply]) -> None:
        planned = self._rng.randint(1, TRIES)
        last = Reply(0)

        async def one(number: int, pause: float) -> None:
            nonlocal last
            await asyncio.sleep(pause / self._pace)
            event.deliveries += 1
            last = await send(self._rng.choice(self._instances), number)
            if last.acknowledged:
                event.acknowledged += 1
                event.answer = event.answer or str(last.body)[:200]
                if not heard.done():
                    heard.set_result(last)

        await asyncio.gather(*(one(number, self._pause(number)) for number in range(planned)))
        for number in range(planned, TRIES if event.repeated else planned):
            if event.acknowledged:
                break
            await one(number, PAUSES[number - 1])
        if not heard.done():
            heard.set_result(last)

    def _pause(self, number: int) -> float:
        """When a planned delivery goes out: with the first, soon after it, seconds later, or very late."""
        if number == 0:
            return 0.0
        longest = self._rng.choices([0.0, 0.5, 5.0, 30.0], [30, 40, 25, 5])[0]
        return self._rng.uniform(0.0, longest)

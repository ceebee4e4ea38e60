"""A soak whose instances are processes of their own: they share a database and a platform, and are killed.

Time goes faster for all of them alike, so that a killed worker's messages need not be waited for a whole minute.
"""

from __future__ import annotations

import asyncio
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import func, select

from bot.store.tables import outbox
from bot.store.unavailable import StoreUnavailable
from tests.filing_town import START, Town, Unread
from tests.soak.people import GONE, People
from tests.soak.platform import Client, Server
from tests.soak.together import Faults, Outcome, ended, settings

AT_ONCE = 8
SHARED = 10
"""Every so manieth request is filed in all processes at once."""
STILL = 120.0
"""Seconds without any progress after which the outbox is taken to be stuck."""


@dataclass(frozen=True)
class Part:
    """What one of the processes is told."""

    database: str
    folder: str
    requests: int
    number: int
    of: int
    seed: int
    began: float
    speed: float
    organisations: tuple[str, ...]

    def clock(self) -> Callable[[], float]:
        """The time that all processes have in common."""
        return lambda: START + (time.time() - self.began) * self.speed

    @property
    def done(self) -> Path:
        """The requests that this process is through with, a number a line."""
        return Path(self.folder) / f"done-{self.number}"

    @property
    def mine(self) -> Iterator[int]:
        """The requests it has to file."""
        return (n for n in range(self.requests) if n % self.of == self.number or n % SHARED == 0)


# -- in one of the processes -------------------------------------------------------------------------------------------


async def take_part(part: Part) -> None:
    """Files this process's requests, going on where it was killed, and delivers until it is ended."""
    platform = await Client.connect(Path(part.folder) / "platform")
    given = settings(part.organisations)
    async with Town.open(Unread(), part.database, given, platform=platform, clock=part.clock()) as town:  # type: ignore[arg-type]
        people = People([town], part.organisations, part.seed)
        working = asyncio.create_task(_deliver(town))
        try:
            await _file(part, people)
            await asyncio.Event().wait()
        finally:
            working.cancel()


async def _file(part: Part, people: People) -> None:
    before = {int(line) for line in part.done.read_text().split()} if part.done.exists() else set()
    left = iter([n for n in part.mine if n not in before])

    async def some() -> None:
        for number in left:
            await people.request(number)
            with part.done.open("a") as done:
                done.write(f"{number}\n")

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    (Path(part.folder) / f"kills-{part.number}").write_text(str(people.kills))


async def _deliver(town: Town) -> None:
    """The worker, which sends replies as soon as they are committed; one that is killed comes again."""
    town.assistant.outbox, town.assistant.wake = town.outbox, town.outbox.wake
    while True:
        with suppress(*GONE, BaseExceptionGroup):
            await town.outbox.run()


# -- around them -------------------------------------------------------------------------------------------------------


class Processes:
    """The instances."""

    def __init__(self, parts: list[Part]) -> None:
        self.parts = parts
        self.killed = 0
        self._running: dict[int, asyncio.subprocess.Process] = {}

    async def start(self, part: Part) -> None:
        """Starts one, or starts it again."""
        given = repr(asdict(part))
        self._running[part.number] = await asyncio.create_subprocess_exec(
            sys.executable, "-c", f"from tests.soak.apart import main; main({given})"
        )

    async def kill(self, part: Part) -> None:
        """SIGKILL."""
        self.killed += 1
        self._running[part.number].send_signal(signal.SIGKILL)
        await self._running[part.number].wait()

    def ended(self) -> list[int]:
        """Those that have ended without being asked to: a fault."""
        return [number for number, process in self._running.items() if process.returncode is not None]

    async def end(self) -> None:
        """Ends all of them."""
        for process in self._running.values():
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def through(self) -> int:
        """How many requests have been filed and decided."""
        done = {line for part in self.parts if part.done.exists() for line in part.done.read_text().split()}
        return len(done)


def main(given: dict[str, object]) -> None:
    """One of the processes."""
    import logging

    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # a killed task's exception is nobody's
    with suppress(KeyboardInterrupt):
        asyncio.run(take_part(Part(**given)))  # type: ignore[arg-type]


async def soak_apart(
    database: str,
    folder: Path,
    requests: int,
    seed: int,
    organisations: tuple[str, ...],
    processes: int = 2,
    kills: int = 20,
    speed: float = 30.0,
    say: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Runs one and says how it ended."""
    began, faults = time.time(), Faults(random.Random(seed))
    server = Server(faults)
    parts = [
        Part(database, str(folder), requests, n, processes, seed, began, speed, organisations) for n in range(processes)
    ]
    running = Processes(parts)
    given = settings(organisations)
    async with Town.open(Unread(), database, given, clock=parts[0].clock()) as town:  # type: ignore[arg-type]
        await server.start(folder / "platform")
        with _ended_by_signal():
            try:
                await asyncio.gather(*(running.start(part) for part in parts))
                await _until_through(running, requests, kills, random.Random(seed), say)
                await _until_empty(town, say)
            finally:
                await running.end()
                await server.stop()
        states, wrong = await ended(town, organisations)
    told = sum(
        int((folder / f"kills-{n}").read_text() or 0) for n in range(processes) if (folder / f"kills-{n}").exists()
    )
    return Outcome(
        filed=sum(states.values()),
        faults=faults.count,
        kills=running.killed + told,
        doubled=server.doubled,
        states=states,
        differences=wrong,
        seconds=time.time() - began,
    )


async def _until_through(
    running: Processes, requests: int, kills: int, rng: random.Random, say: Callable[[str], None]
) -> None:
    """Until every request is filed; one of the processes is killed at so many points."""
    points = iter([requests * n // (kills + 1) for n in range(1, kills + 1)])
    point = next(points, requests + 1)
    while (through := running.through()) < requests:
        if through >= point:
            point = next(points, requests + 1)
            part = rng.choice(running.parts)
            await running.kill(part)
            say(f"{through} requests; killed process {part.number}")
            await running.start(part)
        if running.ended():
            raise RuntimeError(f"process {running.ended()} ended")
        await asyncio.sleep(0.2)


async def _until_empty(town: Town, say: Callable[[str], None]) -> None:
    """Until the outbox is empty; given up when nothing moves any more."""
    least, since = 1 << 60, time.monotonic()
    while time.monotonic() - since < STILL:
        with suppress(StoreUnavailable):
            async with town.store.transaction() as tx:
                waiting = await tx.scalar(
                    select(func.count()).where(outbox.c.state == "waiting", outbox.c.channel == "chat")
                )
            if not waiting:
                return
            if waiting < least:
                least, since = waiting, time.monotonic()
                say(f"{waiting} messages are on their way")
        await asyncio.sleep(1)


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    """SIGTERM ends this with everything that it has started."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)

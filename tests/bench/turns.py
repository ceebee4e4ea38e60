"""An ordinary question turn, from the message read to the answer delivered, beside one committed write: the floor.

The store, filing and the outbox work as in `someguide serve`; only the platform is missing: its wire takes all at
once. Each turn is in a conversation of its own, so that nobody writes again before the answer has come. Processor time
is given beside the turns a second, because a loaded machine changes it less.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import structlog
from sqlalchemy import event, func, select, update

from bot.assistant import Assistant
from bot.channels import Address
from bot.messages import Incoming, Outgoing, Person
from bot.organisations import Organisations
from bot.service import Service, service
from bot.settings import Settings
from bot.store.store import Store
from bot.store.tables import conversations, outbox
from knowledge.models import Language
from tests.bench.common import Run, percentiles, table_of
from tests.postgres import CannotStart, server

ORGANISATION = "nykvarn"
AT_A_TIME = (1, 32)
CHANNEL = "chat"
Work = Callable[[int], Awaitable[object]]


@dataclass
class Measured:
    """What a number of turns took."""

    times: list[float] = field(default_factory=list)  # milliseconds of each, as whoever waits for it sees it
    seconds: float = 0.0
    processor: float = 0.0  # seconds
    statements: int = 0


def turns(run: Run) -> None:
    """Turns a second, p50, p99, processor time and SQL statements, one and 32 at a time, on both databases."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    columns = ("turns/s", "p50 ms", "p99 ms", "processor ms", "SQL")
    table = table_of("A question turn, store included", "", "at a time", *columns)
    with ExitStack() as opened:
        urls = {"SQLite": f"sqlite:///{run.folder / 'turns.db'}"}
        try:
            urls["PostgreSQL"] = f"{opened.enter_context(server('max_connections=50'))}/postgres"
        except CannotStart as error:
            run.console.print(str(error))
        for name, url in urls.items():
            for (what, together), found in asyncio.run(_measured(run, url)).items():
                count = len(found.times)
                figures = (f"{count / found.seconds:.0f}", *percentiles(found.times))
                spent = f"{1000 * found.processor / count:.2f}"
                table.add_row(f"{name}: {what}", str(together), *figures, spent, f"{found.statements / count:.1f}")
    structlog.reset_defaults()
    run.console.print(table)
    run.console.print(f"load {os.getloadavg()[0]:.1f} at the end; SQL: statements a turn, COMMIT counted, BEGIN not.")


class Taken:
    """A platform that takes everything at once, and says when."""

    def __init__(self) -> None:
        self.arrived: dict[str, asyncio.Event] = {}

    async def send(
        self, address: Address, outgoing: Outgoing, before: Address | None, once: str, again: bool = False
    ) -> Address:
        """See bot.channels.Wire."""
        self.arrived[address["place"]].set()
        return {"post": once}

    async def private(self, organisation: str, person: str) -> Address:
        """See bot.channels.Wire."""
        return {"place": person}


async def _measured(run: Run, url: str) -> dict[tuple[str, int], Measured]:
    found: dict[tuple[str, int], Measured] = {}
    count = 200 if run.quick else 1000
    asked = [q.question for q in run.questions if q.org == ORGANISATION] or ["Får jag publicera en bild?"]
    organisations = Organisations(Settings(cache_dir=run.folder, semantic=False))
    async with service(Settings(database_url=url, semantic=False, cache_dir=run.folder), organisations) as opened:
        wire = Taken()
        opened.outbox.wires[CHANNEL] = wire
        people = itertools.count()
        one = _asking(opened.assistant, people, lambda n: asked[0])
        await _timed(opened.store, one, 20, 1)
        for together in AT_A_TIME:
            found["one committed write (the floor)", together] = await _timed(
                opened.store, _floor(opened.store), count, together
            )
            new = _asking(opened.assistant, people, lambda n: f"{asked[n % len(asked)]} {n}")
            found["a question not asked before", together] = await _timed(opened.store, new, count, together)
            found["a question that goes around", together] = await _timed(opened.store, one, count, together)
        async with _worker(opened):
            for together in AT_A_TIME:
                delivered = _delivered(opened.assistant, wire, people, asked[0])
                found["the same, to its delivery", together] = await _timed(
                    opened.store, delivered, count, together, lambda: _all_sent(opened.store)
                )
    return found


async def _timed(
    store: Store, work: Work, count: int, together: int, after: Callable[[], Awaitable[None]] | None = None
) -> Measured:
    """So many, that many at a time; `after` is what must have come about before the clock stops."""
    made, numbers = Measured(), iter(range(count))

    async def worker() -> None:
        for number in numbers:
            start = time.perf_counter()
            await work(number)
            made.times.append((time.perf_counter() - start) * 1000)

    with _counted(store) as counted:
        began, spent = time.perf_counter(), time.process_time()
        await asyncio.gather(*(worker() for _ in range(together)))
        if after:
            await after()
        made.seconds, made.processor = time.perf_counter() - began, time.process_time() - spent
    made.statements = counted[0]
    return made


@contextmanager
def _counted(store: Store) -> Iterator[list[int]]:
    count, engine = [0], store.engine.sync_engine

    def step(*_: object) -> None:
        count[0] += 1

    for name in ("before_cursor_execute", "commit"):
        event.listen(engine, name, step)
    try:
        yield count
    finally:
        for name in ("before_cursor_execute", "commit"):
            event.remove(engine, name, step)


def _floor(store: Store) -> Work:
    async def write(number: int) -> None:
        keys = (conversations.c.organisation == ORGANISATION, conversations.c.conversation == f"{CHANNEL}:p{number}")
        async with store.transaction(f"one/{number}") as tx:
            await tx.execute(update(conversations).where(*keys).values(seen_at=float(number)))

    return write


def _incoming(number: int, text: str) -> Incoming:
    place = f"{CHANNEL}:p{number}"
    return Incoming(
        ORGANISATION,
        place,
        text,
        Language.SV,
        person=Person(place, "Anna"),
        event=f"e{number}",
        address={"place": place},
    )


def _asking(assistant: Assistant, people: Iterator[int], text: Callable[[int], str]) -> Work:
    async def ask(number: int) -> None:
        await assistant.take(_incoming(next(people), text(number)))

    return ask


def _delivered(assistant: Assistant, wire: Taken, people: Iterator[int], text: str) -> Work:
    async def ask(_: int) -> None:
        incoming = _incoming(next(people), text)
        wire.arrived[incoming.conversation] = asyncio.Event()
        await assistant.take(incoming)
        await wire.arrived[incoming.conversation].wait()

    return ask


async def _all_sent(store: Store) -> None:
    while True:
        async with store.reading() as tx:
            waiting = await tx.scalar(select(func.count()).where(outbox.c.state == "waiting"))
        if not waiting:
            return
        await asyncio.sleep(0.002)


@asynccontextmanager
async def _worker(opened: Service) -> AsyncIterator[None]:
    """What the turns before have left is taken first, so that it is not counted."""
    for place in await _waiting_places(opened.store):
        opened.outbox.wires[CHANNEL].arrived[place] = asyncio.Event()  # type: ignore[attr-defined]
    while await opened.outbox.deliver_due():
        pass
    worker = asyncio.create_task(opened.outbox.run())
    while opened.outbox.lease(CHANNEL) is None:
        await asyncio.sleep(0)
    yield
    opened.outbox.stop()
    await worker


async def _waiting_places(store: Store) -> list[str]:
    async with store.reading() as tx:
        return list(await tx.scalars(select(outbox.c.conversation).where(outbox.c.state == "waiting")))

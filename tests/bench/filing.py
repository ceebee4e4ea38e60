"""Requests filed a second, and the time from "Submit" to the delivered card, beside bare inserts of the same rows.

Each instance is a process of its own, with its own store, outbox and sink (a wire that keeps the time of each message);
on PostgreSQL they share the database and nothing else. First each files as fast as it can, with several people at once;
then one after another, each when the one before has been delivered. The floor writes what one filing writes, row by
row in one transaction, with the store's own driver and the same number of transactions at once.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from typing import Any, cast
from uuid import uuid4

import aiosqlite
import asyncpg
import structlog
from sqlalchemy import JSON, Table, func, select

from bot.channels import Address
from bot.dialogue.sessions import Session, save
from bot.messages import Incoming, Outgoing, Person
from bot.organisations import Organisations
from bot.service import Service, service
from bot.settings import OrganisationFiling, ReviewConversation, Settings
from bot.store.store import Store
from bot.store.tables import conversations, events, history, outbox, people, requests
from knowledge.models import Language
from tests.bench.common import Run, percentiles, table_of
from tests.filing_town import Unread, filled
from tests.postgres import CannotStart, server

ORGANISATION, FLOW, REVIEW = "kyrkslatt", "open-account", "local:review"
AT_ONCE = 8
"""Turns at once in an instance that files as fast as it can: people who press in the same moment."""
LONGEST = 60.0
"""Seconds after which a phase ends, whatever is left of it."""
NEW = {"reference", "request", "event", "conversation", "person", "requester", "once", "key", "session"}
"""Columns that differ from request to request."""

Draft = tuple[str, int]
"""Who has a finished checklist, and its session."""


@dataclass
class Sink:
    """A channel that takes every message at once, and knows when the review card of each request came."""

    cards: dict[str, float] = field(default_factory=dict)

    async def send(
        self, address: Address, outgoing: Outgoing, before: Address | None, once: str, again: bool = False
    ) -> Address:
        """See bot.channels.Wire."""
        if outgoing.key and address.get("place") == REVIEW:
            self.cards.setdefault(outgoing.key, time.time())
        return {"once": once}

    async def private(self, organisation: str, person: str) -> Address:
        """See bot.channels.Wire."""
        return {"place": person}


@dataclass
class Measured:
    """What one instance saw, as times of the one clock that all of them read: request to moment."""

    submitted: dict[str, float] = field(default_factory=dict)
    committed: dict[str, float] = field(default_factory=dict)
    cards: dict[str, float] = field(default_factory=dict)


def filing(run: Run) -> None:
    """One table: a row for each database and number of instances, and its floor."""
    table = table_of(
        "Filing a checklist of an account, one review channel, commits flushed to the disk",
        "", "filed a second", "bare inserts", "share", "submit → card p50 ms", "p99 ms",
    )  # fmt: skip
    many, few = (60, 10) if run.quick else (400, 40)
    with ExitStack() as opened:
        places = [("SQLite, 1 instance", f"sqlite:///{run.folder / 'filing.db'}", 1)]
        try:
            address = opened.enter_context(server("max_connections=150"))
            places += [(f"PostgreSQL, {n} instance{'s' * (n > 1)}", f"{address}/postgres", n) for n in (1, 4)]
        except CannotStart as error:
            run.console.print(str(error))
        for name, url, instances in places:
            fast = _phase(url, instances, many, AT_ONCE)
            slow = _phase(url, instances, few, 1)
            floor = _floor(url, instances, len(fast.committed))
            rate = len(fast.committed) / (max(fast.committed.values()) - min(fast.submitted.values()))
            waits = [1000 * (slow.cards[key] - at) for key, at in slow.submitted.items() if key in slow.cards]
            table.add_row(name, f"{rate:.0f}", f"{floor:.0f}", f"{rate / floor:.0%}", *percentiles(waits))
    run.console.print(table)


def _settings(url: str) -> Settings:
    review = (ReviewConversation(conversation=REVIEW, address={"place": REVIEW}),)
    return Settings(database_url=url, filing={ORGANISATION: OrganisationFiling(review=review)})


def _phase(url: str, instances: int, each: int, at_once: int) -> Measured:
    """Every instance files its share; what all of them saw."""
    drafts = asyncio.run(_drafts(url, instances * each))
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(instances)
    whole = Measured()
    with ProcessPoolExecutor(instances, context, _wait_for, (ready,)) as pool:
        shares = [drafts[n::instances] for n in range(instances)]
        made = [pool.submit(_instance, url, share, at_once) for share in shares]
        for seen in (future.result(timeout=3 * LONGEST) for future in made):
            whole.submitted |= seen.submitted
            whole.committed |= seen.committed
            whole.cards |= seen.cards
    return whole


async def _drafts(url: str, number: int) -> list[Draft]:
    """So many finished checklists of as many people."""
    flow = Unread().knowledge(ORGANISATION).flows[FLOW]
    answers = filled(flow)
    store = await Store.open(url)
    made = []
    async with store.transaction() as tx:
        for _ in range(number):
            person = f"local:{uuid4().hex[:12]}"
            steps = [step.id for step in flow.steps]
            session = Session(ORGANISATION, person, person, FLOW, Language.SV, answers=answers, turn=1, steps=steps)
            await save(tx, session, time.time())
            made.append((person, session.id))
    await store.close()
    return made


_ready: Any = None


def _wait_for(ready: Any) -> None:
    """Gives a new process what it begins at the same time with."""
    global _ready
    _ready = ready


def _instance(url: str, drafts: Sequence[Draft], at_once: int) -> Measured:
    """The work of one process."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    return asyncio.run(_files(url, drafts, at_once))


async def _files(url: str, drafts: Sequence[Draft], at_once: int) -> Measured:
    settings = _settings(url)
    organisations, sink, seen = cast(Organisations, Unread()), Sink(), Measured()
    organisations.answerer(ORGANISATION)
    async with service(settings, organisations) as opened:
        opened.outbox.wires["local"] = sink
        worker = asyncio.create_task(opened.outbox.run())
        await asyncio.to_thread(_ready.wait, LONGEST)
        left, end = iter(drafts), time.time() + LONGEST

        async def person() -> None:
            for draft in left:
                await _submit(opened, draft, seen)
                if at_once == 1:
                    await _drained(opened, end)
                if time.time() > end:
                    return

        await asyncio.gather(*(person() for _ in range(at_once)))
        await _drained(opened, end)
        opened.outbox.stop()
        await worker
    seen.cards = sink.cards
    return seen


async def _submit(opened: Service, draft: Draft, seen: Measured) -> None:
    who, session = draft
    incoming = Incoming(
        ORGANISATION, who, language=Language.SV, choice=f"s:{session}:submit:1", person=Person(who, "Anna"),
        event=f"e{session}", address={"place": who},
    )  # fmt: skip
    began = time.time()
    made = await opened.assistant.take(incoming)
    key = made[-1].outgoing.key
    assert key is not None, made[-1].outgoing.text
    seen.submitted[key], seen.committed[key] = began, time.time()


async def _drained(opened: Service, end: float) -> None:
    """Waits until no card waits for the reviewers, whichever instance delivers it."""
    waiting = select(func.count()).where(outbox.c.conversation == REVIEW, outbox.c.state == "waiting")
    while time.time() < end:
        async with opened.store.transaction() as tx:
            if not await tx.scalar(waiting):
                return
        await asyncio.sleep(0.02)


# -- the floor -----------------------------------------------------------------------------------------------------

Rows = list[tuple[str, list[str], list[Any]]]
"""Table, columns and values of each row that one filing wrote."""


def _floor(url: str, instances: int, number: int) -> float:
    """Transactions a second that insert what one filing inserts, and do nothing else."""
    rows = asyncio.run(_written(url))
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(instances)
    each = max(1, number // instances)
    with ProcessPoolExecutor(instances, context, _wait_for, (ready,)) as pool:
        made = [pool.submit(_inserts, url, rows, each) for _ in range(instances)]
        times = [future.result(timeout=3 * LONGEST) for future in made]
    return instances * each / (max(end for _, end in times) - min(begin for begin, _ in times))


async def _written(url: str) -> Rows:
    """The rows of the request that was filed last; beside them filing changes its session and the year's number."""
    store = await Store.open(url)
    async with store.transaction() as tx:
        last = (await tx.execute(select(requests).order_by(requests.c.created_at.desc()).limit(1))).one()
        where = {
            requests: requests.c.reference == last.reference,
            history: history.c.reference == last.reference,
            outbox: outbox.c.request == last.reference,
            events: events.c.event == f"{ORGANISATION}/e{last.session}",
            conversations: conversations.c.conversation == last.requester,
            people: people.c.person == last.requester,
        }
        found = [(t, row._asdict()) for t in where for row in await tx.execute(select(t).where(where[t]))]
    await store.close()
    return [_plain(table, row) for table, row in found]


def _plain(table: Table, row: dict[str, Any]) -> tuple[str, list[str], list[Any]]:
    left_out = {"id", *(["reference"] if table is outbox else [])}  # what the platform called it is written later
    kept = {name: value for name, value in row.items() if name not in left_out and value is not None}
    values = [json.dumps(v) if isinstance(table.c[name].type, JSON) else v for name, v in kept.items()]
    return table.name, list(kept), values


def _inserts(url: str, rows: Rows, each: int) -> tuple[float, float]:
    run = _inserts_sqlite if url.startswith("sqlite") else _inserts_postgresql
    return asyncio.run(run(url, rows, each))


_numbers = count(1)


def _fresh(columns: list[str], values: list[Any], mark: str) -> list[Any]:
    """The values with keys that no other row has; a session is a number of at most 31 bits."""
    number = next(_numbers)
    keys = {"session": -number - int(mark[:5], 16) * 2000}
    return [
        keys.get(column, f"{mark[:16]}{number}") if column in NEW else value
        for column, value in zip(columns, values, strict=True)
    ]


async def _inserts_sqlite(url: str, rows: Rows, each: int) -> tuple[float, float]:
    connection = await aiosqlite.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        await connection.execute(f"pragma {pragma}")
    statements = [_statement(name, columns, ["?"] * len(columns)) for name, columns, _ in rows]
    mark, begin = uuid4().hex, time.time()
    for _ in range(each):  # one after another: SQLite has one writer
        await connection.execute("begin immediate")
        for statement, (_, columns, values) in zip(statements, rows, strict=True):
            await connection.execute(statement, _fresh(columns, values, mark))
        await connection.execute("commit")
    end = time.time()
    await connection.close()
    return begin, end


async def _inserts_postgresql(url: str, rows: Rows, each: int) -> tuple[float, float]:
    pool = await asyncpg.create_pool(url, min_size=AT_ONCE, max_size=AT_ONCE)
    statements = [_statement(name, columns, [f"${n}" for n in range(1, len(columns) + 1)]) for name, columns, _ in rows]
    left, mark = iter(range(each)), uuid4().hex
    await asyncio.to_thread(_ready.wait, LONGEST)

    async def writer() -> None:
        async with pool.acquire() as connection:
            for _ in left:
                async with connection.transaction():
                    for statement, (_, columns, values) in zip(statements, rows, strict=True):
                        await connection.execute(statement, *_fresh(columns, values, mark))

    begin = time.time()
    await asyncio.gather(*(writer() for _ in range(AT_ONCE)))
    end = time.time()
    await pool.close()
    return begin, end


def _statement(table: str, columns: Sequence[str], places: Sequence[str]) -> str:
    return f"insert into {table} ({', '.join(f'{chr(34)}{c}{chr(34)}' for c in columns)}) values ({', '.join(places)})"

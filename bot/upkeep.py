"""What has to be done from time to time: drafts that become too old, and notes that are no longer needed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog
from sqlalchemy import delete, func, select, update

from bot.asked import KEPT_FOR
from bot.dialogue.expiry import expire
from bot.metrics import PARKED, WAITING
from bot.service import Service
from bot.store.tables import conversations, events, outbox
from bot.store.unavailable import StoreUnavailable

log = structlog.get_logger()

EVERY = 300.0
"""Seconds between two rounds."""
DAY = 86_400.0
EVENTS = 7 * DAY
"""Platforms redeliver for minutes; a week is far beyond it."""
CONVERSATIONS = 90 * DAY


async def round_of(opened: Service) -> None:
    """One round. Raises StoreUnavailable."""
    now = opened.assistant.clock()
    async with opened.store.transaction("upkeep") as tx:
        await tx.execute(delete(events).where(events.c.at < now - EVENTS))
        await tx.execute(
            update(conversations)
            .where(conversations.c.seen_at < now - KEPT_FOR, conversations.c.asked.is_not(None))
            .values(asked=None)
        )
        await tx.execute(delete(conversations).where(conversations.c.seen_at < now - CONVERSATIONS))
        counted = await tx.execute(
            select(outbox.c.state, func.count())
            .where(outbox.c.state.in_(["waiting", "parked"]))
            .group_by(outbox.c.state)
        )
        found = {row.state: row[1] for row in counted}
    await expire(opened.store, opened.organisations, now, opened.settings.draft_days)
    opened.outbox.wake()
    WAITING.set(found.get("waiting", 0))
    PARKED.set(found.get("parked", 0))


GRACE = 20.0
"""Seconds that a stop waits for what is being sent."""
AGAIN = 5.0
"""Seconds after which a worker that met a fault begins anew."""


@asynccontextmanager
async def workers(opened: Service) -> AsyncIterator[None]:
    """The outbox and the upkeep work as long as the block lasts; what is being sent at its end is finished."""
    stopping = asyncio.Event()
    working: dict[str, Callable[[], Awaitable[None]]] = {
        "outbox": opened.outbox.run,
        "upkeep": lambda: run(opened, stopping),
    }
    running = [asyncio.create_task(_going_on(name, work, stopping)) for name, work in working.items()]
    try:
        yield
    finally:
        stopping.set()
        opened.outbox.stop()
        await asyncio.wait(running, timeout=GRACE)
        for worker in running:
            worker.cancel()


async def _going_on(name: str, work: Callable[[], Awaitable[None]], stopping: asyncio.Event) -> None:
    """A worker that no fault ends: without it turns would go on being made, and nobody would be answered."""
    while not stopping.is_set():
        try:
            await work()
        except Exception:
            log.exception("worker_failed", worker=name)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), AGAIN)


async def run(opened: Service, stopping: asyncio.Event) -> None:
    """Rounds until stopped."""
    while not stopping.is_set():
        try:
            await round_of(opened)
        except StoreUnavailable as error:
            log.warning("upkeep_waits_for_store", reason=str(error))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), EVERY)

"""What has to be done from time to time: drafts that become too old, and notes that are no longer needed."""

from __future__ import annotations

import asyncio
import contextlib

import structlog
from sqlalchemy import delete, func, select, update

from bot.metrics import PARKED, WAITING
from bot.service import Service
from bot.store.store import StoreUnavailable
from bot.store.tables import conversations, events, outbox

log = structlog.get_logger()

EVERY = 300.0
"""Seconds between two rounds."""
DAY = 86_400.0
EVENTS = 7 * DAY
"""Platforms redeliver for minutes; a week is far beyond it."""
LAST_QUESTION = DAY
"""So long a question can still be handed over with one press."""
CONVERSATIONS = 90 * DAY


async def round_of(opened: Service) -> None:
    """One round. Raises StoreUnavailable."""
    now = opened.assistant.clock()
    async with opened.store.transaction("upkeep") as tx:
        await tx.execute(delete(events).where(events.c.at < now - EVENTS))
        await tx.execute(
            update(conversations)
            .where(conversations.c.seen_at < now - LAST_QUESTION, conversations.c.asked.is_not(None))
            .values(asked=None)
        )
        await tx.execute(delete(conversations).where(conversations.c.seen_at < now - CONVERSATIONS))
        counted = await tx.execute(
            select(outbox.c.state, func.count())
            .where(outbox.c.state.in_(["waiting", "parked"]))
            .group_by(outbox.c.state)
        )
        found = {row.state: row[1] for row in counted}
    WAITING.set(found.get("waiting", 0))
    PARKED.set(found.get("parked", 0))


async def run(opened: Service, stopping: asyncio.Event) -> None:
    """Rounds until stopped."""
    while not stopping.is_set():
        try:
            await round_of(opened)
        except StoreUnavailable as error:
            log.warning("upkeep_waits_for_store", reason=str(error))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), EVERY)

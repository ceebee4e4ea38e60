"""The conversation that everybody in communications reads: nobody's reading takes a message away from the others."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.outbox import Delivery, delivery
from bot.store.tables import outbox

MOST = 50
DAYS = 30


async def read_along(
    tx: AsyncConnection, organisation: str, conversation: str, after: int, now: float
) -> list[Delivery]:
    """What came after the last one that this reader has seen: of each thing only the newest, the oldest first."""
    rows = list(
        await tx.execute(
            select(outbox)
            .where(
                outbox.c.organisation == organisation,
                outbox.c.conversation == conversation,
                outbox.c.state.in_(("waiting", "sent")),
                outbox.c.id > after,
                outbox.c.created_at > now - DAYS * 86_400,
            )
            .order_by(outbox.c.id.desc())
            .limit(MOST)
        )
    )
    new = [row.id for row in rows if row.state == "waiting"]
    if new:
        await tx.execute(update(outbox).where(outbox.c.id.in_(new)).values(state="sent", sent_at=now))
    newest = {row.key or row.id: row for row in reversed(rows)}
    return [delivery(row) for row in sorted(newest.values(), key=lambda row: row.id)]

"""What a process that has ended still held in the outbox: others take it over, without waiting for its lease's end."""

from __future__ import annotations

import structlog
from sqlalchemy import and_, select, update

from bot.store.presence import Presence
from bot.store.store import Store
from bot.store.tables import outbox

log = structlog.get_logger()

SETTLED = 3.0
"""Seconds for which what a dead process held is still left alone: what it had just given to a platform can then be
found there, and is not sent a second time."""


async def take_over(store: Store, presence: Presence, now: float) -> int:
    """Shortens the leases of processes that are gone. Returns how many messages they held. Raises StoreUnavailable.

    First the leases are read and then who is there: a lease that could be read was taken by somebody who was there.
    """
    await presence.prove()
    held = and_(outbox.c.state == "waiting", outbox.c.leased_until > now + SETTLED, outbox.c.leased_by.is_not(None))
    async with store.reading() as tx:
        found = await tx.execute(select(outbox.c.leased_by).where(held).distinct())
        holders = {number for number in found.scalars() if number != presence.number}
    gone = await presence.gone(holders) if holders else []
    if not gone:
        return 0
    async with store.transaction("outbox") as tx:
        freed = await tx.execute(
            update(outbox).where(held, outbox.c.leased_by.in_(gone)).values(leased_until=now + SETTLED)
        )
    log.warning("outbox_takes_over", messages=freed.rowcount)
    return int(freed.rowcount)

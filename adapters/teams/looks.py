"""What a review card shows to whom: reviewers see it with its buttons, the others in the channel its state."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from bot.filing.rights import Rights
from bot.messages import OUTGOING, Outgoing
from bot.store.store import Store
from bot.store.tables import outbox


@dataclass(frozen=True)
class Looks:
    """Reads what was last written to a conversation under a key. Changes nothing."""

    store: Store
    rights: Rights

    async def __call__(self, organisation: str, conversation: str, key: str, person: str) -> Outgoing | None:
        """The card for a reviewer; None for anybody else, and where there is none."""
        if not key or not await self.rights.reviews(organisation, person):
            return None
        async with self.store.transaction() as tx:
            found = await tx.scalar(
                select(outbox.c.message)
                .where(
                    outbox.c.organisation == organisation,
                    outbox.c.conversation == conversation,
                    outbox.c.key == key,
                )
                .order_by(outbox.c.id.desc())
                .limit(1)
            )
        return OUTGOING.validate_python(found) if found else None

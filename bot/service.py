"""Puts the parts together: the organisations, the store, the outbox, filing and the assistant of one process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import time

from bot.assistant import Assistant
from bot.organisations import Organisations
from bot.outbox import Outbox
from bot.settings import Settings
from bot.store.store import Store


@dataclass
class Service:
    """What an adapter is given."""

    settings: Settings
    organisations: Organisations
    store: Store
    outbox: Outbox
    assistant: Assistant


@asynccontextmanager
async def service(
    settings: Settings, organisations: Organisations, clock: Callable[[], float] = time
) -> AsyncIterator[Service]:
    """Opens the store and everything over it. Raises StoreUnavailable."""
    store = await Store.open(settings.database_url)
    try:
        outbox = Outbox(store, clock=clock)
        days = settings.draft_days
        assistant = Assistant(organisations.answerer, store, clock=clock, wake=outbox.wake, draft_days=days)
        yield Service(settings, organisations, store, outbox, assistant)
    finally:
        await store.close()

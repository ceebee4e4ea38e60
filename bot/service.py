"""Puts the parts together: the organisations, the store, the outbox, filing and the assistant of one process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import time

from bot.assistant import Assistant
from bot.channels import Wire
from bot.filing.filing import Filing
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
    filing: Filing
    assistant: Assistant


@asynccontextmanager
async def service(
    settings: Settings, organisations: Organisations, clock: Callable[[], float] = time
) -> AsyncIterator[Service]:
    """Opens the store and everything over it. Raises StoreUnavailable."""
    store = await Store.open(settings.database_url)
    try:
        outbox = Outbox(store, clock=clock)
        filing = Filing(settings, store, organisations.knowledge, clock)
        outbox.on_parked = filing.parked
        outbox.wires |= filing_wires(settings, filing)
        days = settings.draft_days
        assistant = Assistant(organisations.answerer, store, filing, clock=clock, draft_days=days, outbox=outbox)
        yield Service(settings, organisations, store, outbox, filing, assistant)
    finally:
        await store.close()


def filing_wires(settings: Settings, filing: Filing) -> dict[str, Wire]:
    """The wires of filing's own destinations, where they are configured: they are channels like any other."""
    found: dict[str, Wire] = {}
    if settings.smtp_host and settings.mail_from:
        from bot.filing.mail import MailWire

        found["mail"] = MailWire(settings, filing.paper)
    if any(own.webhook_url for own in settings.filing.values()):
        from bot.filing.webhook import WebhookWire

        found["webhook"] = WebhookWire(filing.destinations, filing.paper, filing.clock)
    return found

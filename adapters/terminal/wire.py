"""Runs a conversation over standard input and output: a message a line, ended by end of file."""

from __future__ import annotations

import asyncio
import sys

from rich.console import Console

from adapters.terminal.read import incoming
from adapters.terminal.render import show
from bot.organisations import Organisations
from bot.outbox import fetch
from bot.service import Service, service
from bot.settings import Settings
from bot.store.store import StoreUnavailable
from bot.texts import say
from knowledge.models import Language


async def run(
    organisations: Organisations, settings: Settings, organisation: str, language: Language | None, user: str
) -> None:
    """Talks until the input ends. A person sees a prompt; a script sees only the answers."""
    console = Console()
    async with service(settings, organisations) as opened:
        show(console, opened.assistant.welcome(organisation, language))
        await _inbox(opened, console, organisation, user)
        while (text := await asyncio.to_thread(_line)) is not None:
            message = incoming(organisation, user, text, language)
            try:
                for delivery in await opened.assistant.take(message):
                    show(console, delivery.outgoing)
            except StoreUnavailable:
                console.print(say(language or Language.EN, "store-away"))
            await _inbox(opened, console, organisation, user)


def _line() -> str | None:
    try:
        return input("> " if sys.stdin.isatty() else "")
    except (EOFError, KeyboardInterrupt):
        return None
    except UnicodeDecodeError:
        return ""


async def _inbox(opened: Service, console: Console, organisation: str, user: str) -> None:
    """Shows what others sent to this person meanwhile, once."""
    conversation = incoming(organisation, user, "", None).conversation
    async with opened.store.transaction(conversation) as tx:
        waiting = await fetch(tx, organisation, conversation, 0, opened.assistant.clock())
    for delivery in waiting:
        show(console, delivery.outgoing)
    if waiting:
        async with opened.store.transaction(conversation) as tx:
            await fetch(tx, organisation, conversation, waiting[-1].id, opened.assistant.clock())

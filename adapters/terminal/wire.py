"""Runs a conversation over standard input and output: a message a line, ended by end of file or Ctrl+C."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TextIO

from rich.console import Console

from adapters.terminal.read import incoming
from adapters.terminal.render import show
from bot.messages import Outgoing
from bot.organisations import Organisations
from bot.outbox import fetch
from bot.service import Service, service
from bot.settings import Settings
from bot.store.unavailable import StoreUnavailable
from bot.texts import say
from knowledge.models import Language

LOOK = 3.0
"""Seconds between two looks for messages from others, while a person thinks."""


async def run(
    organisations: Organisations, settings: Settings, organisation: str, language: Language | None, user: str
) -> None:
    """Talks until the input ends. A person sees a prompt; a script sees only the answers."""
    console = Console()
    async with service(settings, organisations) as opened:
        chat = Chat(opened, console, organisation, language, user)
        try:
            await chat.talk()
        except asyncio.CancelledError:  # Ctrl+C: what was said is kept
            console.print(f"\n{say(chat.spoken, 'bye')}")


class Chat:
    """One person's conversation."""

    def __init__(
        self, opened: Service, console: Console, organisation: str, language: Language | None, user: str
    ) -> None:
        self.opened = opened
        self.console = console
        self.organisation = organisation
        self.language = language
        self.user = user
        self.spoken = language or Language.EN
        self.person = sys.stdin.isatty()

    async def talk(self) -> None:
        """From the welcome to the end of the input."""
        for first in await self._first():
            self.spoken = first.language
            show(self.console, first)
        await self._inbox()
        async for text in self._typed():
            message = incoming(self.organisation, self.user, text, self.language)
            try:
                for delivery in await self.opened.assistant.take(message):
                    self.spoken = delivery.outgoing.language
                    show(self.console, delivery.outgoing)
            except StoreUnavailable:
                self.console.print(say(self.spoken, "store-away"))
            await self._inbox()

    async def _first(self) -> list[Outgoing]:
        """The welcome, or where somebody who comes back stands."""
        try:
            return await self.opened.assistant.greeting(incoming(self.organisation, self.user, "", self.language))
        except StoreUnavailable:
            return [self.opened.assistant.welcome(self.organisation, self.language)]

    async def _typed(self) -> AsyncIterator[str]:
        """What is typed, line by line. A person who thinks sees meanwhile what others send."""
        lines: asyncio.Queue[str | None] = asyncio.Queue()
        reader = _Reader(lines, "> " if self.person else "")
        while True:
            reader.next()
            text: str | None = None
            while True:
                try:
                    text = await asyncio.wait_for(lines.get(), LOOK if self.person else None)
                    break
                except TimeoutError:
                    await self._inbox()
            if text is None:
                return
            yield text

    async def _inbox(self) -> None:
        """Shows what others sent to this person meanwhile, once."""
        conversation = incoming(self.organisation, self.user, "", None).conversation
        store, now = self.opened.store, self.opened.assistant.clock()
        with suppress(StoreUnavailable):  # it is looked again
            async with store.transaction(f"{self.organisation}/{conversation}") as tx:
                waiting = await fetch(tx, self.organisation, conversation, 0, now)
            for delivery in waiting:
                show(self.console, delivery.outgoing)
            if waiting:
                async with store.transaction(f"{self.organisation}/{conversation}") as tx:
                    await fetch(tx, self.organisation, conversation, waiting[-1].id, now)


class _Reader:
    """Reads lines in a thread that does not hold the process back, so that Ctrl+C ends it at once."""

    def __init__(self, lines: asyncio.Queue[str | None], prompt: str) -> None:
        self.lines = lines
        self.prompt = prompt
        self._loop = asyncio.get_running_loop()
        self._wanted = threading.Semaphore(0)
        # a second reader of a piped input: the thread may be waiting in it when the process ends and closes the first
        piped = not prompt and sys.stdin is sys.__stdin__
        self._input: TextIO = open(0, encoding="utf-8", errors="replace", closefd=False) if piped else sys.stdin  # noqa: SIM115
        threading.Thread(target=self._run, daemon=True).start()

    def next(self) -> None:
        """The next line is wanted."""
        self._wanted.release()

    def _run(self) -> None:
        line: str | None = ""
        while line is not None:
            self._wanted.acquire()
            line = self._line()
            with suppress(RuntimeError):  # the conversation has ended meanwhile
                self._loop.call_soon_threadsafe(self.lines.put_nowait, line)

    def _line(self) -> str | None:
        """A line without its end; None at the end of the input."""
        try:
            if self.prompt:
                return input(self.prompt)
            line = self._input.readline()
            return line.rstrip("\r\n") if line else None
        except UnicodeDecodeError:
            return ""
        except (EOFError, OSError, ValueError):
            return None

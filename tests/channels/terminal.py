"""The terminal: a person types everything, also the labels of buttons; what is seen is what is printed."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from adapters.terminal.read import incoming
from adapters.terminal.render import show
from bot.outbox import fetch
from bot.service import Service
from tests.channels.base import Act, Seen
from tests.channels.core import seen as all_of


class Terminal:
    """Goes through the terminal's reading and rendering."""

    name = "terminal"
    able = frozenset[str]()

    def __init__(self, service: Service) -> None:
        self.service = service

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    def person(self, name: str) -> str:
        """As the terminal names a user."""
        return incoming("x", name, "", None).conversation

    async def say(self, act: Act) -> list[Seen]:
        """A typed line."""
        message = incoming(act.organisation, act.person, act.text, act.language)
        found = [d.outgoing for d in await self.service.assistant.take(message)]
        async with self.service.store.transaction() as tx:
            waiting = await fetch(tx, act.organisation, message.conversation, 0, self.service.assistant.clock())
            if waiting:
                now = self.service.assistant.clock()
                await fetch(tx, act.organisation, message.conversation, waiting[-1].id, now)
        shown = []
        for outgoing in (*found, *(d.outgoing for d in waiting)):
            printed = io.StringIO()
            show(Console(file=printed, width=100), outgoing)
            core = all_of(outgoing)
            labels = {label: label for label in core.labels if label in printed.getvalue()}
            shown.append(Seen(printed.getvalue(), core.kind, labels))
        return shown

    async def press(self, act: Act, seen: Seen, label: str) -> list[Seen]:
        """Types the label that stands there."""
        assert label in seen.text
        return await self.say(Act(act.person, act.organisation, act.language, label))

    async def fill(self, act: Act, seen: Seen, values: dict[str, Any]) -> list[Seen]:
        """The terminal shows forms to read; they are answered question by question."""
        raise NotImplementedError

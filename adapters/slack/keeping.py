"""Keeps what is entered in forms that are still open.

Slack tells every change of a field, also every letter. Of changes that come faster than they are written, only the
newest is written: each one holds the whole form.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from bot.messages import Incoming


class Keeping:
    """What is entered, by the view it is entered in."""

    def __init__(self, take: Callable[[Incoming], Awaitable[Any]]) -> None:
        self._take = take
        self._newest: dict[str, Incoming] = {}
        self._writing: dict[str, asyncio.Task[None]] = {}

    async def keep(self, view: str, entered: Incoming) -> None:
        """Returns when this, or something newer in the same view, is committed. Raises what the assistant raises."""
        self._newest[view] = entered
        task = self._writing.get(view)
        if task is None or task.done():
            task = self._writing[view] = asyncio.create_task(self._write(view))
        await asyncio.shield(task)

    async def _write(self, view: str) -> None:
        try:
            while view in self._newest:
                await self._take(self._newest.pop(view))
        finally:
            self._writing.pop(view, None)
            self._newest.pop(view, None)

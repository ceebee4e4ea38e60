"""Work that goes on even when it takes longer than Teams waits for its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import structlog

log = structlog.get_logger()

TURN, INVOKE, LOOKUP = 13.0, 4.0, 2.0
"""Seconds: Teams waits 15 for an activity and 5 for an invoke."""


class Waiting:
    """Holds what is under way, so that it is not forgotten half-way."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    async def within(self, work: Awaitable[Any], seconds: float) -> Any:
        """The outcome of some work. Raises TimeoutError when it takes longer; it goes on all the same."""
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.wait_for(asyncio.shield(task), seconds)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.debug("teams_turn_failed", reason=type(task.exception()).__name__)

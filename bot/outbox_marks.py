"""What became of messages, written into their rows; what ends at the same time is written in one transaction."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from functools import cache
from typing import Any

from sqlalchemy import bindparam, update

from bot.store.store import Store
from bot.store.tables import outbox

Mark = tuple[int, dict[str, Any], asyncio.Future[None]]


class Marks:
    """Writes marks. While one transaction is on its way to the disk, those that come meanwhile gather for the next."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[Mark] = []
        self._writer: asyncio.Task[None] | None = None

    async def write(self, row: int, values: dict[str, Any]) -> None:
        """Writes the columns of a row; returns when that is committed. Raises StoreUnavailable."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, values, done))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_all())
        await done

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                marks, self._waiting = self._waiting, []
                await self._write_together(marks)
        finally:  # who came while a writer was ended from outside is not left waiting
            self._writer = asyncio.create_task(self._write_all()) if self._waiting else None

    async def _write_together(self, marks: list[Mark]) -> None:
        alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        for row, values, _ in marks:
            alike[tuple(sorted(values))].append({**values, "row": row})
        failed: BaseException | None = None
        try:
            async with self._store.transaction() as tx:
                for columns, rows in alike.items():
                    await tx.execute(_written(columns), rows)
        except BaseException as error:
            failed = error
        for _, _, done in marks:
            if done.done():
                continue
            if failed is None:
                done.set_result(None)
            else:
                done.set_exception(failed)
        if failed is not None and not isinstance(failed, Exception):
            raise failed


@cache
def _written(columns: tuple[str, ...]) -> Any:
    return update(outbox).where(outbox.c.id == bindparam("row")).values({name: bindparam(name) for name in columns})

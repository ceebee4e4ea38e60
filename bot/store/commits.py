"""The turns at the one writer of an SQLite file: one after another, and those that wait together share a commit.

Reaching the disk takes longer than all the statements of a turn. While a commit is on its way, further transactions
queue; they then run one after another inside one transaction of the database, each within a savepoint of its own, and
none of them is told that it is kept before the commit of all has returned.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncTransaction

from bot.store.embedded import Connection, beneath


@dataclass
class _Group:
    """Transactions that share a commit."""

    connection: AsyncConnection
    transaction: AsyncTransaction
    driver: Connection
    kept: asyncio.Task[None] | None = None  # the commit, and what became of it
    broken: BaseException | None = None  # why nothing of it can be kept


class Commits:
    """Gives transactions of one SQLite file."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._turn = asyncio.Lock()  # first come, first served: a commit goes after those who waited before it
        self._open: _Group | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, on the disk when the block has ended; nothing of it is kept if the block raises."""
        async with self._turn:
            if self._open is None:
                group = await self._begin()
                try:
                    yield group.connection
                except BaseException:
                    await self._undo(group)
                    raise
                self._open = group
                group.kept = asyncio.create_task(self._commit(group))
            else:
                group = self._open
                async with self._within(group):
                    yield group.connection
        assert group.kept is not None  # noqa: S101 - made with the group
        await asyncio.shield(group.kept)

    async def _begin(self) -> _Group:
        connection = await self._engine.connect()
        try:
            return _Group(connection, await connection.begin(), await beneath(connection))
        except BaseException:
            await connection.close()
            raise

    @asynccontextmanager
    async def _within(self, group: _Group) -> AsyncIterator[None]:
        """A part of a group: undone alone if it raises. If even that fails, nothing of the group is kept."""
        await self._step(group, "SAVEPOINT part")
        try:
            yield
        except BaseException:
            await self._step(group, "ROLLBACK TO part")
            await self._step(group, "RELEASE part")
            raise
        await self._step(group, "RELEASE part")

    async def _step(self, group: _Group, statement: str) -> None:
        """Past SQLAlchemy, which compiles each savepoint anew: it took as long as two statements of a turn."""
        try:
            group.driver.run(statement)
        except sqlite3.Error as error:
            self._open, group.broken = None, OperationalError(statement, None, error)
            await self._undo(group)
            raise group.broken from error

    @staticmethod
    async def _undo(group: _Group) -> None:
        try:
            await group.transaction.rollback()
        finally:
            await group.connection.close()

    async def _commit(self, group: _Group) -> None:
        async with self._turn:
            if group.broken is not None:
                raise group.broken
            self._open = None
            try:
                await group.transaction.commit()
            except BaseException:
                await self._undo(group)
                raise
            await group.connection.close()

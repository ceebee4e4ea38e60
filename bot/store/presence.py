"""Whether a process lives: each has a number, and the others see whether the one of a number is still there.

What tells is a lock that the database (PostgreSQL) or the operating system (a file beside SQLite's) takes away when its
holder ends, however it ends. Nobody has to be asked, and no clock is compared. A number is never used twice.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Collection
from contextlib import suppress
from typing import Any, Protocol

import structlog
from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.store import Store, errors

log = structlog.get_logger()

ANSWERS = 5.0
"""Seconds in which PostgreSQL must say that the lock is still held; else the process counts itself as unseen."""
_ROOM = 7433681
"""Sets these locks apart from others of the same database."""


class Presence(Protocol):
    """One process's."""

    number: int | None
    """Under which it is seen now; None while it is not: then nobody may conclude anything from what it holds."""

    async def prove(self) -> None:
        """Takes a number where there is none, and makes sure of the one there is. Raises StoreUnavailable."""

    async def gone(self, numbers: Collection[int]) -> list[int]:
        """Which of these, all of them seen in the database before, have surely ended. Raises StoreUnavailable."""

    async def end(self) -> None:
        """It is not there any more."""


def presence(store: Store) -> Presence:
    """The one that fits the database."""
    if not store.embedded:
        return _Session(store.engine)
    return _File(store.engine.url.database)


def _new() -> int:
    """Nobody else's: of the thousands of starts of an installation, no two have the same."""
    return random.randrange(1, 2**31)  # noqa: S311 - nobody gains by guessing it


class _Session:
    """On PostgreSQL: an advisory lock that lasts as long as a connection of its own.

    A pooler in between that gives the connection to others after each transaction would break that; it is noticed, and
    the process then takes another number.
    """

    _TAKEN = text("select pg_try_advisory_lock(:room, :number)").bindparams(bindparam("room", _ROOM))
    _HELD = (
        "from pg_locks where locktype = 'advisory' and objsubid = 2 and classid = :room and granted"
        " and database = (select oid from pg_database where datname = current_database())"
    )
    _MINE = text(f"select exists (select 1 {_HELD} and objid = :number and pid = pg_backend_pid())")
    _THERE = text(f"select objid {_HELD}")

    def __init__(self, engine: AsyncEngine) -> None:
        self.number: int | None = None
        self._engine = engine
        self._connection: AsyncConnection | None = None

    async def prove(self) -> None:
        """See Presence."""
        if self._connection is not None and await self._still():
            return
        await self._drop()
        with errors():
            await self._take()

    async def _still(self) -> bool:
        assert self._connection is not None  # noqa: S101 - asked by the caller
        try:
            async with asyncio.timeout(ANSWERS):
                mine = await self._connection.scalar(self._MINE, {"room": _ROOM, "number": self.number})
        except Exception as error:  # whatever it is, the lock is no longer to be relied on
            log.warning("presence_lost", reason=type(error).__name__)
            return False
        return bool(mine)

    async def _take(self) -> None:
        connection = await self._engine.execution_options(isolation_level="AUTOCOMMIT").connect()
        try:
            raw: Any = (await connection.get_raw_connection()).driver_connection  # detached, it is not told any more
            await connection.run_sync(lambda sync: sync.detach())  # it is not the pool's to lend out
            number = _new()
            raw.add_termination_listener(lambda *_: self._lost(number))
            async with asyncio.timeout(ANSWERS):
                taken = await connection.scalar(self._TAKEN, {"number": number})
        except BaseException:
            await _close(connection)
            raise
        self._connection, self.number = connection, number if taken else None

    def _lost(self, number: int) -> None:
        """The connection has ended: from now on nobody sees this process under that number."""
        if self.number == number:
            self.number = None

    async def gone(self, numbers: Collection[int]) -> list[int]:
        """See Presence. Whoever is seen in the database had its lock before; if it lives, it is in the list."""
        if self._connection is None:
            return []
        with errors():
            async with asyncio.timeout(ANSWERS):
                there = set((await self._connection.execute(self._THERE, {"room": _ROOM})).scalars())
        return [number for number in numbers if number not in there]

    async def end(self) -> None:
        """See Presence."""
        await self._drop()

    async def _drop(self) -> None:
        self.number, connection, self._connection = None, self._connection, None
        if connection is not None:
            await _close(connection)


async def _close(connection: AsyncConnection) -> None:
    """It may be broken, and the server silent: then nothing is left to do with it, and nobody waits."""
    with suppress(Exception):
        async with asyncio.timeout(ANSWERS):
            await connection.close()


class _File:
    """On SQLite: one process at a time has the lock of a file of its own beside the database. Who has it is alone."""

    def __init__(self, database: str | None) -> None:
        self.number: int | None = None
        in_memory = not database or database == ":memory:"
        self._path = None if in_memory else f"{database}-worker"
        self._lock: sqlite3.Connection | None = None

    async def prove(self) -> None:
        """See Presence."""
        if self.number is None and self._taken():
            self.number = _new()

    def _taken(self) -> bool:
        if self._path is None:  # a database in memory is this process's alone
            return True
        lock = None
        try:
            lock = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:  # another process has it; without it nothing is concluded
            if lock is not None:
                lock.close()
            return False
        self._lock = lock
        return True

    async def gone(self, numbers: Collection[int]) -> list[int]:
        """See Presence. Whoever had the lock before has ended."""
        return [] if self.number is None else [number for number in numbers if number != self.number]

    async def end(self) -> None:
        """See Presence."""
        self.number = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

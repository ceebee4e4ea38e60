"""SQLite inside an asyncio program without a thread for every step: a dialect for SQLAlchemy over the standard driver.

A statement on a local file takes some hundredths of a millisecond; handing it to a thread and back, as aiosqlite does
four or five times for each, takes ten times as long and was more than half of a turn. So statements run where they
are called; only the commit, which waits for the disk, goes to a thread, and a begin waits asleep while another process
writes.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

from sqlalchemy import pool
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.util import await_only

BUSY = 10.0
"""Seconds for which a transaction waits for another process's."""
AGAIN = 0.01
"""Seconds between two looks whether the other process is done."""
WAITING = f"PRAGMA busy_timeout={BUSY * 1000:.0f}"
DRIVER = "sqlite+embedded"
PREPARED = (WAITING, "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON")
"""WAL with FULL: what was committed survives a loss of power, and readers do not wait for the writer."""
STATEMENTS = 512
"""Statements that stay prepared."""


class Cursor(sqlite3.Cursor):
    """A cursor whose statements run where they are called. Their rows are read at once, so that none stays open."""

    _rows: deque[Any]

    def execute(self, *arguments: Any) -> Cursor:
        """Runs one statement."""
        await_only(_at_once())
        super().execute(*arguments)
        self._rows = deque(super().fetchall()) if self.description else deque()
        return self

    def executemany(self, *arguments: Any) -> Cursor:
        """Runs one statement several times."""
        await_only(_at_once())
        self._rows = deque()
        return super().executemany(*arguments)

    def fetchone(self) -> Any:
        """The next row."""
        return self._rows.popleft() if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next rows."""
        return [self._rows.popleft() for _ in range(min(size or self.arraysize, len(self._rows)))]

    def fetchall(self) -> list[Any]:
        """The rows that are left."""
        rows, self._rows = list(self._rows), deque()
        return rows

    async def _async_soft_close(self) -> None:
        """SQLAlchemy asks this of an asyncio driver when a result is handed over; there is nothing left to close."""


async def _at_once() -> None:
    """Nothing to wait for; SQLAlchemy insists that an asyncio driver awaits something."""


_threads = ThreadPoolExecutor(4, "sqlite")  # of its own: a commit does not queue behind what else goes to threads


async def _apart(wait: Callable[[], None]) -> None:
    await asyncio.get_running_loop().run_in_executor(_threads, wait)


class Connection(sqlite3.Connection):
    """A connection of one asyncio program; its transactions begin as `begin` says."""

    reads = False  # the next transaction will only read

    def cursor(self, *_: Any) -> Cursor:  # type: ignore[override]
        """A cursor for SQLAlchemy."""
        return super().cursor(Cursor)

    def run(self, statement: str) -> None:
        """Runs a statement of our own, which needs no cursor of SQLAlchemy's."""
        super().cursor(sqlite3.Cursor).execute(statement)

    def begin(self) -> None:
        """Begins a transaction. One that writes takes the writer's place at once; BUSY seconds are waited for it."""
        if self.reads:
            self.reads = False
            self.run("BEGIN")
            return
        given_up = monotonic() + BUSY
        while not self._begun():
            if monotonic() > given_up:
                raise sqlite3.OperationalError("database is locked")
            await_only(asyncio.sleep(AGAIN))

    def _begun(self) -> bool:
        """Takes the writer's place; False when another process has it. It is asked again later, and not waited for."""
        self.run("PRAGMA busy_timeout=0")
        try:
            self.run("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            return False
        finally:
            self.run(WAITING)
        return True

    def commit(self) -> None:
        """Commits; returns when it is on the disk."""
        if self.in_transaction:
            await_only(_apart(super().commit))


async def beneath(connection: AsyncConnection) -> Connection:
    """The driver's connection under one of SQLAlchemy's."""
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, Connection)  # noqa: S101 - this driver's engines have no others
    return driver


class Dialect(SQLiteDialect_pysqlite):
    """SQLAlchemy's own for SQLite, for an asyncio engine."""

    driver = "embedded"
    is_async = True
    supports_statement_cache = True

    def connect(self, *arguments: Any, **more: Any) -> Any:
        """Opens the file. A loop's connection is used by one task at a time, from the loop's thread or for a commit."""
        opened: Connection = sqlite3.connect(
            *arguments,
            **{**more, "factory": Connection, "isolation_level": None, "check_same_thread": False, "timeout": BUSY},
            cached_statements=STATEMENTS,
        )
        for statement in PREPARED:
            opened.run(statement)
        return opened

    def do_begin(self, dbapi_connection: Any) -> None:
        """The driver leaves it to us."""
        dbapi_connection.begin()

    def get_driver_connection(self, connection: Any) -> Any:
        """The connection itself: nothing is between."""
        return connection

    @classmethod
    def get_pool_class(cls, url: URL) -> type[pool.Pool]:
        """One connection for a database in memory, which is gone with it."""
        return pool.AsyncAdaptedQueuePool if cls._is_url_file_db(url) else pool.StaticPool


registry.register(DRIVER.replace("+", "."), __name__, "Dialect")

"""Opens the database, brings it up to date, and gives transactions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

MIGRATIONS = Path(__file__).with_name("migrations")
BUSY = 10
"""Seconds for which a transaction waits for another process's on an SQLite file."""


_AWAY = (OperationalError, InterfaceError, PoolTimeout, OSError)


class StoreUnavailable(Exception):
    """The database cannot be reached or did not answer in time; nothing of the turn was kept."""


class Store:
    """The database of one installation."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.embedded = engine.dialect.name == "sqlite"
        self._one_writer = asyncio.Lock()

    @classmethod
    async def open(cls, url: str) -> Store:
        """Connects and migrates. Raises StoreUnavailable, or ValueError for an address of another database."""
        address = _address(url)
        if address.get_backend_name() == "sqlite":
            if address.database and address.database != ":memory:":
                Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            engine = create_async_engine(address, connect_args={"timeout": BUSY})
            _prepare_sqlite(engine)
        else:
            engine = create_async_engine(address, pool_size=10, max_overflow=10, pool_pre_ping=True)
        store = cls(engine)
        try:
            await store._migrate()
        except (DBAPIError, OSError) as error:
            await engine.dispose()
            raise StoreUnavailable(f"the database cannot be opened: {_cause(error)}") from error
        return store

    async def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        async with self.engine.connect() as connection, connection.begin():
            if not self.embedded:  # instances that start together take turns
                await connection.execute(text("select pg_advisory_xact_lock(7433680)"))
            await connection.run_sync(lambda sync: _upgrade(config, sync))

    @asynccontextmanager
    async def transaction(self, *about: str) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed at the end of the block; nothing is kept if the block raises.

        `about` names what must not be worked on at the same time elsewhere (a conversation, a person). SQLite has one
        writer, so that everything takes turns. Raises StoreUnavailable.
        """
        try:
            if self.embedded:
                async with self._one_writer, self.engine.begin() as connection:
                    yield connection
            else:
                async with self.engine.begin() as connection:
                    for name in sorted(set(about)):
                        await connection.execute(
                            text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name}
                        )
                    yield connection
        except _AWAY as error:
            raise StoreUnavailable(_cause(error)) from error
        except DBAPIError as error:
            if not _overtaken(error):
                raise
            raise StoreUnavailable(_cause(error)) from error

    @staticmethod
    def lost(error: BaseException) -> bool:
        """Whether an error means that the database is away, so that the whole turn must come again."""
        return isinstance(error, (StoreUnavailable, *_AWAY)) or _overtaken(error)

    async def close(self) -> None:
        """Gives the connections back."""
        await self.engine.dispose()


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:  # its message repeats the address, and with it the password
        raise ValueError("SOMEGUIDE_DATABASE_URL is no database address; see the documentation") from None
    backend = address.get_backend_name()
    if backend == "sqlite":
        return address.set(drivername="sqlite+aiosqlite")
    if backend in ("postgresql", "postgres"):
        return address.set(drivername="postgresql+asyncpg")
    raise ValueError(f"SOMEGUIDE_DATABASE_URL names {backend!r}; it must begin with sqlite:/// or postgresql://")


def _overtaken(error: BaseException) -> bool:
    """Whether PostgreSQL gave this transaction up for another's sake (deadlock, serialization): it must come again."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) in ("40P01", "40001")


def _cause(error: BaseException) -> str:
    """What the database said, without the statement and its values, which hold people's words."""
    original = getattr(error, "orig", None) or error
    return f"{type(original).__name__}: {str(original).splitlines()[0] if str(original) else ''}"


def _prepare_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions begin as we say, below
        cursor = connection.cursor()
        # WAL with FULL: what was committed survives a loss of power, and readers do not wait for the writer
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _upgrade(config: Config, connection: Any) -> None:
    config.attributes["connection"] = connection
    command.upgrade(config, "head")

"""Opens the database, brings it up to date, and gives transactions."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any

from alembic import command
from alembic.config import Config
from pydantic_core import PydanticSerializationError, to_json
from sqlalchemy import TextClause, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    DisconnectionError,
    InterfaceError,
    OperationalError,
    PendingRollbackError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool

from bot.store.commits import Commits
from bot.store.embedded import DRIVER, beneath
from bot.store.unavailable import StoreUnavailable

MIGRATIONS = Path(__file__).with_name("migrations")
TRUSTED = 2.0
"""Seconds after which a connection to PostgreSQL that lay idle is tried before it is used."""

_AWAY = (OperationalError, InterfaceError, PoolTimeout, OSError)


class Store:
    """The database of one installation."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.embedded = engine.dialect.name == "sqlite"
        self._commits = Commits(engine)

    @classmethod
    async def open(cls, url: str) -> Store:
        """Connects and migrates. Raises StoreUnavailable, or ValueError for an address of another database."""
        address = _address(url)
        if address.get_backend_name() == "sqlite":
            if address.database and address.database != ":memory:":
                Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            engine = create_async_engine(address, json_serializer=_json)
        else:
            engine = create_async_engine(address, json_serializer=_json, pool_size=10, max_overflow=10)
            _try_what_lay_idle(engine)
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
        with errors():
            if self.embedded:
                async with self._commits.transaction() as connection:
                    yield connection
            else:
                async with self.engine.begin() as connection:
                    if about:
                        await connection.execute(*_locking(about))
                    yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes nothing: it waits for no writer and sees what is committed.

        Raises StoreUnavailable.
        """
        if isinstance(self.engine.pool, StaticPool):  # a database in memory has one connection for all
            async with self.transaction() as connection:
                yield connection
            return
        with errors():
            async with self.engine.connect() as connection:
                if self.embedded:
                    (await beneath(connection)).reads = True
                async with connection.begin():
                    yield connection

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
        return address.set(drivername=DRIVER)
    if backend in ("postgresql", "postgres"):
        return address.set(drivername="postgresql+asyncpg")
    raise ValueError(f"SOMEGUIDE_DATABASE_URL names {backend!r}; it must begin with sqlite:/// or postgresql://")


def _json(value: Any) -> str:
    """What stands in a JSON column: pydantic's writer needs a third of json's time for the many texts of a turn. What
    UTF-8 cannot hold (half a character) json writes as an escape."""
    try:
        return to_json(value).decode()
    except PydanticSerializationError:
        return json.dumps(value)


def _overtaken(error: BaseException) -> bool:
    """Whether this transaction must come again: PostgreSQL gave it up for another's sake (deadlock, serialization), or
    the connection was cut in the middle of it."""
    if getattr(error, "connection_invalidated", False):
        return True
    return getattr(getattr(error, "orig", None), "sqlstate", None) in ("40P01", "40001")


def _cause(error: BaseException) -> str:
    """What the database said, without the statement and its values, which hold people's words."""
    original = getattr(error, "orig", None) or error
    return f"{type(original).__name__}: {str(original).splitlines()[0] if str(original) else ''}"


@contextmanager
def errors() -> Iterator[None]:
    """The database's ways of being away, as StoreUnavailable."""
    try:
        yield
    except _AWAY as error:
        raise StoreUnavailable(_cause(error)) from error
    except PendingRollbackError as error:
        raise StoreUnavailable("a transaction that shared the commit was cut off, and took the connection") from error
    except DBAPIError as error:
        if not _overtaken(error):
            raise
        raise StoreUnavailable(_cause(error)) from error


def _locking(about: Sequence[str]) -> tuple[TextClause, dict[str, str]]:
    """One statement that takes PostgreSQL's locks of these names, in an order that is everywhere the same."""
    names = {f"n{number}": name for number, name in enumerate(sorted(set(about)))}
    return _locks(len(names)), names


@lru_cache
def _locks(count: int) -> TextClause:
    each = (f"pg_advisory_xact_lock(hashtextextended(:n{number}, 0))" for number in range(count))
    return text(f"select {', '.join(each)}")


def _try_what_lay_idle(engine: AsyncEngine) -> None:
    """Under load a connection was in use a moment ago, and asking whether it lives would be one more way to go."""

    @event.listens_for(engine.sync_engine, "checkin")
    def _used(_: Any, record: Any) -> None:
        record.info["used"] = monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def _try(connection: Any, record: Any, _: Any) -> None:
        if monotonic() - record.info.get("used", -TRUSTED) < TRUSTED:
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as error:
            raise DisconnectionError from error  # the pool then opens a new one


def _upgrade(config: Config, connection: Any) -> None:
    config.attributes["connection"] = connection
    command.upgrade(config, "head")

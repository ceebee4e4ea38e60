"""Transactions of an SQLite file: on the disk when they return, undone alone, together when they wait together."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, text

from bot.store.embedded import Connection
from bot.store.store import Store
from bot.store.tables import events
from bot.store.unavailable import StoreUnavailable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An SQLite file."""
    return tmp_path / "store.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    """A store over it."""
    opened = await Store.open(f"sqlite:///{path}")
    yield opened
    await opened.close()


async def write(store: Store, name: str, fails: Exception | None = None) -> None:
    """One transaction of one row."""
    async with store.transaction() as tx:
        await tx.execute(events.insert().values(event=name, deliveries=[], at=1.0))
        if fails:
            raise fails


def on_disk(path: Path) -> set[str]:
    """What another program sees."""
    with sqlite3.connect(path) as connection:
        return {row[0] for row in connection.execute("select event from events")}


@contextmanager
def commits(store: Store, fail: bool = False) -> Iterator[list[int]]:
    """Counts the commits; or lets them fail."""
    counted = [0]

    def count(_: Any) -> None:
        counted[0] += 1
        if fail:
            raise OSError("the disk is full")

    event.listen(store.engine.sync_engine, "commit", count)
    try:
        yield counted
    finally:
        event.remove(store.engine.sync_engine, "commit", count)


async def test_those_that_wait_together_share_a_commit(store: Store, path: Path) -> None:
    async def seen(name: str) -> bool:
        await write(store, name)
        return name in on_disk(path)

    with commits(store) as counted:
        found = await asyncio.gather(*(seen(f"e{n}") for n in range(40)))
    assert all(found), "whoever is told that it is kept finds it on the disk"
    assert counted[0] < 10


async def test_one_that_fails_is_undone_alone(store: Store, path: Path) -> None:
    wrong = [ValueError(str(n)) if n % 3 == 0 else None for n in range(12)]
    found = await asyncio.gather(
        *(write(store, f"e{n}", error) for n, error in enumerate(wrong)), return_exceptions=True
    )
    assert found == wrong
    assert on_disk(path) == {f"e{n}" for n in range(12) if n % 3}


async def test_a_commit_that_fails_keeps_nothing_of_any(store: Store, path: Path) -> None:
    with commits(store, fail=True):
        found = await asyncio.gather(*(write(store, f"e{n}") for n in range(8)), return_exceptions=True)
    assert {type(error) for error in found} == {StoreUnavailable}
    assert on_disk(path) == set()
    await write(store, "later")
    assert on_disk(path) == {"later"}


async def test_one_that_cannot_be_undone_takes_the_others_along(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Connection.run

    def broken(connection: Connection, statement: str) -> None:
        if statement.startswith("ROLLBACK TO"):
            raise sqlite3.OperationalError("disk I/O error")
        whole(connection, statement)

    with monkeypatch.context() as patched:
        patched.setattr(Connection, "run", broken)
        work = [write(store, "a"), write(store, "b", ValueError("b")), write(store, "c")]
        found = await asyncio.gather(*work, return_exceptions=True)
    assert isinstance(found[0], StoreUnavailable)
    assert isinstance(found[1], Exception)
    assert found[2] is None, "it came after the group was given up, and began anew"
    assert on_disk(path) == {"c"}


async def test_one_that_is_cancelled_holds_nobody_back(store: Store, path: Path) -> None:
    started = asyncio.Event()

    async def held() -> None:
        async with store.transaction() as tx:
            await tx.execute(events.insert().values(event="held", deliveries=[], at=1.0))
            started.set()
            await asyncio.Event().wait()

    first = asyncio.create_task(held())
    await started.wait()
    waiting = [asyncio.create_task(write(store, f"e{n}")) for n in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    first.cancel()
    await asyncio.gather(first, *waiting, return_exceptions=True)
    assert on_disk(path) == {"e1", "e2"}
    with sqlite3.connect(path, timeout=0) as other:
        other.execute("begin immediate")  # nobody has the writer's place


async def test_whoever_is_cancelled_while_it_is_committed_is_kept_with_the_others(store: Store, path: Path) -> None:
    tasks = [asyncio.create_task(write(store, f"e{n}")) for n in range(4)]
    with commits(store) as counted:
        while not counted[0]:
            await asyncio.sleep(0)
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert {"e0", "e2", "e3"} <= on_disk(path)


async def test_another_process_is_waited_for_asleep(store: Store, path: Path) -> None:
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("begin immediate")
        writing = asyncio.create_task(write(store, "e"))
        for _ in range(20):
            await asyncio.sleep(0.001)  # the loop goes on
        assert not writing.done()
        async with store.reading() as tx:
            assert await tx.scalar(select(func.count()).select_from(events)) == 0
        other.execute("commit")
        await writing
    assert on_disk(path) == {"e"}


async def test_another_process_that_does_not_end(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.embedded.BUSY", 0.02)
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("begin immediate")
        with pytest.raises(StoreUnavailable, match="locked"):
            await write(store, "e")
        other.execute("commit")
    await write(store, "later")
    assert on_disk(path) == {"later"}


async def test_reading_waits_for_no_writer(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.execute(events.insert().values(event="new", deliveries=[], at=1.0))
        async with store.reading() as reader:
            assert await reader.scalar(select(func.count()).select_from(events)) == 0


async def test_a_commit_survives_the_loss_of_power(store: Store) -> None:
    async with store.transaction() as tx:
        assert await tx.scalar(text("pragma synchronous")) == 2  # FULL
        assert await tx.scalar(text("pragma journal_mode")) == "wal"
        assert await tx.scalar(text("pragma foreign_keys")) == 1


async def test_a_connection_that_was_cut_while_it_lay_idle(
    postgres: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL was started again, or a firewall has forgotten the connection: the next turn does not fail for it."""
    opened = await Store.open(postgres())
    cut = text("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()")
    with suppress(StoreUnavailable):
        async with opened.transaction() as tx:
            await tx.execute(cut)
    await write(opened, "new")
    async with opened.transaction(), opened.transaction() as two:  # two connections lie in the pool after it
        others = text(f"{cut} and pid <> pg_backend_pid()")
        await two.scalar(text("select 1"))
    async with opened.transaction() as tx:
        await tx.execute(others)
    monkeypatch.setattr("bot.store.store.TRUSTED", 0.0)
    async with opened.transaction() as one, opened.transaction() as two:
        assert await one.scalar(text("select 1")) == await two.scalar(text("select 1"))
    await opened.close()


async def test_a_database_in_memory_is_read_and_written_at_once() -> None:
    """It has one connection: readers take turns with the writer."""
    opened = await Store.open("sqlite://")

    async def read() -> int:
        async with opened.reading() as tx:
            return int(await tx.scalar(select(func.count()).select_from(events)) or 0)

    await asyncio.gather(*(work for n in range(20) for work in (write(opened, f"e{n}"), read())))
    assert await read() == 20
    await opened.close()

"""What a process that has ended still held is sent soon; what one that lives holds is left to it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update

from bot.channels import Address
from bot.messages import Kind, Outgoing
from bot.organisations import Organisations
from bot.outbox import LEASE, Destination, Lease, put
from bot.outbox_leases import SETTLED, take_over
from bot.store.presence import Presence, presence
from bot.store.store import Store
from bot.store.tables import outbox
from bot.store.unavailable import StoreUnavailable
from knowledge.models import Language
from tests.filing_town import ORG, Town

ROOT = Path(__file__).parents[3]


@pytest.fixture
async def other(database: str) -> AsyncIterator[Store]:
    """The same database, as another process has it."""
    opened = await Store.open(database)
    yield opened
    await opened.close()


@asynccontextmanager
async def seen(store: Store) -> AsyncIterator[Presence]:
    """Somebody's presence."""
    made = presence(store)
    await made.prove()
    try:
        yield made
    finally:
        await made.end()


async def write(town: Town, words: str, lease: Lease | None = None) -> int:
    """A message to Anna in the outbox."""
    message = Outgoing(Kind.NOTICE, Language.SV, words)
    to = Destination("chat:anna", {"place": "chat:anna"})
    async with town.store.transaction() as tx:
        return (await put(tx, ORG, to, message, town.clock(), lease=lease)).id


async def leased(town: Town) -> dict[int, float | None]:
    """Until when what waits is somebody's."""
    return {row.id: row.leased_until for row in await town.rows(outbox.c.state == "waiting")}


# -- who is there ------------------------------------------------------------------------------------------------------


async def test_it_is_seen_as_long_as_it_is_there(either_town: Town, other: Store) -> None:
    async with seen(other) as two:
        assert two.number is not None
        first = two.number
    async with seen(either_town.store) as one, seen(other) as two:
        number = one.number
        assert number is not None
        for _ in range(3):
            await one.prove()
            assert one.number == number, "it stays who it is"
        assert (two.number is None) == either_town.store.embedded, "over one file there is one at a time"
        assert await two.gone([number]) == []
        assert await one.gone([number, first]) == [first]
        await one.end()
        assert one.number is None
        assert await one.gone([first]) == [], "who is not seen concludes nothing"
        await two.prove()
        assert two.number not in (None, number, first)
        assert await two.gone([number, first]) == [number, first]


async def test_a_database_in_memory_is_one_process_alone() -> None:
    store = await Store.open("sqlite://")
    async with seen(store) as one:
        assert one.number is not None
        assert await one.gone([5, one.number]) == [5]
    await store.close()


async def test_a_lock_that_is_lost_is_noticed(postgres: Callable[[], str]) -> None:
    """The server ends the connection, or a pooler gives it to others: the old number is gone, a new one comes."""
    store = await Store.open(postgres())
    async with seen(store) as one, seen(store) as two:
        first = one.number
        async with store.transaction() as tx:
            ended = text(
                "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = :number"
            )
            await tx.execute(ended, {"number": first})
        while one.number is not None:
            await asyncio.sleep(0.001)
        assert await two.gone([first]) == [first]
        await one.prove()
        second = one.number
        assert second not in (None, first)
        await one._connection.execute(text("select pg_advisory_unlock_all()"))  # type: ignore[attr-defined]
        await one.prove()
        assert one.number not in (None, first, second)
        assert await two.gone([first, second, one.number]) == [first, second]
    await store.close()


async def test_a_database_that_is_away(postgres: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    store = await Store.open(postgres())
    async with seen(store) as one:
        monkeypatch.setattr("bot.store.presence.ANSWERS", -1.0)
        with pytest.raises(StoreUnavailable):
            await one.gone([5])
        with pytest.raises(StoreUnavailable):
            await one.prove()
        assert one.number is None
        monkeypatch.undo()
        await one.prove()
        assert one.number is not None
    await store.close()


# -- what it held ------------------------------------------------------------------------------------------------------


async def test_killed_while_it_sends(organisations: Organisations, database: str) -> None:
    """kill -9 with a reply and a card on their way: the next process leaves neither of them to the end of its lease."""
    async with Town.open(organisations, database) as town, seen(town.store) as mine:
        await mine.end()  # over a file, only one can be there
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.sending_child", database], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        try:
            assert child.stdout is not None
            sending: set[str] = set()
            while len(sending) < 2:
                line = child.stdout.readline()
                assert line, "the child has ended"
                sending |= {line.split()[-1]} if line.startswith("sending to") else set()
            assert sending == {"chat:anna", "chat:maria"}
            assert await take_over(town.store, mine, town.clock()) == 0
            assert set((await leased(town)).values()) == {town.clock() + LEASE}, "it lives, and sends them"
        finally:
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
        while not await take_over(town.store, mine, town.clock()):
            await asyncio.sleep(0.01)  # PostgreSQL notices a moment later
        assert set((await leased(town)).values()) == {town.clock() + SETTLED}
        assert await town.outbox.deliver_due() == 0, "they may be arriving just now"
        assert await take_over(town.store, mine, town.clock()) == 0, "once is enough"
        town.clock.now += SETTLED
        tried: list[bool] = []
        sent = town.platform.send

        async def send(*given: Any) -> Address:
            tried.append(given[-1])
            return await sent(*given)

        town.platform.send = send  # type: ignore[method-assign]
        assert await town.outbox.deliver_due() == 2
        assert tried == [True, True], "the platform is asked whether they have come"
        assert await town.differences() == []


async def test_a_worker_begins_with_what_others_left(town: Town) -> None:
    gone, stuck = Lease(town.clock() + LEASE, 5), Lease(town.clock() + LEASE)
    ours = await write(town, "left", gone)
    await change_place(town, other := await write(town, "who knows", stuck))
    worker = asyncio.create_task(town.outbox.run())
    while town.outbox.lease("chat") is None:
        await asyncio.sleep(0)
    assert await leased(town) == {ours: town.clock() + SETTLED, other: town.clock() + LEASE}
    lease = town.outbox.lease("chat")
    assert lease is not None
    assert lease.by not in (None, 5)
    town.clock.now += SETTLED
    town.outbox.wake()
    while ours in await leased(town):
        await asyncio.sleep(0.001)
    town.outbox.stop()
    await worker
    assert list(await leased(town)) == [other]
    assert [post.text for post in town.platform.posts.values()] == ["left"]
    async with seen(town.store) as next_one:
        assert next_one.number is not None, "it has given its place up"


async def change_place(town: Town, number: int) -> None:
    """Into another conversation."""
    async with town.store.transaction() as tx:
        await tx.execute(update(outbox).where(outbox.c.id == number).values(conversation="chat:b"))


async def test_who_was_not_seen_for_a_moment_stops_sending(either_town: Town) -> None:
    """Others may have taken it to be gone: what it has not begun to send is theirs."""
    town = either_town
    first, second = await write(town, "one"), await write(town, "two")
    going, sent = asyncio.Event(), town.platform.send

    async def send(*given: Any) -> Address:
        await town.outbox._presence.end()
        going.set()
        return await sent(*given)

    town.platform.send = send  # type: ignore[method-assign]
    await town.outbox._presence.prove()
    assert await town.outbox.deliver_due() == 2
    assert going.is_set()
    assert list(await leased(town)) == [second]
    assert [row.state for row in await town.rows(outbox.c.id == first)] == ["sent"]
    town.platform.send = sent  # type: ignore[method-assign]
    await town.outbox._presence.prove()
    assert await take_over(town.store, town.outbox._presence, town.clock()) == 1, "what it held under its old number"
    town.clock.now += SETTLED
    assert await town.outbox.deliver_due() == 1
    assert [post.text for post in town.platform.posts.values()] == ["one", "two"]
    await town.outbox._presence.end()

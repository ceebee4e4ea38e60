"""What each turn need not do again, so that many of them go through one process; and that nothing is lost by it."""

from __future__ import annotations

import gc
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import event, select

from adapters.slack.wire import WebApi
from bot.assistant import Assistant
from bot.garbage import SELDOM, seldom_collected
from bot.messages import Incoming, Person
from bot.store.store import Store
from bot.store.tables import events, people
from tests.bot.dialogue.test_store import answerer

ANNA = Person("slack:T1:U1", "Anna")
HERE = {"team": "T1", "channel": "D1", "user": "U1"}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A store in a file."""
    opened = await Store.open(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    await opened.close()


def said(number: int, **address: Any) -> Incoming:
    """A message, in Slack's way: its address names it."""
    return Incoming(
        "nykvarn",
        "slack:T1:D1",
        "Hej där, hur är det?",
        person=ANNA,
        event=f"e{number}",
        address=HERE | {"said": f"170000000{number}.000001"} | address,
    )


async def test_somebody_who_is_known_is_not_written_down_with_each_message(store: Store) -> None:
    assistant = Assistant(answerer, store, clock=lambda: 1.0)
    written: list[bool] = []

    @event.listens_for(store.engine.sync_engine, "before_cursor_execute")
    def _seen(_: Any, __: Any, statement: str, *___: Any) -> None:
        written.append(statement.startswith("INSERT INTO people"))

    await assistant.take(said(1))
    assert sum(written) == 1
    await assistant.take(said(2))
    assert sum(written) == 1
    await assistant.take(said(3, channel="D2"))
    await assistant.take(replace(said(4, channel="D2"), person=Person(ANNA.id, "Anna A.")))
    assert sum(written) == 3
    async with store.reading() as tx:
        row = (await tx.execute(select(people))).one()
    assert (row.name, row.address) == ("Anna A.", HERE | {"channel": "D2"}), "how to reach them, not what was just said"


@pytest.mark.parametrize("value", [["å", 1, 0.1, None, True, {"a": "\u2028\x00"}], ["half \ud800 a character"]])
async def test_what_stands_in_a_json_column_comes_back_as_it_was(store: Store, value: list[Any]) -> None:
    async with store.transaction() as tx:
        await tx.execute(events.insert().values(event="e", deliveries=value, at=1.0))
    async with store.reading() as tx:
        assert await tx.scalar(select(events.c.deliveries)) == value


async def test_a_connection_that_has_read_takes_the_writers_place_at_once(store: Store, tmp_path: Path) -> None:
    async with store.reading() as tx:
        await tx.execute(select(events))
    with closing(sqlite3.connect(tmp_path / "store.db", timeout=0, isolation_level=None)) as other:
        async with store.transaction():
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("begin immediate")
        async with store.reading() as tx:
            await tx.execute(select(events))
            other.execute("begin immediate")


async def test_slacks_sdk_writes_no_log_that_nobody_keeps() -> None:
    async with aiohttp.ClientSession() as session:
        client = WebApi(session, "https://slack.test/api/").client("xoxb")
    assert client.logger.level > logging.DEBUG, "slack_sdk looks at the level alone, and writes out each call below it"


def test_the_collector_is_as_it_was_when_serving_ends() -> None:
    usual = gc.get_threshold()
    with seldom_collected():
        assert gc.get_threshold() == SELDOM
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0

"""Sessions in the store: the tables, restarts, `kill -9` at any moment, and many at once, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import select

from bot.answering.answerer import Answerer, Decision, Understood
from bot.assistant import Assistant
from bot.dialogue.expiry import expire
from bot.dialogue.sessions import Session, State, open_session, save, session_by_id, unfinished
from bot.messages import Incoming, Person
from bot.organisations import Organisations
from bot.store.store import Store
from bot.store.tables import metadata, outbox, sessions
from bot.store.unavailable import StoreUnavailable
from knowledge.models import Language
from tests.bot.dialogue.walking import Stub, known
from tests.channels.base import Changeable

ANNA = Person("web:anna", "Anna")


class Silent(Stub):
    """An answerer that understands no question, for tests that ask none."""

    def understand(self, question: str) -> Understood:
        """Nothing in it."""
        return Understood(Decision.HANDOVER, (), 0.0, 0.0)

    def questions_in(self, message: str, understand: Callable[[str], Understood]) -> list[str]:
        """No question in it."""
        return []


def answerer(organisation: str) -> Answerer:
    return cast(Answerer, Silent(known(organisation)))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    make: Callable[[], str] = request.getfixturevalue("postgres")
    return make()


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = await Store.open(url)
    yield opened
    await opened.close()


def incoming(text: str = "", person: Person = ANNA, **more: Any) -> Incoming:
    return Incoming("vara", person.id, text, Language.SV, person=person, **more)


async def test_the_migrations_make_the_tables(store: Store) -> None:
    def differences(connection: Any) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with store.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_opening_again_changes_nothing(url: str) -> None:
    for _ in range(2):
        store = await Store.open(url)
        await store.close()
    both = await asyncio.gather(Store.open(url), Store.open(url))
    for one in both:
        await one.close()


async def test_a_session_is_read_as_it_was_written(store: Store) -> None:
    session = Session("vara", "web:anna", "web:anna", "open-account", Language.FI)
    session.answers = {"unit": {"value": "Åäö 😀 \u2028", "written": "  Åäö"}, "x": {"value": None, "written": ""}}
    session.steps, session.asking, session.request = ["unit", "x"], "unit", "VAR-2026-0001"
    session.wait("either", "en text")
    async with store.transaction() as tx:
        await save(tx, session, 5.0)
    async with store.transaction() as tx:
        assert await session_by_id(tx, "vara", session.id) == session
        assert await open_session(tx, "vara", "web:anna") == session
        assert await session_by_id(tx, "nykvarn", session.id) is None
        assert await unfinished(tx, "vara", "web:bo") == []


async def test_what_raises_is_not_kept(store: Store) -> None:
    async def fails() -> None:
        async with store.transaction("a") as tx:
            await save(tx, Session("vara", "web:anna", "c", "photo", Language.SV), 1.0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    async with store.transaction() as tx:
        assert await open_session(tx, "vara", "web:anna") is None


async def test_one_open_session_a_person(store: Store) -> None:
    async with store.transaction() as tx:
        await save(tx, Session("vara", "web:anna", "c", "photo", Language.SV), 1.0)
    with pytest.raises(Exception, match=r"(?i)unique"):
        async with store.transaction() as tx:
            await save(tx, Session("vara", "web:anna", "d", "comment", Language.SV), 1.0)


async def test_many_messages_at_the_same_instant(url: str) -> None:
    """From two instances over one store: every event once, in some order, and one dialogue open."""
    stores = [await Store.open(url), await Store.open(url)]
    assistants = [Assistant(answerer, store) for store in stores]
    await assistants[0].take(incoming("öppna konto", event="start"))
    await asyncio.gather(
        *(assistants[n % 2].take(incoming(f"Enhet {n % 10}", event=f"e{n % 10}")) for n in range(40)),
        *(assistants[n % 2].take(incoming("öppna konto", Person(f"web:p{n % 3}", "P"))) for n in range(6)),
    )
    async with stores[0].transaction() as tx:
        rows = list(await tx.execute(select(sessions.c.person, sessions.c.state, sessions.c.answers)))
        mine = await open_session(tx, "vara", "web:anna")
    assert mine is not None
    assert mine.answers["unit"]["value"].startswith("Enhet ")
    for person in {row.person for row in rows}:
        assert [row.state for row in rows if row.person == person].count("open") == 1
    for store in stores:
        await store.close()


async def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        await Store.open("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(ValueError, match="must begin with sqlite:/// or postgresql://"):
        await Store.open("mysql://x/y")
    (tmp_path / "no.db").write_text("this is no database, and long enough to be read as one" * 40)
    with pytest.raises(StoreUnavailable):
        await Store.open(f"sqlite:///{tmp_path / 'no.db'}")


WORKER = """
import asyncio, sys
from bot.assistant import Assistant
from bot.store.store import Store
from tests.bot.dialogue.test_store import answerer, incoming

async def main():
    assistant = Assistant(answerer, await Store.open(sys.argv[1]))
    print("ready", flush=True)
    await assistant.take(incoming("öppna konto", event="start"))
    for number in range(10_000):
        await assistant.take(incoming("ändra 1", event=f"c{number}"))
        await assistant.take(incoming(f"Enhet {number}", event=f"e{number}"))
        print(number, flush=True)

asyncio.run(main())
"""


async def test_kill_9_at_any_moment(url: str) -> None:
    """What was acknowledged is there, nothing is half there, and the dialogue goes on."""
    environment = {**os.environ, "SOMEGUIDE_LOG_LEVEL": "ERROR"}
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, url], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        cwd=Path(__file__).parents[3], env=environment,
    )  # fmt: skip
    assert process.stdout is not None
    acknowledged = -1
    for line in process.stdout:
        if line.strip().isdigit():
            acknowledged = int(line)
        if acknowledged >= 3:
            break
    time.sleep(random.uniform(0, 0.02))  # somewhere within a turn
    process.send_signal(signal.SIGKILL)
    acknowledged = max([acknowledged, *(int(rest) for rest in process.stdout.read().split() if rest.isdigit())])
    assert process.wait() == -signal.SIGKILL
    store = await Store.open(url)
    async with store.transaction() as tx:
        session = await open_session(tx, "vara", "web:anna")
    assert session is not None
    kept = int(session.answers["unit"]["value"].split()[-1])
    assert kept in (acknowledged, acknowledged + 1)
    assistant = Assistant(answerer, store)
    before = await assistant.take(incoming(f"Enhet {kept}", event=f"e{kept}"))  # the platform delivers it again
    async with store.transaction() as tx:
        assert await open_session(tx, "vara", "web:anna") == session
    assert before
    await assistant.take(incoming("ändra 1"))
    await assistant.take(incoming("Enhet sist"))
    async with store.transaction() as tx:
        going_on = await open_session(tx, "vara", "web:anna")
    assert going_on is not None
    assert going_on.answers["unit"]["value"] == "Enhet sist"
    await store.close()


async def test_expiry_touches_nobody_else(store: Store) -> None:
    day = 86_400.0
    organisations = cast(Organisations, Changeable({"vara": answerer("vara")}))
    async with store.transaction() as tx:
        for number, (person, state, age) in enumerate(
            [("a", State.OPEN, 28), ("b", State.PAUSED, 20), ("c", State.DONE, 90), ("d", State.FILED, 90)]
        ):
            session = Session("vara", f"web:{person}", f"web:{person}", "open-account", Language.EN)
            session.state, session.answers = state, {"unit": {"value": str(number), "written": str(number)}}
            await save(tx, session, (100 - age) * day)
    assert await expire(store, organisations, 100 * day, 30) == 1
    assert await expire(store, organisations, 100 * day, 30) == 0
    async with store.transaction() as tx:
        sent = list(await tx.execute(select(outbox)))
    assert [row.conversation for row in sent] == ["web:a"]
    assert "Open an account" in sent[0].message["text"]
    assert "14.3.1970" in sent[0].message["text"]  # begun
    assert "14.4.1970" in sent[0].message["text"]  # to be removed
    assert sent[0].message["buttons"][0]["action"].endswith(":resume")
    assert await expire(store, organisations, 103.1 * day, 30) == 1
    async with store.transaction() as tx:
        states = {row.person: (row.state, row.answers) for row in await tx.execute(select(sessions))}
    assert states["web:a"] == ("expired", {})
    assert states["web:b"][0] == "paused"
    assert states["web:c"][0] == "done"
    assert states["web:d"][1]


async def test_today_is_the_day_where_the_organisation_is(store: Store) -> None:
    late = datetime(2026, 11, 20, 22, 30, tzinfo=UTC).timestamp()  # half past midnight in Finland
    assistant = Assistant(answerer, store, clock=lambda: late)
    there = Person("web:anna", "Anna")
    for said in ("report an incident", "2", "rude words", "1", "skip", "today"):
        await assistant.take(Incoming("hango", there.id, said, Language.EN, person=there))
    async with store.transaction() as tx:
        kept = await open_session(tx, "hango", there.id)
    assert kept is not None
    assert kept.answers["incident-when"]["value"] == "2026-11-21"


async def test_expiry_of_what_is_no_longer_known(store: Store) -> None:
    organisations = cast(Organisations, Changeable({"vara": answerer("vara")}))
    async with store.transaction() as tx:
        await save(tx, Session("vara", "web:a", "web:a", "gone-flow", Language.SV), 0.0)
    assert await expire(store, organisations, 1e7, 30) == 1
    assert await expire(store, organisations, 2e7, 30) == 1
    async with store.transaction() as tx:
        assert list(await tx.execute(select(outbox))) == []
        assert await unfinished(tx, "vara", "web:a") == []

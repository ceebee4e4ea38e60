"""Replies that this process sends as soon as they are committed, and what becomes of them when it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, func, select

from bot.channels import Address, RetryLater
from bot.messages import Incoming, Outgoing, Person
from bot.organisations import Organisations
from bot.outbox import LEASE, Destination, Lease, Outbox, fetch, put
from bot.store.store import Store
from bot.store.tables import events, outbox
from bot.store.unavailable import StoreUnavailable
from knowledge.models import Language
from tests.filing_town import ORG, Clock, Platform, Town

QUESTION = "Får jag publicera en bild på en kollega?"


@asynccontextmanager
async def working(town: Town) -> AsyncIterator[None]:
    """The town's worker runs in the process of its assistant, as in `someguide serve`."""
    town.assistant.outbox = town.outbox
    town.assistant.wake = town.outbox.wake
    worker = asyncio.create_task(town.outbox.run())
    while town.outbox.lease("chat") is None:
        await asyncio.sleep(0)
    try:
        yield
    finally:
        town.outbox.stop()
        await worker


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """What is said to the database."""
    said: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        said.append(" ".join(statement.split()))

    event.listen(store.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(store.engine.sync_engine, "before_cursor_execute", note)


async def until(town: Town, state: str, count: int) -> None:
    """Waits for so many rows in a state."""
    while len(await town.rows(outbox.c.state == state)) < count:
        await asyncio.sleep(0.005)


async def test_a_reply_leaves_without_being_looked_for(either_town: Town) -> None:
    town = either_town
    async with working(town):
        await town.take("chat:anna", QUESTION)
        await until(town, "sent", 1)
        with statements(town.store) as said:
            await town.take("chat:anna", QUESTION, event="e1")
            while not any("UPDATE outbox" in s for s in said):
                await asyncio.sleep(0.001)
    assert not [s for s in said if "outbox" in s and s.startswith("SELECT outbox")]
    assert len([s for s in said if s.startswith("INSERT")]) == 3, "the message, the conversation, the event"
    assert len(said) <= 7, said
    assert town.platform.calls == 2
    assert [row.leased_until for row in await town.rows()] == [None, None]


async def test_a_conversation_keeps_its_order(either_town: Town) -> None:
    town = either_town
    slow = asyncio.Event()
    order: list[str] = []
    sent = town.platform.send

    async def send(address: Address, outgoing: Outgoing, *more: Any) -> Address:
        if not order:
            await slow.wait()
        order.append(outgoing.text)
        return await sent(address, outgoing, *more)

    town.platform.send = send  # type: ignore[method-assign, assignment]
    async with working(town):
        made = [*await town.take("chat:anna", QUESTION), *await town.take("chat:anna", "tack"),
                *await town.take("chat:anna", "hjälp")]  # fmt: skip
        slow.set()
        await until(town, "sent", 3)
    assert order == [d.outgoing.text for d in made]


async def test_a_refused_reply_holds_back_the_next(town: Town) -> None:
    refused = [RetryLater("429", 30.0)]
    town.platform.faults = lambda place, outgoing: refused.pop() if refused else None
    async with working(town):
        first = await town.take("chat:anna", QUESTION)
        while not (await town.rows())[0].attempts:
            await asyncio.sleep(0.005)
        second = await town.take("chat:anna", "tack")
        assert second[0].held is None
        assert not town.platform.posts
        town.clock.now += 31.0
        town.outbox.wake()
        await until(town, "sent", 2)
    assert [post.text for post in town.platform.posts.values()] == [d.outgoing.text for d in (*first, *second)]


async def test_killed_after_the_commit(either_town: Town) -> None:
    """The row stays with its lease; whoever comes after it sends it, and is told that it may have arrived."""
    town = either_town
    seen: list[bool] = []
    sent = town.platform.send

    async def send(address: Address, outgoing: Outgoing, before: Address | None, once: str, again: bool) -> Address:
        seen.append(again)
        return await sent(address, outgoing, before, once, again)

    town.platform.send = send  # type: ignore[method-assign, assignment]
    async with working(town):
        town.outbox.hand = lambda rows: None  # type: ignore[method-assign]
        made = await town.take("chat:anna", QUESTION, event="e1")
        assert [d.id for d in await town.take("chat:anna", QUESTION, event="e1")] == [d.id for d in made]
    other = Outbox(town.store, {"chat": town.platform}, town.clock)
    assert not await other.deliver_due(), "the lease still holds"
    town.clock.now += LEASE + 1
    while await other.deliver_due():
        pass
    assert len(town.platform.posts) == 1
    assert seen == [True]


async def test_a_lease_that_is_nearly_over_is_not_used(town: Town) -> None:
    async with working(town):
        town.assistant.outbox = None
        (made,) = await town.take("chat:anna", QUESTION)
        async with town.store.transaction() as tx:
            lease = Lease(town.clock.now + LEASE)
            to = Destination("chat:bo", {"place": "chat:bo"})
            held = (await put(tx, ORG, to, made.outgoing, town.clock.now, lease=lease)).held
        assert held is not None
        await until(town, "sent", 1)
        town.clock.now += LEASE - 5
        town.outbox.hand([held])
        await until(town, "sent", 2)
    assert town.platform.calls == 2, "given back and taken up again, not sent twice"


async def test_what_is_being_sent_is_finished_at_a_stop(town: Town) -> None:
    going = asyncio.Event()
    sent = town.platform.send

    async def send(*given: Any) -> Address:
        town.outbox.stop()
        await going.wait()
        return await sent(*given)

    town.platform.send = send  # type: ignore[method-assign, assignment]
    async with working(town):
        await town.take("chat:anna", QUESTION)
        asyncio.get_running_loop().call_later(0.02, going.set)
    assert [row.state for row in await town.rows()] == ["sent"]


async def test_a_card_takes_the_place_of_the_one_before(either_town: Town) -> None:
    town = either_town
    async with working(town):
        session = await town.draft("chat:anna")
        for verb in ("form:" + town.organisations.knowledge(ORG).flows["open-account"].sections[0].id, "show"):
            await town.take("chat:anna", choice=f"s:{session.id}:{verb}")
            await until(town, "waiting", 0)
        asked = await town.take("chat:anna", choice=f"s:{session.id}:show")
        await until(town, "sent", 3)
    cards = town.platform.at("chat:anna", asked[-1].outgoing.key)
    assert len(cards) == 1


async def test_what_fails_in_a_turn_is_undone_and_said(either_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town = either_town

    async def broken(self: Any, turn: Any, dialogue: Any) -> list[Outgoing]:
        await put(turn.tx, ORG, Destination("chat:bo", {"place": "chat:bo"}), made.outgoing, turn.now)
        raise RuntimeError("a bug")

    (made,) = await town.take("chat:anna", "tack")
    monkeypatch.setattr("bot.assistant.Assistant._understood", broken)
    (sorry,) = await town.take("chat:anna", QUESTION, event="e1")
    assert "wrong" in sorry.outgoing.text
    assert not await town.rows(outbox.c.conversation == "chat:bo")
    again = await town.take("chat:anna", QUESTION, event="e1")
    assert [d.id for d in again] == [sorry.id]


async def test_one_event_from_two_conversations(organisations: Organisations, database: str) -> None:
    """A redelivery that is read otherwise (the private channel was not known) is the same event, in any instance."""
    clock = Clock()
    async with (
        Town.open(organisations, database, clock=clock) as one,
        Town.open(organisations, database, clock=clock, platform=one.platform) as two,
    ):

        def incoming(person: str) -> Incoming:
            return Incoming(ORG, person, "tack", Language.SV, person=Person(person), event="e1")

        made = await asyncio.gather(
            *(town.assistant.take(incoming(f"chat:p{n}")) for n in range(4) for town in (one, two))
        )
        assert {d.id for deliveries in made for d in deliveries} == {row.id for row in await one.rows()}
        assert len(await one.rows()) == 1
        async with one.store.transaction() as tx:
            assert await tx.scalar(select(func.count()).select_from(events)) == 1


async def test_a_reader_is_given_what_commits_late(organisations: Organisations, database: str) -> None:
    """Two write to one reader at the same moment; the one that began first is committed last."""
    async with Town.open(organisations, database) as town:
        (made,) = await town.take("chat:anna", "tack")
        to, now = Destination("web:anna", {}), town.clock.now
        shown: list[str] = []

        async def look(after: int) -> int:
            async with town.store.transaction(f"{ORG}/web:anna") as tx:
                found = await fetch(tx, ORG, "web:anna", after, now)
            shown.extend(d.outgoing.text for d in found)
            return max([after, *(d.id for d in found)])

        async def write(text: str) -> None:
            async with town.store.transaction() as tx:
                await put(tx, ORG, to, replace(made.outgoing, text=text), now)

        after = 0
        async with town.store.transaction() as tx:
            await put(tx, ORG, to, replace(made.outgoing, text="first"), now)
            second = asyncio.create_task(write("second"))
            await asyncio.wait({second}, timeout=0.3)
            if not town.store.embedded:
                after = await look(after)
        await second
        after = await look(await look(after))
        assert sorted(shown) == ["first", "second"]


async def test_a_slow_platform_holds_no_transaction_open(town: Town) -> None:
    """Who reviews is asked before: on SQLite this would wait for itself."""

    class Slow:
        async def is_reviewer(self, organisation: str, person: str) -> bool:
            async with town.store.transaction() as tx:
                await tx.scalar(select(func.count()).select_from(outbox))
            return person == "chat:eva"

    reference = await town.filed()
    town.filing.rights.memberships["chat"] = Slow()
    async with asyncio.timeout(20):
        (card,) = await town.review("chat:eva", reference, "take:1", name="Eva")
        home = await town.said("chat:eva", choice="home")
        await town.said("chat:eva", reference)
        (refused,) = await town.review("chat:olle", reference, "approve:1")
    assert "Eva" in card.text
    assert reference in str(home)
    assert "Only communications" in refused.text


async def test_a_channel_that_cannot_say_who_reviews(town: Town) -> None:
    class Away:
        asked = 0

        async def is_reviewer(self, organisation: str, person: str) -> bool:
            self.asked += 1
            raise RetryLater("503")

    reference = await town.filed()
    town.filing.rights.memberships["chat"] = away = Away()
    (said,) = await town.press("chat:olle", reference, "approve:1")
    assert (await town.request(reference)).state.value == "filed"
    assert away.asked == 1, "and not again in the transaction"
    assert said.text


async def test_marks_that_cannot_be_written_are_tried_by_the_next_lease(town: Town) -> None:
    await town.take("chat:anna", "tack")

    def away(_: Any) -> None:
        raise OSError("no disk")

    engine = town.store.engine.sync_engine
    sent = town.platform.send

    async def send(*given: Any) -> Address:
        event.listen(engine, "commit", away)
        return await sent(*given)

    town.platform.send = send  # type: ignore[method-assign, assignment]
    with pytest.raises(StoreUnavailable), suppress(RetryLater):
        await town.outbox.deliver_due()
    event.remove(engine, "commit", away)
    town.platform.send = sent  # type: ignore[method-assign]
    assert [row.state for row in await town.rows()] == ["waiting"]
    town.clock.now += LEASE + 1
    await town.deliver()
    assert len(town.platform.posts) == 1
    assert isinstance(town.platform, Platform)

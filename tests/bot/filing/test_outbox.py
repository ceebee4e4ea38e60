"""The outbox itself: what is taken and in which order, when it is tried again, and when it is given up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Address, Gone, RetryLater, TooBig
from bot.messages import Kind, Outgoing
from bot.metrics import REGISTRY
from bot.organisations import Organisations
from bot.outbox import ATTEMPTS, FIRST_PAUSE, IDLE, LEASE, LONGEST_PAUSE, Destination, Held, put
from bot.outbox_rows import BATCH
from bot.store.tables import outbox
from bot.store.unavailable import StoreUnavailable
from knowledge.models import Language
from tests.filing_town import ORG, Town, Unread


@dataclass
class Recorder:
    """A platform that notes what it is asked, and answers as it is told."""

    calls: list[tuple[str, str, Address | None, str, bool]] = field(default_factory=list)
    errors: list[Exception | None] = field(default_factory=list)
    private_of: list[tuple[str, str]] = field(default_factory=list)

    async def send(
        self, address: Address, outgoing: Outgoing, before: Address | None, once: str, again: bool = False
    ) -> Address:
        """See bot.channels.Wire."""
        self.calls.append((str(address["place"]), outgoing.text, before, once, again))
        error = self.errors.pop(0) if self.errors else None
        if error:
            raise error
        return {"name": f"post {len(self.calls)}"}

    async def private(self, organisation: str, person: str) -> Address:
        """See bot.channels.Wire."""
        self.private_of.append((organisation, person))
        return {"place": f"private of {person}"}

    @property
    def said(self) -> list[str]:
        """The texts, in the order in which they came."""
        return [text for _, text, *_ in self.calls]


@pytest.fixture
async def town(tmp_path: Any) -> AsyncIterator[Town]:
    """A town whose outbox delivers to a recorder."""
    unread = cast(Organisations, Unread())
    async with Town.open(unread, f"sqlite:///{tmp_path / 'outbox.db'}") as opened:
        opened.outbox.wires = {"chat": Recorder()}
        opened.outbox.on_parked = None
        yield opened


def wire(town: Town) -> Recorder:
    return cast(Recorder, town.outbox.wires["chat"])


async def write(town: Town, text: str, place: str = "chat:a", key: str | None = None, **more: Any) -> int:
    """A message in the outbox."""
    address = more.pop("address", {"place": place})
    message = Outgoing(Kind.NOTICE, Language.SV, text, key=key)
    async with town.store.transaction() as tx:
        return (await put(tx, ORG, Destination(place, address), message, town.clock(), **more)).id


async def row(town: Town, number: int) -> Any:
    (found,) = await town.rows(outbox.c.id == number)
    return found


async def change(town: Town, number: int, **values: Any) -> None:
    async with town.store.transaction() as tx:
        await tx.execute(update(outbox).where(outbox.c.id == number).values(**values))


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("someguide_deliveries_total", {"channel": "chat", "outcome": outcome}) or 0.0


async def test_it_is_tried_again_with_growing_pauses_and_then_given_up(town: Town) -> None:
    number = await write(town, "one")
    told: list[tuple[int, str]] = []

    async def parked(_: AsyncConnection, held: Held, reason: str) -> None:
        told.append((held.id, reason))

    town.outbox.on_parked = parked
    pauses = []
    for tried in range(1, ATTEMPTS):
        wire(town).errors = [RetryLater("503")]
        assert await town.outbox.deliver_due() == 1
        kept = await row(town, number)
        assert (kept.state, kept.attempts, kept.error, kept.leased_until) == ("waiting", tried, "503", None)
        pauses.append(kept.due_at - town.clock())
        assert await town.outbox.deliver_due() == 0, "not before it is due"
        town.clock.now = kept.due_at
    for tried, pause in enumerate(pauses):
        wanted = min(LONGEST_PAUSE, FIRST_PAUSE * 2**tried)
        assert 0.8 * wanted <= pause <= 1.2 * wanted, tried
    assert pauses[-1] > LONGEST_PAUSE / 2
    wire(town).errors = [RetryLater("503")]
    assert await town.outbox.deliver_due() == 1
    kept = await row(town, number)
    assert (kept.state, kept.attempts, kept.leased_until) == ("parked", ATTEMPTS, None)
    assert kept.error == f"given up after {ATTEMPTS} tries: 503"
    assert told == [(number, kept.error)]
    assert [again for *_, again in wire(town).calls] == [False] + [True] * (ATTEMPTS - 1)
    assert len({once for *_, once, _ in wire(town).calls}) == 1, "one delivery has one name"
    assert await town.outbox.deliver_due() == 0


@pytest.mark.parametrize(("after", "pause"), [(7.0, 7.0), (0.0, 0.1), (90_000.0, 90_000.0)])
async def test_a_platform_says_when_to_come_again(town: Town, after: float, pause: float) -> None:
    number = await write(town, "one")
    wire(town).errors = [RetryLater("429", after)]
    await town.outbox.deliver_due()
    assert (await row(town, number)).due_at == pytest.approx(town.clock() + pause, abs=0.001)


@pytest.mark.parametrize(
    ("error", "reason"),
    [(Gone("blocked"), "Gone: blocked"), (TooBig("413"), "TooBig: 413"),
     (ValueError("Anna"), "ValueError: a fault in Someguide; see the log")],
)  # fmt: skip
async def test_what_cannot_be_sent_is_parked_and_the_next_goes(town: Town, error: Exception, reason: str) -> None:
    before = {outcome: counted(outcome) for outcome in ("sent", "parked", "later")}
    first, second = await write(town, "one"), await write(town, "two")
    wire(town).errors = [error]
    assert await town.outbox.deliver_due() == 2
    kept = await row(town, first)
    assert (kept.state, kept.error, kept.attempts, kept.leased_until) == ("parked", reason, 1, None)
    sent = await row(town, second)
    assert (sent.state, sent.reference, sent.sent_at, sent.error) == ("sent", {"name": "post 2"}, town.clock(), None)
    assert sent.leased_until is None
    wire(town).errors = [RetryLater("502")]
    await write(town, "three")
    await town.outbox.deliver_due()
    assert {outcome: counted(outcome) - n for outcome, n in before.items()} == {"sent": 1, "parked": 1, "later": 1}


async def test_a_fault_in_telling_ends_neither_the_parking_nor_the_worker(town: Town) -> None:
    first, second = await write(town, "one"), await write(town, "two")

    async def broken(tx: AsyncConnection, held: Held, _: str) -> None:
        await tx.execute(update(outbox).values(error="half told"))
        raise ValueError("a bug")

    town.outbox.on_parked = broken
    wire(town).errors = [Gone("blocked")]
    assert await town.outbox.deliver_due() == 2
    kept = await row(town, first)
    assert (kept.state, kept.error) == ("parked", "Gone: blocked")
    sent = await row(town, second)
    assert (sent.state, sent.error) == ("sent", None)


async def test_a_database_that_is_lost_in_telling_parks_nothing(town: Town) -> None:
    number = await write(town, "one")

    async def away(*_: Any) -> None:
        raise StoreUnavailable("away")

    town.outbox.on_parked = away
    before = counted("parked")
    wire(town).errors = [Gone("blocked"), Gone("blocked")]
    with pytest.raises(StoreUnavailable):
        await town.outbox.deliver_due()
    assert (await row(town, number)).state == "waiting"
    assert counted("parked") == before
    town.outbox.on_parked = None
    town.clock.now += LEASE
    await town.outbox.deliver_due()
    assert (await row(town, number)).state == "parked"


async def test_what_another_worker_has_ended_is_not_given_up(town: Town) -> None:
    """The lease ran out while the platform was asked; the worker that came after it has sent the message."""
    number = await write(town, "one")
    told: list[int] = []

    async def parked(_: AsyncConnection, held: Held, __: str) -> None:
        told.append(held.id)

    async def slow(*_: Any, **__: Any) -> Address:
        await change(town, number, state="sent")
        raise Gone("blocked")

    town.outbox.on_parked = parked
    wire(town).send = slow  # type: ignore[method-assign]
    await town.outbox.deliver_due()
    assert (await row(town, number)).state == "sent"
    assert told == []


async def test_a_conversation_keeps_its_order_and_holds_up_no_other(town: Town) -> None:
    for text, place in (("a1", "chat:a"), ("a2", "chat:a"), ("a3", "chat:a"), ("b1", "chat:b")):
        await write(town, text, place)
    wire(town).errors = [RetryLater("502", 5.0)]
    assert await town.outbox.deliver_due() == 4
    assert sorted(wire(town).said) == ["a1", "b1"]
    assert await town.outbox.deliver_due() == 0, "what comes after a1 waits with it"
    assert [r.leased_until for r in await town.rows(outbox.c.state == "waiting")] == [None] * 3
    town.clock.now += 5.0
    assert await town.outbox.deliver_due() == 3
    assert wire(town).said[2:] == ["a1", "a2", "a3"]


async def test_what_another_worker_holds_is_left_to_it(town: Town) -> None:
    held, behind = await write(town, "held"), await write(town, "behind")
    other = await write(town, "other", "chat:b")
    await change(town, held, leased_until=town.clock() + 10)
    assert await town.outbox.deliver_due() == 1
    assert (wire(town).said, (await row(town, other)).state) == (["other"], "sent")
    assert (await row(town, behind)).state == "waiting"
    town.clock.now += 10
    assert await town.outbox.deliver_due() == 2
    assert [(text, again) for _, text, _, _, again in wire(town).calls[1:]] == [("held", True), ("behind", False)]


async def test_a_lease_is_taken_before_anything_is_sent(town: Town) -> None:
    number = await write(town, "one")
    seen = []

    async def look(*_: Any, **__: Any) -> Address:
        seen.append((await row(town, number)).leased_until)
        return {}

    wire(town).send = look  # type: ignore[method-assign]
    await town.outbox.deliver_due()
    assert seen == [town.clock() + LEASE]


async def test_many_are_taken_a_batch_at_a_time_in_their_order(town: Town) -> None:
    for n in range(BATCH + 3):
        await write(town, f"{n}")
    assert [await town.outbox.deliver_due() for _ in range(3)] == [BATCH, 3, 0]
    assert wire(town).said == [f"{n}" for n in range(BATCH + 3)]


async def test_only_channels_that_are_there(town: Town) -> None:
    await write(town, "mail", "mail:x", address={"to": "x"})
    assert await town.outbox.deliver_due() == 0
    await write(town, "chat")
    wires, town.outbox.wires = town.outbox.wires, {}
    assert await town.outbox.deliver_due() == 0
    assert {r.leased_until for r in await town.rows()} == {None}
    town.outbox.wires = wires
    assert await town.outbox.deliver_due() == 1


async def test_a_newer_message_takes_the_place_of_the_older(town: Town) -> None:
    await write(town, "first", key="request:X")
    await write(town, "second", key="request:X")
    await town.outbox.deliver_due()
    assert wire(town).said == ["second"], "the first need not leave any more"
    await write(town, "third", key="request:X")
    await write(town, "elsewhere", "chat:b", key="request:X")
    await write(town, "no key")
    await town.outbox.deliver_due()
    assert {text: before for _, text, before, *_ in wire(town).calls} == {
        "second": None, "third": {"name": "post 1"}, "elsewhere": None, "no key": None,
    }  # fmt: skip


async def test_a_person_whose_conversation_is_not_known_yet(town: Town) -> None:
    await write(town, "one", "chat:anna", address={"person": "chat:anna"})
    await write(town, "two", "chat:b", address={"person": "chat:b", "place": "here"})
    await town.outbox.deliver_due()
    assert wire(town).private_of == [(ORG, "chat:anna")]
    assert {place for place, *_ in wire(town).calls} == {"private of chat:anna", "here"}


async def test_how_long_it_rests(town: Town) -> None:
    async def pause() -> float:
        return await town.outbox._pause()

    assert await pause() == IDLE
    number = await write(town, "one")
    assert await pause() == 0.05
    await change(town, number, due_at=town.clock() + 2)
    assert await pause() == pytest.approx(2.0)
    await change(town, number, due_at=town.clock() + 200)
    assert await pause() == IDLE
    await change(town, number, due_at=town.clock(), leased_until=town.clock() + 9)
    assert await pause() == IDLE, "another holds it"
    await change(town, number, channel="mail", leased_until=None)
    assert await pause() == IDLE, "nobody here can send it"


async def test_the_worker_goes_on_when_the_store_is_away_and_ends_when_told(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds: list[str] = []
    real = town.outbox.deliver_due

    async def deliver_due() -> int:
        rounds.append("round")
        if len(rounds) == 1:
            town.outbox.wake()
            raise StoreUnavailable("away")
        return await real()

    monkeypatch.setattr(town.outbox, "deliver_due", deliver_due)
    await write(town, "one")
    assert town.outbox.lease("chat") is None, "nothing is promised before it works"
    worker = asyncio.create_task(town.outbox.run())
    while not wire(town).said:
        await asyncio.sleep(0.001)
    lease = town.outbox.lease("chat")
    assert lease is not None
    assert lease.until == town.clock() + LEASE
    assert town.outbox.lease("mail") is None
    town.outbox.stop()
    assert town.outbox.lease("chat") is None
    await asyncio.wait_for(worker, 30)
    assert wire(town).said == ["one"]

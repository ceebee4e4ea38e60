"""The storm's own checks see what they are there to see."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from tests.fakes.slack_people import Reply
from tests.storm import checks
from tests.storm.checks import Kept
from tests.storm.post import Event, Post
from tests.storm.slack import SlackWorld
from tests.storm.slack_shown import mark_of
from tests.storm.teams import TeamsWorld

KEY = ("hango", "e1")


def row(number: int = 1, **given: Any) -> Any:
    """A row of the outbox."""
    values: dict[str, Any] = {
        "id": number, "conversation": "slack:TS1:D1P003", "purpose": "reply", "state": "sent", "error": None,
        "once": f"once-{number}", "key": None, "address": {"user": "U1P003"}, "message": {"kind": "answer"},
        "reference": {"channel": "D1P003", "ts": f"{number}.0", "message": str(number)},
    }  # fmt: skip
    return SimpleNamespace(**(values | given))


def kept(*rows: Any, **given: Any) -> Kept:
    """A store in which one event was answered by the rows."""
    values: dict[str, Any] = {"events": {KEY: [r.id for r in rows]}, "approved": set(), "registered": Counter()}
    return Kept(rows, requests=[], **(values | given))


def happened(**given: Any) -> dict[tuple[str, str], Event]:
    """One event that was acknowledged."""
    values: dict[str, Any] = {"kind": "message", "deliveries": 1, "acknowledged": 1}
    return {KEY: Event("e1", "hango", "U1P003", **(values | given))}


def test_all_is_well() -> None:
    assert checks.effects(happened(), kept(row(1), row(2)), lambda _: 0) == []
    assert checks.stuck(kept(row())) == []
    assert checks.register(kept(approved={"HAN-2026-0001"}, registered=Counter(["HAN-2026-0001"]))) == []


@pytest.mark.parametrize(
    ("events", "store", "told", "wrong"),
    [
        (happened(), kept(events={}), 0, 1),  # lost
        (happened(acknowledged=0), kept(events={}), 0, 0),  # given up by the platform
        (happened(repeated=False), kept(events={}), 0, 1),  # a press that led to nothing
        (happened(repeated=False), kept(events={}), 1, 0),  # … and the person was told
        ({}, kept(row()), 0, 1),  # nobody did that
        (happened(), kept(row(1), events={KEY: []}), 0, 1),  # an answer to nothing
        (happened(), kept(events={KEY: [1]}), 0, 1),  # an answer that is not there
        (happened() | {("hango", "e2"): happened()[KEY]}, kept(row(1), events={KEY: [1], ("hango", "e2"): [1]}), 0, 1),
    ],
)
def test_lost_and_invented_turns_are_seen(events: Any, store: Kept, told: int, wrong: int) -> None:
    assert len(checks.effects(events, store, lambda _: told)) == wrong


def test_what_is_stuck_is_seen() -> None:
    assert "no reason" in checks.stuck(kept(row(state="waiting")))[0]
    assert "given up" in checks.stuck(kept(row(state="parked", error="given up")))[0]


def test_the_register_is_compared() -> None:
    assert len(checks.register(kept(approved={"A"}))) == 1
    assert len(checks.register(kept(registered=Counter(["A"])))) == 1
    assert len(checks.register(kept(approved={"A"}, registered=Counter(["A", "A"])))) == 1


@pytest.mark.parametrize(
    ("shown", "rows", "wrong"),
    [
        ([(1, True)], [row(1)], 0),
        ([], [row(1)], 1),  # sent, and nowhere
        ([(1, True), (1, True)], [row(1)], 1),  # twice
        ([(2, True), (1, True)], [row(1), row(2)], 1),  # in another order
        ([(1, True)], [row(1, state="replaced")], 1),  # not to be sent, and shown
        ([(1, True), (9, True)], [row(1)], 1),  # a message of nobody's
    ],
)
def test_what_slack_shows_is_compared(shown: list[tuple[int, bool]], rows: list[Any], wrong: int) -> None:
    world = SlackWorld(["hango"], 4, random.Random(0))
    for number, new in shown:
        world.board.note("D1P003", f"{number}.0", mark_of(f"once-{number}"), new, False)
    assert len(world.findings(rows, lambda *_: False)[0]) == wrong


@pytest.mark.parametrize(
    ("shown", "unheard", "killed", "wrong"),
    [([1], False, False, 0), ([], False, False, 1), ([1, 2], False, False, 1), ([1, 2], True, False, 0),
     ([1, 2], False, True, 0)],
)  # fmt: skip
def test_what_teams_shows_is_compared(shown: list[int], unheard: bool, killed: bool, wrong: int) -> None:
    world = TeamsWorld(["hango"], 4, random.Random(0))
    for number in shown:
        world.board.note("a:private-aad-t1p003", str(number), "", True, unheard)
    assert len(world.findings([row(1)], lambda *_: killed)[0]) == wrong


@pytest.mark.parametrize(("purpose", "wrong"), [("approval", 0), ("reply", 1)])
def test_a_reply_in_the_place_of_a_notice_has_not_overtaken_anything(purpose: str, wrong: int) -> None:
    """A manager agrees on the card that came before other answers: the card is replaced where it stands."""
    world = TeamsWorld(["hango"], 4, random.Random(0))
    for number in (1, 2):
        world.board.note("a:private-aad-t1p002", str(number), "", True, False)
    card, answer, replaced = row(1, purpose=purpose), row(2), row(3, reference={"message": "1"})
    assert world.findings([card, answer, replaced], lambda *_: False)[0] == []
    later = row(4, purpose=purpose, reference={"message": "2"})
    first = row(5, reference={"message": "1"})
    assert len(world.findings([later, first], lambda *_: False)[0]) == wrong


async def test_a_thread_is_the_persons_own_whoever_writes_at_the_same_moment() -> None:
    """Else a person would write on in a thread that the assistant is not in, and its silence would pass for a loss."""
    world = SlackWorld(["hango"], 4, random.Random(0))
    await world.open()
    try:
        world.connect(Post(random.Random(0), []))
        member, channel = world.members[3], world.slack.channels["C1ALL"]

        async def answers() -> None:
            channel.messages.append({"user": "U1BOT", "bot_id": "B1BOT", "ts": "1.0", "text": "Ja.", "blocks": []})

        answering = [asyncio.ensure_future(answers())]
        asking = asyncio.ensure_future(world.ask_in_channel(member, "får jag?"))
        answering.append(asyncio.ensure_future(answers()))
        while not member.threads:
            await asyncio.sleep(0)
        assert [m["user"] for m in channel.messages if m["ts"] == member.threads[0]] == [member.user]
        asking.cancel()
        await asyncio.gather(asking, *answering, return_exceptions=True)
    finally:
        await world.close()


async def test_an_event_is_delivered_until_it_is_acknowledged_or_given_up() -> None:
    for seed in range(20):
        post = Post(random.Random(seed), [SimpleNamespace()], pace=10_000.0)  # type: ignore[list-item]
        refused = 0

        async def send(_: Any, number: int) -> Reply:
            nonlocal refused
            refused += 1
            return Reply(200 if number == 3 else 503)

        event = Event("e1", "hango", "U1P003", "message")
        assert (await post.deliver(event, send)).acknowledged
        await post.quiet()
        assert (event.deliveries, event.acknowledged) == (4, 1)
        assert refused == 4

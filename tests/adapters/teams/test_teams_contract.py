"""The contract of a wire to Teams: five functions, four kinds of error. Both wires pass the same tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.teams.channel import TeamsWire
from adapters.teams.contract import NotThere, Platform, Refused
from adapters.teams.payload import address
from adapters.teams.tenants import channel_address
from bot.channels import Gone, RetryLater, TooBig
from tests.fakes.teams import TENANT, FakeTeams, Fault, activity
from tests.fakes.teams_memory import MemoryTeams, error
from tests.fakes.teams_samples import SAMPLES

HELLO = {"type": "message", "text": "hej"}
FAULTS = {
    "later": Fault(429, after="7"),
    "gone": Fault(403, code="MessageWritesBlocked"),
    "too-big": Fault(413, code="MessageSizeTooBig"),
    "bug": Fault(400, code="BadSyntax"),
}


@dataclass
class World:
    """A wire, and the Teams behind it."""

    wire: Platform
    token: Callable[[dict[str, Any]], str]
    trouble: Callable[[str], None]
    standing: Callable[[], list[dict[str, Any]]]
    url: str = "https://smba.example"

    def address(self) -> dict[str, Any]:
        """The address of a personal conversation."""
        return address(activity(self.url))


@pytest.fixture(params=["sdk", "memory"])
def world(request: pytest.FixtureRequest) -> World:
    """One wire after the other."""
    if request.param == "memory":
        memory = MemoryTeams()
        return World(
            memory,
            lambda _: "Bearer good",
            lambda name: memory.errors.append(error(name, 7.0 if name == "later" else None)),
            lambda: [m for kept in memory.messages.values() for m in kept.values()],
        )
    fake: FakeTeams = request.getfixturevalue("fake")
    return World(
        request.getfixturevalue("sdk"),
        fake.token,
        lambda name: fake.faults.append(FAULTS[name]),
        lambda: [p.activity for p in fake.posted],
        fake.url,
    )


async def test_verify_takes_what_teams_sends_and_nothing_else(world: World) -> None:
    sent = activity(world.url, text="hej")
    await world.wire.verify(world.token(sent), sent)
    for wrong in ("", "Bearer abc", "Basic x", "Bearer"):
        with pytest.raises(Refused) as refused:
            await world.wire.verify(wrong, sent)
        assert refused.value.status in (401, 403)


async def test_send_posts_and_update_replaces(world: World) -> None:
    name = await world.wire.send(world.address(), HELLO)
    assert name
    assert await world.wire.send(world.address(), HELLO) != name
    await world.wire.update(world.address(), name, HELLO | {"text": "hejdå"})
    assert [m["text"] for m in world.standing()] == ["hejdå", "hej"]


async def test_update_of_a_message_that_is_gone(world: World) -> None:
    with pytest.raises(NotThere):
        await world.wire.update(world.address(), "never-sent", HELLO)


async def test_a_private_conversation_can_be_written_to(world: World) -> None:
    where = await world.wire.open_private(TENANT, "aad-anna")
    assert where["reference"]["conversation"]["conversationType"] == "personal"
    assert where["tenant"] == TENANT
    assert await world.wire.send(where, HELLO)


async def test_what_the_service_has_can_be_fetched(world: World) -> None:
    where = world.address()
    found = json.loads(await world.wire.fetch(where, "conversations/a:1anna/members/29:anna"))
    assert found["aadObjectId"] == "aad-anna"
    with pytest.raises(Gone):
        await world.wire.fetch(where, "conversations/a:1anna/members/29:nobody")
    with pytest.raises(TooBig):
        await world.wire.fetch(where, "conversations/a:1anna/members/29:anna", 10)


@pytest.mark.parametrize(("name", "kind"), [("later", RetryLater), ("gone", Gone), ("too-big", TooBig)])
async def test_the_errors(world: World, name: str, kind: type[Exception]) -> None:
    existing = await world.wire.send(world.address(), HELLO)
    for call in (
        lambda: world.wire.send(world.address(), HELLO),
        lambda: world.wire.update(world.address(), existing, HELLO),
        lambda: world.wire.open_private(TENANT, "aad-anna"),
    ):
        world.trouble(name)
        with pytest.raises(kind) as raised:
            await call()
        if isinstance(raised.value, RetryLater):
            assert raised.value.after == 7.0


async def test_anything_else_is_a_bug(world: World) -> None:
    world.trouble("bug")
    with pytest.raises(RuntimeError):
        await world.wire.send(world.address(), HELLO)


# -- the channel over either wire ------------------------------------------------------------------------------------


async def test_a_message_of_a_key_takes_the_earlier_ones_place(world: World) -> None:
    channel = TeamsWire(world.wire)
    first = await channel.send(world.address(), SAMPLES["step-text"], None, "1")
    second = await channel.send(world.address(), SAMPLES["answered"], first, "2")
    assert second["message"] == first["message"]
    assert len(world.standing()) == 1
    assert "Daghem" in world.standing()[0]["summary"]


async def test_where_the_earlier_one_is_gone_it_is_posted_anew(world: World) -> None:
    channel = TeamsWire(world.wire)
    done = await channel.send(world.address(), SAMPLES["answered"], world.address() | {"message": "gone"}, "1")
    assert done["message"] != "gone"
    assert len(world.standing()) == 1


async def test_what_teams_finds_too_big_goes_as_plain_text(world: World) -> None:
    channel = TeamsWire(world.wire)
    world.trouble("too-big")
    await channel.send(world.address(), SAMPLES["answer"], None, "1")
    assert "attachments" not in world.standing()[0]
    assert "samtycke" in world.standing()[0]["text"]


async def test_private_finds_a_person(world: World) -> None:
    channel = TeamsWire(world.wire)
    where = await channel.private("hango", f"teams:{TENANT}:aad-anna")
    assert (await channel.send(where, SAMPLES["notice"], None, "1"))["message"]
    for nobody in ("slack:T1:U1", "teams:", "teams:x:", ""):
        with pytest.raises(Gone):
            await channel.private("hango", nobody)


async def test_a_message_in_a_channel_gives_the_address_of_its_thread(world: World) -> None:
    channel = TeamsWire(world.wire)
    done = await channel.send(channel_address(TENANT, "19:review@thread.tacv2"), SAMPLES["request"], None, "1")
    thread = done["reference"]["conversation"]["id"]
    assert thread == f"19:review@thread.tacv2;messageid={done['message']}"
    await channel.send(done, SAMPLES["notice"], None, "2")
    again = await channel.send(channel_address(TENANT, "19:review@thread.tacv2"), SAMPLES["request"], done, "3")
    assert again["message"] == done["message"]
    assert len(world.standing()) == 2

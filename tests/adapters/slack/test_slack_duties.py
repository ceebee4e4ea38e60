"""What Slack demands of an app, and what happens when Slack does not do as it should."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from adapters.slack import pace
from adapters.slack.pace import Pace
from bot.channels import Gone, RetryLater, TooBig
from bot.messages import Document, Kind, Outgoing, Row
from bot.settings import Settings, SlackWorkspace
from knowledge.models import Language
from tests.adapters.slack.conftest import ANNA, BO, GENERAL, REVIEW, Served, StandIn, settings
from tests.fakes.slack import APP_TOKEN, BOT, SCOPES, SECRET, TEAM, FakeSlack
from tests.fakes.slack_people import Http, Peer, Socket, sign, words

Pair = tuple[StandIn, Peer]
SV = Language.SV
NOTE = Outgoing(Kind.NOTICE, SV, "Hej")
DM = {"team": TEAM, "channel": "D0ANNA", "user": ANNA}


# -- coming in ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {},
        sign("{}", "another secret"),
        sign("{}", at=time.time() - 4000),
        sign("{}", at=time.time() + 4000),
        {**sign("{}"), "X-Slack-Request-Timestamp": "soon"},
        {**sign("{}"), "X-Slack-Signature": "v0=å"},
        {"X-Slack-Signature": sign("{}")["X-Slack-Signature"]},
    ],
)
async def test_an_unsigned_request_runs_nothing(
    stand_in: Pair, session: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    assistant, people = stand_in
    assert isinstance(people.transport, Http)
    kind = {"Content-Type": "application/json"}
    async with session.post(people.transport.url, data="{}", headers=headers | kind) as response:
        assert response.status == 401
    assert not assistant.taken


async def test_slack_proves_the_address(stand_in: Pair, session: aiohttp.ClientSession) -> None:
    _, people = stand_in
    assert isinstance(people.transport, Http)
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "x"})
    headers = {**sign(body), "Content-Type": "application/json"}
    async with session.post(people.transport.url, data=body, headers=headers) as response:
        assert response.status == 200
        assert "abc" in await response.text()


async def test_nothing_is_acknowledged_that_is_not_committed(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    assistant.fails = 2
    people.retries = 3
    reply = await people.say(ANNA, "får jag?")
    assert reply.status == 200
    assert len(assistant.taken) == 1
    texts = [m["text"] for m in slack.private(ANNA).messages[1:]]
    assert texts[-1] == "Ja." or texts[0] == "Ja."
    assert len([t for t in texts if "ingenting är sparat" in t]) == 1, "told once, not at every retry"


async def test_a_slow_commit_is_not_acknowledged_and_not_done_twice(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    assistant.delay = 3.2
    began = time.monotonic()
    reply = await people.say(ANNA, "får jag?")
    assert time.monotonic() - began < 3.0
    assert reply.status == 503
    await slack.until(lambda: any(m["text"] == "Ja." for m in slack.private(ANNA).messages))
    assert len(assistant.taken) == 1


async def test_redelivery_is_harmless(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    event = {"type": "message", "user": ANNA, "text": "hej", "channel": "D0ANNA", "channel_type": "im", "ts": "7.1"}
    slack.private(ANNA)
    for event_id in ("Ev1", "Ev1", "Ev2"):
        assert (await people.event(event, event_id)).status == 200
    assert len(assistant.taken) == 1
    assert len(slack.called("chat.postMessage")) == 1


async def test_socket_mode(slack: FakeSlack, serve: Callable[..., Awaitable[Served]]) -> None:
    assistant = StandIn()
    socket = settings(slack, slack_signing_secret=SecretStr(""), slack_app_token=SecretStr(APP_TOKEN))
    adapter, _ = await serve(assistant, socket)
    assistant.wire = adapter.wire
    assert not adapter.routes()
    people = Peer(slack, Socket(slack, patience=2.0))
    assert (await people.say(ANNA, "hej")).status == 200
    assert (await people.shortcut(ANNA, "open-account")).status == 200
    assert [i.text or i.choice for i in assistant.taken] == ["hej", "flow:open-account"]
    assistant.fails = 1
    assert (await people.say(ANNA, "igen")).status == 0, "not acknowledged"
    people.retries = 1
    assert (await people.say(ANNA, "en gång till")).status == 200


# -- going out ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "meant"),
    [
        ("channel_not_found", Gone),
        ("is_archived", Gone),
        ("account_inactive", Gone),
        ("not_in_channel", Gone),
        ("token_revoked", Gone),
        ("restricted_action_read_only_channel", Gone),
        ("ekm_access_denied", Gone),
        ("msg_too_long", TooBig),
        ("msg_blocks_too_long", TooBig),
        ("internal_error", RetryLater),
        ("429", RetryLater),
        ("500", RetryLater),
        ("html", RetryLater),
        ("lost", RetryLater),
    ],
)
async def test_slacks_errors_are_ours(stand_in: Pair, slack: FakeSlack, error: str, meant: type[Exception]) -> None:
    assistant, _ = stand_in
    slack.private(ANNA)
    slack.fail("chat.postMessage", error, times=2 if meant is TooBig else 1)
    with pytest.raises(meant):
        await assistant.wire.send(DM, NOTE, None, "once")


async def test_what_really_is_so_is_gone(stand_in: Pair, slack: FakeSlack) -> None:
    wire = stand_in[0].wire
    slack.private(ANNA)
    slack.users[ANNA]["deleted"] = True
    slack.channels[GENERAL].archived = True
    slack.channels[REVIEW].members.remove(BOT)
    for address in (DM, {"team": TEAM, "channel": GENERAL}, {"team": TEAM, "channel": REVIEW}, {"team": "T9"}, {}):
        with pytest.raises(Gone):
            await wire.send(address, NOTE, None, str(address))
    with pytest.raises(Gone):
        await wire.private("nykvarn", f"slack:{TEAM}:{ANNA}")
    for organisation, person in (("vara", f"slack:{TEAM}:{BO}"), ("nykvarn", "slack:T9:U9"), ("nykvarn", "web:anna")):
        with pytest.raises(Gone):
            await wire.private(organisation, person)
    assert await wire.private("nykvarn", f"slack:{TEAM}:{BO}") == {"team": TEAM, "channel": "D0BO", "user": BO}


async def test_what_slack_finds_too_long_goes_in_smaller_parts(stand_in: Pair, slack: FakeSlack) -> None:
    """Where the limit of all blocks together lies is not documented."""
    rows = tuple(Row(f"Fråga {n}", "svar " * 40) for n in range(40))
    slack.private(ANNA)
    slack.fail("chat.postMessage", "msg_blocks_too_long")
    sent = await stand_in[0].wire.send(DM, Outgoing(Kind.SUMMARY, SV, "Stämmer det?", rows=rows), None, "once")
    shown = slack.private(ANNA).messages
    assert len(shown) > 2
    assert {m.get("thread_ts", m["ts"]) for m in shown} == {sent["ts"]}
    assert all(f"Fråga {n}" in "".join(words(m) for m in shown) for n in range(40))


@pytest.mark.parametrize("gone", ["not_in_channel", "is_archived", "channel_not_found"])
async def test_an_answer_to_a_channel_that_is_gone_is_given_privately(
    stand_in: Pair, slack: FakeSlack, gone: str
) -> None:
    wire = stand_in[0].wire
    slack.fail("chat.postMessage", gone)
    where = {"team": TEAM, "channel": GENERAL, "user": ANNA, "thread_ts": "5.1"}
    await wire.send(where, NOTE, None, "a")
    assert [m["text"] for m in slack.private(ANNA).messages] == ["Hej"]
    slack.fail("chat.postMessage", gone)
    with pytest.raises(Gone):  # a request has other destinations
        await wire.send(where, Outgoing(Kind.REQUEST, SV, "NYK-1"), None, "b")


async def test_retry_after_is_obeyed(stand_in: Pair, slack: FakeSlack) -> None:
    wire = stand_in[0].wire
    slack.private(ANNA)
    slack.fail("chat.postMessage", "429", after=30)
    with pytest.raises(RetryLater) as first:
        await wire.send(DM, NOTE, None, "a")
    assert first.value.after == 30
    with pytest.raises(RetryLater) as second:
        await wire.send({**DM, "channel": GENERAL}, NOTE, None, "b")
    assert second.value.after
    assert 28 < second.value.after <= 30
    assert len(slack.called("chat.postMessage")) == 1


async def test_one_message_a_second_in_a_channel(
    stand_in: Pair, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "INTERVAL", 1.0)
    wire = stand_in[0].wire
    slack.strict_pace = True
    slack.private(ANNA)
    began = time.monotonic()
    await wire.send(DM, NOTE, None, "a")
    await asyncio.gather(wire.send(DM, NOTE, None, "b"), wire.send({**DM, "channel": GENERAL}, NOTE, None, "c"))
    assert 0.9 < time.monotonic() - began < 2
    assert len(slack.called("chat.postMessage")) == 3


def test_those_that_must_wait_long_each_get_a_second_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "INTERVAL", 1.0)
    now = 100.0
    waits = Pace(lambda: now).wait
    assert [waits("C1", str(n)) for n in range(4)] == [0, 1, 2, 3]
    assert waits("C2", "x") == 0
    now = 102.0
    assert [waits("C1", str(n)) for n in range(4)] == [0, 0, 0, 1], "it comes back at its own second"
    assert waits("C1", "new") == 2


async def test_an_answer_that_was_lost_does_not_double_the_message(stand_in: Pair, slack: FakeSlack) -> None:
    wire = stand_in[0].wire
    for address in (DM, {**DM, "channel": GENERAL, "thread_ts": "5.000001"}):
        channel = slack.private(ANNA) if address is DM else slack.channels[GENERAL]
        channel.messages.append({"type": "message", "user": ANNA, "text": "?", "ts": "5.000001"})
        slack.fail("chat.postMessage", "lost")
        once = str(address)
        with pytest.raises(RetryLater):
            await wire.send(address, NOTE, None, once)
        sent = await wire.send(address, NOTE, None, once)
        assert [m["ts"] for m in channel.messages if m["text"] == "Hej"] == [sent["ts"]]


async def test_another_instance_looks_before_it_sends_again(
    stand_in: Pair, slack: FakeSlack, serve: Callable[..., Awaitable[Served]]
) -> None:
    slack.private(ANNA)
    first = await stand_in[0].wire.send(DM, NOTE, None, "once")
    other, _ = await serve(StandIn(), settings(slack))
    assert await other.wire.send(DM, NOTE, None, "once", again=True) == first
    await other.wire.send(DM, NOTE, None, "twice", again=True)
    assert len(slack.private(ANNA).messages) == 2


def _long(kind: Kind = Kind.REQUEST, rows: int = 40, value: str = "Text " * 150) -> Outgoing:
    listed = tuple(Row(f"{n}. Fråga", f"{n}: {value}") for n in range(rows))
    return Outgoing(kind, SV, "NYK-2026-0001", title="Nytt konto", rows=listed, key="request:1")


async def test_a_request_is_a_card_with_the_whole_in_its_thread(stand_in: Pair, slack: FakeSlack) -> None:
    wire = stand_in[0].wire
    review = {"team": TEAM, "channel": REVIEW}
    slack.fail("chat.postMessage", "lost")
    with pytest.raises(RetryLater):
        await wire.send(review, _long(), None, "one")
    sent = await wire.send(review, _long(), None, "one")
    messages = slack.channels[REVIEW].messages
    card, *rest = messages
    assert len(card["blocks"]) < 15
    assert all(m["thread_ts"] == card["ts"] for m in rest)
    whole = "\n".join(words(m) for m in rest)
    assert all(f"{n}: Text" in whole for n in range(40))
    assert whole.count("Text") == 40 * 150
    changed = await wire.send(review, _long(rows=9, value="kort"), sent, "two")
    assert changed["ts"] == sent["ts"]
    assert len(slack.channels[REVIEW].messages) == 2, "what is no longer needed is taken away"
    assert not slack.problems


async def test_a_document_is_attached_where_the_app_may(
    slack: FakeSlack, serve: Callable[..., Awaitable[Served]]
) -> None:
    async def made(organisation: str, document: Document) -> bytes:
        return f"{organisation} {document.reference}".encode()

    outgoing = Outgoing(Kind.REQUEST, SV, "Hej", document=Document("NYK-1.pdf", "application/pdf", "NYK-1/2"))
    adapter, _ = await serve(StandIn(), settings(slack), documents=made)
    sent = await adapter.wire.send({"team": TEAM, "channel": REVIEW}, outgoing, None, "a")
    (file,) = slack.files.values()
    assert (file["name"], file["channel_id"], file["thread_ts"]) == ("NYK-1.pdf", REVIEW, sent["ts"])
    assert slack.contents[file["id"]] == b"nykvarn NYK-1/2"
    slack.teams["xoxb-fake"].scopes = SCOPES.replace("files:write,", "")
    poorer, _ = await serve(StandIn(), settings(slack), documents=made)
    await poorer.wire.send({"team": TEAM, "channel": REVIEW}, outgoing, None, "b")
    assert len(slack.files) == 1


async def test_metadata_are_looked_at_only_with_the_scope(
    slack: FakeSlack, serve: Callable[..., Awaitable[Served]], session: aiohttp.ClientSession
) -> None:
    seen: list[bytes] = []

    def looks(content: bytes, media_type: str) -> tuple[bool, tuple[str, ...]]:
        seen.append(content)
        return True, ("Kim",)

    slack.contents["F1"] = b"picture" * 100_000
    mine = {"id": "F1", "name": "a.jpg", "mimetype": "image/jpeg", "url_private": f"{slack.url}/files/F1"}
    elsewhere = {"id": "F2", "name": "b.jpg", "mimetype": "image/jpeg", "url_private": "https://evil.example/F2"}
    text = {"id": "F3", "name": "c.txt", "mimetype": "text/plain", "url_private": f"{slack.url}/files/F1"}
    for scopes, expected in ((SCOPES, (True, False, False)), (SCOPES.replace("files:read,", ""), (False,) * 3)):
        slack.teams["xoxb-fake"].scopes = scopes
        assistant = StandIn()
        adapter, url = await serve(assistant, settings(slack), looks=looks)
        assistant.wire = adapter.wire
        await Peer(slack, Http(session, url)).say(ANNA, "får jag?", files=[mine, elsewhere, text])
        assert tuple(f.place for f in assistant.taken[0].files) == expected
    assert len(seen) == 1
    assert len(seen[0]) <= 256 * 1024


async def test_it_starts_without_slack_and_finds_it_later(
    slack: FakeSlack, serve: Callable[..., Awaitable[Served]], session: aiohttp.ClientSession
) -> None:
    slack.fail("auth.test", "500")
    assistant = StandIn()
    adapter, url = await serve(assistant, settings(slack, slack_team=TEAM))
    assistant.wire = adapter.wire
    assert (await Peer(slack, Http(session, url)).say(ANNA, "hej")).status == 200
    assert len(assistant.taken) == 1


async def test_unknown_people_are_answered_too(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    slack.fail("users.info", "500")
    await people.say(ANNA, "hej")
    assert assistant.taken[0].language is None
    assert assistant.taken[0].person and assistant.taken[0].person.name == ""  # noqa: PT018


# -- organisations -----------------------------------------------------------------------------------------------------


@pytest.fixture
async def two(
    slack: FakeSlack, serve: Callable[..., Awaitable[Served]], session: aiohttp.ClientSession
) -> tuple[StandIn, Peer, Peer, str]:
    """Two workspaces, each with an app of its own; the second is a whole Enterprise Grid."""
    slack.team("E0002", "xoxb-two", "U0BOT2", "B0BOT2")
    slack.person("W0CIA", "Cia", "fi-FI", team="E0002")
    second = SlackWorkspace(
        organisation="kyrkslatt", bot_token=SecretStr("xoxb-two"), signing_secret=SecretStr("f" * 32), team="E0002"
    )
    assistant = StandIn()
    adapter, url = await serve(assistant, settings(slack, slack_workspaces=(second,)))
    assistant.wire = adapter.wire
    return assistant, Peer(slack, Http(session, url)), Peer(slack, Http(session, url, "f" * 32), "E0002"), url


async def test_each_workspace_has_its_organisation(two: Any, slack: FakeSlack) -> None:
    assistant, first, second, _ = two
    await first.say(ANNA, "hej")
    await second.say("W0CIA", "moi")
    assert [(i.organisation, i.person.id) for i in assistant.taken] == [
        ("nykvarn", f"slack:{TEAM}:{ANNA}"),
        ("kyrkslatt", "slack:E0002:W0CIA"),
    ]
    assert slack.private("W0CIA", "E0002").messages[-1]["user"] == "U0BOT2"


async def test_a_grid_is_found_by_its_enterprise(two: Any) -> None:
    assistant, _, second, _ = two
    event = {"type": "message", "user": "W0CIA", "text": "moi", "channel": "D0CIA", "channel_type": "im", "ts": "1.1"}
    granted = [{"team_id": "T0999", "enterprise_id": "E0002", "user_id": "U0BOT2", "is_bot": True}]
    await second.event(event, team_id="T0999", authorizations=granted)
    assert assistant.taken[0].organisation == "kyrkslatt"


async def test_one_apps_secret_opens_no_other_workspace(
    two: Any, session: aiohttp.ClientSession, slack: FakeSlack
) -> None:
    assistant, _, _, url = two
    forged = Peer(slack, Http(session, url, "f" * 32), TEAM)
    assert (await forged.say(ANNA, "hej")).status == 200
    assert (await forged.shortcut(ANNA, "open-account")).status == 200
    assert not assistant.taken


async def test_an_unknown_workspace_is_not_served(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    slack.team("T0009", "xoxb-nine", "U0NINE", "B0NINE")
    slack.person("U0DAN", "Dan", team="T0009")
    stranger = Peer(slack, people.transport, "T0009")
    assert (await stranger.say("U0DAN", "hej")).status == 200
    assert (await stranger.command("U0DAN", "hej", GENERAL)).status == 200
    assert not assistant.taken


async def test_two_organisations_cannot_share_a_team(slack: FakeSlack, serve: Callable[..., Awaitable[Served]]) -> None:
    twice = SlackWorkspace(organisation="vara", bot_token=SecretStr("xoxb-x"), team=TEAM)
    with pytest.raises(ValueError, match="two Slack workspaces"):
        await serve(StandIn(), settings(slack, slack_team=TEAM, slack_workspaces=(twice,)))


def test_settings_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMEGUIDE_SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SOMEGUIDE_SLACK_SIGNING_SECRET", SECRET)
    monkeypatch.setenv("SOMEGUIDE_SLACK_ORGANISATION", "vara")
    monkeypatch.setenv("SOMEGUIDE_SLACK_WORKSPACES", '[{"organisation": "hango", "bot_token": "xoxb-2", "team": "T2"}]')
    found = Settings(_env_file=None).slack  # type: ignore[call-arg]
    assert [(w.organisation, w.bot_token.get_secret_value(), w.team) for w in found] == [
        ("vara", "xoxb-1", ""),
        ("hango", "xoxb-2", "T2"),
    ]
    assert "xoxb" not in repr(found)


async def test_tokens_are_not_in_what_is_logged(stand_in: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    assistant, people = stand_in
    assistant.fails = 1
    await people.say(ANNA, "min hemlighet 123")
    shown = capsys.readouterr()
    assert "xoxb" not in shown.out + shown.err
    assert "hemlighet" not in shown.out + shown.err

"""The connection to Slack itself: Socket Mode that comes late, waiting as Slack asks, its looks at our address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from pydantic import SecretStr

from adapters.slack import wire
from adapters.slack.directory import Unforeseen
from adapters.slack.platform import Refused
from bot.channels import Gone, RetryLater
from bot.messages import Kind, Outgoing
from knowledge.models import Language
from tests.adapters.slack.conftest import ANNA, BO, ERIK, GENERAL, Served, StandIn, settings
from tests.adapters.slack.said import SV
from tests.fakes.slack import APP_TOKEN, TEAM, FakeSlack
from tests.fakes.slack_people import Http, Peer, Socket

Pair = tuple[StandIn, Peer]
Serve = Callable[..., Awaitable[Served]]


@pytest.fixture
def by_socket(monkeypatch: pytest.MonkeyPatch) -> dict[str, SecretStr]:
    """Settings for Socket Mode alone, with little patience."""
    monkeypatch.setattr(wire, "SOCKET_SOON", 0.05)
    monkeypatch.setattr(wire, "SOCKET_LOOK", 0.02)
    return {"slack_app_token": SecretStr(APP_TOKEN), "slack_signing_secret": SecretStr("")}


@pytest.mark.parametrize("kind", ["500", "invalid_auth"])
async def test_without_a_socket_all_else_is_served(
    slack: FakeSlack, serve: Serve, by_socket: dict[str, SecretStr], kind: str
) -> None:
    slack.fail("apps.connections.open", kind, times=1000)
    assistant = StandIn()
    adapter, _ = await serve(assistant, settings(slack, **by_socket))
    slack.private(ANNA)
    await adapter.wire.send(
        {"team": TEAM, "channel": "D0ANNA", "user": ANNA}, Outgoing(Kind.NOTICE, SV, "Hej"), None, "a"
    )
    assert slack.private(ANNA).messages
    assert not slack.sockets


async def test_a_socket_that_opens_late_is_used(
    slack: FakeSlack, serve: Serve, by_socket: dict[str, SecretStr], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = wire.AsyncSocketModeHandler
    monkeypatch.setattr(wire, "AsyncSocketModeHandler", lambda *a, **k: _quick(handler(*a, **k)))
    slack.fail("apps.connections.open", "500", times=3)
    assistant = StandIn()
    adapter, _ = await serve(assistant, settings(slack, **by_socket))
    assistant.wire = adapter.wire
    assert (await Peer(slack, Socket(slack)).say(ANNA, "får jag?")).status == 200
    assert [i.text for i in assistant.taken] == ["får jag?"]


async def test_an_address_that_has_run_out_is_asked_for_anew(
    slack: FakeSlack, serve: Serve, by_socket: dict[str, SecretStr], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = wire.AsyncSocketModeHandler
    monkeypatch.setattr(wire, "AsyncSocketModeHandler", lambda *a, **k: _quick(handler(*a, **k)))
    good, links = slack._apps_connections_open, iter(["ws://127.0.0.1:9/used-up"])
    monkeypatch.setattr(slack, "_apps_connections_open", lambda *a: {"url": next(links, good(*a)["url"])})
    assistant = StandIn()
    adapter, _ = await serve(assistant, settings(slack, **by_socket))
    assistant.wire = adapter.wire
    assert (await Peer(slack, Socket(slack)).say(ANNA, "får jag?")).status == 200


def _quick(handler: wire.AsyncSocketModeHandler) -> wire.AsyncSocketModeHandler:
    """Bolt's handler, trying again at once instead of after ten seconds."""
    handler.client.ping_interval = 0.02
    return handler


@pytest.mark.parametrize("method", ["users.info", "conversations.open", "usergroups.users.list", "views.open"])
async def test_slack_is_not_asked_again_before_it_said(slack: FakeSlack, method: str) -> None:
    async with aiohttp.ClientSession() as session:
        api = wire.WebApi(session, slack.api)  # type: ignore[attr-defined]
        slack.fail(method, "429", after=30)
        for _ in range(3):
            with pytest.raises(RetryLater) as later:
                await api.answer("xoxb-fake", method, **ARGUMENTS[method])
            assert later.value.after is not None
            assert 29 < later.value.after <= 30
        with pytest.raises(Refused):
            await api.answer("xoxb-other", method, **ARGUMENTS[method])  # another workspace need not wait
    assert len(slack.called(method)) == 2


ARGUMENTS = {
    "users.info": {"user": ANNA},
    "conversations.open": {"users": ANNA},
    "usergroups.users.list": {"usergroup": "S1"},
    "views.open": {"trigger_id": "1.2", "view": {"type": "modal"}},
}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("ssl_check=1&token=x", 200),
        ("token=x&ssl_check=1", 200),
        ("ssl_check=0&token=x", 401),
        ("ssl_check=1&token=x&command=%2Fsomeguide&text=hej&team_id=T0001&user_id=U0ANNA&channel_id=C0GEN", 401),
        ("ssl_check=1&payload=%7B%7D", 401),
    ],
)
async def test_slack_looks_at_the_certificate(
    stand_in: Pair, session: aiohttp.ClientSession, body: str, status: int
) -> None:
    assistant, people = stand_in
    assert isinstance(people.transport, Http)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    async with session.post(people.transport.url, data=body, headers=kind) as response:
        assert response.status == status
    assert not assistant.taken


async def test_a_group_of_reviewers_that_is_not_there_decides_nothing(slack: FakeSlack, serve: Serve) -> None:
    adapter, _ = await serve(StandIn(), settings(slack, slack_reviewers="S9"))
    with pytest.raises(Gone):
        await adapter.wire.is_reviewer("nykvarn", f"slack:{TEAM}:{BO}")


async def test_a_refusal_that_is_not_known_is_no_fault_of_the_door(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    slack.fail("conversations.open", "something_new")
    assert (await people.shortcut(ANNA, "open-account")).status == 503
    assert (await people.shortcut(ANNA, "open-account")).status == 200
    assert len(assistant.taken) == 1


@pytest.mark.parametrize(
    ("code", "meant"), [("user_not_found", Gone), ("fatal_error", RetryLater), ("something_new", Unforeseen)]
)
async def test_what_slack_refuses_to_say_of_people_is_the_bots_error(
    stand_in: Pair, slack: FakeSlack, code: str, meant: type[Exception]
) -> None:
    assistant, _ = stand_in
    slack.fail("conversations.open", code)
    with pytest.raises(meant, match=f"conversations.open: {code}"):
        await assistant.wire.private("nykvarn", f"slack:{TEAM}:{ANNA}")
    slack.fail("conversations.members", code)
    with pytest.raises(meant, match=f"conversations.members: {code}"):
        await assistant.wire.is_reviewer("nykvarn", f"slack:{TEAM}:{BO}")


async def test_addresses_in_an_answer_to_one_person_show_no_preview(stand_in: Pair, slack: FakeSlack) -> None:
    _, people = stand_in
    await people.command(ANNA, "får jag?", GENERAL)
    assert [(m["unfurl_links"], m["unfurl_media"]) for m in slack.called("response_url")] == [(False, False)]


async def test_an_assistants_thread_that_began_elsewhere_is_named_once(
    slack: FakeSlack, serve: Serve, session: aiohttp.ClientSession
) -> None:
    """On another instance, or before a restart."""
    peers = []
    for _ in range(2):
        assistant = StandIn()
        adapter, url = await serve(assistant, settings(slack))
        assistant.wire = adapter.wire
        peers.append(Peer(slack, Http(session, url)))
    thread = await peers[0].start_assistant(ERIK)
    for number, people in enumerate((peers[1], peers[0], peers[1])):
        await people.say(ERIK, f"Kysymys {number} &amp; *toinen*", thread=thread)
    assert [c["title"] for c in slack.called("assistant.threads.setTitle")] == ["Kysymys 0 & toinen"]


async def test_slacks_assistant_waits_in_the_persons_language(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    assistant.says = lambda i: [Outgoing(Kind.HELP, i.language or Language.SV, "Hei!")]
    thread = await people.start_assistant(ERIK)
    await people.say(ERIK, "Saanko?", thread=thread)
    assert [c["status"] for c in slack.called("assistant.threads.setStatus")] == ["etsii ohjeesta …"]

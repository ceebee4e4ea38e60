"""Any JSON, signed as Slack signs: a quiet 200 or a 4xx, never a failure, and nothing changed by what is nobody's."""

from __future__ import annotations

import asyncio
import copy
import json
import urllib.parse
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.slack.directory import Directory
from adapters.slack.needs import Known, needs, teams
from adapters.slack.read import read
from adapters.slack.receiving import Receiver
from adapters.slack.wire import Doors
from adapters.slack.workspaces import Workspace, Workspaces
from bot.messages import Incoming
from tests.fakes.slack import BOT, BOT_ID, SECRET, TEAM
from tests.fakes.slack_people import sign

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
WORKSPACE = Workspace("nykvarn", "xoxb-1", TEAM, signing_secret=SECRET, user=BOT, bot=BOT_ID)
VALUES = ['{"l":"sv","a":"flow:open-account"}', '{"l":"sv","a":"s:7:form:x"}', '{"l":"sv","a":"r:1","r":"Varför?"}']
META = '{"a":"s:7:save:x","l":"sv","c":"","t":""}'
STATE = {"values": {"f": {"value": {"type": "plain_text_input", "value": "x"}}}}
ACTION = {"action_id": "press:1", "block_id": "b", "value": VALUES[0], "type": "button", "action_ts": "1.1"}
WHO = {"team": {"id": TEAM}, "user": {"id": "U1", "team_id": TEAM}, "trigger_id": "1.2.3"}
CONTAINER = {"type": "message", "message_ts": "1.1", "channel_id": "C1", "is_ephemeral": True, "thread_ts": "1.0"}
MODAL = {"id": "V1", "hash": "h", "type": "modal", "callback_id": "form", "private_metadata": META, "state": STATE}
MESSAGE = {"type": "message", "user": "U1", "text": "hej <@U2>", "channel": "D1", "ts": "1.1", "files": [{"id": "F1"}]}
THREAD = {"user_id": "U1", "channel_id": "D1", "thread_ts": "1.1"}
SAMPLES: list[dict[str, Any]] = [
    {
        "type": "event_callback",
        "team_id": TEAM,
        "event_id": "E1",
        "event": MESSAGE,
        "authorizations": [{"team_id": TEAM}],
    },
    {
        "type": "event_callback",
        "team_id": TEAM,
        "event_id": "E2",
        "event": {**MESSAGE, "type": "app_mention", "channel": "C1"},
    },
    {"type": "event_callback", "team_id": TEAM, "event": {**MESSAGE, "channel": "C1", "thread_ts": "1.0", "text": "a"}},
    {
        "type": "event_callback",
        "team_id": TEAM,
        "event": {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"},
    },
    {
        "type": "event_callback",
        "team_id": TEAM,
        "event": {"type": "assistant_thread_started", "assistant_thread": THREAD},
    },
    {
        **WHO,
        "type": "block_actions",
        "actions": [ACTION],
        "container": CONTAINER,
        "response_url": "http://x",
        "state": STATE,
    },
    {
        **WHO,
        "type": "block_actions",
        "actions": [{**ACTION, "value": VALUES[1]}],
        "container": CONTAINER,
        "channel": {"id": "C1"},
    },
    {**WHO, "type": "block_actions", "actions": [{**ACTION, "value": VALUES[2]}], "container": CONTAINER},
    {**WHO, "type": "block_actions", "actions": [{**ACTION, "action_id": "value"}], "view": MODAL},
    {
        **WHO,
        "type": "block_actions",
        "actions": [{**ACTION, "action_id": "person:sv:x", "selected_user": "U3"}],
        "container": CONTAINER,
    },
    {**WHO, "type": "view_submission", "view": MODAL},
    {**WHO, "type": "view_closed", "view": MODAL},
    {**WHO, "type": "shortcut", "callback_id": "open-account"},
    {**WHO, "type": "message_action", "callback_id": "ask-about-this", "message": MESSAGE},
    {
        "command": "/someguide",
        "team_id": TEAM,
        "user_id": "U1",
        "channel_id": "C1",
        "text": "hej",
        "trigger_id": "1.2.3",
    },
]


class Nobody:
    """A Slack that knows nothing."""

    async def call(self, workspace: Workspace, method: str, **arguments: Any) -> dict[str, Any]:
        json.dumps(arguments).encode()
        return {"channel": {"id": "D1"}} if method == "conversations.open" else {}

    async def answer(self, *_: Any, **__: Any) -> Any:
        raise AssertionError

    respond = upload = download = answer


class Takes:
    def __init__(self) -> None:
        self.taken: list[Incoming] = []

    async def take(self, incoming: Incoming) -> list[Any]:
        json.dumps(incoming.address).encode()
        (incoming.text + (incoming.choice or "") + (incoming.event or "") + json.dumps(incoming.form)).encode()
        assert len(incoming.event or "") <= 255
        self.taken.append(incoming)
        return []


async def handled(body: Any) -> tuple[int, Takes]:
    """What the receiver does with a payload."""
    assistant = Takes()
    nobody: Any = Nobody()
    receiver = Receiver(nobody, Workspaces([WORKSPACE]), Directory(nobody), assistant)
    reply = await receiver.handle(body)
    await receiver.close()
    return reply.status, assistant


@st.composite
def spoilt(draw: st.DrawFn) -> Any:
    """A real payload with something replaced, removed, or added."""
    body = copy.deepcopy(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(1, 4))):
        part: Any = body
        while isinstance(part, dict | list) and part:
            keys = list(part) if isinstance(part, dict) else list(range(len(part)))
            key = draw(st.sampled_from(keys))
            if draw(st.booleans()) or not isinstance(part[key], dict | list):
                if isinstance(part, dict) and draw(st.booleans()):
                    del part[key]
                else:
                    part[key] = draw(JSON)
                break
            part = part[key]
    return body


@pytest.mark.parametrize("body", SAMPLES, ids=lambda b: str(b.get("type", b.get("command"))))
async def test_the_samples_are_what_slack_sends(body: dict[str, Any]) -> None:
    status, assistant = await handled(body)
    asks = bool(body.get("actions")) and body["actions"][0]["value"] == VALUES[2]
    other_thread = body.get("event", {}).get("thread_ts") == "1.0"
    closed = body.get("type") == "view_closed"  # kept, and gone on with
    assert (status, len(assistant.taken)) == (200, 0 if asks or other_thread else 2 if closed else 1)


@settings(max_examples=400, deadline=None)
@given(spoilt())
def test_a_spoilt_payload_is_taken_quietly(body: Any) -> None:
    status, assistant = asyncio.run(handled(body))
    assert status == 200
    for incoming in assistant.taken:
        assert incoming.organisation == "nykvarn"
        assert incoming.conversation.startswith(f"slack:{TEAM}:")
        assert incoming.person


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_any_json(body: Any) -> None:
    status, assistant = asyncio.run(handled(body))
    assert (status, assistant.taken) == (200, [])
    assert needs(body, WORKSPACE) is None or teams(body)
    read(body, WORKSPACE, Known())


@pytest.mark.parametrize("body", SAMPLES, ids=lambda b: str(b.get("type", b.get("command"))))
async def test_foreign_workspaces_change_nothing(body: dict[str, Any]) -> None:
    foreign = json.loads(json.dumps(body).replace(TEAM, "T0666"))
    assert (await handled(foreign))[1].taken == []


class Request:
    """As much of aiohttp's request as is looked at."""

    def __init__(self, body: str, content: str) -> None:
        self.headers = {**sign(body), "Content-Type": content}
        self.query_string = ""
        self.remote = "127.0.0.1"
        self._body = body

    async def text(self) -> str:
        return self._body


async def answered(body: str, content: str) -> tuple[int, Takes]:
    assistant = Takes()
    nobody: Any = Nobody()
    workspaces = Workspaces([WORKSPACE])
    receiver = Receiver(nobody, workspaces, Directory(nobody), assistant)
    api: Any = type("Api", (), {"client": lambda self, token="": None})()
    request: Any = Request(body, content)
    response = await Doors(api, receiver, workspaces).handle(request)
    await receiver.close()
    return response.status, assistant


FORM = "application/x-www-form-urlencoded"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    spoilt() | JSON, st.sampled_from(["application/json", FORM, "text/plain", ""]), st.integers(0, 400), st.booleans()
)
def test_through_the_door(body: Any, content: str, end: int, whole: bool) -> None:
    sent = json.dumps(body)
    sent = urllib.parse.urlencode({"payload": sent}) if content == FORM else sent
    status, _ = asyncio.run(answered(sent if whole else sent[:end], content))
    assert status in (200, 400, 401, 404)


@given(st.text(max_size=200), st.sampled_from(["application/json", FORM]))
@settings(max_examples=100, deadline=None)
def test_no_json_at_all(body: str, content: str) -> None:
    status, assistant = asyncio.run(answered(body, content))
    assert status in (200, 400, 404)
    assert not assistant.taken


@pytest.mark.parametrize("actions", [None, [], {}, "x", [None], 7])
async def test_actions_that_are_none(actions: Any) -> None:
    """Bolt itself fails on these when it calls a function; seen by the test above."""
    body = urllib.parse.urlencode({"payload": json.dumps({**WHO, "type": "block_actions", "actions": actions})})
    status, assistant = await answered(body, FORM)
    assert (status, assistant.taken) == (200, [])

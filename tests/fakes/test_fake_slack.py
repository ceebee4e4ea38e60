"""The fake Slack, tried with clients that others wrote: slack_sdk, and Slack's own packages for Node."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from tests import clients
from tests.clients import FOLDER, MISSING, installed
from tests.fakes.slack import APP_TOKEN, BOT, TOKEN, FakeSlack
from tests.fakes.slack_people import Peer, Socket

PLAIN = {"type": "plain_text", "text": "x"}
SECTION = {"type": "section", "text": PLAIN}
MODAL = {"type": "modal", "title": PLAIN, "blocks": [SECTION]}


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    fake = FakeSlack()
    fake.person("U1", "Anna", "sv-SE")
    fake.channel("C1", "general", ["U1", BOT])
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
def client(slack: FakeSlack) -> AsyncWebClient:
    return AsyncWebClient(token=TOKEN, base_url=f"{slack.url}/api/")


async def refused(call: Any) -> str:
    with pytest.raises(SlackApiError) as error:
        await call
    return str(error.value.response["error"])


async def test_messages(slack: FakeSlack, client: AsyncWebClient) -> None:
    assert (await client.auth_test())["user_id"] == BOT
    sent = await client.chat_postMessage(channel="C1", text="hej", blocks=[SECTION])
    await client.chat_update(channel="C1", ts=sent["ts"], text="hej då")
    await client.chat_postMessage(channel="C1", text="svar", thread_ts=sent["ts"])
    assert [m["text"] for m in (await client.conversations_replies(channel="C1", ts=sent["ts"]))["messages"]] == [
        "hej då",
        "svar",
    ]
    assert [m["text"] for m in (await client.conversations_history(channel="C1"))["messages"]] == ["hej då"]
    await client.chat_delete(channel="C1", ts=sent["ts"])
    assert await refused(client.chat_update(channel="C1", ts=sent["ts"], text="x")) == "message_not_found"
    await client.chat_postEphemeral(channel="C1", user="U1", text="bara du")
    assert await refused(client.chat_postMessage(channel="C9", text="x")) == "channel_not_found"
    assert await refused(client.chat_postMessage(channel="C1", text="x", blocks=[SECTION] * 51)) == "invalid_blocks"
    long = {"type": "section", "text": {**PLAIN, "text": "x" * 2900}}
    assert await refused(client.chat_postMessage(channel="C1", text="x", blocks=[long] * 5)) == "msg_blocks_too_long"
    assert (await client.users_info(user="U1", include_locale=True))["user"]["locale"] == "sv-SE"
    assert "locale" not in (await client.users_info(user="U1"))["user"]


async def test_views(slack: FakeSlack, client: AsyncWebClient) -> None:
    trigger = slack.trigger("U1")
    view = (await client.views_open(trigger_id=trigger, view={**MODAL, "external_id": "e"}))["view"]
    assert await refused(client.views_open(trigger_id=trigger, view=MODAL)) == "exchanged_trigger_id"
    assert await refused(client.views_open(trigger_id=slack.trigger("U1", -1), view=MODAL)) == "expired_trigger_id"
    await client.views_update(external_id="e", view=MODAL)
    assert await refused(client.views_update(view_id=view["id"], hash=view["hash"], view=MODAL)) == "hash_conflict"
    for _ in range(2):
        await client.views_push(trigger_id=slack.trigger("U1"), view=MODAL)
    assert await refused(client.views_push(trigger_id=slack.trigger("U1"), view=MODAL)) == "push_limit_reached"
    await client.views_publish(user_id="U1", view={"type": "home", "blocks": [SECTION] * 100})
    too_many = {"type": "home", "blocks": [SECTION] * 101}
    assert await refused(client.views_publish(user_id="U1", view=too_many)) == "invalid_arguments"


async def test_files(slack: FakeSlack, client: AsyncWebClient) -> None:
    await client.files_upload_v2(channel="C1", filename="a.txt", content="hej")
    (file,) = slack.files.values()
    assert (file["name"], slack.contents[file["id"]]) == ("a.txt", b"hej")


async def test_faults(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.fail("chat.postMessage", "429", after=7)
    with pytest.raises(SlackApiError) as limited:
        await client.chat_postMessage(channel="C1", text="x")
    assert limited.value.response.status_code == 429
    assert limited.value.response.headers["Retry-After"] == "7"
    slack.fail("chat.postMessage", "lost")
    client.retry_handlers.clear()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.chat_postMessage(channel="C1", text="kom fram")
    assert slack.channels["C1"].messages[-1]["text"] == "kom fram"


async def test_socket_mode(slack: FakeSlack, client: AsyncWebClient) -> None:
    seen = []

    async def listener(socket: Any, request: SocketModeRequest) -> None:
        seen.append((request.type, request.retry_attempt))
        if request.retry_attempt:
            await socket.send_socket_mode_response(SocketModeResponse(request.envelope_id))

    socket = SocketModeClient(app_token=APP_TOKEN, web_client=client)
    socket.socket_mode_request_listeners.append(listener)  # type: ignore[arg-type]
    await socket.connect()
    people = Peer(slack, Socket(slack, patience=0.3), retries=1)
    assert (await people.say("U1", "hej")).acknowledged
    assert seen == [("events_api", None), ("events_api", 1)]
    await socket.close()


@pytest.mark.skipif(installed() is None, reason=MISSING)
async def test_with_slacks_own_packages(slack: FakeSlack) -> None:
    arguments = [str(Path(clients.__file__).with_name("fake_slack.cjs")), f"{slack.url}/api/", TOKEN, APP_TOKEN]
    pipe = asyncio.subprocess.PIPE
    where = {**os.environ, "NODE_PATH": str(FOLDER / "node_modules")}
    node = await asyncio.create_subprocess_exec("node", *arguments, stdout=pipe, stderr=pipe, env=where)
    people = Peer(slack, Socket(slack, patience=10))
    sent = asyncio.create_task(people.say("U1", "genom uttaget"))
    out, err = await asyncio.wait_for(node.communicate(), 60)
    assert node.returncode == 0, err.decode()[-2000:]
    assert (await sent).acknowledged
    assert json.loads(out.decode().splitlines()[-1]) == {
        "auth": BOT,
        "history": ["ändrad"],
        "locale": "sv-SE",
        "open": "D1",
        "wrong": "channel_not_found",
        "home": "home",
        "event": "genom uttaget",
    }

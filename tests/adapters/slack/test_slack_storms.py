"""What storms have found: Slack cannot say something just now, and nothing may be lost or doubled for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from adapters.slack import receiving, wire
from adapters.slack.installed import configured, learn
from adapters.slack.wire import WebApi
from bot.channels import Gone, RetryLater
from bot.messages import Document, Kind, Outgoing, Row
from knowledge.models import Language
from tests.adapters.slack.conftest import ANNA, BO, GENERAL, REVIEW, Served, StandIn, settings
from tests.fakes.slack import BOT, TEAM, TOKEN, FakeSlack
from tests.fakes.slack_people import Http, Peer

Pair = tuple[StandIn, Peer]
SV = Language.SV
NOTE = Outgoing(Kind.NOTICE, SV, "Hej")
DM = {"team": TEAM, "channel": "D0ANNA", "user": ANNA}


@pytest.mark.parametrize("kind", ["429", "500", "html", "lost"])
async def test_a_workspace_that_slack_has_not_named_yet_is_not_refused(
    slack: FakeSlack,
    serve: Callable[..., Awaitable[Served]],
    session: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    monkeypatch.setattr(wire, "LEARN_TRIES", 1)
    monkeypatch.setattr(wire, "LEARN_SOON", 0.05)
    slack.fail("auth.test", kind, times=1)
    assistant = StandIn()
    adapter, url = await serve(assistant, settings(slack))
    assistant.wire = adapter.wire
    people = Peer(slack, Http(session, url))
    slack.private(ANNA)
    assert (await people.say(ANNA, "får jag?")).status == 503, "Slack shall send it again"
    with pytest.raises(RetryLater):
        await adapter.wire.send(DM, NOTE, None, "d1")
    people.retries, people.pause = 100, 0.05
    assert (await people.say(ANNA, "får jag?")).status == 200
    assert [i.text for i in assistant.taken] == ["får jag?"]


@pytest.mark.parametrize("said", ["får jag?", f"<@{BOT}> får jag?"])
async def test_a_thread_is_ours_or_not_only_when_it_is_known_who_we_are(
    slack: FakeSlack,
    serve: Callable[..., Awaitable[Served]],
    session: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
    said: str,
) -> None:
    """With the team in the settings events are let in at once, before Slack has told the bot's own id."""
    monkeypatch.setattr(wire, "LEARN_TRIES", 1)
    monkeypatch.setattr(wire, "LEARN_SOON", 0.05)
    slack.fail("auth.test", "429", times=1)
    root = {"type": "message", "user": ANNA, "text": f"<@{BOT}> hej", "ts": slack.ts()}
    slack.channels[GENERAL].messages.append(root)
    assistant = StandIn()
    adapter, url = await serve(assistant, settings(slack, slack_team=TEAM))
    assistant.wire = adapter.wire
    people = Peer(slack, Http(session, url), retries=100)
    assert (await people.say(ANNA, said, GENERAL, str(root["ts"]))).status == 200
    assert [i.text for i in assistant.taken] == ["får jag?"]


async def test_a_token_that_slack_does_not_know_is_refused_for_good(
    slack: FakeSlack, serve: Callable[..., Awaitable[Served]], session: aiohttp.ClientSession
) -> None:
    slack.teams[TOKEN].revoked = True
    adapter, url = await serve(StandIn(), settings(slack))
    people = Peer(slack, Http(session, url))
    assert (await people.say(ANNA, "får jag?")).status == 200
    with pytest.raises(Gone):
        await adapter.wire.send(DM, NOTE, None, "d1")


@pytest.mark.parametrize("kind", ["429", "500", "html"])
async def test_what_cannot_be_searched_for_is_not_posted_again(stand_in: Pair, slack: FakeSlack, kind: str) -> None:
    assistant, _ = stand_in
    slack.private(ANNA)
    slack.fail("chat.postMessage", "lost")
    with pytest.raises(RetryLater):
        await assistant.wire.send(DM, NOTE, None, "d1")
    slack.fail("conversations.history", kind, after=0.1)
    with pytest.raises(RetryLater):
        await assistant.wire.send(DM, NOTE, None, "d1", True)
    await asyncio.sleep(0.12 if kind == "429" else 0)  # as long as Slack has asked to wait
    await assistant.wire.send(DM, NOTE, None, "d1", True)
    assert len(slack.private(ANNA).messages) == 1


async def test_the_parts_of_a_message_are_found_by_another_worker(
    stand_in: Pair, slack: FakeSlack, serve: Callable[..., Awaitable[Served]]
) -> None:
    assistant, _ = stand_in
    rows = tuple(Row(f"Fråga {n}", "svar " * 60) for n in range(40))
    long = Outgoing(Kind.REQUEST, SV, "Ansökan", title="NYK-2026-0001", rows=rows, key="request:NYK-2026-0001")
    where = {"team": TEAM, "channel": REVIEW}
    await assistant.wire.send(where, long, None, "d1")
    posted = len(slack.channels[REVIEW].messages)
    assert posted > 1
    another, _ = await serve(StandIn(), settings(slack))
    await another.wire.send(where, long, None, "d1", True)
    assert len(slack.channels[REVIEW].messages) == posted


async def test_a_reply_in_a_thread_waits_until_slack_says_whose_the_thread_is(
    stand_in: Pair, slack: FakeSlack, serve: Callable[..., Awaitable[Served]], session: aiohttp.ClientSession
) -> None:
    assistant, people = stand_in
    await people.say(BO, f"<@{BOT}> får jag?", GENERAL)
    thread = people.last
    _, url = await serve(assistant, settings(slack))  # another instance, which has seen nothing of it
    there = Peer(slack, Http(session, url), retries=1)
    slack.fail("conversations.replies", "500")
    assert (await there.say(BO, "och på fritiden?", GENERAL, thread)).status == 200
    assert [i.text for i in assistant.taken] == ["får jag?", "och på fritiden?"]
    there.retries = 0
    slack.fail("conversations.replies", "html")
    assert (await there.say(BO, "en annan", GENERAL, slack.ts())).status == 503


async def test_a_shortcut_whose_private_channel_is_not_known_is_not_acknowledged(
    stand_in: Pair, slack: FakeSlack
) -> None:
    assistant, people = stand_in
    slack.fail("conversations.open", "500")
    assert (await people.shortcut(ANNA, "open-account")).status == 503, "Slack tells the person"
    assert (await people.shortcut(ANNA, "open-account")).status == 200
    assert [i.choice for i in assistant.taken] == ["flow:open-account"]


async def test_who_could_not_be_told_is_told_later(
    stand_in: Pair, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "TELL_AGAIN", (0.0, 0.01, 0.01))
    assistant, people = stand_in
    assistant.fails = 1
    slack.fail("chat.postMessage", "500")
    slack.fail("chat.postMessage", "html")
    assert (await people.say(ANNA, "får jag?")).status == 503
    await slack.until(lambda: len(slack.private(ANNA).messages) > 1)
    assert "ingenting är sparat" in slack.private(ANNA).messages[-1]["text"]


async def test_who_could_not_be_told_is_told_when_slack_lets_us(
    stand_in: Pair, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "TELL_AGAIN", (0.0, 0.0))  # the second try would come while Slack has us wait
    assistant, people = stand_in
    assistant.fails = 1
    slack.fail("chat.postMessage", "429", after=1)
    assert (await people.say(ANNA, "får jag?")).status == 503
    await slack.until(lambda: len(slack.private(ANNA).messages) > 1)
    assert "ingenting är sparat" in slack.private(ANNA).messages[-1]["text"]


async def test_a_file_is_attached_at_a_later_try(
    slack: FakeSlack, serve: Callable[..., Awaitable[Served]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from adapters.slack import sending

    monkeypatch.setattr(sending, "ATTACH_AGAIN", (0.0, 0.01, 0.01))

    async def paper(organisation: str, document: Document) -> bytes:
        return b"%PDF"

    adapter, _ = await serve(StandIn(), settings(slack), documents=paper)
    document = Document("NYK-2026-0001.pdf", "application/pdf", "NYK-2026-0001@1")
    card = Outgoing(Kind.REQUEST, SV, "Ansökan", document=document, key="request:NYK-2026-0001")
    slack.fail("files.getUploadURLExternal", "500")
    slack.fail("files.completeUploadExternal", "html")
    await adapter.wire.send({"team": TEAM, "channel": REVIEW}, card, None, "d1")
    assert [f.get("channel_id") for f in slack.files.values()] == [None, REVIEW]
    assert len(slack.channels[REVIEW].messages) == 1


async def test_slack_is_asked_anew_who_a_token_is(slack: FakeSlack, session: aiohttp.ClientSession) -> None:
    workspaces = configured(settings(slack))
    api = WebApi(session, slack.api)  # type: ignore[attr-defined]
    slack.fail("auth.test", "500")
    await learn(api, workspaces)
    assert not workspaces.settled
    await learn(api, workspaces)
    assert workspaces.settled
    assert workspaces.of([TEAM]) is not None

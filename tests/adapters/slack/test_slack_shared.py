"""Where Slack's payloads look different: an Enterprise Grid, channels shared with others, what is passed on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from bot.messages import Button, Kind, Outgoing
from tests.adapters.slack.conftest import ANNA, ERIK, GENERAL, REVIEW, Served, StandIn, settings
from tests.adapters.slack.said import SV
from tests.fakes.slack import BOT, TEAM, FakeSlack
from tests.fakes.slack_people import Http, Peer

Pair = tuple[StandIn, Peer]
Serve = Callable[..., Awaitable[Served]]
GRID = "E0001"


@pytest.fixture
async def grid(slack: FakeSlack, serve: Serve, session: aiohttp.ClientSession) -> Pair:
    """The app installed to a whole Enterprise Grid; Slack's auth.test names one of its workspaces."""
    slack.team("T0050", "xoxb-fake", BOT, "B0BOT", enterprise=GRID, of_all=True)
    assistant = StandIn()
    adapter, url = await serve(assistant, settings(slack))
    assistant.wire = adapter.wire
    return assistant, Peer(slack, Http(session, url), "T0050")


def granted(team: str | None) -> dict[str, Any]:
    """Whose an event is, in a Grid."""
    for_whom = {"enterprise_id": GRID, "team_id": team, "user_id": BOT, "is_bot": True, "is_enterprise_install": True}
    return {"enterprise_id": GRID, "team_id": "T0051", "authorizations": [for_whom]}


@pytest.mark.parametrize("team", [None, "T0051", "T0052"])
async def test_every_workspace_of_a_grid_is_its_organisations(grid: Pair, team: str | None) -> None:
    assistant, people = grid
    said = {"type": "message", "user": ANNA, "text": "får jag?", "channel": "D0ANNA", "channel_type": "im", "ts": "1.1"}
    await people.event(said, **granted(team))
    assert [(i.organisation, i.conversation) for i in assistant.taken] == [("nykvarn", f"slack:{GRID}:D0ANNA")]


async def test_a_press_in_a_grid_names_no_workspace(grid: Pair) -> None:
    assistant, people = grid
    payload = people._interaction(
        "shortcut", ANNA, callback_id="open-account", action_ts="1.2", team=None, is_enterprise_install=True
    )
    payload["user"]["team_id"] = "T0052"
    payload["enterprise"] = {"id": GRID, "name": "Kommunen"}
    for user in payload["user"]["id"], ERIK:
        people.slack.users[user]["team_id"] = "T0050"
    await people.transport.send("interactive", payload)
    assert [i.choice for i in assistant.taken] == ["flow:open-account"]


async def test_an_event_without_authorizations_is_for_the_workspace_it_came_through(stand_in: Pair) -> None:
    assistant, people = stand_in
    said = {"type": "message", "user": ANNA, "text": "hej", "channel": "D0ANNA", "channel_type": "im", "ts": "1.1"}
    await people.event(said, authorizations=[], team_id="T0777", context_team_id=TEAM)
    assert [i.organisation for i in assistant.taken] == ["nykvarn"]


async def test_a_form_that_was_opened_in_a_shared_channel_is_the_installed_workspaces(stand_in: Pair) -> None:
    assistant, people = stand_in
    metadata = '{"a": "r:1:reject", "l": "sv", "c": "C0REV", "t": "1.1"}'
    state = {"values": {"reason": {"value": {"type": "plain_text_input", "value": "Nej."}}}}
    view = {"id": "V1", "hash": "1.h", "callback_id": "reason", "private_metadata": metadata, "state": state}
    view |= {"type": "modal", "team_id": "T0777", "app_installed_team_id": TEAM, "blocks": []}
    await people.transport.send(
        "interactive", people._interaction("view_submission", ANNA, view=view, team={"id": "T0777", "domain": "x"})
    )
    assert [i.choice for i in assistant.taken] == ["r:1:reject"]


async def test_a_strangers_press_in_a_shared_channel_does_nothing(stand_in: Pair, slack: FakeSlack) -> None:
    """Also not in a review channel whose members decide."""
    assistant, people = stand_in
    slack.person("U0EXT", "Extern", team="T0777")
    slack.channels[REVIEW].members.append("U0EXT")
    take = (Button("Ta", "r:1:take"), Button("Avslå", "r:1:reject", reason="Varför?"))
    card = Outgoing(Kind.REQUEST, SV, "NYK-2026-0001", title="Nytt konto", buttons=take)
    await assistant.wire.send({"team": TEAM, "channel": REVIEW}, card, None, "once")
    for label in ("Ta", "Avslå"):
        message, element = people.find(REVIEW, label)
        payload = people._interaction(
            "block_actions",
            "U0EXT",
            container={"type": "message", "message_ts": message["ts"], "channel_id": REVIEW, "is_ephemeral": False},
            actions=[{**element, "action_ts": "5.5"}],
        )
        payload["user"]["team_id"] = "T0777"
        assert (await people.transport.send("interactive", payload)).status == 200
    assert not assistant.taken
    assert not slack.called("views.open")


async def test_a_reply_that_is_shown_in_the_channel_too_is_answered_in_its_thread(
    stand_in: Pair, slack: FakeSlack
) -> None:
    assistant, people = stand_in
    await people.say(ANNA, f"<@{BOT}> får jag?", GENERAL)
    thread = people.last
    await people.say(ANNA, "och på Instagram?", GENERAL, thread=thread, subtype="thread_broadcast")
    assert [i.text for i in assistant.taken] == ["får jag?", "och på Instagram?"]
    assert slack.channels[GENERAL].messages[-1]["thread_ts"] == thread


async def test_what_is_passed_on_is_read(stand_in: Pair) -> None:
    """Slack tells a message that was forwarded, or written by an app, in attachments, without a text of its own."""
    assistant, people = stand_in
    attachments = [{"is_share": True, "author_id": ERIK, "text": f"Får vi ta <@{ERIK}> med?", "fallback": "[…]"}]
    await people.say(ANNA, "", attachments=attachments)
    await people.message_shortcut(ANNA, GENERAL, {"ts": "1.5", "text": "", "attachments": attachments})
    await people.message_shortcut(ANNA, GENERAL, {"ts": "1.6", "text": "Kort sagt", "attachments": attachments})
    assert [i.text for i in assistant.taken] == [*["Får vi ta Erik Eskola med?"] * 2, "Kort sagt"]
    assert [m.name for m in assistant.taken[0].mentions] == ["Erik Eskola"]


@pytest.mark.parametrize("may", [True, False])
async def test_a_file_that_only_its_id_is_told_of(
    slack: FakeSlack, serve: Serve, session: aiohttp.ClientSession, may: bool
) -> None:
    """As in a channel that is shared with others."""
    team = slack.teams["xoxb-fake"]
    team.scopes = team.scopes if may else team.scopes.replace("files:read,", "")
    slack.contents["F1"] = b"picture"
    url_private = f"{slack.url}/files/F1"
    slack.files["F1"] = {"id": "F1", "name": "klass.jpg", "mimetype": "image/jpeg", "url_private": url_private}
    assistant = StandIn()
    adapter, url = await serve(assistant, settings(slack), looks=lambda content, _: (content == b"picture", ()))
    assistant.wire = adapter.wire
    only = {"id": "F1", "mode": "file_access", "file_access": "check_file_info", "created": 0, "user": ""}
    await Peer(slack, Http(session, url)).say(ANNA, f"<@{BOT}> får vi?", GENERAL, files=[only])
    (file,) = assistant.taken[0].files
    expected = ("klass.jpg", "image/jpeg", True) if may else ("file", "", False)
    assert (file.name, file.media_type, file.place) == expected


async def test_a_picture_that_comes_in_pieces_is_looked_at_whole(
    slack: FakeSlack, serve: Serve, session: aiohttp.ClientSession
) -> None:
    seen: list[int] = []

    def looks(content: bytes, _: str) -> tuple[bool, tuple[str, ...]]:
        seen.append(len(content))
        return False, ()

    slack.contents["F1"], slack.piece = b"x" * 400_000, 10_000
    assistant = StandIn()
    adapter, url = await serve(assistant, settings(slack), looks=looks)
    assistant.wire = adapter.wire
    file = {"id": "F1", "name": "a.jpg", "mimetype": "image/jpeg", "url_private": f"{slack.url}/files/F1"}
    await Peer(slack, Http(session, url)).say(ANNA, "får jag?", files=[file])
    assert seen == [256 * 1024]


async def test_a_channel_is_read_by_its_name(stand_in: Pair, slack: FakeSlack) -> None:
    """Slack may leave the name out; a channel that the app may not see has none."""
    assistant, people = stand_in
    for said in ("<#C0GEN|allmänt>", "<#C0GEN|>", "<#C0GEN>", "<#C0SECRET|>"):
        await people.say(ANNA, f"Vem läser {said}?")
    await people.command(ANNA, "Vem läser <#C0REV|>?", GENERAL)
    texts = ["Vem läser #allmänt?", "Vem läser #general?", "Vem läser #general?", "Vem läser ?", "Vem läser #review?"]
    assert [i.text for i in assistant.taken] == texts
    assert not any(i.mentions for i in assistant.taken)
    assert len(slack.called("conversations.info")) == 3

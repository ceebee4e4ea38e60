"""The manifest and the doctor."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from adapters.slack.manifest import FILE, OPTIONAL, manifest, scopes, write
from adapters.slack.read import ABOUT_THIS, SHORTCUTS
from adapters.slack.wire import doctor
from bot.settings import Settings
from tests.adapters.slack.conftest import REVIEW, settings
from tests.fakes.slack import APP_TOKEN, BOT, SCOPES, TEAM, FakeSlack

ORGANISATIONS = ["nykvarn", "vara"]


def test_the_manifest_for_http() -> None:
    made = manifest("https://bot.kommun.se/")
    address = "https://bot.kommun.se/slack/events"
    assert made["settings"]["event_subscriptions"]["request_url"] == address
    assert made["settings"]["interactivity"]["request_url"] == address
    assert made["features"]["slash_commands"][0]["url"] == address
    assert made["settings"]["socket_mode_enabled"] is False
    assert manifest(address) == made
    assert "request_url" in write(made)


def test_the_manifest_for_socket_mode() -> None:
    made = manifest()
    assert made["settings"]["socket_mode_enabled"] is True
    assert "http" not in write(made)


@pytest.mark.parametrize("url", ["http://bot.kommun.se", "bot.kommun.se", "", "https://a b", "https://x<y"])
def test_slack_only_sends_to_https(url: str) -> None:
    with pytest.raises(ValueError, match="https://"):
        manifest(url)


def test_the_manifest_keeps_slacks_limits_and_names_what_is_read() -> None:
    made = manifest()
    assert len(made["display_information"]["name"]) <= 35
    assert len(made["display_information"]["description"]) <= 140
    assert len(made["features"]["assistant_view"]["assistant_description"]) <= 300
    shortcuts = made["features"]["shortcuts"]
    assert {s["callback_id"] for s in shortcuts} == {*SHORTCUTS, ABOUT_THIS}
    assert all(len(s["name"]) <= 24 and len(s["description"]) <= 150 for s in shortcuts)


def test_the_documentation_names_every_scope() -> None:
    text = (Path(__file__).parents[3] / "docs" / "administrator.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if re.match(r"\| `[a-z_]+:?[a-z]*`(, `[a-z:]+`)? \|", line)]
    named = {scope: row for row in rows for scope in re.findall(r"`([a-z_:]+)`", row.split("|")[1])}
    assert scopes() <= set(named)
    assert {scope for scope in scopes() if "Optional" in named[scope]} == OPTIONAL


def test_every_scope_is_needed_and_says_what_for() -> None:
    assert set(SCOPES.split(",")) == scopes()
    assert scopes() > OPTIONAL
    text = FILE.read_text(encoding="utf-8")
    for scope in scopes():
        assert re.search(rf"- {scope} +# [/\w]", text), f"{scope}: what for?"
    used = {
        "chat.postMessage": "chat:write",
        "conversations.open": "im:write",
        "conversations.replies": "channels:history",
        "conversations.members": "channels:read",
        "users.info": "users:read",
        "usergroups.users.list": "usergroups:read",
        "files.getUploadURLExternal": "files:write",
        "assistant.threads.setStatus": "assistant:write",
    }
    source = "".join(path.read_text(encoding="utf-8") for path in Path(FILE).parent.glob("*.py"))
    for method, scope in used.items():
        assert f'"{method}"' in source
        assert scope in scopes()


async def findings(slack: FakeSlack, **more: Any) -> tuple[list[str], list[str]]:
    """What is well, and what is to be done."""
    given: Settings = settings(slack, **more)
    found = await doctor(given, ORGANISATIONS)
    assert all(f.to_do or f.ok for f in found), "whatever is wrong says what to do"
    assert "xoxb" not in str([f.what for f in found])
    return [f.what for f in found if f.ok], [f.to_do for f in found if not f.ok]


async def test_all_is_well(slack: FakeSlack) -> None:
    well, to_do = await findings(slack, slack_app_token=SecretStr(APP_TOKEN), slack_reviewers="S1", slack_team=TEAM)
    assert to_do == []
    assert len(well) == 9


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"slack_organisation": "lund"}, "one of: nykvarn, vara"),
        ({"slack_bot_token": SecretStr("xoxb-wrong")}, "Install to Workspace"),
        ({"slack_signing_secret": SecretStr("hemlig")}, "not the client secret"),
        ({"slack_signing_secret": SecretStr("")}, "Signing Secret"),
        ({"slack_app_token": SecretStr("xoxb-1")}, "connections:write"),
        ({"slack_team": "T0666"}, "set SOMEGUIDE_SLACK_TEAM"),
        ({"slack_review_channel": ""}, "SOMEGUIDE_SLACK_REVIEW_CHANNEL"),
        ({"slack_review_channel": "C0NO"}, "check the id"),
        ({"slack_reviewers": "S9"}, "Copy group ID"),
        ({"slack_api_url": "http://127.0.0.1:9/api/"}, "check the network"),
    ],
)
async def test_what_is_wrong_says_what_to_click(slack: FakeSlack, more: dict[str, Any], says: str) -> None:
    _, to_do = await findings(slack, **more)
    assert len(to_do) == 1
    assert says in to_do[0]


async def test_the_review_channel(slack: FakeSlack) -> None:
    slack.channels[REVIEW].members.remove(BOT)
    assert "/invite" in (await findings(slack))[1][0]
    slack.channels[REVIEW].archived = True
    assert "unarchive" in (await findings(slack))[1][0]


async def test_scopes_that_are_missing(slack: FakeSlack) -> None:
    slack.teams["xoxb-fake"].scopes = SCOPES.replace("im:write,", "").replace("files:read,", "")
    well, to_do = await findings(slack)
    assert "im:write" in to_do[0]
    assert any("optional scopes files:read" in w for w in well)


async def test_no_slack_no_findings() -> None:
    assert await doctor(Settings(_env_file=None), ORGANISATIONS) == []  # type: ignore[call-arg]

"""Proves a Slack set-up, and says what to click where it does not hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, Protocol

from adapters.slack.manifest import OPTIONAL, PATH, scopes
from adapters.slack.payload import at, text
from adapters.slack.platform import Refused
from adapters.slack.workspaces import Workspace
from bot.channels import RetryLater

_SECRET = re.compile(r"[0-9a-f]{32}")


class Finding(NamedTuple):
    """One thing that was looked at."""

    ok: bool
    what: str
    to_do: str = ""


class Asks(Protocol):
    """The Web API with a token of any kind, and the headers of its answers."""

    async def answer(self, token: str, method: str, **arguments: Any) -> tuple[dict[str, Any], Mapping[str, str]]:
        """One method. Raises Refused or RetryLater."""


async def examine(asks: Asks, workspace: Workspace, organisations: Collection[str]) -> list[Finding]:
    """Everything about one workspace."""
    found = [_organisation(workspace, organisations), _way_in(workspace)]
    found += [_secret(workspace)] if workspace.signing_secret else []
    try:
        answer, headers = await asks.answer(workspace.token, "auth.test")
    except (Refused, RetryLater) as error:
        click = "OAuth & Permissions → Install to Workspace, copy the Bot User OAuth Token (xoxb-…)"
        reached = "check the network, and SOMEGUIDE_SLACK_API_URL" if isinstance(error, RetryLater) else click
        return [*found, Finding(False, f"Slack: the bot's token ({error})", reached)]
    found.append(Finding(True, f"Slack: the bot's token, for {text(answer, 'team')} ({text(answer, 'team_id')})"))
    found.append(_team(workspace, answer))
    found += _scopes(headers)
    found += [await _socket(asks, workspace)] if workspace.app_token else []
    found.append(await _review_channel(asks, workspace))
    found += [await _reviewers(asks, workspace)] if workspace.reviewers else []
    return found


def _organisation(workspace: Workspace, organisations: Collection[str]) -> Finding:
    known = workspace.organisation in organisations
    to_do = f"set SOMEGUIDE_SLACK_ORGANISATION to one of: {', '.join(sorted(organisations))}"
    return Finding(known, f"Slack: organisation “{workspace.organisation}”", "" if known else to_do)


def _way_in(workspace: Workspace) -> Finding:
    ways = [w for w, there in (("HTTP", workspace.signing_secret), ("Socket Mode", workspace.app_token)) if there]
    to_do = (
        f"for HTTP at {PATH}: Basic Information → Signing Secret; for Socket Mode: Basic Information → App-Level Tokens"
    )
    return Finding(bool(ways), f"Slack reaches us by {' and '.join(ways) or 'nothing'}", "" if ways else to_do)


def _secret(workspace: Workspace) -> Finding:
    good = bool(_SECRET.fullmatch(workspace.signing_secret))
    to_do = "Basic Information → App Credentials → Signing Secret: 32 letters a–f and digits (not the client secret)"
    return Finding(good, "Slack: form of the signing secret", "" if good else to_do)


def _team(workspace: Workspace, answer: dict[str, Any]) -> Finding:
    ids = {text(answer, "team_id"), text(answer, "enterprise_id")}
    good = not workspace.team or workspace.team in ids
    to_do = f"the token is for {text(answer, 'team_id')}: set SOMEGUIDE_SLACK_TEAM to that, or leave it out"
    return Finding(good, "Slack: the token is for the configured workspace", "" if good else to_do)


def _scopes(headers: Mapping[str, str]) -> list[Finding]:
    granted = next((value for name, value in headers.items() if name.lower() == "x-oauth-scopes"), None)
    if granted is None:
        return [Finding(True, "Slack: scopes (Slack does not say which are granted)")]
    missing = scopes() - {scope.strip() for scope in granted.split(",")}
    needed, wished = sorted(missing - OPTIONAL), sorted(missing & OPTIONAL)
    click = "OAuth & Permissions → Scopes → Add an OAuth Scope: {}; then reinstall the app"
    found = [Finding(not needed, "Slack: scopes", click.format(", ".join(needed)) if needed else "")]
    return found + ([Finding(True, f"Slack: without the optional scopes {', '.join(wished)}")] if wished else [])


async def _socket(asks: Asks, workspace: Workspace) -> Finding:
    to_do = "Basic Information → App-Level Tokens → Generate, with the scope connections:write; Socket Mode → Enable"
    if not workspace.app_token.startswith("xapp-"):
        return Finding(False, "Slack: the app-level token begins with xapp-", to_do)
    try:
        await asks.answer(workspace.app_token, "apps.connections.open", app_token=workspace.app_token)
    except (Refused, RetryLater) as error:
        return Finding(False, f"Slack: Socket Mode ({error})", to_do)
    return Finding(True, "Slack: Socket Mode")


async def _review_channel(asks: Asks, workspace: Workspace) -> Finding:
    if not workspace.review_channel:
        to_do = "set SOMEGUIDE_SLACK_REVIEW_CHANNEL to the channel's id (channel details → at the bottom: C…)"
        return Finding(False, "Slack: no review channel, so requests reach nobody in Slack", to_do)
    what = f"Slack: review channel {workspace.review_channel}"
    invite = "in that channel, write: /invite @Someguide"
    try:
        answer, _ = await asks.answer(workspace.token, "conversations.info", channel=workspace.review_channel)
    except (Refused, RetryLater) as error:
        return Finding(False, f"{what} ({error})", f"check the id; a private channel must be joined first: {invite}")
    if at(answer, "channel", "is_archived") is True:
        return Finding(False, f"{what} is archived", "unarchive it, or choose another")
    member = at(answer, "channel", "is_member") is True
    return Finding(member, f"{what} (#{text(answer, 'channel', 'name')})", "" if member else invite)


async def _reviewers(asks: Asks, workspace: Workspace) -> Finding:
    what = f"Slack: reviewers in the user group {workspace.reviewers}"
    try:
        answer, _ = await asks.answer(workspace.token, "usergroups.users.list", usergroup=workspace.reviewers)
    except (Refused, RetryLater) as error:
        to_do = "check the id (People → User groups → … → Copy group ID: S…), and the scope usergroups:read"
        return Finding(False, f"{what} ({error})", to_do)
    users = at(answer, "users")
    some = isinstance(users, list) and bool(users)
    return Finding(some, what, "" if some else "add the colleagues who decide to that user group")

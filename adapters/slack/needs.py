"""Whose a payload of Slack's is, and what must be known before it can be read. Pure.

Nothing is needed for what is nobody's message: our own, another bot's, an edit, a deletion, a stranger's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.slack.payload import at, identity, items, part, text
from adapters.slack.typed import mentioned, unnamed
from adapters.slack.workspaces import Workspace
from knowledge.models import Language

FILES = 10
"""Files of a message that are looked at."""
KINDS = ("command", "shortcut", "message_action", "block_actions", "view_submission", "view_closed")
"""Payloads that people cause, beside events."""
_SUBTYPES = ("", "file_share", "thread_broadcast")
"""Messages that people send; every other subtype is something that happened."""


@dataclass(frozen=True)
class Profile:
    """What Slack says of a person."""

    name: str = ""
    language: Language | None = None


@dataclass(frozen=True)
class Looked:
    """What is known of a file beside what its message says."""

    place: bool = False  # whether its metadata show one
    people: tuple[str, ...] = ()  # whom they name
    file: Mapping[str, Any] = field(default_factory=dict)  # what Slack says of it when asked


@dataclass(frozen=True)
class Known:
    """What was asked of Slack before reading: people, the private channel, and files that were looked at."""

    people: Mapping[str, Profile] = field(default_factory=dict)
    private: str = ""
    files: Mapping[str, Looked] = field(default_factory=dict)

    def name(self, user: str) -> str:
        """A person's name."""
        return self.people.get(user, Profile()).name

    def language(self, user: str) -> Language | None:
        """A person's language."""
        return self.people.get(user, Profile()).language


@dataclass(frozen=True)
class Needs:
    """What has to be asked of Slack before a payload can be read."""

    people: frozenset[str] = frozenset()  # and channels, whose names are asked for in the same way
    private: str = ""  # the user whose private channel is needed
    thread: tuple[str, str] | None = None  # channel and thread in which the bot must take part
    files: tuple[dict[str, Any], ...] = ()


def language(locale: str) -> Language | None:
    """The language of a locale such as fi-FI."""
    return next((known for known in Language if known.value == locale[:2].lower()), None)


def kind_of(body: Any) -> str:
    """What a payload is: an event, or one of KINDS, or anything else."""
    return text(body, "type") or ("command" if text(body, "command") else "")


def teams(body: Any) -> list[str]:
    """The ids by which a payload's workspace may be known, the most particular first."""
    for_whom = part(body, "authorizations", 0)  # an event of a shared channel bears the other workspace's id
    if for_whom:
        found = [text(for_whom, "team_id"), text(for_whom, "enterprise_id")]
    else:
        ours = text(body, "view", "app_installed_team_id") or text(body, "context_team_id")  # there too
        found = [ours or text(body, "team_id") or text(body, "team", "id") or text(body, "view", "team_id")]
        found = found if found[0] else [text(body, "user", "team_id")]
        found += [text(body, "enterprise_id"), text(body, "enterprise", "id")]
    return [team for team in dict.fromkeys(found) if team]


def sender(body: Any) -> str:
    """Whose payload it is."""
    event = part(body, "event")
    found = identity("user", event, "user") or identity("user", event, "assistant_thread", "user_id")
    return found or identity("user", body, "user", "id") or identity("user", body, "user_id")


def needs(body: Any, workspace: Workspace) -> Needs | None:
    """What must be known to read a payload; None where there is nothing to read."""
    user = sender(body)
    if not user or user == workspace.user or _of_a_stranger(body, workspace):
        return None
    if text(body, "type") == "event_callback":
        return _event_needs(part(body, "event"), user, workspace)
    kind = kind_of(body)
    if kind not in KINDS:
        return None
    in_view = kind not in ("command", "block_actions") or bool(part(body, "view"))
    people = {user, *_named(text(body, "text")), *_picked_people(body)}
    files = items(body, "message", "files") if kind == "message_action" else []
    people |= set(_named(said_in(part(body, "message")))) if kind == "message_action" else set()
    return Needs(frozenset(people), user if in_view else "", None, tuple(files[:FILES]))


def _event_needs(event: dict[str, Any], user: str, workspace: Workspace) -> Needs | None:
    kind = text(event, "type")
    if kind == "app_home_opened":
        if not is_home(event):
            return None
        return Needs(frozenset({user}), "" if identity("channel", event, "channel") else user)
    if kind == "assistant_thread_started":
        return Needs(frozenset({user}))
    if not is_message(event):
        return None
    channel, thread = identity("channel", event, "channel"), identity("ts", event, "thread_ts")
    ours = None if channel.startswith("D") or kind == "app_mention" else (channel, thread)
    people = frozenset({user, *_named(said_in(event))} - {workspace.user})
    return Needs(people, "", ours, tuple(items(event, "files")[:FILES]))


def _named(said: str) -> list[str]:
    return [*mentioned(said), *unnamed(said)]


def said_in(message: Any) -> str:
    """The words of a message; of one that was passed on from elsewhere, or that an app wrote, those that it shows."""
    shown = (text(a, "text") or text(a, "fallback") for a in items(message, "attachments"))
    return text(message, "text") or "\n".join(part for part in shown if part)


def is_message(event: dict[str, Any]) -> bool:
    """Whether an event is a message to us, as far as the event itself shows."""
    kind, channel = text(event, "type"), identity("channel", event, "channel")
    if kind not in ("message", "app_mention") or not channel or not identity("ts", event, "ts"):
        return False
    if text(event, "subtype") not in _SUBTYPES or event.get("bot_id") or event.get("edited") or event.get("hidden"):
        return False
    private = channel.startswith("D")
    if kind == "app_mention":
        return not private  # in a private conversation it comes as a message too
    if private:
        return True
    # In a channel: a reply in a thread, to nobody else. A mention comes as an app_mention of its own.
    return bool(identity("ts", event, "thread_ts")) and not mentioned(text(event, "text"))


def is_home(event: dict[str, Any]) -> bool:
    """Whether it is the home view that was opened, and not the messages beside it."""
    return text(event, "tab") in ("", "home")


def _of_a_stranger(body: Any, workspace: Workspace) -> bool:
    """Somebody of another organisation, in a channel shared with it."""
    if part(body, "event"):
        if at(body, "is_ext_shared_channel") is not True:
            return False
        theirs = text(body, "event", "user_team") or text(body, "event", "team")
    else:  # a press; within a Grid, workspaces share channels among themselves
        theirs = "" if workspace.enterprise else text(body, "user", "team_id")
    return theirs not in ("", workspace.team, workspace.enterprise)


def _picked_people(body: Any) -> set[str]:
    """People chosen in inputs."""
    found = {identity("user", action, "selected_user") for action in items(body, "actions")}
    for values in (part(body, "view", "state", "values"), part(body, "state", "values")):
        found |= {identity("user", state, "selected_user") for block in values.values() for state in _states(block)}
    return found - {""}


def _states(block: Any) -> list[dict[str, Any]]:
    return [state for state in block.values() if isinstance(state, dict)] if isinstance(block, dict) else []

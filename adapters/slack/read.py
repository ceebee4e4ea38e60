"""Slack's events and interactions as incoming messages. Pure: what must be asked of Slack first is given.

`needs` says which people have to be known and whether the person's private channel has to be; `read` then gives the
incoming message, or None for what is nobody's message: our own, another bot's, an edit, a deletion, a stranger's.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.slack import press
from adapters.slack.limits import OPTIONS
from adapters.slack.payload import at, identity, items, part, text
from adapters.slack.typed import LONGEST, meant, mentioned
from adapters.slack.views import FORM, REASON
from adapters.slack.workspaces import Workspace
from bot.messages import File, Incoming, Person
from knowledge.models import Language

HOME = {Language.SV: "hem", Language.FI: "koti", Language.EN: "home"}
KEEP = "keep:"
"""Before a form's action: what has been entered so far, to be kept; nothing is to be answered."""
SHORTCUTS = {"open-account": "flow:open-account", "publish-check": "flow:publish-check"}
"""Global shortcuts, by their callback_id."""
ABOUT_THIS = "ask-about-this"
"""The callback_id of the message shortcut."""
HELLO = {Language.SV: "hej", Language.FI: "hei", Language.EN: "hello"}
HELP = {Language.SV: "hjälp", Language.FI: "apua", Language.EN: "help"}
OPENS_FORM = re.compile(r"s:\d+:form(:|$)")
"""Actions that are answered with a form: a window is opened for it at once, while Slack still lets us."""
_SAVES_FORM = re.compile(r"(s:\d+):save:(.+)", re.DOTALL)
_SUBTYPES = ("", "file_share", "thread_broadcast")
"""Messages that people send; every other subtype is something that happened."""
_FILES = 10


@dataclass(frozen=True)
class Profile:
    """What Slack says of a person."""

    name: str = ""
    language: Language | None = None


@dataclass(frozen=True)
class Known:
    """What was asked of Slack before reading: people, the private channel, and files that were looked at."""

    people: Mapping[str, Profile] = field(default_factory=dict)
    private: str = ""
    files: Mapping[str, tuple[bool, tuple[str, ...]]] = field(default_factory=dict)

    def name(self, user: str) -> str:
        """A person's name."""
        return self.people.get(user, Profile()).name

    def language(self, user: str) -> Language | None:
        """A person's language."""
        return self.people.get(user, Profile()).language


@dataclass(frozen=True)
class Needs:
    """What has to be asked of Slack before a payload can be read."""

    people: frozenset[str] = frozenset()
    private: str = ""  # the user whose private channel is needed
    thread: tuple[str, str] | None = None  # channel and thread in which the bot must take part
    files: tuple[dict[str, Any], ...] = ()


def language(locale: str) -> Language | None:
    """The language of a locale such as fi-FI."""
    return next((known for known in Language if known.value == locale[:2].lower()), None)


def form_action(submit: str) -> str:
    """The action that shows a form again, by the action that submits it; empty where there is none."""
    found = _SAVES_FORM.fullmatch(submit)
    return f"{found.group(1)}:form:{found.group(2)}" if found else ""


def teams(body: Any) -> list[str]:
    """The ids by which a payload's workspace may be known, the most particular first."""
    for_whom = part(body, "authorizations", 0)  # an event of a shared channel bears the other workspace's id
    if for_whom:
        found = [text(for_whom, "team_id"), text(for_whom, "enterprise_id")]
    else:
        found = [text(body, "team_id") or text(body, "team", "id") or text(body, "view", "team_id")]
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
    kind = text(body, "type") or ("command" if text(body, "command") else "")
    if kind not in ("command", "shortcut", "message_action", "block_actions", "view_submission"):
        return None
    in_view = kind in ("shortcut", "message_action", "view_submission") or bool(part(body, "view"))
    people = {user, *mentioned(text(body, "text")), *_picked_people(body)}
    files = items(body, "message", "files") if kind == "message_action" else []
    people |= set(mentioned(text(body, "message", "text"))) if kind == "message_action" else set()
    return Needs(frozenset(people), user if in_view else "", None, tuple(files[:_FILES]))


def _event_needs(event: dict[str, Any], user: str, workspace: Workspace) -> Needs | None:
    kind = text(event, "type")
    if kind == "app_home_opened":
        return Needs(frozenset({user}), "" if identity("channel", event, "channel") else user) if _home(event) else None
    if kind == "assistant_thread_started":
        return Needs(frozenset({user}))
    if not _is_message(event, workspace):
        return None
    channel, thread = identity("channel", event, "channel"), identity("ts", event, "thread_ts")
    ours = None if channel.startswith("D") or kind == "app_mention" else (channel, thread)
    people = frozenset({user, *mentioned(text(event, "text"))} - {workspace.user})
    return Needs(people, "", ours, tuple(items(event, "files")[:_FILES]))


def _is_message(event: dict[str, Any], workspace: Workspace) -> bool:
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
    named = mentioned(text(event, "text"))
    return bool(identity("ts", event, "thread_ts")) and not named and text(event, "subtype") != "thread_broadcast"


def _of_a_stranger(body: Any, workspace: Workspace) -> bool:
    """Somebody of another organisation, in a channel shared with it."""
    if at(body, "is_ext_shared_channel") is not True:
        return False
    theirs = text(body, "event", "user_team") or text(body, "event", "team")
    return theirs not in ("", workspace.team, workspace.enterprise)


def _home(event: dict[str, Any]) -> bool:
    return text(event, "tab") in ("", "home")


def _picked_people(body: Any) -> set[str]:
    """People chosen in inputs."""
    found = {identity("user", action, "selected_user") for action in items(body, "actions")}
    for values in (part(body, "view", "state", "values"), part(body, "state", "values")):
        found |= {identity("user", state, "selected_user") for block in values.values() for state in _states(block)}
    return found - {""}


def _states(block: Any) -> list[dict[str, Any]]:
    return [state for state in block.values() if isinstance(state, dict)] if isinstance(block, dict) else []


# -- reading -------------------------------------------------------------------------------------------------------


def read(body: Any, workspace: Workspace, known: Known) -> Incoming | None:
    """The message in a payload, or None."""
    reader = Reader(body, workspace, known, sender(body))
    kind = text(body, "type") or ("command" if text(body, "command") else "")
    if kind == "event_callback":
        return reader.event()
    if kind == "command":
        return reader.command()
    if kind in ("shortcut", "message_action"):
        return reader.shortcut()
    if kind == "block_actions":
        return reader.interaction()
    return reader.submission() if kind == "view_submission" else None


def asks_reason(body: Any) -> press.Press | None:
    """The press that must bring a text along, which is asked for before anything else happens."""
    found = press.read(at(body, "actions", 0, "value")) if text(body, "type") == "block_actions" else None
    return found if found and found.reason else None


def opens_form(body: Any) -> press.Press | None:
    """The press that is answered with a form."""
    found = press.read(at(body, "actions", 0, "value")) if text(body, "type") == "block_actions" else None
    return found if found and not found.reason and OPENS_FORM.match(found.action) else None


@dataclass(frozen=True)
class Reader:
    """Reads one payload."""

    body: Any
    workspace: Workspace
    known: Known
    user: str

    @property
    def person(self) -> Person:
        """Who it is from."""
        return Person(self.workspace.person(self.user), self.known.name(self.user))

    @property
    def language(self) -> Language | None:
        """Their setting."""
        return self.known.language(self.user)

    def event(self) -> Incoming | None:
        """An event of the Events API."""
        event, name = part(self.body, "event"), text(self.body, "event_id")
        kind = text(event, "type")
        if kind == "app_home_opened" and _home(event):
            channel = identity("channel", event, "channel") or self.known.private
            home = HOME[self.language or self.workspace.language]
            return self._made(channel, event=name, text=home, language=self.language, more={"home": True})
        if kind == "assistant_thread_started":
            channel = identity("channel", event, "assistant_thread", "channel_id")
            thread = identity("ts", event, "assistant_thread", "thread_ts")
            hello = HELLO[self.language or self.workspace.language]
            return self._made(channel, thread, event=name, text=hello, language=self.language, more={"assistant": True})
        return self._message(event) if _is_message(event, self.workspace) else None

    def _message(self, event: dict[str, Any]) -> Incoming | None:
        channel, ts = identity("channel", event, "channel"), identity("ts", event, "ts")
        thread = identity("ts", event, "thread_ts")
        private = channel.startswith("D")
        return self._made(
            channel,
            thread or ("" if private else ts),
            # Slack tells one message in several events (message, app_mention), each with an id of its own.
            event=f"{channel}:{ts}",
            text=self._meant(text(event, "text")),
            language=self.language,
            private=private,
            files=self._files(items(event, "files")),
            mentions=self._mentions(text(event, "text")),
            more={"said": ts},
        )

    def command(self) -> Incoming | None:
        """A slash command: answered to the asker only, where they are."""
        said = text(self.body, "text")
        asked = self._meant(said) or HELP[self.language or self.workspace.language]
        return self._aside(
            identity("channel", self.body, "channel_id"),
            event=text(self.body, "trigger_id"),
            text=asked,
            language=self.language,
            mentions=self._mentions(said),
        )

    def shortcut(self) -> Incoming | None:
        """A shortcut: goes on in the private conversation."""
        name = text(self.body, "trigger_id") or text(self.body, "action_ts")
        if text(self.body, "type") == "shortcut":
            choice = SHORTCUTS.get(text(self.body, "callback_id"))
            return self._made(self.known.private, event=name, choice=choice, language=self.language) if choice else None
        if text(self.body, "callback_id") != ABOUT_THIS:
            return None
        message = part(self.body, "message")
        return self._made(
            self.known.private,
            event=name,
            text=self._meant(text(message, "text")),
            language=self.language,
            files=self._files(items(message, "files")),
            mentions=self._mentions(text(message, "text")),
        )

    def interaction(self) -> Incoming | None:
        """A pressed button, or something chosen in a select or a date picker."""
        action = part(self.body, "actions", 0)
        modal = text(self.body, "view", "type") == "modal"
        said = self._entered_so_far() if modal else self._pressed(action)
        if said is None:
            return None
        trigger, stamp = text(self.body, "trigger_id"), text(action, "action_ts")
        said.setdefault("event", f"{trigger}:{stamp}" if trigger or stamp else "")
        said["more"] = {
            **said.get("more", {}),
            **({"trigger": trigger, "press": said.get("choice")} if trigger else {}),
        }
        if part(self.body, "view"):
            return self._made(self.known.private, **said)
        return self._at_message(**said)

    def _at_message(self, **said: Any) -> Incoming | None:
        """In the conversation of the message that the pressed thing belongs to."""
        container = part(self.body, "container")
        channel = identity("channel", container, "channel_id") or identity("channel", self.body, "channel", "id")
        if container.get("is_ephemeral") is True:
            return self._aside(channel, **said)
        ts = identity("ts", container, "message_ts") or identity("ts", self.body, "message", "ts")
        thread = identity("ts", container, "thread_ts") or identity("ts", self.body, "message", "thread_ts")
        said["more"] = {**said["more"], "said": ts}  # what a person acted on: a message there may change in its place
        if channel.startswith("D"):
            return self._made(channel, thread if thread != ts else "", **said)
        return self._in_channel(channel, thread or ts, **said)

    def _in_channel(self, channel: str, thread: str, **said: Any) -> Incoming | None:
        """In a thread. All of the review channel is one conversation: its cards are the same for every reviewer."""
        made = self._made(channel, thread, private=False, **said)
        if made is None or channel != self.workspace.review_channel:
            return made
        return replace(made, conversation=self.workspace.conversation(channel))

    def _pressed(self, action: dict[str, Any]) -> dict[str, Any] | None:
        kind, _, rest = text(action, "action_id").partition(":")
        found = press.read(at(action, "value"))
        if kind in (press.BUTTON, press.SUBMIT) and found:
            if found.page is not None:
                more = {"home": True, "page": max(0, min(found.page, OPTIONS))}
                return {"text": HOME[found.language], "language": found.language, "more": more}
            if found.says:
                return {"text": found.says, "language": found.language}
            if kind == press.SUBMIT:
                return self._submitted(found)
            return {"choice": found.action, "language": found.language} if found.action and not found.reason else None
        return self._chosen(kind, rest, action)

    def _submitted(self, found: press.Press) -> dict[str, Any]:
        state = part(self.body, "state", "values", found.field, press.INPUT)
        if found.action:
            form = {found.field: self._value(state)}
            return {"choice": found.action, "form": form, "language": found.language}
        labels = [text(option, "text", "text") for option in items(state, "selected_options")]
        return {"text": ", ".join(labels), "language": found.language}

    def _chosen(self, kind: str, rest: str, action: dict[str, Any]) -> dict[str, Any] | None:
        spoken, _, name = rest.partition(":")
        if kind not in (press.PICK, press.DATE, press.PERSON) or language(spoken) is None:
            return None
        shared = text(action, "block_id")
        shared = "" if shared == "-" else shared
        said: dict[str, Any] = {"language": language(spoken)}
        if kind == press.PICK:
            own = text(action, "selected_option", "value")
            return said | {"choice": shared + own} if own else None
        value = self._value(action)
        if not value:
            return None
        if shared:
            return said | {"choice": shared, "form": {name: value}}
        if kind == press.DATE:
            return said | {"text": value}
        person = Person(value["id"], value["name"])
        return said | {"text": person.name, "mentions": (person,)}

    def submission(self) -> Incoming | None:
        """A submitted modal."""
        found = press.metadata(at(self.body, "view", "private_metadata"))
        kind = text(self.body, "view", "callback_id")
        if found is None or kind not in (FORM, REASON) or not found.action:
            return None
        values = part(self.body, "view", "state", "values")
        name = f"{text(self.body, 'view', 'id')}:{text(self.body, 'view', 'hash')}:{_digest(values)}"
        said: dict[str, Any] = {"choice": found.action, "language": found.language, "form": self._form(values)}
        return self._from_modal(found, event=name, **said, more={"answered": True} if kind == FORM else {})

    def _entered_so_far(self) -> dict[str, Any] | None:
        """A change in a form that is still open."""
        found = press.metadata(at(self.body, "view", "private_metadata"))
        if found is None or text(self.body, "view", "callback_id") != FORM or not found.action:
            return None
        form = self._form(part(self.body, "view", "state", "values"))
        return {"choice": KEEP + found.action, "form": form, "language": found.language, "event": ""}

    def _from_modal(self, found: press.Metadata, **said: Any) -> Incoming | None:
        """In the conversation that the modal was opened from, which may be a channel's thread."""
        channel = found.channel if identity("channel", {"c": found.channel}, "c") else self.known.private
        thread = found.thread if channel == found.channel and identity("ts", {"t": found.thread}, "t") else ""
        if channel.startswith("D"):
            return self._made(channel, thread, **said)
        return self._in_channel(channel, thread, **said)

    def _form(self, values: dict[str, Any]) -> dict[str, Any]:
        return {
            name: self._value(part(block, press.INPUT)) for name, block in values.items() if part(block, press.INPUT)
        }

    def _value(self, state: dict[str, Any]) -> Any:
        """What stands in an input: a text, a value, several values, or a person."""
        kind = text(state, "type")
        if kind in ("checkboxes", "multi_static_select"):
            return [text(option, "value") for option in items(state, "selected_options")]
        if kind in ("radio_buttons", "static_select"):
            return text(state, "selected_option", "value")
        if kind == "datepicker":
            return text(state, "selected_date")
        if kind == "users_select":
            user = identity("user", state, "selected_user")
            return {"id": self.workspace.person(user), "name": self.known.name(user) or user} if user else ""
        return text(state, "value")[:LONGEST]

    def _aside(self, channel: str, **said: Any) -> Incoming | None:
        """To one person only, in a place where others talk: a conversation of its own."""
        if not channel:
            return None
        made = self._made(channel, private=False, more=said.pop("more", {}), **said)
        if made is None:
            return None
        address = made.address | {"aside": text(self.body, "response_url")}
        return replace(made, conversation=self.workspace.conversation(channel, self.user), address=address)

    def _made(
        self, channel: str, thread: str = "", *, event: str, more: dict[str, Any] | None = None, **said: Any
    ) -> Incoming | None:
        if not channel or not self.user:
            return None
        address = {"team": self.workspace.team, "channel": channel, "user": self.user, **(more or {})}
        return Incoming(
            self.workspace.organisation,
            self.workspace.conversation(channel, thread),
            person=self.person,
            event=f"slack:{self.workspace.team}:{event}"[:200] if event else None,
            address=address | ({"thread_ts": thread} if thread else {}),
            **said,
        )

    def _meant(self, said: str) -> str:
        return meant(said, self.known.name, self.workspace.user)

    def _mentions(self, said: str) -> tuple[Person, ...]:
        named = [user for user in mentioned(said) if user != self.workspace.user]
        return tuple(Person(self.workspace.person(user), self.known.name(user)) for user in named)

    def _files(self, files: list[dict[str, Any]]) -> tuple[File, ...]:
        found = []
        for file in files[:_FILES]:
            place, people = self.known.files.get(text(file, "id"), (False, ()))
            name = text(file, "name") or text(file, "title") or "file"
            found.append(File(name[:255], text(file, "mimetype")[:100], place, people))
        return tuple(found)


def _digest(values: Any) -> str:
    """Two submissions of one view differ in what they hold: a corrected one is no repetition."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode("utf-8", "replace")).hexdigest()[:16]

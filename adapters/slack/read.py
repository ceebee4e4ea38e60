"""Slack's events and interactions as incoming messages. Pure: what must be asked of Slack first is given (`needs`).

`read` gives the incoming message, or None for what is nobody's message; `entered` what stands in a form that is still
open or was closed.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from typing import Any

from adapters.slack import press
from adapters.slack.limits import OPTIONS
from adapters.slack.needs import FILES, Known, Looked, is_home, is_message, kind_of, language, said_in, sender
from adapters.slack.payload import at, identity, items, part, text
from adapters.slack.typed import LONGEST, meant, mentioned
from adapters.slack.views import FORM, REASON
from adapters.slack.workspaces import Workspace
from bot.messages import File, Incoming, Person
from knowledge.models import Language

HOME, HELLO, HELP = "home", "hello", "help"
"""Commands that are given as choices, so that no word has to be found for them."""
KEEP = "keep:"
"""Before a form's action: what has been entered so far, to be kept; nothing is to be answered."""
SHORTCUTS = {"open-account": "flow:open-account", "publish-check": "flow:publish-check"}
"""Global shortcuts, by their callback_id."""
ABOUT_THIS = "ask-about-this"
"""The callback_id of the message shortcut."""
OPENS_FORM = re.compile(r"s:\d+:form(:|$)")
"""Actions that are answered with a form: a window is opened for it at once, while Slack still lets us."""
_SAVES_FORM = re.compile(r"(s:\d+):save:(.+)", re.DOTALL)


def form_action(submit: str) -> str:
    """The action that shows a form again, by the action that submits it; empty where there is none."""
    found = _SAVES_FORM.fullmatch(submit)
    return f"{found.group(1)}:form:{found.group(2)}" if found else ""


def step_action(submit: str) -> str:
    """The action that goes on step by step, by the action that submits a form; empty where there is none."""
    found = _SAVES_FORM.fullmatch(submit)
    return f"{found.group(1)}:show" if found else ""


def read(body: Any, workspace: Workspace, known: Known) -> Incoming | None:
    """The message in a payload, or None."""
    reader, kind = Reader(body, workspace, known, sender(body)), kind_of(body)
    if kind == "event_callback":
        return reader.event()
    if kind == "command":
        return reader.command()
    if kind in ("shortcut", "message_action"):
        return reader.shortcut()
    if kind == "block_actions":
        return reader.interaction()
    if kind == "view_submission":
        return reader.submission()
    return reader.closing() if kind == "view_closed" else None


def entered(body: Any, workspace: Workspace, known: Known) -> Incoming | None:
    """What has been entered in a form so far, after a change in it or when it was closed."""
    if kind_of(body) not in ("block_actions", "view_closed"):
        return None
    return Reader(body, workspace, known, sender(body)).entered()


def in_form(body: Any) -> bool:
    """Whether something was pressed or changed in a form, and not in a message or on the home view."""
    return kind_of(body) == "block_actions" and text(body, "view", "callback_id") == FORM


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
        if kind == "app_home_opened" and is_home(event):
            return self.home(identity("channel", event, "channel") or self.known.private, event=name)
        if kind == "assistant_thread_started":
            channel = identity("channel", event, "assistant_thread", "channel_id")
            thread = identity("ts", event, "assistant_thread", "thread_ts")
            return self._chosen_beside(HELLO, channel, thread, event=name, more={"assistant": True})
        return self._message(event) if is_message(event) else None

    def home(self, channel: str, event: str = "", page: int = 0) -> Incoming | None:
        """The home view, to be drawn (again)."""
        return self._chosen_beside(HOME, channel, event=event, more={"home": True, **({"page": page} if page else {})})

    def _chosen_beside(self, choice: str, *where: str, **more: Any) -> Incoming | None:
        """Something chosen that stands under no message: in the person's own language."""
        return self._made(*where, choice=choice, beside=True, language=self.language, **more)

    def _message(self, event: dict[str, Any]) -> Incoming | None:
        channel, ts = identity("channel", event, "channel"), identity("ts", event, "ts")
        thread = identity("ts", event, "thread_ts")
        private = channel.startswith("D")
        return self._made(
            channel,
            thread or ("" if private else ts),
            # Slack tells one message in several events (message, app_mention), each with an id of its own.
            event=f"{channel}:{ts}",
            text=self._meant(said_in(event)),
            language=self.language,
            private=private,
            files=self._files(items(event, "files")),
            mentions=self._mentions(said_in(event)),
            more={"said": ts},
        )

    def command(self) -> Incoming | None:
        """A slash command: answered to the asker only, where they are."""
        said = text(self.body, "text")
        asked = self._meant(said)
        return self._aside(
            identity("channel", self.body, "channel_id"),
            event=text(self.body, "trigger_id"),
            language=self.language,
            mentions=self._mentions(said),
            **({"text": asked} if asked else {"choice": HELP, "beside": True}),
        )

    def shortcut(self) -> Incoming | None:
        """A shortcut: goes on in the private conversation."""
        name = text(self.body, "trigger_id") or text(self.body, "action_ts")
        if text(self.body, "type") == "shortcut":
            choice = SHORTCUTS.get(text(self.body, "callback_id"))
            return self._chosen_beside(choice, self.known.private, event=name) if choice else None
        if text(self.body, "callback_id") != ABOUT_THIS:
            return None
        message = part(self.body, "message")
        return self._made(
            self.known.private,
            event=name,
            text=self._meant(said_in(message)),
            beside=True,
            language=self.language,
            files=self._files(items(message, "files")),
            mentions=self._mentions(said_in(message)),
        )

    def interaction(self) -> Incoming | None:
        """A pressed button, or something chosen in a select or a date picker."""
        action = part(self.body, "actions", 0)
        said = self._pressed(action)
        if said is None:
            return None
        trigger, stamp = text(self.body, "trigger_id"), text(action, "action_ts")
        said.setdefault("event", f"{trigger}:{stamp}" if trigger or stamp else "")
        said["more"] = {
            **said.get("more", {}),
            **({"trigger": trigger, "press": said.get("choice")} if trigger else {}),
        }
        if text(self.body, "view", "type") == "modal":
            found = self._metadata()
            return self._from_modal(found, **said) if found else None
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
                return {"choice": HOME, "language": found.language, "more": more}
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
        shared = shared.strip("-") and shared  # Slack wants a name for a block, also where nothing is shared
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

    def closing(self) -> Incoming | None:
        """A closed form: it goes on step by step, where the person now is."""
        found = self._metadata()
        choice = step_action(found.action) if found else ""
        if found is None or not choice:
            return None
        name = f"{text(self.body, 'view', 'id')}:{text(self.body, 'view', 'hash')}:closed"
        return self._from_modal(found, event=name, choice=choice, language=found.language)

    def entered(self) -> Incoming | None:
        """What has been entered in a form; the same again is harmless, so it is no event."""
        found, form = self._metadata(), self._form(part(self.body, "view", "state", "values"))
        if found is None or not form:
            return None
        return self._from_modal(found, event="", choice=KEEP + found.action, form=form, language=found.language)

    def _metadata(self) -> press.Metadata | None:
        """What a form of ours remembers."""
        found = press.metadata(at(self.body, "view", "private_metadata"))
        return found if found and found.action and text(self.body, "view", "callback_id") == FORM else None

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
        for file in files[:FILES]:
            looked = self.known.files.get(text(file, "id"), Looked())
            whole = {**file, **looked.file}
            name = text(whole, "name") or text(whole, "title") or "file"
            found.append(File(name[:255], text(whole, "mimetype")[:100], looked.place, looked.people))
        return tuple(found)


def _digest(values: Any) -> str:
    """Two submissions of one view differ in what they hold: a corrected one is no repetition."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode("utf-8", "replace")).hexdigest()[:16]

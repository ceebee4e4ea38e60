"""The messages of a turn: what came in, and what goes out, the same for every channel.

An adapter reads its platform's event into an `Incoming` and renders every `Outgoing` in its own way. All that a person
can press is a `Button` whose `action` comes back, unchanged, as `Incoming.choice`; all that a person typed stands in a
`Row.value` or `Field.value` and is shown as plain text only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from knowledge.models import Language, Verdict


class Kind(StrEnum):
    """What an outgoing message is."""

    ANSWER = "answer"  # the document decides it, and this is how
    CHOOSE = "choose"  # two or three things it could be, best first
    FLOW = "flow"  # the question starts a dialogue
    SILENT = "silent"  # the topic is understood; the document does not decide it
    HANDOVER = "handover"  # not understood, or not about this
    HELP = "help"  # greetings, help, thanks, change of language
    STEP = "step"  # a dialogue asks something
    FORM = "form"  # a section of a dialogue, all its steps at once
    SUMMARY = "summary"  # what was answered, to be confirmed or changed
    OUTCOME = "outcome"  # where a decision ended
    REQUEST = "request"  # a filed request, as the reader may see it
    HOME = "home"  # what a person has: drafts, requests, what to decide
    NOTICE = "notice"  # something happened that concerns the reader


class Style(StrEnum):
    """How a button stands out; the words alone must do."""

    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True)
class Person:
    """Somebody, as the channel knows them. `id` is unique over all channels ("slack:T1:U1", "web:anna")."""

    id: str
    name: str = ""


@dataclass(frozen=True)
class File:
    """A file sent with a message. Never its content: only what the channel says of it, and what its metadata show."""

    name: str
    media_type: str = ""
    place: bool = False  # its metadata show where it was taken
    people: tuple[str, ...] = ()  # names in its metadata


@dataclass(frozen=True)
class Incoming:
    """One message from a person."""

    organisation: str
    conversation: str  # unique over all channels
    text: str = ""
    language: Language | None = None  # the person's setting, where the channel knows it
    choice: str | None = None  # the action of a pressed button, instead of a text; language is then its message's
    person: Person | None = None  # None: nobody in particular; the conversation stands for the person
    event: str | None = None  # the platform's id of this event: a second delivery of it is the same message
    private: bool = True  # False in a channel, where others read along
    address: dict[str, Any] = field(default_factory=dict)  # how to reach this conversation again; the adapter's own
    form: dict[str, Any] | None = None  # what was filled into a form: field name to value; choice is then its action
    files: tuple[File, ...] = ()
    mentions: tuple[Person, ...] = ()  # people named in the text, in their order
    beside: bool = False  # under no message (shortcut, home view): no reply; a choice's language is the person's own


@dataclass(frozen=True)
class Source:
    """A place in the guideline."""

    document: str
    date: str | None
    section: str
    passage: str
    url: str | None = None

    def dated(self) -> str:
        """The document with its date, where it has one: "Riktlinje (2024-02-21)"."""
        return f"{self.document} ({self.date})" if self.date else self.document

    def place(self) -> str:
        """Document and section; a section that is called as its document is not named twice."""
        return self.document if self.section == self.document else f"{self.document}, {self.section}"


@dataclass(frozen=True)
class Choice:
    """A topic offered as a button, with what it would answer."""

    topic: str
    label: str
    verdict: Verdict | None = None
    text: str = ""
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class ContactCard:
    """Whom to ask, in the reader's language."""

    role: str
    name: str | None = None
    phone: str | None = None
    email: str | None = None

    def line(self) -> str:
        """All of it on one line."""
        who = f"{self.name}, {self.role}" if self.name else self.role
        return " · ".join(part for part in (who, self.phone, self.email) if part)


@dataclass(frozen=True)
class Button:
    """Something to press. `confirm` is asked first where the channel can; the assistant does not rely on it."""

    label: str  # at most 75 characters (Slack's limit for a button)
    action: str  # at most 255 characters; comes back as Incoming.choice
    style: Style = Style.PLAIN
    reason: str | None = None  # the label of a text that the press must bring along, as Incoming.form["reason"]


@dataclass(frozen=True)
class Row:
    """A question and its answer in a summary or a request. The value is a person's words: plain text, always."""

    label: str
    value: str
    change: Button | None = None
    note: str = ""  # a reviewer's words on this answer
    changed: bool = False  # differs from the version before


class Input(StrEnum):
    """What a field takes."""

    TEXT = "text"
    LONG_TEXT = "long-text"
    CHOICE = "choice"
    CHOICES = "choices"
    DATE = "date"
    NUMBER = "number"
    ADDRESS = "address"
    PERSON = "person"


@dataclass(frozen=True)
class Option:
    """One of the answers to choose from."""

    value: str
    label: str  # at most 75 characters
    action: str = ""  # as Button.action, when it stands alone as a button
    alone: bool = False  # of several choices: goes with no other


@dataclass(frozen=True)
class Field:
    """One question of a form, or the one that a step asks."""

    name: str  # the key in Incoming.form
    label: str
    input: Input
    help: str = ""  # why it is asked, and what is allowed
    value: str | tuple[str, ...] = ""  # what was entered before: option values, an ISO date, or the text
    options: tuple[Option, ...] = ()
    optional: bool = False
    error: str = ""  # what is wrong with the value, and what would be right
    longest: int = 3000  # characters
    fresh: bool = False  # of a form: asked only since the form was last sent, because of what was entered in it


@dataclass(frozen=True)
class Entry:
    """One thing in a list on the home view: a draft, a request, an account, a question."""

    title: str
    detail: str = ""
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True)
class Group:
    """A headed list on the home view."""

    title: str
    entries: tuple[Entry, ...]
    empty: str = ""  # said when there are none


@dataclass(frozen=True)
class Document:
    """A file of our own making that goes with a message."""

    name: str
    media_type: str
    reference: str  # what it is made from: a request's reference and version


@dataclass(frozen=True)
class Outgoing:
    """One message to a person. `text` is the whole of what they read above sources and buttons."""

    kind: Kind
    language: Language
    text: str
    topic: str | None = None
    flow: str | None = None
    confidence: float = 0.0
    verdict: Verdict | None = None
    sources: tuple[Source, ...] = ()
    contact: ContactCard | None = None
    choices: tuple[Choice, ...] = ()
    related: tuple[Choice, ...] = ()
    suggestions: tuple[str, ...] = ()  # example questions, in the reader's language
    title: str = ""
    progress: str = ""  # "5 of 16", in the reader's language
    rows: tuple[Row, ...] = ()
    field: Field | None = None  # what a STEP asks; its options carry actions
    fields: tuple[Field, ...] = ()  # what a FORM asks; submit is its action
    submit: Button | None = None
    buttons: tuple[Button, ...] = ()
    groups: tuple[Group, ...] = ()  # of the HOME view
    document: Document | None = None
    key: str | None = None  # messages of one key show one thing: a newer one takes the older one's place
    private: bool = False  # must not be shown where others read along; goes to the person's private conversation

    def as_json(self) -> dict[str, Any]:
        """The fields that `someguide ask --json` prints, beside id, org, language and question."""
        return {
            "kind": self.kind.value,
            "topic": self.topic,
            "flow": self.flow,
            "confidence": round(self.confidence, 3),
            "verdict": self.verdict.value if self.verdict else None,
            "text": self.text,
            "sources": [_source(s) for s in self.sources],
            "contact": self.contact.line() if self.contact else None,
            "choices": [
                {
                    "topic": c.topic,
                    "label": c.label,
                    "verdict": c.verdict.value if c.verdict else None,
                    "text": c.text,
                    "sources": [_source(s) for s in c.sources],
                }
                for c in self.choices
            ],
        }


OUTGOING: TypeAdapter[Outgoing] = TypeAdapter(Outgoing)
"""Writes and reads an outgoing message as JSON, for the store."""


def _source(source: Source) -> dict[str, str | None]:
    return {"document": source.document, "section": source.section, "passage": source.passage}

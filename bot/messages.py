"""The messages of a turn: what came in, and what goes out, the same for every channel."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from knowledge.models import Language, Verdict


class Kind(StrEnum):
    """What an outgoing message is."""

    ANSWER = "answer"  # the document decides it, and this is how
    CHOOSE = "choose"  # two or three things it could be, best first
    FLOW = "flow"  # the question starts a dialogue
    SILENT = "silent"  # the topic is understood; the document does not decide it
    HANDOVER = "handover"  # not understood, or not about this
    HELP = "help"  # greetings, help, thanks, change of language


@dataclass(frozen=True)
class Incoming:
    """One message from a person."""

    organisation: str
    conversation: str  # unique over all channels
    text: str
    language: Language | None = None  # the person's setting, where the channel knows it
    choice: str | None = None  # the topic of a pressed button, instead of a text; language is then its message's


@dataclass(frozen=True)
class Source:
    """A place in the guideline."""

    document: str
    date: str | None
    section: str
    passage: str
    url: str | None = None


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


def _source(source: Source) -> dict[str, str | None]:
    return {"document": source.document, "section": source.section, "passage": source.passage}

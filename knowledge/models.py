"""What the knowledge consists of: organisations, documents, topics, guidance, terms, contacts.

The models are strict (an unknown field is an error, so that a misspelt one is found) and frozen. The words are
those of the architecture: a *topic* is something people ask about and holds no answer; *guidance* is one
organisation's answer to one topic and rests on *passages* of its *document*.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
PassageId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+/[a-zäöå0-9]+(-[a-zäöå0-9]+)*$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Wording = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=400)]
WebAddress = Annotated[str, StringConstraints(pattern=r"^(https://|http://|mailto:)\S+$")]


class Language(StrEnum):
    """A language the assistant speaks (ISO 639-1)."""

    SV = "sv"
    FI = "fi"
    EN = "en"


class Verdict(StrEnum):
    """The short answer to a "may I" question."""

    YES = "yes"
    NO = "no"
    CONDITIONAL = "conditional"


class Model(BaseModel):
    """Base of all knowledge models: frozen, and an unknown field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Topic(Model):
    """Something people ask about, in their own words. It holds no answer."""

    id: Slug = Field(description="Unique name, lower-case words joined by hyphens; guidance refers to it.")
    may: bool = Field(False, description='True for a "may I" question: its guidance must then carry a verdict.')
    label: dict[Language, Label] = Field(description="Short name a language, shown on buttons.")
    about: Text = Field(description="One line for authors: what is asked, and what is not.")
    related: tuple[Slug, ...] = Field((), description="Neighbouring topics, offered under the answer.")
    wordings: dict[Language, tuple[Wording, ...]] = Field(
        description="How staff ask it: at least eight a language, in varied styles."
    )


class TopicFile(Model):
    """A file of topics. An organisation's own file may also add wordings to common topics."""

    topics: tuple[Topic, ...] = ()
    more_wordings: dict[Slug, dict[Language, tuple[Wording, ...]]] = Field(
        default_factory=dict,
        description="Further wordings of common topics that only this organisation's staff use (names, nicknames).",
    )


class Guidance(Model):
    """One organisation's answer to one topic."""

    topic: Slug = Field(description="The topic that this answers.")
    verdict: Verdict | None = Field(None, description='yes, no or conditional; only, and always, for "may I" topics.')
    silent: bool = Field(
        False, description="True when the document touches the topic but does not decide it; the text then says so."
    )
    passages: tuple[PassageId, ...] = Field(
        min_length=1, description="The passages the text rests on, the most decisive first."
    )
    contact: Slug = Field(description="Whom to ask: a key of the organisation's contacts.")
    text: dict[Language, Text] = Field(description="The answer in plain language, the essential in the first sentence.")
    owner: Slug | None = Field(None, description="Who keeps this guidance right, if not the file's owner.")
    review_by: date | None = Field(None, description="When to look at it again, if not the file's date.")

    @field_validator("verdict", mode="before")
    @classmethod
    def _yes_and_no_are_words(cls, value: object) -> object:
        """YAML reads a bare yes or no as true or false; authors mean the word."""
        return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


class GuidanceFile(Model):
    """A file of guidance with the owner and review date that hold for all of it."""

    owner: Slug = Field(description="Contact key of the one who keeps the file right.")
    review_by: date = Field(description="The day by which somebody has to look at the file again (YYYY-MM-DD).")
    guidance: tuple[Guidance, ...]


class Contact(Model):
    """Somebody to ask, by role. Only what the organisation has published of them."""

    role: dict[Language, Text]
    name: Text | None = None
    phone: Annotated[str, StringConstraints(pattern=r"^[0-9+ \-]{5,20}$")] | None = None
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[a-z]+$")] | None = None


class Account(Model):
    """An official account that the document names."""

    platform: Text
    name: Text = Field(description="Handle or page name as the document gives it.")
    unit: dict[Language, Text]
    url: WebAddress | None = None
    passage: PassageId


class Link(Model):
    """A web page that the document refers to."""

    label: dict[Language, Text]
    url: WebAddress
    passage: PassageId


class Section(Model):
    """A heading of a document with the ids of its passages, in order."""

    title: Text
    passages: tuple[PassageId, ...] = ()
    furniture: tuple[PassageId, ...] = Field((), description="Contents lists and the like: nothing anybody asks about.")


class Document(Model):
    """A guideline: its title, date and sections. Its text stays with the municipality that issued it."""

    id: Slug
    title: Text
    language: Language
    date: Text | None = Field(description="As the document states it: YYYY-MM-DD, YYYY-MM or null.")
    url: WebAddress | None = None
    sections: tuple[Section, ...]

    @field_validator("date", mode="before")
    @classmethod
    def _dates_are_words(cls, value: object) -> object:
        """YAML reads a bare 2024-05-01 as a date; authors need not quote it."""
        return value.isoformat() if isinstance(value, date) else value


class DocumentFile(Model):
    """An organisation's documents."""

    documents: tuple[Document, ...] = Field(min_length=1)


class NotUsed(Model):
    """A normative passage that no guidance rests on, with the reason."""

    passage: PassageId
    reason: Text


class Organisation(Model):
    """A municipality: its names, languages, contacts, official accounts and links."""

    id: Slug
    name: dict[Language, Text]
    languages: tuple[Language, ...] = Field(min_length=1, description="The first is the organisation's own.")
    reference: str | None = Field(
        None,
        pattern=r"^[A-Z]{2,6}$",
        description="What references of its requests begin with, as NYK-2026-0007; else the id's first three.",
    )
    timezone: str = Field("Europe/Stockholm", description="In which its dates and times are shown.")
    contact: Slug = Field(description="Whom to ask when nothing else is said: a key of contacts.")
    contacts: dict[Slug, Contact]
    accounts: tuple[Account, ...] = ()
    links: tuple[Link, ...] = ()
    not_used: tuple[NotUsed, ...] = Field((), description="At most 5 % of the normative passages.")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{name!r} is no time zone; write it like Europe/Stockholm") from None
        return name

    @property
    def prefix(self) -> str:
        """What the references of its requests begin with."""
        return self.reference or self.id.replace("-", "")[:3].upper()

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone."""
        return ZoneInfo(self.timezone)

    def day(self, at: float) -> date:
        """The day there at a moment (seconds since 1970)."""
        return datetime.fromtimestamp(at, self.zone).date()


class Term(Model):
    """A concept of the field: its words in each language, everyday synonyms and beginnings of inflected forms."""

    id: Slug
    words: dict[Language, tuple[Text, ...]] = Field(
        description="A word matches where it begins a word of the question; '=word' matches only the whole word."
    )


class TermFile(Model):
    """The terms."""

    terms: tuple[Term, ...]


class Outside(Model):
    """A kind of message that is no question about the guideline (pay, printers, small talk)."""

    id: Slug
    wordings: dict[Language, tuple[Wording, ...]]


class OutsideFile(Model):
    """Messages that are not about social media: what the assistant must recognise in order not to answer."""

    outside: tuple[Outside, ...]

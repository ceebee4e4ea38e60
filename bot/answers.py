"""The answers to questions, pressed topics and commands for one organisation in one language. No state, no channel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from bot.answering.answerer import OUTSIDE, Answerer, Candidate, Decision, Understood
from bot.answering.languages import foreign
from bot.answering.permission import asks_leave, without_opener
from bot.answering.text import plain, sentences, words
from bot.commands import Command
from bot.messages import Button, Choice, ContactCard, Kind, Outgoing, Source
from bot.texts import say
from knowledge.models import Guidance, Language

CHOICES = 3
"""At most so many candidates are offered (issue 2: two or three)."""
RELATED = 3
FEWEST_WORDS = 2
"""Words of what is counted as a question of its own in a message; "OK?" is none."""
PLATFORMS = frozenset(
    ("social-media", "facebook", "instagram", "twitter", "youtube", "linkedin", "tiktok", "snapchat", "post", "hashtag")
)
"""Terms by which a message names what this is all about."""
EMERGENCY = f"{OUTSIDE}emergency"
"""The kind of message whose sender may need help at once: they are told the number for it, the same in both countries,
though no guideline says it."""
NONE = "none"
"""The choice that says: none of these."""


@dataclass(frozen=True)
class Reading:
    """What was made of a message as a question: one part a question in it, the first of which is answered."""

    text: str
    parts: tuple[Understood, ...]  # empty: there is no word in it
    first: int = 1  # which of its questions the first part is, as they are counted in it
    unread: tuple[int, ...] = ()  # which of its questions no part answers
    after: str | None = None  # the topic answered before, from which the message may go on


def essential(text: str) -> str:
    """A guidance's first sentence, which says the essential; with the next one where it is only a word or two."""
    first, *rest = sentences(text)
    return f"{first} {rest[0]}" if rest and len(words(first)) < 4 else first


def read(answerer: Answerer, text: str) -> Reading:
    """Understands a message. The slow part of a turn (some milliseconds); needs no state."""
    if not words(plain(text)):
        return Reading(text, ())
    understand = cache(answerer.understand)  # each text once, for as long as this message is read
    taken = answerer.questions_in(text, understand)[:CHOICES]
    parts = tuple(understand(part) for part in taken)
    questions = [s for s in sentences(plain(text)) if s.endswith("?") and len(words(s)) >= FEWEST_WORDS]
    if len(questions) < 2:
        return Reading(text, parts)
    first = questions.index(taken[0]) + 1 if taken[0] in questions else 1
    asked = {n: understand(q) for n, q in enumerate(questions, 1) if q not in taken}
    return Reading(text, parts, first, _unread(answerer, asked, parts))


def _unread(answerer: Answerer, asked: dict[int, Understood], parts: tuple[Understood, ...]) -> tuple[int, ...]:
    """Which of a message's other questions, by their number, the parts leave unanswered.

    A message that was understood as a whole leaves none, unless its answer is plainly that to one of the questions.
    """
    firsts = {n: understood.candidates[0] for n, understood in asked.items() if understood.candidates}
    others = {n: first for n, first in firsts.items() if not first.outside}
    answered = {part.candidates[0].topic for part in parts if part.candidates}
    if len(parts) == 1 and not answered & {other.topic for other in others.values()}:
        return ()
    passages = {p for topic in answered for p in _rests_on(answerer, topic)}
    return tuple(n for n, other in others.items() if not passages & _rests_on(answerer, other.topic))


def _rests_on(answerer: Answerer, topic: str) -> set[str]:
    """A topic's passages, or the topic itself where the document is silent."""
    guidance = answerer.knowledge.guidance.get(topic)
    return set(guidance.passages) if guidance else {topic}


def _without_verdict(outgoing: Outgoing) -> Outgoing:
    """The answer to a question that "yes" and "no" do not answer."""
    choices = tuple(replace(c, verdict=None, text=without_opener(c.text)) for c in outgoing.choices)
    return replace(outgoing, verdict=None, text=without_opener(outgoing.text), choices=choices)


class Answers:
    """Makes the outgoing message for one organisation in one language."""

    def __init__(self, answerer: Answerer, language: Language) -> None:
        self.answerer = answerer
        self.knowledge = answerer.knowledge
        self.language = language

    # -- what a message can be -------------------------------------------------------------------------------

    def question(self, text: str) -> Outgoing:
        """The answer to a question in somebody's own words."""
        return self.answer(read(self.answerer, text))

    def answer(self, reading: Reading) -> Outgoing:
        """The answer to a question that was read before."""
        if not reading.parts:
            return self._empty()
        self.language = self.supported(self.answerer.index.language(plain(reading.text), self.language))
        outgoing = self._understood(reading.parts[0], reading)
        if not asks_leave(reading.text):
            outgoing = _without_verdict(outgoing)
        said = [outgoing.text]
        if reading.unread:
            listed = ", ".join(str(number) for number in reading.unread)
            said.append(self._say("unread", count=len(reading.unread), listed=listed))
        if len(reading.parts) > 1:
            rest = tuple(self._choice(part.candidates[0].topic) for part in reading.parts[1:])
            said.append(self._say("also", number=reading.first))
            outgoing = replace(outgoing, choices=rest)
        return replace(outgoing, text="\n\n".join(said))

    def chosen(self, topic: str, language: Language | None = None) -> Outgoing:
        """The answer to a pressed button, in the language of the message that it stood under."""
        self.language = language or self.language
        if topic == NONE:
            return self._with_contact(Kind.HANDOVER, self._say("none-answer"))
        if topic not in self.knowledge.topics:
            return self._with_contact(Kind.HELP, self._say("stale-choice"))
        return self._topic(topic, 1.0)

    def why(self, topic: str) -> Outgoing:
        """What the answer to a topic rests on, for who asks "why?"."""
        guidance = self.knowledge.guidance[topic]
        contact, sources = self.contact(guidance.contact), self._sources(guidance)
        where = "; ".join(dict.fromkeys(source.place() for source in sources))
        text = self._say("why", where=where, contact=contact.line())
        return Outgoing(Kind.HELP, self.language, text, topic=topic, sources=sources, contact=contact)

    def command(self, known: Command) -> Outgoing:
        """The answer to a command, in the language it was typed in."""
        self.language = self.supported(known.language)
        name = known.name
        if name.startswith("language-"):
            self.language = self.supported(Language(name.removeprefix("language-")))
            return self._help(self._say("language-changed"))
        if name == "contact":
            return self._contacts()
        if name == "guideline":
            return self._guideline()
        if name == "why":
            return self._contacts()
        if name in ("robot", "privacy"):
            return self._with_contact(Kind.HELP, self._say(name))
        if name in ("thanks", "bye", "noted"):
            return self._help(self._say(name))
        greeting = f"{self._say('hello')}\n\n" if name == "hello" else ""
        return self._help(greeting + self._say("help", organisation=self._organisation()), examples=True)

    # -- the parts -------------------------------------------------------------------------------------------

    def _understood(self, understood: Understood, reading: Reading) -> Outgoing:
        if understood.decision is Decision.ANSWER:
            topic = understood.candidates[0].topic
            answered = (self._still if topic == reading.after else self._topic)(topic, understood.probability)
            return self._with_runners_up(answered, understood)
        if understood.decision is Decision.CHOOSE:
            offered = [c for c in understood.candidates if not c.outside]
            choices = self._distinct(offered)
            if len(choices) > 1:
                return Outgoing(
                    Kind.CHOOSE, self.language, self._say("choose"), confidence=understood.probability, choices=choices
                )
            return self._topic(offered[0].topic, understood.probability)
        message = self._say(self._not_understood(understood, reading), document=self._document_title())
        return self._with_contact(Kind.HANDOVER, message, understood.probability)

    def _not_understood(self, understood: Understood, reading: Reading) -> str:
        """Which words say that there is no answer: that something is off the subject is said only of what surely is."""
        text = plain(reading.text)
        if foreign(text):
            return "foreign"
        outside = bool(understood.candidates) and understood.candidates[0].outside
        if outside and understood.candidates[0].topic == EMERGENCY:
            return "emergency"
        if not outside or reading.after or self.answerer.index.names(text, PLATFORMS):
            return "handover"
        return "outside"

    def _still(self, topic: str, confidence: float) -> Outgoing:
        """The answer to a message that goes on from the same topic: the essential, and that there is no more."""
        answered = self._topic(topic, confidence)
        guidance = self.knowledge.guidance.get(topic)
        if guidance is None or guidance.silent or answered.contact is None:
            return answered
        said = self._say("still", topic=self._label(topic), essential=essential(without_opener(self._text(guidance))))
        return replace(answered, text=f"{said}\n\n{self._say('ask', contact=answered.contact.line())}", verdict=None)

    def _with_runners_up(self, answered: Outgoing, understood: Understood) -> Outgoing:
        """The answer, and under it in short what else the question may have meant."""
        if not understood.beside:
            return answered
        choices = [self._choice(topic) for topic in understood.beside]
        lines = [f"– {c.label}: {essential(without_opener(c.text))} ({c.sources[0].section})" for c in choices]
        sources = dict.fromkeys([*answered.sources, *(source for c in choices for source in c.sources)])
        related = dict.fromkeys([*(Choice(c.topic, c.label) for c in choices), *answered.related])
        return replace(
            answered,
            text="\n".join([f"{answered.text}\n\n{self._say('beside')}", *lines]),
            sources=tuple(sources),
            related=tuple(related)[:RELATED],
        )

    def _topic(self, topic: str, confidence: float) -> Outgoing:
        guidance = self.knowledge.guidance.get(topic)
        if guidance is None:
            label = self._label(topic)
            text = self._say("silent", document=self._document_title(), topic=label)
            return replace(self._with_contact(Kind.SILENT, text, confidence), topic=topic)
        contact = self.contact(guidance.contact)
        return Outgoing(
            Kind.SILENT if guidance.silent else Kind.ANSWER,
            self.language,
            f"{self._text(guidance)}\n\n{self._say('ask', contact=contact.line())}",
            topic=topic,
            confidence=confidence,
            verdict=guidance.verdict,
            sources=self._sources(guidance),
            contact=contact,
            related=self._related(topic),
            buttons=self._flows(topic),
        )

    def _flows(self, topic: str) -> tuple[Button, ...]:
        """The dialogues that decide this topic for the case at hand."""
        found = [flow for flow in self.knowledge.flows.values() if topic in flow.topics and not flow.silent]
        return tuple(Button(self.in_language(flow.title), f"flow:{flow.id}") for flow in found)

    def _distinct(self, candidates: list[Candidate]) -> tuple[Choice, ...]:
        """The best candidates that would give different answers; a silent one only where it is the likeliest."""
        kept: list[Choice] = []
        rested_on: set[str] = set()
        for position, candidate in enumerate(candidates):
            guidance = self.knowledge.guidance.get(candidate.topic)
            if guidance is None and position > 0:
                continue
            if guidance is not None and guidance.passages[0] in rested_on:
                continue
            rested_on |= set(guidance.passages[:1]) if guidance else set()
            kept.append(self._choice(candidate.topic))
            if len(kept) == CHOICES:
                break
        return tuple(kept)

    def _choice(self, topic: str) -> Choice:
        guidance = self.knowledge.guidance.get(topic)
        if guidance is None:
            text = self._say("silent", document=self._document_title(), topic=self._label(topic))
            return Choice(topic, self._label(topic), text=text)
        sources = self._sources(guidance)
        return Choice(topic, self._label(topic), guidance.verdict, self._text(guidance), sources)

    def _related(self, topic: str) -> tuple[Choice, ...]:
        related = [t for t in self.knowledge.topics[topic].related if self.knowledge.answered(t)]
        return tuple(Choice(t, self._label(t)) for t in related[:RELATED])

    def _sources(self, guidance: Guidance) -> tuple[Source, ...]:
        return self.sources_of(guidance.passages)

    def sources_of(self, passages: Iterable[str]) -> tuple[Source, ...]:
        """Where in the documents the passages stand."""
        found = []
        for passage in passages:
            document, section = self.knowledge.section_of(passage)
            found.append(Source(document.title, document.date, section.title, passage, document.url))
        return tuple(found)

    def _help(self, text: str, *, examples: bool = False) -> Outgoing:
        suggestions = tuple(self._say(f"example-{n}") for n in (1, 2, 3))
        if examples:
            listed = "\n".join(f"– {s}" for s in suggestions)
            text = f"{text}\n{listed}\n{self._say('help-more')}"
        return Outgoing(Kind.HELP, self.language, text, suggestions=suggestions)

    def _contacts(self) -> Outgoing:
        if self.knowledge.answered("who-to-ask"):
            return self._topic("who-to-ask", 1.0)
        return self._with_contact(Kind.HELP, "")

    def _guideline(self) -> Outgoing:
        document = self.knowledge.documents[0]
        dated = self._say("guideline-date", date=document.date) if document.date else self._say("guideline-undated")
        text = self._say("guideline", title=document.title, organisation=self._organisation(), dated=dated)
        if document.url:
            text += " " + self._say("guideline-link", url=document.url)
        guidance = self.knowledge.guidance.get("guideline-valid")
        if guidance is None:
            return Outgoing(Kind.HELP, self.language, text)
        return Outgoing(
            Kind.ANSWER,
            self.language,
            f"{text}\n\n{self._text(guidance)}",
            topic="guideline-valid",
            confidence=1.0,
            sources=self._sources(guidance),
        )

    def _empty(self) -> Outgoing:
        return self._help(self._say("empty", example=self._say("example-1")))

    def _with_contact(self, kind: Kind, text: str, confidence: float = 0.0) -> Outgoing:
        contact = self.contact()
        lines = "\n\n".join(part for part in (text, self._say("ask", contact=contact.line())) if part)
        return Outgoing(kind, self.language, lines, confidence=confidence, contact=contact)

    def contact(self, key: str | None = None) -> ContactCard:
        """Whom to ask: the named contact, or the organisation's first."""
        organisation = self.knowledge.organisation
        found = organisation.contacts[key or organisation.contact]
        return ContactCard(self.in_language(found.role), found.name, found.phone, found.email)

    # -- words -----------------------------------------------------------------------------------------------

    def supported(self, language: Language) -> Language:
        """The language, or the organisation's first where it does not have it."""
        languages = self.knowledge.organisation.languages
        return language if language in languages else languages[0]

    def in_language(self, texts: dict[Language, str]) -> str:
        """A text in the reader's language."""
        return texts.get(self.language) or texts[self.knowledge.organisation.languages[0]]

    def _text(self, guidance: Guidance) -> str:
        return self.in_language(guidance.text)

    def _label(self, topic: str) -> str:
        return self.in_language(self.knowledge.topics[topic].label)

    def _organisation(self) -> str:
        return self.in_language(self.knowledge.organisation.name)

    def _document_title(self) -> str:
        return f"”{self.knowledge.documents[0].title}”"

    def _say(self, message: str, **values: str | int) -> str:
        return say(self.language, message, **values)

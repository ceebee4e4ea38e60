"""The compose box: what the guidance says about some words, as cards to insert. Reads only, keeps nothing."""

from __future__ import annotations

from dataclasses import replace

from adapters.teams.bodies import Body, sentence, task, task_message
from adapters.teams.elements import clean, cut
from adapters.teams.render import attachment, card
from adapters.teams.texts import say as own
from bot.answering.answerer import Answerer
from bot.answers import Answers
from bot.messages import Choice, Kind, Outgoing
from knowledge.models import Language

RESULTS = 8
ASKED = 2000
"""Characters of a message that go along to one's own chat."""


def search(answerer: Answerer, words: str, language: Language) -> Body:
    """What the guidance says about some words, as cards to insert."""
    if not words:
        return sentence("composeExtension/query", own(language, "search-hint"))
    outgoing = Answers(answerer, language).question(words)
    found = _results(answerer, outgoing)
    if not found:
        return sentence("composeExtension/query", own(outgoing.language, "nothing-found"))
    return {"composeExtension": {"type": "result", "attachmentLayout": "list", "attachments": found[:RESULTS]}}


def _results(answerer: Answerer, outgoing: Outgoing) -> list[Body]:
    answers = Answers(answerer, outgoing.language)
    found: list[Body] = []
    if outgoing.topic and outgoing.kind in (Kind.ANSWER, Kind.SILENT):
        label = answers.in_language(answers.knowledge.topics[outgoing.topic].label)
        found.append(result(outgoing, label))
    found += [result(from_choice(outgoing, c), c.label) for c in outgoing.choices]
    for related in outgoing.related:
        found.append(result(Answers(answerer, outgoing.language).chosen(related.topic), related.label))
    return found


def ask_about(answerer: Answerer, words: str, language: Language) -> Body:
    """The answer to somebody's message, for the one who asked about it only, and the way on into their own chat."""
    if not words:
        return task_message(own(language, "ask-empty"))
    outgoing = Answers(answerer, language).question(words)
    shown = card(outgoing, passive=True)
    data = {"ask": words[:ASKED], "language": outgoing.language.value}
    shown["actions"] = [{"type": "Action.Submit", "title": own(outgoing.language, "ask-chat"), "data": data}]
    return task(own(outgoing.language, "ask-title"), shown, outgoing.language)


def result(outgoing: Outgoing, title: str) -> Body:
    """One thing found, for the compose box: the card that is inserted, and how it looks in the list."""
    preview = {
        "contentType": "application/vnd.microsoft.card.thumbnail",
        "content": {"title": cut(clean(title), 100), "text": cut(" ".join(clean(outgoing.text).split()), 120)},
    }
    shown = replace(outgoing, title=title, related=(), choices=(), buttons=(), suggestions=(), key=None)
    return attachment(card(shown, passive=True)) | {"preview": preview}


def from_choice(outgoing: Outgoing, choice: Choice) -> Outgoing:
    """A candidate as the answer it would be."""
    kind = Kind.ANSWER if choice.sources else Kind.SILENT
    return Outgoing(
        kind, outgoing.language, choice.text, topic=choice.topic, verdict=choice.verdict, sources=choice.sources
    )

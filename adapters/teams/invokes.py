"""What Teams is answered in the same request: to a press on a card, to a dialog, to a search in the compose box."""

from __future__ import annotations

from typing import Any

from adapters.teams.elements import cut
from adapters.teams.read import Press
from adapters.teams.render import CARD, attachment, card, fallback, from_choice, result
from adapters.teams.texts import say as own
from bot.answering.answerer import Answerer
from bot.answers import Answers
from bot.messages import Incoming, Kind, Outgoing
from bot.outbox import Delivery
from knowledge.models import Language

Body = dict[str, Any]

RESULTS = 8
ASKED = 2000
"""Characters of a message that go along to one's own chat."""


def card_message(words: str) -> Body:
    """A sentence beside the card."""
    return {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": words}


def card_error(code: str, words: str) -> Body:
    """A press that cannot be read."""
    return {"statusCode": 400, "type": "application/vnd.microsoft.error", "value": {"code": code, "message": words}}


def task_message(words: str) -> Body:
    """A sentence in the dialog's place."""
    return {"task": {"type": "message", "value": words}}


def sentence(name: str, words: str) -> Body:
    """A sentence in answer to any invoke."""
    if name.startswith("composeExtension/query"):
        return {"composeExtension": {"type": "message", "text": words}}
    if name.startswith(("task/", "composeExtension/")):
        return task_message(words)
    return card_message(words)


def shown(outgoing: Outgoing) -> Body:
    """A card in the place of the one that asks."""
    return {"statusCode": 200, "type": CARD, "value": card(outgoing, personal=False)}


def pressed(press: Press, incoming: Incoming, made: list[Delivery]) -> Body:
    """The pressed card as it is now, where an answer takes its place; else a word. The outbox sends the rest."""
    same = [d.outgoing for d in made if d.outgoing.key and d.outgoing.key == press.key]
    same = [o for o in same if incoming.private or not o.private]
    if same:
        return {"statusCode": 200, "type": CARD, "value": card(same[-1], personal=incoming.private)}
    notice = next((d.outgoing for d in made if d.outgoing.kind is Kind.NOTICE), None)
    language = press.language or (made[0].outgoing.language if made else Language.EN)
    if notice is not None and (incoming.private or not notice.private):
        return card_message(cut(" ".join(fallback(notice).split()), 200))
    return card_message(own(language, "noted"))


def dialog(made: list[Delivery], language: Language) -> Body:
    """What comes next in a dialog: a form, a step or a summary to go on with, or a last word."""
    wanted = (Kind.FORM, Kind.STEP, Kind.SUMMARY)
    shown = next((d.outgoing for d in reversed(made) if d.outgoing.kind in wanted), None)
    if shown is not None and (shown.field or shown.fields or shown.buttons or shown.submit):
        return _task(shown.title, card(shown), shown.language)
    last = made[-1].outgoing if made else None
    return task_message(cut(fallback(last), 1000) if last else own(language, "noted"))


def _task(title: str, content: Body, language: Language) -> Body:
    value = {
        "title": cut(title, 60) or own(language, "ask-title"),
        "height": "large",
        "width": "medium",
        "card": attachment(content),
    }
    return {"task": {"type": "continue", "value": value}}


# -- the compose box: reads only, keeps nothing ------------------------------------------------------------------------


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
    return _task(own(outgoing.language, "ask-title"), shown, outgoing.language)

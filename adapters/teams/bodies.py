"""What an invoke of Teams is answered with: the bodies of the responses, as plain dicts. Pure."""

from __future__ import annotations

from typing import Any

from adapters.teams.elements import cut
from adapters.teams.payload import partner
from adapters.teams.press import Press
from adapters.teams.render import CARD, attachment, card
from adapters.teams.spoken import fallback
from adapters.teams.texts import say as own
from bot.messages import Incoming, Kind, Outgoing
from bot.outbox import Delivery
from knowledge.models import Language

Body = dict[str, Any]


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
        return {"statusCode": 200, "type": CARD, "value": _card(incoming, same[-1])}
    notice = next((d.outgoing for d in made if d.outgoing.kind is Kind.NOTICE), None)
    language = press.language or (made[0].outgoing.language if made else Language.EN)
    if notice is not None and (incoming.private or not notice.private):
        return card_message(cut(" ".join(fallback(notice).split()), 200))
    private = any(d.outgoing.private for d in made) and not incoming.private
    return card_message(own(language, "in-private" if private else "noted"))


def _card(incoming: Incoming, outgoing: Outgoing) -> Body:
    chooser = partner(incoming.address) if incoming.private else None
    return card(outgoing, personal=incoming.private, chooser=chooser)


def dialog(incoming: Incoming, made: list[Delivery], language: Language) -> Body:
    """What comes next in a dialog: a form, a step or a summary to go on with, or a last word."""
    wanted = (Kind.FORM, Kind.STEP, Kind.SUMMARY)
    shown = next((d.outgoing for d in reversed(made) if d.outgoing.kind in wanted), None)
    if shown is not None and (shown.field or shown.fields or shown.buttons or shown.submit):
        return task(shown.title, card(shown, chooser=partner(incoming.address)), shown.language)
    last = made[-1].outgoing if made else None
    return task_message(cut(fallback(last), 1000) if last else own(language, "noted"))


def task(title: str, content: Body, language: Language) -> Body:
    """A card in a dialog."""
    value = {
        "title": cut(title, 60) or own(language, "ask-title"),
        "height": "large",
        "width": "medium",
        "card": attachment(content),
    }
    return {"task": {"type": "continue", "value": value}}

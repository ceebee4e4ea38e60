"""A typed line as an incoming message."""

from __future__ import annotations

from bot.messages import Incoming, Person
from bot.texts import slug
from knowledge.models import Language


def incoming(organisation: str, user: str, text: str, language: Language | None) -> Incoming:
    """The message; the same user name is the same person, whenever they come back."""
    person = f"terminal:{slug(user)}"
    return Incoming(organisation, person, text, language, person=Person(person, user))

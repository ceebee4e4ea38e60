"""A request of the page as an incoming message."""

from __future__ import annotations

import re
from typing import Any

from bot.messages import Incoming
from knowledge.models import Language

LONGEST = 20_000
"""Characters of a message that are read at all."""
_CONVERSATION = re.compile(r"[0-9a-zA-Z-]{1,64}")


class BadRequest(Exception):
    """What was sent is no message; the text says what is wrong."""


def read(data: Any, organisations: list[str]) -> Incoming:
    """The message in a request's JSON. Raises BadRequest."""
    if not isinstance(data, dict):
        raise BadRequest("the request must be a JSON object")
    org = data.get("org")
    if org not in organisations:
        raise BadRequest(f"unknown organisation; known are: {', '.join(organisations)}")
    conversation = data.get("conversation")
    if not isinstance(conversation, str) or not _CONVERSATION.fullmatch(conversation):
        raise BadRequest("conversation must be 1 to 64 letters, digits or hyphens")
    text, choice = data.get("text", ""), data.get("choice")
    if not isinstance(text, str) or not (choice is None or isinstance(choice, str)):
        raise BadRequest("text and choice must be texts")
    try:
        language = Language(data["language"]) if data.get("language") else None
    except ValueError:
        raise BadRequest(f"unknown language; known are: {', '.join(Language)}") from None
    form = data.get("form")
    if form is not None and not isinstance(form, dict):
        raise BadRequest("form must be an object")
    return Incoming(org, f"web:{conversation}", text[:LONGEST], language, choice, form=form)

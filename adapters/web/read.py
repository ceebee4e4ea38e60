"""A request of the page as an incoming message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.messages import File, Incoming, Person
from bot.texts import slug
from knowledge.models import Language

LONGEST = 20_000
"""Characters of a message that are read at all."""
LONGEST_NAME = 60
MOST_FILES = 10
SHARED = "web:communications"
"""The conversation that everybody in communications reads."""
_ID = re.compile(r"[0-9a-zA-Z-]{1,64}")
_CONVERSATION = re.compile(r"web:(?:communications:)?[\w-]{1,80}")


class BadRequest(Exception):
    """What was sent is no message; the text says what is wrong."""


@dataclass(frozen=True)
class Who:
    """Who is at the page, as they say themselves: the page is on their own machine and asks for no password."""

    conversation: str
    person: Person | None
    communications: bool = False


def who(data: Mapping[str, Any]) -> Who:
    """The person: by name and role, or by the random id that the browser keeps. Raises BadRequest."""
    visitor, name, role = data.get("visitor"), data.get("name") or "", data.get("role") or "staff"
    if not isinstance(visitor, str) or not _ID.fullmatch(visitor):
        raise BadRequest("visitor must be 1 to 64 letters, digits or hyphens")
    if not isinstance(name, str) or len(name) > LONGEST_NAME:
        raise BadRequest(f"name must be a text of at most {LONGEST_NAME} characters")
    if role not in ("staff", "communications"):
        raise BadRequest("role must be staff or communications")
    name = " ".join(name.split())
    own = slug(name) if re.search(r"[^\W_]", name) else visitor
    if role == "communications":
        own = f"communications:{own}"
    elif f"web:{own}" == SHARED:
        own = f"{own}-person"
    return Who(f"web:{own}", Person(f"web:{own}", name) if own != visitor and name else None, role == "communications")


def organisation(data: Mapping[str, Any], organisations: list[str]) -> str:
    """The organisation asked for. Raises BadRequest."""
    org = data.get("org")
    if not isinstance(org, str) or org not in organisations:
        raise BadRequest(f"unknown organisation; known are: {', '.join(organisations)}")
    return org


def waiting(data: Mapping[str, Any], organisations: list[str]) -> tuple[str, str, int]:
    """Organisation, conversation and the last delivery that was shown, of a look into the inbox. Raises BadRequest."""
    conversation, after = str(data.get("conversation", "")), str(data.get("after") or "0")
    if not _CONVERSATION.fullmatch(conversation):
        raise BadRequest("conversation must be one that the page was given")
    if not re.fullmatch(r"[0-9]{1,15}", after):
        raise BadRequest("after must be a number")
    return organisation(data, organisations), conversation, int(after)


def read(data: Any, organisations: list[str]) -> Incoming:
    """The message in a request's JSON. Raises BadRequest."""
    if not isinstance(data, dict):
        raise BadRequest("the request must be a JSON object")
    org = organisation(data, organisations)
    here = who(data)
    text, choice, event = data.get("text", ""), data.get("choice"), data.get("event")
    if not isinstance(text, str) or not (choice is None or (isinstance(choice, str) and len(choice) <= 255)):
        raise BadRequest("text and choice must be texts, choice of at most 255 characters")
    if event is not None and not (isinstance(event, str) and _ID.fullmatch(event)):
        raise BadRequest("event must be 1 to 64 letters, digits or hyphens")
    try:
        language = Language(data["language"]) if data.get("language") else None
    except ValueError:
        raise BadRequest(f"unknown language; known are: {', '.join(Language)}") from None
    return Incoming(
        org,
        here.conversation,
        text[:LONGEST],
        language,
        choice,
        person=here.person,
        event=f"{here.conversation}:{event}" if event else None,
        form=_form(data.get("form")),
        files=_files(data.get("files")),
    )


def _form(form: Any) -> dict[str, Any] | None:
    if form is None:
        return None
    if not isinstance(form, dict) or not all(
        isinstance(value, str) or (isinstance(value, list) and all(isinstance(v, str) for v in value))
        for value in form.values()
    ):
        raise BadRequest("form must be an object whose values are texts or lists of texts")
    return {name: value[:LONGEST] if isinstance(value, str) else value for name, value in form.items()}


def _files(files: Any) -> tuple[File, ...]:
    if files is None:
        return ()
    if not isinstance(files, list) or len(files) > MOST_FILES or not all(isinstance(f, dict) for f in files):
        raise BadRequest(f"files must be a list of at most {MOST_FILES} objects")
    return tuple(_file(f) for f in files)


def _file(data: dict[str, Any]) -> File:
    name, media_type, people = data.get("name"), data.get("media_type", ""), data.get("people", [])
    if not isinstance(name, str) or not isinstance(media_type, str):
        raise BadRequest("a file's name and media_type must be texts")
    if not isinstance(people, list) or not all(isinstance(p, str) for p in people):
        raise BadRequest("a file's people must be a list of texts")
    return File(name[:255], media_type[:100], data.get("place") is True, tuple(p[:100] for p in people[:5]))

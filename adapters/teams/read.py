"""An activity of Teams as an incoming message. Pure functions over plain dicts; what is odd is nothing, never an error.

Edits, deletions, reactions, typing and whatever else Teams sends are no messages.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adapters.teams import html
from adapters.teams.payload import (
    LONGEST,
    Activity,
    address,
    conversation,
    event,
    from_bot,
    language,
    part,
    parts,
    person,
    personal,
    tenant,
    text,
)
from adapters.teams.press import Press, press
from adapters.teams.said import said
from bot.messages import Incoming
from knowledge.models import Language

_HELLO = {Language.SV: "hej", Language.FI: "hei", Language.EN: "hello"}


def read(
    activity: Activity, organisation: str, spoken: Language = Language.SV, review_channel: str = ""
) -> Incoming | None:
    """The message in an activity; None where there is none.

    `spoken`: the organisation's language, for a welcome. `review_channel`: it is one conversation with all its threads,
    for that is how it was written to; answers go into the thread all the same.
    """
    found = _read(activity, organisation, spoken)
    root = text(activity, "conversation", "id").split(";messageid=")[0]
    if found is None or not review_channel or root != review_channel:
        return found
    return replace(found, conversation=conversation(tenant(activity), root))


def _read(activity: Activity, organisation: str, spoken: Language) -> Incoming | None:
    kind = text(activity, "type")
    if not text(activity, "conversation", "id") or not tenant(activity):
        return None
    if kind == "message":
        return None if from_bot(activity) else _message(activity, organisation)
    if kind == "invoke":
        found = press(activity)
        return pressed(activity, organisation, found) if found else None
    if installed(activity):
        chosen = language(activity)
        added = event(activity, f"welcome {text(activity, 'timestamp')[:10]}")  # both ways of saying it, and again
        return _incoming(activity, organisation, text=_HELLO[chosen or spoken], language=chosen, event=added)
    return None


def installed(activity: Activity) -> bool:
    """Whether the assistant has just been added here. Teams says so in two ways, and may say it again."""
    kind = text(activity, "type")
    if kind == "installationUpdate":
        return text(activity, "action") == "add"
    if kind != "conversationUpdate":
        return False
    ours = text(activity, "recipient", "id")
    return bool(ours) and any(text(member, "id") == ours for member in parts(activity, "membersAdded"))


def _message(activity: Activity, organisation: str) -> Incoming | None:
    found = press(activity)
    if found:
        return pressed(activity, organisation, found)
    words = said(activity)
    if not personal(activity) and not words.mentioned:
        return None
    if not words.text and not words.files and not words.mentioned:
        return None
    return _incoming(
        activity,
        organisation,
        text=words.text,
        language=language(activity),
        files=tuple(words.files),
        mentions=tuple(words.people),
        event=event(activity),
    )


def pressed(activity: Activity, organisation: str, found: Press) -> Incoming | None:
    """A press as a message; None where nothing was chosen."""
    if found.says:
        return _incoming(activity, organisation, text=found.says, language=found.language, event=event(activity))
    if not found.action:
        return None
    return _incoming(
        activity,
        organisation,
        choice=found.action,
        language=found.language or language(activity),
        form=found.form,
        event=event(activity),
        said=text(activity, "replyToId"),
    )


def _incoming(activity: Activity, organisation: str, *, said: str = "", **given: Any) -> Incoming:
    """`said` is the message on which something was pressed."""
    return Incoming(
        organisation,
        conversation(tenant(activity), text(activity, "conversation", "id")),
        person=person(activity),
        private=personal(activity),
        address=address(activity) | ({"said": said} if said else {}),
        **given,
    )


# -- the compose box ---------------------------------------------------------------------------------------------------


def searched(activity: Activity) -> str:
    """What was written into the search of the compose box."""
    for parameter in parts(part(activity, "value"), "parameters"):
        if text(parameter, "name") != "initialRun":
            return text(parameter, "value").strip()[:LONGEST]
    return ""


def asked_about(activity: Activity) -> str:
    """The words of the message on which "Ask Someguide about this" was pressed."""
    body = part(activity, "value", "messagePayload", "body")
    content = text(body, "content")
    words = html.read(content, [])[0] if text(body, "contentType") != "text" else content
    return words.strip()[:LONGEST]

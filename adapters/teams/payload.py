"""What stands where in an activity: who, where, in which language. Pure; what is odd is empty, never an error."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from bot.messages import Person
from knowledge.models import Language

Activity = dict[str, Any]

LONGEST = 20_000
"""Characters of a message that are read at all."""
ID = 200
"""Characters of a conversation's id that are kept as they are; the store takes 255 with what stands before."""
_REFERENCE = ("conversation", "channelId", "serviceUrl", "locale")


def part(data: Any, *path: str) -> dict[str, Any]:
    """The object at a path; an empty one where there is none."""
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def text(data: Any, *path: str) -> str:
    """The text at a path; an empty one where there is none."""
    found = part(data, *path[:-1]).get(path[-1])
    return found.encode("utf-8", "replace").decode("utf-8") if isinstance(found, str) else ""


def decoded(body: bytes) -> dict[str, Any]:
    """The object that stands in some JSON; an empty one where there is none."""
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def parts(data: Any, name: str) -> list[dict[str, Any]]:
    """The objects of a list; those that are none are left out."""
    found = data.get(name) if isinstance(data, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


# -- who, where, in which language ------------------------------------------------------------------------------------


def tenant(activity: Activity) -> str:
    """The Microsoft 365 tenant in which this is said: of a guest, the one they are a guest of."""
    return text(activity, "channelData", "tenant", "id") or text(activity, "conversation", "tenantId")


def account_id(account: Any, tenant_id: str) -> str:
    """A person's id over all channels."""
    return f"teams:{tenant_id}:{text(account, 'aadObjectId') or text(account, 'id')}"[:255]


def person(activity: Activity) -> Person | None:
    """Who wrote or pressed."""
    sender = part(activity, "from")
    if not text(sender, "id") and not text(sender, "aadObjectId"):
        return None
    return Person(account_id(sender, tenant(activity)), text(sender, "name")[:200])


def account(activity: Activity) -> str:
    """Teams' own id of who wrote or pressed, by which they can be written to; else their object id."""
    return text(activity, "from", "id") or text(activity, "from", "aadObjectId")


def personal(activity: Activity) -> bool:
    """Whether nobody else reads along."""
    kind = text(activity, "conversation", "conversationType")
    if kind:
        return kind == "personal"
    return not part(activity, "conversation").get("isGroup") and not part(activity, "channelData", "team")


def conversation(tenant_id: str, conversation_id: str) -> str:
    """A conversation's id over all channels."""
    if len(conversation_id) > ID:
        conversation_id = hashlib.sha256(conversation_id.encode()).hexdigest()
    return f"teams:{tenant_id[:40]}:{conversation_id}"


def address(activity: Activity) -> dict[str, Any]:
    """How to write to this conversation again: Teams' own reference, whole, and the tenant."""
    reference: dict[str, Any] = {name: activity[name] for name in _REFERENCE if name in activity}
    reference["bot"], reference["user"] = part(activity, "recipient"), part(activity, "from")
    data = part(activity, "channelData")
    reference["channelData"] = {name: data[name] for name in ("tenant", "team", "channel") if name in data}
    return {"reference": reference, "tenant": tenant(activity)}


def partner(given: dict[str, Any]) -> Person | None:
    """Whom an address was learnt from, by object id and name; None where either is not known."""
    user = part(given, "reference", "user")
    identity, name = text(user, "aadObjectId"), text(user, "name")
    return Person(identity, name) if identity and name else None


def language(activity: Activity) -> Language | None:
    """The language of the person's Teams."""
    for found in (text(activity, "locale"), *(text(e, "locale") for e in parts(activity, "entities"))):
        name = found[:2].lower()
        if name in list(Language):
            return Language(name)
    return None


def event(activity: Activity, name: str = "") -> str | None:
    """What Teams calls this event, short enough for the store; None where it gives it no name."""
    own = name or f"{text(activity, 'type')}\n{text(activity, 'id')}"
    if own.endswith("\n"):
        return None
    whole = "\n".join((tenant(activity), text(activity, "conversation", "id"), own))
    return f"teams:{hashlib.sha256(whole.encode()).hexdigest()[:40]}"


def from_bot(activity: Activity) -> bool:
    """Whether a bot said it, be it ourselves."""
    sender = part(activity, "from")
    return text(sender, "role") == "bot" or bool(
        text(sender, "id") and text(sender, "id") == text(activity, "recipient", "id")
    )

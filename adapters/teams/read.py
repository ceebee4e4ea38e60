"""An activity of Teams as an incoming message. Pure functions over plain dicts; what is odd is nothing, never an error.

Edits, deletions, reactions, typing and whatever else Teams sends are no messages. A press carries its action, its
language and its inputs in the activity's `value`, whichever way the client sent it.
"""

from __future__ import annotations

import hashlib
import mimetypes
import re
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.teams import html
from adapters.teams.elements import FIELD
from bot.messages import File, Incoming, Person
from knowledge.models import Language

Activity = dict[str, Any]

LONGEST = 20_000
"""Characters of a message that are read at all."""
LONGEST_ACTION = 255
ID = 200
"""Characters of a conversation's id that are kept as they are; the store takes 255 with what stands before."""
_REFERENCE = ("conversation", "channelId", "serviceUrl", "locale")
_FILE = "application/vnd.microsoft.teams.file.download.info"
_HELLO = {Language.SV: "hej", Language.FI: "hei", Language.EN: "hello"}


# -- reaching into what was sent -----------------------------------------------------------------------------------


def part(data: Any, *path: str) -> dict[str, Any]:
    """The object at a path; an empty one where there is none."""
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def text(data: Any, *path: str) -> str:
    """The text at a path; an empty one where there is none."""
    found = part(data, *path[:-1]).get(path[-1])
    return found.encode("utf-8", "replace").decode("utf-8") if isinstance(found, str) else ""


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


# -- what is pressed ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Press:
    """A pressed action with what it brought along."""

    action: str  # empty: nothing was chosen in the list that stands for the action
    language: Language | None = None
    form: dict[str, Any] | None = None
    key: str = ""  # of the message it stood under
    says: str = ""  # words that it stands for
    refresh: bool = False


def press(activity: Activity) -> Press | None:
    """The press in an activity; None where it holds none of ours."""
    value = part(activity, "value")
    given = part(value, "action")
    data = part(given, "data") if given else value
    if isinstance(value.get("data"), dict):  # of a dialog: the pressed action's data lie one deeper
        data = part(value, "data")
    refresh = text(given, "verb") == "someguide-refresh"
    if not refresh and not ("action" in data or "say" in data):
        return None
    action = text(data, "action") or text(data, text(data, "pick") or "pick")
    spoken = text(data, "language")
    return Press(
        action[:LONGEST_ACTION],
        Language(spoken) if spoken in list(Language) else None,
        _form(data),
        text(data, "key")[:255],
        text(data, "say")[:LONGEST],
        refresh,
    )


def _form(data: dict[str, Any]) -> dict[str, Any] | None:
    """The filled inputs by their fields' names."""
    listed = data.get("lists")
    lists = {name for name in listed if isinstance(name, str)} if isinstance(listed, list) else set()
    form: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(name, str) and name.startswith(FIELD):
            form[name.removeprefix(FIELD)] = _value(value, name in lists)
    if text(data, "reason"):
        form["reason"] = text(data, text(data, "reason"))[:LONGEST]
    return form or None


def _value(value: Any, several: bool) -> Any:
    if isinstance(value, str):
        value = value.encode("utf-8", "replace").decode("utf-8")[:LONGEST].strip()
        return [v for v in value.split(",") if v] if several else value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else ""


# -- what is written ---------------------------------------------------------------------------------------------------


@dataclass
class Said:
    """A message's words, who is named in them, and what is attached."""

    text: str = ""
    mentioned: bool = False
    people: list[Person] = field(default_factory=list)
    files: list[File] = field(default_factory=list)


def said(activity: Activity) -> Said:
    """What a person wrote, without the mention that only calls the assistant."""
    found = Said()
    ours = text(activity, "recipient", "id")
    calls: list[str] = []
    for entity in parts(activity, "entities"):
        if text(entity, "type").lower() != "mention":
            continue
        who = part(entity, "mentioned")
        shown = " ".join(re.sub(r"</?at[^>]*>", "", text(entity, "text")).split()) or text(who, "name")
        if ours and text(who, "id") == ours:
            found.mentioned = True
            calls.append(shown)
        elif text(who, "id") or text(who, "aadObjectId"):
            found.people.append(Person(account_id(who, tenant(activity)), (text(who, "name") or shown)[:200]))
    found.text, pictures = _words(activity, calls)
    found.files = _files(activity)
    if pictures and not found.files:
        found.files = [File("image", "image/png")]
    return found


def _words(activity: Activity, calls: list[str]) -> tuple[str, int]:
    """The words: of the editor's HTML where there is any, else of the plain text."""
    for attachment in parts(activity, "attachments"):
        content = text(attachment, "content")
        if text(attachment, "contentType") == "text/html" and content:
            words, pictures = html.read(content, calls)
            return words[:LONGEST], pictures
    written = text(activity, "text")
    if text(activity, "textFormat") in ("xml", "xhtml", "html") or "<at" in written:
        if text(activity, "textFormat") not in ("xml", "xhtml", "html"):
            return _without(written, calls)[:LONGEST], 0
        words, pictures = html.read(written, calls)
        return words[:LONGEST], pictures
    return written.replace("\xa0", " ").strip()[:LONGEST], 0


def _without(written: str, calls: list[str]) -> str:
    """Plain text: our own mentions go, others stay as their names; nothing else in it is markup."""
    left = list(calls)

    def replaced(found: re.Match[str]) -> str:
        name = " ".join(found[1].split())
        if name in left:
            left.remove(name)
            return " "
        return found[1]

    words = re.sub(r"<at(?:\s[^>]{0,100})?>([^<]{0,300})</at>", replaced, written[: 2 * LONGEST])
    return "\n".join(" ".join(part_.split()) for part_ in words.replace("\r\n", "\n").split("\n")).strip()


def _files(activity: Activity) -> list[File]:
    """What is attached. Its content is never fetched: only what Teams says of it is known."""
    found = []
    for attachment in parts(activity, "attachments"):
        kind, name = text(attachment, "contentType"), text(attachment, "name")
        if kind == _FILE:
            extension = text(attachment, "content", "fileType")
            guessed = mimetypes.guess_type(name or f"file.{extension}")[0]
            found.append(File(name[:200] or "file", guessed or ""))
        elif kind.startswith(("image/", "video/")):
            found.append(File(name[:200] or kind.split("/")[0], kind if "*" not in kind else "image/png"))
    return found[:20]


# -- the incoming message ----------------------------------------------------------------------------------------------


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
        return _incoming(
            activity, organisation, text=_HELLO[chosen or spoken], language=chosen, event=event(activity, "welcome")
        )
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

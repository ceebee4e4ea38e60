"""What a person wrote: the words without the mention that calls us, who is named, what is attached. Pure."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass, field

from adapters.teams import html
from adapters.teams.payload import LONGEST, Activity, account_id, part, parts, tenant, text
from bot.messages import File, Person

FILES = 20
_FILE = "application/vnd.microsoft.teams.file.download.info"


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
    found.files = [one.file for one in attached(activity)]
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


@dataclass(frozen=True)
class Attached:
    """A file that came along, and where its content is. Nothing is fetched here."""

    file: File
    address: str = ""


def attached(activity: Activity) -> list[Attached]:
    """The files of a message: sent from a disk, or pasted as pictures."""
    found = []
    for attachment in parts(activity, "attachments"):
        kind, name = text(attachment, "contentType"), text(attachment, "name")
        if kind == _FILE:
            extension = text(attachment, "content", "fileType")
            guessed = mimetypes.guess_type(name or f"file.{extension}")[0]
            file = File(name[:200] or "file", guessed or "")
            found.append(Attached(file, text(attachment, "content", "downloadUrl")))
        elif kind.startswith(("image/", "video/")):
            file = File(name[:200] or kind.split("/")[0], kind if "*" not in kind else "image/png")
            found.append(Attached(file, text(attachment, "contentUrl")))
    return found[:FILES]

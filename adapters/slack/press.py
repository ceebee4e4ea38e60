"""What a button, a select or a modal carries of its own, so that pressing it needs nothing remembered.

A press comes back with the action that the assistant gave it and the language of the message it stood under. Where
they are kept differs, because Slack gives a button's value 2,000 characters but an option's only 150.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from adapters.slack.limits import ID, METADATA, OPTION_VALUE, cut
from bot.messages import Button
from knowledge.models import Language

BUTTON, SUBMIT, PICK, DATE, PERSON = "press", "submit", "pick", "date", "person"
"""What an action_id begins with. SUBMIT brings the other inputs of its message along."""
REASON = 300
"""As much of a reason's label as a button carries."""
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode
INPUT = "value"
"""The action_id of every input that is read together with others; its block_id names the field."""


@dataclass(frozen=True)
class Press:
    """A pressed thing: an action, or words that it stands for."""

    language: Language
    action: str = ""
    says: str = ""  # a suggestion: as if the person had typed it
    reason: str = ""  # the label of a text that must be asked for first
    field: str = ""  # the field of a step that an input answers
    page: int | None = None  # of the home view


def value(press: Press) -> str:
    """A button's value."""
    data: dict[str, Any] = {"l": press.language.value, "a": press.action, "s": press.says, "r": press.reason}
    data |= {"f": press.field, "p": press.page}
    return _ENCODE({key: kept for key, kept in data.items() if kept not in ("", None)})


def of_button(button: Button, language: Language) -> str:
    """The value of one of the assistant's buttons."""
    return value(Press(language, button.action, reason=cut(button.reason or "", REASON)))


def read(text: object) -> Press | None:
    """The press in a button's value; None where the value is none of ours."""
    try:
        data = json.loads(text) if isinstance(text, str) else None
        if not isinstance(data, dict):
            return None
        page = data.get("p")
        texts = [data.get(key, "") for key in "asrf"]
        if not all(isinstance(t, str) for t in texts) or not (page is None or isinstance(page, int)):
            return None
        return Press(Language(data.get("l", "")), texts[0], texts[1], texts[2], texts[3], page)
    except (ValueError, RecursionError):
        return None


def _shared(first: str, second: str) -> str:
    """What both begin with; of the first and last in order, it is what all begin with."""
    same = 0
    while same < min(len(first), len(second)) and first[same] == second[same]:
        same += 1
    return first[:same]


def split(actions: list[str]) -> tuple[str, list[str]] | None:
    """Actions as what they share and what is each one's own, for a select; None where that does not fit."""
    if not actions:
        return None
    shared = _shared(min(actions), max(actions))[: ID - 1]
    shared = shared[:-1] if shared in actions else shared  # no option may be empty
    own = [action[len(shared) :] for action in actions]
    return (shared, own) if all(0 < len(o) <= OPTION_VALUE for o in own) and len(set(own)) == len(own) else None


@dataclass(frozen=True)
class Metadata:
    """What a modal remembers: its action, its language, and where its answer goes."""

    action: str
    language: Language
    channel: str = ""
    thread: str = ""

    def write(self) -> str:
        """As a view's private_metadata."""
        data = {"a": self.action, "l": self.language.value, "c": self.channel, "t": self.thread}
        text = json.dumps(data, ensure_ascii=False)
        if len(text) > METADATA:
            raise ValueError("an action is at most 255 characters")
        return text


def metadata(text: object) -> Metadata | None:
    """What a view's private_metadata says; None where it is none of ours."""
    try:
        data = json.loads(text) if isinstance(text, str) else None
        if not isinstance(data, dict):
            return None
        texts = [data.get(key, "") for key in "act"]
        if not all(isinstance(t, str) for t in texts):
            return None
        return Metadata(texts[0], Language(data.get("l", "")), texts[1], texts[2])
    except (ValueError, RecursionError):
        return None

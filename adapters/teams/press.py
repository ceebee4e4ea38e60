"""What is pressed on a card: its action, its language and its inputs, whichever way the client sent it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from adapters.teams.elements import FIELD, PICKED
from adapters.teams.payload import LONGEST, Activity, part, text
from knowledge.models import Language

LONGEST_ACTION = 255
_ID = re.compile(r"[\w.:@-]{1,120}")
"""A person's object id, as the people picker gives it."""


@dataclass(frozen=True)
class Press:
    """A pressed action with what it brought along."""

    action: str  # empty: nothing was chosen in the list that stands for the action
    language: Language | None = None
    form: dict[str, Any] | None = None
    key: str = ""  # of the message it stood under
    says: str = ""  # words that it stands for
    refresh: bool = False
    file: str = ""  # the document that is wanted as a file


def press(activity: Activity) -> Press | None:
    """The press in an activity; None where it holds none of ours."""
    value = part(activity, "value")
    given = part(value, "action")
    data = part(given, "data") if given else value
    if isinstance(value.get("data"), dict):  # of a dialog: the pressed action's data lie one deeper
        data = part(value, "data")
    refresh = text(given, "verb") == "someguide-refresh"
    if not refresh and not data.keys() & {"action", "say", "file"}:
        return None
    action = text(data, "action") or text(data, text(data, "pick") or "pick")
    spoken = text(data, "language")
    return Press(
        action[:LONGEST_ACTION],
        Language(spoken) if spoken in list(Language) else None,
        _form(data),
        text(data, "thing")[:255],
        text(data, "say")[:LONGEST],
        refresh,
        text(data, "file")[:LONGEST_ACTION],
    )


def _form(data: dict[str, Any]) -> dict[str, Any] | None:
    """The filled inputs by their fields' names."""
    listed = data.get("lists")
    lists = {name for name in listed if isinstance(name, str)} if isinstance(listed, list) else set()
    form: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(name, str) and name.startswith(FIELD):
            form[name.removeprefix(FIELD)] = _value(value, name in lists)
    for name, value in data.items():
        if isinstance(name, str) and name.startswith(PICKED) and isinstance(value, str) and _ID.fullmatch(value):
            field = name.removeprefix(PICKED)
            written = form.get(field, "")  # what stood there before is not the picked one's name
            form[field] = {"id": value, "name": "" if written == text(data, "held", FIELD + field) else written}
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

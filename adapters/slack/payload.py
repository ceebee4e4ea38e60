"""Looks into Slack's JSON, which may be anything: a missing or wrongly typed part is empty, never an error."""

from __future__ import annotations

import re
from typing import Any

_IDS = {
    "user": re.compile(r"[UW][A-Z0-9]{1,30}"),
    "channel": re.compile(r"[CDG][A-Z0-9]{1,30}"),
    "team": re.compile(r"[TE][A-Z0-9]{1,30}"),
    "ts": re.compile(r"\d{1,12}\.\d{1,9}"),
}


def at(data: Any, *path: str | int) -> Any:
    """What stands at a path, or None."""
    for key in path:
        if isinstance(data, dict) and isinstance(key, str):
            data = data.get(key)
        elif isinstance(data, list) and isinstance(key, int) and key < len(data):
            data = data[key]
        else:
            return None
    return data


def text(data: Any, *path: str | int) -> str:
    """A text, or the empty one."""
    found = at(data, *path)
    if not isinstance(found, str) or found.isascii():
        return found if isinstance(found, str) else ""
    return found.encode("utf-8", "replace").decode()


def part(data: Any, *path: str | int) -> dict[str, Any]:
    """An object, or an empty one."""
    found = at(data, *path)
    return found if isinstance(found, dict) else {}


def items(data: Any, *path: str | int) -> list[dict[str, Any]]:
    """The objects of a list."""
    found = at(data, *path)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def identity(kind: str, data: Any, *path: str | int) -> str:
    """An id of a user, channel, team or message, or the empty text where it is none."""
    found = text(data, *path)
    return found if _IDS[kind].fullmatch(found) else ""

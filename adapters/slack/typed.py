"""What a person typed in Slack, read as what they mean: mentions, links, entities, emoji codes, formatting."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

LONGEST = 20_000
"""Characters of a message that are read at all."""

_CODE = re.compile(r"```(?:\n?)(.*?)(?:\n?)```|`([^`\n]+)`", re.DOTALL)
_TOKEN = re.compile(r"<([^<>]*)>")
_USER = re.compile(r"<@([UW][A-Z0-9]{1,30})(?:\|[^<>]*)?>")
_CHANNEL = re.compile(r"<#([CG][A-Z0-9]{1,30})\|?>")
_EMOJI = re.compile(r"(?<![\w:]):(\+1|-1|[a-z][a-z0-9_+'\-]{0,60})(?:::skin-tone-[2-6])?:(?!\w)")
_FORMAT = re.compile(r"(?<![\w*_~])([*_~])(?=\S)(.{1,500}?)(?<=\S)\1(?![\w*_~])")
_QUOTE = re.compile(r"^(?:&gt;|>)+\s?", re.MULTILINE)
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‟": '"', "‘": "'", "’": "'", "‚": "'", "\xa0": " "})
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_MEANING = {name: str(digit) for digit, name in enumerate(_DIGITS)} | {
    "keycap_ten": "10",
    "+1": "👍",
    "thumbsup": "👍",
    "ok_hand": "👍",
    "ok": "👍",
    "white_check_mark": "✅",
    "heavy_check_mark": "✅",
    "ballot_box_with_check": "✅",
    "-1": "👎",
    "thumbsdown": "👎",
    "x": "❌",
    "negative_squared_cross_mark": "❌",
    "no_entry_sign": "❌",
}
"""Emoji that are answers; all others are decoration."""


def mentioned(text: str) -> list[str]:
    """The ids of the people named in a message, in their order."""
    return list(dict.fromkeys(_USER.findall(text[:LONGEST])))


def unnamed(text: str) -> list[str]:
    """The ids of the channels that a message names without saying what they are called."""
    return list(dict.fromkeys(_CHANNEL.findall(text[:LONGEST])))


def meant(text: str, name: Callable[[str], str], bot: str = "") -> str:
    """The words of a message. `name` gives a person's or channel's name by its id; the bot's mention is left out."""
    text = text[:LONGEST]
    found, position = [], 0
    for match in _CODE.finditer(text):  # code is taken as it stands, except for its entities and links
        found.append(_formatted(text[position : match.start()]))
        found.append(match.group(1) if match.group(1) is not None else match.group(2))
        position = match.end()
    found.append(_formatted(text[position:]))
    plain = _TOKEN.sub(lambda token: _token(token.group(1), name, bot), "".join(found))
    lines = (" ".join(line.split()) for line in html.unescape(plain).translate(_QUOTES).splitlines())
    return "\n".join(lines).strip()


def _formatted(text: str) -> str:
    """Text outside code: quotation marks at line beginnings, formatting and emoji codes are not words."""
    text = _QUOTE.sub("", text)
    pieces = re.split(r"(<[^<>]*>)", text)  # what stands in angle brackets is an address or an id
    return "".join(piece if piece.startswith("<") else _decorated(piece) for piece in pieces)


def _decorated(text: str) -> str:
    for _ in range(3):  # bold within italic within struck out
        text = _FORMAT.sub(r"\2", text)
    return _EMOJI.sub(lambda code: _MEANING.get(code.group(1), " "), text)


def _token(token: str, name: Callable[[str], str], bot: str) -> str:
    """What stands between < and >: a person, a channel, a group, everyone, or an address."""
    inner, _, label = token.partition("|")
    if inner.startswith("@"):
        return " " if inner[1:] == bot else (name(inner[1:]) or label.removeprefix("@") or "")
    if inner.startswith("#"):
        label = label or name(inner[1:])
        return f"#{label}" if label else ""
    if inner.startswith("!"):
        return label or (f"@{inner[1:]}" if inner[1:] in ("here", "channel", "everyone") else "")
    address = inner.removeprefix("mailto:").removeprefix("tel:")
    if not label or label == address or address.removeprefix("http://").removeprefix("https://").rstrip("/") == label:
        return label or address
    return f"{label} ({address})"

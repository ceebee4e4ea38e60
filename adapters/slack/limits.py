"""What Slack allows, as numbers, and the cutting and cleaning that keeps to it.

Lengths are counted in UTF-16 units, as Slack's own clients do: never fewer than Python's characters, so a text that
fits here fits however Slack counts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

MESSAGE_BLOCKS = 50
MESSAGE_TOTAL = 12_000  # of all texts in all blocks; Slack refuses somewhere above 13,200
MESSAGE_TEXT = 4_000  # Slack takes 40,000; it advises 4,000 and nobody is read more aloud
VIEW_BLOCKS = 100
TITLE = 24  # title, submit and close of a modal
HEADER = 150
SECTION = 3_000
FIELD = 2_000  # one of a section's fields
CONTEXT = 10  # elements of a context block
CONTEXT_TEXT = 1_000
ACTIONS = 25
BUTTON = 75
BUTTON_SEEN = 30  # characters of a label that Slack shows; "may truncate with ~30 characters"
VALUE = 2_000  # of a button
OPTION = 75
OPTION_VALUE = 150
OPTIONS = 100
RADIOS = 10  # radio buttons and checkboxes
LABEL = 2_000  # label and hint of an input
PLACEHOLDER = 150
ID = 255  # action_id, block_id, external_id, callback_id
METADATA = 3_000
INPUT = 3_000  # characters of a text input
THREAD_TITLE = 255
PROMPTS = 4

_MARKS = 3
"""Combining marks in a row that are let through; more only hide what is above and below them."""
_USUAL = re.compile("[\n\t -~\u00a1-\u00ac\u00ae-\u02af\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2600-\u27bf]*")
"""Texts of these alone are clean as they are: Latin letters, punctuation, arrows, plain symbols. Most texts are."""
_JOINERS = "\u200c\u200d"
_SEEN = "So", "Sk", "Mn", "Lo", "Mc"  # what a zero-width joiner may stand before: emoji, and scripts that need it


def length(text: str) -> int:
    """UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """Without characters that show nothing, turn the line round, or break the JSON; line ends are one kind."""
    if _USUAL.fullmatch(text):
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return "".join(_kept(text))


def _kept(text: str) -> Iterator[str]:
    marks = 0
    for position, character in enumerate(text):
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > _MARKS:
            continue
        if character in _JOINERS:
            following = text[position + 1 : position + 2]
            if position and following and unicodedata.category(following) in _SEEN:
                yield character
        elif character in "\n\t" or category[0] != "C":
            yield character


def cut(text: str, longest: int) -> str:
    """The text, cleaned, ending in … where it had to be cut."""
    text = clean(text)
    if length(text) <= longest:
        return text
    kept = text[: longest - 1]
    while length(kept) > longest - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…"


_BREAK = re.compile(r"\n\n|\n|(?<=[.!?])\s|\s")


def parts(text: str, longest: int) -> list[str]:
    """The whole cleaned text in pieces, cut at the best break in the second half of each piece. No text: no pieces."""
    rest, found = clean(text).strip(), []
    while length(rest) > longest:
        piece = rest[:longest]
        while length(piece) > longest:
            piece = piece[:-1]
        at = _break(piece)
        found.append(piece[:at].rstrip() or piece[:at])
        rest = rest[at:].lstrip()
    return [*found, rest] if rest else found


def _break(piece: str) -> int:
    """Where to cut: after the last paragraph, line, sentence or word of the second half, else at the end."""
    half = len(piece) // 2
    best: dict[str, int] = {}
    for match in _BREAK.finditer(piece, half):
        kind = match.group() if match.group() in ("\n\n", "\n") else ("." if piece[match.start() - 1] in ".!?" else " ")
        best[kind] = match.end()
    return next((best[kind] for kind in ("\n\n", "\n", ".", " ") if kind in best), len(piece))

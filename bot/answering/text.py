"""What people type, made plain: one normal form, words, sentences, and nothing private in it."""

from __future__ import annotations

import html
import re
import unicodedata

MAX_CHARACTERS = 2_000
"""As much of a message as is read for its meaning; a question is in its beginning or its end."""

_QUOTES = str.maketrans({"’": "'", "‘": "'", "´": "'", "`": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-"})
# Beyond these characters there may be something to change; most messages have none, and are asked for often in a turn.
_UNUSUAL = re.compile(r"[^\n\t -_a-~ÅÄÖåäöÉé]")
_MARKUP = re.compile(r"<(?:@|#|!|https?:|mailto:)[^<>]{0,400}>|</?[a-zA-Z][^<>]{0,400}>|:[a-z0-9_+\-]{2,40}:")
_WORD = re.compile(r"[^\W_]+(?:['’:][^\W_]+)*")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_ABBREVIATED = re.compile(
    r"(?<!\w)(?:tel|puh|kap|nr|nro|ca|t\.ex|bl\.a|d\.v\.s|dvs|esim|mm|e\.g|i\.e|vs)\.$", re.IGNORECASE
)

# Swedish and Finnish personal identity numbers and telephone numbers: what must be neither logged nor stored.
_PERSONAL_NUMBER = re.compile(r"\b(?:\d{6}[-+A-FU-Y]\d{3}[0-9A-Z]|(?:19|20)?\d{6}[-+]?\d{4})\b", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w/])\+?\d[\d\s().\-]{6,18}\d\b")
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.\w+")


def plain(message: str) -> str:
    """A message without markup, control, bidirectional and invisible characters; entities read as what they mean.

    At most MAX_CHARACTERS are kept, from both ends: long messages put the question first or last.
    """
    text = html.unescape(message[: MAX_CHARACTERS * 20])
    text = _MARKUP.sub(" ", text)
    if _UNUSUAL.search(text):
        text = unicodedata.normalize("NFKC", text).translate(_QUOTES)
        text = "".join(c if c in "\n\t" or unicodedata.category(c)[0] != "C" else " " for c in text)
        text = _limited_marks(text)
    if len(text) > MAX_CHARACTERS:
        half = MAX_CHARACTERS // 2
        text = f"{text[:half]} {text[-half:]}"
    return "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())


def _limited_marks(text: str) -> str:
    """At most two combining marks in a row, so that stacked ones neither slow nor hide anything."""
    kept, run = [], 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= 2:
            kept.append(character)
    return "".join(kept)


def words(text: str) -> list[str]:
    """The words of a plain text in lower case, digits included, punctuation and emoji left out."""
    return [w.lower() for w in _WORD.findall(text)]


def sentences(text: str) -> list[str]:
    """The sentences of a plain text, in order. An abbreviation ("tel. 019 …") does not end one."""
    found: list[str] = []
    begun = ""
    for part in _SENTENCE.split(text):
        begun = f"{begun} {part.strip()}".strip()
        if begun and not _ABBREVIATED.search(begun):
            found.append(begun)
            begun = ""
    return [*found, begun] if begun else found


def redacted(text: str) -> str:
    """The text with personal identity numbers, telephone numbers and e-mail addresses replaced by a sign.

    What is kept or logged of a question passes through here first.
    """
    text = _PERSONAL_NUMBER.sub("[number]", text)
    text = _EMAIL.sub("[e-mail]", text)
    return _PHONE.sub("[number]", text)

"""Commands: short messages that are no questions (help, greetings, change of language, and those of a dialogue)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import yaml
from rapidfuzz import fuzz, process

from bot.answering.text import plain, words
from knowledge.flows import Flow
from knowledge.models import Language

LONGEST = 7
"""Words; anything longer is read as a question."""
NEAR = 88
"""Likeness (rapidfuzz ratio, 0 to 100) at which a misspelt command is still that command."""
POLITE = frozenset({"tack", "snälla", "kiitos", "kiitti", "please", "pls", "thanks"})
"""Words that are left out where the rest alone is a command: "på finska tack"."""
_LANGUAGES = (
    *("svenska", "finska", "engelska", "swedish", "finnish", "english", "ruotsia", "suomea", "englantia"),
    *("ruotsiksi", "suomeksi", "englanniksi", "ruotsi", "suomi", "englanti"),
)
SHORTEST_NEAR = 5
"""Characters; shorter commands must be spelt right ('moi' and 'hoi' are too near other words)."""


@dataclass(frozen=True)
class Command:
    """What a short message asks for, and the language it was written in."""

    name: str
    language: Language
    exact: bool = field(default=True, compare=False)  # False: misspelt

    @property
    def dialogue(self) -> bool:
        """True for a command that means something only while a dialogue is open; else it is read as any message."""
        return self.name in DIALOGUE


DIALOGUE = frozenset({"back", "skip", "pause", "cancel", "start-over", "summary", "form", "steps", "submit", "keep"})


@lru_cache(maxsize=1)
def _phrases() -> dict[str, Command]:
    data = yaml.safe_load(Path(__file__).with_name("commands.yaml").read_text(encoding="utf-8"))
    found: dict[str, Command] = {}
    for name, by_language in data.items():
        for language, phrases in by_language.items():
            for phrase in phrases:
                found.setdefault(phrase, Command(name, Language(language)))
    return found


def command(message: str) -> Command | None:
    """The command that a message is, or None when it is to be read as a question."""
    said = words(plain(message))
    if not said or len(said) > LONGEST:
        return None
    phrase = " ".join(said)
    exact = _phrases().get(phrase) or _phrases().get(" ".join(word for word in said if word not in POLITE))
    if exact or len(phrase) < SHORTEST_NEAR:
        return exact
    near = process.extractOne(phrase, _phrases().keys(), scorer=fuzz.ratio, score_cutoff=NEAR)
    if near is None or len(near[0]) < SHORTEST_NEAR or _names_other(said, near[0].split()):
        return None
    return replace(_phrases()[near[0]], exact=False)


def _names_other(said: list[str], phrase: list[str]) -> bool:
    """Whether a language is named that is not the phrase's: "in Finnish" is nearly "in Swedish"."""
    return any(word in said and word not in phrase for word in _LANGUAGES)


_CHANGE = re.compile(
    r"^(?:ändra|byt|rätta|korrigera|muuta|vaihda|korjaa|change|edit|correct|fix)"
    r"(?:\s+(?:svar(?:et)?|nummer|nr|fråga|vastaus(?:ta)?|kohta(?:a)?|numero|nro|answer|number|question|no))?\s*\.?(\d{1,2})\.?(?:\s*(?::|\btill\b|\bto\b)\s*(\S.*))?$",
    re.IGNORECASE | re.DOTALL,
)
_CHANGE_FI = re.compile(
    r"^(?:muuta|korjaa|vaihda)\s+(\d{1,2})\.?\s*(?:vastaus(?:ta)?|kohta(?:a)?)?(?:\s*:\s*(\S.*))?$",
    re.IGNORECASE | re.DOTALL,
)


def change_asked(message: str) -> tuple[int, str] | None:
    """The number of the answer that "change 3" names, and the new one in "change 3: the library" (else "")."""
    said = plain(message).strip()
    found = _CHANGE.match(said) or _CHANGE_FI.match(said)
    if not found:
        return None
    after = message.partition(":")[2].strip() if ":" in said else ""  # as it was written
    return int(found[1]), after if after and found[2] else (found[2] or "").strip()


MOST_WORDS_TO_START = 8
NEAR_START = 90
"""Likeness (rapidfuzz ratio) at which a message is a flow's starting phrase."""


@lru_cache(maxsize=4096)
def _phrase(known: str) -> str:
    """A phrase of the knowledge as it is compared."""
    return " ".join(words(plain(known)))


def starts_flow(message: str, flows: Iterable[Flow]) -> tuple[str, Language] | None:
    """The flow that a message asks to start, by one of its starting phrases or its title, and the phrase's language."""
    said = words(plain(message))
    if not said or len(said) > MOST_WORDS_TO_START or message.rstrip().endswith("?"):
        return None
    phrase = " ".join(said)
    best: tuple[float, str, Language] | None = None
    for flow in flows:
        for language in Language:
            for known in (*flow.start.get(language, ()), flow.title.get(language, "")):
                score = fuzz.ratio(phrase, _phrase(known), score_cutoff=NEAR_START)
                if score and (best is None or score > best[0]):
                    best = (score, flow.id, language)
    return (best[1], best[2]) if best else None

"""Commands: short messages that are no questions (help, greetings, thanks, change of language, whom to ask)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from rapidfuzz import fuzz, process

from bot.answering.text import plain, words
from knowledge.models import Language

LONGEST = 5
"""Words; anything longer is read as a question."""
NEAR = 88
"""Likeness (rapidfuzz ratio, 0 to 100) at which a misspelt command is still that command."""
SHORTEST_NEAR = 5
"""Characters; shorter commands must be spelt right ('moi' and 'hoi' are too near other words)."""


@dataclass(frozen=True)
class Command:
    """What a short message asks for, and the language it was written in."""

    name: str
    language: Language


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
    exact = _phrases().get(phrase)
    if exact or len(phrase) < SHORTEST_NEAR:
        return exact
    near = process.extractOne(phrase, _phrases().keys(), scorer=fuzz.ratio, score_cutoff=NEAR)
    return _phrases()[near[0]] if near and len(near[0]) >= SHORTEST_NEAR else None

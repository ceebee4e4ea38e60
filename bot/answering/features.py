"""The features a question is compared by: character n-grams within words, and the concepts its words name.

Character 3-5-grams give Swedish and Finnish compounds and inflection for free; concepts carry what no spelling
shares (bild, foto, kuva, picture are one concept).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bot.answering.text import plain, words
from knowledge.models import Term

SHORTEST, LONGEST = 3, 5
"""Lengths of the n-grams; a space on either side of the word counts (architecture, "Answering")."""


class Concepts:
    """Finds the terms that a word names, in any of the languages."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._whole: dict[str, set[str]] = {}
        self._begins: dict[str, set[str]] = {}
        for term in terms:
            for listed in term.words.values():
                for word in listed:
                    place, key = (self._whole, word[1:]) if word.startswith("=") else (self._begins, word)
                    place.setdefault(key.lower(), set()).add(term.id)

    def of(self, word: str) -> set[str]:
        """The ids of the terms that a lower-case word names."""
        found = set(self._whole.get(word, ()))
        for end in range(3, len(word) + 1):
            found |= self._begins.get(word[:end], set())
        return found


def ngrams(word: str) -> list[str]:
    """Character n-grams of one word with a space before and after it."""
    padded = f" {word} "
    size = len(padded)
    return [padded[i : i + n] for n in range(SHORTEST, LONGEST + 1) for i in range(size - n + 1)] or [padded]


def features(text: str, concepts: Concepts) -> Counter[str]:
    """How often each feature occurs in a text. Concepts are marked with a leading '§'."""
    counted: Counter[str] = Counter()
    for word in words(plain(text)):
        counted.update(ngrams(word))
        counted.update(f"§{concept}" for concept in concepts.of(word))
    return counted

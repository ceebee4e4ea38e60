"""The features a question is compared by: character n-grams within words, and the concepts its words name.

Character 3-5-grams give Swedish and Finnish compounds and inflection for free; concepts carry what no spelling
shares (bild, foto, kuva, picture are one concept). A feature is a number of 32 bits, the checksum of what it is: an
index then needs no dictionary of strings, which took 15 MB an organisation. Of 120,000 features two share a number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from zlib import crc32

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


def of_concept(concept: str) -> int:
    """The feature that stands for a term."""
    return crc32(f"§{concept}".encode())


def features(text: str, concepts: Concepts) -> Counter[int]:
    """How often each feature occurs in a text."""
    counted: Counter[int] = Counter()
    for word in words(plain(text)):
        counted.update(crc32(gram.encode()) for gram in ngrams(word))
        counted.update(of_concept(concept) for concept in concepts.of(word))
    return counted

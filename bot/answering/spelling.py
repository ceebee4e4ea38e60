"""Repairs the spelling of a question by the words that the index knows, so that what was mistyped is still understood.

Two things are put right: letters typed without their dots and rings ("maste jag fraga"), and words that the index does
not know and that are one letter away from one that it knows. Of 102 misspelt questions 93 are right with it and 88
without; of 350 stripped of dots and rings 338 and 301; of 560 others as many as before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.answering.text import plain, words
from knowledge.models import Language

OFTEN = 3
"""A word is taken for what was meant when it stands in so many wordings: what is rarer may be misspelt itself."""
SHORTEST = 5
"""Characters; a shorter unknown word is a letter away from too many others."""
LIKELIER = 4
"""A word that is known as it stands is read with dots where that word is so many times as frequent ("for", "för")."""
_BARE = str.maketrans("åäöéÅÄÖÉ", "aaoeAAOE")
_WORD = re.compile(r"[^\W\d_]+(?:['’:][^\W\d_]+)*")


def bare(text: str) -> str:
    """A text without dots, rings and accents."""
    return text.translate(_BARE)


def counted(texts: Iterable[tuple[Language, str]]) -> dict[Language, Counter[str]]:
    """How often each word is written in each language."""
    found: dict[Language, Counter[str]] = {language: Counter() for language in Language}
    for language, text in texts:
        found[language].update(words(plain(text)))
    return found


@dataclass(frozen=True)
class Known:
    """What is kept of the words of one organisation's wordings and guidance."""

    words: NDArray[np.uint32]
    """Checksums of all words of all languages, in order: in memory a tenth of a set of strings."""
    dotted: dict[Language, dict[str, str]]
    """Bare spellings, and the word with dots that is meant by each."""
    frequent: dict[Language, list[str]]
    """The words that one may have meant, the most frequent first."""


def learnt(counts: Mapping[Language, Mapping[str, int]]) -> Known:
    """What is kept of words that were counted."""
    every = sorted({crc32(word.encode()) for words_of in counts.values() for word in words_of})
    return Known(
        np.array(every, dtype=np.uint32),
        {language: _dotted(words_of) for language, words_of in counts.items()},
        {language: _frequent(words_of) for language, words_of in counts.items()},
    )


class Spelling:
    """Reads words as they are known in each language."""

    def __init__(self, known: Known) -> None:
        self._words = known.words
        self._dotted = known.dotted
        self._near = {language: _by_length(words_of) for language, words_of in known.frequent.items()}

    def repaired(self, text: str, language: Language) -> str:
        """The text with its words spelt as they are known in that language; what is not sure stays."""
        without_dots = bare(text) == text

        def word(found: re.Match[str]) -> str:
            written = found[0].lower()
            if without_dots and (dotted := self._dotted.get(language, {}).get(written)):
                return dotted
            if self._knows(written):
                return found[0]
            return self._nearest(written, language) or found[0]

        return _WORD.sub(word, text)

    def _knows(self, word: str) -> bool:
        number = crc32(word.encode())
        at = int(np.searchsorted(self._words, np.uint32(number)))
        return at < self._words.size and int(self._words[at]) == number

    def _nearest(self, written: str, language: Language) -> str | None:
        """The most frequent word that is one letter, or two letters changing places, away."""
        dotted = self._dotted.get(language, {}).get(bare(written))
        if dotted or len(written) < SHORTEST:
            return dotted
        known = self._near.get(language, {}).get(len(written), ())
        near = process.extractOne(written, known, scorer=OSA.distance, score_cutoff=1)
        return near[0] if near else None


def _dotted(counts: Mapping[str, int]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word, times in counts.items():
        key = bare(word)
        if key != word and times > counts.get(found.get(key, ""), 0) and times >= LIKELIER * counts.get(key, 0):
            found[key] = word
    return found


def _frequent(counts: Mapping[str, int]) -> list[str]:
    often = [word for word, times in counts.items() if times >= OFTEN and len(word) >= SHORTEST - 1]
    return sorted(often, key=lambda word: (-counts[word], word))


def _by_length(frequent: Iterable[str]) -> dict[int, list[str]]:
    """For each length, the words that a word of that length may be meant for, in the same order: of equally near ones
    the first is found."""
    found: dict[int, list[str]] = {}
    for word in frequent:
        for length in (len(word) - 1, len(word), len(word) + 1):
            found.setdefault(length, []).append(word)
    return found

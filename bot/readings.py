"""What questions were understood as, for the next one who asks the same: understanding is the slow part of a turn.

A reading depends on the words and on the knowledge alone, so that it can be kept for as long as the knowledge is the
same object. The words themselves are not kept: a reading is found by a keyed digest of them, with a key that this
process alone has, and holds topics, probabilities and the texts of the guidance. Messages that hold numbers of people
or addresses are not kept at all.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import monotonic
from weakref import WeakKeyDictionary

from bot.answering.answerer import Answerer
from bot.answering.text import plain, redacted
from bot.answers import Answers, Reading
from bot.messages import Outgoing
from bot.privacy import without_numbers
from knowledge.models import Language

MOST = 1_000
"""Readings that are kept of one organisation: some megabytes with what was answered."""
LIFE = 900.0
"""Seconds for which one is kept: a question that goes around, as after a message to all staff."""


@dataclass
class _Kept:
    """What one question was understood as, and what was said to it."""

    made: float
    reading: Reading  # without the words and the scores
    answers: dict[Language, tuple[Outgoing, Language]] = field(default_factory=dict)  # the setting -> what was said


class Readings:
    """The readings of this process, each with the answerer that made it."""

    def __init__(self, clock: Callable[[], float] = monotonic, most: int = MOST, life: float = LIFE) -> None:
        self._clock = clock
        self._most = most
        self._life = life
        self._secret = secrets.token_bytes(32)
        self._kept: WeakKeyDictionary[Answerer, OrderedDict[bytes, _Kept]] = WeakKeyDictionary()

    def find(self, answerer: Answerer, text: str) -> Reading | None:
        """The reading of the same words, if it was made not long ago and of the same knowledge."""
        known = self._find(answerer, text)
        return replace(known.reading, text=text) if known else None

    def keep(self, answerer: Answerer, reading: Reading) -> None:
        """Keeps a reading, unless its words hold what belongs to one person."""
        said = plain(reading.text)
        if without_numbers(said) != said or redacted(said) != said:
            return
        kept = self._kept.setdefault(answerer, OrderedDict())
        name = self._name(said)
        parts = tuple(replace(part, scores=None) for part in reading.parts)
        kept[name] = _Kept(self._clock(), replace(reading, text="", parts=parts))
        kept.move_to_end(name)
        while len(kept) > self._most:
            kept.popitem(last=False)

    def answer(self, answers: Answers, reading: Reading) -> Outgoing:
        """The answer to a reading, and `answers` in its language, as by Answers.answer; kept with the reading."""
        known, setting = self._find(answers.answerer, reading.text), answers.language
        if known is not None and setting in known.answers:
            outgoing, answers.language = known.answers[setting]
            return outgoing
        outgoing = answers.answer(reading)
        if known is not None:
            known.answers[setting] = outgoing, answers.language
        return outgoing

    def _find(self, answerer: Answerer, text: str) -> _Kept | None:
        kept = self._kept.get(answerer)
        found = kept.get(self._name(plain(text))) if kept else None
        return found if found and self._clock() - found.made <= self._life else None

    def _name(self, said: str) -> bytes:
        return hashlib.blake2b(said.encode("utf-8", "replace"), key=self._secret, digest_size=16).digest()

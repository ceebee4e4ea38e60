"""How the platform fails: which call, and in which way."""

from __future__ import annotations

import random
from collections import Counter
from contextvars import ContextVar

WAYS = {
    "429": 25,  # not done; come again in a second
    "500": 15,  # not done
    "html": 10,  # not done; a proxy answers
    "cut": 20,  # not done; the connection breaks
    "lost": 25,  # done; the connection breaks before the answer
    "hang": 2,  # done; the answer comes after the caller has given up
}
"""Weights of the ways in which a call fails."""
DONE = frozenset({"lost", "hang"})
"""Ways in which the platform did what was asked, and nobody heard of it."""

now: ContextVar[str] = ContextVar("now", default="")
"""The way in which the call that is being answered fails; empty where it does not."""


class Weather:
    """Draws for each call whether it fails."""

    def __init__(self, rng: random.Random, share: float = 0.1, hanging: bool = True) -> None:
        self._rng = rng
        self._share = share
        self._ways = {way: weight for way, weight in WAYS.items() if hanging or way != "hang"}
        self.calls = 0
        self.failed: Counter[str] = Counter()

    def draw(self) -> str:
        """A way of failing, or the empty text. It holds for the rest of the task."""
        self.calls += 1
        way = ""
        if self._rng.random() < self._share:
            way = self._rng.choices(list(self._ways), list(self._ways.values()))[0]
            self.failed[way] += 1
        now.set(way)
        return way

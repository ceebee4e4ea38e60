"""The knowledge tests: does every wording find its own topic, and which topics are close to one another?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bot.answering.answerer import OUTSIDE, labelled
from bot.answering.index import TopicIndex
from knowledge.loader import Knowledge

CLOSE = 3
"""So many wordings of a topic finding one other topic make a close call worth an author's look."""


@dataclass(frozen=True)
class Lost:
    """A wording that finds another topic than its own."""

    wording: str
    own: str
    found: str


@dataclass(frozen=True)
class WordingsTest:
    """The outcome of the test of all wordings."""

    tested: int
    lost: tuple[Lost, ...]
    close: tuple[tuple[str, str, int], ...]


def test_wordings(knowledge: Knowledge, index: TopicIndex) -> WordingsTest:
    """Asks the index every wording (on words alone: an author mends wordings) and reports those that go astray."""
    wordings = labelled(knowledge)
    lost = []
    for wording in wordings:
        found = index.by_words(wording.text)
        if found != wording.label and not (found.startswith(OUTSIDE) and wording.label.startswith(OUTSIDE)):
            lost.append(Lost(wording.text, wording.label, found))
    pairs = Counter((entry.own, entry.found) for entry in lost)
    close = tuple((a, b, n) for (a, b), n in pairs.most_common() if n >= CLOSE)
    return WordingsTest(len(wordings), tuple(lost), close)

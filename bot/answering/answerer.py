"""Decides what a question is about: fuses the index's signals into a probability a topic, and weighs it.

The weights and thresholds stand in `calibration.json`, fitted by `someguide calibrate` from the questions in
`tests/questions` and the wordings themselves.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answering.index import FORMAT, SIGNALS, Labelled, Scores, TopicIndex, build
from bot.answering.languages import foreign
from bot.answering.semantic import Embedder, VectorCache
from bot.answering.text import plain, sentences, words
from knowledge.loader import Knowledge

OUTSIDE = "outside:"
CALIBRATION = Path(__file__).with_name("calibration.json")


class Decision(StrEnum):
    """What to do with a question."""

    ANSWER = "answer"
    CHOOSE = "choose"
    HANDOVER = "handover"


@dataclass(frozen=True)
class Calibration:
    """How the signals are weighed, and how sure is sure enough."""

    weights: tuple[float, ...]  # one a signal, in the order of SIGNALS; lexical: the first LEXICAL
    outside_bias: float
    answer: float  # least probability to answer
    choose: float  # least probability to offer a choice
    known: float  # least share of known features

    @staticmethod
    def read(semantic: bool, path: Path = CALIBRATION) -> Calibration:
        """The fitted values, with or without the semantic signals."""
        data = json.loads(path.read_text(encoding="utf-8"))["semantic" if semantic else "lexical"]
        return Calibration(**{**data, "weights": tuple(data["weights"])})


@dataclass(frozen=True)
class Candidate:
    """A topic that the question may be about."""

    topic: str
    probability: float
    signals: tuple[float, ...]

    @property
    def outside(self) -> bool:
        """True for a kind of message that is not about the guideline at all."""
        return self.topic.startswith(OUTSIDE)


@dataclass(frozen=True)
class Understood:
    """What was made of a question: the decision and the candidates, best first."""

    decision: Decision
    candidates: tuple[Candidate, ...]
    probability: float
    known: float


def labelled(knowledge: Knowledge) -> list[Labelled]:
    """Every wording of an organisation's topics, and of what is outside, with its label."""
    found = [
        Labelled(wording, topic.id, language)
        for topic in knowledge.topics.values()
        for language, wordings in topic.wordings.items()
        for wording in wordings
    ]
    found += [
        Labelled(wording, OUTSIDE + kind.id, language)
        for kind in knowledge.outside
        for language, wordings in kind.wordings.items()
        for wording in wordings
    ]
    return found


def sentences_said(knowledge: Knowledge) -> list[Labelled]:
    """Every sentence of an organisation's guidance, labelled with its topic."""
    return [
        Labelled(sentence, guidance.topic, language)
        for guidance in knowledge.guidance.values()
        for language, text in guidance.text.items()
        for sentence in sentences(text)
    ]


def open_index(
    knowledge: Knowledge, folder: Path, embedder: Embedder | None, notice: Callable[[str], None] = lambda _: None
) -> TopicIndex:
    """The organisation's index: the saved one if the knowledge is unchanged, else built and saved (some seconds).

    `notice` is told when it has to be built, since somebody is waiting.
    """
    name = f"{knowledge.id}-{FORMAT}-{knowledge.fingerprint}-{embedder.name if embedder else 'lexical'}"
    place = folder / name
    try:
        return TopicIndex.load(place, knowledge.terms)
    except (OSError, ValueError, KeyError):
        pass
    notice(f"building the index of {knowledge.id} (once, until its knowledge changes)")
    cache = VectorCache(folder / "vectors.npz") if embedder else None
    index, meta = build(labelled(knowledge), sentences_said(knowledge), knowledge.terms, embedder, cache)
    for old in folder.glob(f"{knowledge.id}-*"):
        if old.name != name and old.name.endswith("lexical") == name.endswith("lexical"):
            shutil.rmtree(old, ignore_errors=True)
    index.save(place, meta)
    return index


class Answerer:
    """Understands questions to one organisation."""

    def __init__(
        self,
        knowledge: Knowledge,
        index: TopicIndex,
        embedder: Embedder | None = None,
        calibration: Calibration | None = None,
    ) -> None:
        self.knowledge = knowledge
        self.index = index
        self.embedder = embedder if embedder and index.semantic == embedder.name else None
        self.calibration = calibration or Calibration.read(self.embedder is not None)

    def understand(self, question: str) -> Understood:
        """What a question is about. Raises nothing, whatever the text."""
        text = plain(question)
        if not words(text) or foreign(text):
            return Understood(Decision.HANDOVER, (), 0.0, 0.0)
        scores = self.scores(text)
        candidates, known = self.candidates(scores), scores.known
        best = candidates[0]
        same = self._same_answer(best, candidates)
        if best.outside or known < self.calibration.known or same < self.calibration.choose:
            decision = Decision.HANDOVER
        elif same < self.calibration.answer:
            decision = Decision.CHOOSE
        else:
            decision = Decision.ANSWER
        return Understood(decision, tuple(candidates), same, known)

    def candidates(self, scores: Scores, count: int = 8) -> list[Candidate]:
        """The likeliest topics, best first."""
        probability = fuse(scores, self.calibration)
        best = np.argsort(-probability, kind="stable")[:count]
        return [
            Candidate(scores.labels[i], float(probability[i]), tuple(float(s) for s in scores.signals[:, i]))
            for i in best
        ]

    def questions_in(self, message: str) -> list[str]:
        """The separate questions of a message: several only when each is understood on its own, differently."""
        parts = [s for s in sentences(plain(message)) if s.endswith("?") and len(words(s)) >= 3]
        if len(parts) < 2:
            return [message]
        first: dict[str, str] = {}
        for part in parts:
            understood = self.understand(part)
            if understood.decision is Decision.ANSWER and understood.probability >= SEVERAL:
                first.setdefault(understood.candidates[0].topic, part)
        distinct = self._different_answers(list(first))
        return [first[t] for t in distinct] if len(distinct) > 1 else [message]

    def scores(self, text: str) -> Scores:
        """The index's signals for the whole message.

        Weighing a story's sentences, or its questions, apart was tried (mean, best, with and without the whole): none
        found more topics than the whole does, and the questions alone found 7 % fewer.
        """
        return self.index.scores(text, self.embedder)

    def _same_answer(self, best: Candidate, candidates: list[Candidate]) -> float:
        """The probability of the best topic and of those that rest on the same first passage: one answer fits all."""
        mine = self.knowledge.guidance.get(best.topic)
        if mine is None:
            return best.probability
        total = best.probability
        for other in candidates[1:]:
            theirs = self.knowledge.guidance.get(other.topic)
            if theirs and (theirs.passages[0] in mine.passages):
                total += other.probability
        return min(total, 1.0)

    def _different_answers(self, topics: list[str]) -> list[str]:
        kept: list[str] = []
        seen: set[str] = set()
        for topic in topics:
            guidance = self.knowledge.guidance.get(topic)
            passages = set(guidance.passages) if guidance else {topic}
            if not passages & seen:
                kept.append(topic)
                seen |= passages
        return kept


SEVERAL = 0.5
"""Each question of a message must be this sure before they are answered one by one."""


def standardised(scores: Scores) -> NDArray[Any]:
    """The signals with mean 0 and deviation 1 over the topics of one question, so that they can be added."""
    signals = scores.signals
    spread = signals.std(axis=1, keepdims=True)
    return np.asarray((signals - signals.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0))


def fuse(scores: Scores, calibration: Calibration) -> NDArray[Any]:
    """A probability a class: the softmax of the weighted, standardised signals."""
    weights = np.array(calibration.weights[: scores.signals.shape[0]])
    total = weights @ standardised(scores)
    total = total + np.array([calibration.outside_bias if n.startswith(OUTSIDE) else 0.0 for n in scores.labels])
    total = np.exp(total - total.max())
    return np.asarray(total / total.sum())


__all__ = ["SIGNALS", "Answerer", "Calibration", "Candidate", "Decision", "Understood", "labelled", "open_index"]

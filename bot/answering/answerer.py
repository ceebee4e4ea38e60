"""Decides what a question is about: fuses the index's signals into a probability a topic, and weighs it.

The weights and thresholds stand in `calibration.json`, fitted by `someguide calibrate` from the questions in
`tests/questions` and the wordings themselves.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from bot.answering.index import FORMAT, OUTSIDE, SIGNALS, Labelled, Scores, TopicIndex, build
from bot.answering.languages import foreign
from bot.answering.platforms import with_other_names
from bot.answering.semantic import Embedder, VectorCache
from bot.answering.text import plain, sentences, words
from knowledge.loader import Knowledge

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
    outside_weights: tuple[float, ...]  # one a classifier of what is outside: over words, over meaning
    outside_bias: float
    alone: float  # least probability for an answer to stand alone; below it the runners-up stand beside it in short
    answer: float  # least probability that one of what is shown is right, to answer
    choose: float  # least probability to offer a choice
    outside: float  # probability of what is outside, all kinds together, from which it is not answered
    known: float  # least share of known features

    @staticmethod
    def read(semantic: bool, path: Path = CALIBRATION) -> Calibration:
        """The fitted values, with or without the semantic signals."""
        data = json.loads(path.read_text(encoding="utf-8"))["semantic" if semantic else "lexical"]
        lists = {name: tuple(data[name]) for name in ("weights", "outside_weights")}
        return Calibration(**(data | lists))


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
    beside: tuple[str, ...] = ()  # topics that the answer may be about as well
    scores: Scores | None = field(default=None, repr=False, compare=False)  # what it rests on: big, not to be kept

    @property
    def likely(self) -> bool:
        """True when the first topic is likelier than all others together."""
        return self.decision is Decision.ANSWER and self.probability >= LIKELY


@dataclass(frozen=True)
class Weighed:
    """What speaks for and against answering a question, before any threshold."""

    candidates: tuple[Candidate, ...]
    known: float
    same: float  # the probability of the best topic and of those with the same answer
    others: tuple[Candidate, ...]  # the runners-up worth a line beside the best topic's answer

    @property
    def outside(self) -> float:
        """The probability that the question is outside, all kinds together."""
        return sum(c.probability for c in self.candidates if c.outside)

    def decide(self, limits: Calibration) -> Understood:
        """What to do with the question, as those thresholds have it."""
        beside = () if self.same >= limits.alone else self.others
        shown = min(1.0, self.same + sum(c.probability for c in beside))  # a runner-up may count as the same, too
        if (
            self.candidates[0].outside
            or self.outside > limits.outside
            or self.known < limits.known
            or self.same < limits.choose
        ):
            decision = Decision.HANDOVER
        elif shown < limits.answer:
            decision = Decision.CHOOSE
        else:
            decision = Decision.ANSWER
        return Understood(decision, self.candidates, self.same, self.known, tuple(c.topic for c in beside))


def readable(text: str) -> bool:
    """Whether there are words in a plain text, of a language that is understood."""
    return bool(words(text)) and not foreign(text)


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


def taught(knowledge: Knowledge) -> list[Labelled]:
    """All that the index learns topics from: the wordings, and what is made of them."""
    wordings = labelled(knowledge)
    return wordings + with_other_names(wordings)


def sentences_said(knowledge: Knowledge) -> list[Labelled]:
    """Every sentence of an organisation's guidance, labelled with its topic."""
    return [
        Labelled(sentence, guidance.topic, language)
        for guidance in knowledge.guidance.values()
        for language, text in guidance.text.items()
        for sentence in sentences(text)
    ]


def index_place(knowledge: Knowledge, folder: Path, embedder: Embedder | None) -> Path:
    """The folder that the organisation's index is kept in, named for all that the index is made of.

    So a new telephone number, a flow or a document's date does not make anybody wait for a new index. What is made of
    the wordings follows from them, and is left out: making it takes 60 ms an organisation, at every start.
    """
    digest = hashlib.blake2b(digest_size=8)
    for part in (*labelled(knowledge), "said", *sentences_said(knowledge), *knowledge.terms):
        digest.update(repr(part).encode())
    return folder / f"{knowledge.id}-{FORMAT}-{digest.hexdigest()}-{embedder.name if embedder else 'lexical'}"


def open_index(
    knowledge: Knowledge, folder: Path, embedder: Embedder | None, notice: Callable[[str], None] = lambda _: None
) -> TopicIndex:
    """The organisation's index: the saved one if the knowledge is unchanged, else built and saved (some seconds).

    `notice` is told when it has to be built, since somebody is waiting.
    """
    place = index_place(knowledge, folder, embedder)
    saved = _saved_index(knowledge, place)
    if saved:
        return saved
    notice(f"building the index of {knowledge.id} (once, until its knowledge changes)")
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / f".{knowledge.id}.lock"):  # of several processes that start at once, one builds
        return _saved_index(knowledge, place) or _build_index(knowledge, place, embedder)


def _saved_index(knowledge: Knowledge, place: Path) -> TopicIndex | None:
    try:
        return TopicIndex.load(place, knowledge.terms)
    except (OSError, ValueError, KeyError):
        return None


def _build_index(knowledge: Knowledge, place: Path, embedder: Embedder | None) -> TopicIndex:
    folder = place.parent
    cache = VectorCache(folder / "vectors.npz") if embedder else None
    index, meta = build(taught(knowledge), sentences_said(knowledge), knowledge.terms, embedder, cache)
    for old in folder.glob(f"{knowledge.id}-*"):
        if old.name != place.name and old.name.endswith("lexical") == (embedder is None):
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
        if not readable(text):
            return Understood(Decision.HANDOVER, (), 0.0, 0.0)
        scores = self.scores(text)
        return replace(self.decide(tuple(self.candidates(scores)), scores.known), scores=scores)

    def understand_after(
        self, before: str, message: str, alone: Scores | None = None, depends: bool = False
    ) -> Understood:
        """What a message is about that may go on from a question asked before it. Raises nothing.

        `alone` are the scores of the message alone, where it was understood just before. `depends`: its form says that
        it cannot stand alone.

        A topic is as likely as the message alone makes it, times what both together make it: "and if she says no
        later?" alone may be about many things, and together with its question it is mostly that question again.
        """
        text = plain(message)
        if not readable(text):
            return Understood(Decision.HANDOVER, (), 0.0, 0.0)
        alone, both = alone or self.scores(text), self.scores(f"{plain(before)} {text}")
        by_itself, together = (DEPENDS, 1.0) if depends else (1.0, TOGETHER)
        probability = fuse(alone, self.calibration) ** by_itself * fuse(both, self.calibration) ** together
        candidates = tuple(_candidates(alone, probability / probability.sum()))
        return self.decide(candidates, max(alone.known, both.known))

    def decide(self, candidates: tuple[Candidate, ...], known: float) -> Understood:
        """What to do with a question that may be about these topics; `known` is the share of its features seen."""
        return self.weighed(candidates, known).decide(self.calibration)

    def weighed(self, candidates: tuple[Candidate, ...], known: float) -> Weighed:
        """The same before any threshold."""
        best = candidates[0]
        return Weighed(candidates, known, self._same_answer(best, candidates), self._beside(candidates))

    def candidates(self, scores: Scores, count: int = 8) -> list[Candidate]:
        """The likeliest topics, best first."""
        return _candidates(scores, fuse(scores, self.calibration), count)

    def questions_in(self, message: str, understand: Callable[[str], Understood]) -> list[str]:
        """The separate questions of a message: several only when each is understood on its own, differently.

        `understand` is the answerer's own, or one that remembers, for a reader who needs the same texts again.
        """
        parts = [s for s in sentences(plain(message)) if s.endswith("?") and len(words(s)) >= 3]
        if len(parts) < 2:
            return [message]
        first: dict[str, str] = {}
        for part in parts:
            understood = understand(part)
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

    def _same_answer(self, best: Candidate, candidates: tuple[Candidate, ...]) -> float:
        """The probability of the best topic and of those that rest on the same first passage: one answer fits all.

        What the document does not decide has no answer that could fit others.
        """
        if not self.knowledge.answered(best.topic):
            return best.probability
        passages = self.knowledge.guidance[best.topic].passages
        total = best.probability
        for other in candidates[1:]:
            theirs = self.knowledge.guidance.get(other.topic)
            if theirs and theirs.passages[0] in passages:
                total += other.probability
        return min(total, 1.0)

    def _beside(self, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        """The runners-up worth a line beside the best topic's answer: they would say something else."""
        best, *others = candidates
        if not self.knowledge.answered(best.topic):
            return ()
        rested_on = {self.knowledge.guidance[best.topic].passages[0]}
        found: list[Candidate] = []
        for other in others:
            if other.probability < CLOSE or len(found) == RUNNERS_UP:
                break
            if self.knowledge.answered(other.topic):
                first = self.knowledge.guidance[other.topic].passages[0]
                if first not in rested_on:
                    rested_on.add(first)
                    found.append(other)
        return tuple(found)

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


CLOSE, RUNNERS_UP = 0.02, 3
"""A runner-up of this probability is shown beside an unsure answer, and at most so many: where the first topic is not
the right one, the second to fourth nearly always is. On 560 questions: two from 0.05 left 2.6 % wrong, three from 0.02
leave 2.2 %; 0.01 finds no more than a half per cent further, with a line too many under each fifth answer."""
LIKELY = 0.5
SEVERAL = 0.5
"""Each question of a message must be this sure before they are answered one by one."""


TOGETHER = 0.5
"""How much the question before counts for a message that may go on from it (1: as much as the message): of 35 such
messages, with 1 "and if she says no later?" or "advertising too?" get the same answer once more."""
DEPENDS = 0.6
"""And how much a message counts beside it that cannot stand alone: "even if she is in the background?" alone is surely
about background music."""


def _candidates(scores: Scores, probability: NDArray[Any], count: int = 8) -> list[Candidate]:
    best = np.argsort(-probability, kind="stable")[:count]
    return [
        Candidate(scores.labels[i], float(probability[i]), tuple(float(s) for s in scores.signals[:, i])) for i in best
    ]


def standardised(scores: Scores) -> NDArray[Any]:
    """The signals with mean 0 and deviation 1 over the topics of one question, so that they can be added."""
    signals = scores.signals
    spread = signals.std(axis=1, keepdims=True)
    return np.asarray((signals - signals.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0))


def fuse(scores: Scores, calibration: Calibration) -> NDArray[Any]:
    """A probability a class: the softmax of the weighted, standardised signals.

    Kinds of what is outside get what all of them together have in common: so 35 % of 370 messages near the subject are
    answered, and 95.8 % of 876 questions rightly; without it 40 % and 95.4 %.
    """
    weights = np.array(calibration.weights[: scores.signals.shape[0]])
    said = zip(calibration.outside_weights, scores.outside, strict=False)
    common = calibration.outside_bias + sum(weight * float(score) for weight, score in said)
    total = weights @ standardised(scores) + np.where([n.startswith(OUTSIDE) for n in scores.labels], common, 0.0)
    total = np.exp(total - total.max())
    return np.asarray(total / total.sum())


__all__ = [
    "OUTSIDE",
    "SIGNALS",
    "Answerer",
    "Calibration",
    "Candidate",
    "Decision",
    "Understood",
    "labelled",
    "open_index",
    "taught",
]

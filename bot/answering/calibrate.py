"""Fits how the signals are weighed and how sure is sure enough, and writes `calibration.json`.

The weights maximise the likelihood of the right topics (softmax over a question's topics, a light ridge penalty); the
thresholds are the ones that lose least, where a wrong answer costs more than being asked back. Thresholds are judged
on questions that the weights were not fitted to (FOLDS). The data are questions with known passages, written apart
from the wordings. A second model, which would judge from margins, agreement of signals, share of known words and length
whether the first topic is right, was tried and knew it no better than the probability does (area under ROC 0.78 to
0.80 in cross-validation, against 0.81).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from bot.answering.answerer import (
    CALIBRATION,
    OUTSIDE,
    Answerer,
    Calibration,
    Decision,
    Weighed,
    readable,
    standardised,
)
from bot.answering.evaluate import Question, read_questions
from bot.answering.index import LEXICAL, SIGNALS, Scores
from bot.answering.text import plain
from bot.organisations import Organisations

PENALTY = 0.001
"""Of the weights' squares. Ten times as much makes probabilities blunter, and 0.6 % fewer of 876 questions right."""
COST = {
    "wrong": 10.0,
    "offered": 1.0,
    "right beside": 0.4,
    "beside": 0.03,
    "silent": 2.5,
    "outside answered": 4.0,
    "outside offered": 1.0,
}
"""What each outcome costs. Three choices instead of an answer are a small loss, a line too many a very small one; a
wrong answer can cost a child's privacy or a person's job."""
KNOWN = 0.35
LEAST_SURE = 0.5
"""Something is answered where what is shown is likelier than all the rest together; else it is offered. Not fitted:
between 0.5 and 0.62 as many are wrong, and which of them costs least changes with a few of the 560 questions."""
ALIKE = 1.005
"""Costs so near to the least are alike on so few questions: of those, the most careful thresholds are taken. (From 0.88
to 0.98 an answer's standing alone costs the same within 1.2 %; at 0.90 to 0.95 3 in 100 first topics are not right.)"""
FOLDS = 10


@dataclass(frozen=True)
class Example:
    """A question with its standardised signals and which topics would answer it."""

    question: Question
    answerer: Answerer
    scores: Scores
    signals: Any
    right: Any
    outside: Any


def fit(organisations: Organisations, files: list[Path], say: Callable[[object], None]) -> None:
    """Fits both variants and writes the file."""
    questions = [q for path in files for q in read_questions(path)]
    fitted = {}
    for name in ("semantic", "lexical"):
        if name == "semantic" and organisations.embedder is None:
            continue
        examples = [_example(organisations, q, name == "semantic") for q in questions]
        calibration = _fitted(examples)
        fitted[name] = asdict(calibration)
        say(f"{name}: {fitted[name]}")
    kept = json.loads(CALIBRATION.read_text(encoding="utf-8")) if CALIBRATION.exists() else {}
    CALIBRATION.write_text(json.dumps(kept | fitted, indent=1) + "\n", encoding="utf-8")


def _example(organisations: Organisations, question: Question, semantic: bool) -> Example:
    opened = organisations.answerer(question.org)
    neutral = Calibration((1.0,) * (len(SIGNALS) if semantic else LEXICAL), (), 0.0, 1.0, 0.5, 0.1, 1.0, KNOWN)
    answerer = Answerer(opened.knowledge, opened.index, opened.embedder if semantic else None, neutral)
    scores = answerer.scores(plain(question.question))
    guidance = answerer.knowledge.guidance
    if question.expect == "abstain":
        right = np.array([n.startswith(OUTSIDE) or not answerer.knowledge.answered(n) for n in scores.labels])
    else:
        right = np.array(
            [n in guidance and bool(set(guidance[n].passages) & set(question.passages)) for n in scores.labels]
        )
    outside = np.array([float(n.startswith(OUTSIDE)) for n in scores.labels])
    return Example(question, answerer, scores, standardised(scores), right, outside)


def _fitted(examples: list[Example]) -> Calibration:
    judged = []
    for fold in range(FOLDS):
        others = _weights([e for i, e in enumerate(examples) if i % FOLDS != fold])
        judged += [(e, _weighed(e, others)) for i, e in enumerate(examples) if i % FOLDS == fold]
    weights = _weights(examples)
    tried = [(sum(_cost(e, weighed, limits) for e, weighed in judged), limits) for limits in _grid(weights)]
    least = min(cost for cost, _ in tried)
    alike = [(cost, limits) for cost, limits in tried if cost <= least * ALIKE]
    return max(alike, key=lambda t: (t[1].alone, -t[0], -t[1].outside))[1]


def _grid(weights: Calibration) -> Iterator[Calibration]:
    """The thresholds that are tried."""
    steps = product(np.arange(0.7, 1.0, 0.02), np.arange(0.02, 0.4, 0.04), np.arange(0.2, 0.55, 0.05))
    for alone, choose, outside in (np.round(step, 2).tolist() for step in steps):
        yield replace(weights, alone=alone, answer=LEAST_SURE, choose=choose, outside=outside)


def _weights(examples: list[Example]) -> Calibration:
    """The likeliest weights; the thresholds in it are only there to be replaced."""
    from scipy.optimize import minimize

    usable = [e for e in examples if e.right.any()]
    size = usable[0].signals.shape[0]
    common = usable[0].scores.outside.size

    def loss(parameters: Any) -> float:
        total = 0.0
        for e in usable:
            score = parameters[:size] @ e.signals
            score += (parameters[size:-1] @ e.scores.outside + parameters[-1]) * e.outside
            score = np.exp(score - score.max())
            total -= float(np.log(score[e.right].sum() / score.sum() + 1e-9))
        return total / len(usable) + PENALTY * float(parameters @ parameters)

    bounds = [(0.0, None)] * (size + common) + [(-3.0, 3.0)]
    start = np.array([0.5] * size + [0.0] * (common + 1))
    *found, bias = minimize(loss, start, method="L-BFGS-B", bounds=bounds).x.round(3).tolist()
    return Calibration(tuple(found[:size]), tuple(found[size:]), bias, 1.0, 0.5, 0.1, 1.0, KNOWN)


def _weighed(example: Example, weights: Calibration) -> Weighed | None:
    """What speaks for and against answering the question; None where there is nothing in it that can be read."""
    if not readable(plain(example.question.question)):
        return None
    opened = example.answerer
    weighing = Answerer(opened.knowledge, opened.index, opened.embedder, weights)
    return weighing.weighed(tuple(weighing.candidates(example.scores)), example.scores.known)


def _cost(example: Example, weighed: Weighed | None, limits: Calibration) -> float:
    knowledge = example.answerer.knowledge
    if weighed is None:
        return 0.0 if example.question.expect == "abstain" else COST["silent"]
    read = weighed.decide(limits)
    best, sure = read.candidates[0], read.decision is Decision.ANSWER
    silent = read.decision is Decision.HANDOVER or (sure and not knowledge.answered(best.topic))
    if example.question.expect == "abstain":
        return 0.0 if silent else COST["outside answered" if sure else "outside offered"]
    if silent:
        return COST["silent"]
    if sure:
        return len(read.beside) * COST["beside"] + _cost_of_answer(example, best.topic, read.beside)
    offered = [c.topic for c in read.candidates if not c.outside and (c is best or knowledge.answered(c.topic))]
    # choices of which none fits do no more harm than silence: "none of these" stands below them
    return COST["offered"] if any(_rests(example, topic) for topic in offered[:3]) else COST["silent"]


def _cost_of_answer(example: Example, topic: str, beside: tuple[str, ...]) -> float:
    if _rests(example, topic):
        return 0.0
    return COST["right beside"] if any(_rests(example, other) for other in beside) else COST["wrong"]


def _rests(example: Example, topic: str) -> bool:
    """Whether a topic's guidance rests on a passage that supports a right answer."""
    guidance = example.answerer.knowledge.guidance.get(topic)
    return guidance is not None and bool(set(guidance.passages) & set(example.question.passages))

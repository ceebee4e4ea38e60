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
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from bot.answering.answerer import CALIBRATION, OUTSIDE, Answerer, Calibration, Understood, standardised
from bot.answering.evaluate import Question, read_questions
from bot.answering.index import LEXICAL, SIGNALS
from bot.answering.text import plain
from bot.organisations import Organisations

PENALTY = 0.01
COST = {"wrong": 6.0, "offered": 1.0, "silent": 2.5, "outside answered": 4.0, "outside offered": 1.0}
"""What each outcome costs. Three choices instead of an answer are a small loss, a wrong answer a great one; and these
questions are easier for us than those of strangers, of which about three times as many go wrong."""
KNOWN = 0.35
LEAST_SURE = 0.5
"""An answer is given only where it is likelier than all others together; else they are offered."""
FOLDS = 10


@dataclass(frozen=True)
class Example:
    """A question with its standardised signals and which topics would answer it."""

    question: Question
    answerer: Answerer
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
        fitted[name] = calibration.__dict__ | {"weights": list(calibration.weights)}
        say(f"{name}: {fitted[name]}")
    kept = json.loads(CALIBRATION.read_text(encoding="utf-8")) if CALIBRATION.exists() else {}
    CALIBRATION.write_text(json.dumps(kept | fitted, indent=1) + "\n", encoding="utf-8")


def _example(organisations: Organisations, question: Question, semantic: bool) -> Example:
    opened = organisations.answerer(question.org)
    neutral = Calibration((1.0,) * (len(SIGNALS) if semantic else LEXICAL), 0.0, 0.5, 0.1, KNOWN)
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
    return Example(question, answerer, standardised(scores), right, outside)


def _fitted(examples: list[Example]) -> Calibration:
    judged = []
    for fold in range(FOLDS):
        others = _weights([e for i, e in enumerate(examples) if i % FOLDS != fold])
        judged += [(e, _understood(e, others)) for i, e in enumerate(examples) if i % FOLDS == fold]
    tried = [
        (sum(_cost(e, understood, answer, choose) for e, understood in judged), answer, choose)
        for answer, choose in product(np.arange(LEAST_SURE, 0.9, 0.02), np.arange(0.02, 0.4, 0.02))
        if choose < answer
    ]
    _, answer, choose = min(tried)
    return replace(_weights(examples), answer=round(float(answer), 2), choose=round(float(choose), 2))


def _weights(examples: list[Example]) -> Calibration:
    """The likeliest weights; the thresholds in it are only there to be replaced."""
    from scipy.optimize import minimize

    usable = [e for e in examples if e.right.any()]
    size = usable[0].signals.shape[0]

    def loss(parameters: Any) -> float:
        total = 0.0
        for e in usable:
            score = parameters[:size] @ e.signals + parameters[size] * e.outside
            score = np.exp(score - score.max())
            total -= float(np.log(score[e.right].sum() / score.sum() + 1e-9))
        return total / len(usable) + PENALTY * float(parameters @ parameters)

    bounds = [(0.0, None)] * size + [(-3.0, 3.0)]
    found = minimize(loss, np.array([0.5] * size + [0.0]), method="L-BFGS-B", bounds=bounds).x.round(3)
    return Calibration(tuple(float(w) for w in found[:size]), float(found[size]), 0.5, 0.1, KNOWN)


def _understood(example: Example, calibration: Calibration) -> Understood:
    opened = example.answerer
    answerer = Answerer(opened.knowledge, opened.index, opened.embedder, calibration)
    return answerer.understand(example.question.question)


def _cost(example: Example, understood: Understood, answer: float, choose: float) -> float:
    knowledge = example.answerer.knowledge
    if not understood.candidates:  # nothing that can be read
        return 0.0 if example.question.expect == "abstain" else COST["silent"]
    best = understood.candidates[0]
    silent = best.outside or understood.probability < choose or understood.known < KNOWN
    silent = silent or (understood.probability >= answer and not knowledge.answered(best.topic))
    if example.question.expect == "abstain":
        if silent:
            return 0.0
        return COST["outside answered"] if understood.probability >= answer else COST["outside offered"]
    if silent:
        return COST["silent"]
    named = [c for c in understood.candidates if not c.outside and (c is best or knowledge.answered(c.topic))]
    offered = named[:1] if understood.probability >= answer else named[:3]
    wanted = set(example.question.passages)
    guidance = knowledge.guidance
    right = any(c.topic in guidance and set(guidance[c.topic].passages) & wanted for c in offered)
    if not right:  # choices of which none fits do no more harm than silence: "none of these" stands below them
        return COST["wrong"] if understood.probability >= answer else COST["silent"]
    return 0.0 if understood.probability >= answer else COST["offered"]

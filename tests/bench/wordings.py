"""How Someguide (lexical) grows with the wordings."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterable

from bot.answering.answerer import Answerer, labelled, sentences_said
from bot.answering.evaluate import Question
from bot.answering.index import Labelled, build
from knowledge.loader import Knowledge
from tests.bench.common import Run, all_knowledge, apart, milliseconds, percentiles, table_of

SIZES = (1_000, 10_000, 100_000)
MOST_CLASSES = 200
TO_REACH = 30.0
"""Milliseconds that 99 of 100 questions may take, whatever the number of wordings."""


def wordings(run: Run) -> None:
    """Times and build with 1,000, 10,000 and (unless quick) 100,000 wordings."""
    title = f"Someguide, lexical, by wordings (p99 to reach: under {TO_REACH:g} ms)"
    table = table_of(title, "wordings", "classes", "features", "p50 ms", "p99 ms", "build s")
    for size in SIZES[:-1] if run.quick else SIZES:
        classes, features, seconds, times = apart(measure_size, size, run.questions)
        table.add_row(f"{size:,}", str(classes), f"{features:,}", *percentiles(times), f"{seconds:.1f}")
    run.console.print(table)


def varied(text: str, chance: random.Random) -> str:
    """A wording with one letter dropped or doubled, or two neighbouring words swapped."""
    kind = chance.choice(("drop", "double", "swap"))
    parts = text.split()
    if kind == "swap" and len(parts) > 1:
        at = chance.randrange(len(parts) - 1)
        parts[at], parts[at + 1] = parts[at + 1], parts[at]
        return " ".join(parts)
    at = chance.randrange(len(text))
    return text[:at] + (text[at] * 2 if kind == "double" else "") + text[at + 1 :]


def many_wordings(known: Iterable[Knowledge], size: int) -> list[Labelled]:
    """So many distinct wordings, varied from all organisations' own, of at most MOST_CLASSES classes."""
    real = sorted({(w.text, w.label, w.language) for k in known for w in labelled(k)})
    common = {label for label, _ in Counter(label for _, label, _ in real).most_common(MOST_CLASSES)}
    real = [entry for entry in real if entry[1] in common]
    chance = random.Random(size)
    made: dict[str, Labelled] = {}
    while len(made) < size:
        text, label, language = chance.choice(real)
        text = varied(text, chance)
        made.setdefault(text, Labelled(text, label, language))
    return list(made.values())


def measure_size(size: int, questions: list[Question]) -> tuple[int, int, float, tuple[float, ...]]:
    """Classes, features, build seconds and times of Someguide (lexical) with so many wordings."""
    known = list(all_knowledge().values())
    wordings = many_wordings(known, size)
    labels = {w.label for w in wordings}
    said = [s for s in sentences_said(known[0]) if s.label in labels]
    start = time.perf_counter()
    index, _ = build(wordings, said, known[0].terms, None)
    seconds = time.perf_counter() - start
    answerer = Answerer(known[0], index)
    answerer.understand(questions[0].question)
    times = tuple(milliseconds(answerer.understand, q.question) for q in questions)
    return len(labels), index.features, seconds, times

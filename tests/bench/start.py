"""Cold start, and the time and memory of a process that has every organisation open."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.answering.evaluate import Question
from bot.organisations import Organisations
from bot.settings import Settings
from knowledge import loader
from tests.bench.common import Run, apart, build_indexes, memory, milliseconds, table_of


def start(run: Run) -> None:
    """Seconds of a cold `someguide ask`; p99 and peak memory with all organisations open; beside what is to reach."""
    everything = set(loader.organisations(Settings().knowledge_dir))
    table = table_of(
        f"Start, time and memory, {len(everything)} organisations open", "", "all signals", "lexical only", "to reach"
    )
    found = []
    for semantic in (True, False):
        apart(build_indexes, everything, run.folder, semantic)  # only what is not there yet
        times, megabytes = apart(serve, run.questions, run.folder, semantic)
        found.append((cold_start(run.folder, semantic), *np.percentile(times, (50, 99)), megabytes))
    names = ("cold ask, s", "a question, p50 ms", "a question, p99 ms", "peak resident MB")
    to_reach = ("under 1.5", "", "under 30 / 5", "under 400")
    for name, full, lexical, wanted in zip(names, *found, to_reach, strict=True):
        table.add_row(name, f"{full:.4g}", f"{lexical:.4g}", wanted)
    run.console.print(table)


def serve(questions: Sequence[Question], folder: Path, semantic: bool) -> tuple[list[float], float]:
    """The milliseconds each question takes in a process with all organisations open, and its peak resident MB."""
    found = Organisations(Settings(cache_dir=folder, semantic=semantic))
    answerers = {org: found.answerer(org) for org in found.ids}
    for answerer in answerers.values():
        answerer.understand("?")
    times = [milliseconds(answerers[q.org].understand, q.question) for q in questions]
    return times, memory("VmHWM")


def cold_start(folder: Path, semantic: bool) -> float:
    """Seconds from starting `someguide ask` to its end, the best of three; the index is there already."""
    command = [str(Path(sys.executable).with_name("someguide")), "ask", "--org", "aanekoski", "saako kuvan julkaista"]
    environment = os.environ | {"SOMEGUIDE_CACHE_DIR": str(folder), "SOMEGUIDE_SEMANTIC": str(semantic).lower()}

    def once() -> float:
        start = time.perf_counter()
        subprocess.run(command, env=environment, check=True, capture_output=True)
        return time.perf_counter() - start

    return min(once() for _ in range(3))

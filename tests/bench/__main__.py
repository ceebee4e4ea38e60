"""Someguide's figures beside what a user would pick instead: `make bench`, `make bench BENCH="--quick --only answers"`.

Everything is measured in one run, on the same topics, wordings and questions. Each system has a process of its own,
so that its memory is its own. Machine and load decide the times; shares of right answers do not depend on them.
A new section is a function that takes a Run and prints a table, and a line in SECTIONS.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from bot.answering.evaluate import read_questions
from tests.bench.answers import answers
from tests.bench.common import Run
from tests.bench.dialogues import dialogues
from tests.bench.filing import filing
from tests.bench.slack import slack
from tests.bench.start import start
from tests.bench.swefaq import swefaq
from tests.bench.teams import teams
from tests.bench.turns import turns
from tests.bench.wordings import wordings

SECTIONS: dict[str, Callable[[Run], None]] = {
    "answers": answers,
    "wordings": wordings,
    "start": start,
    "swefaq": swefaq,
    "dialogues": dialogues,
    "turns": turns,
    "filing": filing,
    "teams": teams,
    "slack": slack,
}
QUICK = 3
"""A quick run asks every third question, and leaves out the greatest number of wordings."""


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="further questions, a JSON object a line")
    parser.add_argument("--quick", action="store_true", help="fewer questions, no 100,000 wordings")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), help="these sections")
    parser.add_argument("--swefaq", type=Path, help="SweFAQ's JSON Lines file, where it is not beside the repository")
    return parser.parse_args()


def main() -> None:
    """Prints every section's table."""
    given = arguments()
    own = sorted((Path(__file__).parents[1] / "questions").glob("heldout-*.jsonl"))
    questions = [q for path in [*own, *given.files] for q in read_questions(path)]
    console = Console(width=110)
    console.print(
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start: above 1, times are too long."
    )
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="someguide-bench-") as folder:
        asked = questions[::QUICK] if given.quick else questions
        run = Run(console, asked, Path(folder), given.quick, given.swefaq)
        for name in given.only:
            SECTIONS[name](run)
    console.print(f"{time.perf_counter() - began:.0f} s in all")


if __name__ == "__main__":
    main()

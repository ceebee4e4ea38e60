"""`python -m tests.soak --requests 10000`: files so many, and ends with what reconcile finds: nothing."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from bot.settings import Settings
from knowledge.loader import organisations
from tests.postgres import CannotStart, databases
from tests.soak.apart import soak_apart
from tests.soak.together import Outcome


@contextmanager
def database(given: str, folder: Path) -> Iterator[str]:
    """The database that was asked for, empty."""
    if given == "sqlite":
        yield f"sqlite:///{folder / 'soak.db'}"
    elif given != "postgresql":
        yield given
    else:
        try:
            with databases() as new:
                yield new()
        except CannotStart as error:
            sys.exit(str(error))


def report(outcome: Outcome) -> None:
    """Prints how it ended."""
    print(f"{outcome.filed} requests in {outcome.seconds:.0f} s, {outcome.states}")
    print(f"{outcome.faults} faults of the platform, {outcome.kills} killed, {outcome.doubled} doubled")
    for difference in outcome.differences[:50]:
        print(difference)
    print(f"{len(outcome.differences)} difference(s)")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--kills", type=int, default=20, help="how often a process is killed (20)")
    parser.add_argument("--database", default="postgresql", help="postgresql, sqlite, or the address of an empty one")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    everybody = tuple(organisations(Settings(_env_file=None).knowledge_dir))  # type: ignore[call-arg]
    with tempfile.TemporaryDirectory(prefix="someguide-soak-") as place, database(given.database, Path(place)) as url:
        going = soak_apart(
            url, Path(place), given.requests, given.seed, everybody, given.processes, given.kills,
            say=lambda text: print(text, flush=True),
        )  # fmt: skip
        outcome = asyncio.run(going)
    report(outcome)
    sys.exit(1 if outcome.differences or outcome.doubled or outcome.filed != given.requests else 0)


if __name__ == "__main__":
    main()

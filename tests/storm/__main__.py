"""`python -m tests.storm slack|teams`: one storm, its figures, and what was found. Ends with 1 if that is anything."""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import shutil
import signal
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import knowledge
from knowledge.loader import organisations
from tests.postgres import CannotStart, databases
from tests.storm.slack import SlackWorld
from tests.storm.storm import Outcome, Plan, Storm
from tests.storm.teams import TeamsWorld
from tests.storm.world import World, folder_of

SHOWN = 5
"""Differences of a kind that are printed."""
WORLDS: dict[str, type] = {"slack": SlackWorld, "teams": TeamsWorld}


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.storm", description=__doc__)
    parser.add_argument("platform", choices=sorted(WORLDS))
    parser.add_argument("--events", type=int, default=5000, help="how many things people do (5000)")
    parser.add_argument("--people", type=int, default=24, help="people in each organisation (24)")
    parser.add_argument("--organisations", type=int, default=5, help="how many organisations (5)")
    parser.add_argument("--kills", type=int, default=6, help="how often an instance is killed (6)")
    parser.add_argument("--instances", type=int, default=2, help="how many instances (2; on SQLite 1)")
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=900.0, help="after so many nobody begins anything new (900)")
    parser.add_argument("--hurried", action="store_true", help="shorter waits, for small storms")
    return parser.parse_args(given)


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """An empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'storm.db'}"
        return
    try:
        with databases() as new:
            yield new()
    except CannotStart as error:
        sys.exit(str(error))


async def blow(plan: Plan, world: World) -> Outcome:
    """Runs it; a signal ends it with everything that it started."""
    running = asyncio.ensure_future(Storm(plan, world, lambda text: print(text, flush=True)).run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    return await running


def report(outcome: Outcome) -> None:
    """Prints figures and differences."""
    for name, figure in outcome.figures.items():
        shown = ", ".join(f"{n} {k}" for k, n in figure.items()) if isinstance(figure, dict) else figure
        print(f"{name}: {shown}")
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for difference in outcome.differences:
        alike[re.sub(r"\S*\d\S*", "#", difference)].append(difference)
    for found in alike.values():
        more = f" (and {len(found) - SHOWN} more of the kind)" if len(found) > SHOWN else ""
        print("\n".join(f"- {difference}" for difference in found[:SHOWN]) + more)
    print(f"{len(outcome.differences)} difference(s)")


def main() -> None:
    """The command."""
    given = arguments()
    shipped = Path(knowledge.__file__).parent
    chosen = organisations(shipped)[: given.organisations]
    place = Path(tempfile.mkdtemp(prefix="someguide-storm-"))
    with database(given.database, place) as url:
        plan = Plan(
            database=url,
            folder=place,
            knowledge=folder_of(shipped, chosen, place / "knowledge"),
            events=given.events,
            instances=1 if given.database == "sqlite" else given.instances,
            kills=given.kills,
            seconds=given.seconds,
            hurried=given.hurried,
            seed=given.seed,
        )
        world = WORLDS[given.platform](chosen, given.people, random.Random(given.seed), not given.hurried)
        outcome = asyncio.run(blow(plan, world))
    report(outcome)
    if outcome.differences:
        sys.exit(f"what the instances logged stands in {place}")
    shutil.rmtree(place)


if __name__ == "__main__":
    main()

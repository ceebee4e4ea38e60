"""`python -m tests.mutation`: how many small changes of the state machine, of requests and of the outbox go unnoticed.

Each change is a process of its own, which imports the changed module in the place of the file's and runs the tests of
that module until one fails. Nothing is written. With `--sample` only so many changes of each module are tried.
"""

from __future__ import annotations

import argparse
import importlib.abc
import importlib.util
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from tests.mutation.mutants import Mutants

ROOT = Path(__file__).parents[2]
FILING = "tests/bot/filing"
LIFE = (f"{FILING}/test_life.py", f"{FILING}/test_rights.py", f"{FILING}/test_references.py")
PRESENCE = f"{FILING}/test_presence.py"
OUTBOX = (f"{FILING}/test_outbox.py", PRESENCE, f"{FILING}/test_at_once.py", f"{FILING}/test_away.py")
MODULES: dict[str, tuple[str, ...]] = {
    "bot.filing.states": (f"{FILING}/test_states.py",),
    "bot.filing.requests": (*LIFE, f"{FILING}/test_lost_and_doubled.py"),
    "bot.filing.acts": (*LIFE, f"{FILING}/test_lost_and_doubled.py"),
    "bot.outbox": (*OUTBOX, f"{FILING}/test_lost_and_doubled.py"),
    "bot.outbox_rows": (*OUTBOX, f"{FILING}/test_lost_and_doubled.py"),
    "bot.outbox_marks": OUTBOX,
    "bot.outbox_leases": (PRESENCE,),
    "bot.store.presence": (PRESENCE,),
}
"""The modules, and the tests that should notice."""
LEFT_OUT = "not postgresql and not kill_9"
"""The same tests on the other database, and what has processes of its own, which import the module as it is."""
LONGEST = 900.0


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module with one of its changes."""

    def __init__(self, name: str, number: int) -> None:
        self.name = name
        self.number = number

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """See importlib.abc."""
        return importlib.util.spec_from_loader(name, self, origin=str(source_of(name))) if name == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        """See importlib.abc."""
        path = source_of(self.name)
        tree = Mutants(path.read_text(encoding="utf-8")).tree(self.number)
        module.__file__ = str(path)
        exec(compile(tree, str(path), "exec"), module.__dict__)


def source_of(name: str) -> Path:
    """A module's file."""
    return ROOT.joinpath(*name.split(".")).with_suffix(".py")


def child(name: str, number: int, tests: Sequence[str]) -> int:
    """Runs the tests over a changed module; pytest's exit code."""
    import pytest

    sys.meta_path.insert(0, Changed(name, number))
    try:
        __import__(name)
    except Exception:
        return 1  # it cannot even be imported
    return int(pytest.main(["-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-k", LEFT_OUT, *tests]))


def outcome(name: str, number: int) -> str:
    """What became of one change: noticed, unnoticed, or a test that does not end."""
    command = [sys.executable, "-m", "tests.mutation", "--child", name, str(number)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired:
        return "endless"
    return {0: "unnoticed", 1: "noticed"}.get(done.returncode, f"pytest ended with {done.returncode}")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", help=f"some of {', '.join(MODULES)}; else all")
    parser.add_argument("--sample", type=int, help="so many changes of each module, chosen at random")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-once", type=int, default=2, help="processes at a time (2)")
    parser.add_argument("--child", nargs=2, metavar=("MODULE", "NUMBER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        raise SystemExit(child(given.child[0], int(given.child[1]), MODULES[given.child[0]]))
    for name in given.modules or MODULES:
        described = Mutants(source_of(name).read_text(encoding="utf-8")).described
        numbers = list(range(len(described)))
        if given.sample and given.sample < len(numbers):
            numbers = sorted(random.Random(given.seed).sample(numbers, given.sample))
        with ThreadPoolExecutor(given.at_once) as pool:
            ends = list(pool.map(lambda number, name=name: outcome(name, number), numbers))
        counted = Counter(ends)
        shown = ", ".join(f"{count} {what}" for what, count in counted.most_common())
        print(f"{name}: {len(described)} changes, {len(numbers)} tried: {shown}", flush=True)
        for number, end in zip(numbers, ends, strict=True):
            if end != "noticed":
                print(f"    {end} #{number}, line {described[number]}", flush=True)


if __name__ == "__main__":
    main()

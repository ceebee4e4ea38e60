"""The workers of one process: a fault of ours ends none of them for good."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot import upkeep


@dataclass
class Failing:
    """A worker that meets a fault, and works when it is begun anew."""

    fails: int
    begun: int = 0
    works: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """As the outbox: until stopped."""
        self.begun += 1
        if self.begun <= self.fails:
            raise ValueError(f"fault {self.begun}")
        self.works.set()
        await self.stopped.wait()

    def stop(self) -> None:
        """As the outbox."""
        self.stopped.set()


async def test_a_worker_that_meets_a_fault_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    outbox, rounds = Failing(fails=2), Failing(fails=1)
    opened: Any = type("Opened", (), {"outbox": outbox})()
    monkeypatch.setattr(upkeep, "AGAIN", 0.0)
    monkeypatch.setattr(upkeep, "round_of", lambda _: rounds.run())
    with capture_logs() as told:
        async with upkeep.workers(opened), asyncio.timeout(5):
            await outbox.works.wait()
            await rounds.works.wait()
            rounds.stop()
    assert (outbox.begun, rounds.begun) == (3, 2)
    failed = [entry["worker"] for entry in told if entry["event"] == "worker_failed"]
    assert sorted(failed) == ["outbox", "outbox", "upkeep"]


async def test_a_stopped_worker_is_not_begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is a pause before the next try waited for."""
    outbox = Failing(fails=10_000)
    opened: Any = type("Opened", (), {"outbox": outbox})()
    monkeypatch.setattr(upkeep, "AGAIN", 3600.0)
    monkeypatch.setattr(upkeep, "round_of", lambda _: asyncio.sleep(0))
    async with asyncio.timeout(5):
        async with upkeep.workers(opened):
            while not outbox.begun:
                await asyncio.sleep(0)
    assert outbox.begun == 1

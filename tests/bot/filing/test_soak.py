"""A bounded soak; `python -m tests.soak` runs longer ones."""

from __future__ import annotations

from tests.soak import soak


async def test_soak_on_each_database(database: str) -> None:
    outcome = await soak(database, requests=60, seed=7)
    assert outcome.differences == []
    assert outcome.doubled == 0
    assert outcome.filed == 60
    assert outcome.faults > 20

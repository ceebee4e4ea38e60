"""Small storms, on each platform and each database; `make storm` blows the large ones."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

import knowledge
from bot.organisations import Organisations
from tests.storm.slack import SlackWorld
from tests.storm.storm import Plan, Storm
from tests.storm.teams import TeamsWorld
from tests.storm.world import World, folder_of


@pytest.fixture(params=["sqlite", "postgresql"])
def plan(request: pytest.FixtureRequest, tmp_path: Path, organisations: Organisations) -> Plan:
    """One instance over SQLite, two over PostgreSQL; one of them is killed."""
    organisations.answerer("hango")  # its index is built before an instance wants it
    shipped = folder_of(Path(knowledge.__file__).parent, ["hango"], tmp_path / "knowledge")
    embedded = request.param == "sqlite"
    if embedded:
        url = f"sqlite:///{tmp_path / 'storm.db'}"
    else:
        make: Callable[[], str] = request.getfixturevalue("postgres")
        url = make()
    return Plan(
        url, tmp_path, shipped, events=150, instances=1 if embedded else 2, kills=1, hurried=True, build=False, seed=7
    )


async def blow(plan: Plan, world: World) -> None:
    """Every acknowledged event has one effect; figures say that there was a storm."""
    storm = Storm(plan, world)
    outcome = await storm.run()
    assert outcome.differences == []
    assert int(str(outcome.figures["events"])) >= plan.events  # somebody may be in the middle of two at the end
    assert outcome.figures["kills"] == 1
    assert int(str(outcome.figures["acknowledged more than once"])) > 5
    assert sum(world.weather.failed.values()) > 5


async def test_a_storm_on_slack(plan: Plan) -> None:
    await blow(plan, SlackWorld(["hango"], 15, random.Random(7), hanging=False))


async def test_a_storm_on_teams(plan: Plan) -> None:
    await blow(plan, TeamsWorld(["hango"], 15, random.Random(7), hanging=False))

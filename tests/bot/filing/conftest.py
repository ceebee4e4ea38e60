"""What the tests of filing share: offices over a store, finished checklists, people who press, a fake platform."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.organisations import Organisations
from bot.settings import Settings
from tests.filing_town import Town


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'town.db'}"
    make: Callable[[], str] = request.getfixturevalue("postgres")
    return make()


@pytest.fixture
async def town(organisations: Organisations, tmp_path: Path) -> AsyncIterator[Town]:
    """A municipality over an SQLite file."""
    async with Town.open(organisations, f"sqlite:///{tmp_path / 'town.db'}") as opened:
        yield opened


@pytest.fixture
async def either_town(organisations: Organisations, database: str) -> AsyncIterator[Town]:
    """A municipality over each kind of database."""
    async with Town.open(organisations, database) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No .env file of the machine reaches the tests."""
    monkeypatch.setitem(Settings.model_config, "env_file", None)

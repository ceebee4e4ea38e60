"""Scenarios while Teams has a bad day: throttled, failing, slow, and with answers that are lost after the deed.

Whatever happens on the way, people see the same, and in the end nothing waits.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.answering.answerer import Answerer
from bot.organisations import Organisations
from bot.store.tables import outbox
from tests.channels.base import Act, Changeable, Seen
from tests.channels.teams import Teams
from tests.conftest import lexical_answerer
from tests.fakes.teams import Fault
from tests.test_scenarios import SCENARIOS, Player, World

DAY = (
    *(Fault(429, after="3"), Fault(429), Fault(412), Fault(502), Fault(503), Fault(504), Fault()),
    *(Fault(done=True), Fault(504, done=True), Fault(slow=0.05, done=True)),
)
"""What may happen to a call; the last three are done all the same, and only the answer is lost."""
PLAYED = ("flow-comment-1", "flow-photo-2", "dialogue-1-2", "dialogue-1-5", "dialogue-2-8")


class Stormy(Teams):
    """Half of all calls fail in some way."""

    seed = 0

    async def _sent(self, act: Act, kind: str, **given: Any) -> list[Seen]:
        chosen = random.Random(f"{self.seed} {act.event}")
        self.fake.faults.extend(chosen.choice(DAY) for _ in range(chosen.randint(0, 4)))
        return await super()._sent(act, kind, **given)

    async def _delivered(self) -> None:
        """Time goes by until nothing waits."""
        for opened in self._services:
            clock, passed = opened.assistant.clock, [0.0]
            opened.outbox.clock = lambda clock=clock, passed=passed: clock() + passed[0]  # type: ignore[misc]
            for _ in range(100):
                await super()._delivered()
                async with opened.store.transaction() as tx:
                    if not await tx.scalar(select(func.count()).where(outbox.c.state == "waiting")):
                        break
                passed[0] += 30.0
            async with opened.store.transaction() as tx:
                stands = dict((await tx.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))).all())
            assert set(stands) <= {"sent", "replaced"}, stands
        self.fake.faults.clear()


@pytest.fixture(scope="module")
def answerers(organisations: Organisations) -> dict[str, Answerer]:
    """Every organisation's answerer on words alone."""
    make = lexical_answerer(organisations)
    return {name: make(name) for name in organisations.ids}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", PLAYED)
async def test_scenario(
    name: str, seed: int, answerers: dict[str, Answerer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stormy, "seed", seed)
    world = World(Changeable(answerers), f"sqlite:///{tmp_path / 'store.db'}", Stormy)
    await Player(dict(SCENARIOS)[name], world).play()

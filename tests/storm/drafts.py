"""Checklists that people had nearly finished before the storm: what is left is to look through them and to file."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from bot.dialogue.sessions import Session, State, save
from bot.store.store import Store
from knowledge.flows import Flow, FlowKind
from knowledge.loader import Knowledge
from knowledge.models import Language
from tests.filing_town import filled
from tests.storm.world import Member, Role, World

RESUME = {Language.SV: "fortsätt", Language.FI: "jatka", Language.EN: "resume"}
"""What is written to go on with a draft."""


async def prepare(store: Store, world: World, known: Mapping[str, Knowledge], each: int) -> None:
    """Gives everybody among the staff so many drafts."""
    async with store.transaction() as tx:
        for member in world.members:
            if member.role is not Role.STAFF:
                continue
            flows = [f for f in known[member.organisation].flows.values() if f.kind is FlowKind.CHECKLIST]
            for number in range(each):
                await save(tx, _draft(world, member, flows[number % len(flows)], number), time.time())


def _draft(world: World, member: Member, flow: Flow, number: int) -> Session:
    manager = next(m for m in world.members if m.organisation == member.organisation and m.role is Role.MANAGER)
    given: dict[str, object] = {}
    if flow.approver:
        given[flow.approver.replace("-", "_")] = {"id": world.person(manager), "name": manager.name}
    for asked in {"account-name", "account"} & {
        step.id for step in flow.steps
    }:  # an account of its own in the register
        given[asked.replace("-", "_")] = f"Sidan {member.user}-{number}"
    who, language = world.person(member), Language.SV
    session = Session(member.organisation, who, who, flow.id, language, steps=_ids(flow))
    session.answers = filled(flow, **given)
    session.state, session.turn = State.PAUSED, 1
    return session


def _ids(flow: Flow) -> Sequence[str]:
    return [step.id for step in flow.steps]

"""What must hold when the storm is over: each event had one effect, and nothing waits, is lost, or was made up."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from bot.filing.states import Act
from bot.store.store import Store
from bot.store.tables import accounts, events, history, outbox, requests
from tests.storm.post import Event


@dataclass(frozen=True)
class Kept:
    """What stands in the store."""

    rows: Sequence[Any]  # of the outbox, in their order
    events: dict[tuple[str, str], list[int]]  # organisation and event, to the rows that answered it
    requests: Sequence[Any]
    approved: set[str]
    registered: Counter[str]


async def kept(store: Store) -> Kept:
    """Reads it."""
    async with store.transaction() as tx:
        rows = list(await tx.execute(select(outbox).order_by(outbox.c.id)))
        seen = {tuple(r.event.split("/", 1)): list(r.deliveries) for r in await tx.execute(select(events))}
        filed = list(await tx.execute(select(requests)))
        decided = await tx.execute(
            select(history.c.reference)
            .join(requests, (requests.c.reference == history.c.reference))
            .where(history.c.what == Act.APPROVE.value, requests.c.flow.in_(("open-account", "close-account")))
        )
        entries = await tx.execute(select(accounts.c.request).where(accounts.c.request.is_not(None)))
        return Kept(rows, seen, filed, set(decided.scalars()), Counter(entries.scalars()))  # type: ignore[arg-type]


async def waiting(store: Store) -> int:
    """Rows of the outbox that have not left."""
    async with store.transaction() as tx:
        found = await tx.scalar(select(func.count()).where(outbox.c.state == "waiting"))
        return int(found or 0)


async def under_way(store: Store, now: float, lease: float) -> dict[str, float]:
    """Conversations with messages that a worker holds, and since when: they may have arrived since, or not."""
    async with store.transaction() as tx:
        found = await tx.execute(
            select(outbox.c.conversation, func.min(outbox.c.leased_until))
            .where(outbox.c.state == "waiting", outbox.c.leased_until > now)
            .group_by(outbox.c.conversation)
        )
        return {conversation: until - lease for conversation, until in found}


def effects(happened: dict[tuple[str, str], Event], found: Kept, told: Callable[[str], int]) -> list[str]:
    """What is wrong with the turns. `told`: how often a person was told that something was not kept."""
    wrong: list[str] = []
    lost: defaultdict[str, list[str]] = defaultdict(list)
    for key, event in happened.items():
        if not event.acknowledged or key in found.events:
            continue
        if event.repeated:
            wrong.append(f"{event.kind} {event.name} of {event.person} was acknowledged, and nothing came of it")
        else:
            lost[event.person].append(f"{event.kind} {event.name}, answered with {event.answer or 'nothing'}")
    for person, presses in lost.items():
        if len(presses) > told(person):
            wrong.append(f"{person} was told {told(person)} times that a press led to nothing: {'; '.join(presses)}")
    wrong += [f"a turn was made of {key}, which nobody did" for key in found.events if key not in happened]
    return wrong + _answers(found)


def _answers(found: Kept) -> list[str]:
    """Every answer belongs to one turn, and every turn's answers are there."""
    listed = Counter(number for numbers in found.events.values() for number in numbers)
    replies = {row.id for row in found.rows if row.purpose == "reply" and not _home(row)}
    wrong = [f"row {number} is the answer of {count} turns" for number, count in listed.items() if count > 1]
    there = {row.id for row in found.rows}
    wrong += [f"row {number} is the answer of a turn and is not there" for number in listed.keys() - there]
    return wrong + [f"row {number} answers nothing that happened" for number in replies - listed.keys()]


def _home(row: Any) -> bool:
    """Whether a row is a home view, which is also shown anew when something has changed."""
    return row.message["kind"] == "home" and bool(row.address.get("home"))


def stuck(found: Kept) -> list[str]:
    """What has not left: nothing may wait, and nothing in a storm is a reason to give a message up."""
    wrong = []
    for row in found.rows:
        if row.state in ("waiting", "parked"):
            reason = row.error or "no reason is given"
            wrong.append(f"row {row.id} ({row.purpose}, {row.conversation}) is {row.state}: {reason}")
    return wrong


def register(found: Kept) -> list[str]:
    """Every approved request stands in the register once, and no other."""
    wrong = [f"{name} was approved and is not in the register" for name in found.approved - found.registered.keys()]
    wrong += [f"{name} stands in the register {n} times" for name, n in found.registered.items() if n > 1]
    return wrong + [f"{name} is in the register unapproved" for name in found.registered.keys() - found.approved]

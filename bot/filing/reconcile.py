"""Compares what should be with what is: requests, their history, their numbers, and the messages about them.

Every difference is one line a person can act on. After the outbox has drained there must be none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.filing.consequences import CONSEQUENCES, Purpose
from bot.filing.destinations import LOCAL
from bot.filing.requests import Request, by_reference, listed
from bot.filing.states import MAKES_VERSION, Act, State, after
from bot.store.tables import numbers, outbox, requests, sessions


@dataclass(frozen=True)
class Difference:
    """Something that is not as it should be."""

    reference: str
    what: str

    def __str__(self) -> str:
        return f"{self.reference}: {self.what}"


async def differences(tx: AsyncConnection, organisation: str) -> list[Difference]:
    """Everything that is wrong with the requests of an organisation."""
    found = await _numbers(tx, organisation)
    found += await _sessions(tx, organisation)
    found += await _handovers(tx, organisation)
    for short in await listed(tx, organisation, limit=10_000_000):
        request = await by_reference(tx, organisation, short.reference)
        assert request is not None  # noqa: S101 - it was listed in this transaction
        rows: list[Row[Any]] = list(
            await tx.execute(
                select(
                    outbox.c.id, outbox.c.conversation, outbox.c.channel, outbox.c.key, outbox.c.purpose,
                    outbox.c.state, outbox.c.created_at, outbox.c.error,
                    outbox.c.message[("document", "reference")].as_string().label("shows"),
                )
                .where(outbox.c.organisation == organisation, outbox.c.request == request.reference)
                .order_by(outbox.c.id)
            )
        )  # fmt: skip
        whats = [*_history(request), *_told(request, rows), *_shown(request, rows), *_delivered(request, rows)]
        found += [Difference(request.reference, what) for what in whats]
    return found


async def _numbers(tx: AsyncConnection, organisation: str) -> list[Difference]:
    """References of a year run from 1 to the last number without a gap."""
    used: dict[int, set[int]] = defaultdict(set)
    references = await tx.execute(select(requests.c.reference).where(requests.c.organisation == organisation))
    for reference in references.scalars():
        _, year, number = reference.split("-")
        used[int(year)].add(int(number))
    counted = await tx.execute(select(numbers.c.year, numbers.c.last).where(numbers.c.organisation == organisation))
    last = {row.year: row.last for row in counted}
    return [
        Difference(f"{organisation} {year}", f"{len(used[year])} numbers do not run from 1 to {last.get(year)}")
        for year in sorted({*used, *last})
        if used[year] != set(range(1, last.get(year, 0) + 1))
    ]  # fmt: skip


async def _sessions(tx: AsyncConnection, organisation: str) -> list[Difference]:
    """Every filed session is a request."""
    rows = await tx.execute(
        select(sessions.c.id)
        .outerjoin(
            requests, (requests.c.organisation == sessions.c.organisation) & (requests.c.session == sessions.c.id)
        )
        .where(sessions.c.organisation == organisation, sessions.c.state == "filed", requests.c.reference.is_(None))
    )
    return [Difference(f"session {row.id}", "is filed, but there is no request") for row in rows]


async def _handovers(tx: AsyncConnection, organisation: str) -> list[Difference]:
    """Questions handed over and their answers arrive."""
    rows = await tx.execute(
        select(outbox.c.id, outbox.c.error).where(
            outbox.c.organisation == organisation,
            outbox.c.purpose.in_((Purpose.HANDOVER.value, Purpose.HANDED_BACK.value)),
            (outbox.c.state == "parked") | ((outbox.c.state == "waiting") & outbox.c.channel.not_in(LOCAL)),
        )
    )
    return [Difference(f"handover message {row.id}", f"is not delivered: {row.error or 'waiting'}") for row in rows]


def _history(request: Request) -> list[str]:
    """The history leads, step by step, to what the request says of itself."""
    state, version = State.DRAFT, 0
    for event in request.events:
        state = after(state, event.what)
        version += event.what in MAKES_VERSION
        if (event.state, event.version) != (state, version):
            return [
                f"history step {event.id} says {event.state}, version {event.version}; it leads to {state}, {version}"
            ]
        if (event.what in MAKES_VERSION) != bool(event.answers):
            return [f"history step {event.id} should {'not ' if event.answers else ''}hold answers"]
    if (state, version, len(request.events)) != (request.state, request.version, request.revision):
        return [f"is {request.state}, version {request.version}; its history says {state}, version {version}"]
    return []


def _told(request: Request, rows: Sequence[Row[Any]]) -> list[str]:
    """Every step has led to its messages, once."""
    acts = Counter(e.what for e in request.events)
    made = Counter(row.purpose for row in rows)
    wrong = []
    told = sum(n for act, n in acts.items() if CONSEQUENCES[act].requester)
    if made[Purpose.DECISION] != told:
        wrong.append(f"the requester should be told {told} time(s) and is told {made[Purpose.DECISION]}")
    filed = sum(n for act, n in acts.items() if CONSEQUENCES[act].review)
    cards = Counter(row.conversation for row in rows if row.purpose == Purpose.REVIEW)
    if filed and max(cards.values(), default=0) < filed:
        wrong.append(f"was filed {filed} time(s), and no review channel has {filed} card(s)")
    wrong += [f"{name} has {n} review cards for {filed} filing(s)" for name, n in cards.items() if n > filed]
    named = [e for e in request.events if e.what in (Act.SUBMIT_TO_MANAGER, Act.NAME)]
    if made[Purpose.APPROVAL] > len(named):
        wrong.append(f"{made[Purpose.APPROVAL]} cards went to managers for {len(named)} naming(s)")
    asked = any(r.purpose == Purpose.APPROVAL and r.created_at >= named[-1].at for r in rows) if named else True
    if request.state is State.WAITING and request.approver and not asked:
        wrong.append("waits for a manager who was not asked")
    if not any(row.purpose == "reply" for row in rows):
        wrong.append("the requester has no receipt")
    return wrong


def _shown(request: Request, rows: Sequence[Row[Any]]) -> list[str]:
    """Wherever the request is shown, it is shown as it stands."""
    newest = {row.conversation: row for row in rows if row.key == request.key}
    return [
        f"{conversation} shows it as it was before the last change"
        for conversation, row in newest.items()
        if not _is_current(request, row)
    ]


def _is_current(request: Request, row: Row[Any]) -> bool:
    """A card names the step of the history that it shows; one that shows none is judged by its time.

    A turn's time says less: it may have waited for another turn's change, and show that.
    """
    if row.shows:
        return bool(row.shows == f"{request.reference}@{request.last.id}")
    return bool(row.created_at >= request.updated_at)


def _delivered(request: Request, rows: Sequence[Row[Any]]) -> list[str]:
    """Every message has left, or somebody was told in its stead, or it waits to be fetched on this machine."""
    instead = [row.id for row in rows if row.purpose == Purpose.INSTEAD and row.state != "parked"]
    wrong = []
    for row in rows:
        if row.state == "waiting" and row.channel not in LOCAL:
            wrong.append(f"message {row.id} ({row.purpose}) waits for {row.channel}: {row.error or 'not sent yet'}")
        told = row.purpose in (Purpose.UPDATE, Purpose.NEWS) or any(i > row.id for i in instead)
        told |= row.purpose == Purpose.APPROVAL and request.state is not State.WAITING  # nobody is asked any more
        if row.state == "parked" and not told:
            wrong.append(f"message {row.id} ({row.purpose}) to {row.channel} is parked: {row.error}")
    return wrong

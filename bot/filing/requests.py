"""Requests in the store: what they are, how they are found, and the one way in which they change.

The history is only ever added to, and every change of a request adds to it: what a request *is* can be told from its
history alone. Of two changes at the same time the first holds; the second raises `Overtaken`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogue.replies import as_written
from bot.filing.states import MAKES_VERSION, Act, State, after
from bot.store.tables import history, numbers, requests
from knowledge.models import Language

LONGEST_NAME = 200
REPORT_FLOW = "incident"
"""The checklist that tells of something that has happened: there is nothing in it to approve or reject."""
Snapshot = dict[str, Any]
"""Questions and answers of one version, as they stood, in every language of the organisation (bot.filing.answers)."""


class Overtaken(Exception):
    """Somebody else changed the request first."""


@dataclass(frozen=True)
class Event:
    """One step of a request's history: who did what, when, why, and to which version."""

    id: int
    version: int
    what: Act
    state: State  # the state that it led to
    person: str
    name: str
    reason: str
    step: str
    answers: Snapshot | None
    at: float


@dataclass(frozen=True)
class Request:
    """A filed checklist with its history."""

    organisation: str
    reference: str
    flow: str
    session: int
    version: int
    revision: int
    state: State
    unit: str
    language: Language
    requester: str
    requester_name: str
    approver: str | None
    approver_name: str | None
    reviewer: str | None
    reviewer_name: str | None
    created_at: float
    updated_at: float
    events: tuple[Event, ...] = ()

    @property
    def key(self) -> str:
        """Messages of this key show this request."""
        return f"request:{self.reference}"

    @property
    def report(self) -> bool:
        """Whether it tells of something that has happened: its acts then have other names (bot.filing.cards)."""
        return self.flow == REPORT_FLOW

    @property
    def last(self) -> Event:
        """The latest step."""
        return self.events[-1]

    def answers(self, version: int | None = None) -> Snapshot:
        """Questions and answers of a version; {} when there is no such version."""
        wanted = version or self.version
        return next((e.answers for e in self.events if e.version == wanted and e.answers), None) or {}

    def notes(self) -> dict[str, str]:
        """Reviewers' words on single answers of this version, the latest of each."""
        return {e.step: e.reason for e in self.events if e.version == self.version and e.what is Act.NOTE}

    def latest(self, *acts: Act) -> Event | None:
        """The latest step that was one of the acts."""
        return next((e for e in reversed(self.events) if e.what in acts), None)

    def question(self) -> Event | None:
        """What a reviewer asked and the requester has not answered."""
        found = self.latest(Act.ASK, Act.ANSWER)
        return found if found and found.what is Act.ASK else None

    def at(self, event: int) -> Request:
        """The request as it stood when a step of its history had been taken."""
        events = tuple(e for e in self.events if e.id <= event)
        last = events[-1]
        return replace(self, events=events, version=last.version, state=last.state, updated_at=last.at)


def _event(row: Row[Any]) -> Event:
    return Event(
        id=row.id,
        version=row.version,
        what=Act(row.what),
        state=State(row.state),
        person=row.person,
        name=row.name,
        reason=row.reason,
        step=row.step,
        answers=row.answers,
        at=row.at,
    )


def _request(row: Row[Any], events: Sequence[Event] = ()) -> Request:
    values = dict(row._mapping)
    values |= {"state": State(row.state), "language": Language(row.language), "events": tuple(events)}
    return Request(**values)


async def by_reference(tx: AsyncConnection, organisation: str, reference: str, *, hold: bool = False) -> Request | None:
    """A request with its whole history.

    `hold`: until the transaction ends nobody changes it. Who shows it must hold it: a change by another instance at the
    same moment would renew it in every place but the one that is just being written.
    """
    wanted = select(requests).where(requests.c.organisation == organisation, requests.c.reference == reference)
    found = await tx.execute(wanted.with_for_update() if hold else wanted)
    row = found.first()
    if row is None:
        return None
    events = await tx.execute(
        select(history)
        .where(history.c.organisation == organisation, history.c.reference == reference)
        .order_by(history.c.id)
    )
    return _request(row, [_event(e) for e in events])


async def listed(tx: AsyncConnection, organisation: str, *where: Any, limit: int = 1000) -> list[Request]:
    """Requests without their history, the latest first."""
    found = await tx.execute(
        select(requests)
        .where(requests.c.organisation == organisation, *where)
        .order_by(requests.c.updated_at.desc(), requests.c.reference.desc())
        .limit(limit)
    )
    return [_request(row) for row in found]


def _insert(tx: AsyncConnection, table: Any) -> Any:
    return sqlite.insert(table) if tx.dialect.name == "sqlite" else postgresql.insert(table)


async def next_reference(tx: AsyncConnection, organisation: str, prefix: str, year: int) -> str:
    """The next number of the organisation and year; it counts only if the transaction does, so there are no gaps.

    `prefix` is the organisation's own, which no other has (knowledge.loader sees to that).
    """
    keys = {"organisation": organisation, "year": year}
    await tx.execute(_insert(tx, numbers).values(**keys, last=0).on_conflict_do_nothing())
    number = await tx.scalar(
        update(numbers)
        .where(numbers.c.organisation == organisation, numbers.c.year == year)
        .values(last=numbers.c.last + 1)
        .returning(numbers.c.last)
    )
    return f"{prefix}-{year}-{number:04d}"


async def create(tx: AsyncConnection, draft: Request, act: Act, answers: Snapshot) -> Request:
    """Keeps a new request, whose state is what the act leads to, and begins its history."""
    new = replace(
        draft,
        version=1,
        revision=1,
        state=after(State.DRAFT, act),
        unit=cleaned(draft.unit),
        requester_name=cleaned(draft.requester_name),
        approver_name=cleaned(draft.approver_name) if draft.approver_name else None,
    )
    values = {name: value for name, value in vars(new).items() if name != "events"}
    values |= {"state": new.state.value, "language": new.language.value}
    await tx.execute(insert(requests).values(**values))
    await _add(tx, new, act, new.requester, new.requester_name, answers=answers)
    return await _again(tx, new)


async def move(
    tx: AsyncConnection,
    request: Request,
    act: Act,
    person: str,
    name: str,
    now: float,
    *,
    reason: str = "",
    step: str = "",
    answers: Snapshot | None = None,
    **changes: str | None,
) -> Request:
    """The request after an act. Raises Impossible, or Overtaken when it has changed since it was read."""
    state = after(request.state, act)
    changes = {column: cleaned(text) if text else text for column, text in changes.items()}
    typed: dict[str, Any] = dict(changes)
    version = request.version + 1 if act in MAKES_VERSION else request.version
    new = replace(request, state=state, version=version, revision=request.revision + 1, updated_at=now, **typed)
    done = await tx.execute(
        update(requests)
        .where(
            requests.c.organisation == request.organisation,
            requests.c.reference == request.reference,
            requests.c.revision == request.revision,
            requests.c.state == request.state.value,
        )
        .values(state=state.value, version=version, revision=new.revision, updated_at=now, **changes)
    )
    if not done.rowcount:
        raise Overtaken(request.reference)
    await _add(tx, new, act, person, name, reason=reason, step=step, answers=answers)
    return await _again(tx, new)


def cleaned(name: str) -> str:
    """A name as a channel or a person gives it, without what nobody sees, on one line."""
    return " ".join(as_written(name).split())[:LONGEST_NAME]


async def _add(
    tx: AsyncConnection,
    request: Request,
    act: Act,
    person: str,
    name: str,
    *,
    reason: str = "",
    step: str = "",
    answers: Snapshot | None = None,
) -> None:
    """Adds a step to the history: the only statement that touches it."""
    await tx.execute(
        insert(history).values(
            organisation=request.organisation,
            reference=request.reference,
            version=request.version,
            what=act.value,
            state=request.state.value,
            person=person,
            name=cleaned(name),
            reason=reason,
            step=step,
            answers=answers,
            at=request.updated_at,
        )
    )


async def _again(tx: AsyncConnection, request: Request) -> Request:
    found = await by_reference(tx, request.organisation, request.reference)
    assert found is not None  # noqa: S101 - it was written above
    return found

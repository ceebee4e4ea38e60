"""Sessions: one person's way through one flow, as it is kept in the store."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogue.replies import counted, still_fits
from bot.store.tables import sessions
from knowledge.flows import Flow, Step
from knowledge.models import Language
from knowledge.walk import Position, position


class State(StrEnum):
    """Where a session stands."""

    OPEN = "open"  # the person's next message is read as an answer
    PAUSED = "paused"
    DONE = "done"  # a decision reached its outcome
    FILED = "filed"  # a checklist became a request
    CANCELLED = "cancelled"
    EXPIRED = "expired"


UNFINISHED = (State.OPEN, State.PAUSED)
DAY = 86_400.0


LONGEST_TOLD = 1_000
"""Characters of what was told beside the steps that are kept."""


def warning(draft_days: int) -> float:
    """Seconds between the warning and the end."""
    return min(3.0, draft_days / 2) * DAY


@dataclass
class Session:
    """One person's way through one flow."""

    organisation: str
    person: str
    conversation: str
    flow: str
    language: Language
    id: int = 0
    state: State = State.OPEN
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    turn: int = 0
    asking: str | None = None  # a step asked out of its turn, because the person went back to it or changes it
    pending: dict[str, Any] | None = None
    steps: list[str] = field(default_factory=list)
    request: str | None = None
    created_at: float = 0.0
    updated_at: float = 0.0
    warned_at: float | None = None  # when the person was told that it will expire

    def wait(self, what: str | None, text: str = "") -> None:
        """Notes what the person is asked beside the step (a yes to cancel; which a text is); None: nothing.

        A reviewer's notes on the answers stay as long as the session does, and what was told until it is asked for.
        """
        kept = {name: value for name, value in (self.pending or {}).items() if name in ("notes", "told") and value}
        asked = {"what": what, "text": text} if what else {}
        self.pending = {**kept, **asked} or None

    @property
    def told(self) -> str:
        """What the person told where a choice was asked, kept until a step asks for it in words."""
        return str((self.pending or {}).get("told", ""))

    def remember(self, told: str) -> None:
        """Keeps what was told, after what was told before; an empty text forgets it."""
        kept = {name: value for name, value in (self.pending or {}).items() if name != "told"}
        said = [*self.told.splitlines(), told]
        kept |= {"told": "\n".join(dict.fromkeys(said))[-LONGEST_TOLD:]} if told else {}
        self.pending = kept or None

    @property
    def waiting(self) -> str | None:
        """What the person is asked beside the step."""
        return (self.pending or {}).get("what")

    def expires_at(self, draft_days: int) -> float:
        """When an unfinished session ends; a person who was warned late has the full time of the warning.

        A request that was sent back is no draft: it waits until it is corrected or withdrawn.
        """
        if self.request:
            return math.inf
        end = self.updated_at + draft_days * DAY
        return end if self.warned_at is None else max(end, self.warned_at + warning(draft_days))

    def expire(self) -> None:
        """Ends it; what was answered is forgotten."""
        self.state, self.answers, self.pending, self.asking = State.EXPIRED, {}, None, None

    def at(self, flow: Flow, facts: Mapping[str, tuple[str, ...]]) -> Position:
        """Where the answers have led."""
        words = {s.id: counted(s, self.answers[s.id]["value"]) for s in flow.steps if s.id in self.answers}
        return position(flow, words, facts)

    def asked(self, flow: Flow, facts: Mapping[str, tuple[str, ...]]) -> Step | None:
        """The step that the person is asked now; None at the end."""
        at = self.at(flow, facts)
        going_back = next((s for s in at.asked if s.id == self.asking), None)
        return going_back or at.step

    def reconcile(self, flow: Flow) -> list[Step]:
        """Drops answers that no longer fit a changed flow. Returns the steps that are new to the person."""
        known = {s.id: s for s in flow.steps}
        now = list(known)
        if now == self.steps and all(still_fits(known[i], a["value"]) for i, a in self.answers.items()):
            return []
        before = set(self.steps)
        kept = {i: a for i, a in self.answers.items() if i in known and still_fits(known[i], a["value"])}
        anew = (set(now) - before) | (set(self.answers) & set(now) - set(kept))
        self.answers, self.steps = kept, now
        return [step for step in flow.steps if step.id in anew] if before else []


def of_row(row: Mapping[str, Any], prefix: str = "") -> Session:
    """A row of the table, or of a wider one in which its columns' names begin with the prefix."""
    given = {column.name: row[f"{prefix}{column.name}"] for column in sessions.c}
    made = {"language": Language(given["language"]), "state": State(given["state"])}
    return Session(**{**given, **made, "answers": dict(given["answers"]), "steps": list(given["steps"])})


async def open_session(tx: AsyncConnection, organisation: str, person: str) -> Session | None:
    """The session that a person's next message belongs to."""
    found = await tx.execute(
        select(sessions).where(
            sessions.c.organisation == organisation, sessions.c.person == person, sessions.c.state == State.OPEN
        )
    )
    row = found.first()
    return of_row(row._asdict()) if row else None


async def session_by_id(tx: AsyncConnection, organisation: str, number: int) -> Session | None:
    """A session of the organisation, whoever it belongs to."""
    found = await tx.execute(select(sessions).where(sessions.c.organisation == organisation, sessions.c.id == number))
    row = found.first()
    return of_row(row._asdict()) if row else None


async def unfinished(tx: AsyncConnection, organisation: str, person: str) -> list[Session]:
    """A person's drafts, the latest first."""
    found = await tx.execute(
        select(sessions)
        .where(
            sessions.c.organisation == organisation,
            sessions.c.person == person,
            sessions.c.state.in_([s.value for s in UNFINISHED]),
        )
        .order_by(sessions.c.updated_at.desc(), sessions.c.id.desc())
    )
    return [of_row(row._asdict()) for row in found]


async def save(tx: AsyncConnection, session: Session, now: float) -> None:
    """Writes a session, new or known; a new one gets its id."""
    session.updated_at = now
    values = {
        "organisation": session.organisation,
        "person": session.person,
        "conversation": session.conversation,
        "flow": session.flow,
        "language": session.language.value,
        "state": session.state.value,
        "answers": session.answers,
        "turn": session.turn,
        "asking": session.asking,
        "pending": session.pending,
        "steps": session.steps,
        "request": session.request,
        "updated_at": now,
        "warned_at": None,
    }
    if session.id:
        await tx.execute(_CHANGED, {**values, "known": session.id})
        return
    session.created_at = now
    number = await tx.scalar(_BEGUN, {**values, "created_at": now})
    session.id = int(number or 0)


_WRITTEN: dict[str, Any] = {
    column.name: bindparam(column.name) for column in sessions.c if column.name not in ("id", "created_at")
}
_CHANGED = update(sessions).where(sessions.c.id == bindparam("known")).values(_WRITTEN)
_BEGUN = sessions.insert().values({**_WRITTEN, "created_at": bindparam("created_at")}).returning(sessions.c.id)

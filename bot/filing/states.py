"""The life of a request, as data: which act leads from which state to which, and the picture of it.

Whether a person may do an act is another matter (`bot.filing.rights`); this says only what is possible at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a request stands. A draft is a session of the dialogue, and has no request yet."""

    DRAFT = "draft"
    WAITING = "waiting-for-manager"
    FILED = "filed"
    IN_REVIEW = "in-review"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    DONE = "done"


class Act(StrEnum):
    """What somebody does with a request."""

    SUBMIT = "submit"  # no manager needs to agree, or the same one has agreed before
    SUBMIT_TO_MANAGER = "submit-to-manager"
    AGREE = "agree"
    DECLINE = "decline"
    NAME = "approver"  # another manager is named
    REMIND = "resend"
    TAKE = "take"
    PASS = "pass"  # noqa: S105 - to a colleague
    ASK = "ask"
    ANSWER = "answer"
    NOTE = "note"  # on one answer, for the return
    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    FINISH = "finish"


@dataclass(frozen=True)
class Transition:
    """An act and what it changes."""

    before: State
    act: Act
    after: State


_REVIEWED = (State.FILED, State.IN_REVIEW)
_OPEN = (State.WAITING, *_REVIEWED, State.RETURNED)
TRANSITIONS: tuple[Transition, ...] = (
    *(Transition(state, Act.SUBMIT_TO_MANAGER, State.WAITING) for state in (State.DRAFT, State.RETURNED)),
    *(Transition(state, Act.SUBMIT, State.FILED) for state in (State.DRAFT, State.RETURNED)),
    Transition(State.WAITING, Act.AGREE, State.FILED),
    Transition(State.WAITING, Act.DECLINE, State.RETURNED),
    *(Transition(State.WAITING, act, State.WAITING) for act in (Act.NAME, Act.REMIND)),
    Transition(State.FILED, Act.TAKE, State.IN_REVIEW),
    *(Transition(state, Act.PASS, State.IN_REVIEW) for state in _REVIEWED),
    *(Transition(state, act, state) for state in _REVIEWED for act in (Act.ASK, Act.ANSWER, Act.NOTE)),
    *(Transition(state, Act.APPROVE, State.APPROVED) for state in _REVIEWED),
    *(Transition(state, Act.RETURN, State.RETURNED) for state in _REVIEWED),
    *(Transition(state, Act.REJECT, State.REJECTED) for state in _REVIEWED),
    *(Transition(state, Act.WITHDRAW, State.WITHDRAWN) for state in _OPEN),
    Transition(State.APPROVED, Act.FINISH, State.DONE),
)
_AFTER = {(t.before, t.act): t.after for t in TRANSITIONS}
DECIDED = frozenset({State.APPROVED, State.REJECTED, State.WITHDRAWN, State.DONE})
"""Nothing is asked of anybody any more (an approved request may still be marked as done)."""
MAKES_VERSION = frozenset({Act.SUBMIT, Act.SUBMIT_TO_MANAGER})
NEEDS_REASON = frozenset({Act.DECLINE, Act.RETURN, Act.REJECT, Act.ASK, Act.ANSWER, Act.NOTE, Act.NAME, Act.PASS})
"""Acts that bring words: a reason, a question, an answer, or a person's name."""


class Impossible(Exception):
    """The act does not go with the state."""


def after(state: State, act: Act) -> State:
    """The state that an act leads to. Raises Impossible."""
    if (state, act) not in _AFTER:
        raise Impossible(f"{act.value} is not possible when {state.value}")
    return _AFTER[state, act]


def possible(state: State) -> frozenset[Act]:
    """The acts that go with a state."""
    return frozenset(act for before, act in _AFTER if before is state)


def picture() -> str:
    """The states and acts as a Mermaid diagram; docs/requests.md holds it."""
    names = {state: state.value.replace("-", "_") for state in State}
    arrows: dict[tuple[State, State], list[str]] = {}
    for t in TRANSITIONS:
        arrows.setdefault((t.before, t.after), []).append(t.act.value)
    lines = ["stateDiagram-v2", f"    [*] --> {names[State.DRAFT]}"]
    lines += [f"    {names[a]} --> {names[b]}: {', '.join(acts)}" for (a, b), acts in arrows.items()]
    ends = [s for s in State if not any(t.before is s and t.after is not s for t in TRANSITIONS)]
    return "\n".join([*lines, *(f"    {names[state]} --> [*]" for state in ends)])

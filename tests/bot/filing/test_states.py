"""The state machine: what is possible and what is not, and that nothing else can come about."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.filing.consequences import CONSEQUENCES
from bot.filing.states import (
    DECIDED,
    MAKES_VERSION,
    NEEDS_REASON,
    TRANSITIONS,
    Act,
    Impossible,
    State,
    Transition,
    after,
    picture,
    possible,
)

EXPECTED = {
    State.DRAFT: "submit→filed submit-to-manager→waiting-for-manager",
    State.WAITING: "agree→filed decline→returned approver→waiting-for-manager resend→waiting-for-manager "
    "withdraw→withdrawn",
    State.FILED: "take→in-review pass→in-review ask→filed answer→filed note→filed approve→approved return→returned "
    "reject→rejected withdraw→withdrawn",
    State.IN_REVIEW: "pass→in-review ask→in-review answer→in-review note→in-review approve→approved return→returned "
    "reject→rejected withdraw→withdrawn",
    State.RETURNED: "submit→filed submit-to-manager→waiting-for-manager withdraw→withdrawn",
    State.APPROVED: "finish→done",
    State.REJECTED: "",
    State.WITHDRAWN: "",
    State.DONE: "",
}


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("act", list(Act))
def test_every_act_in_every_state(state: State, act: Act) -> None:
    wanted = dict(part.split("→") for part in EXPECTED[state].split())
    if act.value in wanted:
        assert after(state, act).value == wanted[act.value]
        assert act in possible(state)
    else:
        assert act not in possible(state)
        with pytest.raises(Impossible):
            after(state, act)


def test_the_sets_of_acts_and_states() -> None:
    assert {state.value for state in DECIDED} == {"approved", "rejected", "withdrawn", "done"}
    assert {act.value for act in MAKES_VERSION} == {"submit", "submit-to-manager"}
    assert {act.value for act in NEEDS_REASON} == {
        "decline", "return", "reject", "ask", "answer", "note", "approver", "pass",
    }  # fmt: skip
    assert Transition(State.DRAFT, Act.SUBMIT, State.FILED) in TRANSITIONS
    with pytest.raises(AttributeError):
        TRANSITIONS[0].after = State.DONE  # type: ignore[misc]


@given(st.lists(st.sampled_from(list(Act)), max_size=40))
def test_any_walk_keeps_what_must_hold(acts: list[Act]) -> None:
    state, versions, agreed_or_free, seen = State.DRAFT, 0, False, []
    for act in acts:
        try:
            state = after(state, act)
        except Impossible:
            continue
        seen.append(act)
        versions += act in MAKES_VERSION
        agreed_or_free = {Act.SUBMIT: True, Act.AGREE: True, Act.SUBMIT_TO_MANAGER: False}.get(act, agreed_or_free)
        if state in (State.FILED, State.IN_REVIEW, State.APPROVED, State.REJECTED, State.DONE):
            assert agreed_or_free, "nothing is reviewed before the manager agreed or need not"
        assert versions >= (state is not State.DRAFT)
        if state in DECIDED:
            assert not possible(state) - {Act.FINISH}
    assert seen.count(Act.APPROVE) + seen.count(Act.REJECT) + seen.count(Act.WITHDRAW) <= 1


def test_every_state_is_reached_and_every_act_has_consequences() -> None:
    reached = {State.DRAFT}
    for _ in State:
        reached |= {t.after for t in TRANSITIONS if t.before in reached}
    assert reached == set(State)
    assert set(CONSEQUENCES) == set(Act) == {t.act for t in TRANSITIONS}


def test_the_picture_in_the_docs_is_the_machine() -> None:
    docs = (Path(__file__).parents[3] / "docs" / "requests.md").read_text(encoding="utf-8")
    assert picture() in docs
    assert all(f": {', '.join(['agree'])}" in docs or t.act.value in docs for t in TRANSITIONS)

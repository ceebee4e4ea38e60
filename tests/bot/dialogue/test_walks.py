"""Every flow of every organisation, walked at random: never stuck, nothing lost or foreign, the same after a reload."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.dialogue.replies import Refusal
from bot.dialogue.sessions import State
from bot.dialogue.talk import Talk
from bot.messages import Kind, Outgoing
from knowledge.flows import FlowKind
from knowledge.models import Language
from tests.bot.dialogue.walking import (
    FLOWS,
    accounts_of,
    as_kept,
    assert_presentable,
    good_reply,
    known,
    pressed_value,
    reloaded,
    talk,
)

WALKS = int(os.environ.get("SOMEGUIDE_WALKS", "80"))
"""Walks through each flow: with 26 flows some two thousand."""
MOVES = (
    "type",
    "type",
    "type",
    "press",
    "press",
    "back",
    "skip",
    "change",
    "keep",
    "aside",
    "over",
    "form",
    "again",
    "bad",
)


class Walk:
    """One walk, with a model of what must be kept."""

    def __init__(self, organisation: str, flow: str, language: Language) -> None:
        self.talk: Talk = talk(organisation, flow, language=language, accounts=accounts_of(organisation))
        self.language = language
        self.model: dict[str, Any] = {}
        self.check(self.talk.begin())

    def check(self, shown: list[Outgoing] | Refusal) -> None:
        """What holds after every move."""
        assert isinstance(shown, list)
        assert_presentable(shown, self.language)
        kept = {i: a["value"] for i, a in self.talk.session.answers.items()}
        assert kept == self.model
        after = reloaded(self.talk)
        assert as_kept(after) == as_kept(self.talk)
        assert after.at() == self.talk.at()
        asked = self.talk.asked()
        assert after.asked() == asked
        assert self.talk.session.state is (State.DONE if asked is None and self.talk.at().outcome else State.OPEN)
        if asked is not None:
            step = next(m for m in reversed(shown) if m.kind in (Kind.STEP, Kind.FORM))
            if step.kind is Kind.STEP:
                assert step.field is not None
                assert step.field.name == asked.id
                assert "{accounts}" not in step.text
                if "{accounts}" not in asked.ask[self.language]:
                    assert asked.ask[self.language] in step.text
        self.talk = after

    def move(self, kind: str, pick: int) -> None:
        """One thing that a person does."""
        step = self.talk.asked()
        if kind == "form":
            sections = self.talk.flow.sections
            if sections:
                self.form(sections[pick % len(sections)].id, pick)
        elif kind == "change":
            self.check(self.talk.change(pick % 12))
        elif step is None:
            if kind == "over":
                self.model = {}
                self.check(self.talk.start_over())
        elif kind == "type":
            text, mentions, value = good_reply(step, self.language, pick)
            self.model[step.id] = value
            self.check(self.talk.reply(text, mentions))
        elif kind == "press":
            pressed, value = pressed_value(step, pick)
            self.model[step.id] = value
            self.check(self.talk.press(step.id, pressed))
        elif kind == "again":  # a press under an older message
            older = self.talk.flow.steps[pick % len(self.talk.flow.steps)]
            if older.id != step.id:
                self.check(self.talk.press(older.id, pressed_value(older, pick)[0]))
        elif kind == "bad":
            refused = self.talk.reply(" \u202e\x00 ")
            assert isinstance(refused, Refusal)
            self.check(self.talk.refused(refused))
        elif kind == "skip":
            if step.optional:
                self.model[step.id] = None
            self.check(self.talk.skip())
        else:
            self.check({
                "back": self.talk.back,
                "keep": lambda: self.talk.keep(step.id),
                "aside": self.talk.show,
                "over": self.start_over,
            }[kind]())  # fmt: skip

    def start_over(self) -> list[Outgoing]:
        self.model = {}
        return self.talk.start_over()

    def form(self, section_id: str, pick: int) -> None:
        shown = self.talk.form(section_id)
        self.check(shown)
        fields = [f for m in shown for f in m.fields]
        filled = {}
        for number, field in enumerate(fields):
            step = self.talk.flow.step(field.name)
            if (pick >> number) & 1:
                filled[field.name], self.model[field.name] = pressed_value(step, pick)
            elif field.optional:
                filled[field.name], self.model[field.name] = "", None
        if filled:
            self.check(self.talk.fill(section_id, filled))

    def finish(self) -> None:
        """From anywhere, answering what is asked leads to the end."""
        most = len(self.talk.flow.steps) + 1
        for pick in range(most + 1):
            if self.talk.asked() is None:
                break
            assert pick < most, "never ends"
            self.move("type", pick)
        at = self.talk.at()
        assert at.step is None
        if self.talk.flow.kind is FlowKind.DECISION:
            assert at.outcome is not None
        shown = self.talk.show()
        assert_presentable(shown, self.language)
        if at.outcome:
            assert shown[0].kind is Kind.OUTCOME
            assert shown[0].sources
            assert at.outcome.text[self.language] in shown[0].text
        else:
            assert shown[0].kind is Kind.SUMMARY
        assert len(shown[0].rows) == len(at.asked)
        assert all(s.optional or self.model[s.id] is not None for s in at.asked)
        assert all(row.value.strip() for row in shown[0].rows)


@pytest.mark.parametrize(("organisation", "flow"), FLOWS, ids=[f"{o}/{f}" for o, f in FLOWS])
def test_every_flow_at_random(organisation: str, flow: str) -> None:
    @settings(
        max_examples=WALKS, deadline=None, derandomize=True, database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )  # fmt: skip
    @given(
        moves=st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 4095)), max_size=16),
        language=st.sampled_from(known(organisation).organisation.languages),
    )
    def walk(moves: list[tuple[str, int]], language: Language) -> None:
        walked = Walk(organisation, flow, language)
        for kind, pick in moves:
            walked.move(kind, pick)
        walked.finish()

    walk()

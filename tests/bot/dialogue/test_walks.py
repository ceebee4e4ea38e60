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

WALKS = int(os.environ.get("SOMEGUIDE_WALKS", "20"))
"""Walks through each flow: with 26 flows some five hundred; SOMEGUIDE_WALKS=400 for ten thousand."""
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
        """Opens a section's form, fills some of it in, and sends it."""
        shown = self.talk.form(section_id)
        self.check(shown)
        form = next((m for m in shown if m.kind is Kind.FORM), None)
        if form is None or form.submit is None:
            return
        filled: dict[str, Any] = {}
        for number, field in enumerate(form.fields):
            step = self.talk.flow.step(field.name)
            if (pick >> number) & 1:
                filled[field.name], self.model[field.name] = pressed_value(step, pick)
            elif pick % 3:  # else it is left out, as some channels do with what is empty
                filled[field.name] = ""
        section, mask = form.submit.action.split(":")[3:]
        answered = self.talk.fill(section, filled, mask)
        empty = {f.name for f in form.fields if f.optional and filled.get(f.name, self.model.get(f.name, "")) == ""}
        self.model |= dict.fromkeys(empty & self.talk.applying())
        self.check(answered)
        self.assert_form(answered, {f.name for f in form.fields}, filled)

    def assert_form(self, answered: list[Outgoing], before: set[str], filled: dict[str, Any]) -> None:
        """What holds of the form that answers a submitted one."""
        form = answered[-1]
        if form.kind is not Kind.FORM:
            return
        names = {f.name for f in form.fields}
        assert names <= self.talk.applying(), "a form asks only what applies"
        for field in form.fields:
            if filled.get(field.name) == "" and not field.optional and field.name not in self.model:
                assert field.error, "what is empty is told"
        for field in form.fields:
            assert not (field.fresh and field.name in before)
            assert field.fresh <= (field.name not in self.model)
        assert "{accounts}" not in form.text

    def finish(self, in_forms: bool) -> None:
        """From anywhere, answering what is asked leads to the end: question by question, and form by form."""
        most = len(self.talk.flow.steps) + 1
        for pick in range(most + 1):
            step = self.talk.asked()
            if step is None:
                break
            assert pick < most, "never ends"
            if in_forms:
                self.form(self.talk.section_of(step).id, -1)
                assert step.id in self.model, "a filled form answers at least what was asked"
            else:
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
        in_forms=st.booleans(),
    )
    def walk(moves: list[tuple[str, int]], language: Language, in_forms: bool) -> None:
        walked = Walk(organisation, flow, language)
        for kind, pick in moves:
            walked.move(kind, pick)
        walked.finish(in_forms)

    walk()

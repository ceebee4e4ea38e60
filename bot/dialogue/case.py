"""Where one session stands: its flow, its answers, and what the register says of them. Nothing here says anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rapidfuzz import fuzz, utils

from bot.answers import Answers
from bot.dialogue.days import shown_day
from bot.dialogue.replies import counted
from bot.dialogue.sessions import Session
from bot.messages import Person
from bot.texts import say
from knowledge.flows import ACCOUNT_EXISTS, Flow, FlowSection, Step, StepType
from knowledge.walk import Position, applying

SAME_UNIT = 85
"""Likeness of two units' names (rapidfuzz token_set_ratio, 0 to 100) from which they are taken to be one."""


@dataclass(frozen=True)
class KnownAccount:
    """An account of the register, as far as the dialogue needs it."""

    platform: str
    name: str
    unit: str
    also: tuple[str, ...] = ()  # the unit's name in other languages


class Case:
    """One session with its flow."""

    def __init__(
        self,
        answers: Answers,
        flow: Flow,
        session: Session,
        accounts: Sequence[KnownAccount] = (),
        today: date | None = None,
        notes: dict[str, str] | None = None,
        me: Person | None = None,
    ) -> None:
        self.answers = answers
        self.flow = flow
        self.session = session
        self.accounts = accounts
        self.today = today or date.today()
        self.notes = {} if notes is None else notes  # a reviewer's words on steps of a returned request, until mended
        self.me = me  # who is talking, for "me" as an answer
        answers.language = answers.supported(session.language)
        self.language = answers.language

    @property
    def facts(self) -> dict[str, tuple[str, ...]]:
        """What the register says of the answers so far."""
        return {ACCOUNT_EXISTS: ("yes",)} if self._existing() else {}

    def _existing(self) -> list[KnownAccount]:
        if self.flow.accounts is None:
            return []
        platform = self.session.answers.get(self.flow.accounts.platform)
        unit = self.session.answers.get(self.flow.accounts.unit)
        if not platform or not unit:
            return []
        named = self._names(self.flow.step(self.flow.accounts.platform), platform)
        mine = utils.default_process(str(unit["value"] or ""))
        return [
            a
            for a in self.accounts
            if utils.default_process(a.platform) in named
            and mine
            and any(fuzz.token_set_ratio(mine, utils.default_process(u)) >= SAME_UNIT for u in (a.unit, *a.also))
        ]

    def _names(self, step: Step, answer: dict[str, Any]) -> set[str]:
        values = answer["value"] if isinstance(answer["value"], list) else [answer["value"]]
        labels = {label for o in step.options if o.id in values for label in o.label.values()}
        return {utils.default_process(str(n)) for n in (*labels, *values)}

    def at(self) -> Position:
        """Where the answers have led."""
        return self.session.at(self.flow, self.facts)

    def asked(self) -> Step | None:
        """The step that is asked now."""
        return self.session.asked(self.flow, self.facts)

    def applying(self) -> frozenset[str]:
        """The ids of the steps that are part of this way, as far as the answers tell, also beyond the asked one."""
        words = {
            s.id: counted(s, self.session.answers[s.id]["value"])
            for s in self.flow.steps
            if s.id in self.session.answers
        }
        return applying(self.flow, words, self.facts)

    def latest(self, step: Step) -> date | None:
        """The day that a date must not lie after, where the answers give one."""
        given = self.session.answers.get(step.before or "")
        return date.fromisoformat(given["value"]) if given and given["value"] else None

    def overtaken(self, step: Step) -> list[Step]:
        """The answered dates that now lie after the one that was just given to a step."""
        found = []
        for other in self.flow.steps:
            given, latest = self.session.answers.get(other.id), self.latest(other)
            if other.before == step.id and latest and given and given["value"]:
                found += [other] if date.fromisoformat(given["value"]) > latest else []
        return found

    def margin(self, step: Step) -> int | None:
        """Days from an answered date to the one that it must not lie after, where they are fewer than is good."""
        given, latest = self.session.answers.get(step.id), self.latest(step)
        if step.good_time is None or latest is None or not given or not given["value"]:
            return None
        days = (latest - date.fromisoformat(given["value"])).days
        return days if 0 <= days < step.good_time else None

    def section_of(self, step: Step) -> FlowSection:
        return next(s for s in self.flow.sections if any(x.id == step.id for x in s.steps))

    def shown(self, step: Step, answer: dict[str, Any]) -> str:
        """An answer in the reader's words."""
        value = answer["value"]
        if value is None:
            return self._say("skipped")
        if step.type is StepType.PERSON:
            return str(value["name"])
        if step.type in (StepType.YES_NO, StepType.CONFIRM):
            return self._say(str(value))
        if step.options:
            values = value if isinstance(value, list) else [value]
            return ", ".join(self._in(o.label) for o in step.options if o.id in values)
        if step.type is StepType.DATE:
            return shown_day(date.fromisoformat(value), self.language)
        return str(answer["written"])

    def action(self, verb: str, *rest: str) -> str:
        """What a button of this session sends back."""
        return ":".join(("s", str(self.session.id), verb, *rest))

    def _in(self, texts: Any) -> str:
        return self.answers.in_language(texts)

    def _say(self, message: str, **values: str | int) -> str:
        return say(self.language, message, **values)

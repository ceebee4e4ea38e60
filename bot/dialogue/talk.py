"""What a session says: its steps, forms, summary and outcome as outgoing messages, and the effect of each reply.

Pure over a `Session`: nothing here reads or writes the store. Every method that a person's message leads to returns
the messages that answer it and leaves the session as it is to be kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from rapidfuzz import fuzz, utils

from bot.answers import Answers
from bot.dialogue.days import shown_date
from bot.dialogue.replies import SKIPPED, Answer, Refusal, as_written, counted, option, read_reply, read_value
from bot.dialogue.sessions import Session, State
from bot.messages import Button, Field, Input, Kind, Option, Outgoing, Person, Row, Style
from bot.texts import say
from knowledge.flows import ACCOUNT_EXISTS, AdviceKind, Flow, FlowKind, FlowSection, Outcome, Step, StepType
from knowledge.walk import Position, advice

SAME_UNIT = 85
"""Likeness of two units' names (rapidfuzz token_set_ratio, 0 to 100) from which they are taken to be one."""
LONGEST_REPEATED = 120
"""Characters of an answer that are repeated beside its step, which must fit a phone's screen."""
LONGEST_ENTERED = 3000
"""Characters of a wrong value that are given back in its field."""
MOST_ACCOUNTS = 3
"""Existing accounts that are named in a question."""
_INPUTS = {
    StepType.TEXT: Input.TEXT,
    StepType.LONG_TEXT: Input.LONG_TEXT,
    StepType.CHOICE: Input.CHOICE,
    StepType.CHOICES: Input.CHOICES,
    StepType.YES_NO: Input.CHOICE,
    StepType.CONFIRM: Input.CHOICE,
    StepType.DATE: Input.DATE,
    StepType.NUMBER: Input.NUMBER,
    StepType.ADDRESS: Input.ADDRESS,
    StepType.PERSON: Input.PERSON,
}


@dataclass(frozen=True)
class KnownAccount:
    """An account of the register, as far as the dialogue needs it."""

    platform: str
    name: str
    unit: str
    also: tuple[str, ...] = ()  # the unit's name in other languages


class Talk:
    """One session's side of the conversation."""

    def __init__(
        self,
        answers: Answers,
        flow: Flow,
        session: Session,
        accounts: Sequence[KnownAccount] = (),
        today: date | None = None,
        notes: dict[str, str] | None = None,
    ) -> None:
        self.answers = answers
        self.flow = flow
        self.session = session
        self.accounts = accounts
        self.today = today or date.today()
        self.notes = {} if notes is None else notes  # a reviewer's words on steps of a returned request, until mended
        answers.language = answers.supported(session.language)
        self.language = answers.language

    # -- where we are ------------------------------------------------------------------------------------------

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

    # -- what is shown -----------------------------------------------------------------------------------------

    def begin(self) -> list[Outgoing]:
        """The first messages: what is urgent, what this is, and the first step."""
        opening: list[Outgoing] = []
        if self.flow.urgent:
            opening.append(
                Outgoing(
                    Kind.NOTICE,
                    self.language,
                    self._with_contact(self._in(self.flow.urgent.text), self.flow.urgent.contact),
                    flow=self.flow.id,
                    title=self._in(self.flow.title),
                    sources=self.answers.sources_of(self.flow.urgent.passages),
                    contact=self.answers.contact(self.flow.urgent.contact),
                )
            )
        self.session.steps = [s.id for s in self.flow.steps]
        shown = self.show()
        if self.flow.silent:
            return [*opening, *shown]
        intro = self._in(self.flow.intro)
        return [*opening, replace(shown[0], text=f"{intro}\n\n{shown[0].text}"), *shown[1:]]

    def show(self) -> list[Outgoing]:
        """The step that is asked, the outcome that was reached, or the summary."""
        self.session.turn += 1
        self.session.wait(None)
        self.session.asking = self.session.asking or self._to_mend()
        step = self.asked()
        if step is not None:
            return [self._step(step)]
        self.session.asking = None
        reached = self.at().outcome
        if reached is not None:
            self.session.state = State.DONE
            return [self._outcome(reached)]
        return [self._summary()]

    def _to_mend(self) -> str | None:
        """The first step of a returned request that the reviewer's words are on and that was not mended yet."""
        return next((s.id for s in self.at().asked if s.id in self.notes), None)

    def _step(self, step: Step) -> Outgoing:
        at = self.at()
        place = next((n for n, s in enumerate(at.asked) if s.id == step.id), len(at.asked))
        total = len(at.asked) + (1 + at.ahead if at.step else 0)
        field = self._field(step)
        options = [o for o in field.options if o.action]
        self_says = self._say(f"allowed-{step.type.value}", **self._bounds(step))
        kept = self.session.answers.get(step.id)
        so_far = [self._say("so-far", answer=_short(self.shown(step, kept)))] if kept else []
        noted = [self._say("reviewer-said", note=self.notes[step.id])] if step.id in self.notes else []
        text = "\n\n".join([*noted, field.label, *so_far, "\n".join(p for p in (field.help, self_says) if p)])
        return Outgoing(
            Kind.STEP,
            self.language,
            text,
            flow=self.flow.id,
            title=self._in(self.flow.title),
            progress=self._say("progress", place=place + 1, total=max(total, place + 1)),
            sources=self.answers.sources_of(step.passages),
            field=field,
            submit=None if options else Button(self._say("button-answer"), self.action("put", step.id), Style.PRIMARY),
            buttons=self._step_buttons(step, at, place, bool(kept)),
            key=self._key(step.id),
        )

    def _step_buttons(self, step: Step, at: Position, place: int, kept: bool) -> tuple[Button, ...]:
        found = []
        if kept:
            found.append(Button(self._say("button-keep"), self.action("keep", step.id)))
        if place > 0:
            found.append(Button(self._say("button-back"), self.action("back")))
        if step.optional and not kept:
            found.append(Button(self._say("button-skip"), self.action("skip", step.id)))
        if self.flow.kind is FlowKind.CHECKLIST:
            section = self.section_of(step)
            found.append(Button(self._say("button-form"), self.action("form", section.id)))
            found.append(Button(self._say("button-pause"), self.action("pause")))
        found.append(Button(self._say("button-cancel"), self.action("cancel")))
        return tuple(found)

    def _field(self, step: Step, error: str = "", entered: Any = None) -> Field:
        kept = self.session.answers.get(step.id)
        value = _entered(step, kept["value"]) if kept else ""
        return Field(
            step.id,
            self._ask(step),
            _INPUTS[step.type],
            help=self._in(step.help),
            value=_entered(step, entered) if entered is not None else value,
            options=self._options(step),
            optional=step.optional,
            error=error,
            longest=step.most if step.most and step.type in (StepType.TEXT, StepType.LONG_TEXT) else 3000,
        )

    def _options(self, step: Step) -> tuple[Option, ...]:
        if step.type is StepType.YES_NO:
            listed = [("yes", self._say("yes")), ("no", self._say("no"))]
        elif step.type is StepType.CONFIRM:
            listed = [("yes", self._say("confirm"))]
        else:
            listed = [(o.id, self._in(o.label)) for o in step.options]
        alone = step.type is not StepType.CHOICES
        return tuple(Option(v, label, self.action("set", step.id, v) if alone else "") for v, label in listed)

    def _ask(self, step: Step) -> str:
        asked = self._in(step.ask)
        if "{accounts}" in asked:
            listed = [f"{a.platform}: {a.name}" for a in self._existing()]
            more = ["…"] if len(listed) > MOST_ACCOUNTS else []
            asked = asked.replace("{accounts}", ", ".join(listed[:MOST_ACCOUNTS] + more))
        return asked

    def _bounds(self, step: Step) -> dict[str, str | int]:
        longest = {StepType.TEXT: 300, StepType.LONG_TEXT: 3000}
        most = step.most or longest.get(step.type, 0)
        return {"most": most, "example": shown_date(self.today + timedelta(days=30))}

    def form(
        self, section_id: str, errors: dict[str, str] | None = None, entered: dict[str, Any] | None = None
    ) -> list[Outgoing]:
        """A section with all its steps at once, over the same answers; what was wrong stands there to be mended."""
        self.session.turn += 1
        section = next((s for s in self.flow.sections if s.id == section_id), None)
        if section is None:
            return self.show()
        place = self.flow.sections.index(section) + 1
        at = self.at()
        never = {s.id for s in section.steps if s.when and s not in (*at.asked, at.step) and self._settled(s, at)}
        steps = [s for s in section.steps if s.id not in never]
        if not self._existing():  # a question about accounts that there are not says nothing
            steps = [s for s in steps if s.when is None or ACCOUNT_EXISTS not in s.when.steps()]
        if not steps:
            return self.show()
        found = errors or {}
        text = self._say("form-errors", count=len(found)) if found else self._say("form-intro")
        return [
            Outgoing(
                Kind.FORM,
                self.language,
                text,
                flow=self.flow.id,
                title=f"{self._in(self.flow.title)}: {self._in(section.title)}",
                progress=self._say("section-progress", place=place, total=len(self.flow.sections)),
                sources=self.answers.sources_of(tuple(dict.fromkeys(p for s in steps for p in s.passages))),
                fields=tuple(self._field(s, found.get(s.id, ""), (entered or {}).get(s.id)) for s in steps),
                submit=Button(self._say("button-save"), self.action("save", section.id), Style.PRIMARY),
                buttons=(
                    Button(self._say("button-steps"), self.action("show")),
                    Button(self._say("button-pause"), self.action("pause")),
                ),
                key=f"session:{self.session.id}:form",
            )
        ]

    def _settled(self, step: Step, at: Position) -> bool:
        """True when the answers already say that a step is not part of this way."""
        if at.step is None:
            return True
        order = [s.id for s in self.flow.steps]
        return order.index(step.id) < order.index(at.step.id)

    def section_of(self, step: Step) -> FlowSection:
        return next(s for s in self.flow.sections if any(x.id == step.id for x in s.steps))

    def _summary(self) -> Outgoing:
        return Outgoing(
            Kind.SUMMARY,
            self.language,
            self._say("summary", title=self._in(self.flow.title)),
            flow=self.flow.id,
            title=self._in(self.flow.title),
            rows=self.rows(),
            buttons=(
                Button(self._say("button-submit"), self.action("submit", str(self.session.turn)), Style.PRIMARY),
                Button(self._say("button-pause"), self.action("pause")),
                Button(self._say("button-cancel"), self.action("cancel")),
            ),
            key=f"session:{self.session.id}:summary",
        )

    def rows(self) -> tuple[Row, ...]:
        """Every answered step of this way, numbered as "change 3" counts them."""
        return tuple(
            Row(
                f"{n}. {self._ask(step)}",
                self.shown(step, self.session.answers[step.id]),
                Button(self._say("button-change", number=n), self.action("change", step.id)),
                note=self.notes.get(step.id, ""),
            )
            for n, step in enumerate(self.at().asked, 1)
        )

    def _outcome(self, outcome: Outcome) -> Outgoing:
        words = {s.id: counted(s, self.session.answers[s.id]["value"]) for s in self.at().asked}
        given = advice(self.flow, self.at().asked, words, self.facts)
        parts = [self._in(outcome.text)]
        for kind in AdviceKind:
            items = [f"– {self._in(a.text)}" for a in given if a.kind is kind]
            if items:
                parts.append("\n".join([self._say(f"advice-{kind.value}"), *items]))
        passages = dict.fromkeys([*outcome.passages, *(p for a in given for p in a.passages)])
        return Outgoing(
            Kind.OUTCOME,
            self.language,
            self._with_contact("\n\n".join(parts), outcome.contact),
            flow=self.flow.id,
            title=self._in(self.flow.title),
            verdict=outcome.verdict,
            sources=self.answers.sources_of(tuple(passages)),
            contact=self.answers.contact(outcome.contact),
            rows=self.rows(),
            buttons=(Button(self._say("button-again"), f"flow:{self.flow.id}"),) if self.flow.steps else (),
            key=f"session:{self.session.id}:outcome",
        )

    def _answered(self, step: Step) -> Outgoing:
        """Takes the place of the step's message: what was answered, and the way to change it."""
        answer = self.session.answers[step.id]
        return Outgoing(
            Kind.STEP,
            self.language,
            f"✓ {self._ask(step)} {_short(self.shown(step, answer))}",
            flow=self.flow.id,
            rows=(Row(self._ask(step), self.shown(step, answer)),),
            buttons=(Button(self._say("button-change-this"), self.action("change", step.id)),),
            key=self._key(step.id),
        )

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
            return shown_date(date.fromisoformat(value))
        return str(answer["written"])

    # -- what replies do ---------------------------------------------------------------------------------------

    def reply(self, text: str, mentions: Sequence[Person] = ()) -> list[Outgoing] | Refusal:
        """A typed answer to the asked step, or several of them in as many lines or parts. Refusal: it is none."""
        step = self.asked()
        if step is None:
            return Refusal("refused-summary")
        read = read_reply(step, text, self.language, mentions, self.today)
        if isinstance(read, Answer) and not self._several_likely(step, text):
            return self._take(step, read)
        if isinstance(read, Refusal) and read.secret:
            return read
        several = self._several(text, mentions)
        if isinstance(several, Refusal) or len(several) > 1:
            return several
        return self._take(step, read) if isinstance(read, Answer) else read

    def _several_likely(self, step: Step, text: str) -> bool:
        """Lines are separate answers, except where one answer may well have lines."""
        return "\n" in text.strip() and step.type is not StepType.LONG_TEXT

    def _several(self, text: str, mentions: Sequence[Person]) -> list[Outgoing] | Refusal:
        first = self.asked()
        for separator in (r"\n+", r"\s*[;,]\s*"):
            parts = [p for p in re.split(separator, text.strip()) if p.strip()]
            if not 2 <= len(parts) <= 12:
                continue
            if first and first.options and all(option(first, part, self.language) for part in parts):
                return []  # several choices of one question, not one answer each to several
            kept = dict(self.session.answers), self.session.asking
            said: list[Outgoing] = []
            for part in parts:
                step = self.asked()
                read = read_reply(step, part, self.language, mentions, self.today) if step else None
                if isinstance(read, Refusal) and read.secret:
                    self.session.answers, self.session.asking = kept
                    return read
                if step is None or not isinstance(read, Answer):
                    break
                said.append(self._keep(step, read))
            if len(said) == len(parts):
                return [*said, *self.show()]
            self.session.answers, self.session.asking = kept
        return []

    def _take(self, step: Step, answer: Answer) -> list[Outgoing]:
        return [self._keep(step, answer), *self.show()]

    def _keep(self, step: Step, answer: Answer) -> Outgoing:
        self.session.answers = {**self.session.answers, step.id: answer.as_json()}
        self.session.asking = None
        self.notes.pop(step.id, None)
        if self.session.state is State.DONE:
            self.session.state = State.OPEN
        return self._answered(step)

    def press(self, step_id: str, value: Any) -> list[Outgoing] | Refusal:
        """A pressed option, or a value put into the asked step's field."""
        step = self.asked()
        if step is None or step.id != step_id:
            return self._stale(step_id, value)
        read = read_value(step, value, self.language, self.today)
        return self._take(step, read) if isinstance(read, Answer) else read

    def _stale(self, step_id: str, value: Any) -> list[Outgoing]:
        kept = self.session.answers.get(step_id)
        step = next((s for s in self.at().asked if s.id == step_id), None)
        read = read_value(step, value, self.language, self.today) if step else None
        if kept and isinstance(read, Answer) and kept["value"] == read.value:
            return [self.notice("already-noted"), *self._again()]
        return [self.notice("old-button"), *self._again()]

    def _again(self) -> list[Outgoing]:
        return self.show() if self.session.state is State.OPEN else []

    def fill(self, section_id: str, values: dict[str, Any]) -> list[Outgoing]:
        """A submitted form: good values are kept, a bad one is told at its field, steps not shown stay as they are."""
        section = next((s for s in self.flow.sections if s.id == section_id), None)
        if section is None:
            return [self.notice("old-button"), *self.show()]
        errors: dict[str, str] = {}
        entered: dict[str, Any] = {}
        for step in section.steps:
            if step.id not in values:
                continue
            value = values[step.id]
            if value in ("", None, [], ()) or (isinstance(value, str) and not value.strip()):
                if step.optional:
                    self._keep(step, SKIPPED)
                elif step.id in self._wanted(section):
                    confirm = step.type is StepType.CONFIRM
                    errors[step.id] = self._say("refused-confirm" if confirm else "refused-empty")
                continue
            read = read_value(step, value, self.language, self.today)
            if isinstance(read, Refusal):
                errors[step.id] = self._say(read.message, **read.values)
                if isinstance(value, str) and not read.secret:
                    entered[step.id] = as_written(value)[:LONGEST_ENTERED]
            else:
                self._keep(step, read)
        if errors:
            return self.form(section_id, errors, entered)
        following = self.asked()
        return self.show() if following is None else self.form(self.section_of(following).id)

    def _wanted(self, section: FlowSection) -> set[str]:
        """The steps of a section that must be answered as things stand."""
        at = self.at()
        return {s.id for s in section.steps if s in at.asked or s == at.step or s.when is None}

    def back(self) -> list[Outgoing]:
        """To the step before the asked one."""
        asked = self.at().asked
        step = self.asked()
        place = next((n for n, s in enumerate(asked) if step and s.id == step.id), len(asked))
        if place == 0:
            return [self.notice("first-step"), *self.show()]
        self.session.asking = asked[place - 1].id
        return self.show()

    def skip(self, step_id: str | None = None) -> list[Outgoing]:
        """Leaves an optional step out."""
        step = self.asked()
        if step is None or (step_id and step.id != step_id):
            return [self.notice("old-button"), *self._again()]
        if not step.optional:
            return [self.notice("not-optional"), *self.show()]
        return self._take(step, SKIPPED)

    def keep(self, step_id: str) -> list[Outgoing]:
        """Leaves the answer of a step that the person went back to as it was."""
        if self.session.asking != step_id:
            return [self.notice("old-button"), *self._again()]
        self.notes.pop(step_id, None)
        self.session.asking = None
        return self.show()

    def change(self, which: str | int) -> list[Outgoing]:
        """Asks an answered step again: by its id, or by its number in the summary."""
        asked = self.at().asked
        if isinstance(which, int):
            found = asked[which - 1] if 1 <= which <= len(asked) else None
        else:
            found = next((s for s in asked if s.id == which), None)
        if found is None:
            return [self.notice("no-such-answer", count=len(asked)), *self._again()]
        self.session.asking = found.id
        self.session.state = State.OPEN
        return self.show()

    def start_over(self) -> list[Outgoing]:
        """Forgets every answer."""
        self.session.answers = {}
        self.session.asking = None
        self.session.state = State.OPEN
        return self.show()

    def refused(self, refusal: Refusal) -> list[Outgoing]:
        """Why a reply was no answer, and the step again."""
        why = self._say(refusal.message, **refusal.values)
        shown = self.show()
        return [replace(shown[0], text=f"{why}\n\n{shown[0].text}"), *shown[1:]]

    def notice(self, message: str, **values: str | int) -> Outgoing:
        """A short word."""
        return Outgoing(Kind.NOTICE, self.language, self._say(message, **values), flow=self.flow.id)

    # -- words -------------------------------------------------------------------------------------------------

    def action(self, verb: str, *rest: str) -> str:
        """What a button of this session sends back."""
        return ":".join(("s", str(self.session.id), verb, *rest))

    def _key(self, step_id: str) -> str:
        return f"session:{self.session.id}:step:{step_id}"

    def _in(self, texts: Any) -> str:
        return self.answers.in_language(texts)

    def _with_contact(self, text: str, contact: str | None) -> str:
        return f"{text}\n\n{self._say('ask', contact=self.answers.contact(contact).line())}"

    def _say(self, message: str, **values: str | int) -> str:
        return say(self.language, message, **values)


def _short(text: str) -> str:
    """An answer as it is repeated in passing; the whole of it stands in the summary."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_REPEATED else f"{line[: LONGEST_REPEATED - 1].rstrip()}…"


def _entered(step: Step, value: Any) -> str | tuple[str, ...]:
    if value is None:
        return ""
    if isinstance(value, list):
        return tuple(str(v) for v in value)
    return str(value["name"]) if isinstance(value, dict) else str(value)

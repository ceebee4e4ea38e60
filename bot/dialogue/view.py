"""What a session says: its steps, forms, summary and outcome as outgoing messages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.dialogue.case import Case
from bot.dialogue.days import shown_day
from bot.dialogue.replies import counted, example_date
from bot.dialogue.sessions import State
from bot.messages import Button, Field, Input, Kind, Option, Outgoing, Row, Style
from knowledge.flows import AdviceKind, FlowKind, FlowSection, Outcome, Step, StepType
from knowledge.walk import Position, advice

LONGEST_REPEATED = 120
"""Characters of an answer that are repeated beside its step, which must fit a phone's screen."""
MOST_NAMED = 3
"""Questions that are named in a sentence about them."""
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


class View(Case):
    """One session's messages. Showing one notes in the session that it was shown."""

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
        if self.asked() is None:
            self.session.asking = None
            self.session.remember("")
            if self.at().outcome:
                self.session.state = State.DONE
        return self.standing()

    def standing(self) -> list[Outgoing]:
        """The same once more, for who comes back to it: nothing is noted, and what was shown before stays good."""
        step, reached = self.asked(), self.at().outcome
        if step is not None:
            return [self._step(step)]
        return [self._outcome(reached) if reached else self._summary()]

    def _to_mend(self) -> str | None:
        """The first step of a returned request that the reviewer's words are on and that was not mended yet."""
        return next((s.id for s in self.at().asked if s.id in self.notes), None)

    def _step(self, step: Step) -> Outgoing:
        at = self.at()
        place = next((n for n, s in enumerate(at.asked) if s.id == step.id), len(at.asked))
        total = len(at.asked) + (1 + at.ahead if at.step else 0)
        field = self._field(step)
        options = [o for o in field.options if o.action]
        self_says = self._allowed_here(step)
        kept = self.session.answers.get(step.id)
        so_far = [self._say("so-far", answer=_short(self.shown(step, kept)))] if kept else []
        told = self.session.told if step.type is StepType.LONG_TEXT and not kept else ""
        so_far += [self._say("told-before", answer=_short(told))] if told else []
        noted = [self.notes[step.id]] if step.id in self.notes else []
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
            buttons=self._step_buttons(step, at, place, bool(kept), bool(told)),
            key=self._key(step.id),
        )

    def _allowed_here(self, step: Step) -> str:
        """What would do as an answer."""
        kind = "past-date" if step.past else "manager" if step.id == self.flow.approver else step.type.value
        return self._say(f"allowed-{kind}", **self._bounds(step))

    def _step_buttons(self, step: Step, at: Position, place: int, kept: bool, told: bool) -> tuple[Button, ...]:
        found = []
        if told:
            found.append(Button(self._say("button-told"), self.action("told")))
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
        if step.type is StepType.CHOICES:
            return tuple(Option(o.id, self._in(o.label), alone=o.alone) for o in step.options)
        if step.type is StepType.YES_NO:
            listed = [("yes", self._say("yes")), ("no", self._say("no"))]
        elif step.type is StepType.CONFIRM:
            listed = [("yes", self._say("confirm"))]
        else:
            listed = [(o.id, self._in(o.label)) for o in step.options]
        return tuple(Option(value, label, self.action("set", step.id, value)) for value, label in listed)

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
        return {"most": most, "example": example_date(step, self.today, self.latest(step))}

    def form(
        self,
        section_id: str,
        errors: dict[str, str] | None = None,
        entered: dict[str, Any] | None = None,
        fresh: Sequence[Step] = (),
    ) -> list[Outgoing]:
        """A section with the steps that apply as far as is known, over the same answers.

        What was wrong (`errors`, by step) stands there to be mended, as it was `entered`; `fresh` are the steps that
        apply only since the form was last sent.
        """
        self.session.turn += 1
        section = next((s for s in self.flow.sections if s.id == section_id), None)
        known = self.applying()
        steps = [s for s in section.steps if s.id in known] if section else []
        if section is None or not steps:
            return self.show()
        found = errors or {}
        new = {s.id for s in fresh}
        fields = [self._field(s, found.get(s.id, ""), (entered or {}).get(s.id)) for s in steps]
        fields = [replace(f, help=self._noted(f), fresh=f.name in new) for f in fields]
        return [
            Outgoing(
                Kind.FORM,
                self.language,
                self._form_says(len(found), [f.label for f in fields if f.fresh]),
                flow=self.flow.id,
                title=f"{self._in(self.flow.title)}: {self._in(section.title)}",
                progress=self._say(
                    "section-progress", place=self.flow.sections.index(section) + 1, total=len(self.flow.sections)
                ),
                sources=self.answers.sources_of(tuple(dict.fromkeys(p for s in steps for p in s.passages))),
                fields=tuple(fields),
                submit=Button(
                    self._say("button-save"), self.action("save", section.id, _mask(section, steps)), Style.PRIMARY
                ),
                buttons=(
                    Button(self._say("button-steps"), self.action("show")),
                    Button(self._say("button-pause"), self.action("pause")),
                ),
                key=f"session:{self.session.id}:form",
            )
        ]

    def _form_says(self, wrong: int, fresh: Sequence[str]) -> str:
        said = [self._say("form-errors", count=wrong)] if wrong else []
        if fresh:
            listed = [f"– {_short(label)}" for label in fresh[:MOST_NAMED]]
            more = ["– …"] if len(fresh) > MOST_NAMED else []
            said.append("\n".join([self._say("form-more", count=len(fresh)), *listed, *more]))
        return "\n\n".join(said) or self._say("form-intro")

    def _noted(self, field: Field) -> str:
        """A field's help, after a reviewer's words on the answer."""
        noted = [self.notes[field.name]] if field.name in self.notes else []
        return "\n".join([*noted, *([field.help] if field.help else [])])

    def _summary(self) -> Outgoing:
        return Outgoing(
            Kind.SUMMARY,
            self.language,
            "\n\n".join([self._say("summary", title=self._in(self.flow.title)), *self._remarks(self.at().asked)]),
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
                label,
                value,
                Button(self._say("button-change", number=n), self.action("change", step.id)),
                note=self.notes.get(step.id, ""),
            )
            for n, (step, (label, value)) in enumerate(zip(self.at().asked, self.answered(), strict=True), 1)
        )

    def answered(self) -> list[tuple[str, str]]:
        """Questions and answers of this way, as they are read."""
        return [
            (f"{n}. {self._ask(step)}", self.shown(step, self.session.answers[step.id]))
            for n, step in enumerate(self.at().asked, 1)
        ]

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
            "\n\n".join([f"✓ {self._ask(step)} {_short(self.shown(step, answer))}", *self._remarks([step])]),
            flow=self.flow.id,
            rows=(Row(self._ask(step), self.shown(step, answer)),),
            buttons=(Button(self._say("button-change-this"), self.action("change", step.id)),),
            key=self._key(step.id),
        )

    def _remarks(self, steps: Sequence[Step]) -> list[str]:
        """What is worth a second thought in answers that are taken all the same."""
        found = ((step, self.margin(step)) for step in steps)
        return [self._say("short-notice", days=days, **self._limit(step)) for step, days in found if days is not None]

    def _limit(self, step: Step) -> dict[str, str | int]:
        """The day that a date must not lie after, and the question it was given to, for what is said of them."""
        latest = self.latest(step)
        question = self._ask(self.flow.step(step.before)) if step.before else ""
        return {"latest": shown_day(latest, self.language) if latest else "", "question": question}

    def notice(self, message: str, **values: str | int) -> Outgoing:
        """A short word."""
        return Outgoing(Kind.NOTICE, self.language, self._say(message, **values), flow=self.flow.id)

    def _key(self, step_id: str) -> str:
        return f"session:{self.session.id}:step:{step_id}"

    def _with_contact(self, text: str, contact: str | None) -> str:
        return f"{text}\n\n{self._say('ask', contact=self.answers.contact(contact).line())}"


def _short(text: str) -> str:
    """An answer as it is repeated in passing; the whole of it stands in the summary."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_REPEATED else f"{line[: LONGEST_REPEATED - 1].rstrip()}…"


def _mask(section: FlowSection, steps: Sequence[Step]) -> str:
    """Which steps of a section a form shows, short enough for a button's action; see `masked`."""
    return f"{sum(1 << n for n, step in enumerate(section.steps) if step in steps):x}"


def masked(section: FlowSection, mask: str) -> set[str]:
    """The ids of the steps that a form showed; none for what is no mask."""
    bits = int(mask, 16) if re.fullmatch("[0-9a-f]{1,30}", mask) else 0
    return {step.id for n, step in enumerate(section.steps) if bits >> n & 1}


def _entered(step: Step, value: Any) -> str | tuple[str, ...]:
    if value is None:
        return ""
    if isinstance(value, list):
        return tuple(str(v) for v in value)
    return str(value["name"]) if isinstance(value, dict) else str(value)

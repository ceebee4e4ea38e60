"""What a person's replies do to a session: typed answers, pressed buttons, filled forms, and the ways back and forth.

Pure over a `Session`: nothing here reads or writes the store. Every method that a person's message leads to returns
the messages that answer it and leaves the session as it is to be kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from bot.dialogue.days import shown_day
from bot.dialogue.phrases import corrected, named_self, nothing, unknown, who
from bot.dialogue.replies import (
    FREE,
    SKIPPED,
    Answer,
    Refusal,
    as_written,
    example_date,
    read_reply,
    read_value,
)
from bot.dialogue.sessions import State
from bot.dialogue.several import several
from bot.dialogue.view import View, masked
from bot.messages import Outgoing, Person
from knowledge.flows import Step, StepType

CORRECTED = (StepType.TEXT, StepType.ADDRESS, StepType.PERSON)
"""Of those, the short ones: "no, I meant X" does not take the place of a long text."""
NAMING = (StepType.TEXT, StepType.LONG_TEXT)
"""Steps of words in which people may be named, the writer among them."""
LOOKED_BACK = 3
"""Answers among which the one is sought that "no, I meant 30 November" can be about."""
LONGEST_ENTERED = 3000
"""Characters of a wrong value that are given back in its field."""


class Talk(View):
    """One session's side of the conversation."""

    def reply(self, text: str, mentions: Sequence[Person] = ()) -> list[Outgoing] | Refusal:
        """A typed answer to the asked step, or several of them in as many lines or parts. Refusal: it is none."""
        step = self.asked()
        if step is None:
            return Refusal("refused-summary")
        if step.optional and (nothing(text) or unknown(text)):
            return self._take(step, SKIPPED)
        read = self.read(step, text, mentions)
        if isinstance(read, Refusal) and read.secret:
            return read
        if isinstance(read, Refusal) or self._several_likely(step, text):
            whole = isinstance(read, Answer) and "\n" not in text.strip()
            taken = several(self, text, mentions, sure=whole)
            if taken is not None:
                return taken
        return self._take(step, read) if isinstance(read, Answer) else read

    def correct(self, text: str) -> list[Outgoing] | None:
        """Puts right what "no, I meant 2" is about: the answer before, or the one just refused; None: it is no such."""
        said = corrected(text)
        if said is None:
            return None
        rest, denied = said
        step, asked = self.asked(), self.at().asked
        place = next((n for n, s in enumerate(asked) if step and s.id == step.id), len(asked))
        before, last = asked[max(0, place - LOOKED_BACK) : place], self.session.waiting in ("refused", "option")
        now = [step] if step else []
        strict = [s for s in ([*now, *reversed(before)] if last else [*reversed(before), *now]) if s.type not in FREE]
        named = [s for s in [*before[-1:], *(now if not before else [])] if denied and s.type in CORRECTED]
        for one in (*strict, *named):
            read = self.read(one, rest)
            if isinstance(read, Answer):
                return self._take(one, read)
        return None

    def readable(self, text: str) -> Answer | Refusal:
        """What a text would be as the answer to the asked step; nothing is kept."""
        step = self.asked()
        return self.read(step, text) if step else Refusal("refused-summary")

    def read(self, step: Step, text: str, mentions: Sequence[Person] = ()) -> Answer | Refusal:
        """What a text would be as the answer to a step; nothing is kept."""
        someone = self._someone(step, text) if step.type is StepType.PERSON and not mentions else None
        if step.type in NAMING and self.me and self.me.name:
            text = named_self(text, self.me.name)
        return self._allowed(step, someone or read_reply(step, text, self.language, mentions, self.today))

    def _read_value(self, step: Step, value: Any) -> Answer | Refusal:
        someone = self._someone(step, value) if step.type is StepType.PERSON and isinstance(value, str) else None
        return self._allowed(step, someone or read_value(step, value, self.language, self.today))

    def _allowed(self, step: Step, read: Answer | Refusal) -> Answer | Refusal:
        """What only the person and the other answers tell: nobody agrees to their own request, a notice comes first."""
        latest = self.latest(step)
        if isinstance(read, Refusal):
            near = read.message == "refused-date" and latest
            return replace(read, values={"example": example_date(step, self.today, latest)}) if near else read
        if latest and date.fromisoformat(read.value) > latest:
            day = shown_day(date.fromisoformat(read.value), self.language)
            return Refusal("refused-after", {"date": day, **self._limit(step)})
        if step.id == self.flow.approver and self.me and (read.value or {}).get("id") == self.me.id:
            return Refusal("request-manager-self")
        return read

    def _someone(self, step: Step, text: str) -> Answer | Refusal | None:
        """The person that "me" or "the same" means; None when neither is said."""
        said = who(text)
        if said == "me" and self.me and self.me.name:
            return Answer({"id": self.me.id, "name": self.me.name}, as_written(text))
        if said == "same":
            named = [
                self.session.answers[s.id] for s in self.at().asked if s.type is StepType.PERSON and s.id != step.id
            ]
            found = next((a["value"] for a in reversed(named) if a["value"]), None)
            return Answer(dict(found), as_written(text)) if found else Refusal("refused-person")
        return Refusal("refused-person") if said else None

    def _several_likely(self, step: Step, text: str) -> bool:
        """Lines are separate answers, and so may parts be, except where one answer may well have them."""
        return step.type is not StepType.LONG_TEXT and any(mark in text.strip() for mark in "\n;,")

    def snapshot(self) -> tuple[Any, ...]:
        """What `restore` puts back."""
        return dict(self.session.answers), self.session.asking, self.session.pending, dict(self.notes)

    def restore(self, kept: tuple[Any, ...]) -> None:
        """Takes back what was answered since the snapshot."""
        self.session.answers, self.session.asking, self.session.pending, notes = kept
        self.notes.update(notes)

    def _take(self, step: Step, answer: Answer) -> list[Outgoing]:
        return [*self.keep_answer(step, answer), *self.show()]

    def keep_answer(self, step: Step, answer: Answer) -> list[Outgoing]:
        """Keeps an answer. Returns the message that takes the step's place, and what the answer undoes."""
        self.session.answers = {**self.session.answers, step.id: answer.as_json()}
        self.session.asking = None
        self.notes.pop(step.id, None)
        if step.type is StepType.LONG_TEXT:
            self.session.remember("")
        if self.session.state is State.DONE:
            self.session.state = State.OPEN
        return [self._answered(step), *self._overtaken(step)]

    def _overtaken(self, step: Step) -> list[Outgoing]:
        """Forgets the days that lie too late since a date was moved, so that they are asked anew."""
        told = []
        for other in self.overtaken(step):
            given = self.shown(other, self.session.answers[other.id])
            told.append(self.notice("overtaken", asked=self._ask(other), given=given, **self._limit(other)))
            self.session.answers = {k: v for k, v in self.session.answers.items() if k != other.id}
        return told

    def press(self, step_id: str, value: Any) -> list[Outgoing] | Refusal:
        """A pressed option, or a value put into the asked step's field."""
        step = self.asked()
        if step is None or step.id != step_id:
            return self._stale(step_id, value)
        read = self._read_value(step, value)
        return self._take(step, read) if isinstance(read, Answer) else read

    def _stale(self, step_id: str, value: Any) -> list[Outgoing]:
        kept = self.session.answers.get(step_id)
        step = next((s for s in self.at().asked if s.id == step_id), None)
        read = self._read_value(step, value) if step else None
        if kept and isinstance(read, Answer) and kept["value"] == read.value:
            return [self.notice("already-noted"), *self._again()]
        return [self.notice("old-button"), *self._again()]

    def _again(self) -> list[Outgoing]:
        return self.show() if self.session.state is State.OPEN else []

    def fill(self, section_id: str, values: dict[str, Any], mask: str = "") -> list[Outgoing]:
        """A submitted form: good values are kept, a bad one is told at its field, steps not shown stay as they are.

        `mask` says which steps the form showed, for channels that leave out what is empty: what is left out and was
        not answered before is empty, else it stays.
        """
        section = next((s for s in self.flow.sections if s.id == section_id), None)
        if section is None:
            return [self.notice("old-button"), *self.show()]
        shown = masked(section, mask) | set(values)
        errors: dict[str, str] = {}
        entered: dict[str, Any] = {}
        for step in section.steps:
            sent = step.id in values or (step.id in shown and step.id not in self.session.answers)
            refused = self._fill_in(step, values.get(step.id)) if sent else None
            if refused:
                errors[step.id] = self._say(refused.message, **refused.values)
                if not refused.secret:
                    entered[step.id] = _as_entered(values.get(step.id))
        if self.at().outcome:
            return self.show()
        new = self.applying() - shown - set(self.session.answers)
        fresh = [s for s in section.steps if s.id in new]
        if errors or fresh:
            return self.form(section_id, errors, entered, fresh)
        following = self.asked()
        return self.show() if following is None else self.form(self.section_of(following).id)

    def _fill_in(self, step: Step, value: Any) -> Refusal | None:
        """Takes a field's value. Returns what is wrong with it, where it is needed as things stand by now."""
        applies = step.id in self.applying()
        if _is_empty(value):
            if not applies:
                return None
            if step.optional:
                self.keep_answer(step, SKIPPED)
                return None
            return Refusal("refused-confirm" if step.type is StepType.CONFIRM else "refused-empty")
        read = self._read_value(step, value)
        if isinstance(read, Refusal):
            return read if applies else None
        self.keep_answer(step, read)
        return None

    def note(self, section_id: str, values: dict[str, Any]) -> None:
        """What stands in a form that was not sent: what would do as an answer is kept, and nothing moves on."""
        asking = self.session.asking
        section = next((s for s in self.flow.sections if s.id == section_id), None)
        for step in section.steps if section else ():
            if step.id in values:
                self._note(step, values[step.id])
        if asking not in values:
            self.session.asking = asking

    def _note(self, step: Step, value: Any) -> None:
        if _is_empty(value):
            if step.optional and step.id in self.session.answers:  # it was taken away again
                self.keep_answer(step, SKIPPED)
            return
        read = self._read_value(step, value)
        if isinstance(read, Answer):
            self.keep_answer(step, read)
        elif read.secret:  # its beginning may have been kept, as long as it did not look like what it is
            self.session.answers = {k: v for k, v in self.session.answers.items() if k != step.id}

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

    def use_told(self) -> list[Outgoing] | Refusal:
        """Answers the asked step with what was told where a choice was asked."""
        step, told = self.asked(), self.session.told
        if step is None or step.type is not StepType.LONG_TEXT or not told:
            return [self.notice("old-button"), *self._again()]
        read = self.read(step, told)
        return self._take(step, read) if isinstance(read, Answer) else read

    def change(self, which: str | int, to: str = "") -> list[Outgoing]:
        """Asks an answered step again, by its id or its number in the summary, or puts a new answer into it at once."""
        asked = self.at().asked
        if isinstance(which, int):
            found = asked[which - 1] if 1 <= which <= len(asked) else None
        else:
            found = next((s for s in asked if s.id == which), None)
        if found is None:
            said = self.notice("no-such-answer", count=len(asked)) if asked else self.notice("nothing-answered")
            return [said, *self._again()]
        self.session.asking = found.id
        self.session.state = State.OPEN
        if not to:
            return self.show()
        read = self.read(found, to)
        return self._take(found, read) if isinstance(read, Answer) else self.refused(read)

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
        self.session.wait("refused")
        return [replace(shown[0], text=f"{why}\n\n{shown[0].text}"), *shown[1:]]


def _is_empty(value: Any) -> bool:
    """Whether a field was left empty."""
    return value in ("", None, [], ()) or (isinstance(value, str) and not value.strip())


def _as_entered(value: Any) -> Any:
    """A refused value as it is given back in its field."""
    if isinstance(value, list | tuple):
        return [str(v) for v in value]
    return as_written(value)[:LONGEST_ENTERED] if isinstance(value, str) else ""

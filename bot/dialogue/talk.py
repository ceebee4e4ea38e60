"""What a person's replies do to a session: typed answers, pressed buttons, filled forms, and the ways back and forth.

Pure over a `Session`: nothing here reads or writes the store. Every method that a person's message leads to returns
the messages that answer it and leaves the session as it is to be kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.answering.text import plain
from bot.dialogue.phrases import corrected, nothing, unknown, who
from bot.dialogue.replies import SKIPPED, Answer, Refusal, as_written, option, read_reply, read_value
from bot.dialogue.sessions import State
from bot.dialogue.view import View, masked
from bot.messages import Outgoing, Person
from knowledge.flows import Step, StepType

FREE = (StepType.TEXT, StepType.LONG_TEXT, StepType.ADDRESS, StepType.PERSON)
"""Steps that take nearly any text."""
CORRECTED = (StepType.TEXT, StepType.ADDRESS, StepType.PERSON)
"""Of those, the short ones: "no, I meant X" does not take the place of a long text."""
LOOKED_BACK = 3
"""Answers among which the one is sought that "no, I meant 30 November" can be about."""
MOST_PARTS = 12
"""Answers in one message."""
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
        read = self._read(step, text, mentions)
        if isinstance(read, Refusal) and read.secret:
            return read
        if isinstance(read, Refusal) or self._several_likely(step, text):
            several = self._several(text, mentions, sure=isinstance(read, Answer) and "\n" not in text.strip())
            if isinstance(several, Refusal) or len(several) > 1:
                return several
        return self._take(step, read) if isinstance(read, Answer) else read

    def correct(self, text: str) -> list[Outgoing] | None:
        """Puts right what "no, I meant 2" is about: the answer before, or the one just refused; None: it is no such."""
        said = corrected(text)
        if said is None:
            return None
        rest, denied = said
        step, asked = self.asked(), self.at().asked
        place = next((n for n, s in enumerate(asked) if step and s.id == step.id), len(asked))
        before, last = asked[max(0, place - LOOKED_BACK) : place], self.session.waiting == "refused"
        now = [step] if step else []
        strict = [s for s in ([*now, *reversed(before)] if last else [*reversed(before), *now]) if s.type not in FREE]
        named = [s for s in [*before[-1:], *(now if not before else [])] if denied and s.type in CORRECTED]
        for one in (*strict, *named):
            read = self._read(one, rest)
            if isinstance(read, Answer):
                return self._take(one, read)
        return None

    def readable(self, text: str) -> Answer | Refusal:
        """What a text would be as the answer to the asked step; nothing is kept."""
        step = self.asked()
        return self._read(step, text) if step else Refusal("refused-summary")

    def _read(self, step: Step, text: str, mentions: Sequence[Person] = ()) -> Answer | Refusal:
        someone = self._someone(step, text) if step.type is StepType.PERSON and not mentions else None
        return self._allowed(step, someone or read_reply(step, text, self.language, mentions, self.today))

    def _read_value(self, step: Step, value: Any) -> Answer | Refusal:
        someone = self._someone(step, value) if step.type is StepType.PERSON and isinstance(value, str) else None
        return self._allowed(step, someone or read_value(step, value, self.language, self.today))

    def _allowed(self, step: Step, read: Answer | Refusal) -> Answer | Refusal:
        """Nobody can be the manager who agrees to their own request."""
        if step.id != self.flow.approver or self.me is None or isinstance(read, Refusal):
            return read
        own = (read.value or {}).get("id") == self.me.id
        return Refusal("request-manager-self") if own else read

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

    def _several(self, text: str, mentions: Sequence[Person], *, sure: bool) -> list[Outgoing] | Refusal:
        """Takes the parts of a text as so many answers, if each of them is one; else nothing.

        `sure`: the text would do as one answer too, so that one part at least must be just what a later step asks for.
        """
        first = self.asked()
        for separator in (r"\n+", r"\s*;\s*", r"\s*[;,]\s*"):
            parts = [p for p in re.split(separator, text.strip()) if p.strip()]
            if not 2 <= len(parts) <= MOST_PARTS:
                continue
            if first and first.options and all(option(first, part, self.language) for part in parts):
                return []  # several choices of one question, not one answer each to several
            kept = dict(self.session.answers), self.session.asking
            said: list[Outgoing] = []
            named = False
            for part in parts:
                step = self.asked()
                read = self._read(step, part, mentions) if step else None
                if isinstance(read, Refusal) and read.secret:
                    self.session.answers, self.session.asking = kept
                    return read
                if step is None or not isinstance(read, Answer):
                    break
                if sure and "," in separator and step is not first and step.type in FREE:
                    break  # a text may well have commas
                named = named or _is_named(step, part) or _is_repeated(step, parts)
                said.append(self._keep(step, read))
            if len(said) == len(parts) and (named or not sure):
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
                self._keep(step, SKIPPED)
                return None
            return Refusal("refused-confirm" if step.type is StepType.CONFIRM else "refused-empty")
        read = self._read_value(step, value)
        if isinstance(read, Refusal):
            return read if applies else None
        self._keep(step, read)
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
                self._keep(step, SKIPPED)
            return
        read = self._read_value(step, value)
        if isinstance(read, Answer):
            self._keep(step, read)
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
        read = self._read(found, to)
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


def _is_named(step: Step, part: str) -> bool:
    """Whether a part is one of a step's options, letter by letter."""
    return plain(part).lower() in {plain(label).lower() for o in step.options for label in o.label.values()}


def _is_repeated(step: Step, parts: Sequence[str]) -> bool:
    """Whether the same is said to several yes-no questions ("yes, yes, yes"); "yes, sure" is one answer."""
    return step.type in (StepType.YES_NO, StepType.CONFIRM) and len({plain(part).lower() for part in parts}) == 1


def _is_empty(value: Any) -> bool:
    """Whether a field was left empty."""
    return value in ("", None, [], ()) or (isinstance(value, str) and not value.strip())


def _as_entered(value: Any) -> Any:
    """A refused value as it is given back in its field."""
    if isinstance(value, list | tuple):
        return [str(v) for v in value]
    return as_written(value)[:LONGEST_ENTERED] if isinstance(value, str) else ""

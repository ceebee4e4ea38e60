"""Several answers in one message: in as many lines, or with semicolons or commas between them.

Either every part is an answer to the next step, or those before the first that is none are taken and that one is named.
What might as well be one answer is never cut to pieces.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bot.answering.text import plain
from bot.dialogue.replies import FREE, Answer, Refusal, option
from bot.messages import Outgoing, Person
from knowledge.flows import Step, StepType

if TYPE_CHECKING:
    from bot.dialogue.talk import Talk

MOST_PARTS = 12
"""Answers in one message."""
LONGEST_NAMED = 60
"""Characters of a part that are repeated to say which one was not taken."""
_COMMAS = r"\s*[;,]\s*"
_SEPARATORS = (r"\n+", r"\s*;\s*", _COMMAS)


@dataclass
class _Taken:
    """What was made of the parts, up to the first that is no answer."""

    said: list[Outgoing] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    named: bool = False  # one of them at least is just what its step asks for
    refusal: Refusal | None = None


def several(talk: Talk, text: str, mentions: Sequence[Person], *, sure: bool) -> list[Outgoing] | Refusal | None:
    """Takes the parts of a text as so many answers. None: it is not several answers, and nothing was taken.

    `sure`: the text would do as one answer too, so that one part at least must be just what a later step asks for.
    Refusal: a part holds what must not be collected; nothing was taken.
    """
    first = talk.asked()
    if first is None:
        return None
    for partly in (False, True):
        for separator in _SEPARATORS:
            parts = [p.strip() for p in re.split(separator, text.strip()) if p.strip()]
            if not 2 <= len(parts) <= MOST_PARTS:
                continue
            if first.options and all(option(first, part, talk.language) for part in parts):
                return None  # several choices of one question, not one answer each to several
            kept = talk.snapshot()
            taken = _take(talk, parts, mentions, shy=sure and separator == _COMMAS)
            if taken.refusal and taken.refusal.secret:
                talk.restore(kept)
                return taken.refusal
            if len(taken.steps) == len(parts) and (taken.named or not sure):
                return [*taken.said, *talk.show()]
            if partly and _worth_it(taken, text, separator, sure):
                return [*taken.said, *_stopped(talk, taken, parts[len(taken.steps) :])]
            talk.restore(kept)
    return None


def _take(talk: Talk, parts: Sequence[str], mentions: Sequence[Person], *, shy: bool) -> _Taken:
    """`shy`: leaves alone what a step of free text would take, since a text may well have commas."""
    taken = _Taken()
    for part in parts:
        step = talk.asked()
        read = talk.read(step, part, mentions) if step else None
        if isinstance(read, Refusal):
            taken.refusal = read
        if step is None or not isinstance(read, Answer) or (shy and taken.steps and step.type in FREE):
            break
        taken.named = taken.named or _is_named(step, part) or _is_repeated(step, parts)
        taken.steps.append(step)
        taken.said += talk.keep_answer(step, read)
    return taken


def _worth_it(taken: _Taken, text: str, separator: str, sure: bool) -> bool:
    """Whether the first parts were surely meant as answers, though a later one is none."""
    strict = [step for step in taken.steps if step.type not in FREE]
    if not strict or "?" in text:
        return False
    if separator == _COMMAS:
        return not sure and len(strict) == len(taken.steps) and taken.steps[0].type is not StepType.CHOICES
    return taken.named or not sure


def _stopped(talk: Talk, taken: _Taken, left: Sequence[str]) -> list[Outgoing]:
    """Names the part that was not taken, and asks its step again; or says that the rest was not asked for."""
    if talk.asked() is None or taken.refusal is None:
        return [talk.notice("several-too-many", count=len(taken.steps)), *talk.show()]
    named = left[0] if len(left[0]) <= LONGEST_NAMED else f"{left[0][: LONGEST_NAMED - 1].rstrip()}…"
    said = talk.notice("several-stopped", part=named, rest=len(left) - 1).text
    shown = talk.refused(taken.refusal)
    return [replace(shown[0], text=f"{said}\n{shown[0].text}"), *shown[1:]]


def _is_named(step: Step, part: str) -> bool:
    """Whether a part is one of a step's options, letter by letter."""
    return plain(part).lower() in {plain(label).lower() for o in step.options for label in o.label.values()}


def _is_repeated(step: Step, parts: Sequence[str]) -> bool:
    """Whether the same is said to several yes-no questions ("yes, yes, yes"); "yes, sure" is one answer."""
    return step.type in (StepType.YES_NO, StepType.CONFIRM) and len({plain(part).lower() for part in parts}) == 1

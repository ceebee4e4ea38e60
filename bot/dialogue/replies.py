"""Reads what a person wrote or pressed as the answer to a step, or says why it is none and what would be right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from rapidfuzz import fuzz, process, utils

from bot.answering.text import plain
from bot.dialogue.days import day, is_weekday, shown_date
from bot.dialogue.phrases import NO, YES, nobody, only_yes, said_yes, says_unknown, unknown
from bot.messages import Person
from bot.privacy import identity_number, password
from knowledge.flows import Step, StepType
from knowledge.models import Language

LONGEST = {StepType.TEXT: 300, StepType.LONG_TEXT: 3000, StepType.ADDRESS: 300, StepType.PERSON: 120}
"""Characters; a step's own `most` goes before it."""
LEAST_LETTERS = {StepType.TEXT: 1, StepType.LONG_TEXT: 2, StepType.ADDRESS: 1}
"""Letters without which a text says nothing: "1" is no account's name, "999999" no description."""
FREE = (StepType.TEXT, StepType.LONG_TEXT, StepType.ADDRESS, StepType.PERSON)
"""Steps that take nearly any text."""
LONGEST_NUMBER = 15
SURE = 84
"""Likeness (rapidfuzz, 0 to 100) from which a misspelt reply is a choice, if no other choice is nearly as like."""
SHORTEST_INFLECTED = 5
"""Characters of a word that is compared with the words of a label one by one."""
APART = 6
"""So much likelier must the best choice be than the next."""

_BEGUN = re.compile(r"^(?:\w{2,10}:/|https?\b|www\b)", re.IGNORECASE)
"""The beginning of a web address ("https://", "htp:/x", "www"), which must then be whole."""
_ADDRESS = re.compile(r"^(?:https?://|www\.)?[\w\-]+(?:\.[\w\-]+)+(?:[:/?#]\S*)?$", re.IGNORECASE)
MOST_WORDS_OF_NAME = 8
_SENTENCE = re.compile(r"(?:\S+\s+){4,}\S+[.!?]$")
"""Five words or more that end like a sentence: nobody's name."""


@dataclass(frozen=True)
class Answer:
    """An answer to a step. `value` is what is reckoned with, `written` what the person wrote or pressed."""

    value: Any
    written: str

    def as_json(self) -> dict[str, Any]:
        """As the store keeps it."""
        return {"value": self.value, "written": self.written}


SKIPPED = Answer(None, "")


@dataclass(frozen=True)
class Refusal:
    """Why a reply is no answer: a message of the interface with its values."""

    message: str
    values: dict[str, str | int] = field(default_factory=dict)
    secret: bool = False  # the reply must be forgotten at once


def as_written(text: str) -> str:
    """A person's words as they are kept: without what nobody sees (control and direction characters)."""
    shown = (
        c for c in text if c in "\n\t" or (unicodedata.category(c) not in ("Cc", "Cs", "Cn") and c not in _DIRECTION)
    )
    return "".join(shown).strip()


_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def secret(step: Step, written: str) -> Refusal | None:
    """Refuses what must not be collected, on the whole of a reply or on a line of it."""
    if identity_number(written):
        return Refusal("refused-identity", secret=True)
    if step.type in (StepType.DATE, StepType.NUMBER):
        return None
    address = step.type is StepType.ADDRESS
    if any(password(part, account=address) for part in (written, *written.splitlines())):
        return Refusal("refused-password", secret=True)
    return None


def read_reply(
    step: Step, text: str, language: Language, mentions: Sequence[Person] = (), today: date | None = None
) -> Answer | Refusal:
    """The answer that a typed reply is to a step."""
    written = as_written(text)
    refused = secret(step, written)
    if refused:
        return refused
    named = bool(mentions) and step.type is StepType.PERSON
    if not plain(written) and not named:
        return Refusal("refused-empty")
    read = _READERS[step.type](step, written, language, mentions, today or date.today())
    chosen = isinstance(read, Answer) and step.options  # an option may say that one does not know
    return Refusal("refused-unknown") if unknown(written) and not chosen and not named else read


def _text(step: Step, written: str, *_: Any) -> Answer | Refusal:
    letters = LEAST_LETTERS[step.type]
    if not re.search(r"[^\W_]", written) or len(re.findall(r"[^\W\d_]", written)) < letters:
        return Refusal("refused-no-words")
    if step.type is not StepType.ADDRESS and only_yes(written):
        return Refusal("refused-only-yes")
    least, most = step.least or 1, step.most or LONGEST[step.type]
    if len(written) < least:
        return Refusal("refused-short", {"least": least, "length": len(written)})
    if len(written) > most:
        return Refusal("refused-long", {"most": most, "length": len(written)})
    return Answer(written, written)


def _choice(step: Step, written: str, language: Language, *_: Any) -> Answer | Refusal:
    found = option(step, written, language)
    return Answer(found, written) if found else Refusal("refused-choice")


def _choices(step: Step, written: str, language: Language, *_: Any) -> Answer | Refusal:
    parts = [p for p in re.split(r"[,;\n]|\s(?:och|ja|and|sekä|samt|&|\+)\s|(?<=\d)\s+(?=\d)", written) if p.strip()]
    whole = option(step, written, language) or _none_of_these(step, written)
    found = [whole] if whole and len(parts) == 1 else [option(step, part, language) for part in parts]
    if not found or None in found:
        return Refusal("refused-choice")
    chosen = [o.id for o in step.options if o.id in found]
    return _counted(step, chosen, written, language)


def _none_of_these(step: Step, written: str) -> str | None:
    """What a plain "no" means among choices of which one goes with no other."""
    alone = [o.id for o in step.options if o.alone]
    return alone[0] if len(alone) == 1 and plain(written).lower().strip(" .!") in NO else None


def _counted(step: Step, chosen: list[str], written: str, language: Language) -> Answer | Refusal:
    alone = next((o for o in step.options if o.alone and o.id in chosen), None)
    if alone and len(chosen) == 1:
        return Answer(chosen, written)
    if alone:
        return Refusal("refused-alone", {"label": alone.label[language]})
    least, most = step.least or 1, step.most or len(step.options)
    if len(chosen) < least:
        return Refusal("refused-few", {"least": least})
    if len(chosen) > most:
        return Refusal("refused-many", {"most": most})
    return Answer(chosen, written)


def option(step: Step, written: str, language: Language) -> str | None:
    """The option that a reply names by its number, its label in any language, nearly its label, or its first words."""
    said = utils.default_process(plain(written))
    number = re.fullmatch(r"(?:nr|nro|no|number|nummer|numero)?\s*(\d{1,2})", said)
    if number:
        place = int(number[1])
        return step.options[place - 1].id if 1 <= place <= len(step.options) else None
    labels = [(o.id, utils.default_process(label)) for o in step.options for label in o.label.values()]
    if unknown(written):
        unsure = {o.id for o in step.options for label in o.label.values() if says_unknown(label)}
        return unsure.pop() if len(unsure) == 1 else None
    exact = {o for o, label in labels if label == said}
    if exact:
        return exact.pop() if len(exact) == 1 else None
    begun = {o for o, label in labels if len(said) >= 3 and (label.startswith(said + " ") or label.startswith(said))}
    if len(begun) == 1:
        return begun.pop()
    return _like(labels, said)


def _like(labels: list[tuple[str, str]], said: str) -> str | None:
    best: dict[str, float] = {}
    for name, label in labels:
        within = fuzz.token_set_ratio(said, label) if len(said) > 3 else 0.0
        if len(said) >= SHORTEST_INFLECTED and " " not in said:  # "webbplatsen" for "Vår webbplats"
            known = (word for word in label.split() if len(word) >= SHORTEST_INFLECTED)
            within = max(within, *(fuzz.ratio(said, word) * 0.97 for word in known), 0.0)
        score = max(fuzz.ratio(said, label), within * 0.97 if len(said.split()) <= len(label.split()) + 4 else 0.0)
        best[name] = max(best.get(name, 0.0), score)
    ranked = sorted(best.items(), key=lambda pair: -pair[1])
    sure = ranked[0][1] >= SURE and (len(ranked) == 1 or ranked[0][1] - ranked[1][1] >= APART)
    return ranked[0][0] if sure else None


def _yes_no(step: Step, written: str, *_: Any) -> Answer | Refusal:
    said = said_yes(written)
    if said is None and re.fullmatch(r"[12]", written.strip(" .)")):
        said = written.strip(" .)") == "1"
    if said is None:
        near = process.extractOne(
            plain(written).lower(), sorted(w for w in YES | NO if len(w) > 3), scorer=fuzz.ratio, score_cutoff=80
        )
        said = near[0] in YES if near else None
    return Refusal("refused-yes-no") if said is None else Answer("yes" if said else "no", written)


def _confirm(step: Step, written: str, language: Language, *rest: Any) -> Answer | Refusal:
    read = _yes_no(step, written, language, *rest)
    if isinstance(read, Answer) and read.value == "no":
        return Refusal("refused-confirm")
    return Refusal("refused-confirm") if isinstance(read, Refusal) else read


def example_date(step: Step, today: date, latest: date | None = None) -> str:
    """A day that would do as the answer to a step, as it is shown; `latest`: the last one that would."""
    day = today + timedelta(days=-3 if step.past else 30)
    if latest and day > latest:
        day = max(latest - timedelta(days=step.good_time or 0), min(today, latest))
    return shown_date(day)


def _date(step: Step, written: str, language: Language, _: Any, today: date) -> Answer | Refusal:
    found = day(written, language, today, future=step.future)
    if found is None:
        return Refusal("refused-date", {"example": example_date(step, today)})
    if step.future and found < today:
        return Refusal("refused-past", {"date": shown_date(found)})
    if step.past and found > today:
        return Refusal("refused-ahead", {"date": shown_date(found)})
    return Answer(found.isoformat(), written)


def _number(step: Step, written: str, *_: Any) -> Answer | Refusal:
    found = re.fullmatch(r"(?:ca|cirka|noin|about|n\.)?\s*(-?\d[\d   ]*(?:[.,]\d+)?)\s*[^\d]{0,20}", written)
    figures = re.sub(r"\s", "", found[1]).replace(",", ".") if found else ""
    if not figures or len(figures) > LONGEST_NUMBER:
        return Refusal("refused-number")
    value = float(figures)
    if step.least is not None and value < step.least:
        return Refusal("refused-small", {"least": step.least})
    if step.most is not None and value > step.most:
        return Refusal("refused-large", {"most": step.most})
    return Answer(int(value) if value.is_integer() else value, written)


def _address(step: Step, written: str, *rest: Any) -> Answer | Refusal:
    if written.lower().startswith(("javascript:", "data:", "file:", "vbscript:")):
        return Refusal("refused-address")
    begun = _BEGUN.match(written)
    if (begun and not _ADDRESS.match(written)) or len(written.split()) > MOST_WORDS_OF_NAME:
        return Refusal("refused-address")
    return _text(step, written)


def _person(step: Step, written: str, _: Language, mentions: Sequence[Person], __: date) -> Answer | Refusal:
    if mentions:
        return Answer({"id": mentions[0].id, "name": mentions[0].name}, written)
    if "\n" in written or nobody(written) or is_weekday(written):
        return Refusal("refused-person")
    if not re.search(r"[^\W\d_]{2}", written) or _SENTENCE.search(written):
        return Refusal("refused-person")
    if len(written) > LONGEST[StepType.PERSON]:
        return Refusal("refused-long", {"most": LONGEST[StepType.PERSON], "length": len(written)})
    return Answer({"id": None, "name": written.lstrip("@")}, written)


_READERS: dict[StepType, Callable[..., Answer | Refusal]] = {
    StepType.TEXT: _text,
    StepType.LONG_TEXT: _text,
    StepType.CHOICE: _choice,
    StepType.CHOICES: _choices,
    StepType.YES_NO: _yes_no,
    StepType.CONFIRM: _confirm,
    StepType.DATE: _date,
    StepType.NUMBER: _number,
    StepType.ADDRESS: _address,
    StepType.PERSON: _person,
}


def read_value(step: Step, value: Any, language: Language, today: date | None = None) -> Answer | Refusal:
    """The answer that a pressed option or a filled field is: option ids, an ISO date, a person, or a text."""
    if isinstance(value, dict):
        name = as_written(str(value.get("name") or ""))
        identity = value.get("id")
        if step.type is not StepType.PERSON:
            return Refusal("refused-empty")
        if not identity:
            return read_reply(step, name, language, (), today)
        return Answer({"id": str(identity), "name": name or str(identity)}, name)
    if step.type is StepType.CHOICES and isinstance(value, list | tuple):
        known = [o for o in step.options if o.id in value]
        written = ", ".join(o.label[language] for o in known)
        return _counted(step, [o.id for o in known], written, language) if value else Refusal("refused-empty")
    if isinstance(value, list | tuple):
        value = value[0] if value else ""
    pressed = next((o for o in step.options if o.id == value), None)
    if pressed:
        chosen = [pressed.id] if step.type is StepType.CHOICES else pressed.id
        return Answer(chosen, pressed.label[language])
    return read_reply(step, str(value), language, (), today)


def counted(step: Step, value: Any) -> tuple[str, ...]:
    """An answer's value in the words that conditions speak of."""
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple(str(v) for v in value)
    return (str(value),) if step.type in (StepType.CHOICE, StepType.YES_NO, StepType.CONFIRM) else ("(another answer)",)


def still_fits(step: Step, value: Any) -> bool:
    """Whether a kept value is an answer to the step as it is now (a flow may be changed under a session)."""
    if value is None:
        return step.optional
    ids = {o.id for o in step.options}
    if step.type is StepType.CHOICE:
        return isinstance(value, str) and value in ids
    if step.type is StepType.CHOICES:
        alone = {o.id for o in step.options if o.alone}
        fits = isinstance(value, list) and bool(value) and set(value) <= ids
        return fits and (len(value) == 1 or not alone & set(value))
    if step.type in (StepType.YES_NO, StepType.CONFIRM):
        return value in ("yes", "no")
    if step.type is StepType.PERSON:
        return isinstance(value, dict)
    if step.type is StepType.NUMBER:
        return isinstance(value, int | float)
    return isinstance(value, str)

"""What a flow consists of: a dialogue as data, either a checklist (ends in a request) or a decision (ends in guidance).

A flow is an ordered list of steps in sections. A step is asked when its condition holds; a condition speaks only of
steps before it, so that a flow can have no cycle. Outcomes are tried in their order when every step has been asked, or,
when marked `at_once`, as soon as they are certain.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints, field_validator, model_validator

from knowledge.models import Label, Language, Model, PassageId, Slug, Text, Verdict, Wording

Ask = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=220)]
"""A step's question: with its help it fits a phone's screen (issue 3)."""
Help = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=320)]


class StepType(StrEnum):
    """What kind of answer a step takes."""

    TEXT = "text"
    LONG_TEXT = "long-text"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes-no"
    DATE = "date"
    NUMBER = "number"
    ADDRESS = "address"  # a web address or an account's name
    PERSON = "person"
    CONFIRM = "confirm"  # must be agreed to; "no" does not go on


class FlowKind(StrEnum):
    """What a flow ends in."""

    CHECKLIST = "checklist"
    DECISION = "decision"


ACCOUNT_EXISTS = "account-exists"
"""A fact, not a step: "yes" when the register holds an account of the same unit on the same platform."""


class Condition(Model):
    """When something holds. Exactly one of the fields is given.

    In YAML `{who: minor}` and `{who: [minor, both]}` are short for `is`; several steps in one mapping mean all of them.
    """

    step: Slug | None = None
    values: tuple[str, ...] = ()
    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()
    none: Condition | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "step" in data:
            return data
        parts: list[Any] = []
        for key, value in data.items():
            if key in ("all", "any"):
                parts.append({key: value})
            elif key in ("not", "none"):
                parts.append({"none": value})
            else:
                given = value if isinstance(value, list) else [value]
                parts.append({"step": key, "values": [_word(v) for v in given]})
        if len(parts) != 1:
            return {"all": parts}
        return data if next(iter(parts[0])) in data else parts[0]

    def steps(self) -> set[str]:
        """The steps that the condition speaks of."""
        found = {self.step} if self.step else set()
        for part in (*self.all, *self.any, *([self.none] if self.none else [])):
            found |= part.steps()
        return found


def _word(value: Any) -> Any:
    """YAML reads a bare yes or no as true or false; authors mean the word."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


class StepOption(Model):
    """One of the answers to choose from."""

    id: Slug
    label: dict[Language, Label]
    alone: bool = Field(False, description='Of choices: goes with no other, such as "none of these".')

    @field_validator("id", mode="before")
    @classmethod
    def _id(cls, value: Any) -> Any:
        return _word(value)


class Step(Model):
    """One question of a flow."""

    id: Slug
    type: StepType
    ask: dict[Language, Ask] = Field(description="The question. `{accounts}` stands for the accounts that exist.")
    help: dict[Language, Help] = Field(description="Why it is asked, and what a good answer holds.")
    options: tuple[StepOption, ...] = Field((), description="For choice and choices.")
    optional: bool = Field(False, description="May be skipped.")
    when: Condition | None = Field(None, description="Asked only when this holds of earlier answers.")
    passages: tuple[PassageId, ...] = Field(min_length=1, description="The passages that ask for it.")
    least: int | None = Field(None, description="Fewest characters, choices, or the smallest number.")
    most: int | None = Field(None, description="Most characters, choices, or the largest number.")
    future: bool = Field(False, description="A date that must not lie in the past.")
    past: bool = Field(False, description="A date of something that has happened: not in the future.")
    before: Slug | None = Field(None, description="A date that may not lie after the day given in this earlier step.")
    good_time: int | None = Field(
        None,
        ge=1,
        description="Fewer days than this between the date and that of `before` are remarked on, not refused.",
    )

    @model_validator(mode="after")
    def _dates(self) -> Step:
        said = {"future": self.future, "past": self.past, "before": self.before is not None}
        wrong = next((name for name, given in said.items() if given and self.type is not StepType.DATE), None)
        if wrong:
            raise ValueError(f"{wrong}: only a date has it")
        if self.future and self.past:
            raise ValueError("future and past: a date has one of them")
        if self.good_time and not self.before:
            raise ValueError("good_time: say with `before` which day it is counted to")
        return self

    @model_validator(mode="after")
    def _options_where_chosen(self) -> Step:
        chosen = self.type in (StepType.CHOICE, StepType.CHOICES)
        if chosen and not 2 <= len(self.options) <= 12:
            raise ValueError("a choice has 2 to 12 options")
        if not chosen and self.options:
            raise ValueError("only choice and choices have options")
        ids = [o.id for o in self.options]
        if len(set(ids)) != len(ids):
            raise ValueError("an option stands twice")
        alone = [o.id for o in self.options if o.alone]
        if alone and self.type is not StepType.CHOICES:
            raise ValueError(f"alone: only choices can be combined, so only there is {alone[0]!r} marked")
        if alone and len(alone) > len(self.options) - 2:
            raise ValueError("alone: at least two options must go together; else the type is choice")
        return self


class FlowSection(Model):
    """Steps that belong together; one form."""

    id: Slug
    title: dict[Language, Label]
    steps: tuple[Step, ...] = Field(min_length=1)


class Outcome(Model):
    """Where a decision ends."""

    id: Slug
    when: Condition | None = Field(None, description="None: in every other case; only the last may be so.")
    at_once: bool = Field(False, description="Ends the dialogue as soon as it is certain.")
    verdict: Verdict | None = None
    text: dict[Language, Text] = Field(description="The essential first; what to do; whom to ask is added by itself.")
    passages: tuple[PassageId, ...] = Field(min_length=1)
    contact: Slug | None = None

    @field_validator("verdict", mode="before")
    @classmethod
    def _yes_and_no_are_words(cls, value: object) -> object:
        return _word(value) if isinstance(value, bool) else value


class AdviceKind(StrEnum):
    """What a piece of advice under an outcome is about."""

    DO = "do"
    KEEP = "keep"  # what to save, and how long


class Advice(Model):
    """Something to do or to keep in the case at hand; listed under the outcome."""

    id: Slug
    kind: AdviceKind = AdviceKind.DO
    when: Condition | None = None
    text: dict[Language, Help]
    passages: tuple[PassageId, ...] = Field(min_length=1)


class Urgent(Model):
    """What is shown before any question: whom to call."""

    text: dict[Language, Text]
    passages: tuple[PassageId, ...] = Field(min_length=1)
    contact: Slug | None = None


class SameAccount(Model):
    """Which steps name the platform and the unit, so that the register can be searched."""

    platform: Slug
    unit: Slug


class Flow(Model):
    """A dialogue as data."""

    id: Slug
    kind: FlowKind
    title: dict[Language, Label]
    intro: dict[Language, Text] = Field(description="What it is for and what comes of it, in a sentence or two.")
    topics: tuple[Slug, ...] = Field((), description="Answers on these topics offer the flow.")
    start: dict[Language, tuple[Wording, ...]] = Field(description="What staff type to start it.")
    urgent: Urgent | None = None
    sections: tuple[FlowSection, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    advice: tuple[Advice, ...] = ()
    accounts: SameAccount | None = None
    approver: Slug | None = Field(None, description="The step that names the manager who must agree first.")
    unit: Slug | None = Field(None, description="The step that names the unit: shown with the request.")
    silent: bool = Field(
        False, description="The document does not speak of this: the only outcome says so and whom to ask."
    )

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step, in order."""
        return tuple(step for section in self.sections for step in section.steps)

    def step(self, step_id: str) -> Step:
        """A step by its id. Raises KeyError."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)


class SharedFile(Model):
    """What flows of several organisations share: steps by id (without passages) and lists of options by name."""

    steps: dict[Slug, dict[str, Any]] = Field(
        default_factory=dict, description="A flow's step takes one over with `use: id` and adds passages."
    )
    options: dict[Slug, tuple[StepOption, ...]] = Field(
        default_factory=dict, description="A step takes them over with `options: name`, or some of them with `only`."
    )


class UnknownShared(Exception):
    """A flow uses a shared step or list of options that is not there. `loc` is where, as in a pydantic error."""

    def __init__(self, message: str, loc: tuple[int | str, ...]) -> None:
        super().__init__(message)
        self.loc = loc


def expanded(data: Any, shared: SharedFile) -> Any:
    """A flow's YAML with what it uses of the shared steps and options written out. Raises UnknownShared."""
    if not isinstance(data, dict) or not isinstance(data.get("sections"), list):
        return data
    return {**data, "sections": [_section(s, n, shared) for n, s in enumerate(data["sections"])]}


def _section(section: Any, number: int, shared: SharedFile) -> Any:
    if not isinstance(section, dict) or not isinstance(section.get("steps"), list):
        return section
    steps = [_step(step, ("sections", number, "steps", n), shared) for n, step in enumerate(section["steps"])]
    return {**section, "steps": steps}


def _step(step: Any, loc: tuple[int | str, ...], shared: SharedFile) -> Any:
    if not isinstance(step, dict):
        return step
    if "use" in step:
        if step["use"] not in shared.steps:
            known = ", ".join(shared.steps)
            raise UnknownShared(f"use: there is no shared step {step['use']!r}; known are: {known}", (*loc, "use"))
        step = {"id": step["use"], **shared.steps[step["use"]], **{k: v for k, v in step.items() if k != "use"}}
    options, only = step.get("options"), step.get("only")
    if isinstance(options, str):
        if options not in shared.options:
            known = ", ".join(shared.options)
            message = f"options: there is no shared list {options!r}; known are: {known}"
            raise UnknownShared(message, (*loc, "options"))
        options = [option.model_dump(mode="json") for option in shared.options[options]]
    if isinstance(options, list) and only is not None:
        options = [o for o in options if not isinstance(o, dict) or o.get("id") in only]
    shown = {key: value for key, value in step.items() if key not in ("only", "options")}
    return shown if options is None else {**shown, "options": options}

"""The one interpreter of flows: given the answers so far, which step comes next, or which outcome is reached.

Pure, and used by the checker (which walks every way) and by the dialogue (which walks one). Answers are given as the
words that conditions speak of: option ids, "yes", "no", or any word for a free answer; a skipped step has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from knowledge.flows import ACCOUNT_EXISTS, Advice, Condition, Flow, Outcome, Step, StepType

Answers = Mapping[str, tuple[str, ...]]
"""Step id (or fact) to the words of its answer."""


@dataclass(frozen=True)
class Position:
    """Where a walk stands: at a step, at an outcome, or (neither) at the end of a checklist."""

    asked: tuple[Step, ...]  # the steps that are part of this walk and are answered, in order
    step: Step | None
    outcome: Outcome | None
    ahead: int  # steps still to come after `step`, as far as can be told

    @property
    def done(self) -> bool:
        """True at the end."""
        return self.step is None


def holds(condition: Condition | None, answers: Answers, unknown: frozenset[str] = frozenset()) -> bool | None:
    """Whether a condition holds; None while it depends on a step that is still unknown."""
    if condition is None:
        return True
    if condition.step is not None:
        if condition.step in unknown:
            return None
        return any(value in condition.values for value in answers.get(condition.step, ()))
    if condition.none is not None:
        inner = holds(condition.none, answers, unknown)
        return None if inner is None else not inner
    parts = [holds(part, answers, unknown) for part in condition.all or condition.any]
    decisive = bool(condition.any)
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive


def position(flow: Flow, answers: Answers, facts: Answers | None = None) -> Position:
    """Where the answers lead. Answers to steps that are not part of this way through the flow do not count."""
    counted: dict[str, tuple[str, ...]] = dict(facts or {})
    asked: list[Step] = []
    steps = flow.steps
    may_end_early = any(outcome.at_once for outcome in flow.outcomes)
    for number, step in enumerate(steps):
        if not holds(step.when, counted):
            continue
        if step.id not in answers:
            unknown = frozenset(s.id for s in steps[number:])
            early = _at_once(flow, counted, unknown)
            if early:
                return Position(tuple(asked), None, early, 0)
            ahead = sum(holds(s.when, counted, unknown) is not False for s in steps[number + 1 :])
            return Position(tuple(asked), step, None, ahead)
        counted[step.id] = answers[step.id]
        asked.append(step)
        if may_end_early:
            early = _at_once(flow, counted, frozenset(s.id for s in steps[number + 1 :]))
            if early:
                return Position(tuple(asked), None, early, 0)
    reached = next((o for o in flow.outcomes if holds(o.when, counted)), None)
    return Position(tuple(asked), None, reached, 0)


def applying(flow: Flow, answers: Answers, facts: Answers | None = None) -> frozenset[str]:
    """The ids of the steps that are certainly part of this way, as far as the answers tell, answered ones and others.

    `position` stops at the first step without an answer; this goes on past it, as a form does that shows several. A
    step whose condition rests on one that is still unanswered is left out until that one is answered.
    """
    counted: dict[str, tuple[str, ...]] = dict(facts or {})
    unknown = _unknown_facts(flow, answers)
    found: set[str] = set()
    for step in flow.steps:
        certain = holds(step.when, counted, frozenset(unknown))
        if certain is False:
            continue
        if certain:
            found.add(step.id)
        if certain and step.id in answers:
            counted[step.id] = answers[step.id]
        else:
            unknown.add(step.id)
    return frozenset(found)


def _unknown_facts(flow: Flow, answers: Answers) -> set[str]:
    """Whether an account exists cannot be said before its platform and unit are."""
    named = {flow.accounts.platform, flow.accounts.unit} if flow.accounts else set()
    return set() if named <= set(answers) else {ACCOUNT_EXISTS}


def _at_once(flow: Flow, answers: Answers, unknown: frozenset[str]) -> Outcome | None:
    return next((o for o in flow.outcomes if o.at_once and holds(o.when, answers, unknown)), None)


def advice(flow: Flow, asked: tuple[Step, ...], answers: Answers, facts: Answers | None = None) -> tuple[Advice, ...]:
    """What applies in the case at hand; nothing that rests on a step that was not asked."""
    counted = {**(facts or {}), **{s.id: answers[s.id] for s in asked}}
    known = set(counted)
    return tuple(a for a in flow.advice if holds(a.when, counted) and (a.when is None or a.when.steps() & known))


OTHER = "(another answer)"
"""Stands for every answer that no condition names."""
MOST_STATES = 100_000
"""A flow with more different situations is too large to be proved, and to be understood."""


@dataclass
class Ways:
    """Every way through a flow, as far as its conditions tell answers apart."""

    asked: set[str] = field(default_factory=set)  # the steps that some way asks
    ends: list[tuple[Position, dict[str, tuple[str, ...]]]] = field(default_factory=list)  # where, by which answers


def ways(flow: Flow, about: Condition | None = None) -> Ways:
    """Walks every way through a flow, and tells a condition (of an advice) apart when one is given.

    Two ways that leave the same open in every condition still to come go on alike, so that only the first of them is
    followed. Without `about` the ends tell the outcomes apart; with it, whether it holds. Raises OverflowError.
    """
    named = _named(flow, about)
    found = Ways()
    order = {step.id: number for number, step in enumerate(flow.steps)}
    seen: set[object] = set()
    exists: dict[str, tuple[str, ...]] = {ACCOUNT_EXISTS: ("yes",)}
    for facts in [{}, exists] if flow.accounts else [{}]:
        pending: list[dict[str, tuple[str, ...]]] = [{}]
        while pending:
            answers = pending.pop()
            at = position(flow, answers, facts)
            if at.step is None:
                found.ends.append((at, {**facts, **answers}))
                continue
            found.asked.add(at.step.id)
            for value in reversed(_values(at.step, named)):
                more = {**answers, at.step.id: value}
                state = _state(flow, about, {**facts, **more}, order[at.step.id] + 1)
                if state in seen:
                    continue
                seen.add(state)
                if len(seen) > MOST_STATES:
                    raise OverflowError(f"{flow.id} has more than {MOST_STATES} situations; split it")
                pending.append(more)
    return found


def _state(flow: Flow, about: Condition | None, answers: Answers, following: int) -> object:
    """What is left open in the conditions still to come, as something that can be compared."""
    unknown = frozenset(step.id for step in flow.steps[following:])
    conditions = [step.when for step in flow.steps[following:]]
    conditions += [o.when for o in flow.outcomes if o.at_once or about is None]
    known = about is not None and bool(about.steps() & set(answers))
    return following, known, tuple(_left(c, answers, unknown) for c in (*conditions, about))


def _left(condition: Condition | None, answers: Answers, unknown: frozenset[str]) -> object:
    """True, False, or what of a condition depends on steps that are still unknown."""
    certain = holds(condition, answers, unknown)
    if certain is not None or condition is None:
        return certain
    if condition.step is not None:
        return (condition.step, condition.values)
    if condition.none is not None:
        return ("not", _left(condition.none, answers, unknown))
    parts = [_left(part, answers, unknown) for part in condition.all or condition.any]
    return ("any" if condition.any else "all", tuple(part for part in parts if not isinstance(part, bool)))


def _named(flow: Flow, about: Condition | None) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}

    def collect(condition: Condition | None) -> None:
        if condition is None:
            return
        if condition.step is not None:
            found.setdefault(condition.step, set()).update(condition.values)
        for part in (*condition.all, *condition.any):
            collect(part)
        collect(condition.none)

    for condition in (*(s.when for s in flow.steps), *(o.when for o in flow.outcomes), about):
        collect(condition)
    return found


def _values(step: Step, named: dict[str, set[str]]) -> list[tuple[str, ...]]:
    """The answers to a step that conditions tell apart."""
    if step.id not in named:
        return [(OTHER,)]
    if step.type is StepType.CHOICE:
        values: list[tuple[str, ...]] = [(o.id,) for o in step.options]
    elif step.type is StepType.CHOICES:
        told = [o for o in step.options if o.id in named[step.id]]
        together = tuple(o.id for o in told if not o.alone)
        values = [(o.id,) for o in told] + [together] * (len(together) > 1) + [(OTHER,)]
    elif step.type is StepType.YES_NO:
        values = [("yes",), ("no",)]
    else:
        values = [(OTHER,)]
    return [*values, ()] if step.optional else values

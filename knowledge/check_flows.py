"""Proves of every flow: every option leads somewhere, every outcome is reached, nothing loops, all is cited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.flows import ACCOUNT_EXISTS, Advice, Condition, Flow, FlowKind, StepType
from knowledge.loader import Knowledge
from knowledge.models import Language
from knowledge.walk import advice, ways

CHECKED_KINDS = (StepType.CHOICE, StepType.CHOICES)


def check_flow(knowledge: Knowledge, flow: Flow) -> Iterator[str]:
    """What is wrong with a flow, in words that its author can act on."""
    yield from _names(knowledge, flow)
    yield from _texts(knowledge, flow)
    yield from _passages(knowledge, flow)
    conditions = list(_conditions(flow))
    yield from conditions
    if not conditions:
        yield from _walked(flow)


def _names(knowledge: Knowledge, flow: Flow) -> Iterator[str]:
    ids = [step.id for step in flow.steps]
    for name in sorted({i for i in ids if ids.count(i) > 1}):
        yield f"step {name} stands twice; give one of them another id"
    for topic in flow.topics:
        if topic not in knowledge.topics:
            yield f"topics names {topic!r}, and there is no such topic"
    named: dict[str, str | None] = {"approver": flow.approver, "unit": flow.unit}
    if flow.accounts:
        named |= {"accounts: platform": flow.accounts.platform, "accounts: unit": flow.accounts.unit}
    for place, step_id in named.items():
        if step_id is not None and step_id not in ids:
            yield f"{place}: {step_id!r} is no step of the flow; name one of {', '.join(ids)}"
    yield from _dates(flow)
    contacts = knowledge.organisation.contacts
    whom = {f"outcome {o.id}": o.contact for o in flow.outcomes}
    whom |= {"urgent": flow.urgent.contact} if flow.urgent else {}
    for where, contact in whom.items():
        if contact is not None and contact not in contacts:
            yield f"{where}: {contact!r} is no contact; there are {', '.join(contacts)}"
    if flow.kind is FlowKind.DECISION and not flow.outcomes:
        yield "a decision needs outcomes"
    if not flow.silent and not flow.steps:
        yield "a flow has steps, or is silent"


def _dates(flow: Flow) -> Iterator[str]:
    earlier: list[str] = []
    for step in flow.steps:
        if step.before is not None and step.before not in earlier:
            known = f"name one of {', '.join(earlier)}" if earlier else "put a step of type date before it"
            yield f"step {step.id}: before: {step.before!r} is no date that is asked earlier; {known}"
        if step.type is StepType.DATE:
            earlier.append(step.id)


def _texts(knowledge: Knowledge, flow: Flow) -> Iterator[str]:
    texts: dict[str, Mapping[Language, object]] = {"title": flow.title, "intro": flow.intro, "start": flow.start}
    texts |= {f"section {s.id}: title": s.title for s in flow.sections}
    for step in flow.steps:
        texts |= {f"step {step.id}: ask": step.ask, f"step {step.id}: help": step.help}
        texts |= {f"step {step.id}: option {o.id}": o.label for o in step.options}
    texts |= {f"outcome {o.id}: text": o.text for o in flow.outcomes}
    texts |= {f"advice {a.id}: text": a.text for a in flow.advice}
    texts |= {"urgent: text": flow.urgent.text} if flow.urgent else {}
    for where, text in texts.items():
        for language in knowledge.organisation.languages:
            if not text.get(language):
                yield f"{where} is missing in {language.value}; write it"


def _passages(knowledge: Knowledge, flow: Flow) -> Iterator[str]:
    cited = {f"step {s.id}": s.passages for s in flow.steps}
    cited |= {f"outcome {o.id}": o.passages for o in flow.outcomes}
    cited |= {f"advice {a.id}": a.passages for a in flow.advice}
    cited |= {"urgent": flow.urgent.passages} if flow.urgent else {}
    for where, passages in cited.items():
        for passage in passages:
            try:
                knowledge.section_of(passage)
            except KeyError:
                yield f"{where}: there is no passage {passage!r} in documents.yaml"


def _conditions(flow: Flow) -> Iterator[str]:
    before: set[str] = {ACCOUNT_EXISTS} if flow.accounts else set()
    for step in flow.steps:
        yield from _condition(flow, step.when, before, f"step {step.id}")
        before.add(step.id)
    for number, outcome in enumerate(flow.outcomes, 1):
        yield from _condition(flow, outcome.when, before, f"outcome {outcome.id}")
        if outcome.when is None and number < len(flow.outcomes):
            yield f"outcome {outcome.id} has no condition, so that nothing after it is reached; put it last"
    for item in flow.advice:
        yield from _condition(flow, item.when, before, f"advice {item.id}")


def _condition(flow: Flow, condition: Condition | None, before: set[str], where: str) -> Iterator[str]:
    if condition is None:
        return
    for part in (*condition.all, *condition.any, *([condition.none] if condition.none else [])):
        yield from _condition(flow, part, before, where)
    if condition.step is None:
        return
    if condition.step not in before:
        later = any(step.id == condition.step for step in flow.steps)
        why = "which is asked later: only earlier steps may decide" if later else "and there is no such step"
        yield f"{where}: when speaks of {condition.step!r}, {why}"
        return
    known = _values(flow, condition.step)
    for value in condition.values:
        if known is not None and value not in known:
            yield f"{where}: when speaks of {condition.step} = {value!r}; its answers are {', '.join(known)}"


def _values(flow: Flow, step_id: str) -> list[str] | None:
    """The answers that a condition may name; none for a free text, which cannot be decided on."""
    if step_id == ACCOUNT_EXISTS:
        return ["yes"]
    step = flow.step(step_id)
    if step.type in CHECKED_KINDS:
        return [option.id for option in step.options]
    return ["yes", "no"] if step.type in (StepType.YES_NO, StepType.CONFIRM) else []


def _walked(flow: Flow) -> Iterator[str]:
    try:
        walked = ways(flow)
    except OverflowError as error:
        yield str(error)
        return
    dead_ends = [answers for end, answers in walked.ends if end.outcome is None]
    if dead_ends and flow.kind is FlowKind.DECISION:
        said = ", ".join(f"{k} = {'/'.join(v) or 'skipped'}" for k, v in dead_ends[0].items())
        yield f"no outcome for: {said}; add one, or a last one without a condition"
    reached = {end.outcome.id for end, _ in walked.ends if end.outcome}
    for step in flow.steps:
        if step.id not in walked.asked:
            yield f"step {step.id} is never asked; mend its condition or take it out"
    for outcome in flow.outcomes:
        if outcome.id not in reached:
            yield f"outcome {outcome.id} is never reached; mend its condition or its place"
    yield from (f"advice {a.id} is never given; mend its condition" for a in flow.advice if not _given(flow, a))


def _given(flow: Flow, item: Advice) -> bool:
    """Whether some way through the flow gives this advice."""
    return any(item in advice(flow, end.asked, answers, answers) for end, answers in ways(flow, item.when).ends)

"""Walks through flows without a store or an index, for tests that walk thousands of them."""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from typing import Any, cast

from bot.answering.answerer import Answerer
from bot.answers import Answers
from bot.dialogue.case import KnownAccount
from bot.dialogue.sessions import Session, State
from bot.dialogue.talk import Talk
from bot.messages import Kind, Outgoing, Person
from knowledge.flows import Flow, Step, StepType
from knowledge.loader import Knowledge, load, organisations
from knowledge.models import Language

TODAY = date(2026, 11, 21)
ORGANISATIONS = organisations()
PHONE = 700
"""Characters of a step that fit a phone's screen."""


@lru_cache
def known(organisation: str) -> Knowledge:
    """An organisation's knowledge, loaded once."""
    return load(organisation)


FLOWS = [(name, flow) for name in ORGANISATIONS for flow in known(name).flows]
YES = {Language.SV: "ja", Language.FI: "kyllä", Language.EN: "yes"}
NO = {Language.SV: "nej", Language.FI: "ei", Language.EN: "no"}


class Stub:
    """As much of an answerer as a dialogue needs."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge


def answers(organisation: str, language: Language = Language.SV) -> Answers:
    """What a dialogue says, without an index."""
    return Answers(cast(Answerer, Stub(known(organisation))), language)


def talk(organisation: str, flow: Flow | str, session: Session | None = None, **more: Any) -> Talk:
    """One side of a conversation; a new one without a session."""
    found = known(organisation).flows[flow] if isinstance(flow, str) else flow
    language = more.pop("language", Language.SV)
    begun = session or Session(organisation, "web:anna", "web:anna", found.id, language, id=7)
    return Talk(answers(organisation, begun.language), found, begun, more.pop("accounts", ()), TODAY, **more)


def reloaded(before: Talk) -> Talk:
    """The same conversation after the session went through the store's JSON."""
    data = as_kept(before)
    session = Session(**{**data, "language": Language(data["language"]), "state": State(data["state"])})
    return Talk(before.answers, before.flow, session, before.accounts, before.today, before.notes)


def as_kept(before: Talk) -> dict[str, Any]:
    """All that the store keeps of it."""
    return cast(dict[str, Any], json.loads(json.dumps(vars(before.session))))


def good_reply(step: Step, language: Language, pick: int) -> tuple[str, tuple[Person, ...], Any]:
    """A typed reply that answers a step, who is mentioned in it, and the value it must become."""
    if step.type in (StepType.YES_NO, StepType.CONFIRM):
        agreed = pick % 2 == 0 or step.type is StepType.CONFIRM
        return (YES if agreed else NO)[language], (), "yes" if agreed else "no"
    if step.type is StepType.CHOICE:
        number = pick % len(step.options)
        chosen = step.options[number]
        return (str(number + 1) if pick % 3 == 0 else chosen.label[language]), (), chosen.id
    if step.type is StepType.CHOICES:
        chosen_ones = sorted({pick % len(step.options), (pick // 7) % len(step.options)})
        if any(step.options[n].alone for n in chosen_ones):
            chosen_ones = chosen_ones[-1:]
        return ", ".join(str(n + 1) for n in chosen_ones), (), [step.options[n].id for n in chosen_ones]
    if step.type is StepType.DATE:
        year, month = (2026, 12) if step.before else (2020 if step.past else 2027, 1 + pick % 12)
        return f"{1 + pick % 28}.{month}.{year}", (), date(year, month, 1 + pick % 28).isoformat()
    if step.type is StepType.NUMBER:
        least, most = step.least or 0, step.most or 1000
        number = least + pick % (most - least + 1)
        return str(number), (), number
    if step.type is StepType.ADDRESS:
        return f"@konto_{pick}", (), f"@konto_{pick}"
    if step.type is StepType.PERSON:
        if pick % 2:
            return "<@U1>", (Person("slack:T1:U1", "Anna Andersson"),), {"id": "slack:T1:U1", "name": "Anna Andersson"}
        return f"Bo Berg {pick}", (), {"id": None, "name": f"Bo Berg {pick}"}
    text = f"Svar {pick}: öppettider, evenemang & <b>nyheter</b> 😀"
    if step.type is StepType.LONG_TEXT and pick % 2:
        text += "\n– rad två\n– rad tre"
    return text, (), text


def pressed_value(step: Step, pick: int) -> tuple[Any, Any]:
    """What a pressed option or a filled field brings, and the value it must become."""
    if step.type is StepType.CHOICES:
        chosen = [o.id for n, o in enumerate(step.options) if (pick >> n) & 1 and not o.alone]
        chosen = chosen or [step.options[pick % len(step.options)].id]
        return chosen, chosen
    if step.options:
        value = step.options[pick % len(step.options)].id
        return value, value
    if step.type in (StepType.YES_NO, StepType.CONFIRM):
        value = "no" if step.type is StepType.YES_NO and pick % 2 else "yes"
        return value, value
    if step.type is StepType.PERSON:
        person = {"id": f"web:p{pick}", "name": f"Cia {pick}"}
        return person, person
    if step.type is StepType.DATE:
        return (("2026-12-17" if step.before else "2020-05-17" if step.past else "2027-05-17"),) * 2
    text, _, value = good_reply(step, Language.SV, pick * 2)
    return text, value


def assert_presentable(shown: list[Outgoing], language: Language) -> None:
    """What holds of every message on every channel."""
    assert shown
    for message in shown:
        assert message.text.strip()
        assert message.language is language
        if message.kind is Kind.STEP:
            assert len(message.text) <= PHONE, (len(message.text), message.text)
        buttons = [*message.buttons, *([message.submit] if message.submit else [])]
        buttons += [row.change for row in message.rows if row.change]
        for button in buttons:
            assert 0 < len(button.label) <= 75
            assert 0 < len(button.action.encode()) <= 255
        fields = [*message.fields, *([message.field] if message.field else [])]
        for option in (o for field in fields for o in field.options):
            assert 0 < len(option.label) <= 75
            assert len(option.action.encode()) <= 255
        keyed = [m.key for m in shown if m.key]
        assert len(keyed) == len(set(keyed))


def accounts_of(organisation: str) -> list[KnownAccount]:
    """The accounts that the organisation's own document names."""
    listed = known(organisation).organisation.accounts
    return [KnownAccount(a.platform, a.name, next(iter(a.unit.values()))) for a in listed]

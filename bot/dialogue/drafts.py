"""A person's drafts as a list: what each is about, and buttons whose words tell them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.answers import Answers
from bot.dialogue.case import Case
from bot.dialogue.days import shown_date
from bot.dialogue.sessions import Session
from bot.messages import Button, Entry, Group, Style
from bot.texts import say
from knowledge.flows import StepType

TELLING = (StepType.TEXT, StepType.CHOICE, StepType.ADDRESS, StepType.PERSON)
"""Steps whose answers are short and tell one draft from another: a unit, a platform, an account."""
MOST_TOLD = 2
"""Answers that say what a draft is about."""
LONGEST_TOLD = 22
"""Characters of such an answer."""


@dataclass(frozen=True)
class Draft:
    """An unfinished session, in words."""

    session: Session
    title: str  # the flow's
    about: str  # what was answered first; "" when nothing that tells it apart was

    @property
    def name(self) -> str:
        """What it is and what it is about."""
        return f"{self.title}: {self.about}" if self.about else self.title


def draft(answers: Answers, session: Session) -> Draft | None:
    """A session as a draft; None when its flow is no longer there."""
    flow = answers.knowledge.flows.get(session.flow)
    if flow is None:
        return None
    case = Case(answers, flow, replace(session, language=answers.language))  # in the reader's language
    told = [s for s in case.at().asked if s.type in TELLING and session.answers[s.id]["value"] is not None]
    about = ", ".join(_cut(case.shown(s, session.answers[s.id])) for s in told[:MOST_TOLD])
    return Draft(session, answers.in_language(flow.title), about)


def group(answers: Answers, sessions: Sequence[Session]) -> Group:
    """The drafts as a list with a button to go on."""
    found = [d for d in (draft(answers, session) for session in sessions) if d]
    names = _apart(answers, found)
    entries = tuple(_entry(answers, d, name if len(found) > 1 else "") for d, name in zip(found, names, strict=True))
    return Group(say(answers.language, "drafts"), entries, say(answers.language, "no-drafts"))


def _entry(answers: Answers, draft: Draft, name: str) -> Entry:
    session = draft.session
    detail = say(answers.language, "draft-detail", count=len(session.answers), date=_day(answers, session.updated_at))
    go_on, cancel = (
        say(answers.language, f"{button}-which", title=name) if name else say(answers.language, button)
        for button in ("button-resume", "button-cancel")
    )
    buttons = (
        Button(go_on, f"s:{session.id}:resume", Style.PRIMARY),
        Button(cancel, f"s:{session.id}:cancel"),
    )
    return Entry(draft.name, detail, buttons)


def _apart(answers: Answers, drafts: Sequence[Draft]) -> list[str]:
    """A short name for each that no other has: its title, or what it is about, or when it was begun."""
    titles = Counter(d.title for d in drafts)
    begun = [_day(answers, d.session.created_at) for d in drafts]
    names = [d.title if titles[d.title] == 1 else d.about or day for d, day in zip(drafts, begun, strict=True)]
    names = _told_apart(names, begun)
    return _told_apart(names, [f"#{d.session.id}" for d in drafts])


def _told_apart(names: Sequence[str], more: Sequence[str]) -> list[str]:
    """The same names, with more said where several are alike."""
    alike = Counter(name.lower() for name in names)
    return [f"{name}, {also}" if alike[name.lower()] > 1 else name for name, also in zip(names, more, strict=True)]


def _day(answers: Answers, at: float) -> str:
    return shown_date(answers.knowledge.organisation.day(at))


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_TOLD else f"{line[: LONGEST_TOLD - 1].rstrip()}…"

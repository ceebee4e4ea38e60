"""The answers of a finished checklist as a request keeps them: the questions as they stood, in every language.

A flow may be changed later, and its organisation may rename itself; what was asked and answered stays readable.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.answers import Answers
from bot.dialogue.replies import as_written
from bot.dialogue.talk import Talk
from bot.filing.requests import Snapshot
from bot.messages import Source
from knowledge.models import Language


@dataclass(frozen=True)
class Line:
    """A question and its answer, in one language."""

    step: str
    label: str
    value: str
    changed: bool


def snapshot(talk: Talk) -> Snapshot:
    """What is kept of a finished checklist."""
    own = talk.answers.knowledge.organisation.languages
    said = {language: _in(talk, language).answered() for language in own}
    asked = talk.at().asked
    steps = [
        {
            "id": step.id,
            "label": {language.value: said[language][n][0] for language in own},
            "shown": {language.value: as_written(said[language][n][1]) for language in own},
            **talk.session.answers[step.id],
        }
        for n, step in enumerate(asked)
    ]
    passages = dict.fromkeys(p for step in asked for p in step.passages)
    return {
        "title": {language.value: text for language, text in talk.flow.title.items()},
        "steps": steps,
        "sources": [asdict(s) for s in talk.answers.sources_of(passages)],
    }


def _in(talk: Talk, language: Language) -> Talk:
    answers = Answers(talk.answers.answerer, language)
    return Talk(answers, talk.flow, replace(talk.session, language=language), talk.accounts, talk.today)


def pick(texts: dict[str, str], language: Language) -> str:
    """A kept text in a language, or in the organisation's own where it has none in that."""
    return texts.get(language.value) or next(iter(texts.values()), "")


def title(kept: Snapshot, language: Language) -> str:
    """What the checklist was called."""
    return pick(kept.get("title", {}), language)


def lines(kept: Snapshot, language: Language, before: Snapshot | None = None) -> list[Line]:
    """Questions and answers, with those marked that differ from the version before."""
    earlier = {s["id"]: s["value"] for s in (before or {}).get("steps", [])}
    return [
        Line(s["id"], pick(s["label"], language), pick(s["shown"], language), _differs(s, earlier, bool(before)))
        for s in kept.get("steps", [])
    ]


def _differs(step: dict[str, Any], earlier: dict[str, Any], compared: bool) -> bool:
    return compared and (step["id"] not in earlier or earlier[step["id"]] != step["value"])


def value(kept: Snapshot, step: str) -> Any:
    """The value of an answer; None when the step was not asked or was skipped."""
    return next((s["value"] for s in kept.get("steps", []) if s["id"] == step), None)


def shown(kept: Snapshot, step: str, language: Language) -> str:
    """An answer in words; empty when there is none."""
    found = next((s for s in kept.get("steps", []) if s["id"] == step), None)
    return pick(found["shown"], language) if found and found["value"] is not None else ""


def sources(kept: Snapshot) -> tuple[Source, ...]:
    """The passages that the questions rest on."""
    return tuple(Source(**s) for s in kept.get("sources", []))

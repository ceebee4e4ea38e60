"""Measures answers against questions with known right answers: the table of `someguide evaluate`."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OUTCOMES = ("right", "offered", "wrong", "wrongly silent", "declined", "out-of-scope offered", "out-of-scope answered")
"""What can become of a question; the last three only where the document does not answer it."""

_SILENT = {"silent", "handover", "help"}


@dataclass(frozen=True)
class Question:
    """A question with what a right answer must rest on and say."""

    id: str
    org: str
    language: str
    question: str
    expect: str = "answer"
    style: str = ""
    passages: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()


class BadQuestions(Exception):
    """A question file that cannot be read; says file, line and what is wrong."""


def read_questions(path: Path) -> list[Question]:
    """The questions of a JSON Lines file. Raises BadQuestions."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            data: dict[str, Any] = json.loads(line)
            lists: dict[str, Any] = {key: tuple(data.get(key) or ()) for key in ("passages", "must", "must_not")}
            plain = {key: data[key] for key in ("id", "org", "language", "question", "expect", "style") if key in data}
            found.append(Question(**plain, **lists))
        except (json.JSONDecodeError, TypeError, AttributeError) as error:
            raise BadQuestions(f"{path}:{number}: {error}; every line is an object, see the README") from error
    return found


def outcome(question: Question, reply: dict[str, Any]) -> str:
    """Which of OUTCOMES a reply (the object of `someguide ask --json`) is."""
    kind = reply["kind"]
    if question.expect == "abstain":
        if kind in _SILENT:
            return "declined"
        return "out-of-scope offered" if kind == "choose" else "out-of-scope answered"
    if kind in _SILENT:
        return "wrongly silent"
    if kind == "choose":
        return "offered" if any(_right(question, choice) for choice in reply["choices"]) else "wrong"
    return "right" if _right(question, reply) else "wrong"


def _right(question: Question, reply: dict[str, Any]) -> bool:
    if not {s["passage"] for s in reply["sources"]} & set(question.passages):
        return False
    text = reply["text"]
    musts = all(re.search(m, text, re.IGNORECASE) for m in question.must)
    return musts and not any(re.search(m, text, re.IGNORECASE) for m in question.must_not)


@dataclass
class Table:
    """Outcomes counted over all questions and a group (organisation, language, style)."""

    groups: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    failures: list[dict[str, Any]] = field(default_factory=list)

    def add(self, question: Question, reply: dict[str, Any]) -> None:
        """Counts one reply."""
        result = outcome(question, reply)
        for group in ("all", f"org {question.org}", f"language {question.language}", f"style {question.style}"):
            self.groups[group][result] += 1
        if result not in ("right", "declined"):
            self.failures.append({"outcome": result, "question": question, "reply": reply})

    def rates(self, group: str) -> dict[str, float | int]:
        """Shares (0 to 1) of a group: of the questions in scope, and of those out of scope."""
        counts = self.groups[group]
        inside = sum(counts[o] for o in OUTCOMES[:4])
        outside = sum(counts[o] for o in OUTCOMES[4:])
        return {
            "questions": inside,
            "right": _share(counts["right"], inside),
            "right or offered": _share(counts["right"] + counts["offered"], inside),
            "wrong": _share(counts["wrong"], inside),
            "wrongly silent": _share(counts["wrongly silent"], inside),
            "out of scope": outside,
            "out-of-scope answered": _share(counts["out-of-scope answered"], outside),
            "out-of-scope offered": _share(counts["out-of-scope offered"], outside),
        }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def evaluate(questions: Iterable[Question], ask: Callable[[Question], dict[str, Any]]) -> Table:
    """Asks every question and counts what came of it."""
    table = Table()
    for question in questions:
        table.add(question, ask(question))
    return table

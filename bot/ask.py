"""Asking without a conversation: one question, or every line of a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from bot.assistant import Assistant
from bot.messages import Incoming, Outgoing
from knowledge.models import Language

_numbers = count()


def ask_one(assistant: Assistant, organisation: str, question: str, language: Language | None) -> Outgoing:
    """The answer to a question in a conversation of its own. Raises UnknownOrganisation."""
    return assistant.handle(Incoming(organisation, f"ask:{next(_numbers)}", question, language))


def ask_lines(
    assistant: Assistant, file: Path, organisation: str | None, language: Language | None, known: list[str]
) -> Iterator[str]:
    """A JSON object for each line of a file, in order. A line that cannot be asked gives an object with `error`."""
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if line.strip():
            yield json.dumps(_answer(assistant, line, number, organisation, language, known), ensure_ascii=False)


def _answer(
    assistant: Assistant, line: str, number: int, organisation: str | None, language: Language | None, known: list[str]
) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except json.JSONDecodeError as error:
        return {"error": f"line {number}: not JSON: {error.msg}"}
    if not isinstance(data, dict) or not isinstance(data.get("question"), str):
        return {"error": f"line {number}: must be an object with the text field 'question'"}
    org = data.get("org") or organisation
    shown = {"id": data.get("id"), "org": org, "language": data.get("language"), "question": data["question"]}
    if org not in known:
        return shown | {"error": f"line {number}: unknown organisation {org!r}; known are: {', '.join(known)}"}
    try:
        setting = Language(data["language"]) if data.get("language") else language
    except ValueError:
        names = ", ".join(Language)
        return shown | {"error": f"line {number}: unknown language {data['language']!r}; known are: {names}"}
    outgoing = ask_one(assistant, org, data["question"], setting)
    return shown | {"language": outgoing.language.value} | outgoing.as_json()

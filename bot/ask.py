"""Asking without a conversation: one question, or every line of a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bot.answering.answerer import Answerer
from bot.answers import Answers
from bot.commands import command, starts_flow
from bot.messages import Kind, Outgoing
from knowledge.flows import Flow
from knowledge.models import Language

GetAnswerer = Callable[[str], Answerer]


def ask_one(answerer: GetAnswerer, organisation: str, question: str, language: Language | None) -> Outgoing:
    """The answer to a question in a conversation of its own. Raises UnknownOrganisation."""
    opened = answerer(organisation)
    answers = Answers(opened, language or opened.knowledge.organisation.languages[0])
    known = command(question)
    if known and not known.dialogue:
        return answers.command(known)
    flow = starts_flow(question, opened.knowledge.flows.values())
    if flow:
        answers.language = answers.supported(flow[1])
        return _beginning(answers, opened.knowledge.flows[flow[0]])
    return answers.question(question)


def _beginning(answers: Answers, flow: Flow) -> Outgoing:
    """What a dialogue would begin with; it goes on in `someguide chat`, on the page, in Slack and in Teams."""
    if flow.steps:
        said, passages = flow.steps[0].ask, flow.steps[0].passages
    else:
        said, passages = flow.outcomes[0].text, flow.outcomes[0].passages
    text = "\n\n".join(answers.in_language(part) for part in (flow.intro, said))
    return Outgoing(
        Kind.FLOW, answers.language, text, flow=flow.id, confidence=1.0, sources=answers.sources_of(passages)
    )


def ask_lines(
    answerer: GetAnswerer, file: Path, organisation: str | None, language: Language | None, known: list[str]
) -> Iterator[str]:
    """A JSON object for each line of a file, in order. A line that cannot be asked gives an object with `error`."""
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if line.strip():
            yield json.dumps(_answer(answerer, line, number, organisation, language, known), ensure_ascii=False)


def _answer(
    answerer: GetAnswerer, line: str, number: int, organisation: str | None, language: Language | None, known: list[str]
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
    outgoing = ask_one(answerer, org, data["question"], setting)
    return shown | {"language": outgoing.language.value} | outgoing.as_json()

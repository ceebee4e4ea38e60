"""Slack, Teams, the page and the terminal give the same answers to the same questions, as people see them there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import structlog

from bot.answering.answerer import Answerer
from bot.answering.evaluate import read_questions
from bot.messages import Incoming, Outgoing, Person
from bot.organisations import Organisations
from bot.texts import say
from knowledge.models import Language
from tests.channels.base import Act, Changeable
from tests.channels.core import Core
from tests.conftest import lexical_answerer
from tests.test_scenarios import CHANNELS, World

EACH = 6
"""Questions of each organisation."""
COMMANDS = ("hjälp", "keneltä kysyn", "which guideline is this")
ORGANISATIONS = ("aanekoski", "hango", "kyrkslatt", "nykvarn", "vara")


@pytest.fixture(scope="module")
def answerers(organisations: Organisations) -> dict[str, Answerer]:
    """Every organisation's answerer on words alone."""
    make = lexical_answerer(organisations)
    return {name: make(name) for name in organisations.ids}


@pytest.fixture(autouse=True)
def _quiet() -> None:
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())


def questions(organisation: str) -> list[tuple[str, Language]]:
    """Questions of people, over all languages and kinds, and commands."""
    files = sorted((Path(__file__).parent / "questions").glob("heldout-*.jsonl"))
    found = [
        (q.question, Language(q.language)) for file in files for q in read_questions(file) if q.org == organisation
    ]
    spread = found[:: max(1, len(found) // EACH)][:EACH]
    return [*spread, *((said, Language.SV) for said in COMMANDS)]


def bare(text: str) -> str:
    """Words and signs alone: no space, no mark-up, no sign of ours before a line."""
    return re.sub(r"[\s*_~`>•–—·|\-✅⛔⚠️\ufe0f]+", "", text)


async def seen(channel: str, organisation: str, answerers: dict[str, Answerer], folder: Path) -> list[str]:
    """What a person is answered to each question, all of it."""
    world = World(Changeable(answerers), f"sqlite:///{folder / channel}.db", CHANNELS[channel])
    await world.start()
    found = []
    try:
        for number, (question, language) in enumerate(questions(organisation)):
            world.now += 60
            act = Act("Anna", organisation, language, question, event=f"q{number}")
            shown = await world.channel.say(act)
            labels = [label for one in shown for label in one.labels]
            found.append("\n".join([*(one.text for one in shown), *labels]))
    finally:
        await world.stop()
    return found


async def wanted(organisation: str, answerers: dict[str, Answerer], folder: Path) -> list[list[str]]:
    """What the assistant says to each question, in parts."""
    world = World(Changeable(answerers), f"sqlite:///{folder / 'core'}.db", Core)
    await world.start()
    found = []
    try:
        for question, language in questions(organisation):
            world.now += 60
            incoming = Incoming(organisation, "web:anna", question, language, person=Person("web:anna", "Anna"))
            made = await world.service.assistant.take(incoming)
            found.append([part for one in made for part in parts(one.outgoing)])
    finally:
        await world.stop()
    return found


def parts(outgoing: Outgoing) -> list[str]:
    """The lines, the verdict, the document with the places in it, and what is offered."""
    found = [line for line in outgoing.text.split("\n") if line.strip()]
    found += [say(outgoing.language, f"verdict-{outgoing.verdict.value}")] if outgoing.verdict else []
    found += [source.document for source in outgoing.sources]
    found += [source.section.rpartition(", ")[2] for source in outgoing.sources]
    return [*found, *(c.label for c in (*outgoing.choices, *outgoing.related)), *(b.label for b in outgoing.buttons)]


@pytest.mark.parametrize("organisation", ORGANISATIONS)
async def test_the_answers_are_the_same(organisation: str, answerers: dict[str, Answerer], tmp_path: Path) -> None:
    said = await wanted(organisation, answerers, tmp_path)
    for channel in ("slack", "teams", "web", "terminal"):
        shown = await seen(channel, organisation, answerers, tmp_path)
        for (question, _), wanted_parts, text in zip(questions(organisation), said, shown, strict=True):
            there = bare(text)
            missing = [part for part in wanted_parts if bare(part) not in there]
            assert missing == [], f"{channel}: {question}\n{text}"

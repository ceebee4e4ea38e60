"""Understanding is the slow part of a turn: what one message says is scored once, however often it is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from bot.answering.answerer import Answerer
from bot.answering.index import Scores
from bot.answering.semantic import Embedder
from bot.answers import read
from bot.messages import Incoming
from bot.organisations import Organisations
from bot.readings import Readings
from knowledge.models import Language
from tests.conftest import Talker, lexical_answerer

ORG = "nykvarn"
PICTURE = "Får jag lägga ut en bild på en kollega?"
PASSWORD = "Var förvarar vi lösenordet?"
COMMENT = "Hur snabbt måste vi svara på kommentarer?"
LATER = "och om hon slutar?"


@pytest.fixture
def answerer(organisations: Organisations) -> Answerer:
    return lexical_answerer(organisations)(ORG)


@pytest.fixture
def scored(answerer: Answerer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """How often each text is scored by the index."""
    counted: Counter[str] = Counter()
    scores = answerer.index.scores

    def counting(question: str, embedder: Embedder | None = None) -> Scores:
        counted[question] += 1
        return scores(question, embedder)

    monkeypatch.setattr(answerer.index, "scores", counting)
    return counted


def test_three_questions_are_scored_once_each(answerer: Answerer, scored: Counter[str]) -> None:
    reading = read(answerer, f"{PICTURE} {PASSWORD} {COMMENT}")
    assert len(reading.parts) == 3
    assert scored == {PICTURE: 1, PASSWORD: 1, COMMENT: 1}


def test_so_are_those_that_are_not_answered_and_those_asked_twice(answerer: Answerer, scored: Counter[str]) -> None:
    unclear = "Vad är det för väder i dag?"
    reading = read(answerer, f"{PICTURE} {unclear} {PASSWORD} {PICTURE} Eller hur?")
    assert len(reading.parts) == 2
    assert scored == {PICTURE: 1, unclear: 1, PASSWORD: 1, "Eller hur?": 1}


def test_a_message_understood_as_a_whole_is_scored_once_and_its_questions_too(
    answerer: Answerer, scored: Counter[str]
) -> None:
    unclear = "Vad är det för väder i dag?"
    assert len(read(answerer, f"{PICTURE} {unclear}").parts) == 1
    assert scored == {PICTURE: 1, unclear: 1, f"{PICTURE} {unclear}": 1}


def test_a_message_that_goes_on_is_scored_once_alone_and_once_with_the_question_before(
    lexical: Talker, scored: Counter[str]
) -> None:
    for text in (PICTURE, LATER):
        lexical.handle(Incoming(ORG, "web:anna", text, Language.SV))
    assert scored == {PICTURE: 1, LATER: 1, f"{PICTURE} {LATER}": 1}


def test_with_the_question_before_it_means_the_same_however_it_was_scored(answerer: Answerer) -> None:
    alone = answerer.understand(LATER)
    assert alone.scores is not None
    assert answerer.understand_after(PICTURE, LATER, alone.scores) == answerer.understand_after(PICTURE, LATER)


def test_a_kept_reading_is_without_the_scores(answerer: Answerer) -> None:
    readings, reading = Readings(), read(answerer, f"{PICTURE} {PASSWORD}")
    readings.keep(answerer, reading)
    kept = readings.find(answerer, reading.text)
    assert kept == reading
    assert kept is not None
    assert [part.scores for part in kept.parts] == [None, None]

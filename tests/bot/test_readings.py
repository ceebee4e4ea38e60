"""Readings that are kept for the next one who asks the same: what is kept, for how long, and what never is."""

from __future__ import annotations

import gc
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering import text
from bot.answering.answerer import Answerer, Decision, Understood
from bot.answers import Answers, Reading
from bot.messages import Kind, Outgoing
from bot.readings import Readings
from knowledge.models import Language
from tests.filing_town import Clock, Unread

ORG = "nykvarn"
QUESTION = "Får jag publicera en bild på en kollega?"
UNDERSTOOD = (Understood(Decision.HANDOVER, (), 0.1, 0.5),)


def answerer() -> Answerer:
    """An answerer of its own, as after new knowledge was loaded."""
    made = Answerer.__new__(Answerer)
    object.__setattr__(made, "knowledge", Unread().knowledge(ORG))
    return made


def test_the_same_words_are_found_and_no_others() -> None:
    readings, one = Readings(), answerer()
    readings.keep(one, Reading(QUESTION, UNDERSTOOD))
    assert readings.find(one, f"  {QUESTION} ") == Reading(f"  {QUESTION} ", UNDERSTOOD)
    assert readings.find(one, QUESTION.replace("kollega", "elev")) is None
    assert readings.find(one, QUESTION.rstrip("?")) is None


def test_each_knowledge_has_its_own() -> None:
    readings, one, other = Readings(), answerer(), answerer()
    readings.keep(one, Reading(QUESTION, UNDERSTOOD))
    assert readings.find(other, QUESTION) is None
    del one
    gc.collect()
    assert not list(readings._kept), "they go with the knowledge"


@pytest.mark.parametrize(
    "said",
    [
        "Får jag publicera 131052-308T?",
        "Får jag ringa 070-123 45 67 om bilden?",
        "Kan anna.andersson@nykvarn.example få inloggningen?",
        "Lösenordet är Kissa2027!, får jag dela det?",
    ],
)
def test_what_belongs_to_one_person_is_not_kept(said: str) -> None:
    readings, one = Readings(), answerer()
    readings.keep(one, Reading(said, UNDERSTOOD))
    assert readings.find(one, said) is None


def test_no_words_are_held() -> None:
    readings, one = Readings(), answerer()
    readings.keep(one, Reading(QUESTION, UNDERSTOOD))
    held = repr([(dict(kept), readings) for kept in readings._kept.values()])
    assert not [word for word in QUESTION.rstrip("?").split() if len(word) > 6 and word in held]


def test_they_are_few_and_short_lived() -> None:
    clock = Clock()
    readings, one = Readings(clock, most=2, life=60.0), answerer()
    for said in ("ett", "två", "tre"):
        readings.keep(one, Reading(said, UNDERSTOOD))
    assert [readings.find(one, said) is not None for said in ("ett", "två", "tre")] == [False, True, True]
    clock.now += 61.0
    assert readings.find(one, "tre") is None


def test_an_answer_is_kept_for_each_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Language] = []

    def answer(self: Answers, reading: Reading) -> Outgoing:
        made.append(self.language)
        self.language = Language.FI
        return Outgoing(Kind.HANDOVER, self.language, f"{len(made)}")

    monkeypatch.setattr(Answers, "answer", answer)
    readings, one = Readings(), answerer()
    reading = Reading(QUESTION, UNDERSTOOD)
    readings.keep(one, reading)
    for setting in (Language.SV, Language.EN, Language.SV):
        answers = Answers(one, setting)
        assert readings.answer(answers, replace(reading)).language is Language.FI
        assert answers.language is Language.FI
    assert made == [Language.SV, Language.EN]


@given(st.text(max_size=60) | st.text(alphabet="aÅäö é.\n\t<>&;:`-_~?'1", max_size=60))
def test_the_short_way_to_plain_text_leads_to_the_same(message: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        short = text.plain(message)
        patch.setattr(text, "_UNUSUAL", re.compile(""))
        assert text.plain(message) == short

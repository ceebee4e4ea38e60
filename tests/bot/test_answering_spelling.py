"""Spelling: what was mistyped is read as it was meant, and what is known stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.answerer import Decision
from bot.answering.spelling import Spelling, bare, learnt
from bot.organisations import Organisations
from knowledge.models import Language

SV, FI, EN = Language.SV, Language.FI, Language.EN
COUNTS = {
    SV: {"får": 90, "far": 2, "jag": 90, "fråga": 20, "för": 50, "lösenord": 30, "kommentar": 40, "kommentera": 9},
    FI: {"kysyä": 12, "salasana": 30, "lähetä": 5, "kommentti": 8, "vaitiolo": 3, "harvinaista": 2},
    EN: {"for": 60, "password": 30, "comment": 40, "schedule": 5},
}
SPELLING = Spelling(learnt(COUNTS))


@pytest.mark.parametrize(
    ("typed", "language", "meant"),
    [
        ("far jag fraga for", SV, "får jag fråga för"),  # without dots and rings
        ("får jag fraga", SV, "får jag fråga"),  # one word without
        ("kysya salasana", FI, "kysyä salasana"),
        ("losenord", SV, "lösenord"),
        ("lössenord?", SV, "lösenord?"),  # a letter too many
        ("Komentti!", FI, "kommentti!"),  # one too few
        ("shcedule", EN, "schedule"),  # two that changed places
        ("pasword for", EN, "password for"),
        ("for", EN, "for"),  # a word of the language, though another has it with dots
        ("harvinaisto", FI, "harvinaisto"),  # what is rare may be misspelt itself
        ("fxr", SV, "fxr"),  # too short to guess
        ("lösenörden 0441234567", SV, "lösenörden 0441234567"),  # two letters away; digits are left alone
        ("kommentar", SV, "kommentar"),
    ],
)
def test_a_word_is_read_as_it_was_meant(typed: str, language: Language, meant: str) -> None:
    assert SPELLING.repaired(typed, language) == meant


@given(st.text(max_size=200), st.sampled_from(list(Language)))
def test_what_is_between_words_is_never_touched(text: str, language: Language) -> None:
    repaired = SPELLING.repaired(text, language)
    assert [c for c in repaired if c.isdigit() or c in " .?!\n"] == [c for c in text if c.isdigit() or c in " .?!\n"]
    assert SPELLING.repaired(repaired, language) == SPELLING.repaired(SPELLING.repaired(repaired, language), language)


@pytest.mark.parametrize(
    ("organisation", "question"),
    [("nykvarn", "maste vi ha losenordet pa tva stallen"), ("aanekoski", "mihin salasnat talletetaan")],
)
def test_a_mistyped_question_is_understood(organisations: Organisations, organisation: str, question: str) -> None:
    understood = organisations.answerer(organisation).understand(question)
    assert understood.decision is Decision.ANSWER
    assert understood.candidates[0].topic.startswith("password")


def test_bare_text_keeps_its_length() -> None:
    assert bare("Åäö é ÅÄÖ") == "Aao e AAO"

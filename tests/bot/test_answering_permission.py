"""Verdicts: "yes" and "no" stand only before an answer to what they answer."""

from __future__ import annotations

import re

import pytest

from bot.answering.permission import asks_leave, without_opener
from bot.answers import Answers
from bot.messages import Kind
from bot.organisations import Organisations
from knowledge.models import Language, Verdict


@pytest.mark.parametrize(
    "message",
    [
        "Får jag lägga ut en bild på en kollega?",
        "När barnen leker ute, får jag filma dem?",
        "Är det ok att tagga en kollega?",
        "går det bra att dela",
        "saako lapsen kuvan julkaista",
        "Moi! Meillä oli retki. Saaks mä laittaa kuvia?",
        "käykö että jaan",
        "can I post a picture of kids",
        "What about this: can I share it?",
        "barn foto tillstånd",
        "tiktok?",
    ],
)
def test_who_asks_for_leave_is_told_yes_or_no(message: str) -> None:
    assert asks_leave(message)


@pytest.mark.parametrize(
    "message",
    [
        "Är det förbjudet att använda privat konto i tjänsten?",
        "Får man svara, eller är det otillåtet?",
        "Måste vi spara en kränkande kommentar?",
        "Gäller tystnadsplikten även privat?",
        "Varför får man inte dela?",
        "Ska inlägg med sekretess diarieföras?",
        "Onko kiellettyä käyttää somea työajalla?",
        "Päteekö vaitiolovelvollisuus somessa?",
        "Kuka saa markkinoida tapahtumia?",
        "pitääks kysyä lupa kuvaan",
        "Is it forbidden to delete an offensive comment?",
        "Is it not allowed to delete old posts?",
        "Do I have to ask before I post a picture?",
        "When may we use emojis?",
        "who decides if we can open a page",
        "Gör det något om jag lägger ut bilden på min egen sida?",
        "Är det ett problem att jag använder egna kontot?",
        "Haittaako jos laitan kuvan omalle tilille?",
        "does it matter if I use my own account, can I?",
        "Would anyone mind if I can share it?",
    ],
)
def test_who_asks_something_else_is_not(message: str) -> None:
    assert not asks_leave(message)


def test_the_rest_of_a_text_begins_as_a_sentence() -> None:
    assert without_opener("Nej, utom vid fara.") == "Utom vid fara."
    assert without_opener("Kyllä: kysy ensin.") == "Kysy ensin."
    assert without_opener("Yes. Ask first.") == "Ask first."
    assert without_opener("Eino kysyy. Ei, kiitos.") == "Eino kysyy. Ei, kiitos."


@pytest.mark.parametrize(
    ("language", "leave", "forbidden"),
    [
        ("sv", "Får vi lägga ut klassfotot på Facebook?", "Är det förbjudet att radera en kränkande kommentar?"),
        ("fi", "Saako luokkakuvan julkaista Facebookissa?", "Onko kiellettyä poistaa loukkaava kommentti?"),
        ("en", "May we delete an offensive comment?", "Is it forbidden to delete an offensive comment?"),
    ],
)
def test_a_question_put_the_other_way_round_is_not_answered_yes(
    organisations: Organisations, language: str, leave: str, forbidden: str
) -> None:
    answers = Answers(organisations.answerer("nykvarn"), Language(language))
    assert answers.question(leave).verdict is not None
    turned = answers.question(forbidden)
    assert turned.kind is Kind.ANSWER
    assert turned.verdict is None
    assert not re.match(r"(Ja|Kyllä|Yes|Nej|Ei|No)\b", turned.text)
    assert turned.topic is not None
    assert answers.chosen(turned.topic).verdict is Verdict.YES  # pressed, it answers "may I?"

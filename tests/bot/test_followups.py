"""Messages that go on from an answer are read with the question before them; others stand for themselves."""

from __future__ import annotations

import pytest

from bot import asked
from bot.answering.answerer import Answerer
from bot.answers import Reading, read
from bot.followups import LIFE, depends, goes_on_from, with_before
from bot.messages import Incoming, Kind, Outgoing
from bot.organisations import Organisations
from bot.texts import say
from knowledge.models import Language
from tests.conftest import Talker

COLLEAGUE = "Får jag lägga ut en bild på en kollega?"


def conversation(assistant: Talker, *messages: str) -> list[Outgoing]:
    return [assistant.handle(Incoming("nykvarn", "web:anna", message, Language.SV)) for message in messages]


def test_a_detail_is_understood_with_what_it_is_a_detail_of(assistant: Talker) -> None:
    first, background, later = conversation(
        assistant, COLLEAGUE, "även om hon är i bakgrunden?", "men om hon ångrar sig sen?"
    )
    assert first.topic == background.topic == "photo-staff"
    assert background.text != first.text
    assert background.text.startswith("Så vitt jag förstår gäller det fortfarande")
    assert background.verdict is None
    assert later.topic == "photo-consent-withdrawn"


def test_the_same_words_alone_are_not_understood_so(assistant: Talker) -> None:
    (alone,) = conversation(assistant, "även om hon är i bakgrunden?")
    assert alone.topic != "photo-staff"


def test_what_is_about_something_else_is_not_drawn_in(assistant: Talker) -> None:
    _, pay, password = conversation(assistant, COLLEAGUE, "och lönen då?", "var förvarar vi lösenordet?")
    assert pay.kind is Kind.HANDOVER
    assert not pay.text.startswith(say(Language.SV, "outside", document="")[:30])  # it may well be on the subject
    assert password.topic == "password-storage"
    assert "fortfarande" not in password.text


def test_a_message_goes_on_from_a_question_asked_not_long_before(organisations: Organisations) -> None:
    memory = {"questions": [{"question": "q", "root": COLLEAGUE, "topic": "photo-staff", "at": 100.0, "key": "k"}]}
    alone = read(organisations.answerer("nykvarn"), "även om hon är i bakgrunden?")
    found = goes_on_from(alone, memory, 100.0 + LIFE)
    assert found is not None
    assert found["root"] == COLLEAGUE
    assert goes_on_from(alone, memory, 101.0 + LIFE) is None  # too late
    assert goes_on_from(alone, None, 0.0) is None
    sure = read(organisations.answerer("nykvarn"), "Får jag lägga ut bilder på barn?")
    assert goes_on_from(sure, memory, 100.0) is None


@pytest.mark.parametrize(
    "message", ["fast hon inte vill?", "även om det regnar", "entä jos hän kieltää", "but if he left?"]
)
def test_a_condition_goes_on_from_what_was_said(message: str) -> None:
    assert depends(message)


@pytest.mark.parametrize("message", ["fast internet at the library?", "fast lön eller timlön?", "om jag är sjuk?"])
def test_other_words_do_not(message: str) -> None:
    assert not depends(message)


def test_another_language_is_told_which_ones_are_understood(assistant: Talker) -> None:
    (german,) = conversation(assistant, "Darf ich morgen mit meinem Hund zur Arbeit kommen?")
    assert german.kind is Kind.HANDOVER
    assert "finska" in german.text
    assert "Finnish" in german.text


def test_what_names_a_platform_is_not_called_off_the_subject(assistant: Talker) -> None:
    (followers,) = conversation(assistant, "hur många följare har vi på Instagram?")
    assert followers.kind is Kind.HANDOVER
    assert "inte handla om sociala medier" not in followers.text


def test_what_went_on_from_the_same_is_understood_once(assistant: Talker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others wait for it, whose turns are at the store."""
    understood: list[str] = []

    def counted(answerer: Answerer, alone: Reading, before: asked.Asked) -> Reading:
        understood.append(before["root"])
        return with_before(answerer, alone, before)

    monkeypatch.setattr("bot.assistant.with_before", counted)
    detail = "även om hon är i bakgrunden?"
    once = conversation(assistant, COLLEAGUE, detail)[1]
    for person in ("web:bo", "web:cia"):
        assistant.handle(Incoming("nykvarn", person, COLLEAGUE, Language.SV))
        again = assistant.handle(Incoming("nykvarn", person, detail, Language.SV))
        assert (again.kind, again.topic, again.text) == (once.kind, once.topic, once.text)
    assert understood == [COLLEAGUE]
    assistant.handle(Incoming("nykvarn", "web:dan", "Får jag lägga ut en bild på en elev?", Language.SV))
    assistant.handle(Incoming("nykvarn", "web:dan", detail, Language.SV))
    assert len(understood) == 2, "after another question it is another one"


def test_what_was_said_elsewhere_goes_on_from_nothing_here(assistant: Talker) -> None:
    conversation(assistant, COLLEAGUE)
    quoted = Incoming("nykvarn", "web:anna", "även om hon är i bakgrunden?", Language.SV, beside=True)
    assert assistant.handle(quoted).topic != "photo-staff"


def test_who_was_not_helped_before_anything_was_asked_is_told_what_can_be_asked(assistant: Talker) -> None:
    (told,) = conversation(assistant, "det hjälpte inte")
    assert told.kind is Kind.HELP
    assert told.suggestions
    assert say(Language.SV, "error") not in told.text


def test_who_may_be_in_danger_is_told_whom_to_call(assistant: Talker) -> None:
    for said, first in (
        ("Ett barn har satt i halsen, vad gör vi?", "Är någon i fara: ring 112"),
        ("en tjej skriver på vår sida att hon inte vill leva", "Är någon i fara: ring 112"),
        ("joku kirjoittaa sivullamme ettei jaksa elää", "Jos joku on vaarassa, soita heti 112"),
    ):
        (told,) = conversation(assistant, said)
        assert (told.kind, told.text[: len(first)]) == (Kind.HANDOVER, first)
        assert told.contact


@pytest.mark.parametrize(
    ("message", "condition"),
    [
        ("även om hon är i bakgrunden?", True),
        ("Men när det är bråttom", True),
        ("entä jos huoltaja ei vastaa?", True),
        ("vaikka se olisi stooriin?", True),
        ("even if nobody objects?", True),
        ("och lönen då?", False),  # another matter
        ("vem sköter kontot om jag är sjuk?", False),  # its own condition
        ("om någon hotar mig, vad gör jag?", False),
    ],
)
def test_a_condition_is_known_by_how_it_begins(message: str, condition: bool) -> None:
    assert depends(message) is condition


def test_a_condition_is_put_to_the_answer_before_however_sure_it_is_alone(organisations: Organisations) -> None:
    answerer, asked_first = organisations.answerer("aanekoski"), "how often should we post?"
    first = read(answerer, asked_first).parts[0].candidates[0].topic
    memory = {"questions": [{"question": "q", "root": asked_first, "topic": first, "at": 100.0, "key": "k"}]}
    for message, topic in (("even when nothing happens?", first), ("and if somebody insults us?", "personal-attack")):
        alone = read(answerer, message)
        before = goes_on_from(alone, memory, 100.0)
        assert before is not None
        assert with_before(answerer, alone, before).parts[0].candidates[0].topic == topic

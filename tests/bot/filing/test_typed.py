"""Requests by typed words, as docs/communications.md promises: labels, numbers, colleagues, second thoughts."""

from __future__ import annotations

import pytest

from bot.filing.states import Act, State
from bot.messages import Kind
from knowledge.models import Language
from tests.filing_town import Town


@pytest.mark.parametrize(
    ("words", "act"),
    [
        ("Ask the requester {}: Who answers?", Act.ASK),
        ("Ask {}: Who answers?", Act.ASK),
        ("Fråga {}: Vem svarar?", Act.ASK),
        ("Kysy {}: Kuka vastaa?", Act.ASK),
        ("Take {}", Act.TAKE),
        ("Send {}: mend it", Act.RETURN),
        ("Comment on 12 {}: too few", Act.NOTE),
        ("Kommentera 2 {}: för kort", Act.NOTE),
        ("Kommentoi 2 {}: liian lyhyt", Act.NOTE),
    ],
)
async def test_a_reviewers_label_is_typed(town: Town, words: str, act: Act) -> None:
    reference = await town.filed()
    await town.said("chat:rita", words.format(reference), where="chat:review")
    request = await town.request(reference)
    assert request.last.what is act
    if act is Act.NOTE:
        number = int(words.split(" {}")[0].split()[-1])
        assert request.last.step == request.answers()["steps"][number - 1]["id"]


@pytest.mark.parametrize("words", ["Mark {}", "Do {}", "A {}", "Comment on {}: x", "As {}: x"])
async def test_what_may_be_several_labels_is_none(town: Town, words: str) -> None:
    reference = await town.filed()
    before = await town.request(reference)
    await town.said("chat:rita", words.format(reference), where="chat:review")
    assert await town.request(reference) == before


@pytest.mark.parametrize(
    "words", ["Send back {}: 99: wrong", "Send back {}: Nearly.\n99: wrong", "Comment on 99 {}: wrong"]
)
async def test_an_answer_that_is_not_there(town: Town, words: str) -> None:
    reference = await town.filed()
    before = await town.request(reference)
    told = await town.said("chat:rita", words.format(reference), where="chat:review")
    assert f"There is no answer 99 in {reference}" in told[0].text
    assert await town.request(reference) == before, "nothing was sent"


@pytest.mark.parametrize(("approve", "reject"), [("Approve", "Reject"), ("Godkänn", "Avslå"), ("Hyväksy", "Hylkää")])
async def test_a_manager_may_say_it_as_reviewers_do(town: Town, approve: str, reject: str) -> None:
    agreed, declined = await town.file(), await town.file("chat:bea")
    await town.said("chat:maria", f"{approve} {agreed}")
    assert (await town.request(agreed)).state is State.FILED
    await town.said("chat:maria", f"{reject} {declined}: not now")
    assert (await town.request(declined)).last.reason == "not now"
    (told,) = await town.said("chat:maria", f"{approve} {agreed}")
    assert "Only communications" in told.text, "the manager has no more to say"
    assert (await town.request(agreed)).state is State.FILED


@pytest.mark.parametrize("word", ["Correct it", "Correct", "Rätta", "Korjaa"])
async def test_correcting_is_typed(town: Town, word: str) -> None:
    reference = await town.filed()
    early = await town.said("chat:anna", f"{word} {reference}")
    assert "no longer possible" in early[0].text
    await town.review("chat:rita", reference, "return:1", reason="2: Which one?")
    (stranger,) = await town.said("chat:eve", f"{word} {reference}")
    assert stranger.kind is Kind.NOTICE
    step = (await town.said("chat:anna", f"{word} {reference}"))[-1]
    assert step.field is not None
    assert step.field.name == (await town.request(reference)).answers()["steps"][1]["id"]


@pytest.mark.parametrize("word", ["återkalla", "Peruuta pyyntö", "Withdraw the request", "Withdraw my request."])
async def test_withdrawing_asks_which(town: Town, word: str) -> None:
    (told,) = await town.said("chat:anna", word)
    assert told.text == "You have no request that can be withdrawn."
    first, second = await town.file(), await town.file()
    (told,) = await town.said("chat:anna", word)
    assert {b.label for b in told.buttons} == {f"Withdraw {first}", f"Withdraw {second}"}
    assert (await town.request(first)).state is State.WAITING, "nothing is withdrawn unasked"
    await town.said("chat:anna", f"Withdraw {first}")
    assert (await town.request(first)).state is State.WITHDRAWN
    (told,) = await town.said("chat:anna", word)
    assert [b.label for b in told.buttons] == [f"Withdraw {second}"]


@pytest.mark.parametrize("word", ["cancel", "avbryt", "peruuta"])
async def test_words_that_are_not_given_after_all(town: Town, word: str) -> None:
    reference = await town.filed()
    before = await town.request(reference)
    (asked,) = await town.review("chat:rita", reference, "return:1")
    assert "cancel" in asked.text
    (told,) = await town.said("chat:rita", word, where="chat:review")
    assert told.text == "Then nothing is sent, and all is as it was."
    await town.said("chat:rita", "Something else", where="chat:review")
    assert await town.request(reference) == before


@pytest.mark.parametrize("name", ["nobody", "Anna Andersson", "chat:roy"])
async def test_a_request_is_passed_to_a_reviewer_only(town: Town, name: str) -> None:
    await town.take("chat:anna", "hello", name="Anna Andersson")
    reference = await town.filed()
    await town.review("chat:rita", reference, "take:1")
    before = await town.request(reference)
    told = await town.said("chat:rita", f"Pass on {reference}: {name}", where="chat:review")
    assert "I find no reviewer here" in told[0].text
    assert reference in told[0].text
    assert await town.request(reference) == before
    await town.take("chat:roy", "hello", name="Roy Berg")
    await town.said("chat:rita", f"Pass on {reference}: roy berg", where="chat:review")
    assert (await town.request(reference)).reviewer == "chat:roy"


async def test_after_a_manager_has_declined_the_buttons_are_those_that_are_named(town: Town) -> None:
    reference = await town.file()
    await town.press("chat:maria", reference, "decline:1", reason="Not now.")
    await town.deliver()
    told = next(p.outgoing for p in town.platform.at("chat:anna") if "has not agreed" in p.text)
    assert [b.label for b in told.buttons][:2] == ["Correct it", "Withdraw"]
    await town.said("chat:anna", choice=told.buttons[1].action)
    assert (await town.request(reference)).state is State.WITHDRAWN


async def test_no_requests_is_said_once(town: Town) -> None:
    for language, words in ((Language.EN, "my requests"), (Language.SV, "mina ärenden"), (Language.FI, "omat pyynnöt")):
        (told,) = await town.said("chat:new", words, language=language)
        shown = [told.text, *(text for group in told.groups for text in (group.title, group.empty))]
        assert len([text for text in shown if text]) == 1

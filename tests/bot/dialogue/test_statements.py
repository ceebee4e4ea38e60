"""What is told where choices are asked: which choice it may mean, and what is kept of it."""

from __future__ import annotations

import pytest

from bot.dialogue.phrases import asks
from bot.dialogue.replies import Refusal
from bot.dialogue.statements import agreed, heard
from bot.dialogue.talk import Talk
from knowledge.models import Language
from tests.bot.dialogue.walking import talk


def told(organisation: str, flow: str, text: str, *before: str) -> tuple[Talk, str]:
    """The conversation after something was told in the asked step, and what was said to it; "" for nothing."""
    talking = talk(organisation, flow, language=Language.EN)
    talking.begin()
    for one in before:
        assert not isinstance(talking.reply(one), Refusal), one
    refused = talking.reply(text)
    assert isinstance(refused, Refusal), text
    said = heard(talking, refused, text)
    return talking, said[0].text if said else ""


@pytest.mark.parametrize(
    ("organisation", "flow", "before", "text", "option"),
    [
        ("kyrkslatt", "incident", (), "our page was hacked and they post porn", "The account is hijacked or misused"),
        ("kyrkslatt", "incident", (), "vårt konto har blivit kapat", "The account is hijacked or misused"),
        (
            "nykvarn",
            "photo",
            ("1", "no"),
            "it's a photo of two kids at the library",
            "A child or young person (a minor)",
        ),
        ("nykvarn", "photo", ("1", "no"), "det är två barn på biblioteket", "A child or young person (a minor)"),
    ],
)
def test_the_choice_that_shares_most_is_asked_about(
    organisation: str, flow: str, before: tuple[str, ...], text: str, option: str
) -> None:
    talking, said = told(organisation, flow, text, *before)
    assert said.startswith(f"Do you mean “{option}”?")
    meant = agreed(talking, "yes")
    step = talking.asked()
    assert step is not None
    assert meant in {o.id for o in step.options if o.label[Language.EN] == option}
    assert len(talking.session.answers) == len(before), "nothing is assumed"


def test_where_nothing_fits_one_of_the_options_is_needed() -> None:
    talking, said = told("kyrkslatt", "incident", "the swimming hall closes tomorrow")
    assert said.startswith("This question needs one of the options below.")
    assert agreed(talking, "yes") is None
    assert talking.session.told == "the swimming hall closes tomorrow"
    _, said = told("nykvarn", "photo", "the swimming hall closes tomorrow")
    assert "I keep" not in said, "no later question of this flow wants it"


def test_one_or_two_words_are_a_choice_that_was_not_understood() -> None:
    assert told("kyrkslatt", "incident", "swimming hall")[1] == ""


def test_what_was_told_is_kept_until_a_text_is_asked_for() -> None:
    talking, _ = told("kyrkslatt", "incident", "they took over our page")
    refused = talking.reply("and they changed the picture")
    assert isinstance(refused, Refusal)
    heard(talking, refused, "and they changed the picture")
    talking.reply("3")
    talking.reply("1")
    (step,) = talking.show()
    assert "they took over our page and they changed the picture" in step.text
    assert step.buttons[0].action == talking.action("told")
    used = talking.use_told()
    assert isinstance(used, list)
    kept = talking.session.answers["incident-description"]["value"]
    assert kept == "they took over our page\nand they changed the picture"
    assert not talking.session.told


def test_what_was_told_is_forgotten_where_something_else_is_written() -> None:
    talking, _ = told("kyrkslatt", "incident", "they took over our page")
    for reply in ("3", "1", "A stranger writes in our name."):
        talking.reply(reply)
    assert not talking.session.told
    assert "told" not in str(talking.session.pending)


@pytest.mark.parametrize(
    "text",
    [
        *("får jag det", "men hur gör jag då", "jag undrar om jag får det", "är det ok", "det här, eller?"),
        *("saanko minä", "tarvitaanko lupa", "pitääköhän kysyä", "mutta kuka päättää", "haluaisin tietää kuka päättää"),
        *("may I do that", "but who decides", "I wonder who decides", "this one?"),
    ],
)
def test_a_question(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize(
    "text",
    [
        *("det är två barn på bilden", "ja det är klart", "bilden är tagen av mig", "vårt konto är kapat"),
        *("kuvassa on kaksi lasta", "koko henkilöstö on kuvassa", "verkko ei toimi", "Hanko haluaa uuden sivun"),
        *("it's a photo of two kids", "our page was hacked", "no, everybody said yes"),
    ],
)
def test_no_question(text: str) -> None:
    assert not asks(text)

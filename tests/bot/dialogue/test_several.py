"""Several answers in one message: which are taken, which one is named, and what is left whole."""

from __future__ import annotations

import pytest

from bot.dialogue.replies import Refusal
from bot.dialogue.talk import Talk
from bot.messages import Outgoing
from knowledge.models import Language
from tests.bot.dialogue.walking import talk

LONG = "x" * 4_500


def replied(text: str, *before: str, organisation: str = "nykvarn", flow: str = "open-account") -> tuple[Talk, str]:
    """The conversation after the replies, and what the last one was answered with."""
    talking = talk(organisation, flow, language=Language.EN)
    talking.begin()
    for one in before:
        assert not isinstance(talking.reply(one), Refusal), one
    done = talking.reply(text)
    return talking, "" if isinstance(done, Refusal) else "\n".join(one.text for one in done)


def values(talking: Talk) -> list[object]:
    return [answer["value"] for answer in talking.session.answers.values()]


def test_the_good_parts_are_taken_and_the_first_bad_one_is_named() -> None:
    talking, said = replied(f"The library; Facebook; yes; {LONG}; more")
    assert values(talking) == ["The library", "facebook", "yes"]
    assert "before “xxx" in said
    assert "nor what came after it" in said
    assert "at most 3,000 characters, now 4,500" in said
    talking, said = replied(f"The library\nFacebook\nno\n{LONG}")
    assert values(talking) == ["The library", "facebook"]
    assert "I have taken what you wrote before “no”" in said


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("The library; the youth club; and the swimming hall by the lake", ()),  # one unit's name, for all one knows
        (f"First line of a story\nand a second line\n{LONG}", ()),
        (f"We want to reach the young; {LONG}", ("The library", "Facebook", "yes", "For reach")),
        ("Facebook, and may I use it?", ("The library",)),
    ],
)
def test_what_may_be_one_text_is_not_cut(text: str, before: tuple[str, ...]) -> None:
    talking, said = replied(text, *before)
    assert len(talking.session.answers) in (len(before), len(before) + 1)
    assert "I have taken" not in said


def test_commas_divide_only_what_is_chosen() -> None:
    talking, said = replied("1, perhaps", "The library")
    assert values(talking) == ["The library", "facebook"]
    assert "but not that." in said


def test_what_is_more_than_was_asked_is_said() -> None:
    talking, said = replied("3; no; 2; 1", organisation="nykvarn", flow="photo")  # no permission: that decides it
    assert values(talking) == ["refused"]
    assert "I have taken one answer; the rest was not asked for." in said


def test_a_part_that_must_not_be_collected_undoes_all() -> None:
    talking = talk("nykvarn", "open-account", language=Language.EN)
    talking.begin()
    done: list[Outgoing] | Refusal = talking.reply("The library; Facebook; 131052-308T")
    assert isinstance(done, Refusal)
    assert done.secret
    assert not talking.session.answers

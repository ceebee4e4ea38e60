"""A date that must not lie after another: typed, in a form, moved afterwards, and noted while a form is filled in."""

from __future__ import annotations

import pytest

from bot.dialogue.replies import Refusal
from bot.dialogue.talk import Talk
from bot.messages import Kind
from knowledge.check_flows import check_flow
from knowledge.flows import Flow
from knowledge.models import Language
from tests.bot.dialogue.walking import assert_presentable, known, talk

CLOSING, NOTICE = "last-day", "first-notice"


def closing(language: Language = Language.EN, day: str = "24.12.2026") -> Talk:
    """A conversation about an account that closes on the day; the notice is asked."""
    talking = talk("nykvarn", "close-account", language=language)
    talking.begin()
    for reply in ("@library", "1", "The library", "No time for it.", day):
        assert not isinstance(talking.reply(reply), Refusal)
    return talking


@pytest.mark.parametrize("language", list(Language))
def test_too_late_is_refused_with_the_day_that_it_would_be_after(language: Language) -> None:
    talking = closing(language)
    refused = talking.reply("25.12.2026")
    assert isinstance(refused, Refusal)
    (again,) = talking.refused(refused)
    assert "25.12.2026" in again.text
    assert "24.12.2026" in again.text
    assert talking.flow.step(CLOSING).ask[language] in again.text
    assert_presentable([again], language)


@pytest.mark.parametrize(
    ("day", "days"), [("24.12.2026", 0), ("23.12.2026", 1), ("18.12.2026", 6), ("17.12.2026", None)]
)
def test_short_notice_is_taken_and_remarked_on(day: str, days: int | None) -> None:
    talking = closing()
    done = talking.reply(day)
    assert isinstance(done, list)
    said = {0: "the very same day", 1: "only one day before", 6: "only 6 days before"}
    assert ("Note:" in done[0].text) == (days is not None)
    assert said.get(-1 if days is None else days, "") in done[0].text


def test_the_remark_stands_in_the_summary_too() -> None:
    talking = closing()
    for reply in ("24.12.2026", "Thank you all.", "yes", "yes", "Anna Berg", "skip", "Bo Dahl"):
        if reply == "skip":
            talking.skip()
        else:
            assert not isinstance(talking.reply(reply), Refusal)
    (summary,) = talking.show()
    assert summary.kind is Kind.SUMMARY
    assert "Note: that is the very same day" in summary.text


def test_an_example_that_would_do() -> None:
    (asked,) = closing(day="1.12.2026").show()
    assert "24.11.2026" in asked.text, "a week before"
    (asked,) = closing(day="22.11.2026").show()
    assert "21.11.2026" in asked.text, "not before today"
    talking = closing(day="1.12.2026")
    refused = talking.reply("soonish")
    assert isinstance(refused, Refusal)
    assert refused.values["example"] == "24.11.2026"


def test_a_closing_moved_before_the_notice_asks_for_the_notice_anew() -> None:
    talking = closing()
    talking.reply("20.12.2026")
    moved = talking.change(5, "10.12.2026")
    assert [one.kind for one in moved] == [Kind.STEP, Kind.NOTICE, Kind.STEP]
    assert "20.12.2026" in moved[1].text
    step = talking.asked()
    assert step is not None
    assert step.id == NOTICE
    talking.reply("9.12.2026")
    assert talking.change(5, "31.12.2026")[1].kind is not Kind.NOTICE, "a later closing leaves the notice alone"
    assert talking.session.answers[NOTICE]["value"] == "2026-12-09"


def test_in_a_form_the_field_says_it() -> None:
    talking = closing()
    filled = {CLOSING: "2026-12-10", NOTICE: "2026-12-11", "message": "Thank you.", "repeated": "yes"}
    (form,) = talking.fill("followers", filled)
    assert {field.name for field in form.fields if field.error} == {NOTICE}
    assert NOTICE not in talking.session.answers
    assert talking.fill("followers", filled | {NOTICE: "2026-12-10"})[0].kind is Kind.FORM
    assert talking.session.answers[NOTICE]["value"] == "2026-12-10"


@pytest.mark.parametrize(
    ("before", "wrong"),
    [
        ("nowhere", "name one of last-day"),
        ("first-notice", "name one of last-day"),
        ("unit", "name one of last-day"),
        ("last-day", ""),
    ],
)
def test_the_check_wants_an_earlier_date(before: str, wrong: str) -> None:
    knowledge = known("nykvarn")
    data = knowledge.flows["close-account"].model_dump(mode="json")
    for section in data["sections"]:
        for step in section["steps"]:
            if step["id"] == NOTICE:
                step["before"] = before
    found = [error for error in check_flow(knowledge, Flow.model_validate(data)) if "before" in error]
    assert len(found) == bool(wrong)
    assert not wrong or found[0].endswith(f"{before!r} is no date that is asked earlier; {wrong}")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"type": "text", "before": "last-day"}, "before: only a date has it"),
        ({"type": "text", "past": True}, "past: only a date has it"),
        ({"type": "date", "past": True, "future": True}, "a date has one of them"),
        ({"type": "date", "good_time": 3}, "say with `before`"),
    ],
)
def test_what_only_dates_have(more: dict[str, object], message: str) -> None:
    data = known("nykvarn").flows["close-account"].step(NOTICE).model_dump(mode="json")
    data |= {"before": None, "good_time": None, "future": False}
    with pytest.raises(ValueError, match=message):
        type(known("nykvarn").flows["close-account"].step(NOTICE)).model_validate(data | more)

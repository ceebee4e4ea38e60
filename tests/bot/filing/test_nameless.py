"""What reviewers read of questions that were not answered: questions, and nobody's name or number."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.filing.nameless import kept
from bot.store.tables import questions
from knowledge.loader import load
from tests.filing_town import ORG, Town

ANSWERS = (
    "Stina Larsson, lärare", "jag och Lisa", "sven", "999999", "3,5", "ja", "ändra 5", "skicka in", "Kalle Karlsson",
    "040 123 4567", "minä ja Pekka", "nej, Lisa Berg", "Karin Ek, Nykvarns bibliotek", "me and Lisa", "22.11.2026",
)  # fmt: skip


@pytest.mark.parametrize("text", ANSWERS)
async def test_answers_and_commands_are_not_kept(town: Town, text: str) -> None:
    await town.said("chat:anna", text)
    await town.said("chat:anna", choice="fb:no:-")
    async with town.store.transaction() as tx:
        assert list(await tx.execute(select(questions))) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Vem lagar kaffemaskinen på tredje våningen?", "Vem lagar kaffemaskinen på tredje våningen?"),
        ("Får Stina Larsson använda kaffemaskinen?", "Får […] använda kaffemaskinen?"),
        ("Saako Matti Meikäläinen käyttää kahvikonetta", "Saako […] käyttää kahvikonetta"),
        ("may Anna Andersson fix the coffee machine 20261122", "may […] fix the coffee machine […]"),
        ("kaffemaskinen är trasig igen och ingen lagar den", "kaffemaskinen är trasig igen och ingen lagar den"),
        ("Får Nykvarns Facebook visas på Mastodon?", "Får Nykvarns Facebook visas på Mastodon?"),
        ("gäller 12 § för oss", "gäller 12 § för oss"),
    ],
)
def test_questions_are_kept_without_names(text: str, shown: str) -> None:
    assert kept(text, load(ORG)) == shown


async def test_reviewers_see_the_question_without_the_name(town: Town) -> None:
    await town.said("chat:anna", "Vem lagar kaffemaskinen åt Stina Larsson på tredje våningen?")
    (home,) = await town.said("chat:rita", "home")
    listed = [e.title for g in home.groups if g.title == "Questions without an answer" for e in g.entries]
    assert listed == ["Vem lagar kaffemaskinen åt […] på tredje våningen?"]


async def test_a_question_is_counted_once_however_many_others_follow_in_a_dialogue(town: Town) -> None:
    await town.said("chat:anna", "Vem lagar kaffemaskinen på tredje våningen?")
    town.clock.now += 5
    await town.said("chat:anna", "report an incident")
    town.clock.now += 5
    await town.said("chat:anna", "Vem vattnar blommorna i receptionen?")
    async with town.store.transaction() as tx:
        counted = {row.question: row.count for row in await tx.execute(select(questions))}
    assert counted["Vem lagar kaffemaskinen på tredje våningen?"] == 1

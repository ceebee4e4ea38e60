"""Questions put to a person, what was not answered, what was helpful; and the home view."""

from __future__ import annotations

from datetime import date

import pytest
import yaml
from sqlalchemy import select

from bot.asked import KEPT, KEPT_FOR
from bot.filing import questions
from bot.messages import Kind, Outgoing
from bot.store.tables import feedback, handovers
from knowledge.models import GuidanceFile, TopicFile
from tests.filing_town import ORG, Town

STRANGE = "Vem lagar kaffemaskinen på tredje våningen?"


def action(outgoing: Outgoing, prefix: str) -> str:
    return next(b.action for b in outgoing.buttons if b.action.startswith(prefix))


async def test_there_and_back(either_town: Town) -> None:
    town = either_town
    (answer,) = await town.said("chat:anna", STRANGE)
    (told,) = await town.said("chat:anna", choice=action(answer, "ho:ask"))
    assert STRANGE in told.text
    (again,) = await town.said("chat:anna", choice="ho:ask")
    assert again.text != told.text
    await town.deliver()
    (card,) = town.platform.at("chat:review", "handover:1")
    assert STRANGE in card.text
    assert answer.text[:40] in card.text
    assert "Anna" not in card.text
    (refused,) = await town.said("chat:eve", choice=action(card.outgoing, "ho:"), reason="x")
    assert "communications" in refused.text or "kommunikation" in refused.text
    asked = await town.said("chat:rita", choice=action(card.outgoing, "ho:"), where="chat:review")
    assert asked[0].kind is Kind.NOTICE
    await town.said("chat:rita", "Nej, kontot är kommunens.", where="chat:review")
    late = await town.said("chat:roy", choice=action(card.outgoing, "ho:"), where="chat:review", reason="Ja!")
    assert "Rita" in late[0].text
    await town.deliver()
    (back,) = [p for p in town.platform.at("chat:anna") if "Nej, kontot är kommunens." in p.text]
    assert STRANGE in back.text
    (card,) = town.platform.at("chat:review", "handover:1")
    assert "Nej, kontot är kommunens." in card.text
    async with town.store.transaction() as tx:
        row = (await tx.execute(select(handovers))).one()
    assert (row.asker, row.state) == ("", "answered")
    done = await town.said("chat:rita", choice=action(card.outgoing, "ho:"), where="chat:review")
    assert "--draft" in done[0].text
    assert await town.differences() == []
    async with town.store.transaction() as tx:
        drafted = [q for q in await questions.listed(tx, ORG) if q.state == "drafted"]
    text = questions.draft(drafted[0], town.organisations.knowledge(ORG), date(2026, 9, 21))
    topics, guidance = yaml.safe_load_all(text)
    TopicFile.model_validate(topics)
    made = GuidanceFile.model_validate(guidance).guidance[0]
    assert "Nej, kontot är kommunens." in made.text.values()
    known = {p for d in town.organisations.knowledge(ORG).documents for s in d.sections for p in s.passages}
    assert set(made.passages) <= known
    (old,) = await town.said("chat:rita", choice=f"ho:{row.id}:draft", where="chat:review")
    assert old.kind is Kind.NOTICE


async def test_from_a_channel_the_answer_comes_to_the_channel(town: Town) -> None:
    (answer,) = await town.said("chat:anna", STRANGE, where="chat:lunch")
    await town.said("chat:anna", choice=action(answer, "ho:ask"), where="chat:lunch")
    await town.said("chat:rita", choice="ho:1:answer", where="chat:review", reason="Nej.")
    await town.deliver()
    assert any("Nej." in p.text for p in town.platform.at("chat:lunch"))


@pytest.mark.parametrize(
    "press", ["ho:9:answer", "ho:x:answer", "ho:1:nonsense", "ho:", "ho:99999999999999999999:show"]
)
async def test_buttons_that_are_none(town: Town, press: str) -> None:
    (told,) = await town.said("chat:rita", choice=press)
    assert told.kind is Kind.NOTICE


async def test_nothing_to_hand_over_and_secrets(town: Town) -> None:
    (told,) = await town.said("chat:anna", choice="ho:ask")
    assert "which question" in told.text
    await town.said("chat:anna", STRANGE)
    await town.said("chat:anna", choice="ho:ask", language=None)
    (refused,) = await town.said("chat:rita", choice="ho:1:answer", where="chat:review", reason="Salasana: Kissa123!x")
    async with town.store.transaction() as tx:
        assert (await tx.execute(select(handovers.c.state))).scalar_one() == "open"
    (shown,) = await town.said("chat:rita", choice="ho:1:show")
    assert shown.private
    assert refused.kind is Kind.NOTICE


async def test_what_was_not_answered_is_counted_without_the_person(town: Town) -> None:
    known = town.organisations.knowledge(ORG)
    silent = next(topic for topic in known.topics if topic not in known.guidance)
    for who in ("chat:anna", "chat:bea", "chat:anna"):
        await town.said(who, STRANGE)
        (answer,) = await town.said(who, choice=silent)
        assert answer.kind is Kind.SILENT
    async with town.store.transaction() as tx:
        (kept,) = [q for q in await questions.listed(tx, ORG) if q.kind == "silent"]
    assert kept.count == 3
    assert "anna" not in str(kept).lower()
    await town.said("chat:anna", "hej")
    async with town.store.transaction() as tx:
        assert kept in await questions.listed(tx, ORG)


async def test_helpful_or_not(town: Town) -> None:
    (answer,) = await town.said("chat:anna", "Får jag publicera en bild på ett barn?")
    assert answer.kind in (Kind.ANSWER, Kind.SILENT)
    await town.said("chat:anna", choice=action(answer, "fb:yes"))
    for _ in range(2):
        (sorry,) = await town.said("chat:bea", choice=action(answer, "fb:no"))
    assert action(sorry, "ho:ask")
    (old,) = await town.said("chat:anna", choice="fb:yes:no-such-topic")
    assert old.kind is Kind.NOTICE
    async with town.store.transaction() as tx:
        counted = {row.helpful: row._mapping["count"] for row in await tx.execute(select(feedback))}
    assert counted == {True: 1, False: 1}


async def test_home_by_role(town: Town) -> None:
    reference = await town.file(unit="Sjöhagen")
    draft = await town.draft("chat:bea")
    (mine,) = await town.said("chat:anna", "home")
    assert [g.title for g in mine.groups] == ["Your drafts", "Your requests"]
    assert mine.groups[1].entries[0].title == f"{reference} · Open an account · Sjöhagen"
    assert mine.groups[1].entries[0].detail.startswith("waiting for the manager since")
    assert mine.private
    (theirs,) = await town.said("chat:bea", "my page")
    assert theirs.groups[0].entries
    assert draft.id
    (manager,) = await town.said("chat:maria", "home")
    assert "Waiting for you to agree" in [g.title for g in manager.groups]
    assert manager.groups[-1].entries[0].detail.startswith("Anna · waiting for the manager since")
    shown = await town.said("chat:maria", choice=manager.groups[-1].entries[0].buttons[0].action)
    assert [b.label for b in shown[0].buttons] == ["Agree as manager", "Do not agree"]
    await town.press("chat:maria", reference, "agree")
    (reviewer,) = await town.said("chat:rita", "home")
    queues = {g.title: len(g.entries) for g in reviewer.groups}
    assert queues["Requests that nobody has taken"] == 1
    await town.review("chat:rita", reference, "take")
    (reviewer,) = await town.said("chat:rita", "home")
    queues = {g.title: len(g.entries) for g in reviewer.groups}
    assert queues["Requests you review"] == 1
    assert queues["Requests that nobody has taken"] == queues["Requests that wait for others"] == 0
    (roy,) = await town.said("chat:roy", "home")
    assert {g.title: len(g.entries) for g in roy.groups}["Requests that wait for others"] == 1
    (only,) = await town.said("chat:anna", "my requests")
    assert [g.title for g in only.groups] == ["Your requests"]
    (none,) = await town.said("chat:carl", "my requests")
    assert none.text == "You have no requests."
    await town.review("chat:rita", reference, "approve")
    await town.said("chat:carl", STRANGE)
    await town.said("chat:carl", choice="ho:ask")
    (reviewer,) = await town.said("chat:rita", "home")
    shown = {g.title: g.entries for g in reviewer.groups}
    assert [e.title.split(" ")[0] for e in shown["Approved, not marked as done"]] == [reference]
    (asked,) = shown["Questions to communications"]
    assert asked.title == STRANGE
    (card,) = await town.said("chat:rita", choice=asked.buttons[0].action)
    assert action(card, "ho:1:answer")
    assert "The register: 1 account" in shown


async def test_words_waited_for_are_forgotten_when_something_else_is_done(town: Town) -> None:
    reference = await town.filed()
    await town.press("chat:rita", reference, "reject")
    await town.said("chat:rita", "home")
    (answer,) = await town.said("chat:rita", STRANGE)
    assert answer.kind is not Kind.REQUEST
    await town.press("chat:rita", reference, "reject")
    await town.said("chat:rita", "cancel")
    await town.press("chat:rita", reference, "show")
    await town.said("chat:rita", "just a word")
    assert (await town.request(reference)).state.value == "filed"


OTHERS = (
    "Vem vattnar blommorna i entrén?",
    "Var finns nyckeln till cykelrummet?",
    "När kommer glassbilen till torget?",
)


async def handed_over(town: Town) -> list[tuple[str, str]]:
    """Questions and what was said to them, as they were handed over."""
    async with town.store.transaction() as tx:
        rows = await tx.execute(select(handovers.c.question, handovers.c.said).order_by(handovers.c.id))
        return [(row.question, row.said) for row in rows]


async def test_a_button_hands_over_the_question_it_stands_under(either_town: Town) -> None:
    """Two people write in one channel; each presses under the answer to their own question, the later one first."""
    town = either_town
    (first,) = await town.said("chat:anna", STRANGE, where="chat:lunch")
    (second,) = await town.said("chat:bea", OTHERS[0], where="chat:lunch")
    await town.said("chat:bea", choice=action(second, "ho:ask"), where="chat:lunch")
    (told,) = await town.said("chat:anna", choice=action(first, "ho:ask"), where="chat:lunch")
    assert STRANGE in told.text
    assert await handed_over(town) == [(OTHERS[0], second.text), (STRANGE, first.text)]
    (sorry,) = await town.said(
        "chat:carl", choice="fb:no:-:" + action(first, "ho:ask").split(":")[2], where="chat:lunch"
    )
    assert action(sorry, "ho:ask") == action(first, "ho:ask"), "and so does the button under the regret"
    async with town.store.transaction() as tx:
        noted = {q.question for q in await questions.listed(tx, ORG) if q.kind == questions.NOT_HELPFUL}
    assert noted == {STRANGE}


async def test_an_offered_topic_belongs_to_the_question_it_was_offered_under(town: Town) -> None:
    known = town.organisations.knowledge(ORG)
    silent = next(topic for topic in known.topics if topic not in known.guidance)
    (answer,) = await town.said("chat:anna", "Får jag publicera en bild på ett barn?")
    assert answer.related
    await town.said("chat:anna", STRANGE)
    (other,) = await town.said("chat:anna", choice=answer.related[0].topic)
    await town.said("chat:anna", choice=action(other, "ho:ask"))
    await town.said("chat:anna", OTHERS[1])
    (unoffered,) = await town.said("chat:anna", choice=silent)
    await town.said("chat:anna", choice=action(unoffered, "ho:ask"))
    (first, said), (second, _) = await handed_over(town)
    assert (first, said) == ("Får jag publicera en bild på ett barn?", other.text)
    assert second == OTHERS[1], "what was offered nowhere belongs to the last question"


async def test_a_question_that_is_not_kept_any_more_is_not_mistaken(town: Town) -> None:
    (first,) = await town.said("chat:anna", STRANGE)
    for n in range(KEPT):
        await town.said("chat:anna", f"{OTHERS[0]} {'Ja! ' * n}")
    (told,) = await town.said("chat:anna", choice=action(first, "ho:ask"))
    assert "Write it first" in told.text
    assert await handed_over(town) == []
    (again,) = await town.said("chat:anna", STRANGE)
    town.clock.now += KEPT_FOR + 1
    await town.said("chat:anna", OTHERS[1])
    await town.said("chat:anna", choice=action(again, "ho:ask"))
    assert await handed_over(town) == [], "a day later it has been forgotten"
    for _ in range(2):
        await town.said("chat:anna", choice="fb:no:photo-children:0123456789ab")
    async with town.store.transaction() as tx:
        counted = [(row.topic, row._mapping["count"]) for row in await tx.execute(select(feedback))]
        noted = {q.question for q in await questions.listed(tx, ORG) if q.kind == questions.NOT_HELPFUL}
    assert counted == [("photo-children", 1)], "what an answer is worth counts once, without the question"
    assert noted == set()

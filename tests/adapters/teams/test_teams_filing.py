"""Requests from end to end in Teams: filed in a personal chat, decided in the review channel, told to who asked."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from adapters.teams.tenants import channel_address
from bot.organisations import Organisations
from bot.settings import OrganisationFiling, ReviewConversation
from bot.store.tables import outbox
from tests.adapters.teams.town import REVIEW, Town, act, file, open_town, personal, thread, words
from tests.fakes.teams import TENANT
from tests.fakes.teams_cards import check, data_of


@pytest.fixture
async def town(organisations: Organisations) -> AsyncIterator[Town]:
    """Everybody in the review channel's team reviews."""
    async for one in open_town(organisations):
        yield one


@pytest.fixture
async def listed(organisations: Organisations) -> AsyncIterator[Town]:
    """Only Rita reviews."""
    async for one in open_town(organisations, teams_reviewers=("aad-rita",)):
        yield one


async def test_a_request_is_reviewed_in_the_channel(town: Town) -> None:
    await file(town)
    card = town.review_card
    assert "HNK-" in words(card) or "HAN" in words(card) or "-20" in words(card)
    body = await town.press("rita", act(card, "take"), thread(town))
    assert body["type"] == "application/vnd.microsoft.card.adaptive"
    assert "Rita" in words(town.review_card)
    assert len(town.cards(REVIEW)) == 1  # the card is replaced, not repeated
    approve = act(town.review_card, "approve")
    reason = {approve["reason"]: "Fint!"} if approve.get("reason") else {}
    await town.press("rita", approve, thread(town), **reason)
    assert "Rita" in words(town.cards(personal("anna")["id"])[-3:])


async def test_who_is_not_of_the_team_decides_nothing(town: Town) -> None:
    await file(town)
    before = words(town.review_card)
    body = await town.press("anna", act(town.review_card, "take"), thread(town))
    assert body["type"] == "application/vnd.microsoft.activity.message"
    assert words(town.review_card) == before


async def test_only_listed_reviewers_see_the_buttons(listed: Town) -> None:
    await file(listed)
    card = listed.review_card
    assert card["refresh"]["userIds"] == ["29:rita"]
    assert "actions" not in card
    value = {"action": card["refresh"]["action"]}
    sent = len(listed.memory.log)
    mine = await listed.send("rita", "invoke", thread(listed), name="adaptiveCard/action", value=value)
    theirs = await listed.send("olle", "invoke", thread(listed), name="adaptiveCard/action", value=value)
    assert len(listed.memory.log) == sent  # looking changes nothing
    assert theirs["type"] == "application/vnd.microsoft.activity.message"
    check(mine["value"])
    await listed.press("olle", act(mine["value"], "take"), thread(listed))
    assert "Olle" not in words(listed.review_card)
    await listed.press("rita", act(mine["value"], "take"), thread(listed))
    assert "Rita" in words(listed.review_card)


async def test_a_review_channel_that_is_gone_is_in_the_list(town: Town) -> None:
    town.memory.blocked.add(REVIEW)
    await file(town)
    async with town.service.store.transaction() as tx:
        rows = list(await tx.execute(select(outbox.c.state, outbox.c.conversation, outbox.c.purpose)))
    assert any(row.state == "parked" and REVIEW in row.conversation for row in rows)


async def test_a_review_channel_that_is_gone_is_passed_over(organisations: Organisations) -> None:
    """The request goes to the organisation's next destination, with all that reviewers need there."""
    second = "19:second@thread.tacv2"
    there = ReviewConversation(conversation=f"teams:{TENANT}:{second}", address=channel_address(TENANT, second))
    filing = {"hango": OrganisationFiling(review=(there,), reviewers=(f"teams:{TENANT}:aad-rita",))}
    async for town in open_town(organisations, filing=filing):
        town.memory.blocked.add(second)
        await file(town)
        assert act(town.review_card, "take")
        assert second not in town.memory.messages
    async for town in open_town(organisations, filing=filing):
        town.memory.blocked.add(REVIEW)
        await file(town)
        assert act(town.cards(second)[0], "take")


async def test_a_question_goes_to_a_human_and_the_answer_comes_back(town: Town) -> None:
    """A question that goes to a human: into the review channel, and the answer back into the asker's own chat."""
    for who in ("rita", "anna"):
        await town.say(who, "hej")
    await town.say("anna", "Vad kostar det att parkera på torget?")
    ask = next(d for d in data_of(town.cards(personal("anna")["id"])[-1]) if "ask" in str(d.get("action")))
    await town.press("anna", ask)
    for _ in range(3):  # it may be asked first whether, and with which words
        if town.memory.messages.get(REVIEW):
            break
        sends = [d for d in data_of(town.cards(personal("anna")["id"])[-1]) if "handover" in str(d.get("action"))]
        await town.press("anna", sends[0])
    card = town.review_card
    assert "parkera" in words(card)
    answer = next(d for d in data_of(card) if d.get("reason"))
    await town.press("rita", answer, thread(town), **{answer["reason"]: "Det är gratis på söndagar."})
    assert "gratis på söndagar" in words(town.cards(personal("anna")["id"]))
    before = len(town.memory.log)
    town.memory.known.pop("aad-olle")
    await town.press("olle", answer, thread(town), **{answer["reason"]: "Nej."})
    assert "Nej." not in words([made for _, made in town.memory.log[before:]])


async def test_home_shows_what_waits(town: Town) -> None:
    await file(town)
    await town.say("anna", "hem")
    await town.say("rita", "hem")
    mine, theirs = (town.cards(personal(name)["id"])[-1] for name in ("anna", "rita"))
    assert "-20" in words(mine)
    assert "-20" in words(theirs)

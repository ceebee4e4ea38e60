"""When somebody or something is away: who is told in a message's stead, and what the requester can do."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.channels import Gone, RetryLater
from bot.filing.states import State
from bot.messages import Outgoing
from bot.organisations import Organisations
from bot.settings import OrganisationFiling, ReviewConversation, Settings
from bot.store.tables import handovers, outbox, sessions
from tests.filing_town import ORG, Platform, Town

STRANGE = "Vem lagar kaffemaskinen på tredje våningen?"


def reviewed_in(*places: str, **more: Any) -> Settings:
    review = tuple(ReviewConversation(conversation=place, address={"place": place}) for place in places)
    own = OrganisationFiling(reviewers=("chat:rita", "chat:roy"), review=review, **more)
    return Settings(filing={ORG: own}, _env_file=None)


def gone(*places: str) -> Any:
    return lambda place, outgoing: Gone("archived") if place in places else None


@pytest.fixture
def address(tmp_path: Any) -> str:
    return f"sqlite:///{tmp_path / 'town.db'}"


async def test_one_of_two_review_channels_is_gone(organisations: Organisations, address: str) -> None:
    """The other has the card already: it is told that the first is gone."""
    async with Town.open(organisations, address, reviewed_in("chat:one", "chat:two")) as town:
        town.platform.faults = gone("chat:one")
        reference = await town.filed()
        await town.deliver()
        assert len(town.platform.at("chat:two", f"request:{reference}")) == 1
        (told,) = [p for p in town.platform.at("chat:two") if p.outgoing.key is None]
        assert "kunde inte visas i en av granskningskanalerna" in told.text
        assert not [p for p in town.platform.at("chat:anna") if "cannot reach communications" in p.text]
        assert await town.differences() == []


async def test_every_review_channel_is_gone(organisations: Organisations, address: str) -> None:
    async with Town.open(organisations, address, reviewed_in("chat:one", "chat:two")) as town:
        town.platform.faults = gone("chat:one", "chat:two")
        await town.filed()
        await town.deliver()
        assert [p for p in town.platform.at("chat:anna") if "cannot reach communications" in p.text]
        assert await town.differences() == []


async def test_a_review_channel_that_was_set_up_since_gets_the_card(organisations: Organisations, address: str) -> None:
    """The old channel is archived, and the new one written into the settings, before the card could leave."""
    platform = Platform(faults=gone("chat:old"))
    async with Town.open(organisations, address, reviewed_in("chat:old"), platform) as town:
        reference = await town.filed()
    async with Town.open(organisations, address, reviewed_in("chat:old", "chat:new"), platform, town.clock) as later:
        await later.deliver()
        (card,) = later.platform.at("chat:new", f"request:{reference}")
        assert card.outgoing.rows
        await later.press("chat:rita", reference, "approve:1", where="chat:new")
        await later.deliver()
        assert (await later.request(reference)).state is State.APPROVED
        assert await later.differences() == []


async def test_a_manager_who_is_gone_when_it_does_not_matter_any_more(town: Town) -> None:
    """The card was tried once, the request is withdrawn, and only then the platform says that the manager is gone."""
    tries = iter([RetryLater("502")])
    town.platform.faults = lambda place, outgoing: next(tries, Gone("uninstalled")) if place == "chat:maria" else None
    reference = await town.file()
    await town.outbox.deliver_due()
    await town.press("chat:anna", reference, "withdraw")
    await town.deliver()
    assert await town.rows(outbox.c.state == "parked", outbox.c.purpose == "approval")
    assert not [p for p in town.platform.at("chat:anna") if "could not reach" in p.text]
    assert await town.differences() == []


async def test_a_question_is_renewed_wherever_reviewers_see_it(organisations: Organisations, address: str) -> None:
    async with Town.open(organisations, address, reviewed_in("chat:one", "chat:two")) as town:
        await town.said("chat:anna", STRANGE)
        await town.said("chat:anna", choice="ho:ask")
        await town.deliver()
        await town.said("chat:rita", choice="ho:1:answer", where="chat:one", reason="Nej.")
        await town.deliver()
        for place in ("chat:one", "chat:two"):
            (card,) = town.platform.at(place, "handover:1")
            assert "Nej." in card.text, place
        async with town.store.transaction() as tx:
            assert (await tx.execute(select(handovers.c.state))).scalar_one() == "answered"


async def test_a_dialogue_that_is_not_there_any_more(town: Town) -> None:
    """Its rows may be erased one day; the request lives on without it."""
    reference = await town.filed()
    async with town.store.transaction() as tx:
        await tx.execute(sessions.delete())
    await town.review("chat:rita", reference, "return:1", reason="More.")
    assert (await town.request(reference)).state is State.RETURNED
    told: list[Outgoing] = await town.press("chat:anna", reference, "withdraw")
    assert (await town.request(reference)).state is State.WITHDRAWN, [t.text for t in told]

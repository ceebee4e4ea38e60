"""What storms and soaks have found in filing: turns that wait for each other, and channels that cannot say."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import update

from bot.channels import Address, RetryLater
from bot.filing import acts
from bot.filing.states import State
from bot.messages import Kind, Outgoing
from bot.organisations import Organisations
from bot.store.tables import outbox
from bot.store.unavailable import StoreUnavailable
from tests.filing_town import ORG, START, Town


class Silent:
    """A channel that cannot say who its reviewers are."""

    def __init__(self, times: int = 1_000_000) -> None:
        self.times = times

    async def is_reviewer(self, organisation: str, person: str) -> bool:
        """See bot.filing.rights.Membership."""
        self.times -= 1
        if self.times >= 0:
            raise RetryLater("429")
        return False


async def test_the_home_view_shows_what_is_ones_own_where_nobody_can_say_who_reviews(town: Town) -> None:
    reference = await town.filed()
    town.filing.rights.memberships["chat"] = Silent()
    shown = (await town.said("chat:anna", "home"))[0]
    assert shown.kind is Kind.HOME
    assert reference in str(shown.groups)


async def test_a_request_is_not_half_filed_where_nobody_can_say_who_reviews(town: Town) -> None:
    """Another manager is named for the second version: where the first one saw it, it must be shown anew."""
    session = await town.draft("chat:anna")
    reference = (await town.submit("chat:anna", session))[-1].key.removeprefix("request:")  # type: ignore[union-attr]
    await town.press("chat:maria", reference, "decline", reason="Not me.")
    await town.said("chat:anna", choice=f"s:{session.id}:resume")
    await town.said("chat:anna", choice=f"s:{session.id}:put:manager", form={"manager": {"id": None, "name": "Bo Ek"}})
    shown = await town.said("chat:anna", choice=f"s:{session.id}:show")
    submit = next(b.action for b in shown[-1].buttons if ":submit:" in b.action)
    town.filing.rights.memberships["chat"] = Silent(1)
    told = await town.said("chat:anna", choice=submit)
    assert [o.kind for o in told] == [Kind.NOTICE]
    assert (await town.request(reference)).state is State.RETURNED
    filed = await town.said("chat:anna", choice=submit)
    assert filed[-1].key == f"request:{reference}"
    assert (await town.request(reference)).version == 2
    await town.deliver()
    assert await town.differences() == []


async def test_who_is_just_shown_a_request_sees_its_next_change(
    organisations: Organisations, postgres: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reviewer opens it while the requester withdraws it at another instance: nobody is left with what was."""
    url = postgres()
    async with Town.open(organisations, url) as here, Town.open(organisations, url, platform=here.platform) as there:
        reference = await here.filed()
        opened, go_on, found = asyncio.Event(), asyncio.Event(), acts.by_reference

        async def slowly(*given: Any, **more: Any) -> Any:
            request = await found(*given, **more)
            if not opened.is_set():
                opened.set()
                await go_on.wait()
            return request

        monkeypatch.setattr(acts, "by_reference", slowly)
        showing = asyncio.create_task(here.press("chat:rita", reference, "show"))
        await asyncio.wait({showing, asyncio.ensure_future(opened.wait())}, return_when=asyncio.FIRST_COMPLETED)
        withdrawing = asyncio.create_task(there.press("chat:anna", reference, "withdraw"))
        while not await _waits(there) and not withdrawing.done():
            await asyncio.sleep(0.005)
        go_on.set()
        await asyncio.gather(showing, withdrawing)
        assert (await here.request(reference)).state is State.WITHDRAWN
        await here.deliver()
        assert await here.differences() == []
        shown = [p.text for p in here.platform.at("chat:rita", f"request:{reference}")]
        assert len(shown) == 1
        assert "Withdrawn" in shown[0]


async def _waits(town: Town) -> bool:
    """Whether a statement of somebody's waits for a row that another holds."""
    async with town.store.reading() as tx:
        found = await tx.exec_driver_sql(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        )
        return bool(found.scalar())


async def test_a_turn_that_waited_has_shown_what_it_waited_for(town: Town) -> None:
    """Its time is the earlier one, but the card names the step of the history that it shows."""
    reference = await town.filed()
    town.clock.now += 60
    await town.review("chat:rita", reference, "take")
    await town.deliver()
    async with town.store.transaction() as tx:
        await tx.execute(update(outbox).where(outbox.c.key == f"request:{reference}").values(created_at=START))
    assert await town.differences() == []
    before = max(row.id for row in await town.rows(outbox.c.conversation == "chat:review"))
    async with town.store.transaction() as tx:  # as if the last change had not reached the review channel
        await tx.execute(outbox.delete().where(outbox.c.id == before))
    assert [d.what for d in await town.differences()] == ["chat:review shows it as it was before the last change"]


async def test_a_document_that_cannot_be_read_just_now_is_sent_later(town: Town) -> None:
    """The store may be away while a wire makes a document: that is no fault that a message is given up for."""
    await town.filed()
    sent, away = town.platform.send, [True, True]

    async def send(address: Address, outgoing: Outgoing, *more: Any) -> Address:
        if outgoing.document is not None and away:
            away.pop()
            raise StoreUnavailable("the database is away")
        return await sent(address, outgoing, *more)

    town.platform.send = send  # type: ignore[method-assign]
    await town.deliver()
    assert {row.state for row in await town.rows(outbox.c.organisation == ORG)} <= {"sent", "replaced"}
    assert not away

"""Requests from end to end in Teams: filed in a personal chat, decided in the review channel, told to who asked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import select

from adapters.teams.looks import Looks
from adapters.teams.serve import Teams, start
from bot.organisations import Organisations
from bot.service import Service, service
from bot.store.tables import outbox
from tests.adapters.teams.conftest import Lexical, teams_settings
from tests.adapters.teams.test_teams_cards import check, data_of, parts
from tests.adapters.teams.test_teams_whole import answer_to
from tests.fakes.teams import TENANT, activity
from tests.fakes.teams_memory import MemoryTeams

URL, REVIEW = "https://smba.example/teams", "19:review@thread.tacv2"
PEOPLE = {
    name: {"id": f"29:{name}", "aadObjectId": f"aad-{name}", "name": name.title()} for name in ("anna", "rita", "olle")
}


@dataclass
class Town:
    """An organisation in Teams: Anna asks, Rita reviews, Olle only reads along."""

    service: Service
    teams: Teams
    memory: MemoryTeams
    clock: list[float]

    async def send(self, who: str, kind: str, where: dict[str, Any], **given: Any) -> Any:
        """One activity, and what the outbox sends thereupon."""
        sent = activity(URL, kind, conversation=where | {"tenantId": TENANT}, **{"from": PEOPLE[who]}, **given)
        before = len(self.memory.log)
        answer = await self.teams.endpoint._verified(sent)
        assert answer.status == 200
        self.teams.wire.pace.wait = lambda _: 0.0  # type: ignore[method-assign]
        for _ in range(50):
            self.clock[0] += 30
            if not await self.service.outbox.deliver_due():
                break
        for _, made in self.memory.log[before:]:
            for attachment in made.get("attachments", ()):
                check(attachment["content"])
        return json.loads(answer.body) if isinstance(answer, web.Response) and answer.body else None

    async def say(self, who: str, text: str) -> None:
        """A personal message."""
        await self.send(who, "message", personal(who), text=text)

    async def press(self, who: str, data: dict[str, Any], where: dict[str, Any] | None = None, **inputs: Any) -> Any:
        """A press on a card."""
        value = {"action": {"type": "Action.Execute", "verb": "someguide", "data": data | inputs}}
        return await self.send(who, "invoke", where or personal(who), name="adaptiveCard/action", value=value)

    def cards(self, conversation: str) -> list[dict[str, Any]]:
        """The cards that stand in a conversation, oldest first."""
        standing = self.memory.messages.get(conversation, {}).values()
        return [a["content"] for m in standing for a in m.get("attachments", ())]

    @property
    def review_card(self) -> dict[str, Any]:
        """The card of the request in the review channel."""
        return self.cards(REVIEW)[0]


def personal(who: str) -> dict[str, Any]:
    """A person's own chat."""
    return {"id": f"a:private-aad-{who}", "conversationType": "personal"}


def thread(town: Town) -> dict[str, Any]:
    """The thread of the first card in the review channel."""
    return {"id": f"{REVIEW};messageid={next(iter(town.memory.messages[REVIEW]))}", "conversationType": "channel"}


def words(part: Any) -> str:
    """All of it, to look in."""
    return json.dumps(part, ensure_ascii=False)


async def _town(organisations: Organisations, **given: Any) -> AsyncIterator[Town]:
    clock, memory = [1_800_000_000.0], MemoryTeams()
    memory.known = {p[key]: p for name, p in PEOPLE.items() if name != "anna" for key in ("id", "aadObjectId")}
    settings = teams_settings(URL, database_url="sqlite://", semantic=False, **given)
    lexical: Any = Lexical(organisations)
    lexical.knowledge = lambda name: lexical.answerer(name).knowledge
    async with service(settings, lexical, lambda: clock[0]) as opened:
        look = Looks(opened.store, opened.filing.rights)
        teams = await start(opened.assistant, opened.outbox, lexical, settings, memory, look)
        opened.filing.rights.memberships["teams"] = teams.wire
        opened.filing.destinations.places["teams"] = teams.wire
        yield Town(opened, teams, memory, clock)


@pytest.fixture
async def town(organisations: Organisations) -> AsyncIterator[Town]:
    """Everybody in the review channel's team reviews."""
    async for one in _town(organisations):
        yield one


@pytest.fixture
async def listed(organisations: Organisations) -> AsyncIterator[Town]:
    """Only Rita reviews."""
    async for one in _town(organisations, teams_reviewers=("aad-rita",)):
        yield one


async def file(town: Town) -> None:
    """Anna fills a request and sends it, past her manager."""
    for name in ("rita", "olle"):
        await town.say(name, "hej")
    await town.press("anna", {"action": "flow:open-account", "language": "sv"})
    mine = personal("anna")["id"]
    for _ in range(60):
        if town.memory.messages.get(REVIEW):
            return
        card = town.cards(mine)[-1]
        sending = [d for d in data_of(card) if ":submit" in str(d.get("action"))]
        data, inputs = (sending[0], {}) if sending else answer_to(card)
        await town.press("anna", data, **inputs)
        if sending:
            return
    raise AssertionError(words(town.cards(mine)[-1])[:3000])


def act(card: dict[str, Any], verb: str) -> dict[str, Any]:
    """The data of an act on a request."""
    found = [d for d in data_of(card) if f":{verb}" in str(d.get("action"))]
    found += [
        {**d, d["pick"]: c["value"], "action": ""}
        for d in data_of(card)
        if d.get("pick")
        for i in parts(card, "Input.ChoiceSet")
        if i["id"] == d["pick"]
        for c in i["choices"]
        if f":{verb}" in c["value"]
    ]
    assert found, [d.get("action") for d in data_of(card)]
    return dict(found[0])


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


async def test_home_shows_what_waits(town: Town) -> None:
    await file(town)
    await town.say("anna", "hem")
    await town.say("rita", "hem")
    mine, theirs = (town.cards(personal(name)["id"])[-1] for name in ("anna", "rita"))
    assert "-20" in words(mine)
    assert "-20" in words(theirs)

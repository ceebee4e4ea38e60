"""A municipality in Teams for tests: Anna asks, Rita reviews, Olle only reads along. Teams itself is in memory."""

from __future__ import annotations

import json
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from adapters.teams.looks import Looks
from adapters.teams.papers import Papers
from adapters.teams.render import CARD
from adapters.teams.serve import Teams, start
from bot.metadata import looks
from bot.organisations import Organisations
from bot.service import Service, service
from tests.adapters.teams.conftest import Lexical, teams_settings
from tests.adapters.teams.test_teams_whole import answer_to
from tests.fakes.teams import TENANT, activity
from tests.fakes.teams_cards import check, data_of, parts
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
    url: str = URL

    async def send(self, who: str, kind: str, where: dict[str, Any], **given: Any) -> Any:
        """One activity, and what the outbox sends thereupon."""
        sent = activity(self.url, kind, conversation=where | {"tenantId": TENANT}, **{"from": PEOPLE[who]}, **given)
        before = len(self.memory.log)
        answer = await self.teams.endpoint._verified(sent)
        assert answer.status == 200
        self.teams.wire.pace.wait = lambda _: 0.0  # type: ignore[method-assign]
        for _ in range(50):
            self.clock[0] += 30
            if not await self.service.outbox.deliver_due():
                break
        for _, made in self.memory.log[before:]:
            for content in contents(made):
                check(content)
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
        return [content for message in standing for content in contents(message)]

    @property
    def review_card(self) -> dict[str, Any]:
        """The card of the request in the review channel."""
        return self.cards(REVIEW)[0]


def contents(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The Adaptive Cards of a message."""
    return [a["content"] for a in message.get("attachments", ()) if a["contentType"] == CARD]


def personal(who: str) -> dict[str, Any]:
    """A person's own chat."""
    return {"id": f"a:private-aad-{who}", "conversationType": "personal"}


def thread(town: Town) -> dict[str, Any]:
    """The thread of the first card in the review channel."""
    return {"id": f"{REVIEW};messageid={next(iter(town.memory.messages[REVIEW]))}", "conversationType": "channel"}


def words(part: Any) -> str:
    """All of it, to look in."""
    return json.dumps(part, ensure_ascii=False)


async def open_town(organisations: Organisations, **given: Any) -> AsyncIterator[Town]:
    """The whole of it, as `someguide serve` puts it together."""
    clock, memory = [1_800_000_000.0], MemoryTeams()
    memory.known = {p[key]: p for name, p in PEOPLE.items() if name != "anna" for key in ("id", "aadObjectId")}
    with tempfile.TemporaryDirectory(prefix="someguide-town-") as folder:
        settings = teams_settings(URL, database_url=f"sqlite:///{folder}/town.db", semantic=False, **given)
        lexical: Any = Lexical(organisations)
        lexical.knowledge = lambda name: lexical.answerer(name).knowledge
        async with service(settings, lexical, lambda: clock[0]) as opened:
            teams = await start(
                opened.assistant,
                opened.outbox,
                lexical,
                settings,
                memory,
                Looks(opened.store, opened.filing.rights),
                Papers(opened.store, opened.filing),
                looks,
            )
            opened.filing.rights.memberships["teams"] = teams.wire
            opened.filing.destinations.places["teams"] = teams.wire
            yield Town(opened, teams, memory, clock)
            await teams.close()


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

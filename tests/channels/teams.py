"""Teams: signed activities to the whole adapter over HTTP, answers over the connector of a Teams of our own.

Only Teams itself is a stand-in, and it knows what stands where. What a person sees is what stands on the cards of their
private chat and of the channel; what they press is a button's own data.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from cryptography.hazmat.primitives.asymmetric import rsa

from adapters.teams.looks import Looks
from adapters.teams.papers import Papers
from adapters.teams.render import CARD
from adapters.teams.serve import start
from adapters.teams.tenants import Tenants
from adapters.teams.wire import BotFramework
from bot.messages import File
from bot.metadata import looks
from bot.service import Service, service
from bot.settings import TeamsTenant
from tests.bot.test_metadata import picture
from tests.channels.base import Act, Seen, text_of
from tests.fakes.teams import APP, BOT, TENANT, Credentials, FakeTeams, activity
from tests.fakes.teams_cards import check_drawn

CHANNEL = "19:channel@thread.tacv2;messageid=1"
SYMBOLS = "✅⛔⚠️ "
MARKS = re.compile(r" \((?:frivilligt|vapaaehtoinen|optional|ny fråga|uusi kysymys|new question|, )+\)$")
"""What a label says beside the question."""
ALONE = re.compile(
    r" \((?:bara för sig, inte med de andra|vain yksinään, ilman muita|only on its own, without the others)\)$"
)
"""What an option says beside its label."""


@cache
def key() -> Any:
    """The fake Teams' signing key; making one takes long, so that all have the same."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True)
class Everyone(Tenants):
    """One tenant that belongs to whichever organisation the scenario is about."""

    now: tuple[list[str]] = ([""],)

    def of_id(self, tenant: str) -> TeamsTenant | None:
        """The organisation of the act at hand."""
        return TeamsTenant(organisation=self.now[0][0], tenant=tenant) if tenant else None


@dataclass
class Town:
    """What stays as it is when the assistant is started again: Teams, and what was seen."""

    fake: FakeTeams = field(default_factory=lambda: FakeTeams(key=key()))
    stands: dict[str, list[Seen]] = field(default_factory=dict)
    ids: Any = field(default_factory=lambda: itertools.count(1))


class Teams:
    """Speaks to the adapter as Teams does."""

    name = "teams"
    instances = 1
    able = frozenset({"old", "fill", "file", "again", "public"})
    _towns: ClassVar[dict[str, Town]] = {}  # the last one, by its store

    def __init__(self, service: Service) -> None:
        self.service = service
        url = service.settings.database_url
        if url not in self._towns:
            self._towns.clear()
            self._towns[url] = Town()
        self.town = self._towns[url]
        self.fake = self.town.fake
        self.tenants = Everyone((), None, ([""],))
        self._opened = AsyncExitStack()
        self._services: list[Service] = []
        self._clients: list[TestClient[Any, Any]] = []
        self._turn = itertools.count()

    async def open(self) -> None:
        """Teams, and every instance of the adapter; they share the database, and nothing else."""
        await self._opened.enter_async_context(self.fake)
        first, opened = self.service, self.service
        for _ in range(self.instances):
            if self._services:
                other = service(first.settings, first.organisations, first.assistant.clock)
                opened = await self._opened.enter_async_context(other)
            await self._instance(opened)

    async def _instance(self, opened: Service) -> None:
        """The adapter as `someguide serve` mounts it."""
        own = {"teams_app_id": APP, "teams_app_password": "secret", "teams_app_type": "MultiTenant"}
        own |= {"teams_organisation": "-", "teams_tenant_id": TENANT, "teams_look_at_pictures": True}
        settings = opened.settings.model_validate(opened.settings.model_dump() | own)
        sdk = BotFramework(settings, openid=f"{self.fake.url}/openid", credentials=Credentials())
        self._opened.push_async_callback(sdk.close)
        teams = await start(
            opened.assistant,
            opened.outbox,
            opened.organisations,
            settings,
            sdk,
            Looks(opened.store, opened.filing.rights),
            Papers(opened.store, opened.filing),
            looks,
        )
        self._opened.push_async_callback(teams.close)
        teams.wire.pace.wait = lambda _: 0.0  # type: ignore[method-assign]  # a scenario is quicker than people are
        teams.wire.tenants = teams.endpoint.tenants = self.tenants
        app = web.Application()
        app.router.add_routes(teams.routes())
        self._clients.append(await self._opened.enter_async_context(TestClient(TestServer(app))))
        self._services.append(opened)

    async def close(self) -> None:
        """Ends both."""
        await self._opened.aclose()

    def person(self, name: str) -> str:
        """As Teams names a person."""
        return f"teams:{TENANT}:aad-{name}"

    async def say(self, act: Act) -> list[Seen]:
        """A message; where others read along, it calls the bot."""
        entities = [{"type": "mention", "mentioned": BOT, "text": "<at>Someguide</at>"}] if act.public else []
        text = f"<at>Someguide</at> {act.text}" if act.public else act.text
        for who in act.mentions:
            mentioned = {"id": who.id, "aadObjectId": who.id, "name": who.name}
            entities.append({"type": "mention", "mentioned": mentioned, "text": f"<at>{who.name}</at>"})
            text = text.replace(who.name, f"<at>{who.name}</at>", 1)
        files = [self._pasted(number, file) for number, file in enumerate(act.files)]
        more = {"attachments": files} if files else {}
        return await self._sent(act, "message", text=text, textFormat="plain", entities=entities, **more)

    def _pasted(self, number: int, file: File) -> dict[str, Any]:
        """A picture as it is pasted into a message; what its metadata show is really in it."""
        name = f"{file.name}-{number}"
        self.fake.pictures[name] = picture(place=file.place, artist=", ".join(file.people))
        address = f"{self.fake.url}/v3/attachments/{name}/views/original"
        return {"contentType": file.media_type, "name": file.name, "contentUrl": address}

    async def press(self, act: Act, seen: Seen, label: str) -> list[Seen]:
        """A button's data, as the client sends it."""
        return await self._executed(act, seen.labels[label])

    async def fill(self, act: Act, seen: Seen, values: dict[str, Any]) -> list[Seen]:
        """The inputs of a card with the data of the button that sends them."""
        inputs: dict[str, Any] = {i["id"]: i.get("value", "") for i in seen.fields.values()}
        for label, value in values.items():
            asked = seen.fields[label]
            known = {ALONE.sub("", c["title"]): c["value"] for c in asked.get("choices", ())}
            listed = [known.get(str(v), str(v)) for v in (value if isinstance(value, list) else [value])]
            inputs[asked["id"]] = ",".join(listed)
        return await self._executed(act, seen.labels[seen.submit] | inputs)

    async def _executed(self, act: Act, data: dict[str, Any]) -> list[Seen]:
        value = {"action": {"type": "Action.Execute", "verb": "someguide", "data": data}}
        return await self._sent(act, "invoke", name="adaptiveCard/action", value=value)

    async def _sent(self, act: Act, kind: str, **given: Any) -> list[Seen]:
        self.tenants.now[0][0] = act.organisation
        private = f"a:private-aad-{act.person}"
        conversation = {"id": CHANNEL if act.public else private, "tenantId": TENANT}
        conversation["conversationType"] = "channel" if act.public else "personal"
        who = {"id": f"29:{act.person}", "aadObjectId": f"aad-{act.person}", "name": act.person}
        name = f"f:{act.event or next(self.town.ids)}"
        common = {"conversation": conversation, "from": who, "id": name, "locale": act.language.value}
        before = len(self.fake.done)
        await self._post(activity(self.fake.url, kind, **common, **given))
        await self._delivered()
        for _, sent in self.fake.done[before:]:
            for attachment in sent.get("attachments", ()):
                check_drawn(attachment["content"])
        mine = [seen(sent) for where, sent in self.fake.done[before:] if where in (private, CHANNEL)]
        if act.event in self.town.stands:  # the same event again: nothing comes, and the first answer stands
            assert mine == []
            return self.town.stands[act.event]
        if act.event:
            self.town.stands[act.event] = mine
        return mine

    async def _post(self, sent: dict[str, Any]) -> None:
        headers = {"Authorization": self.fake.token(sent)}
        client = self._clients[next(self._turn) % len(self._clients)]
        async with client.post("/api/messages", json=sent, headers=headers) as answer:
            assert answer.status == 200, (answer.status, await answer.text())

    async def _delivered(self) -> None:
        """Everything that is due has left."""
        for opened in self._services * len(self._services):  # one may hold back what waits for the other's
            while await opened.outbox.deliver_due():
                await asyncio.sleep(0)


class TeamsTwo(Teams):
    """Two instances in turn, as behind a load balancer."""

    instances = 2


def seen(sent: dict[str, Any]) -> Seen:
    """All that stands in a message, and all that can be pressed or filled."""
    labels: dict[str, Any] = {}
    fields: dict[str, Any] = {}
    read: list[str | None] = [sent.get("text")]
    submits: list[str] = []
    for attachment in sent.get("attachments", ()):
        if attachment["contentType"] == CARD:
            _card(attachment["content"], read, labels, fields, submits)
    return Seen(text_of(read), "", labels, fields, submits[0] if submits else "")


def _card(
    card: dict[str, Any], read: list[str | None], labels: dict[str, Any], fields: dict[str, Any], submits: list[str]
) -> None:
    picks = []
    for element in card.get("body", ()):
        kind = element["type"]
        if kind == "RichTextBlock":
            read.append("".join(run["text"] for run in element["inlines"]).lstrip(SYMBOLS))
        elif kind == "TextBlock":
            read.append(element["text"])
        elif kind == "ActionSet":
            _actions(element["actions"], read, labels, fields, submits)
        elif kind.startswith("Input."):
            fields[MARKS.sub("", element["label"])] = element
            read += [element["label"], str(element.get("value", "")), *(c["title"] for c in element.get("choices", ()))]
            picks += [element] if element["id"].startswith("pick_") else []
    _actions(card.get("actions", ()), read, labels, fields, submits)
    sends = next((a for a in card.get("actions", ()) if a.get("associatedInputs") == "auto"), None)
    for element in picks if sends else ():
        for choice in element["choices"]:
            data = sends["data"] | {element["id"]: choice["value"]}
            labels.setdefault(choice["title"], data)
            labels.setdefault(choice["title"].split(":")[0], data)


def _actions(
    actions: Any, read: list[str | None], labels: dict[str, Any], fields: dict[str, Any], submits: list[str]
) -> None:
    for action in actions:
        if action["type"] == "Action.ShowCard":
            _card(action["card"], read, labels, fields if not action["card"].get("actions") else {}, [])
            inner = action["card"].get("actions", ())
            if inner and inner[0]["data"].get("reason"):
                labels[action["title"]] = inner[0]["data"]
        else:
            labels[action["title"]] = action["data"]
            if action.get("associatedInputs") == "auto":
                submits.append(action["title"])

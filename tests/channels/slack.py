"""Slack: signed requests and Socket Mode to the whole adapter, answers over the Web API of a Slack of our own.

Only Slack itself is a stand-in, and it refuses what Slack refuses. What a person sees is what stands in their private
conversation, in the channel and in the window; what they press is an element of it.
"""

from __future__ import annotations

import asyncio
import copy
import itertools
import json
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, cast

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from adapters.slack import wire
from adapters.slack.manifest import PATH
from adapters.slack.mount import mount
from adapters.slack.sending import SlackWire
from adapters.slack.texts import say as own
from bot.service import Service, service
from bot.texts import slug
from knowledge.models import Language
from tests.bot.test_metadata import picture
from tests.channels.base import Act, Seen, text_of
from tests.fakes.slack import APP_TOKEN, BOT, BOT_ID, SECRET, FakeSlack
from tests.fakes.slack_people import Http, Peer, Reply, Socket, bare, elements, options
from tests.fakes.slack_types import Sent

TEAM, TOKEN, GENERAL = "T1", "xoxb-one", "C0GEN"
LOCALES = {Language.SV: "sv-SE", Language.FI: "fi-FI", Language.EN: "en-GB"}
SENT = Sent()
"""Everything that was sent to Slack in all scenarios."""
SYMBOLS = "✅⛔⚠️ "
NEW = re.compile(r" \((?:ny fråga|uusi kysymys|new question)\)$")
"""What a label says beside the question."""


@dataclass
class Town:
    """What stays as it is when the assistant is started again: Slack, and what was sent and seen."""

    slack: FakeSlack = field(default_factory=FakeSlack)
    sent: dict[str, list[tuple[str, dict[str, Any]]]] = field(default_factory=dict)
    stands: dict[str, list[Seen]] = field(default_factory=dict)
    noted: int = 0  # of the calls

    def __post_init__(self) -> None:
        self.slack.team(TEAM, TOKEN, BOT, BOT_ID)
        self.slack.channel(GENERAL, "general", [BOT], TEAM)


Way = Http | Socket


@dataclass
class Recording:
    """Sends, to one instance after the other, and remembers what it sent."""

    ways: list[Way]
    turn: itertools.count[int]
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def send(self, kind: str, payload: dict[str, Any], retry: int = 0) -> Reply:
        """One request or envelope."""
        self.sent.append((kind, copy.deepcopy(payload)))
        reply = await self.ways[next(self.turn) % len(self.ways)].send(kind, payload, retry)
        SENT.call(reply.body if isinstance(reply.body, dict) else {})
        assert reply.acknowledged, reply
        return reply


class Slack:
    """Speaks to the adapter as Slack does: by HTTP, to one instance."""

    name = "slack"
    by_socket = False
    instances = 1
    able = frozenset({"old", "fill", "file", "mention", "again", "public"})
    _towns: ClassVar[dict[str, Town]] = {}  # the last one, by its store

    def __init__(self, service: Service) -> None:
        self.service = service
        url = service.settings.database_url
        if url not in self._towns:
            self._towns.clear()
            self._towns[url] = Town()
        self.town = self._towns[url]
        self.slack = self.town.slack
        self._opened = AsyncExitStack()
        self._starting = asyncio.Lock()
        self._services: list[Service] = []
        self._adapters: list[wire.Slack] = []
        self._ways: list[Way] = []
        self._turn = itertools.count()

    async def open(self) -> None:
        """Slack; the adapter follows when it is known whose workspace this is."""
        self._api = await self.slack.start()
        self._opened.push_async_callback(self.slack.stop)

    async def close(self) -> None:
        """Ends both."""
        await self._opened.aclose()

    def person(self, name: str) -> str:
        """As the adapter names a person."""
        return f"slack:{TEAM}:{_user(name)}"

    async def _connected(self, organisation: str) -> list[Way]:
        """The adapter of every instance, mounted as `someguide serve` mounts it, and the ways to them."""
        async with self._starting:
            while len(self._adapters) < self.instances:
                await self._instance(organisation)
            return self._ways

    async def _instance(self, organisation: str) -> None:
        """One instance more; all share the database, and nothing else."""
        first = self.service
        known: dict[str, Any] = {"slack_bot_token": SecretStr(TOKEN), "slack_organisation": organisation}
        known |= {"slack_api_url": self._api}
        known |= {"slack_app_token" if self.by_socket else "slack_signing_secret": SecretStr(self._secret())}
        settings = first.settings.model_copy(update=known)
        if not self._services:
            opened = replace(first, settings=settings)
        else:
            opened = await self._opened.enter_async_context(
                service(settings, first.organisations, first.assistant.clock)
            )
        app = web.Application()
        close = await mount(app, opened)
        assert close is not None
        adapter = cast(wire.Slack, close.__self__)  # type: ignore[attr-defined]
        self._opened.push_async_callback(adapter.close)
        sender = cast(SlackWire, opened.outbox.wires["slack"])
        sender._posting.pace.wait = lambda *_: 0.0  # type: ignore[method-assign]  # quicker than people are
        self._services.append(opened)
        self._adapters.append(adapter)
        if not self.by_socket:
            self._ways.append(await self._over_http(app))
        elif not self._ways:  # Slack itself spreads what it sends over the open connections
            self._ways.append(Socket(self.slack))

    def _secret(self) -> str:
        return APP_TOKEN if self.by_socket else SECRET

    async def _over_http(self, app: web.Application) -> Http:
        server = TestServer(app, host="127.0.0.1")
        await server.start_server()
        self._opened.push_async_callback(server.close)
        session = await self._opened.enter_async_context(aiohttp.ClientSession())
        return Http(session, str(server.make_url(PATH)))

    async def say(self, act: Act) -> list[Seen]:
        """A message; where others read along, it calls the bot. A form that needs a press more gets it."""
        said = act.text
        for who in act.mentions:
            user = who.id.split(":")[-1]
            self.slack.person(user, who.name, team=TEAM)
            called = who.name if who.name in said else f"@{who.name.split()[0]}"
            said = said.replace(called, f"<@{user}>", 1)
        said = f"<@{BOT}> {said}" if act.public else said
        files = [self._uploaded(number, f) for number, f in enumerate(act.files)]
        where = GENERAL if act.public else None
        seen = await self._acted(act, lambda peer: peer.say(_user(act.person), said, where, files=files))
        opens = own(act.language, "form-open")
        if seen and opens in seen[-1].labels:
            seen += await self.press(replace(act, event=""), seen[-1], opens)
        return seen

    def _uploaded(self, number: int, file: Any) -> dict[str, Any]:
        name = f"F{len(self.slack.contents) + number}"
        self.slack.contents[name] = picture(place=file.place, artist=", ".join(file.people))
        where = f"{self.slack.url}/files/{name}"
        return {"id": name, "name": file.name, "mimetype": file.media_type, "url_private": where}

    async def press(self, act: Act, seen: Seen, label: str) -> list[Seen]:
        """An element of a message, also of one that has gone, or of the window."""
        channel, message, element = seen.labels[label]
        if not channel:
            return await self._acted(act, lambda peer: peer.press_modal(_user(act.person), element))
        return await self._acted(act, lambda peer: peer.act(_user(act.person), channel, message, element), channel)

    async def fill(self, act: Act, seen: Seen, values: dict[str, Any]) -> list[Seen]:
        """The fields of the open window, one after another, and its button."""
        user = _user(act.person)

        async def filled(peer: Peer) -> None:
            for label, value in values.items():
                await peer.enter(user, seen.fields[label]["block_id"], value)
            reply = await peer.submit(user)
            wrong.update(reply.body.get("errors", {}) if isinstance(reply.body, dict) else {})

        wrong: dict[str, str] = {}
        found = await self._acted(act, filled)
        window = self.slack.modal(user)
        if wrong and window:
            shown = _window(window)
            found.append(replace(shown, text=text_of([shown.text, *wrong.values()])))
        return found

    async def _acted(self, act: Act, does: Any, where: str = "") -> list[Seen]:
        """What a person sees after something that they did."""
        user = _user(act.person)
        ways = await self._connected(act.organisation)
        self.slack.person(user, act.person, LOCALES[act.language], TEAM)
        members = self.slack.channels[GENERAL].members
        members += [user] if user not in members else []
        before = self._standing(user, where)
        way = Recording(ways, self._turn)
        if act.event in self.town.sent:  # the same once more: nothing comes, and the first answer stands
            for kind, payload in self.town.sent[act.event]:
                await way.send(kind, payload, 1)
            await self._settled()
            assert self._standing(user, where) == before
            return self.town.stands[act.event]
        await does(Peer(self.slack, cast(Http, way), TEAM))
        await self._settled()
        after = self._standing(user, where)
        found = [after[key][0] for key in after if key not in before or after[key][1] != before[key][1]]
        if act.event:
            self.town.sent[act.event], self.town.stands[act.event] = way.sent, found
        return found

    async def _settled(self) -> None:
        for opened in self._services * 2:  # a message of one instance may have been waited for by the other's
            while await opened.outbox.deliver_due():
                pass
        for adapter in self._adapters:
            await adapter._receiver.close()  # waits for what is still being done, such as filling a window
        assert not self.slack.problems, self.slack.problems
        while self.town.noted < len(self.slack.calls):
            SENT.call(self.slack.calls[self.town.noted][1])
            self.town.noted += 1

    def _standing(self, user: str, where: str) -> dict[str, tuple[Seen, str]]:
        """All that a person has before them, and how it is made."""
        private = self.slack.private(user, TEAM).id
        found = {}
        for channel in dict.fromkeys((GENERAL, where or private, private)):
            for message in self.slack.channels[channel].messages:
                if message["user"] == BOT:
                    found[message["ts"]] = (_message(channel, message), json.dumps(message["blocks"]))
        window = self.slack.modal(user)
        if window:
            found[window["id"]] = (_window(window), json.dumps(window["blocks"]))
        return found


class SlackSocket(Slack):
    """By Socket Mode."""

    by_socket = True


class SlackTwo(Slack):
    """By HTTP, to two instances in turn, as behind a load balancer."""

    instances = 2


class SlackSocketTwo(Slack):
    """By Socket Mode, to two instances in turn."""

    by_socket = True
    instances = 2


def _user(name: str) -> str:
    return "U0" + slug(name).replace("-", "").upper()


def _message(channel: str, message: dict[str, Any]) -> Seen:
    kept = copy.deepcopy(message)
    return Seen(text_of(_read(message["blocks"])), "", _labels(channel, kept))


def _window(view: dict[str, Any]) -> Seen:
    fields = {NEW.sub("", b["label"]["text"]): b for b in view["blocks"] if b["type"] == "input"}
    # Typed words stay in Slack's window whatever the app answers, and only their writer sees them: they are not read.
    states = [state for block in view["state"]["values"].values() for state in block.values()]
    entered = [str(state.get("selected_date") or "") for state in states]
    read = [view["title"]["text"], *_read(view["blocks"]), *entered]
    return Seen(text_of(read), "", _labels("", view), fields, view.get("submit", {}).get("text", ""))


def _labels(channel: str, held: dict[str, Any]) -> dict[str, Any]:
    """What can be pressed: where, in what, and which element."""
    labels: dict[str, Any] = {}
    for element in elements([b for b in held["blocks"] if b["type"] != "input"]):
        if element["type"] == "button":
            labels.setdefault(element["text"]["text"], (channel, held, element))
        for option in options(element):
            chosen = {**bare(element), "selected_option": option}
            labels.setdefault(option["text"]["text"], (channel, held, chosen))
    return labels


def _read(blocks: list[dict[str, Any]]) -> list[str]:
    """Everything that stands in blocks, a part a line."""
    found: list[str] = []
    for block in blocks:
        if block["type"] == "rich_text":
            found += ["".join(e.get("text", "") for e in part["elements"]) for part in block["elements"]]
            continue
        parts = [block.get("text"), *block.get("fields", ()), block.get("label"), block.get("hint")]
        parts += block.get("elements", ()) if block["type"] == "context" else ()
        found += [_plain(part) for part in parts if part]
        for element in elements([block]) if block["type"] != "context" else ():
            found += [element["text"]["text"]] if element["type"] == "button" else []
            found += [option["text"]["text"] for option in options(element)]
            found += [str(element[key]) for key in ("initial_value", "initial_date") if key in element]
    return found


def _plain(part: dict[str, Any]) -> str:
    said: str = part["text"]
    if part["type"] == "mrkdwn":
        said = said.strip("*").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return said.lstrip(SYMBOLS)

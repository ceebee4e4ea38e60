"""A fake Slack, the adapter in front of an assistant, and people to speak to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr

from adapters.slack import homes, pace
from adapters.slack.wire import Slack, start
from bot.assistant import Assistant
from bot.filing.filing import Filing
from bot.messages import Incoming, Kind, Outgoing
from bot.organisations import Organisations
from bot.outbox import Outbox
from bot.settings import Settings
from bot.store.store import Store
from knowledge.models import Language
from tests.conftest import lexical_answerer
from tests.fakes.slack import APP_TOKEN, BOT, SECRET, TOKEN, FakeSlack
from tests.fakes.slack_people import Http, Peer, Socket

ANNA, ERIK, BO = "U0ANNA", "U0ERIK", "U0BO"
GENERAL, REVIEW = "C0GEN", "C0REV"


@dataclass
class Delivery:
    """What the stand-in says was written."""

    outgoing: Outgoing


@dataclass
class StandIn:
    """In the assistant's place: remembers what it was given, and sends canned messages at once."""

    says: Callable[[Incoming], list[Outgoing]] = lambda i: [Outgoing(Kind.ANSWER, i.language or Language.SV, "Ja.")]
    taken: list[Incoming] = field(default_factory=list)
    seen: dict[str, list[Outgoing]] = field(default_factory=dict)
    wire: Any = None
    delay: float = 0.0
    fails: int = 0
    references: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def take(self, incoming: Incoming) -> list[Delivery]:
        """As the assistant: the same event has the same outcome, and nothing is sent twice."""
        if self.fails:
            self.fails -= 1
            raise ConnectionError("the database is away")
        await asyncio.sleep(self.delay)
        if incoming.event in self.seen:
            return [Delivery(o) for o in self.seen[incoming.event]]
        self.taken.append(incoming)
        said = self.says(incoming)
        if incoming.event:
            self.seen[incoming.event] = said
        for place, outgoing in enumerate(said):
            before = self.references.get(outgoing.key or "")
            once = f"{incoming.event}/{place}"
            sent = await self.wire.send(dict(incoming.address), outgoing, before, once)
            if outgoing.key:
                self.references[outgoing.key] = sent
        return [Delivery(o) for o in said]


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting between messages, except where that is what is tested."""
    monkeypatch.setattr(pace, "INTERVAL", 0.0)
    monkeypatch.setattr(homes, "AFTER", 0.05)


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """A workspace with three people, a channel and a review channel."""
    fake = FakeSlack()
    fake.person(ANNA, "Anna Andersson", "sv-SE")
    fake.person(ERIK, "Erik Eskola", "fi-FI")
    fake.person(BO, "Bo Berg", "en-GB")
    fake.channel(GENERAL, "general", [ANNA, ERIK, BO, BOT])
    fake.channel(REVIEW, "review", [BO, BOT])
    fake.usergroups["S1"] = [BO]
    fake.api = await fake.start()  # type: ignore[attr-defined]
    yield fake
    await fake.stop()


def settings(fake: FakeSlack, **more: Any) -> Settings:
    """Someguide's settings for the fake."""
    values: dict[str, Any] = {
        "slack_bot_token": SecretStr(TOKEN),
        "slack_signing_secret": SecretStr(SECRET),
        "slack_organisation": "nykvarn",
        "slack_review_channel": REVIEW,
        "slack_api_url": fake.api,  # type: ignore[attr-defined]
    }
    return Settings(_env_file=None, **(values | more))  # type: ignore[call-arg]


Served = tuple[Slack, str]


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[Served]]]:
    """Serves an assistant to Slack; gives the adapter and its address."""
    stack = AsyncExitStack()

    async def served(assistant: Any, given: Settings, **more: Any) -> Served:
        adapter = await start(assistant, given, **more)
        stack.push_async_callback(adapter.close)
        app = web.Application()
        app.router.add_routes(adapter.routes())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return adapter, f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"

    async with stack:
        yield served


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """For the people's requests."""
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
async def stand_in(
    slack: FakeSlack, serve: Callable[..., Awaitable[Served]], session: aiohttp.ClientSession
) -> tuple[StandIn, Peer]:
    """The adapter before a stand-in, over HTTP."""
    assistant = StandIn()
    adapter, url = await serve(assistant, settings(slack))
    assistant.wire = adapter.wire
    return assistant, Peer(slack, Http(session, url))


@pytest.fixture(params=["http", "socket"])
async def someguide(
    request: pytest.FixtureRequest,
    slack: FakeSlack,
    serve: Callable[..., Awaitable[Served]],
    session: aiohttp.ClientSession,
    organisations: Organisations,
) -> AsyncIterator[Peer]:
    """The real assistant with its store and outbox, over HTTP and over Socket Mode."""
    way = {"slack_app_token": SecretStr(APP_TOKEN)} if request.param == "socket" else {}
    given = settings(slack, **way)
    organisations.answerer("nykvarn")
    store = await Store.open("sqlite://")
    outbox = Outbox(store)
    filing = Filing(given, store, organisations.knowledge)
    outbox.on_parked = filing.parked
    assistant = Assistant(lexical_answerer(organisations), store, filing, wake=outbox.wake)
    adapter, url = await serve(assistant, given)
    outbox.wires["slack"] = adapter.wire
    filing.rights.memberships["slack"] = adapter.wire
    filing.destinations.places["slack"] = adapter.wire
    working = asyncio.create_task(outbox.run())
    yield Peer(slack, Http(session, url) if request.param == "http" else Socket(slack))
    outbox.stop()
    await working
    await store.close()

"""What the tests of Teams share: the fake Teams, the wire to it, and the whole assistant behind the door."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.teams.serve import Teams, start
from adapters.teams.wire import BotFramework
from bot.answering.answerer import Answerer
from bot.assistant import Assistant
from bot.messages import Incoming
from bot.organisations import Organisations
from bot.outbox import Delivery, Outbox
from bot.settings import Settings
from bot.store.store import Store
from tests.conftest import lexical_answerer
from tests.fakes.teams import APP, TENANT, Credentials, FakeTeams


def teams_settings(url: str = "https://smba.example", **given: Any) -> Settings:
    """Settings for one tenant."""
    values: dict[str, Any] = {
        "teams_app_id": APP,
        "teams_app_password": "secret",
        "teams_tenant_id": TENANT,
        "teams_organisation": "hango",
        "teams_review_channel": "19:review@thread.tacv2",
        "teams_service_url": url,
    }
    return Settings(_env_file=None, **(values | given))


@pytest.fixture
async def fake() -> AsyncIterator[FakeTeams]:
    """Teams."""
    async with FakeTeams() as teams:
        yield teams


@pytest.fixture
def credentials() -> Credentials:
    """Tokens."""
    return Credentials()


@pytest.fixture
async def sdk(fake: FakeTeams, credentials: Credentials) -> AsyncIterator[BotFramework]:
    """The wire to the fake Teams."""
    wire = BotFramework(teams_settings(fake.url), openid=f"{fake.url}/openid", credentials=credentials)
    yield wire
    await wire.close()


@dataclass
class Canned:
    """Stands in for the assistant: says what it is told to."""

    replies: list[Delivery] = field(default_factory=list)
    taken: list[Incoming] = field(default_factory=list)
    error: Exception | None = None
    slow: Callable[[], Any] | None = None

    async def take(self, incoming: Incoming) -> list[Delivery]:
        """Notes the message."""
        self.taken.append(incoming)
        if self.slow:
            await self.slow()
        if self.error:
            raise self.error
        return self.replies


@dataclass
class House:
    """The whole of it: Teams, the door, the assistant and the outbox."""

    fake: FakeTeams
    teams: Teams
    outbox: Outbox
    client: TestClient[Any, Any]
    assistant: Any
    clock: list[float]

    async def post(self, activity: dict[str, Any], token: str | None = None) -> tuple[int, Any]:
        """What Teams does: one activity, with its token."""
        headers = {"Authorization": self.fake.token(activity) if token is None else token}
        async with self.client.post("/api/messages", json=activity, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None) if await answer.read() else None

    async def deliver(self, rounds: int = 20) -> None:
        """Lets the outbox send what it has."""
        for _ in range(rounds):
            if not await self.outbox.deliver_due():
                return

    @property
    def cards(self) -> list[dict[str, Any]]:
        """The cards that stand in Teams now, oldest first."""
        return [p.activity["attachments"][0]["content"] for p in self.fake.posted if p.activity.get("attachments")]


class Lexical:
    """Organisations whose answerers work on words alone."""

    def __init__(self, organisations: Organisations) -> None:
        self._answerer = lexical_answerer(organisations)
        self.ids = organisations.ids

    def answerer(self, organisation: str) -> Answerer:
        """One organisation's answerer. Raises UnknownOrganisation."""
        return self._answerer(organisation)


async def _house(
    fake: FakeTeams, sdk: BotFramework, lexical: Lexical, assistant: Any, outbox: Outbox, clock: list[float]
) -> House:
    teams = await start(assistant, outbox, lexical, teams_settings(fake.url), sdk)  # type: ignore[arg-type]
    app = web.Application()
    app.router.add_routes(teams.routes())
    client = TestClient(TestServer(app))
    await client.start_server()
    return House(fake, teams, outbox, client, assistant, clock)


@pytest.fixture
async def house(fake: FakeTeams, sdk: BotFramework, organisations: Organisations) -> AsyncIterator[House]:
    """Teams with the real assistant over an empty store."""
    lexical, clock = Lexical(organisations), [1_800_000_000.0]
    store = await Store.open("sqlite://")
    outbox = Outbox(store, clock=lambda: clock[0])
    assistant = Assistant(lexical.answerer, store, clock=lambda: clock[0])
    made = await _house(fake, sdk, lexical, assistant, outbox, clock)
    yield made
    await made.client.close()
    await store.close()


@pytest.fixture
async def door(fake: FakeTeams, sdk: BotFramework, organisations: Organisations) -> AsyncIterator[House]:
    """Teams with a stand-in for the assistant."""
    store = await Store.open("sqlite://")
    made = await _house(fake, sdk, Lexical(organisations), Canned(), Outbox(store), [0.0])
    yield made
    await made.client.close()
    await store.close()

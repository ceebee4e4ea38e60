"""The page over an empty store."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.web.wire import application
from bot.assistant import Assistant
from bot.organisations import Organisations
from bot.service import Service, service
from bot.settings import Settings
from tests.adapters.web.served import Client, Serve
from tests.conftest import lexical_answerer


@pytest.fixture
async def opened(organisations: Organisations) -> AsyncIterator[Service]:
    """A service over an empty store, on words alone."""
    async with service(Settings(database_url="sqlite://"), organisations) as made:
        made.assistant = Assistant(lexical_answerer(organisations), made.store, made.filing)
        yield made


@pytest.fixture
async def client(aiohttp_client: Serve, opened: Service) -> Client:
    return await aiohttp_client(application(opened))

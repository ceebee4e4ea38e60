"""Someguide with the Agents Playground on it, for the tests that play there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from adapters.teams.looks import Looks
from adapters.teams.papers import Papers
from adapters.teams.serve import start
from bot.organisations import Organisations
from bot.service import Service, service
from tests.adapters.teams.conftest import Lexical, teams_settings
from tests.fakes.teams_playground import CHANNEL, TENANT, Playground, free_port, playground


@dataclass
class Bot:
    """The bot as `someguide serve` runs it, and the Playground on it."""

    teams: Playground
    service: Service


@asynccontextmanager
async def open_bot(organisations: Organisations, folder: Path) -> AsyncIterator[Bot]:
    """Without tokens; requests are reviewed in the Playground's team."""
    empty = dict.fromkeys(("teams_app_id", "teams_app_password", "teams_tenant_id"), "")
    given: dict[str, Any] = empty | {"teams_anonymous": True, "teams_organisation": "", "semantic": False}
    tenant = {"organisation": "hango", "tenant": TENANT, "review_channel": CHANNEL}
    given |= {"database_url": f"sqlite:///{folder / 'store.db'}", "teams_tenants": (tenant,)}
    settings, lexical, port = teams_settings(**given), Lexical(organisations), free_port()
    lexical.knowledge = lambda name: lexical.answerer(name).knowledge  # type: ignore[attr-defined]
    async with service(settings, lexical) as opened:  # type: ignore[arg-type]
        look, papers = Looks(opened.store, opened.filing.rights), Papers(opened.store, opened.filing)
        served = await start(opened.assistant, opened.outbox, lexical, settings, None, look, papers)  # type: ignore[arg-type]
        opened.filing.rights.memberships["teams"] = served.wire
        opened.filing.destinations.places["teams"] = served.wire
        app = web.Application()
        app.router.add_routes(served.routes())
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        worker = asyncio.create_task(opened.outbox.run())
        async with playground(f"http://127.0.0.1:{port}/api/messages") as teams:
            yield Bot(teams, opened)
        opened.outbox.stop()
        await asyncio.wait([worker], timeout=10)
        await runner.cleanup()
        await served.close()

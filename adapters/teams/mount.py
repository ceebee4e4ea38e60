"""Puts Teams into `someguide serve`: its address into the application, its wire into the outbox and into filing."""

from __future__ import annotations

from aiohttp import web

from adapters.teams.looks import Looks
from adapters.teams.papers import Papers
from adapters.teams.serve import start
from bot.metadata import looks
from bot.server import Close
from bot.service import Service


async def mount(app: web.Application, opened: Service) -> Close | None:
    """Opens the door for Teams; returns how to close it. Raises NotConfigured."""
    teams = await start(
        opened.assistant,
        opened.outbox,
        opened.organisations,
        opened.settings,
        look=Looks(opened.store, opened.filing.rights),
        made_of=Papers(opened.store, opened.filing),
        looks=looks,
    )
    opened.filing.rights.memberships["teams"] = teams.wire
    opened.filing.destinations.places["teams"] = teams.wire
    app.router.add_routes(teams.routes())
    return teams.close

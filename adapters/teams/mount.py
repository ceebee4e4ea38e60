"""Puts Teams into `someguide serve`: its address into the application, its wire into the outbox."""

from __future__ import annotations

from aiohttp import web

from adapters.teams.serve import start
from bot.server import Close
from bot.service import Service


async def mount(app: web.Application, opened: Service) -> Close | None:
    """Opens the door for Teams; returns how to close it. Raises NotConfigured."""
    teams = await start(opened.assistant, opened.outbox, opened.organisations, opened.settings)
    app.router.add_routes(teams.routes())
    return teams.close

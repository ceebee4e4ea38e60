"""Puts Slack into `someguide serve`: its address into the application, its wire into the outbox."""

from __future__ import annotations

from aiohttp import web

from adapters.slack.wire import start
from bot.metadata import looks
from bot.server import Close
from bot.service import Service


async def mount(app: web.Application, opened: Service) -> Close | None:
    """Connects to Slack; returns how to part from it."""
    found, connected = opened.organisations, {workspace.organisation for workspace in opened.settings.slack}
    languages = {name: found.knowledge(name).organisation.languages[0] for name in connected & set(found.ids)}
    slack = await start(
        opened.assistant, opened.settings, languages=languages, documents=opened.filing.document, looks=looks
    )
    opened.outbox.wires["slack"] = slack.wire
    opened.filing.rights.memberships["slack"] = slack.wire
    opened.filing.destinations.places["slack"] = slack.wire
    app.router.add_routes(slack.routes())
    return slack.close

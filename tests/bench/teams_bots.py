"""The bots that the Teams section of the bench compares, each in a process of its own.

`python -m tests.bench.teams_bots KIND CONNECTOR FOLDER` serves POST /api/messages on a free port, prints the port, and
goes on until its standard input ends. With SOMEGUIDE_BENCH_PROFILE=FILE it writes a profile of all it did there.
"""

from __future__ import annotations

import asyncio
import contextlib
import cProfile
import logging
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import structlog
from aiohttp import web

ORGANISATION = "hango"
APP, TENANT = "22222222-2222-2222-2222-222222222222", "11111111-aaaa-bbbb-cccc-000000000001"
Post = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Credentials:
    """What gets the bot's own tokens, without Microsoft."""

    microsoft_app_id = APP

    def get_access_token(self) -> str:
        """A token that nobody looks at."""
        return "token"


@asynccontextmanager
async def someguide(connector: str, folder: Path, *, tokens: bool, semantic: bool) -> AsyncIterator[Post]:
    """The assistant as `someguide serve` runs it: file, outbox, workers; with checked tokens or without."""
    from adapters.teams.serve import start
    from adapters.teams.wire import BotFramework
    from bot import upkeep
    from bot.garbage import seldom_collected
    from bot.organisations import Organisations
    from bot.service import service
    from bot.settings import Settings

    own: dict[str, Any] = {"teams_anonymous": True}
    if tokens:
        own = {"teams_app_id": APP, "teams_app_password": "secret", "teams_tenant_id": TENANT}
    settings = Settings(
        _env_file=None,
        semantic=semantic,
        database_url=f"sqlite:///{tempfile.mkdtemp(dir=folder)}/teams.db",
        teams_organisation=ORGANISATION,
        **own,
    )
    organisations = Organisations(settings)
    organisations.answerer(ORGANISATION).understand("?")
    async with service(settings, organisations) as opened:
        wire = BotFramework(settings, openid=f"{connector}/openid", credentials=Credentials() if tokens else None)
        teams = await start(opened.assistant, opened.outbox, organisations, settings, wire)
        async with upkeep.workers(opened):
            with seldom_collected():
                yield teams.endpoint.post
        await wire.close()


@asynccontextmanager
async def echo(cured: bool) -> AsyncIterator[Post]:
    """The least that Microsoft's SDK can do: says the same again. Cured of what is known to slow it, or untouched."""
    if cured:
        from msrest.universal_http.requests import ClientRetryPolicy

        ClientRetryPolicy.safe_codes = frozenset(ClientRetryPolicy.safe_codes)
    from botbuilder.core import ActivityHandler, TurnContext
    from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication

    class Bot(ActivityHandler):  # type: ignore[misc]
        async def on_message_activity(self, turn_context: TurnContext) -> None:
            await turn_context.send_activity(f"echo: {turn_context.activity.text}")

    nobody = SimpleNamespace(APP_ID="", APP_PASSWORD="", APP_TYPE="", APP_TENANTID="")
    adapter, bot = CloudAdapter(ConfigurationBotFrameworkAuthentication(nobody)), Bot()

    async def post(request: web.Request) -> web.StreamResponse:
        answer: web.StreamResponse = await adapter.process(request, bot)
        return answer

    yield post


def made(kind: str, connector: str, folder: Path) -> contextlib.AbstractAsyncContextManager[Post]:
    """The bot of that kind."""
    if kind.startswith("echo"):
        return echo(kind == "echo-cured")
    return someguide(connector, folder, tokens="tokens" in kind, semantic="words" not in kind)


async def main(kind: str, connector: str, folder: Path) -> None:
    """Serves until standard input ends."""
    if not os.environ.get("DBG"):
        logging.disable(logging.CRITICAL)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    async with made(kind, connector, folder) as post:
        app = web.Application()
        app.router.add_post("/api/messages", post)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print(runner.addresses[0][1], flush=True)
        file = os.environ.get("SOMEGUIDE_BENCH_PROFILE")
        await asyncio.to_thread(sys.stdin.readline)  # all is warm, and the clock runs
        with cProfile.Profile() if file else contextlib.nullcontext() as profile:
            await asyncio.to_thread(sys.stdin.read)
        if file and profile:
            profile.dump_stats(file)
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))

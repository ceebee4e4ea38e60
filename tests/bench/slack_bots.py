"""The bots that the Slack section of the bench compares, each in a process of its own.

`python -m tests.bench.slack_bots KIND API FOLDER [DATABASE]` serves POST /slack/events on a free port, prints the port,
and goes on until its standard input ends. With SOMEGUIDE_BENCH_PROFILE=FILE it writes a profile there of all it did
after GET /profile.
"""

from __future__ import annotations

import asyncio
import cProfile
import logging
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import aiohttp
import structlog
from aiohttp import web
from pydantic import SecretStr
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

ORGANISATION = "nykvarn"
SECRET, TOKEN, TEAM, BOT = "0123456789abcdef0123456789abcdef", "xoxb-bench", "T1", "U0BOT"
PATH = "/slack/events"
Post = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def bolt(api: str, *, posts: bool) -> AsyncIterator[Post]:
    """The least that Slack's own framework can do: acknowledges, and posts a fixed text through one shared session."""

    async def authorize(team_id: str) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=team_id, bot_token=TOKEN, bot_id="B9", bot_user_id=BOT)

    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token=TOKEN, base_url=api, session=session)
        app = AsyncApp(client=client, signing_secret=SECRET, authorize=authorize)

        @app.event("message")
        async def message(event: dict[str, str]) -> None:
            if posts:
                await client.chat_postMessage(channel=event["channel"], text="Ja.")

        async def post(request: web.Request) -> web.StreamResponse:
            return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

        yield post


@asynccontextmanager
async def someguide(api: str, folder: Path, database: str) -> AsyncIterator[Post]:
    """The assistant as `someguide serve` runs it: store, outbox, workers, every signature checked."""
    from adapters.slack.mount import mount
    from bot import upkeep
    from bot.garbage import seldom_collected
    from bot.organisations import Organisations
    from bot.service import service
    from bot.settings import Settings

    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        cache_dir=folder,
        database_url=database,
        slack_bot_token=SecretStr(TOKEN),
        slack_signing_secret=SecretStr(SECRET),
        slack_organisation=ORGANISATION,
        slack_api_url=api,
    )
    organisations = Organisations(settings)
    organisations.answerer(ORGANISATION).understand("Får jag publicera en bild?")  # what is loaded with the first
    app = web.Application()
    async with service(settings, organisations) as opened:
        close = await mount(app, opened)
        (route,) = [r for r in app.router.routes() if r.method == "POST"]
        async with upkeep.workers(opened):
            with seldom_collected():
                yield route.handler
        if close:
            await close()


def made(kind: str, api: str, folder: Path, database: str) -> AbstractAsyncContextManager[Post]:
    """The bot of that kind."""
    return someguide(api, folder, database) if kind == "someguide" else bolt(api, posts=kind == "post")


async def main(kind: str, api: str, folder: Path, database: str = "") -> None:
    """Serves until standard input ends."""
    logging.disable(logging.CRITICAL)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    async with made(kind, api, folder, database) as post:
        app = web.Application()
        app.router.add_post(PATH, post)
        profile = cProfile.Profile()

        async def begin(_: web.Request) -> web.Response:
            profile.enable()
            return web.Response()

        app.router.add_get("/profile", begin)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print(runner.addresses[0][1], flush=True)
        await asyncio.to_thread(sys.stdin.read)
        profile.disable()
        if file := os.environ.get("SOMEGUIDE_BENCH_PROFILE"):
            profile.dump_stats(file)
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), *sys.argv[4:]))

"""`someguide serve`: one process with the platforms' addresses, the workers, and what operators look at.

Further instances share a PostgreSQL database and nothing else. The adapters are given by the entry point, so that this
module knows no platform.
"""

from __future__ import annotations

import asyncio
import re
import signal
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from aiohttp import web
from sqlalchemy import text

from bot import metrics, upkeep
from bot.garbage import seldom_collected
from bot.service import Service
from bot.store.unavailable import StoreUnavailable

log = structlog.get_logger()
Close = Callable[[], Awaitable[None]]
Mount = Callable[[web.Application, Service], Awaitable[Close | None]]
"""Adds a platform's addresses to the application and its wire to the outbox; returns how to close it."""

LARGEST = 1024 * 1024  # bytes of one request
GRACE = 20.0
"""Seconds that a stop waits for what is being handled."""
_REQUEST_ID = re.compile(r"[\w.\-]{1,64}")


@web.middleware
async def _request_id(request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> Any:
    """Every log line of a request carries its id; a proxy may give it."""
    given = request.headers.get("X-Request-Id", "")
    name = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    with structlog.contextvars.bound_contextvars(request=name):
        try:
            response = await handler(request)
        except web.HTTPException:
            raise
        except Exception:
            log.exception("request_failed", path=request.path)
            response = web.json_response({"error": "something went wrong; see the log"}, status=500)
    response.headers["X-Request-Id"] = name
    return response


def application(opened: Service) -> web.Application:
    """The application without any platform: health, readiness and metrics."""
    app = web.Application(middlewares=[_request_id], client_max_size=LARGEST)

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "up"})

    async def readyz(_: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(5), opened.store.transaction() as tx:
                await tx.execute(text("select 1"))
        except (StoreUnavailable, TimeoutError):
            return web.json_response({"status": "the database does not answer"}, status=503)
        return web.json_response({"status": "ready"})

    async def figures(_: web.Request) -> web.Response:
        return web.Response(body=metrics.page(), headers={"Content-Type": "text/plain; version=0.0.4"})

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", figures)
    return app


async def serve(opened: Service, mounts: Sequence[Mount], host: str, port: int, say: Callable[[str], None]) -> None:
    """Serves until a signal asks to stop; then finishes what is under way."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    app = application(opened)
    closers = [closer for mount in mounts if (closer := await mount(app, opened)) is not None]
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=GRACE)
    await runner.setup()
    try:
        with seldom_collected():
            async with upkeep.workers(opened):
                site = web.TCPSite(runner, host, port)
                await site.start()
                say(f"Someguide serves on {host}:{runner.addresses[0][1]}; stop it with Ctrl+C or SIGTERM")
                await stopping.wait()
                await runner.cleanup()
    finally:
        await runner.cleanup()
        for close in closers:
            await close()

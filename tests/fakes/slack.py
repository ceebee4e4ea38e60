"""A Slack of our own: its Web API with state and limits, response addresses, files and Socket Mode.

`FakeSlack` is the server (aiohttp). It refuses what Slack refuses (`slack_limits`), and fails on demand: `fail` takes
429, 500, an error of Slack's, or "lost": done, but the answer never comes. What it knows is in `slack_world`, what its
methods do in `slack_methods`; the people are in `slack_people`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from typing import Any

import aiohttp
from aiohttp import web

from tests.fakes import slack_limits
from tests.fakes.slack_methods import Methods
from tests.fakes.slack_world import (
    APP,
    APP_TOKEN,
    BOT,
    BOT_ID,
    SCOPES,
    SECRET,
    TEAM,
    TOKEN,
    Channel,
    Error,
    Fault,
    Team,
)

__all__ = [
    "APP", "APP_TOKEN", "BOT", "BOT_ID", "SCOPES", "SECRET", "TEAM", "TOKEN", "Channel", "Error", "FakeSlack",
    "Fault", "Team",
]  # fmt: skip


class FakeSlack(Methods):
    """The server."""

    # -- the server ----------------------------------------------------------------------------------------------------

    async def start(self) -> str:
        """Listens on a free port; returns the base of the Web API."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/respond/{name}", self._respond)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/files/{file}", self._download)
        app.router.add_get("/link", self._link)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        self.url = f"http://127.0.0.1:{port}"
        return f"{self.url}/api/"

    async def stop(self) -> None:
        """Ends."""
        for socket in list(self.sockets):
            await socket.close()
        await self._runner.cleanup()

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments = await _arguments(request)
        self.calls.append((method, arguments))
        if self.delay:
            await asyncio.sleep(self.delay)
        fault = self._fault(method)
        if fault and fault.kind == "429":
            headers = {"Retry-After": f"{fault.after:g}"}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
        if fault and fault.kind == "500":
            return web.json_response({"ok": False, "error": "internal_error"}, status=500)
        if fault and fault.kind == "html":
            return web.Response(text="<html>Bad gateway</html>", content_type="text/html", status=502)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or str(arguments.get("token", ""))
        headers = {}
        try:
            if fault and fault.kind not in ("lost",):
                raise Error(fault.kind)
            team = self._team(token, method)
            headers = {"X-OAuth-Scopes": team.scopes} if team else {}
            handler = getattr(self, "_" + method.replace(".", "_"), None)
            if handler is None:
                raise Error("unknown_method")
            answer = {"ok": True, **(handler(team, arguments) or {})}
        except Error as error:
            answer = {"ok": False, "error": str(error)}
            if str(error) == "ratelimited":
                return web.json_response(answer, status=429, headers={"Retry-After": "1"})
        finally:
            self.changed.set()
        if fault and fault.kind == "lost" and request.transport is not None:
            request.transport.close()  # it is done, and nobody hears of it
        return web.json_response(answer, headers=headers)

    def _fault(self, method: str) -> Fault | None:
        fault = next((f for f in self.faults if f.method in (method, "*") and f.times > 0), None)
        if fault:
            fault.times -= 1
        return fault

    def _team(self, token: str, method: str) -> Team | None:
        if method == "apps.connections.open":
            if not token.startswith("xapp-"):
                raise Error("not_allowed_token_type")
            return None
        team = self.teams.get(token)
        if team is None:
            raise Error("invalid_auth" if token else "not_authed")
        if team.revoked:
            raise Error("token_revoked")
        return team

    # -- beside the Web API --------------------------------------------------------------------------------------------

    async def _respond(self, request: web.Request) -> web.Response:
        known = self._responses.get(request.match_info["name"])
        message = await request.json()
        self.calls.append(("response_url", message))
        if known is None or known["until"] < time.time():
            return web.Response(status=404, text="expired_url")
        if known["left"] < 1:
            return web.Response(status=404, text="used_url")
        allowed = {"response_type", "replace_original", "delete_original", "text", "blocks", "thread_ts"}
        allowed |= {"unfurl_links", "unfurl_media"}
        wrong = slack_limits.message(message) + [f"response: unknown {k}" for k in set(message) - allowed]
        if wrong:
            self.problems += wrong
            return web.Response(status=500, text="invalid_blocks")
        known["left"] -= 1
        self.ephemerals.append({**message, "channel": known["channel"], "user": known["user"], "ts": self.ts()})
        self.changed.set()
        return web.Response(text="ok")

    async def _upload(self, request: web.Request) -> web.Response:
        self.contents[request.match_info["file"]] = await request.read()
        return web.Response(text="OK")

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.teams:
            return web.Response(status=403)
        content = self.contents.get(request.match_info["file"], b"")
        if not self.piece:
            return web.Response(body=content, content_type="image/jpeg")
        answer = web.StreamResponse()
        await answer.prepare(request)
        with contextlib.suppress(ConnectionError):  # who has read enough hangs up
            for at in range(0, len(content), self.piece):
                await answer.write(content[at : at + self.piece])
        return answer

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": APP}})
        self.sockets.append(socket)
        self.changed.set()
        async for frame in socket:
            if frame.type is aiohttp.WSMsgType.TEXT:
                try:
                    data = json.loads(frame.data)
                except ValueError:
                    continue
                waiting = self.envelopes.get(str(data.get("envelope_id")))
                if waiting and not waiting.done():
                    waiting.set_result(data.get("payload"))
        self.sockets.remove(socket)
        return socket

    async def until(self, holds: Callable[[], Any], seconds: float = 5.0) -> Any:
        """Waits until something holds; returns what it gave. Fails the test otherwise."""
        end = time.monotonic() + seconds
        while not (found := holds()):
            left = end - time.monotonic()
            assert left > 0, f"did not happen; refused: {self.problems}; last calls: {[c[0] for c in self.calls[-8:]]}"
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), min(left, 0.05))
            except TimeoutError:
                continue
        return found


async def _arguments(request: web.Request) -> dict[str, Any]:
    """The arguments of a call, as JSON, as a form, or in the address."""
    found: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        data = await request.json()
        found |= data if isinstance(data, dict) else {}
    else:
        found |= dict(await request.post())
    return {
        name: _nested(value) if name in ("blocks", "view", "files", "prompts") else value
        for name, value in found.items()
    }


def _nested(value: Any) -> Any:
    """What was JSON within a form."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value

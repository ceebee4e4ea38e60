"""Slack's server in a storm: it fails a tenth of its calls, and notes on a board what it shows."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from typing import Any

from aiohttp import web

from tests.fakes.slack import FakeSlack, Fault, Team
from tests.storm.weather import DONE, Weather, now
from tests.storm.world import Board

HANGS = 12.0
"""Seconds after which a call is answered that hangs: longer than anybody waits."""
BUILT_IN = {"429", "500", "html", "lost"}
"""Ways of failing that the fake knows itself."""


class StormySlack(FakeSlack):
    """The fake, with weather, and a board on which it notes what it shows."""

    def __init__(self, weather: Weather, board: Board) -> None:
        super().__init__()
        self.weather = weather
        self.board = board
        self.asides: Counter[str] = Counter()  # by person
        self.unheard_asides: Counter[str] = Counter()
        self.aside_times: defaultdict[str, list[float]] = defaultdict(list)
        self.homes_shown: Counter[str] = Counter()
        self.plain: Counter[str] = Counter()  # sentences past the store, by channel

    async def _api(self, request: web.Request) -> web.StreamResponse:
        return await self._weathered(request, super()._api)

    async def _respond(self, request: web.Request) -> web.Response:
        before = len(self.ephemerals)
        answer = await self._weathered(request, super()._respond)
        for one in self.ephemerals[before:]:
            self._aside(one["user"])
        return answer

    async def _upload(self, request: web.Request) -> web.Response:
        return await self._weathered(request, super()._upload)

    async def _weathered(self, request: web.Request, handler: Any) -> Any:
        way = self.weather.draw()
        own = handler == super()._api
        if way == "cut":
            _cut(request)
            return web.Response()
        if way in ("429", "500", "html") and not own:
            return web.Response(status=429 if way == "429" else 502, headers={"Retry-After": "1"})
        answer = await handler(request)
        if way == "hang":
            await asyncio.sleep(HANGS)
        if way == "lost" and not own:
            _cut(request)
        return answer

    def _fault(self, method: str) -> Fault | None:
        return Fault(method, now.get()) if now.get() in BUILT_IN else None

    def _chat_postMessage(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        made = super()._chat_postMessage(team, arguments)
        if arguments.get("blocks"):
            self.board.note(made["channel"], made["ts"], _mark_of(arguments), True, now.get() in DONE)
        else:
            self.plain[made["channel"]] += 1
            self.board.stir(made["channel"])
        return made

    def _chat_update(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        made = super()._chat_update(team, arguments)
        self.board.note(made["channel"], made["ts"], _mark_of(arguments), False, now.get() in DONE)
        return made

    def _chat_postEphemeral(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        made = super()._chat_postEphemeral(team, arguments)
        if arguments.get("blocks"):
            self._aside(str(arguments.get("user")))
        else:
            self.plain[str(arguments.get("user"))] += 1
        return made

    def _aside(self, user: str) -> None:
        self.asides[user] += 1
        self.aside_times[user].append(time.time())
        self.unheard_asides[user] += now.get() in DONE
        self.board.stir(user)

    def _views_publish(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        made = super()._views_publish(team, arguments)
        self.homes_shown[str(arguments["user_id"])] += 1
        self.board.stir(self.private(str(arguments["user_id"]), team.id).id)
        return made


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()


def _mark_of(arguments: dict[str, Any]) -> str:
    name = str(arguments["blocks"][0].get("block_id", ""))
    return name if name.startswith("once:") else ""

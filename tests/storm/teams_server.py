"""Teams' connector in a storm: it fails a tenth of its calls, and notes on a board what it shows."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter, defaultdict
from typing import Any

from aiohttp import web

from adapters.teams.texts import say as sentence
from knowledge.models import Language
from tests.fakes.teams import FakeTeams, Posted
from tests.storm.weather import DONE, Weather, now
from tests.storm.world import Board

HANGS = 33.0
"""Seconds after which a call is answered that hangs: longer than anybody waits."""
STATUSES = {"429": [429], "500": [412, 500, 503, 504], "html": [502]}
NOT_DONE = ("working", "slow", "slow-press", "choose-first", "nothing", "name-too")
"""Sentences that tell a person that nothing has happened, or not yet."""


def sentences() -> set[str]:
    """All of them, in every language."""
    found = set()
    for name, language in itertools.product(NOT_DONE, Language):
        try:
            found.add(sentence(language, name))
        except KeyError:
            continue
    return found


class StormyTeams(FakeTeams):
    """The fake, with weather, and a board on which it notes what it shows."""

    weather: Weather
    board: Board

    def __post_init__(self) -> None:
        super().__post_init__()
        self.told: Counter[str] = Counter()  # sentences past the store, by conversation
        self.by_place: defaultdict[str, list[Posted]] = defaultdict(list)
        self._sentences = sentences()

    async def _connector(self, request: web.Request) -> web.StreamResponse:
        way = self.weather.draw()
        if way == "cut":
            return _cut(request)
        if way in STATUSES:
            status = random.choice(STATUSES[way])
            headers = {"Retry-After": "1"} if status == 429 else {}
            return web.json_response({"error": {"code": "Storm"}}, status=status, headers=headers)
        answer = await super()._connector(request)
        if way == "hang":
            await asyncio.sleep(HANGS)
        return _cut(request) if way == "lost" else answer

    def _do(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        status, said = super()._do(method, path, body)
        parts = path.split("/")
        if status in (200, 201) and len(parts) > 2 and parts[2] == "activities" and body.get("type") == "message":
            self._noted(method, parts[1], str(said["id"]), body)
        return status, said

    def _noted(self, method: str, conversation: str, name: str, body: Any) -> None:
        place = conversation.split(";")[0]
        if body.get("text") in self._sentences:
            self.told[place] += 1
            self.board.stir(place)
            return
        if method == "POST":
            self.by_place[place].append(self.posted[-1])
        self.board.note(conversation, name, "", method == "POST", now.get() in DONE)
        self.board.stir(place)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.close()
    return web.Response()

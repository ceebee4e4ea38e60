"""One chat platform for several processes, on a local socket: it knows a delivery by its name, and fails often.

A line of JSON a call, each answered by one line; the answers may come in another order.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter
from pathlib import Path
from typing import Any

from bot.channels import Address, RetryLater
from bot.messages import Outgoing
from tests.soak.together import Faults

LONGEST = 1024 * 1024


class Server:
    """The platform."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.posts: dict[int, tuple[str, str | None]] = {}  # where, and what it shows
        self.names: dict[str, int] = {}
        self._ids = itertools.count(1)
        self._server: asyncio.Server | None = None

    async def start(self, where: Path) -> None:
        """Listens."""
        self._server = await asyncio.start_unix_server(self._serve, str(where), limit=LONGEST)

    async def stop(self) -> None:
        """Ends."""
        if self._server:
            self._server.close()

    @property
    def doubled(self) -> int:
        """How many messages show what another one shows at the same place."""
        shown = Counter(post for post in self.posts.values() if post[1])
        return sum(count - 1 for count in shown.values())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                asked = json.loads(line)
                writer.write(json.dumps({"call": asked["call"], **self._answer(asked)}).encode() + b"\n")
        except (ConnectionError, ValueError):
            pass  # whoever called was killed
        finally:
            writer.close()

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        fault = self.faults.before()
        if fault:
            return {"later": str(fault), "after": getattr(fault, "after", None)}
        number = self.names.get(asked["once"]) or self._before(asked) or next(self._ids)
        self.names[asked["once"]] = number
        self.posts[number] = (asked["place"], asked["key"])
        return {"later": "the answer was lost", "after": None} if self.faults.after() else {"post": number}

    def _before(self, asked: dict[str, Any]) -> int | None:
        return asked["before"] if asked["before"] in self.posts else None


class Client:
    """The platform as an instance sees it (bot.channels.Wire)."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._calls = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._listening = asyncio.create_task(self._listen(reader))

    @classmethod
    async def connect(cls, where: Path) -> Client:
        """Finds it."""
        return cls(*await asyncio.open_unix_connection(str(where), limit=LONGEST))

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            answer = json.loads(line)
            self._waiting.pop(answer["call"]).set_result(answer)

    async def send(
        self, address: Address, outgoing: Outgoing, before: Address | None, once: str, again: bool = False
    ) -> Address:
        """See bot.channels.Wire."""
        call = next(self._calls)
        self._waiting[call] = asyncio.get_running_loop().create_future()
        said = {"call": call, "place": str(address.get("place")), "key": outgoing.key, "once": once}
        said["before"] = before["post"] if before else None
        self._writer.write(json.dumps(said).encode() + b"\n")
        answer = await self._waiting[call]
        if "later" in answer:
            raise RetryLater(answer["later"], answer["after"])
        return {"post": answer["post"]}

    async def private(self, organisation: str, person: str) -> Address:
        """See bot.channels.Wire."""
        return {"place": person}

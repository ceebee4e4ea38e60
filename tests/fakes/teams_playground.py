"""Drives the Microsoft 365 Agents Playground without a browser, over its own address and socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.clients import installed

ME, TENANT, CHANNEL = "user-id-0", "00000000-0000-0000-0000-0000000000001", "team-id"
"""What the Playground always has: who writes, their tenant, and the channel of its team."""
START, SECONDS = 120.0, 60.0
"""Seconds in which the Playground is there, and in which something is shown: far less on a machine that is not busy."""


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Playground:
    """One Playground, and what it shows."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self.base = base
        self.config: dict[str, Any] = {}
        self.seen: list[dict[str, Any]] = []
        self._new = asyncio.Event()

    async def listen(self) -> asyncio.Task[None]:
        """Reads what is shown; messages from before are kept by it and come first."""
        async with self._session.get(f"{self.base}/_internal/v1/config") as answer:
            self.config = (await answer.json())["config"]
        stream = await self._session.ws_connect(f"{self.base}/_ws_conversation/v1/conversations/stream")

        async def pump() -> None:
            async for message in stream:
                self.seen.append(json.loads(message.data))
                self._new.set()

        task = asyncio.create_task(pump())
        await asyncio.sleep(0.3)
        return task

    async def post(self, path: str, body: Any) -> Any:
        """One call."""
        async with self._session.post(self.base + path, json=body) as answer:
            text = await answer.text()
            assert answer.status < 400, (answer.status, text)
            with contextlib.suppress(ValueError):
                return json.loads(text)
            return text

    @property
    def personal(self) -> str:
        """The personal chat."""
        return str(self.config["personalChat"]["id"])

    @property
    def group(self) -> str:
        """A group chat."""
        return str(self.config["groupChats"][0]["id"])

    @property
    def channel(self) -> str:
        """A channel."""
        return str(self.config["teams"][0]["channels"][0]["id"])

    async def say(self, conversation: str, text: str, mention: bool = False) -> Any:
        """Writes."""
        body: dict[str, Any] = {"from": {"id": ME}, "text": text, "textFormat": "plain"}
        if mention:
            called = f"<at>{self.config['bot']['name']}</at>"
            body["text"] = f"{called} {text}"
            body["mentions"] = [{"mentioned": {"id": self.config["bot"]["id"]}, "text": called}]
        return await self.post(f"/_conversation/v1/conversations/{conversation}/messages", body)

    async def install(self, conversation: str) -> None:
        """Adds the app."""
        await self.post(f"/_debug/conversation/{conversation}/installation", {})

    async def execute(self, conversation: str, message: str, data: dict[str, Any], who: str = ME) -> Any:
        """Presses an Action.Execute; gives what the bot answers."""
        action = {"type": "Action.Execute", "verb": "someguide", "data": data}
        body: dict[str, Any] = {
            "name": "adaptiveCard/action",
            "conversation": {"id": conversation},
            "from": {"id": who},
        }
        return await self.post("/_conversation/v1/invoke", body | {"replyToId": message, "value": {"action": action}})

    async def invoke(self, conversation: str, name: str, value: dict[str, Any]) -> Any:
        """Something that Teams asks; gives what the bot answers."""
        body = {"name": name, "conversation": {"id": conversation}, "from": {"id": ME}, "value": value}
        return await self.post("/_conversation/v1/invoke", body)

    async def submit(self, conversation: str, message: str, data: dict[str, Any]) -> Any:
        """Presses an Action.Submit."""
        body = {"conversation": {"id": conversation}, "from": {"id": ME}, "replyToId": message, "value": data}
        return await self.post("/_conversation/v1/submit", body)

    async def event(self, conversation: str, kind: str) -> None:
        """One of its own events: uninstall, teamRenamed, channelDeleted, …"""
        url = f"{self.base}/_internal/v1/customActivities/template?conversationId={conversation}&type={kind}"
        async with self._session.get(url) as answer:
            made = await answer.json()
        await self.post("/_internal/v1/customActivities", made.get("activity", made))

    async def until(self, wanted: Callable[[dict[str, Any]], bool], seconds: float = SECONDS) -> dict[str, Any]:
        """The first thing shown that is wanted; it and all before it are then done with."""
        async with asyncio.timeout(seconds):
            while True:
                for place, shown in enumerate(self.seen):
                    if wanted(shown):
                        self.seen = self.seen[place + 1 :]
                        return shown
                self._new.clear()
                await self._new.wait()

    async def card(
        self, text: str, action: str = "createMessage", seconds: float = SECONDS
    ) -> tuple[str, dict[str, Any], str]:
        """The next card with a text in it, sent or (without `action`) changed: its id, the card, its conversation."""
        found = await self.until(
            lambda shown: (
                shown.get("action") in ((action,) if action else ("createMessage", "updateMessage"))
                and text in json.dumps(shown, ensure_ascii=False)
                and bool(shown["message"].get("attachments"))
            ),
            seconds,
        )
        message = found["message"]
        return str(message["messageId"]), message["attachments"][0]["content"], str(found["actionConversationId"])


class Process:
    """The Playground itself, on a bot's address. Its pictures, logs and settings lie in a folder of their own."""

    def __init__(self, endpoint: str) -> None:
        folder, self.port = installed(), free_port()
        assert folder is not None
        program = folder.resolve() / "node_modules/.bin/agentsplayground"
        command = [str(program), "-e", endpoint, "-c", "msteams", "-p", str(self.port), "--disable-telemetry"]
        self._logs = tempfile.TemporaryDirectory(prefix="someguide-playground-", ignore_cleanup_errors=True)
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(command, cwd=self._logs.name, stdout=quiet, stderr=quiet)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def wait(self) -> None:
        """Until it ends by itself."""
        self._process.wait()

    def stop(self) -> None:
        """Ends it."""
        self._process.terminate()
        self._process.wait(30)
        self._logs.cleanup()


@asynccontextmanager
async def watching(process: Process) -> AsyncIterator[Playground]:
    """The Playground of a process, and what it shows from now on. The bot must answer by now: it is looked for."""
    async with aiohttp.ClientSession() as session:
        made = Playground(session, process.url)
        async with asyncio.timeout(START):
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    task = await made.listen()
                    break
                await asyncio.sleep(0.3)
        made.seen.clear()  # what was sent while nobody listened comes first
        yield made
        task.cancel()


@asynccontextmanager
async def playground(endpoint: str) -> AsyncIterator[Playground]:
    """A Playground on a bot, for as long as the block lasts."""
    process = Process(endpoint)
    try:
        async with watching(process) as made:
            yield made
    finally:
        process.stop()

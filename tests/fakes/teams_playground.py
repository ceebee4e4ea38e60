"""Drives the Microsoft 365 Agents Playground without a browser, over its own address and socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

CLIENTS = Path(__file__).parent.parent / "adapters" / "teams" / "clients"
ME = "user-id-0"


def modules() -> Path | None:
    """The folder whose node_modules has the clients: SOMEGUIDE_CLIENTS, or the one beside the tests."""
    folder = Path(os.environ.get("SOMEGUIDE_CLIENTS", str(CLIENTS)))
    return folder if shutil.which("node") and (folder / "node_modules").is_dir() else None


MISSING = "node and the clients are not here: npm install --prefix tests/adapters/teams/clients"


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

    async def execute(self, conversation: str, message: str, data: dict[str, Any]) -> Any:
        """Presses an Action.Execute; gives what the bot answers."""
        action = {"type": "Action.Execute", "verb": "someguide", "data": data}
        body: dict[str, Any] = {"name": "adaptiveCard/action", "conversation": {"id": conversation}, "from": {"id": ME}}
        return await self.post("/_conversation/v1/invoke", body | {"replyToId": message, "value": {"action": action}})

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

    async def until(self, wanted: Callable[[dict[str, Any]], bool], seconds: float = 15.0) -> dict[str, Any]:
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
        self, text: str, action: str = "createMessage", seconds: float = 15.0
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


@asynccontextmanager
async def playground(endpoint: str) -> AsyncIterator[Playground]:
    """A Playground on a bot."""
    folder, port = modules(), free_port()
    assert folder is not None
    command = [str(folder / "node_modules" / ".bin" / "agentsplayground"), "-e", endpoint, "-c", "msteams"]
    process = await asyncio.create_subprocess_exec(
        *command,
        *("-p", str(port), "--disable-telemetry"),
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession() as session:
            made = Playground(session, f"http://127.0.0.1:{port}")
            async with asyncio.timeout(40):
                while True:
                    with contextlib.suppress(aiohttp.ClientError):
                        task = await made.listen()
                        break
                    await asyncio.sleep(0.3)
            yield made
            task.cancel()
    finally:
        process.terminate()
        await process.wait()

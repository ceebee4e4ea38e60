"""Teams as Microsoft's own Agents Playground plays it: the same scenarios, seen in a client that others wrote.

One person writes, in a personal chat and in a channel; the Playground speaks English only, so that each scenario begins
with the wish for its language. What is seen is what the Playground shows, not what we sent.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, ClassVar

from aiohttp import web

from adapters.teams.serve import start
from adapters.teams.wire import BotFramework
from bot.channels import Address
from bot.service import Service
from knowledge.models import Language
from tests.channels.base import Act, Seen
from tests.channels.teams import Everyone, seen
from tests.fakes.teams_cards import check_drawn
from tests.fakes.teams_playground import SECONDS, Process, free_port, watching

WISHES = {Language.SV: "på svenska", Language.FI: "suomeksi", Language.EN: "in English"}


@dataclass(frozen=True)
class Shown(Seen):
    """A message, and where it stands in the Playground."""

    place: str = ""
    message: str = ""


class Counting(BotFramework):
    """The real wire, which counts what Teams has taken."""

    taken = 0

    async def send(self, address: Address, activity: dict[str, Any]) -> str:
        """See contract.Platform."""
        name = await super().send(address, activity)
        self.taken += 1
        return name

    async def update(self, address: Address, message: str, activity: dict[str, Any]) -> None:
        """See contract.Platform."""
        await super().update(address, message, activity)
        self.taken += 1


class Playground:
    """Speaks to the adapter through the Playground."""

    name = "playground"
    able = frozenset({"old", "fill", "public"})
    port: ClassVar[int] = 0  # of the bot; the Playground knows one
    process: ClassVar[Process | None] = None

    @classmethod
    def launch(cls) -> None:
        """Starts the one Playground of this process."""
        cls.port = free_port()
        cls.process = Process(f"http://127.0.0.1:{cls.port}/api/messages")

    @classmethod
    def end(cls) -> None:
        """Ends it."""
        assert cls.process is not None
        cls.process.stop()
        cls.process = None

    def __init__(self, service: Service) -> None:
        self.service = service
        self.tenants = Everyone((), None, ([""],))
        self._opened = AsyncExitStack()
        self._language: Language | None = None
        self._answered = asyncio.Event()

    async def open(self) -> None:
        """The adapter without tokens, as the Playground wants it, and the Playground."""
        assert self.process is not None
        own = {"teams_anonymous": True, "teams_organisation": "-"}
        settings = self.service.settings.model_validate(self.service.settings.model_dump() | own)
        self.wire = Counting(settings)
        self._opened.push_async_callback(self.wire.close)
        teams = await start(
            self.service.assistant, self.service.outbox, self.service.organisations, settings, self.wire
        )
        self._opened.push_async_callback(teams.close)
        teams.wire.pace.wait = lambda _: 0.0  # type: ignore[method-assign]  # a scenario is quicker than people are
        teams.wire.tenants = teams.endpoint.tenants = self.tenants
        app = web.Application(middlewares=[self._counted])
        app.router.add_routes(teams.routes())
        runner = web.AppRunner(app)
        await runner.setup()
        self._opened.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        self.teams = await self._opened.enter_async_context(watching(self.process))

    @web.middleware
    async def _counted(self, request: web.Request, handler: Any) -> Any:
        """The Playground does not say when the bot has answered a message."""
        try:
            return await handler(request)
        finally:
            self._answered.set()

    async def close(self) -> None:
        """Ends the adapter; the Playground goes on."""
        await self._opened.aclose()

    def person(self, name: str) -> str:
        """The one person of the Playground, whatever the scenario calls them."""
        return f"teams:{self.teams.config['tenantId']}:{self.teams.config['currentUser']['aadObjectId']}"

    async def say(self, act: Act) -> list[Seen]:
        """A message; where others read along, it calls the bot."""
        await self._in_language(act)
        return await self._said(act, act.text)

    async def _in_language(self, act: Act) -> None:
        self.tenants.now[0][0] = act.organisation
        if self._language is not act.language:
            self._language = act.language
            await self._said(act, WISHES[act.language])

    async def _said(self, act: Act, text: str) -> list[Seen]:
        where = self.teams.channel if act.public else self.teams.personal
        before = self._before()
        await self.teams.say(where, text, mention=act.public)
        return await self._shown(before)

    async def press(self, act: Act, seen: Seen, label: str) -> list[Seen]:
        """A button's data; every third press as a client without Action.Execute sends it."""
        return await self._pressed(act, seen, seen.labels[label])

    async def fill(self, act: Act, seen: Seen, values: dict[str, Any]) -> list[Seen]:
        """The inputs of a card with the data of the button that sends them."""
        inputs: dict[str, Any] = {i["id"]: i.get("value", "") for i in seen.fields.values()}
        for label, value in values.items():
            asked = seen.fields[label]
            known = {c["title"]: c["value"] for c in asked.get("choices", ())}
            listed = [known.get(str(v), str(v)) for v in (value if isinstance(value, list) else [value])]
            inputs[asked["id"]] = ",".join(listed)
        return await self._pressed(act, seen, seen.labels[seen.submit] | inputs)

    async def _pressed(self, act: Act, seen: Seen, data: dict[str, Any]) -> list[Seen]:
        self.tenants.now[0][0] = act.organisation
        assert isinstance(seen, Shown)
        before = self._before()
        press = self.teams.submit if before % 3 == 2 else self.teams.execute
        await press(seen.place, seen.message, data)
        return await self._shown(before)

    def _before(self) -> int:
        self._answered.clear()
        return self.wire.taken

    async def _shown(self, before: int) -> list[Seen]:
        """What the Playground shows of all that the bot sends now."""
        async with asyncio.timeout(SECONDS):
            await self._answered.wait()
        while await self.service.outbox.deliver_due():
            await asyncio.sleep(0)
        found: list[Seen] = []
        for _ in range(self.wire.taken - before):
            shown = await self.teams.until(lambda s: s.get("action") in ("createMessage", "updateMessage"))
            message = shown["message"]
            for attachment in message.get("attachments") or ():
                check_drawn(attachment["content"])
            read = seen(message)
            place = str(shown["actionConversationId"])
            found.append(Shown(read.text, "", read.labels, read.fields, read.submit, place, message["messageId"]))
        return found

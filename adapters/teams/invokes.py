"""What Teams asks and wants answered in the same request: presses, dialogs, the compose box, the question about a file.

A card's press is a turn like any other; the outbox sends what it leads to, and the answer shows the pressed card as it
is now. Searching and looking keep nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog
from aiohttp import web

from adapters.teams import bodies, compose, payload, read
from adapters.teams.contract import Activity, Platform
from adapters.teams.papers import Files
from adapters.teams.payload import LONGEST, text
from adapters.teams.people import Nameless, People
from adapters.teams.press import Press, press
from adapters.teams.texts import say as own
from adapters.teams.waiting import INVOKE, Waiting
from bot.answering.answerer import Answerer
from bot.channels import Gone, RetryLater, TooBig
from bot.messages import Incoming, Outgoing
from bot.outbox import Delivery
from bot.settings import TeamsTenant
from knowledge.models import Language

log = structlog.get_logger()
Body = dict[str, Any]
Look = Callable[[str, str, str, str], Awaitable[Outgoing | None]]
"""What a card (organisation, conversation, key) shows to a reviewer (person); None for anybody else."""


class Takes(Protocol):
    """What is needed of the assistant."""

    async def take(self, incoming: Incoming) -> list[Delivery]:
        """Handles one message in one transaction."""


@dataclass
class Invokes:
    """Answers what Teams asks."""

    assistant: Takes
    platform: Platform
    people: People
    answerer: Callable[[str], Answerer]
    look: Look | None = None
    files: Files | None = None
    waiting: Waiting = field(default_factory=Waiting)

    async def answer(self, activity: Activity, tenant: TeamsTenant) -> web.Response:
        """The response to one invoke; 501 for what is not ours."""
        handler = {
            "adaptiveCard/action": self._press,
            "task/fetch": self._dialog,
            "task/submit": self._dialog,
            "composeExtension/query": self._search,
            "composeExtension/fetchTask": self._ask_about,
            "composeExtension/submitAction": self._ask_in_chat,
            "fileConsent/invoke": self._file,
        }.get(text(activity, "name"))
        if handler is None:
            return web.Response(status=501)
        return web.json_response(await handler(activity, tenant))

    def spoken(self, activity: Activity, tenant: TeamsTenant) -> Language:
        """The language of what was pressed, else the person's, else the organisation's."""
        pressed = press(activity)
        chosen = pressed.language if pressed else None
        return chosen or payload.language(activity) or self.first_language(tenant)

    def first_language(self, tenant: TeamsTenant) -> Language:
        """The organisation's own language."""
        return self.answerer(tenant.organisation).knowledge.organisation.languages[0]

    # -- presses -----------------------------------------------------------------------------------------------------

    async def pressed(self, activity: Activity, tenant: TeamsTenant) -> tuple[Incoming | None, list[Delivery] | None]:
        """The message that a press is, and what was answered; None where that takes too long. Raises Nameless."""
        incoming = read.read(activity, tenant.organisation, review_channel=tenant.review_channel)
        if incoming is None:
            return None, []
        try:
            return incoming, await self.waiting.within(self._taken(incoming, tenant), INVOKE)
        except TimeoutError:
            return incoming, None

    async def _taken(self, incoming: Incoming, tenant: TeamsTenant) -> list[Delivery]:
        return await self.assistant.take(await self.people.known(incoming, tenant))

    async def _press(self, activity: Activity, tenant: TeamsTenant) -> Body:
        language, pressing = self.spoken(activity, tenant), press(activity)
        if pressing is None:
            return bodies.card_error("BadRequest", own(language, "nothing"))
        if pressing.refresh:
            return await self._refreshed(activity, tenant, pressing, language)
        if pressing.file:
            return bodies.card_message(await self.offered(activity, tenant, pressing, language))
        done = await self._tried(activity, tenant, "choose-first")
        return bodies.card_message(own(language, done)) if isinstance(done, str) else bodies.pressed(pressing, *done)

    async def _tried(
        self, activity: Activity, tenant: TeamsTenant, nothing: str
    ) -> tuple[Incoming, list[Delivery]] | str:
        """A press and what was answered, or the name of what is said where there is no answer (`nothing`: no press)."""
        try:
            incoming, made = await self.pressed(activity, tenant)
        except Nameless:
            return "name-too"
        if incoming is None:
            return nothing
        return "working" if made is None else (incoming, made)

    async def _refreshed(self, activity: Activity, tenant: TeamsTenant, pressing: Press, language: Language) -> Body:
        """The card as the one who looks at it may see it. Nothing is kept: clients ask this by themselves."""
        root = text(activity, "conversation", "id").split(";messageid=")[0]
        where, who = payload.conversation(payload.tenant(activity), root), payload.person(activity)
        found = await self.look(tenant.organisation, where, pressing.key, who.id) if self.look and who else None
        return bodies.shown(found) if found else bodies.card_message(own(language, "nothing"))

    async def _dialog(self, activity: Activity, tenant: TeamsTenant) -> Body:
        language = self.spoken(activity, tenant)
        done = await self._tried(activity, tenant, "nothing")
        return bodies.task_message(own(language, done)) if isinstance(done, str) else bodies.dialog(*done, language)

    # -- files -------------------------------------------------------------------------------------------------------

    async def offered(self, activity: Activity, tenant: TeamsTenant, pressing: Press, language: Language) -> str:
        """A word to who wants a document as a file."""
        if self.files is None:
            return own(language, "file-none")
        work = self.files.offer(activity, tenant.organisation, pressing.file, language)
        try:
            return str(await self.waiting.within(work, INVOKE))
        except TimeoutError:
            return own(language, "working")

    async def _file(self, activity: Activity, tenant: TeamsTenant) -> Body:
        """The person has answered whether a file may be put into their OneDrive."""
        if self.files is not None:
            work = self.files.answered(activity, tenant.organisation, self.first_language(tenant))
            try:
                await self.waiting.within(work, INVOKE)
            except TimeoutError:
                log.info("teams_file_takes_long")
            except (Gone, RetryLater, TooBig) as error:
                log.warning("teams_file_not_shown", reason=str(error))
        return {}

    # -- the compose box -----------------------------------------------------------------------------------------------

    async def _search(self, activity: Activity, tenant: TeamsTenant) -> Body:
        answerer, language = self.answerer(tenant.organisation), self.spoken(activity, tenant)
        return await asyncio.to_thread(compose.search, answerer, read.searched(activity), language)

    async def _ask_about(self, activity: Activity, tenant: TeamsTenant) -> Body:
        answerer, language = self.answerer(tenant.organisation), self.spoken(activity, tenant)
        return await asyncio.to_thread(compose.ask_about, answerer, read.asked_about(activity), language)

    async def _ask_in_chat(self, activity: Activity, tenant: TeamsTenant) -> Body:
        """The question goes on where only the person and the assistant are."""
        shown = text(activity, "value", "data", "language")  # of the answer that they saw
        language = Language(shown) if shown in list(Language) else self.spoken(activity, tenant)
        asked = text(activity, "value", "data", "ask")[:LONGEST]
        who = payload.person(activity)
        if not asked or who is None:
            return bodies.task_message(own(language, "ask-empty"))
        here = payload.tenant(activity)
        try:
            address = await self.platform.open_private(here, payload.account(activity))
        except Gone:
            return bodies.task_message(own(language, "ask-install"))
        except RetryLater:
            return bodies.task_message(own(language, "slow-press"))
        where = payload.conversation(here, text(address, "reference", "conversation", "id"))
        incoming = Incoming(
            tenant.organisation, where, asked, language, person=who, event=payload.event(activity), address=address
        )
        try:
            await self.waiting.within(self.assistant.take(incoming), INVOKE)
        except TimeoutError:
            return bodies.task_message(own(language, "working"))
        return bodies.task_message(own(language, "ask-sent"))

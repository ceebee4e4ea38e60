"""The door of Teams: POST /api/messages. Verifies, reads, lets the assistant take it, and only then answers.

What Teams sends as an activity is acknowledged when the turn is committed; the outbox sends the replies. What it asks
for (a press on a card, a search in the compose box, a dialog) is answered in the same request.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import structlog
from aiohttp import web

from adapters.teams import invokes, read
from adapters.teams.channel import TeamsWire
from adapters.teams.contract import Platform, Refused
from adapters.teams.read import part, text
from adapters.teams.tenants import LOOPBACK, Tenants
from adapters.teams.texts import say as own
from bot.answering.answerer import Answerer
from bot.channels import Gone, RetryLater, TooBig
from bot.messages import Incoming, Outgoing, Person
from bot.organisations import Organisations
from bot.outbox import Delivery, Outbox
from bot.settings import Settings, TeamsTenant
from bot.store.store import StoreUnavailable
from knowledge.loader import UnknownOrganisation
from knowledge.models import Language

log = structlog.get_logger()

PATH = "/api/messages"
ABOUT = {"/teams/about": "about", "/teams/privacy": "privacy", "/teams/terms": "terms"}
LARGEST = 512 * 1024
"""Bytes of one activity."""
TURN, INVOKE, LOOKUP = 13.0, 4.0, 2.0
"""Seconds: Teams waits 15 for an activity and 5 for an invoke."""


class Takes(Protocol):
    """What is needed of the assistant."""

    async def take(self, incoming: Incoming) -> list[Delivery]:
        """Handles one message in one transaction."""


Look = Callable[[str, str, str, str], Awaitable[Outgoing | None]]
"""What a card (organisation, conversation, key) shows to a reviewer (person); None for anybody else."""


@dataclass
class Endpoint:
    """Handles what Teams sends."""

    assistant: Takes
    platform: Platform
    tenants: Tenants
    answerer: Callable[[str], Answerer]
    anonymous: bool = False
    look: Look | None = None

    def __post_init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def routes(self) -> list[web.RouteDef]:
        """What the web application serves: the door, and the pages that the app's manifest must name."""
        return [web.post(PATH, self.post), *(web.get(path, _about) for path in ABOUT)]

    # -- in ----------------------------------------------------------------------------------------------------------

    async def post(self, request: web.Request) -> web.Response:
        """One activity."""
        if self.anonymous and not _local(request):
            return _error(403, "without tokens, only this machine may write")
        activity = await _body(request)
        if isinstance(activity, web.Response):
            return activity
        try:
            await self.platform.verify(request.headers.get("Authorization", ""), activity)
        except Refused as error:
            log.warning("teams_refused", status=error.status, reason=str(error))
            return _error(error.status, "refused")
        try:
            return await self._verified(activity)
        except StoreUnavailable as error:
            return await self._not_kept(activity, error)
        except Exception:
            log.exception("teams_failed", type=text(activity, "type"), name=text(activity, "name"))
            return _error(500, "something went wrong")

    async def _verified(self, activity: read.Activity) -> web.Response:
        tenant = self.tenants.of_id(read.tenant(activity))
        if tenant is None:
            return await self._unknown(activity)
        self._note(activity, tenant.review_channel)
        try:
            if text(activity, "type") == "invoke":
                return await self._invoke(activity, tenant)
            return await self._activity(activity, tenant)
        except UnknownOrganisation:
            log.error("teams_organisation_unknown", tenant=tenant.tenant, organisation=tenant.organisation)
            return await self._unknown(activity)

    async def _activity(self, activity: read.Activity, tenant: TeamsTenant) -> web.Response:
        spoken = self._language(tenant.organisation)
        incoming = read.read(activity, tenant.organisation, spoken, tenant.review_channel)
        if incoming is None:
            return web.Response()
        incoming = await self._named(incoming)
        try:
            await self._within(self.assistant.take(incoming), TURN)
        except TimeoutError:
            log.warning("teams_turn_slow", organisation=tenant.organisation)
            return _error(503, "not yet; send it again")
        return web.Response()

    def _language(self, organisation: str) -> Language:
        return self.answerer(organisation).knowledge.organisation.languages[0]

    async def _within(self, work: Awaitable[Any], seconds: float) -> Any:
        """The outcome of something that goes on even when it takes too long to wait for."""
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.wait_for(asyncio.shield(task), seconds)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.debug("teams_turn_failed", reason=type(task.exception()).__name__)

    async def _named(self, incoming: Incoming) -> Incoming:
        """Named people by the id that they themselves come with; Teams names them by another."""
        if not incoming.mentions:
            return incoming
        return replace(incoming, mentions=tuple([await self._member(incoming, who) for who in incoming.mentions]))

    async def _member(self, incoming: Incoming, who: Person) -> Person:
        _, tenant, identity = who.id.split(":", 2)
        try:
            found = await asyncio.wait_for(self.platform.member(incoming.address, identity), LOOKUP)
        except (RetryLater, Gone, TimeoutError):
            return who
        object_id = text(found, "aadObjectId") or text(found, "objectId")
        known = {"id": text(found, "id") or identity, "aadObjectId": object_id}
        return Person(read.account_id(known, tenant), text(found, "name") or who.name)

    # -- what Teams asks -----------------------------------------------------------------------------------------------

    async def _invoke(self, activity: read.Activity, tenant: TeamsTenant) -> web.Response:
        name = text(activity, "name")
        handler = {
            "adaptiveCard/action": self._press,
            "task/fetch": self._dialog,
            "task/submit": self._dialog,
            "composeExtension/query": self._search,
            "composeExtension/fetchTask": self._ask_about,
            "composeExtension/submitAction": self._ask_in_chat,
        }.get(name)
        if handler is None:
            return web.Response(status=501)
        return web.json_response(await handler(activity, tenant))

    async def _pressed(
        self, activity: read.Activity, tenant: TeamsTenant
    ) -> tuple[read.Press | None, Incoming | None, list[Delivery] | None]:
        """The press, the message that it is, and what was answered; None where that takes too long."""
        press = read.press(activity)
        review = tenant.review_channel
        incoming = read.read(activity, tenant.organisation, review_channel=review) if press else None
        if incoming is None:
            return press, None, []
        try:
            return press, incoming, await self._within(self.assistant.take(incoming), INVOKE)
        except TimeoutError:
            return press, incoming, None

    async def _press(self, activity: read.Activity, tenant: TeamsTenant) -> dict[str, Any]:
        language = self._spoken(activity, tenant.organisation)
        pressing = read.press(activity)
        if pressing and pressing.refresh:
            return await self._refreshed(activity, tenant, pressing, language)
        press, incoming, made = await self._pressed(activity, tenant)
        if press is None:
            return invokes.card_error("BadRequest", own(language, "nothing"))
        if incoming is None:
            return invokes.card_message(own(language, "nothing" if press.refresh else "choose-first"))
        if made is None:
            return invokes.card_message(own(language, "working"))
        return invokes.pressed(press, incoming, made)

    async def _refreshed(
        self, activity: read.Activity, tenant: TeamsTenant, press: read.Press, language: Language
    ) -> dict[str, Any]:
        """The card as the one who looks at it may see it. Nothing is kept: clients ask this by themselves."""
        root = text(activity, "conversation", "id").split(";messageid=")[0]
        where, who = read.conversation(read.tenant(activity), root), read.person(activity)
        found = await self.look(tenant.organisation, where, press.key, who.id) if self.look and who else None
        return invokes.shown(found) if found else invokes.card_message(own(language, "nothing"))

    async def _dialog(self, activity: read.Activity, tenant: TeamsTenant) -> dict[str, Any]:
        language = self._spoken(activity, tenant.organisation)
        _, incoming, made = await self._pressed(activity, tenant)
        if incoming is None:
            return invokes.task_message(own(language, "nothing"))
        if made is None:
            return invokes.task_message(own(language, "working"))
        return invokes.dialog(made, language)

    def _spoken(self, activity: read.Activity, organisation: str) -> Language:
        press = read.press(activity)
        chosen = press.language if press else None
        return chosen or read.language(activity) or self._language(organisation)

    async def _search(self, activity: read.Activity, tenant: TeamsTenant) -> dict[str, Any]:
        language = self._spoken(activity, tenant.organisation)
        return await asyncio.to_thread(
            invokes.search, self.answerer(tenant.organisation), read.searched(activity), language
        )

    async def _ask_about(self, activity: read.Activity, tenant: TeamsTenant) -> dict[str, Any]:
        language = self._spoken(activity, tenant.organisation)
        return await asyncio.to_thread(
            invokes.ask_about, self.answerer(tenant.organisation), read.asked_about(activity), language
        )

    async def _ask_in_chat(self, activity: read.Activity, tenant: TeamsTenant) -> dict[str, Any]:
        """The question goes on where only the person and the assistant are."""
        language = self._spoken(activity, tenant.organisation)
        asked = text(activity, "value", "data", "ask")[: read.LONGEST]
        who = read.person(activity)
        if not asked or who is None:
            return invokes.task_message(own(language, "ask-empty"))
        here = read.tenant(activity)
        try:
            address = await self.platform.open_private(here, who.id.split(":", 2)[2])
        except (Gone, RetryLater):
            return invokes.task_message(own(language, "ask-install"))
        where = read.conversation(here, text(address, "reference", "conversation", "id"))
        incoming = Incoming(
            tenant.organisation, where, asked, language, person=who, event=read.event(activity), address=address
        )
        try:
            await self._within(self.assistant.take(incoming), INVOKE)
        except TimeoutError:
            return invokes.task_message(own(language, "working"))
        return invokes.task_message(own(language, "ask-sent"))

    # -- what is no turn -----------------------------------------------------------------------------------------------

    async def _unknown(self, activity: read.Activity) -> web.Response:
        """A tenant that is not served hears so, in its language; nothing else of it is read."""
        log.warning("teams_tenant_unknown", tenant=read.tenant(activity)[:60], type=text(activity, "type"))
        return await self._say(activity, "unknown-tenant", 200)

    async def _not_kept(self, activity: read.Activity, error: Exception) -> web.Response:
        log.error("teams_turn_not_kept", reason=str(error))
        return await self._say(activity, "slow" if text(activity, "type") == "message" else "slow-press", 503)

    async def _say(self, activity: read.Activity, message: str, status: int) -> web.Response:
        """A sentence that does not come from the assistant, to somebody who waits for one."""
        language = read.language(activity) or Language.EN
        words = own(language, message)
        if text(activity, "type") == "invoke":
            return web.json_response(invokes.sentence(text(activity, "name"), words))
        called = read.personal(activity) or read.said(activity).mentioned
        if text(activity, "type") == "message" and called and not read.from_bot(activity):
            try:
                said = {"type": "message", "textFormat": "plain", "text": words, "locale": language.value}
                await asyncio.wait_for(self.platform.send(read.address(activity), said), LOOKUP)
            except (Gone, RetryLater, TooBig, TimeoutError) as error:
                log.warning("teams_sentence_not_sent", reason=str(error))
        return web.Response(status=status)

    def _note(self, activity: read.Activity, review_channel: str) -> None:
        """Writes down what an operator should know of: installed, removed, and the review channel's end."""
        kind, what = text(activity, "type"), text(activity, "channelData", "eventType")
        if kind == "installationUpdate":
            log.info("teams_installation", action=text(activity, "action"), tenant=read.tenant(activity))
        if kind == "conversationUpdate" and what in ("channelDeleted", "teamDeleted", "teamArchived"):
            gone = text(part(activity, "channelData"), "channel", "id")
            ours = bool(review_channel) and (gone == review_channel or what != "channelDeleted")
            log.log(40 if ours else 20, "teams_channel_gone", event_type=what, review_channel=ours)


async def _about(request: web.Request) -> web.Response:
    """What the app is, what it keeps, and on which terms, in the three languages."""
    message = ABOUT[request.path]
    return web.Response(text="\n\n".join(own(language, message) for language in Language))


async def _body(request: web.Request) -> read.Activity | web.Response:
    """The activity in a request, or the answer to one that holds none."""
    if request.content_type != "application/json":
        return _error(415, "an activity is JSON")
    if (request.content_length or 0) > LARGEST:
        return _error(413, "too large")
    try:
        raw = await request.content.read(LARGEST + 1)
        while len(raw) <= LARGEST and not request.content.at_eof():
            raw += await request.content.read(LARGEST + 1 - len(raw))
        if len(raw) > LARGEST:
            return _error(413, "too large")
        activity = json.loads(raw)
    except (ValueError, RecursionError):
        return _error(400, "not JSON")
    if not isinstance(activity, dict) or not text(activity, "type"):
        return _error(400, "not an activity")
    return activity


def _error(status: int, words: str) -> web.Response:
    return web.json_response({"error": words}, status=status)


def _local(request: web.Request) -> bool:
    """Whether a request comes from this machine and means it; a page in a browser could be led to us by its name."""
    host = request.host.rsplit(":", 1)[0].strip("[]")
    return (request.remote or "") in LOOPBACK and host in LOOPBACK and "Origin" not in request.headers


@dataclass
class Teams:
    """Teams, ready to be served."""

    endpoint: Endpoint
    wire: TeamsWire
    close: Callable[[], Awaitable[None]]

    def routes(self) -> list[web.RouteDef]:
        """What the web application serves."""
        return self.endpoint.routes()


async def start(
    assistant: Takes,
    outbox: Outbox,
    organisations: Organisations,
    settings: Settings,
    platform: Platform | None = None,
    look: Look | None = None,
) -> Teams:
    """Makes everything ready and registers the wire with the outbox. Raises NotConfigured."""
    tenants = Tenants.of(settings)
    close: Callable[[], Awaitable[None]] = _nothing
    if platform is None:
        from adapters.teams.wire import BotFramework  # the SDK takes a second to load, and only Teams needs it

        sdk = BotFramework(settings)
        platform, close = sdk, sdk.close
    wire = TeamsWire(platform, tenants)
    outbox.wires["teams"] = wire
    endpoint = Endpoint(assistant, platform, tenants, organisations.answerer, settings.teams_anonymous, look)
    return Teams(endpoint, wire, close)


async def _nothing() -> None:
    """Nothing to close."""

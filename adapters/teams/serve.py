"""The door of Teams: POST /api/messages. Verifies, reads, lets the assistant take it, and only then answers.

What Teams sends as an activity is acknowledged when the turn is committed; the outbox sends the replies. What it asks
for (a press on a card, a search in the compose box, a dialog) is answered in the same request.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import aiohttp
import structlog
from aiohttp import web

from adapters.teams import bodies, payload, read
from adapters.teams.channel import TeamsWire
from adapters.teams.contract import PATH, Activity, Platform, Refused
from adapters.teams.invokes import Invokes, Look, Takes
from adapters.teams.members import Members
from adapters.teams.papers import Files, MadeOf
from adapters.teams.payload import part, text
from adapters.teams.people import Nameless, People
from adapters.teams.pictures import Looks, Pictures
from adapters.teams.press import press
from adapters.teams.said import said
from adapters.teams.streams import at_most
from adapters.teams.tenants import LOOPBACK, Tenants
from adapters.teams.texts import say as own
from adapters.teams.waiting import LOOKUP, TURN, Waiting
from bot.answering.answerer import Answerer
from bot.channels import Gone, RetryLater, TooBig
from bot.messages import Incoming
from bot.organisations import Organisations
from bot.outbox import Outbox
from bot.settings import Settings, TeamsTenant
from bot.store.unavailable import StoreUnavailable
from knowledge.loader import UnknownOrganisation
from knowledge.models import Language

log = structlog.get_logger()

ABOUT = {"/teams/about": "about", "/teams/privacy": "privacy", "/teams/terms": "terms"}
LARGEST = 512 * 1024
"""Bytes of one activity."""


@dataclass
class Endpoint:
    """Handles what Teams sends."""

    assistant: Takes
    platform: Platform
    tenants: Tenants
    answerer: Callable[[str], Answerer]
    anonymous: bool = False
    look: Look | None = None
    files: Files | None = None
    pictures: Pictures | None = None
    members: Members | None = None

    def __post_init__(self) -> None:
        self.waiting = Waiting()
        self.people = People(self.platform, self.members or Members(self.platform))
        self.invokes = Invokes(
            self.assistant, self.platform, self.people, self.answerer, self.look, self.files, self.waiting
        )

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

    async def _verified(self, activity: Activity) -> web.Response:
        tenant = self.tenants.of_id(payload.tenant(activity))
        if tenant is None:
            return await self._unknown(activity)
        if "conversation" in activity and not text(activity, "conversation", "id"):
            return _error(400, "the conversation has no id")
        self._note(activity, tenant.review_channel)
        try:
            if text(activity, "type") == "invoke":
                return await self.invokes.answer(activity, tenant)
            return await self._activity(activity, tenant)
        except UnknownOrganisation:
            log.error("teams_organisation_unknown", tenant=tenant.tenant, organisation=tenant.organisation)
            return await self._unknown(activity)

    async def _activity(self, activity: Activity, tenant: TeamsTenant) -> web.Response:
        spoken = self.invokes.first_language(tenant)
        incoming = read.read(activity, tenant.organisation, spoken, tenant.review_channel)
        if incoming is None:
            return await self._file_wanted(activity, tenant)
        try:
            await self.waiting.within(self._taken(activity, incoming, tenant), TURN)
        except Nameless:
            return await self._say(activity, own(self.invokes.spoken(activity, tenant), "name-too"), 200)
        except TimeoutError:
            log.warning("teams_turn_slow", organisation=tenant.organisation)
            return _error(503, "not yet; send it again")
        return web.Response()

    async def _taken(self, activity: Activity, incoming: Incoming, tenant: TeamsTenant) -> None:
        """Asks Teams for what the message does not say, and lets the assistant take it. Raises Nameless."""
        if incoming.files and self.pictures is not None:
            incoming = replace(incoming, files=await self.pictures.files(activity))
        await self.assistant.take(await self.people.known(incoming, tenant))

    async def _file_wanted(self, activity: Activity, tenant: TeamsTenant) -> web.Response:
        """A client that knows no Action.Execute sends the wish for a file as a message."""
        pressed = press(activity) if text(activity, "type") == "message" else None
        if pressed is None or not pressed.file:
            return web.Response()
        language = self.invokes.spoken(activity, tenant)
        words = await self.invokes.offered(activity, tenant, pressed, language)
        return web.Response() if words == own(language, "file-below") else await self._say(activity, words, 200)

    # -- what is no turn -----------------------------------------------------------------------------------------------

    async def _unknown(self, activity: Activity) -> web.Response:
        """A tenant that is not served hears so, in its language; nothing else of it is read."""
        log.warning("teams_tenant_unknown", tenant=payload.tenant(activity)[:60], type=text(activity, "type"))
        return await self._say(activity, own(_language(activity), "unknown-tenant"), 200)

    async def _not_kept(self, activity: Activity, error: Exception) -> web.Response:
        log.error("teams_turn_not_kept", reason=str(error))
        sentence = "slow" if text(activity, "type") == "message" else "slow-press"
        return await self._say(activity, own(_language(activity), sentence), 503)

    async def _say(self, activity: Activity, words: str, status: int) -> web.Response:
        """A sentence that does not come from the assistant, to somebody who waits for one."""
        if text(activity, "type") == "invoke":
            return web.json_response(bodies.sentence(text(activity, "name"), words))
        called = payload.personal(activity) or said(activity).mentioned or press(activity) is not None
        if text(activity, "type") == "message" and called and not payload.from_bot(activity):
            try:
                made = {"type": "message", "textFormat": "plain", "text": words}
                await asyncio.wait_for(self.platform.send(payload.address(activity), made), LOOKUP)
            except (Gone, RetryLater, TooBig, TimeoutError) as error:
                log.warning("teams_sentence_not_sent", reason=str(error))
        return web.Response(status=status)

    def _note(self, activity: Activity, review_channel: str) -> None:
        """Writes down what an operator should know of: installed, removed, and the review channel's end."""
        kind, what = text(activity, "type"), text(activity, "channelData", "eventType")
        if kind == "installationUpdate":
            log.info("teams_installation", action=text(activity, "action"), tenant=payload.tenant(activity))
        if kind == "conversationUpdate" and what in ("channelDeleted", "teamDeleted", "teamArchived"):
            gone = text(part(activity, "channelData"), "channel", "id")
            ours = bool(review_channel) and (gone == review_channel or what != "channelDeleted")
            log.log(40 if ours else 20, "teams_channel_gone", event_type=what, review_channel=ours)


async def _about(request: web.Request) -> web.Response:
    """What the app is, what it keeps, and on which terms, in the three languages."""
    message = ABOUT[request.path]
    return web.Response(text="\n\n".join(own(language, message) for language in Language))


async def _body(request: web.Request) -> Activity | web.Response:
    """The activity in a request, or the answer to one that holds none."""
    if request.content_type != "application/json":
        return _error(415, "an activity is JSON")
    if (request.content_length or 0) > LARGEST:
        return _error(413, "too large")
    raw = await at_most(request.content, LARGEST)
    if raw is None:
        return _error(413, "too large")
    try:
        activity = json.loads(raw)
    except (ValueError, RecursionError):
        return _error(400, "not JSON")
    if not isinstance(activity, dict) or not text(activity, "type"):
        return _error(400, "not an activity")
    return activity


def _language(activity: Activity) -> Language:
    return payload.language(activity) or Language.EN


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
    made_of: MadeOf | None = None,
    looks: Looks | None = None,
) -> Teams:
    """Makes everything ready and registers the wire with the outbox. Raises NotConfigured.

    `look`, `made_of` and `looks`: what a review card shows, documents, and what a picture's metadata give away.
    """
    tenants = Tenants.of(settings)
    closing: list[Callable[[], Awaitable[None]]] = []
    if platform is None:
        from adapters.teams.wire import BotFramework  # the SDK takes a second to load, and only Teams needs it

        sdk = BotFramework(settings)
        platform = sdk
        closing.append(sdk.close)
    members = Members(platform)
    wire = TeamsWire(platform, tenants, members)
    outbox.wires["teams"] = wire
    looks = looks if settings.teams_look_at_pictures else None
    files, pictures = None, None
    if made_of or looks:
        session = aiohttp.ClientSession()
        closing.append(session.close)
        files = Files(platform, made_of, session) if made_of else None
        pictures = Pictures(platform, looks, session) if looks else None
    endpoint = Endpoint(
        assistant,
        platform,
        tenants,
        organisations.answerer,
        settings.teams_anonymous,
        look,
        files,
        pictures,
        members,
    )

    async def close() -> None:
        for one in closing:
            await one()

    return Teams(endpoint, wire, close)

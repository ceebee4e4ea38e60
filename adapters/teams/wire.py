"""Teams over Microsoft's Bot Framework SDK (botbuilder 4.17.1): the only file that imports it.

The SDK is archived, so it is used through the five functions of `contract.Platform` alone, and where it is known to
fail it is helped:

- keys are fetched with aiohttp, cached for a day and shared; the SDK fetches them blocking, on the event loop;
- every way in which a token can be wrong ends in 401 or 403; the SDK lets some end in a traceback and 500;
- a token that was found good is not looked at again for some minutes; the SDK does so with every activity;
- a client is made once for each service, its token off the event loop; the SDK makes two a turn, and asks on it;
- bodies are sent as they are; the SDK's models drop what they do not know, such as the tenant of a conversation;
- nothing is tried again behind our back: the outbox does that, and knows what it has sent;
- `msrest` keeps its retry codes as a list that takes milliseconds to search: a set does not.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import partial
from typing import Any
from urllib.parse import quote

import aiohttp
from botbuilder.integration.aiohttp import ConfigurationBotFrameworkAuthentication
from botbuilder.schema import Activity as SdkActivity
from botbuilder.schema import ChannelAccount
from botframework.connector import BotFrameworkConnectorConfiguration
from botframework.connector.aio import ConnectorClient
from botframework.connector.auth import AuthenticationConstants, ClaimsIdentity, JwtTokenExtractor
from msrest.pipeline import AsyncHTTPPolicy, AsyncHTTPSender, AsyncPipeline, Request, Response
from msrest.universal_http.requests import ClientRetryPolicy
from yarl import URL

from adapters.teams.contract import Activity, NotThere, Refused
from adapters.teams.doctor import examine
from adapters.teams.keys import Keys
from adapters.teams.outcome import content
from adapters.teams.payload import decoded, part, text
from adapters.teams.streams import at_most
from adapters.teams.tokens import OwnToken, Trusted, issuer
from bot.channels import Address, Gone, RetryLater, TooBig
from bot.doctor import Finding
from bot.settings import Settings

ClientRetryPolicy.safe_codes = frozenset(ClientRetryPolicy.safe_codes)

OPENID = AuthenticationConstants.TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL
ISSUER = AuthenticationConstants.TO_BOT_FROM_CHANNEL_TOKEN_ISSUER
SCOPE = AuthenticationConstants.TO_CHANNEL_FROM_BOT_OAUTH_SCOPE
TIMEOUT = 30.0
"""Seconds for a call to Teams. A message whose answer is lost is sent again, so giving up early would double it."""
TENANTS = 1000
LARGEST = 1024 * 1024
"""Bytes of an answer that are read, unless more are asked for."""


class _Signs(AsyncHTTPPolicy):  # type: ignore[misc]
    """Signs every call; a token that Teams refuses is renewed once."""

    def __init__(self, token: OwnToken) -> None:
        super().__init__()
        self._token = token

    async def send(self, request: Request, **kwargs: Any) -> Any:
        """Part of the SDK's pipeline."""
        token = await self._token.get()
        if token:
            request.http_request.headers["Authorization"] = f"Bearer {token}"
        response = await self.next.send(request, **kwargs)
        if response.http_response.status_code == 401 and token:
            request.http_request.headers["Authorization"] = f"Bearer {await self._token.get(refused=token)}"
            response = await self.next.send(request, **kwargs)
        return response


class _Answer:
    """A response, as far as the pipeline and we need it."""

    def __init__(self, status: int, headers: Any, content: bytes) -> None:
        self.status_code = status
        self.headers = headers
        self.content = content
        self.context: Any = None


class _Sender(AsyncHTTPSender):  # type: ignore[misc]
    """Sends the SDK's requests with aiohttp; its own sender blocks threads, its aiohttp one loses the body."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    def build_context(self) -> None:
        """Nothing to remember from one policy to the next."""

    async def __aexit__(self, *details: object) -> None:
        """The session is not ours to close."""

    async def send(self, request: Request, most: int = LARGEST, **_: Any) -> Response:
        """One call, without following redirects. Raises TooBig."""
        asked = request.http_request
        async with self._session.request(
            asked.method,
            asked.url,
            data=asked.data,
            headers=asked.headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(TIMEOUT),
        ) as response:
            found = await at_most(response.content, most)
            if found is None:
                raise TooBig(f"Teams answered with more than {most} bytes")
            return Response(request, _Answer(response.status, response.headers, found))


class _Pipeline(AsyncPipeline):  # type: ignore[misc]
    def __init__(
        self, session: aiohttp.ClientSession, token: OwnToken, config: BotFrameworkConnectorConfiguration
    ) -> None:
        super().__init__([config.user_agent_policy, _Signs(token)], _Sender(session))


class _Configuration:
    """Our settings under the names that the SDK reads."""

    def __init__(self, settings: Settings) -> None:
        self.APP_ID = settings.teams_app_id
        self.APP_PASSWORD = settings.teams_app_password.get_secret_value()
        self.APP_TYPE = settings.teams_app_type if settings.teams_app_id else "MultiTenant"
        self.APP_TENANTID = settings.teams_tenant_id


class BotFramework:
    """Teams through the SDK. Made inside the running loop; `close` when done."""

    def __init__(self, settings: Settings, *, openid: str = OPENID, credentials: Any = None) -> None:
        """`openid` and `credentials` are for tests: where keys are had from, and what gets tokens."""
        self._app_id = settings.teams_app_id
        self._anonymous = settings.teams_anonymous and not settings.teams_app_id
        self._service = settings.teams_service_url.rstrip("/")
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64))
        self._trusted = Trusted()
        self._keys = Keys(openid, self._session, self._trusted.clear)
        self._authentication = ConfigurationBotFrameworkAuthentication(_Configuration(settings))
        self._credentials = credentials
        self._token: OwnToken | None = None
        self._clients: dict[str, ConnectorClient] = {}
        self._seen: dict[str, tuple[str, dict[str, Any]]] = {}  # tenant -> its service, and the bot's account there

    async def close(self) -> None:
        """Ends all connections."""
        await self._session.close()

    # -- what comes in ---------------------------------------------------------------------------------------------

    async def verify(self, authorization: str, activity: Activity) -> None:
        """See contract.Platform."""
        if self._anonymous and not authorization:
            self._meet(activity)
            return
        if not authorization:
            raise Refused(401, "no token")
        channel, service = text(activity, "channelId"), text(activity, "serviceUrl")
        if channel != "msteams":  # elsewhere anybody may claim to be of a tenant
            raise Refused(403, "the activity is not from Teams")
        if not service:
            raise Refused(403, "the activity names no service")
        if not self._trusted.knows(authorization, channel, service):
            if issuer(authorization) != ISSUER:
                raise Refused(401, "the token is not from the Bot Framework")
            await self._check(authorization, activity)
            self._trusted.add(authorization, channel, service)
        self._meet(activity)

    async def _check(self, authorization: str, activity: Activity) -> None:
        JwtTokenExtractor.metadataCache[OPENID] = self._keys
        seen = SdkActivity(
            type=text(activity, "type"),
            channel_id=text(activity, "channelId"),
            service_url=text(activity, "serviceUrl"),
            recipient=ChannelAccount(id=text(activity, "recipient", "id")),
        )
        try:
            result = await self._authentication.authenticate_request(seen, authorization)
        except Refused:
            raise
        except PermissionError as error:
            raise Refused(403, str(error)) from None
        except Exception as error:  # bad signature, expired, no key of ours for this channel, garbage
            raise Refused(401, f"{type(error).__name__}: {error}") from None
        identity: ClaimsIdentity = result.claims_identity
        if not identity.is_authenticated or not self._app_id:
            raise Refused(401, "not authenticated")

    def _meet(self, activity: Activity) -> None:
        tenant = text(activity, "channelData", "tenant", "id") or text(activity, "conversation", "tenantId")
        service, bot = text(activity, "serviceUrl"), part(activity, "recipient")
        if tenant and service and bot and (tenant in self._seen or len(self._seen) < TENANTS):
            self._seen[tenant] = (service.rstrip("/"), bot)

    # -- what goes out ---------------------------------------------------------------------------------------------

    async def send(self, address: Address, activity: Activity) -> str:
        """See contract.Platform."""
        path = f"/v3/conversations/{_conversation(address)}/activities"
        done = await self._call("POST", self._service_of(address), path, self._addressed(address, activity))
        return text(decoded(done), "id")

    async def update(self, address: Address, message: str, activity: Activity) -> None:
        """See contract.Platform."""
        path = f"/v3/conversations/{_conversation(address)}/activities/{quote(message, safe='')}"
        body = self._addressed(address, activity) | {"id": message}
        await self._call("PUT", self._service_of(address), path, body, missing=NotThere)

    async def open_private(self, tenant: str, person: str) -> Address:
        """See contract.Platform."""
        service, bot = self._known(tenant)
        body = {
            "isGroup": False,
            "bot": bot,
            "members": [{"id": person}],
            "tenantId": tenant,
            "channelData": {"tenant": {"id": tenant}},
        }
        opened = decoded(await self._call("POST", service, "/v3/conversations", body))
        if not text(opened, "id"):
            raise RetryLater("Teams opened a conversation without a name")
        reference = {
            "conversation": {"id": text(opened, "id"), "conversationType": "personal", "tenantId": tenant},
            "channelId": "msteams",
            "serviceUrl": text(opened, "serviceUrl") or service,
            "bot": bot,
            "user": {"id": person},
            "channelData": {"tenant": {"id": tenant}},
        }
        return {"reference": reference, "tenant": tenant}

    async def fetch(self, address: Address, path: str, most: int = LARGEST) -> bytes:
        """See contract.Platform."""
        service = self._service_of(address)
        if not path.startswith(f"{URL(service).origin()}/"):  # only there may our token go
            path = f"/v3/{path.lstrip('/')}"
        return await self._call("GET", service, path, most=most)

    async def token(self) -> str:
        """A token for Teams, to prove that id and secret are right. Raises RetryLater."""
        await self._client(self._service)
        assert self._token is not None  # noqa: S101 - made with the client
        self._token.forget()
        return await self._token.get()

    async def keys(self) -> None:
        """Fetches Microsoft's keys, to prove that they can be had. Raises Refused."""
        await self._keys.fetch()

    def _known(self, tenant: str) -> tuple[str, dict[str, Any]]:
        """A tenant's service and the bot's account there; before anything came from it, what they are as a rule."""
        return self._seen.get(tenant, (self._service, {"id": f"28:{self._app_id}"}))

    # -- calls -----------------------------------------------------------------------------------------------------

    def _service_of(self, address: Address) -> str:
        return text(address, "reference", "serviceUrl").rstrip("/") or self._known(text(address, "tenant"))[0]

    def _addressed(self, address: Address, activity: Activity) -> Activity:
        """The activity with the reference that Teams gave, as Teams gave it."""
        reference = part(address, "reference")
        sender = part(reference, "bot") or self._known(text(address, "tenant"))[1]
        made = {"from": sender, "channelId": text(reference, "channelId") or "msteams", **activity}
        if part(reference, "user"):
            made["recipient"] = reference["user"]
        if part(reference, "conversation"):
            made["conversation"] = reference["conversation"]
        made["serviceUrl"] = self._service_of(address)
        return made

    async def _client(self, service: str) -> ConnectorClient:
        """The client of a service, made once."""
        if self._token is None:
            given = self._credentials or await self._sdk_credentials()
            self._token = OwnToken(given)
        if service not in self._clients:
            known, pipeline = self._token.credentials, partial(_Pipeline, self._session, self._token)
            config = BotFrameworkConnectorConfiguration(known, service, pipeline_type=pipeline)
            self._clients[service] = ConnectorClient(known, service, custom_configuration=config)
        return self._clients[service]

    async def _sdk_credentials(self) -> Any:
        identity = ClaimsIdentity({AuthenticationConstants.AUDIENCE_CLAIM: self._app_id}, True)
        factory = self._authentication.create_connector_factory(identity)
        made = await factory.create(self._service, SCOPE)
        return made.config.credentials

    async def _call(
        self,
        method: str,
        service: str,
        path: str,
        body: Activity | None = None,
        *,
        missing: type[Gone] = Gone,
        most: int = LARGEST,
    ) -> bytes:
        client = await self._client(service)
        make = {"POST": client._client.post, "PUT": client._client.put, "GET": client._client.get}[method]
        sent = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"} if sent is not None else {}
        request = make(path.replace("{", "%7B").replace("}", "%7D"), headers=headers)
        request.data = sent
        try:
            answer = await client._client.async_send(request, stream=False, most=most)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise RetryLater(f"Teams cannot be reached: {type(error).__name__}: {error}") from None
        return content(answer.status_code, answer.headers, answer.content, missing)


async def doctor(settings: Settings, organisations: Collection[str]) -> list[Finding]:
    """Proves the set-up against Microsoft itself; sends nothing to anybody."""
    try:
        wire = BotFramework(settings)
    except Exception as error:  # the SDK refuses settings with a bare Exception
        return [Finding(False, f"Teams: {error}", "see SOMEGUIDE_TEAMS_… in the README")]
    try:
        return await examine(wire, settings, organisations)
    finally:
        await wire.close()


def _conversation(address: Address) -> str:
    found = text(address, "reference", "conversation", "id") or text(address, "channel")
    if not found:
        raise Gone("the address names no conversation")
    return quote(found, safe=":@;=.-_")

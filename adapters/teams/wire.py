"""Teams over Microsoft's Bot Framework SDK (botbuilder 4.17.1): the only file that imports it.

The SDK is archived, so it is used through the five functions of `contract.Platform` alone, and where it is known to
fail it is helped:

- keys are fetched with aiohttp, cached for a day and shared; the SDK fetches them blocking, on the event loop;
- every way in which a token can be wrong ends in 401 or 403; the SDK lets some end in a traceback and 500;
- a client is made once for each service, its token off the event loop; the SDK makes two a turn, and asks on it;
- bodies are sent as they are; the SDK's models drop what they do not know, such as the tenant of a conversation;
- nothing is tried again behind our back: the outbox does that, and knows what it has sent;
- `msrest` keeps its retry codes as a list that takes milliseconds to search: a set does not.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from time import monotonic, time
from typing import Any
from urllib.parse import quote

import aiohttp
import jwt
import structlog
from botbuilder.integration.aiohttp import ConfigurationBotFrameworkAuthentication
from botbuilder.schema import Activity as SdkActivity
from botbuilder.schema import ChannelAccount
from botframework.connector import BotFrameworkConnectorConfiguration
from botframework.connector.aio import ConnectorClient
from botframework.connector.auth import AuthenticationConstants, ClaimsIdentity, JwtTokenExtractor
from jwt.algorithms import RSAAlgorithm
from msrest.pipeline import AsyncHTTPPolicy, AsyncHTTPSender, AsyncPipeline, Request, Response
from msrest.universal_http.requests import ClientRetryPolicy

from adapters.teams.contract import Activity, NotThere, Refused
from adapters.teams.doctor import examine
from adapters.teams.read import part, text
from bot.channels import Address, Gone, RetryLater, TooBig
from bot.doctor import Finding
from bot.settings import Settings

log = structlog.get_logger()
ClientRetryPolicy.safe_codes = frozenset(ClientRetryPolicy.safe_codes)

OPENID = AuthenticationConstants.TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL
ISSUER = AuthenticationConstants.TO_BOT_FROM_CHANNEL_TOKEN_ISSUER
SCOPE = AuthenticationConstants.TO_CHANNEL_FROM_BOT_OAUTH_SCOPE
KEYS_LAST = 24 * 3600.0
KEYS_ANEW = 300.0
"""Seconds before an unknown key makes us look again: Microsoft may have changed keys, or somebody makes them up."""
KEYS_TIMEOUT = 4.0
TIMEOUT = 30.0
"""Seconds for a call to Teams. A message whose answer is lost is sent again, so giving up early would double it."""
TOKEN_EARLY = 300.0
LATER = frozenset({408, 412, 425, 429, 500, 502, 503, 504})
MEMBERS_LAST = 600.0


class _Key:
    """A signing key, as the SDK's validation wants it."""

    def __init__(self, key: dict[str, Any]) -> None:
        self.public_key = RSAAlgorithm.from_jwk(json.dumps(key))
        self.endorsements = key.get("endorsements", [])


class _Keys:
    """Microsoft's signing keys: fetched without blocking, once for all who wait, kept when a later fetch fails."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session
        self._keys: dict[str, _Key] = {}
        self._fetched = float("-inf")
        self._lock = asyncio.Lock()

    async def get(self, key_id: str | None) -> _Key:
        """The key of that id. The SDK calls this. Raises Refused."""
        age = monotonic() - self._fetched
        if age > KEYS_LAST or (key_id not in self._keys and age > KEYS_ANEW):
            await self.fetch()
        found = self._keys.get(key_id or "")
        if found is None:
            raise Refused(401, "the token is signed with a key that is not Microsoft's")
        return found

    async def fetch(self) -> None:
        """Fetches the keys now, or waits for who is fetching them. Raises Refused when there are none."""
        asked = monotonic()
        async with self._lock:
            if self._fetched >= asked:
                return
            try:
                metadata = await self._json(self._url)
                listed = (await self._json(str(metadata["jwks_uri"])))["keys"]
                self._keys = {key["kid"]: _Key(key) for key in listed if key.get("kty") == "RSA"}
                self._fetched = monotonic()
            except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError) as error:
                log.warning("teams_keys_not_fetched", reason=f"{type(error).__name__}: {error}")
                if not self._keys:
                    raise Refused(503, "Microsoft's keys could not be fetched") from None

    async def _json(self, url: str) -> dict[str, Any]:
        timeout = aiohttp.ClientTimeout(KEYS_TIMEOUT)
        async with self._session.get(url, timeout=timeout) as response:
            response.raise_for_status()
            found = await response.json(content_type=None)
            return found if isinstance(found, dict) else {}


class _Token:
    """The bot's own token. The SDK's credentials know how to get one, but block; so they are asked in a thread."""

    def __init__(self, credentials: Any) -> None:
        self.credentials = credentials
        self._token = ""
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def get(self, *, fresh: bool = False) -> str:
        """A token that holds for some minutes. Raises RetryLater."""
        if not self.credentials.microsoft_app_id:
            return ""
        async with self._lock:
            if fresh or time() > self._until:
                try:
                    self._token = await asyncio.to_thread(self.credentials.get_access_token)
                except Exception as error:  # whatever msal, requests or Microsoft may say
                    raise RetryLater(f"no token from Microsoft: {error}") from None
                self._until = _expiry(self._token) - TOKEN_EARLY
            return self._token


def _expiry(token: str) -> float:
    try:
        return float(jwt.decode(token, options={"verify_signature": False})["exp"])
    except (jwt.PyJWTError, KeyError, TypeError, ValueError):
        return time() + 2 * TOKEN_EARLY


class _Signs(AsyncHTTPPolicy):  # type: ignore[misc]
    """Signs every call; a token that Teams refuses is renewed once."""

    def __init__(self, token: _Token) -> None:
        super().__init__()
        self._token = token

    async def send(self, request: Request, **kwargs: Any) -> Any:
        """Part of the SDK's pipeline."""
        token = await self._token.get()
        if token:
            request.http_request.headers["Authorization"] = f"Bearer {token}"
        response = await self.next.send(request, **kwargs)
        if response.http_response.status_code == 401 and token:
            request.http_request.headers["Authorization"] = f"Bearer {await self._token.get(fresh=True)}"
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

    async def send(self, request: Request, **_: Any) -> Response:
        """One call, without following redirects."""
        asked = request.http_request
        async with self._session.request(
            asked.method,
            asked.url,
            data=asked.data,
            headers=asked.headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(TIMEOUT),
        ) as response:
            return Response(request, _Answer(response.status, response.headers, await response.read()))


class _Pipeline(AsyncPipeline):  # type: ignore[misc]
    def __init__(
        self, session: aiohttp.ClientSession, token: _Token, config: BotFrameworkConnectorConfiguration
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
        self._keys = _Keys(openid, self._session)
        self._authentication = ConfigurationBotFrameworkAuthentication(_Configuration(settings))
        self._credentials = credentials
        self._token: _Token | None = None
        self._clients: dict[str, ConnectorClient] = {}
        self._seen: dict[str, tuple[str, dict[str, Any]]] = {}  # tenant -> its service, and the bot's account there
        self._members: dict[tuple[str, str], tuple[float, dict[str, Any]]] = {}

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
        if _claimed_issuer(authorization) != ISSUER:
            raise Refused(401, "the token is not from the Bot Framework")
        if text(activity, "channelId") != "msteams":  # elsewhere anybody may claim to be of a tenant
            raise Refused(403, "the activity is not from Teams")
        if not text(activity, "serviceUrl"):
            raise Refused(403, "the activity names no service")
        await self._check(authorization, activity)
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
        if tenant and service and bot and len(self._seen) < 1000:
            self._seen[tenant] = (service.rstrip("/"), bot)

    # -- what goes out ---------------------------------------------------------------------------------------------

    async def send(self, address: Address, activity: Activity) -> str:
        """See contract.Platform."""
        path = f"/v3/conversations/{_conversation(address)}/activities"
        done = await self._call("POST", self._service_of(address), path, self._addressed(address, activity))
        return text(done, "id")

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
        opened = await self._call("POST", service, "/v3/conversations", body)
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

    async def member(self, address: Address, person: str) -> dict[str, Any]:
        """See contract.Platform."""
        where = _conversation(address, thread=False)
        kept = self._members.get((where, person))
        if kept and monotonic() - kept[0] < MEMBERS_LAST:
            return kept[1]
        path = f"/v3/conversations/{where}/members/{quote(person, safe='')}"
        found = await self._call("GET", self._service_of(address), path)
        if len(self._members) > 5000:
            self._members.clear()
        self._members[(where, person)] = (monotonic(), found)
        return found

    async def reach(self, address: Address) -> None:
        """Asks for a conversation's first member, to prove that the bot is in it. Raises RetryLater or Gone."""
        path = f"/v3/conversations/{_conversation(address, thread=False)}/pagedmembers?pageSize=1"
        await self._call("GET", self._service_of(address), path)

    async def token(self) -> str:
        """A token for Teams, to prove that id and secret are right. Raises RetryLater."""
        await self._client(self._service)
        assert self._token is not None  # noqa: S101 - made with the client
        return await self._token.get(fresh=True)

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
            self._token = _Token(given)
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
        self, method: str, service: str, path: str, body: Activity | None = None, missing: type[Gone] = Gone
    ) -> dict[str, Any]:
        client = await self._client(service)
        make = {"POST": client._client.post, "PUT": client._client.put, "GET": client._client.get}[method]
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"} if content is not None else {}
        request = make(path.replace("{", "%7B").replace("}", "%7D"), headers=headers)
        request.data = content
        try:
            answer = await client._client.async_send(request, stream=False)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise RetryLater(f"Teams cannot be reached: {type(error).__name__}: {error}") from None
        return _result(answer, missing)


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


def _claimed_issuer(authorization: str) -> str:
    """Who a token says it is from; nothing is believed of it, but others need not be looked at further."""
    scheme, _, token = authorization.partition(" ")
    try:
        claims = jwt.decode(token, options={"verify_signature": False}) if scheme == "Bearer" else {}
        return str(claims.get("iss", "")) if jwt.get_unverified_header(token).get("kid") else ""
    except (jwt.PyJWTError, ValueError, RecursionError):
        return ""


def _conversation(address: Address, *, thread: bool = True) -> str:
    found = text(address, "reference", "conversation", "id") or text(address, "channel")
    if not found:
        raise Gone("the address names no conversation")
    return quote(found if thread else found.split(";messageid=")[0], safe=":@;=.-_")


def _result(answer: Any, missing: type[Gone]) -> dict[str, Any]:
    """What Teams said, or one of the four errors."""
    try:
        said = json.loads(answer.content or b"{}")
    except ValueError:
        said = {}
    status = answer.status_code
    if 200 <= status < 300:
        return said if isinstance(said, dict) else {}
    code, words = text(said, "error", "code"), text(said, "error", "message")
    reason = f"Teams answered {status} {code} {words}".strip()[:500]
    if status == 413 or code == "MessageSizeTooBig":
        raise TooBig(reason)
    if status in LATER or status == 401:
        raise RetryLater(reason, _after(answer.headers.get("Retry-After")))
    if status == 404:
        raise missing(reason)
    if status in (403, 410) or code in ("MessageWritesBlocked", "BotNotInConversationRoster", "ConversationNotFound"):
        raise Gone(reason)
    raise RuntimeError(reason)


def _after(header: str | None) -> float | None:
    """Seconds to wait, given as seconds or as a date."""
    if not header:
        return None
    try:
        return max(0.0, min(float(header), 3600.0))
    except ValueError:
        pass
    try:
        return max(0.0, min((parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds(), 3600.0))
    except (ValueError, TypeError):
        return None

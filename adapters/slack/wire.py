"""The only file that knows Slack's SDKs: the Web API, verification, HTTP and Socket Mode.

Bolt verifies the signature, answers Slack's checks and finds the workspace; then one middleware hands every payload to
the receiver, which answers when the turn is committed. Bolt's listeners are not used: they acknowledge events first.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.directory import Directory
from adapters.slack.doctor import Finding, examine
from adapters.slack.homes import Homes
from adapters.slack.installed import configured, learn
from adapters.slack.manifest import PATH
from adapters.slack.needs import teams
from adapters.slack.pace import Held
from adapters.slack.payload import text
from adapters.slack.platform import Refused, Unsure
from adapters.slack.receiving import Looks, Receiver, Takes
from adapters.slack.sending import Documents, SlackWire
from adapters.slack.workspaces import Workspace, Workspaces
from bot.channels import RetryLater
from bot.settings import Settings
from knowledge.models import Language

log = structlog.get_logger()
LARGEST = 1024 * 1024
"""Bytes of a request; Slack's own stay far below."""
TIMEOUT = 10.0
"""Seconds that a call of the Web API may take."""
SOCKET_SOON, SOCKET_LOOK = 5.0, 15.0
"""Seconds that are waited for a connection of Socket Mode at the start, and between two looks whether it is open."""
LEARN_AGAIN, LEARN_SOON, LEARN_TRIES = 30.0, 1.0, 3
"""Seconds before Slack is asked again who a token is; soon at the start, and so often before it goes on without."""
_quiet = logging.getLogger("someguide.slack.bolt")
_quiet.addHandler(logging.NullHandler())  # bolt logs payloads; what matters of them is logged here
_quiet.propagate = False
_quiet.setLevel(logging.CRITICAL)  # without a level, slack_sdk writes out each call for a log that nobody keeps


class WebApi:
    """Slack's Web API through slack_sdk, on one shared session (adapters.slack.platform.Platform)."""

    def __init__(self, session: aiohttp.ClientSession, api_url: str, timeout: float = TIMEOUT) -> None:
        self._session = session
        self._api_url = api_url if api_url.endswith("/") else f"{api_url}/"
        self._timeout = timeout
        self._clients: dict[str, AsyncWebClient] = {}
        self._held = Held(monotonic)

    def client(self, token: str = "") -> AsyncWebClient:
        """The SDK's client for a token."""
        if token not in self._clients:
            client = AsyncWebClient(token=token or None, base_url=self._api_url, session=self._session, logger=_quiet)
            client.retry_handlers.clear()  # the outbox tries again, and knows for how long
            self._clients[token] = client
        return self._clients[token]

    async def call(self, workspace: Workspace, method: str, **arguments: Any) -> dict[str, Any]:
        """See Platform."""
        return (await self.answer(workspace.token, method, **arguments))[0]

    async def answer(self, token: str, method: str, **arguments: Any) -> tuple[dict[str, Any], Mapping[str, str]]:
        """One method's answer and its headers. While Slack has asked us to wait with a method, it is not called."""
        self._held.check(token, method)
        call = getattr(self.client(token), method.replace(".", "_"))
        try:
            async with asyncio.timeout(self._timeout):
                response = await call(**arguments)
        except SlackApiError as error:
            found = _error(method, error)
            self._held.hold(token, method, found.after if isinstance(found, RetryLater) else None)
            raise found from None
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Unsure(f"{method}: {type(error).__name__}") from None
        except (SlackClientError, AttributeError, ValueError) as error:  # an answer that is no JSON
            raise Unsure(f"{method}: unreadable answer ({type(error).__name__})") from None
        data = response.data
        return (data if isinstance(data, dict) else {}), response.headers

    async def respond(self, url: str, message: dict[str, Any]) -> None:
        """See Platform."""
        async with self._request("POST", url, json=message) as response:
            if response.status == 429:
                raise RetryLater("response_url: ratelimited", _seconds(response.headers))
            if response.status >= 500:
                raise Unsure(f"response_url: {response.status}")
            if response.status >= 400 or (await response.text())[:100].strip() not in ("ok", "", '{"ok":true}'):
                raise Refused("response_url", str(response.status))

    async def upload(self, url: str, content: bytes) -> None:
        """See Platform."""
        async with self._request("POST", url, data=content) as response:
            if response.status != 200:
                raise Unsure(f"upload: {response.status}")

    async def download(self, workspace: Workspace, url: str, most: int) -> bytes:
        """See Platform. The token goes to Slack's file server only."""
        parts = urlsplit(url)
        theirs = parts.scheme == "https" and (parts.hostname or "").endswith((".slack.com", ".slack-gov.com"))
        if not theirs and parts.netloc != urlsplit(self._api_url).netloc:
            raise Refused("download", "not_slack")
        headers = {"Authorization": f"Bearer {workspace.token}"}
        async with self._request("GET", url, headers=headers, allow_redirects=False) as response:
            if response.status != 200:
                raise Refused("download", str(response.status))
            content = bytearray()
            while len(content) < most and (more := await response.content.read(most - len(content))):
                content += more  # a read gives what has arrived so far
            return bytes(content)

    def _request(self, verb: str, url: str, **more: Any) -> _Request:
        return _Request(self._session, verb, url, aiohttp.ClientTimeout(total=self._timeout), more)


class _Request:
    """A request outside the Web API, with its failures as ours."""

    def __init__(
        self, session: aiohttp.ClientSession, verb: str, url: str, timeout: aiohttp.ClientTimeout, more: dict[str, Any]
    ) -> None:
        self._context = session.request(verb, url, timeout=timeout, **more)

    async def __aenter__(self) -> aiohttp.ClientResponse:
        try:
            return await self._context.__aenter__()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Unsure(f"{type(error).__name__}") from None

    async def __aexit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        await self._context.__aexit__(kind, error, trace)


def _error(method: str, error: SlackApiError) -> Exception:
    """An SDK error as one of ours; nothing of the call's content is in it."""
    response = error.response
    status = getattr(response, "status_code", None) or getattr(response, "status", 0)
    code = text(getattr(response, "data", None), "error")
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return RetryLater(f"{method}: ratelimited", _seconds(getattr(response, "headers", {})) or 1.0)
    if not code:
        return Unsure(f"{method}: HTTP {status}")
    return Refused(method, code)


def _seconds(headers: Mapping[str, str]) -> float | None:
    """What Retry-After says, within reason."""
    found = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    try:
        return min(max(float(found), 0.1), 3600.0)
    except ValueError:
        return None


# -- receiving -------------------------------------------------------------------------------------------------------


class _HandOver(AsyncMiddleware):
    """Ends bolt's chain. As a class, for bolt looks into the payload for a function's arguments and may fail on it."""

    def __init__(self, receiver: Receiver, workspaces: Workspaces, mine: Callable[[Workspace], bool]) -> None:
        self._receiver = receiver
        self._workspaces = workspaces
        self._mine = mine

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[Any]]
    ) -> BoltResponse:
        """See AsyncMiddleware."""
        workspace = self._workspaces.of(teams(req.body))
        if workspace is None or not self._mine(workspace):
            log.warning("slack_unknown_workspace", teams=teams(req.body)[:3])
            known = workspace is not None or self._workspaces.settled
            return BoltResponse(status=200 if known else 503, body="")  # not yet known: Slack shall send it again
        retry = text(dict(req.headers), "x-slack-retry-num", 0) or "0"
        reply = await self._receiver.handle(req.body, int(retry) if retry.isdecimal() and len(retry) < 4 else 0)
        body = json.dumps(reply.body, ensure_ascii=False) if reply.body else ""
        response = BoltResponse(status=reply.status, body=body)
        if body:
            response.headers["content-type"] = ["application/json"]
        return response


def bolt(api: WebApi, receiver: Receiver, workspaces: Workspaces, mine: Callable[[Workspace], bool]) -> AsyncApp:
    """Bolt for the workspaces that share a signing secret or an app token; the payloads of others are not theirs."""
    ours = [workspace for workspace in workspaces if mine(workspace)]

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)  # the receiver finds the workspace

    app = AsyncApp(
        client=api.client(),
        signing_secret=ours[0].signing_secret or "none",
        authorize=authorize,
        logger=_quiet,
        request_verification_enabled=False,  # the door has looked already, and Socket Mode has no signatures
        attaching_conversation_kwargs_enabled=False,
        ignoring_self_events_enabled=False,  # the reader does, for every kind of payload
    )

    app.middleware(_HandOver(receiver, workspaces, mine))
    return app


@dataclass(frozen=True)
class _Door:
    verifier: SignatureVerifier
    app: AsyncApp


class Doors:
    """POST /slack/events: the signature shows whose app it is; no signature of ours, no entry."""

    def __init__(self, api: WebApi, receiver: Receiver, workspaces: Workspaces) -> None:
        secrets = dict.fromkeys(w.signing_secret for w in workspaces if w.signing_secret)
        self._doors = [
            _Door(SignatureVerifier(secret), bolt(api, receiver, workspaces, _with_secret(secret)))
            for secret in secrets
        ]

    async def handle(self, request: web.Request) -> web.Response:
        """One request of Slack's."""
        try:
            raw = await request.text()
        except (UnicodeDecodeError, LookupError):
            return web.Response(status=400)
        headers = {name.lower(): value for name, value in request.headers.items()}
        door = next((d for d in self._doors if _verified(d.verifier, raw, headers)), None)
        if door is None and _of_the_certificate(raw):
            return web.Response()
        if door is None:
            log.warning("slack_signature_refused", remote=request.remote)
            return web.json_response({"error": "invalid request"}, status=401)
        try:
            bolt_request = await to_bolt_request(request)
        except Exception:
            return web.json_response({"error": "not a payload of Slack's"}, status=400)
        body = bolt_request.body
        if not isinstance(body, dict) or not body or not isinstance(body.get("event", {}), dict):
            return web.json_response({"error": "not a payload of Slack's"}, status=400)
        return await to_aiohttp_response(await door.app.async_dispatch(bolt_request))


def _of_the_certificate(raw: str) -> bool:
    """Slack's look at the certificate, which need not be signed: it asks for 200, and nothing runs.

    Source: Slack's page on slash commands, "ssl_check"; slack_bolt's SslCheck answers it before it verifies.
    """
    if not raw.startswith(("ssl_check=", "token=")) or len(raw) > 500:
        return False
    found = parse_qs(raw)
    return found.get("ssl_check") == ["1"] and set(found) <= {"ssl_check", "token"}


def _with_secret(secret: str) -> Callable[[Workspace], bool]:
    return lambda workspace: workspace.signing_secret == secret


def _with_app_token(token: str) -> Callable[[Workspace], bool]:
    return lambda workspace: workspace.app_token == token


def _verified(verifier: SignatureVerifier, raw: str, headers: dict[str, str]) -> bool:
    try:
        return verifier.is_valid_request(raw, headers)
    except (TypeError, ValueError):  # a timestamp that is no number, a signature that is no ASCII
        return False


class _Socket:
    """A connection of Socket Mode, watched over: bolt opens it again, but says nothing and asks for no new address."""

    def __init__(self, app: AsyncApp, token: str, client: AsyncWebClient) -> None:
        self._handler = AsyncSocketModeHandler(app, token, logger=_quiet, web_client=client)
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Returns when it is open, or after a moment: then it goes on trying, and all else is served meanwhile."""
        opening = asyncio.create_task(self._handler.connect_async())  # type: ignore[no-untyped-call]
        self._tasks = [opening, asyncio.create_task(self._watch())]
        await asyncio.wait({opening}, timeout=SOCKET_SOON)
        if not opening.done():
            log.error("slack_socket_not_open", to_do="someguide doctor")

    async def close(self) -> None:
        """Ends it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._handler.close_async()  # type: ignore[no-untyped-call]

    async def _watch(self) -> None:
        client, was_open = self._handler.client, True
        while True:
            await asyncio.sleep(SOCKET_LOOK)
            is_open = await client.is_connected()
            if not is_open:
                client.wss_uri = None  # an address is good for one connection, soon after it was given
            if is_open is not was_open:
                (log.info if is_open else log.error)("slack_socket", open=is_open)
            was_open = is_open


# -- the whole ---------------------------------------------------------------------------------------------------------


class Slack:
    """Everything of Slack in one process: what `someguide serve` starts and stops."""

    def __init__(self, session: aiohttp.ClientSession, api: WebApi, receiver: Receiver, wire: SlackWire) -> None:
        self._session = session
        self._api = api
        self._receiver = receiver
        self.wire = wire
        self.doors: Doors | None = None
        self._learning: asyncio.Task[None] | None = None
        self._sockets: list[_Socket] = []

    def routes(self) -> list[web.RouteDef]:
        """What to mount; empty where no workspace has a signing secret."""
        return [web.post(PATH, self.doors.handle)] if self.doors else []

    async def connect(self, workspaces: Workspaces) -> None:
        """Opens the doors: HTTP where there are signing secrets, Socket Mode where there are app tokens."""
        if any(w.signing_secret for w in workspaces):
            self.doors = Doors(self._api, self._receiver, workspaces)
        for token in dict.fromkeys(w.app_token for w in workspaces if w.app_token):
            app = bolt(self._api, self._receiver, workspaces, _with_app_token(token))
            self._sockets.append(_Socket(app, token, self._api.client()))
        await asyncio.gather(*(socket.open() for socket in self._sockets))

    def learn_on(self, workspaces: Workspaces) -> None:
        """Asks Slack again, as long as it has not said who a token is."""

        async def again() -> None:
            while any(not w.user for w in workspaces):
                await asyncio.sleep(LEARN_AGAIN if workspaces.learned else LEARN_SOON)
                await learn(self._api, workspaces)

        self._learning = asyncio.create_task(again())

    async def close(self) -> None:
        """Ends the connections when what is being done is done."""
        if self._learning:
            self._learning.cancel()
        for socket in self._sockets:
            await socket.close()
        await self._receiver.close()
        await self._session.close()


async def start(
    assistant: Takes,
    settings: Settings,
    *,
    languages: Mapping[str, Language] | None = None,
    documents: Documents | None = None,
    looks: Looks | None = None,
) -> Slack:
    """Connects to Slack. The caller registers `.wire` with the outbox, mounts `.routes()`, and calls `.close()`."""
    workspaces = configured(settings, languages)
    session = aiohttp.ClientSession()
    try:
        api = WebApi(session, settings.slack_api_url)
        for _ in range(LEARN_TRIES):
            await learn(api, workspaces)
            if workspaces.learned:
                break
            await asyncio.sleep(LEARN_SOON)
        directory = Directory(api)
        homes = Homes(directory, assistant.take)
        receiver = Receiver(api, workspaces, directory, assistant, looks, homes)
        wire = SlackWire(api, workspaces, directory, documents, homes, api_url=settings.slack_api_url)
        slack = Slack(session, api, receiver, wire)
        await slack.connect(workspaces)
        slack.learn_on(workspaces)
    except BaseException:
        await session.close()
        raise
    return slack


async def doctor(settings: Settings, organisations: Collection[str]) -> list[Finding]:
    """Proves the Slack set-up of the settings; nothing where Slack is not configured."""
    found: list[Finding] = []
    async with aiohttp.ClientSession() as session:
        api = WebApi(session, settings.slack_api_url)
        for workspace in configured(settings):
            found += await examine(api, workspace, organisations)
    return found

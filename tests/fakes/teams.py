"""A Teams of our own for tests: the connector with its state and its bad days, and the server of signing keys."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import jwt
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa

APP = "22222222-2222-2222-2222-222222222222"
TENANT = "11111111-aaaa-bbbb-cccc-000000000001"
BOT = {"id": f"28:{APP}", "name": "Someguide"}
ANNA = {"id": "29:anna", "name": "Anna Åkesson", "aadObjectId": "aad-anna"}
ISSUER = "https://api.botframework.com"


class Credentials:
    """Has a token for every call, as Microsoft would."""

    microsoft_app_id = APP

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None

    def get_access_token(self) -> str:
        """Blocks, as the SDK's own does."""
        self.asked += 1
        if self.error:
            raise self.error
        return f"token-{self.asked}"


@dataclass(frozen=True)
class Fault:
    """What happens to one call instead of what should."""

    status: int = 0  # 0: no answer, the connection is cut
    after: str = ""  # Retry-After
    code: str = ""
    done: bool = False  # it was done all the same; only the answer is lost
    slow: float = 0.0


@dataclass
class Posted:
    """A message as it stands."""

    id: str
    conversation: str
    activity: dict[str, Any]
    updates: int = 0


@dataclass
class FakeTeams:
    """The connector. `faults` are used up one a call; `calls` is everything that was asked."""

    faults: deque[Fault] = field(default_factory=deque)
    calls: list[tuple[str, str, Any]] = field(default_factory=list)
    posted: list[Posted] = field(default_factory=list)
    done: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # what was posted or put: where, and what
    members: dict[str, dict[str, Any]] = field(default_factory=lambda: {"29:anna": ANNA, "aad-anna": ANNA})
    tokens: list[str] = field(default_factory=list)  # the Authorization headers that came
    wanted_token: str = ""
    blocked: set[str] = field(default_factory=set)
    key_calls: int = 0
    key_delay: float = 0.0
    keys_down: bool = False
    key: Any = field(default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048))
    endorsements: list[str] = field(default_factory=lambda: ["msteams"])
    pictures: dict[str, bytes] = field(default_factory=dict)  # pasted ones, by their names
    uploads: list[tuple[str, str, bytes]] = field(default_factory=list)  # name, Content-Range, content
    upload_status: int = 201
    url: str = ""
    port: int = 0

    def __post_init__(self) -> None:
        self._ids = itertools.count(1)
        self._server: TestServer | None = None

    # -- serving -----------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> FakeTeams:
        app = web.Application()
        app.router.add_get("/openid", self._openid)
        app.router.add_get("/keys", self._keys)
        app.router.add_put("/upload/{name}", self._upload)
        app.router.add_route("*", "/v3/{rest:.*}", self._connector)
        self._server = TestServer(app, port=self.port or None)  # the same again, for references keep the address
        await self._server.start_server()
        self.port = self._server.port or 0
        self.url = str(self._server.make_url("")).rstrip("/")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        await self._server.close()

    async def _openid(self, _: web.Request) -> web.Response:
        self.key_calls += 1
        await asyncio.sleep(self.key_delay)
        if self.keys_down:
            return web.Response(status=503)
        return web.json_response({"issuer": ISSUER, "jwks_uri": f"{self.url}/keys"})

    async def _keys(self, _: web.Request) -> web.Response:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return web.json_response({"keys": [public | {"kid": "k1", "endorsements": self.endorsements}]})

    async def _upload(self, request: web.Request) -> web.Response:
        """OneDrive takes a file."""
        content = await request.read()
        self.uploads.append((request.match_info["name"], request.headers.get("Content-Range", ""), content))
        return web.json_response({}, status=self.upload_status)

    async def _connector(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read() or b"null")
        path = request.match_info["rest"] + (f"?{request.query_string}" if request.query_string else "")
        self.calls.append((request.method, path, body))
        self.tokens.append(request.headers.get("Authorization", ""))
        fault = self.faults.popleft() if self.faults else None
        if fault and fault.slow:
            await asyncio.sleep(fault.slow)
        if fault and fault.done:
            self._do(request.method, path, body)
        if fault and not fault.status and not (fault.slow and not fault.done):
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if fault and fault.status:
            headers = {"Retry-After": fault.after} if fault.after else {}
            said = {"error": {"code": fault.code or "Fault", "message": "as asked"}}
            return web.json_response(said, status=fault.status, headers=headers)
        if self.wanted_token and self.tokens[-1] != f"Bearer {self.wanted_token}":
            return web.json_response({"error": {"code": "Unauthorized"}}, status=401)
        if path.startswith("attachments/") and path.split("/")[1] in self.pictures:
            return web.Response(body=self.pictures[path.split("/")[1]], content_type="image/jpeg")
        status, said = self._do(request.method, path, body)
        return web.json_response(said, status=status)

    # -- what it does --------------------------------------------------------------------------------------------------

    def _do(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        parts = path.split("/")
        if parts == ["conversations"]:
            named = body["members"][0]["id"]  # either id leads to the same chat
            person = self.members.get(named, {}).get("aadObjectId") or named
            if person in self.blocked:
                return 403, {"error": {"code": "MessageWritesBlocked", "message": "blocked"}}
            return 201, {"id": f"a:private-{person}"}
        if parts[0] != "conversations" or len(parts) < 3:
            return 404, {"error": {"code": "NotFound"}}
        conversation = parts[1]
        if parts[2] == "members":
            found = self.members.get(parts[3])
            return (200, found) if found else (404, {"error": {"code": "MemberNotFoundInConversation"}})
        if conversation in self.blocked:
            return 403, {"error": {"code": "MessageWritesBlocked", "message": "blocked"}}
        if parts[2].startswith("pagedmembers"):
            query = parse_qs(parts[2].partition("?")[2])
            size, start = int(query["pageSize"][0]), int(query.get("continuationToken", ["0"])[0])
            listed = list(self.members.values())
            more = {"continuationToken": str(start + size)} if start + size < len(listed) else {}
            return 200, {"members": listed[start : start + size], **more}
        if method == "POST":
            made = Posted(str(1700000000000 + next(self._ids)), conversation, body)
            self.posted.append(made)
            self.done.append((conversation, body))
            return 201, {"id": made.id}
        known = next((p for p in self.posted if p.id == parts[3]), None)
        if known is None:
            return 404, {"error": {"code": "ActivityNotFoundInConversation", "message": "gone"}}
        known.activity, known.updates = body, known.updates + 1
        self.done.append((conversation, body))
        return 200, {"id": known.id}

    # -- tokens --------------------------------------------------------------------------------------------------------

    def token(self, activity: dict[str, Any], key: Any = None, kid: str | None = "k1", **claims: Any) -> str:
        """An Authorization header as Teams would send it, or with something wrong in it."""
        now = int(time.time())
        said = {"iss": ISSUER, "aud": APP, "serviceurl": activity.get("serviceUrl"), "nbf": now - 10, "exp": now + 600}
        headers = {"kid": kid} if kid else {}
        return "Bearer " + jwt.encode(said | claims, key or self.key, "RS256", headers=headers)


_events = itertools.count(1)


def activity(url: str, kind: str = "message", **given: Any) -> dict[str, Any]:
    """An activity as Teams sends it in a personal chat."""
    made: dict[str, Any] = {
        "type": kind,
        "id": f"f:{next(_events)}",
        "timestamp": "2026-11-21T16:27:02.543Z",
        "channelId": "msteams",
        "serviceUrl": url,
        "from": ANNA,
        "recipient": BOT,
        "conversation": {"conversationType": "personal", "tenantId": TENANT, "id": "a:1anna"},
        "locale": "sv-FI",
        "entities": [{"type": "clientInfo", "locale": "sv-FI", "country": "FI", "platform": "Web"}],
        "channelData": {"tenant": {"id": TENANT}},
    }
    return made | given


def in_channel(url: str, text: str, **given: Any) -> dict[str, Any]:
    """A message in a channel that calls the bot."""
    return activity(
        url,
        text=f"<at>Someguide</at> {text}",
        textFormat="plain",
        conversation={
            "isGroup": True,
            "conversationType": "channel",
            "tenantId": TENANT,
            "id": "19:general@thread.tacv2;messageid=1",
        },
        entities=[{"type": "mention", "mentioned": BOT, "text": "<at>Someguide</at>"}],
        channelData={
            "tenant": {"id": TENANT},
            "team": {"id": "19:general@thread.tacv2"},
            "channel": {"id": "19:general@thread.tacv2"},
        },
        **given,
    )


def execute(url: str, action: dict[str, Any], **given: Any) -> dict[str, Any]:
    """A press on a card: the data of its Action.Execute, with the inputs."""
    value = {"action": {"type": "Action.Execute", "verb": "someguide", "data": action}, "trigger": "manual"}
    return activity(url, "invoke", name="adaptiveCard/action", value=value, **given)

"""A Slack of our own: its Web API with state and limits, response addresses, files and Socket Mode.

`FakeSlack` is the server (aiohttp). It refuses what Slack refuses (`slack_limits`), and fails on demand: `fail` takes
429, 500, an error of Slack's, or "lost": done, but the answer never comes. The people are in `slack_people`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.fakes import slack_limits

SECRET = "0123456789abcdef0123456789abcdef"
TOKEN = "xoxb-fake"
APP_TOKEN = "xapp-fake"
TEAM, BOT, BOT_ID, APP = "T0001", "U0BOT", "B0BOT", "A0001"
TRIGGER_SECONDS = 3.0
SCOPES = (
    "app_mentions:read,assistant:write,channels:history,channels:read,chat:write,commands,files:read,files:write,"
    "groups:history,groups:read,im:history,im:write,usergroups:read,users:read"
)


@dataclass
class Team:
    """A workspace with the app installed."""

    id: str
    token: str
    bot: str
    bot_id: str
    enterprise: str | None = None
    scopes: str = SCOPES
    revoked: bool = False


@dataclass
class Channel:
    """A channel or a private conversation, with its messages."""

    id: str
    team: str
    name: str = ""
    user: str = ""  # of a private conversation
    members: list[str] = field(default_factory=list)
    archived: bool = False
    messages: list[dict[str, Any]] = field(default_factory=list)

    def message(self, ts: str) -> dict[str, Any] | None:
        """A message that was not deleted."""
        return next((m for m in self.messages if m["ts"] == ts), None)


@dataclass
class Fault:
    """What goes wrong with a method's next calls."""

    method: str  # "*": any
    kind: str  # "429", "500", "html", "lost", or an error of Slack's
    times: int = 1
    after: float = 1.0  # Retry-After


class Error(Exception):
    """An error of Slack's: {"ok": false, "error": …}."""


class FakeSlack:
    """The server and everything it remembers."""

    def __init__(self, strict_pace: bool = False) -> None:
        self.strict_pace = strict_pace  # 429 for a second message in a channel within a second
        self.teams: dict[str, Team] = {}
        self.users: dict[str, dict[str, Any]] = {}
        self.channels: dict[str, Channel] = {}
        self.usergroups: dict[str, list[str]] = {}
        self.views: dict[str, dict[str, Any]] = {}
        self.stacks: dict[str, list[str]] = {}  # user: ids of the open modals, the top one last
        self.heard: dict[str, set[str]] = {}  # view: the fields of which it told the app
        self.homes: dict[tuple[str, str], dict[str, Any]] = {}
        self.files: dict[str, dict[str, Any]] = {}
        self.contents: dict[str, bytes] = {}
        self.ephemerals: list[dict[str, Any]] = []
        self.threads: dict[tuple[str, str], dict[str, Any]] = {}  # assistant threads: prompts, status, title
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.problems: list[str] = []  # everything that was refused for its form
        self.faults: list[Fault] = []
        self.delay = 0.0
        self.sockets: list[web.WebSocketResponse] = []
        self.envelopes: dict[str, asyncio.Future[Any]] = {}
        self._triggers: dict[str, list[Any]] = {}  # id: [user, until, used]
        self._responses: dict[str, dict[str, Any]] = {}
        self._posted: dict[str, float] = {}
        self._count = itertools.count(1)
        self._clock = time.time()
        self.url = ""
        self.changed = asyncio.Event()
        self.team(TEAM, TOKEN, BOT, BOT_ID)

    # -- the world -----------------------------------------------------------------------------------------------------

    def team(self, id_: str, token: str, bot: str, bot_id: str, **more: Any) -> Team:
        """Installs the app into a workspace."""
        self.teams[token] = Team(id_, token, bot, bot_id, **more)
        self.users[bot] = {"id": bot, "team_id": id_, "name": "someguide", "is_bot": True, "real_name": "Someguide"}
        return self.teams[token]

    def person(self, id_: str, name: str, locale: str = "sv-SE", team: str = TEAM) -> str:
        """A person with a name and a locale."""
        self.users[id_] = {
            "id": id_,
            "team_id": team,
            "name": name.lower().replace(" ", "."),
            "real_name": name,
            "profile": {"real_name": name, "display_name": ""},
            "locale": locale,
            "deleted": False,
            "is_bot": False,
        }
        return id_

    def channel(self, id_: str, name: str, members: list[str] | None = None, team: str = TEAM) -> Channel:
        """A channel; the app must be among the members to be able to write."""
        self.channels[id_] = Channel(id_, team, name, members=list(members or []))
        return self.channels[id_]

    def private(self, user: str, team: str = TEAM) -> Channel:
        """The private conversation of a person with the app."""
        found = next((c for c in self.channels.values() if c.user == user and c.team == team), None)
        if found is None:
            found = Channel(f"D{user[1:]}", team, user=user, members=[user])
            self.channels[found.id] = found
        return found

    def ts(self) -> str:
        """The next timestamp; no two are the same."""
        self._clock = max(time.time(), self._clock + 0.000001)
        return f"{self._clock:.6f}"

    def trigger(self, user: str, seconds: float = TRIGGER_SECONDS) -> str:
        """A trigger for a window: good once, for a few seconds."""
        name = f"{next(self._count)}.{int(time.time())}.abc"
        self._triggers[name] = [user, time.time() + seconds, False]
        return name

    def response_url(self, channel: str, user: str, ts: str | None = None) -> str:
        """An address at which an interaction can be answered: five times, for half an hour."""
        name = f"r{next(self._count)}"
        self._responses[name] = {"channel": channel, "user": user, "ts": ts, "left": 5, "until": time.time() + 1800}
        return f"{self.url}/respond/{name}"

    def fail(self, method: str, kind: str, times: int = 1, after: float = 1.0) -> None:
        """Lets the next calls of a method fail."""
        self.faults.append(Fault(method, kind, times, after))

    def called(self, method: str) -> list[dict[str, Any]]:
        """The arguments of every call of a method."""
        return [arguments for name, arguments in self.calls if name == method]

    # -- the server ----------------------------------------------------------------------------------------------------

    async def start(self) -> str:
        """Listens on a free port; returns the base of the Web API."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/respond/{name}", self._respond)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/files/{file}", self._download)
        app.router.add_get("/link", self._link)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        self.url = f"http://127.0.0.1:{port}"
        return f"{self.url}/api/"

    async def stop(self) -> None:
        """Ends."""
        for socket in list(self.sockets):
            await socket.close()
        await self._runner.cleanup()

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments = await _arguments(request)
        self.calls.append((method, arguments))
        if self.delay:
            await asyncio.sleep(self.delay)
        fault = self._fault(method)
        if fault and fault.kind == "429":
            headers = {"Retry-After": f"{fault.after:g}"}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
        if fault and fault.kind == "500":
            return web.json_response({"ok": False, "error": "internal_error"}, status=500)
        if fault and fault.kind == "html":
            return web.Response(text="<html>Bad gateway</html>", content_type="text/html", status=502)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or str(arguments.get("token", ""))
        headers = {}
        try:
            if fault and fault.kind not in ("lost",):
                raise Error(fault.kind)
            team = self._team(token, method)
            headers = {"X-OAuth-Scopes": team.scopes} if team else {}
            handler = getattr(self, "_" + method.replace(".", "_"), None)
            if handler is None:
                raise Error("unknown_method")
            answer = {"ok": True, **(handler(team, arguments) or {})}
        except Error as error:
            answer = {"ok": False, "error": str(error)}
            if str(error) == "ratelimited":
                return web.json_response(answer, status=429, headers={"Retry-After": "1"})
        finally:
            self.changed.set()
        if fault and fault.kind == "lost" and request.transport is not None:
            request.transport.close()  # it is done, and nobody hears of it
        return web.json_response(answer, headers=headers)

    def _fault(self, method: str) -> Fault | None:
        fault = next((f for f in self.faults if f.method in (method, "*") and f.times > 0), None)
        if fault:
            fault.times -= 1
        return fault

    def _team(self, token: str, method: str) -> Team | None:
        if method == "apps.connections.open":
            if not token.startswith("xapp-"):
                raise Error("not_allowed_token_type")
            return None
        team = self.teams.get(token)
        if team is None:
            raise Error("invalid_auth" if token else "not_authed")
        if team.revoked:
            raise Error("token_revoked")
        return team

    # -- methods: who we are -------------------------------------------------------------------------------------------

    def _auth_test(self, team: Team, _: dict[str, Any]) -> dict[str, Any]:
        named = {"enterprise_id": team.enterprise} if team.enterprise else {}
        ids = {"team_id": team.id, "user_id": team.bot, "bot_id": team.bot_id}
        return {"url": "https://x.slack.com/", "team": "Kommunen", "user": "someguide", **ids, **named}

    def _apps_connections_open(self, _: None, __: dict[str, Any]) -> dict[str, Any]:
        return {"url": self.url.replace("http", "ws") + "/link"}

    def _users_info(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        self._needs(team, "users:read")
        user = self.users.get(str(arguments.get("user")))
        if user is None:
            raise Error("user_not_found")
        shown = dict(user)
        if str(arguments.get("include_locale")).lower() not in ("true", "1"):
            shown.pop("locale", None)
        return {"user": shown}

    def _usergroups_users_list(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        self._needs(team, "usergroups:read")
        if arguments.get("usergroup") not in self.usergroups:
            raise Error("no_such_subteam")
        return {"users": self.usergroups[arguments["usergroup"]]}

    @staticmethod
    def _needs(team: Team, scope: str) -> None:
        if scope not in team.scopes.split(","):
            raise Error("missing_scope")

    # -- methods: conversations ----------------------------------------------------------------------------------------

    def _conversations_open(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        self._needs(team, "im:write")
        user = self.users.get(str(arguments.get("users")))
        if user is None or user["team_id"] != team.id:
            raise Error("user_not_found")
        if user.get("is_bot"):
            raise Error("cannot_dm_bot")
        if user.get("deleted"):
            raise Error("user_disabled")
        return {"channel": {"id": self.private(user["id"], team.id).id}}

    def _conversations_info(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(team, arguments)
        member = team.bot in channel.members or bool(channel.user)
        return {
            "channel": {"id": channel.id, "name": channel.name, "is_archived": channel.archived, "is_member": member}
        }

    def _conversations_members(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(team, arguments)
        limit, start = int(arguments.get("limit") or 100), int(arguments.get("cursor") or 0)
        more = str(start + limit) if start + limit < len(channel.members) else ""
        return {
            "members": channel.members[start : start + limit],
            "response_metadata": {"next_cursor": more},
        }

    def _conversations_history(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(team, arguments)
        top = [m for m in channel.messages if m.get("thread_ts", m["ts"]) == m["ts"]]
        return {"messages": top[::-1][: int(arguments.get("limit") or 100)]}

    def _conversations_replies(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(team, arguments)
        found = [m for m in channel.messages if arguments.get("ts") in (m["ts"], m.get("thread_ts"))]
        if not found:
            raise Error("thread_not_found")
        return {"messages": found[: int(arguments.get("limit") or 1000)]}

    def _channel(self, team: Team, arguments: dict[str, Any]) -> Channel:
        channel = self.channels.get(str(arguments.get("channel") or arguments.get("channel_id")))
        if channel is None or channel.team != team.id:
            raise Error("channel_not_found")
        return channel

    # -- methods: messages ---------------------------------------------------------------------------------------------

    def _chat_postMessage(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        channel = self._writable(team, arguments)
        if self.strict_pace and time.time() - self._posted.get(channel.id, 0.0) < 0.98:
            raise Error("ratelimited")
        self._check_message(arguments)
        self._posted[channel.id] = time.time()
        message = {"type": "message", "user": team.bot, "bot_id": team.bot_id, "ts": self.ts()}
        message |= {k: arguments[k] for k in ("text", "blocks", "thread_ts") if k in arguments}
        if "thread_ts" in arguments and channel.message(arguments["thread_ts"]) is None and not channel.user:
            raise Error("thread_not_found")
        root = channel.message(str(arguments.get("thread_ts")))
        if root is not None:
            root["thread_ts"] = root["ts"]  # as Slack does, once a message has replies
        channel.messages.append(message)
        self.threads.get((channel.id, str(arguments.get("thread_ts"))), {}).pop("status", None)
        return {"channel": channel.id, "ts": message["ts"], "message": message}

    def _chat_update(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._writable(team, arguments)
        message = channel.message(str(arguments.get("ts")))
        if message is None:
            raise Error("message_not_found")
        if message.get("user") != team.bot:
            raise Error("cant_update_message")
        self._check_message(arguments)
        message |= {k: arguments[k] for k in ("text", "blocks") if k in arguments}
        message["edited"] = {"user": team.bot, "ts": self.ts()}
        return {"channel": channel.id, "ts": message["ts"], "text": message["text"]}

    def _chat_delete(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._writable(team, arguments)
        message = channel.message(str(arguments.get("ts")))
        if message is None:
            raise Error("message_not_found")
        channel.messages.remove(message)
        return {"channel": channel.id, "ts": message["ts"]}

    def _chat_postEphemeral(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        channel = self._writable(team, arguments)
        if arguments.get("user") not in channel.members:
            raise Error("user_not_in_channel")
        self._check_message(arguments)
        self.ephemerals.append({**arguments, "ts": self.ts()})
        return {"message_ts": self.ephemerals[-1]["ts"]}

    def _writable(self, team: Team, arguments: dict[str, Any]) -> Channel:
        self._needs(team, "chat:write")
        channel = self._channel(team, arguments)
        if channel.archived:
            raise Error("is_archived")
        if channel.user and self.users[channel.user].get("deleted"):
            raise Error("account_inactive")
        if not channel.user and team.bot not in channel.members:
            raise Error("not_in_channel")
        return channel

    def _check_message(self, arguments: dict[str, Any]) -> None:
        wrong = slack_limits.message(arguments)
        if wrong:
            self.problems += wrong
            long = any("msg_blocks_too_long" in w for w in wrong)
            raise Error("msg_blocks_too_long" if long else "invalid_blocks")

    # -- methods: views ------------------------------------------------------------------------------------------------

    def _views_open(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        user = self._use(arguments)
        self.stacks[user] = []
        return self._shown(team, user, arguments)

    def _views_push(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        user = self._use(arguments)
        if len(self.stacks.get(user, [])) >= 3:
            raise Error("push_limit_reached")
        return self._shown(team, user, arguments)

    def _views_update(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        wanted = arguments.get("view_id")
        if not wanted and arguments.get("external_id"):
            external = arguments["external_id"]
            wanted = next((v["id"] for v in self.views.values() if v.get("external_id") == external), None)
        view = self.views.get(str(wanted))
        if view is None or not any(view["id"] in stack for stack in self.stacks.values()):
            raise Error("not_found")
        if arguments.get("hash") and arguments["hash"] != view["hash"]:
            raise Error("hash_conflict")
        return {"view": self._change(view, self._check_view(arguments))}

    def _views_publish(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments.get("user_id") not in self.users:
            raise Error("user_not_found")
        view = self._check_view(arguments)
        if view.get("type") != "home":
            raise Error("invalid_arguments")
        shown = self._view(team, view)
        self.homes[(team.id, arguments["user_id"])] = shown
        return {"view": shown}

    def _use(self, arguments: dict[str, Any]) -> str:
        trigger = self._triggers.get(str(arguments.get("trigger_id")))
        if trigger is None:
            raise Error("invalid_trigger")
        if trigger[2]:
            raise Error("exchanged_trigger_id")
        if trigger[1] < time.time():
            raise Error("expired_trigger_id")
        trigger[2] = True
        return str(trigger[0])

    def _shown(self, team: Team, user: str, arguments: dict[str, Any]) -> dict[str, Any]:
        view = self._view(team, self._check_view(arguments))
        self.stacks.setdefault(user, []).append(view["id"])
        return {"view": view}

    def _view(self, team: Team, view: dict[str, Any]) -> dict[str, Any]:
        number = next(self._count)
        made = {"private_metadata": "", "callback_id": "", **view, "id": f"V{number}", "hash": f"{number}.h"}
        made |= {"team_id": team.id, "app_id": APP, "bot_id": team.bot_id, "state": {"values": {}}}
        self.views[made["id"]] = made
        return made

    def _change(self, view: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
        kept = {k: view[k] for k in ("id", "team_id", "app_id", "bot_id", "state")}
        view.clear()
        view.update({"private_metadata": "", "callback_id": "", **new, **kept, "hash": f"{next(self._count)}.h"})
        return view

    def _check_view(self, arguments: dict[str, Any]) -> dict[str, Any]:
        view = arguments.get("view")
        wrong = slack_limits.view(view) if isinstance(view, dict) else ["no view"]
        if wrong:
            self.problems += wrong
            raise Error("invalid_arguments")
        assert isinstance(view, dict)
        return view

    def modal(self, user: str) -> dict[str, Any] | None:
        """The window that a person sees."""
        stack = self.stacks.get(user)
        return self.views[stack[-1]] if stack else None

    # -- methods: files and assistant ----------------------------------------------------------------------------------

    def _files_getUploadURLExternal(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self._needs(team, "files:write")
        name = f"F{next(self._count)}"
        self.files[name] = {"id": name, "name": arguments.get("filename"), "length": int(arguments["length"])}
        return {"upload_url": f"{self.url}/upload/{name}", "file_id": name}

    def _files_completeUploadExternal(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        for file in arguments["files"]:
            if len(self.contents.get(file["id"], b"")) != self.files[file["id"]]["length"]:
                raise Error("file_not_found")
            self.files[file["id"]] |= {k: arguments.get(k) for k in ("channel_id", "thread_ts")}
        return {"files": arguments["files"]}

    def _assistant_threads_setSuggestedPrompts(self, team: Team, arguments: dict[str, Any]) -> None:  # noqa: N802
        if not 1 <= len(arguments["prompts"]) <= 4:
            raise Error("invalid_arguments")
        self._assistant(team, arguments)["prompts"] = arguments["prompts"]

    def _assistant_threads_setStatus(self, team: Team, arguments: dict[str, Any]) -> None:  # noqa: N802
        self._assistant(team, arguments)["status"] = arguments["status"]

    def _assistant_threads_setTitle(self, team: Team, arguments: dict[str, Any]) -> None:  # noqa: N802
        self._assistant(team, arguments)["title"] = arguments["title"]

    def _assistant(self, team: Team, arguments: dict[str, Any]) -> dict[str, Any]:
        self._needs(team, "assistant:write")
        key = (str(arguments.get("channel_id")), str(arguments.get("thread_ts")))
        return self.threads.setdefault(key, {})

    # -- beside the Web API --------------------------------------------------------------------------------------------

    async def _respond(self, request: web.Request) -> web.Response:
        known = self._responses.get(request.match_info["name"])
        message = await request.json()
        self.calls.append(("response_url", message))
        if known is None or known["until"] < time.time():
            return web.Response(status=404, text="expired_url")
        if known["left"] < 1:
            return web.Response(status=404, text="used_url")
        allowed = {"response_type", "replace_original", "delete_original", "text", "blocks", "thread_ts"}
        wrong = slack_limits.message(message) + [f"response: unknown {k}" for k in set(message) - allowed]
        if wrong:
            self.problems += wrong
            return web.Response(status=500, text="invalid_blocks")
        known["left"] -= 1
        self.ephemerals.append({**message, "channel": known["channel"], "user": known["user"], "ts": self.ts()})
        self.changed.set()
        return web.Response(text="ok")

    async def _upload(self, request: web.Request) -> web.Response:
        self.contents[request.match_info["file"]] = await request.read()
        return web.Response(text="OK")

    async def _download(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.teams:
            return web.Response(status=403)
        return web.Response(body=self.contents.get(request.match_info["file"], b""), content_type="image/jpeg")

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": APP}})
        self.sockets.append(socket)
        self.changed.set()
        async for frame in socket:
            if frame.type is aiohttp.WSMsgType.TEXT:
                try:
                    data = json.loads(frame.data)
                except ValueError:
                    continue
                waiting = self.envelopes.get(str(data.get("envelope_id")))
                if waiting and not waiting.done():
                    waiting.set_result(data.get("payload"))
        self.sockets.remove(socket)
        return socket

    async def until(self, holds: Callable[[], Any], seconds: float = 5.0) -> Any:
        """Waits until something holds; returns what it gave. Fails the test otherwise."""
        end = time.monotonic() + seconds
        while not (found := holds()):
            left = end - time.monotonic()
            assert left > 0, f"did not happen; refused: {self.problems}; last calls: {[c[0] for c in self.calls[-8:]]}"
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), min(left, 0.05))
            except TimeoutError:
                continue
        return found


async def _arguments(request: web.Request) -> dict[str, Any]:
    """The arguments of a call, as JSON, as a form, or in the address."""
    found: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        data = await request.json()
        found |= data if isinstance(data, dict) else {}
    else:
        found |= dict(await request.post())
    return {
        name: _nested(value) if name in ("blocks", "view", "files", "prompts") else value
        for name, value in found.items()
    }


def _nested(value: Any) -> Any:
    """What was JSON within a form."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value

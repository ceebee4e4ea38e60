"""What the fake Slack knows: workspaces, people, channels, messages, windows, triggers; and what goes wrong."""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

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
    of_all: bool = False  # installed to the whole Enterprise Grid; the id is then one of its workspaces
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


class World:
    """Workspaces, people, channels, windows, and what was called."""

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
        self.piece = 0  # bytes of a file that are sent at a time; 0: all at once
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

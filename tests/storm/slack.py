"""Slack in a storm: workspaces, people at their windows, and a Web API that fails a tenth of its calls."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import aiohttp

from adapters.slack import needs, press, read
from adapters.slack.workspaces import Workspace
from tests.fakes.slack_people import Http, Peer, Reply, bare, elements, options, words
from tests.storm.instances import Instance
from tests.storm.post import Event, Post
from tests.storm.slack_server import StormySlack
from tests.storm.slack_shown import Comparison
from tests.storm.weather import Weather
from tests.storm.world import Board, Member, Move, Role, answer_in_words, onward

PATIENCE = 3.0
"""Seconds that Slack waits for an acknowledgement."""
LOCALES = ("sv-SE", "fi-FI", "en-GB")


class Router:
    """Sends what Slack sends, signed, through the post (tests.fakes.slack_people's transport)."""

    def __init__(self, post: Post, session: aiohttp.ClientSession, secret: str, workspace: Workspace, private: Any):
        self._post = post
        self._session = session
        self._secret = secret
        self._workspace = workspace
        self._private: Callable[[str], str] = private

    async def send(self, kind: str, payload: dict[str, Any], retry: int = 0) -> Reply:
        """One event or interaction, delivered as the post sees fit."""

        async def once(instance: Instance, number: int) -> Reply:
            door = Http(self._session, f"{instance.url}/slack/events", self._secret)
            try:
                return await door.send(kind, payload, number)
            except (aiohttp.ClientError, OSError, TimeoutError):
                return Reply(0)

        user = needs.sender(payload)
        known = needs.Known(private=self._private(user))
        incoming = read.read(payload, self._workspace, known)
        if incoming is None or incoming.event is None:
            return await self._without_a_turn(once)
        named = str(payload.get("type")) if kind != "slash_commands" else kind
        named = str(payload["event"]["type"]) if kind == "events_api" else named
        event = Event(incoming.event, incoming.organisation, user, named, repeated=kind == "events_api")
        return await self._post.deliver(event, once)

    async def _without_a_turn(self, once: Callable[[Instance, int], Any]) -> Reply:
        """A press that only opens a window, which Slack never repeats; or a mention's other event."""
        for instance in self._post.any_order():
            reply: Reply = await once(instance, 0)
            if reply.acknowledged:
                return reply
        return Reply(0)


class SlackWorld:
    """See tests.storm.world.World."""

    name = "slack"

    def __init__(self, organisations: Sequence[str], people: int, rng: random.Random, hanging: bool = True) -> None:
        self.board = Board()
        self.weather = Weather(rng, hanging=hanging)
        self.slack = StormySlack(self.weather, self.board)
        self.members: list[Member] = []
        self._rng = rng
        self._people = people
        self._organisations = list(organisations)
        self._peers: dict[str, Peer] = {}
        self._session: aiohttp.ClientSession | None = None
        self._api = ""
        for number, organisation in enumerate(organisations, 1):
            self._workspace(number, organisation)

    def _workspace(self, number: int, organisation: str) -> None:
        """A workspace with its people; in some the app may do less, and in some a user group reviews."""
        team = self.slack.team(f"TS{number}", f"xoxb-storm-{number}", f"U{number}BOT", f"B{number}BOT")
        if number % 2 == 0:
            team.scopes = team.scopes.replace(",files:write", "")
        known = []
        for place in range(self._people):
            role = Role.REVIEWER if place < 2 else Role.MANAGER if place == 2 else Role.STAFF
            user = f"U{number}P{place:03d}"
            locale = self._rng.choices(LOCALES, [6, 3, 1])[0]
            self.slack.person(user, f"{role.value.title()} {number}-{place}", locale, team.id)
            known.append(Member(organisation, user, self.slack.users[user]["real_name"], role))
        users = [m.user for m in known]
        self.slack.channel(f"C{number}ALL", "alla", [*users, team.bot], team.id)
        self.slack.channel(f"C{number}REV", "granskning", [*users[:2], team.bot], team.id)
        self.slack.usergroups[f"S{number}"] = users[:2]
        self.members += known

    # -- running -------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """See World."""
        self._api = await self.slack.start()
        timeout = aiohttp.ClientTimeout(PATIENCE)
        self._session = aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0))

    async def close(self) -> None:
        """See World."""
        if self._session:
            await self._session.close()
            await self.slack.stop()

    def connect(self, post: Post) -> None:
        """See World."""
        assert self._session is not None
        for number, organisation in enumerate(self._organisations, 1):
            team = next(t for t in self.slack.teams.values() if t.id == f"TS{number}")
            workspace = Workspace(
                organisation, team.token, team.id, user=team.bot, bot=team.bot_id, review_channel=f"C{number}REV"
            )
            router = Router(post, self._session, _secret(number), workspace, self._private(team.id))
            self._peers[organisation] = Peer(self.slack, router, team.id)  # type: ignore[arg-type]

    def _private(self, team: str) -> Callable[[str], str]:
        return lambda user: self.slack.private(user, team).id

    def settings(self) -> dict[str, str]:
        """See World."""
        workspaces = [
            {
                "organisation": organisation,
                "bot_token": f"xoxb-storm-{number}",
                "signing_secret": _secret(number),
                "review_channel": f"C{number}REV",
                "reviewers": f"S{number}" if number % 2 else "",
                "team": "" if number % 3 else f"TS{number}",
            }
            for number, organisation in enumerate(self._organisations, 1)
        ]
        return {"SOMEGUIDE_SLACK_WORKSPACES": json.dumps(workspaces), "SOMEGUIDE_SLACK_API_URL": self._api}

    # -- people ----------------------------------------------------------------------------------------------------

    def _number(self, member: Member) -> int:
        return self._organisations.index(member.organisation) + 1

    def person(self, member: Member) -> str:
        """See World."""
        return f"slack:TS{self._number(member)}:{member.user}"

    def place(self, member: Member) -> str:
        """See World."""
        return self.slack.private(member.user, f"TS{self._number(member)}").id

    def channel(self, member: Member) -> str:
        """See World."""
        return f"C{self._number(member)}ALL"

    async def say(self, member: Member, text: str) -> Reply:
        """See World."""
        return await self._peers[member.organisation].say(member.user, text)

    async def ask_in_channel(self, member: Member, text: str) -> Reply:
        """See World."""
        peer = self._peers[member.organisation]
        asking = peer.say(member.user, f"<@{peer.team.bot}> {text}", self.channel(member))
        task = asyncio.ensure_future(asking)
        await asyncio.sleep(0)
        said = reversed(self.slack.channels[self.channel(member)].messages)  # others may have written since
        member.threads.append(next(m["ts"] for m in said if m["user"] == member.user))
        return await task

    async def reply_in_thread(self, member: Member, text: str) -> Reply | None:
        """See World. Without a mention: the assistant has been called into the thread."""
        if not member.threads:
            return None
        thread = self._rng.choice(member.threads)
        return await self._peers[member.organisation].say(member.user, text, self.channel(member), thread)

    async def home(self, member: Member) -> Reply:
        """See World."""
        return await self._peers[member.organisation].open_home(member.user)

    async def shortcut(self, member: Member) -> Reply:
        """See World."""
        name = self._rng.choice(["open-account", "publish-check"])
        return await self._peers[member.organisation].shortcut(member.user, name)

    async def aside(self, member: Member, text: str) -> Reply:
        """See World: the slash command."""
        return await self._peers[member.organisation].command(member.user, text, self.channel(member))

    # -- what can be done --------------------------------------------------------------------------------------------

    def _messages(self, channel: str, most: int) -> list[dict[str, Any]]:
        """The newest messages of the app's own, the newest first."""
        mine = (m for m in reversed(self.slack.channels[channel].messages) if m.get("bot_id") and m.get("blocks"))
        return [m for m, _ in zip(mine, range(most), strict=False)]

    def _moves(self, member: Member, channel: str, message: dict[str, Any]) -> list[Move]:
        found: list[Move] = []
        for element in elements(message["blocks"]):
            kind = element["type"]
            if kind == "button":
                pressed = press.read(element.get("value"))
                if pressed and pressed.action:
                    found.append(self._button(member, channel, message, element, pressed))
            elif kind == "static_select":
                option = self._rng.choice(options(element))
                shared = "" if element["block_id"] == "-" else str(element["block_id"])
                chosen = {**bare(element), "selected_option": option}
                found.append(self._act(shared + option["value"], member, channel, message, chosen))
            elif kind == "datepicker":
                found.append(
                    self._act("s:0:set", member, channel, message, {**bare(element), "selected_date": "2027-05-03"})
                )
            elif kind == "users_select":
                who = next(m for m in self.members if m.organisation == member.organisation and m.role is Role.MANAGER)
                found.append(
                    self._act("s:0:set", member, channel, message, {**bare(element), "selected_user": who.user})
                )
        return found

    def _act(self, action: str, member: Member, channel: str, message: dict[str, Any], element: dict[str, Any]) -> Move:
        peer = self._peers[member.organisation]
        return Move(action, lambda: peer.act(member.user, channel, message, element, _filled(message)))

    def _button(
        self, member: Member, channel: str, message: dict[str, Any], element: dict[str, Any], pressed: press.Press
    ) -> Move:
        plain = self._act(pressed.action, member, channel, message, element)
        if not pressed.reason:
            return plain

        async def with_reason() -> Reply:
            self.slack.stacks[member.user] = []
            opened = await plain.make()
            if not opened.acknowledged or not self.slack.modal(member.user):
                return opened
            view = self.slack.modal(member.user)
            assert view is not None
            field = next(b["block_id"] for b in view["blocks"] if b["type"] == "input")
            member.written += 1
            return await self._peers[member.organisation].submit(member.user, **{field: f"Because {member.written}."})

        return Move(pressed.action, with_reason)

    def steps(self, member: Member) -> list[Move]:
        """See World."""
        channel = self.place(member)
        for message in self._messages(channel, 4):
            moves = [m for m in self._moves(member, channel, message) if m.action.startswith("s:")]
            if not moves:
                continue
            text = answer_in_words(member, words(message), self._rng.random())
            return onward(moves) or [Move("write", partial(self.say, member, text))]
        return []

    def buttons(self, member: Member) -> list[Move]:
        """See World."""
        channel = self.place(member)
        found = [m for message in self._messages(channel, 4) for m in self._moves(member, channel, message)]
        return [m for m in found if not m.action.startswith("s:0:")] + self._at_home(member)

    def _at_home(self, member: Member) -> list[Move]:
        """What can be pressed on the home view."""
        peer = self._peers[member.organisation]
        view = self.slack.homes.get((peer.team.id, member.user), {"blocks": []})
        found = []
        for element in elements(view["blocks"]):
            pressed = press.read(element.get("value"))
            if pressed and pressed.action and not pressed.reason:
                act = {**element, "action_ts": self.slack.ts()}
                found.append(Move(pressed.action, partial(peer._in_view, member.user, view, act)))
        return found

    def reviewing(self, member: Member) -> list[Move]:
        """See World."""
        channel = f"C{self._number(member)}REV"
        return [m for message in self._messages(channel, 40) for m in self._moves(member, channel, message)]

    # -- what is found at the end --------------------------------------------------------------------------------------

    def told(self, user: str) -> int:
        """See World."""
        channel = next((c.id for c in self.slack.channels.values() if c.user == user), "")
        return self.slack.plain[channel] + self.slack.plain[user]

    def findings(self, rows: Sequence[Any], excused: Callable[[str, float], bool]) -> tuple[list[str], dict[str, int]]:
        """See World. Of a message in Slack there is never a second: what is not sure is searched for."""
        compared = Comparison(self.slack, self.board, excused)
        return compared.wrong(rows), compared.figures()


def _filled(message: dict[str, Any]) -> dict[str, Any]:
    """The first box of every input is ticked."""
    state = {}
    for block in message["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            chosen = {"type": element["type"], "selected_options": element["options"][:1]}
            state[block["block_id"]] = {element["action_id"]: chosen}
    return state


def _secret(number: int) -> str:
    """Workspaces 1 and 2 have one app, the others each their own."""
    return hashlib.md5(f"storm {max(number, 2)}".encode()).hexdigest()

"""Teams in a storm: tenants, people in their chats and channels, and a connector that fails a tenth of its calls."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import aiohttp

from tests.fakes.slack_people import Reply
from tests.fakes.teams import BOT, Posted
from tests.storm.instances import Instance
from tests.storm.post import Event, Post
from tests.storm.teams_server import StormyTeams, sentences
from tests.storm.teams_shown import Comparison, parts_of, reviewers_of, tenant_of
from tests.storm.weather import Weather
from tests.storm.world import Board, Member, Move, Role, answer_in_words, onward

PATIENCE = 15.0
"""Seconds that Teams waits for an answer; five for what it asks itself, such as a press on a card."""
PATIENCE_ASKED = 5.0
LANGUAGES = ("sv-SE", "fi-FI", "en-GB")


class TeamsWorld:
    """See tests.storm.world.World."""

    name = "teams"

    def __init__(self, organisations: Sequence[str], people: int, rng: random.Random, hanging: bool = True) -> None:
        self.board = Board()
        self.weather = Weather(rng, hanging=hanging)
        self.teams = StormyTeams()
        self.teams.weather, self.teams.board = self.weather, self.board
        self.members: list[Member] = []
        self._rng = rng
        self._organisations = list(organisations)
        self._ids = itertools.count(1)
        self._locales: dict[str, str] = {}
        self._told: Counter[str] = Counter()
        self._sentences = sentences()
        self._session: aiohttp.ClientSession | None = None
        self._post: Post | None = None
        for number, organisation in enumerate(organisations, 1):
            for place in range(people):
                self._person(number, organisation, place)

    def _person(self, number: int, organisation: str, place: int) -> None:
        role = Role.REVIEWER if place < 2 else Role.MANAGER if place == 2 else Role.STAFF
        user = f"t{number}p{place:03d}"
        known = {"id": f"29:{user}", "aadObjectId": f"aad-{user}", "name": f"{role.value.title()} {number}-{place}"}
        if role is Role.REVIEWER:  # the others are in no team with the assistant
            self.teams.members |= {known["id"]: known, known["aadObjectId"]: known}
        self._locales[user] = self._rng.choices(LANGUAGES, [6, 3, 1])[0]
        self.members.append(Member(organisation, user, known["name"], role))

    # -- running -------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """See World."""
        await self.teams.__aenter__()
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def close(self) -> None:
        """See World."""
        if self._session:
            await self._session.close()
            await self.teams.__aexit__()

    def connect(self, post: Post) -> None:
        """See World."""
        self._post = post

    def settings(self) -> dict[str, str]:
        """See World. In every other organisation the reviewers are named, else the channel's members review."""
        tenants = [
            {
                "organisation": organisation,
                "tenant": tenant_of(number),
                "review_channel": f"19:review{number}@thread.tacv2",
                "reviewers": reviewers_of(number),
            }
            for number, organisation in enumerate(self._organisations, 1)
        ]
        return {
            "SOMEGUIDE_TEAMS_TENANTS": json.dumps(tenants),
            "SOMEGUIDE_TEAMS_ANONYMOUS": "true",
            "SOMEGUIDE_TEAMS_SERVICE_URL": self.teams.url,
        }

    # -- people ----------------------------------------------------------------------------------------------------

    def _number(self, member: Member) -> int:
        return self._organisations.index(member.organisation) + 1

    def person(self, member: Member) -> str:
        """See World."""
        return f"teams:{tenant_of(self._number(member))}:aad-{member.user}"

    def place(self, member: Member) -> str:
        """See World."""
        return f"a:private-aad-{member.user}"

    def channel(self, member: Member) -> str:
        """See World."""
        return f"19:alla{self._number(member)}@thread.tacv2"

    async def say(self, member: Member, text: str) -> Reply:
        """See World."""
        return await self._send(member, "message", self.place(member), text=text, textFormat="plain")

    async def ask_in_channel(self, member: Member, text: str) -> Reply:
        """See World."""
        member.threads.append(f"{self.channel(member)};messageid={next(self._ids)}")
        return await self._mention(member, text, member.threads[-1])

    async def reply_in_thread(self, member: Member, text: str) -> Reply | None:
        """See World: Teams tells only of what calls the assistant."""
        return await self._mention(member, text, self._rng.choice(member.threads)) if member.threads else None

    async def _mention(self, member: Member, text: str, where: str) -> Reply:
        mention = {"type": "mention", "mentioned": BOT, "text": "<at>Someguide</at>"}
        said = f"<at>Someguide</at> {text}"
        return await self._send(member, "message", where, text=said, textFormat="plain", entities=[mention])

    async def home(self, member: Member) -> Reply:
        """See World: a word, in Teams."""
        word = {"sv": "hem", "fi": "koti", "en": "home"}[self._locales[member.user][:2]]
        return await self.say(member, word)

    async def shortcut(self, member: Member) -> Reply:
        """See World: a button on an old card."""
        return await self._press(member, self.place(member), {"action": "flow:open-account", "language": "sv"}, "")

    async def aside(self, member: Member, text: str) -> Reply:
        """See World: "ask in my own chat", from the compose box of a channel."""
        value = {"commandId": "askAbout", "data": {"ask": text, "language": "sv"}}
        name = "composeExtension/submitAction"
        return await self._send(member, "invoke", self.channel(member), name=name, value=value)

    async def _press(self, member: Member, where: str, data: dict[str, Any], message: str) -> Reply:
        value = {"action": {"type": "Action.Execute", "verb": "someguide", "data": data}, "trigger": "manual"}
        more = {"replyToId": message} if message else {}
        return await self._send(member, "invoke", where, name="adaptiveCard/action", value=value, **more)

    async def _send(self, member: Member, kind: str, where: str, **given: Any) -> Reply:
        tenant, channel = tenant_of(self._number(member)), where.startswith("19:")
        conversation: dict[str, Any] = {"id": where, "tenantId": tenant}
        conversation["conversationType"] = "channel" if channel else "personal"
        activity: dict[str, Any] = {
            "type": kind, "id": f"f:{next(self._ids)}", "timestamp": "2026-11-21T16:27:02.543Z", "channelId": "msteams",
            "serviceUrl": self.teams.url, "recipient": BOT, "conversation": conversation,
            "from": {"id": f"29:{member.user}", "aadObjectId": f"aad-{member.user}", "name": member.name},
            "locale": self._locales[member.user], "channelData": {"tenant": {"id": tenant}},
        }  # fmt: skip
        activity |= given
        name = f"{tenant}\n{where}\n{kind}\n{activity['id']}"
        known = f"teams:{hashlib.sha256(name.encode()).hexdigest()[:40]}"
        what = str(given.get("name", kind))
        event = Event(known, member.organisation, member.user, what, repeated=kind == "message")
        assert self._post is not None
        return await self._post.deliver(event, partial(self._once, member, activity))

    async def _once(self, member: Member, activity: dict[str, Any], instance: Instance, _: int) -> Reply:
        assert self._session is not None
        asked = activity["type"] == "invoke"
        timeout = aiohttp.ClientTimeout(PATIENCE_ASKED if asked else PATIENCE)
        try:
            async with self._session.post(f"{instance.url}/api/messages", json=activity, timeout=timeout) as answer:
                body = await answer.json(content_type=None) if await answer.read() else None
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            return Reply(0)
        if asked and _says(body) in self._sentences:
            self._told[member.user] += 1
            return Reply(202, body)
        return Reply(answer.status, body)

    def told(self, user: str) -> int:
        """See World."""
        return self._told[user] + self.teams.told[f"a:private-aad-{user}"]

    # -- what can be done --------------------------------------------------------------------------------------------

    def _cards(self, place: str, most: int) -> Iterator[tuple[Posted, dict[str, Any]]]:
        """The newest cards of a conversation, the newest first."""
        for message in self.teams.by_place[place][: -most - 1 : -1]:
            for attachment in message.activity.get("attachments", ()):
                if isinstance(attachment.get("content"), dict):
                    yield message, attachment["content"]

    def _moves(self, member: Member, message: Posted, card: dict[str, Any]) -> list[Move]:
        inputs = parts_of(card, "Input.")
        found = []
        for action in parts_of(card, "Action.Execute"):
            data = dict(action.get("data", {}))
            if "action" not in data and "pick" not in data:
                continue
            filled = self._filled(member, card, inputs) if action.get("associatedInputs") == "auto" else {}
            if data.get("reason"):
                member.written += 1
                filled[data["reason"]] = f"Because {member.written}."
            name = str(data.get("action") or filled.get(str(data.get("pick")), ""))
            if name:
                make = partial(self._press, member, message.conversation, data | filled, message.id)
                found.append(Move(name, make))
        return found

    def _filled(self, member: Member, card: dict[str, Any], inputs: list[dict[str, Any]]) -> dict[str, str]:
        """Something in every input."""
        filled: dict[str, str] = {}
        for one in inputs:
            choices = one.get("choices") or []
            fixed = {"Input.Date": "2027-05-03", "Input.Number": "3", "Input.Toggle": "true"}
            asked = json.dumps(card, ensure_ascii=False)
            words = answer_in_words(member, asked, self._rng.random())
            filled[one["id"]] = self._rng.choice(choices)["value"] if choices else fixed.get(one["type"], words)
        return filled

    def steps(self, member: Member) -> list[Move]:
        """See World."""
        for message, card in self._cards(self.place(member), 4):
            moves = [m for m in self._moves(member, message, card) if m.action.startswith("s:")]
            if not moves:
                continue
            text = answer_in_words(member, json.dumps(card, ensure_ascii=False), self._rng.random())
            write = Move("write", partial(self.say, member, text))
            typed = any(i["type"] == "Input.Text" for i in parts_of(card, "Input."))
            return [write] if typed and self._rng.random() < 0.3 else onward(moves) or [write]
        return []

    def buttons(self, member: Member) -> list[Move]:
        """See World."""
        cards = list(self._cards(self.place(member), 4))
        return [move for message, card in cards for move in self._moves(member, message, card)]

    def reviewing(self, member: Member) -> list[Move]:
        """See World."""
        cards = list(self._cards(f"19:review{self._number(member)}@thread.tacv2", 40))
        return [move for message, card in cards for move in self._moves(member, message, card)]

    # -- what is found at the end --------------------------------------------------------------------------------------

    def findings(self, rows: Sequence[Any], excused: Callable[[str, float], bool]) -> tuple[list[str], dict[str, int]]:
        """See World. Teams refuses no second message: there may be one where the answer to the first was lost."""
        tenants = [tenant_of(number) for number in range(1, len(self._organisations) + 1)]
        compared = Comparison(self.teams, self.board, excused, tenants)
        return compared.wrong(rows), compared.figures()


def _says(body: Any) -> str:
    """The sentence in the answer to what Teams asked, if that is all of it."""
    if not isinstance(body, dict):
        return ""
    value = body.get("value") or (body.get("task") or {}).get("value")
    return value if isinstance(value, str) else ""

"""People at their Slack windows: they write, press, choose, submit and open the home view.

They sign events and interactions as Slack does, or send them through Socket Mode, deliver again what was not
acknowledged, and do with a window what the app answers.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
import urllib.parse
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.fakes import slack_limits
from tests.fakes.slack import APP, SECRET, TEAM, FakeSlack
from tests.fakes.slack_elements import Element, bare, elements, entered, initial, options, words


def sign(body: str, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """Slack's headers for a body."""
    stamp = str(int(time.time() if at is None else at))
    mac = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac}"}


@dataclass
class Reply:
    """How the app answered."""

    status: int
    body: Any = None

    @property
    def acknowledged(self) -> bool:
        """Whether Slack lets it rest."""
        return self.status == 200


class Http:
    """Sends to the app's address, signed."""

    def __init__(self, session: aiohttp.ClientSession, url: str, secret: str = SECRET) -> None:
        self._session = session
        self.url = url
        self._secret = secret

    async def send(self, kind: str, payload: dict[str, Any], retry: int = 0) -> Reply:
        """One request."""
        if kind == "events_api":
            body, content = json.dumps(payload), "application/json"
        elif kind == "slash_commands":
            body, content = urllib.parse.urlencode(payload), "application/x-www-form-urlencoded"
        else:
            body, content = (
                urllib.parse.urlencode({"payload": json.dumps(payload)}),
                "application/x-www-form-urlencoded",
            )
        again = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_error"} if retry else {}
        headers = {"Content-Type": content, **sign(body, self._secret), **again}
        async with self._session.post(self.url, data=body.encode(), headers=headers) as response:
            text = await response.text()
            try:
                return Reply(response.status, json.loads(text) if text else None)
            except ValueError:
                return Reply(response.status, text)


class Socket:
    """Sends through Socket Mode; what is not acknowledged in time counts as refused."""

    def __init__(self, slack: FakeSlack, patience: float = 3.0) -> None:
        self._slack = slack
        self._patience = patience
        self._count = itertools.count(1)
        self._turn = itertools.count()

    async def send(self, kind: str, payload: dict[str, Any], retry: int = 0) -> Reply:
        """One envelope."""
        name = f"env-{id(self)}-{next(self._count)}"
        waiting: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._slack.envelopes[name] = waiting
        await self._slack.until(lambda: self._slack.sockets)
        again = {"retry_attempt": retry, "retry_reason": "timeout"} if retry else {}
        answers = kind != "events_api"
        envelope = {"type": kind, "envelope_id": name, "payload": payload, "accepts_response_payload": answers, **again}
        sockets = self._slack.sockets  # each envelope goes to one of the connections
        await sockets[next(self._turn) % len(sockets)].send_json(envelope)
        try:
            return Reply(200, await asyncio.wait_for(waiting, self._patience))
        except TimeoutError:
            return Reply(0)


__all__ = [
    "Http", "Peer", "Reply", "Socket", "bare", "elements", "entered", "initial", "options", "sign", "words",
]  # fmt: skip


class Peer:
    """People in one workspace, at their Slack windows."""

    def __init__(self, slack: FakeSlack, transport: Http | Socket, team: str = TEAM, retries: int = 0) -> None:
        self.slack = slack
        self.transport = transport
        self.team = next(t for t in slack.teams.values() if t.id == team)
        self.retries = retries  # how often an event that was not acknowledged is sent again
        self.pause = 0.05  # before it is; Slack's own are a minute and more

    # -- events --------------------------------------------------------------------------------------------------------

    async def event(self, event: dict[str, Any], event_id: str | None = None, **more: Any) -> Reply:
        """Any event."""
        enterprise = self.team.enterprise
        payload = {
            "token": "x",
            "team_id": self.team.id,
            "api_app_id": APP,
            "type": "event_callback",
            "event_id": event_id or f"Ev{next(self.slack._count):08d}",
            "event_time": int(time.time()),
            "authorizations": [
                {"enterprise_id": enterprise, "team_id": self.team.id, "user_id": self.team.bot, "is_bot": True}
            ],
            "is_ext_shared_channel": False,
            "event": event,
            **more,
        }
        return await self._again(lambda retry: self.transport.send("events_api", payload, retry))

    async def _again(self, send: Callable[[int], Awaitable[Reply]]) -> Reply:
        reply = await send(0)
        for retry in range(1, self.retries + 1):
            if reply.acknowledged:
                break
            await asyncio.sleep(self.pause)
            reply = await send(retry)
        return reply

    async def say(
        self,
        user: str,
        text: str,
        channel: str | None = None,
        thread: str | None = None,
        files: list[dict[str, Any]] | None = None,
        **more: Any,
    ) -> Reply:
        """Writes: privately to the app, or in a channel; a mention of the app comes twice, as Slack sends it."""
        where = self.slack.channels[channel] if channel else self.slack.private(user, self.team.id)
        message: dict[str, Any] = {"type": "message", "user": user, "text": text, "ts": self.slack.ts()}
        message |= {"team": self.team.id, **({"thread_ts": thread} if thread else {})}
        message |= {"subtype": "file_share", "files": files} if files else {}
        where.messages.append(message)
        kind = "im" if where.user else "channel"
        event = {**message, "channel": where.id, "channel_type": kind, "event_ts": message["ts"], **more}
        self.last = message["ts"]
        if where.user or self.team.bot in where.members:
            reply = await self.event(event)
        else:
            reply = Reply(200)
        if not where.user and f"<@{self.team.bot}>" in text:
            mention = {k: v for k, v in event.items() if k not in ("channel_type", "subtype")}
            reply = await self.event({**mention, "type": "app_mention"})
        return reply

    async def open_home(self, user: str) -> Reply:
        """Opens the app's home."""
        event = {"type": "app_home_opened", "user": user, "tab": "home", "event_ts": self.slack.ts()}
        return await self.event({**event, "channel": self.slack.private(user, self.team.id).id})

    async def start_assistant(self, user: str) -> str:
        """Starts a thread in Slack's assistant; returns its ts."""
        thread = self.slack.ts()
        channel = self.slack.private(user, self.team.id)
        channel.messages.append({"type": "message", "user": self.team.bot, "text": "New chat", "ts": thread})
        about = {"user_id": user, "channel_id": channel.id, "thread_ts": thread, "context": {}}
        await self.event({"type": "assistant_thread_started", "assistant_thread": about, "event_ts": thread})
        return thread

    # -- interactions --------------------------------------------------------------------------------------------------

    def _interaction(self, kind: str, user: str, **more: Any) -> dict[str, Any]:
        enterprise = {"id": self.team.enterprise, "name": "Grid"} if self.team.enterprise else None
        return {
            "type": kind,
            "token": "x",
            "api_app_id": APP,
            "team": {"id": self.team.id, "domain": "kommunen"},
            "enterprise": enterprise,
            "is_enterprise_install": False,
            "user": {"id": user, "username": "x", "name": "x", "team_id": self.team.id},
            "trigger_id": self.slack.trigger(user),
            **more,
        }

    async def command(self, user: str, text: str, channel: str) -> Reply:
        """/someguide in a channel."""
        return await self.transport.send(
            "slash_commands",
            {
                "token": "x",
                "team_id": self.team.id,
                "api_app_id": APP,
                "channel_id": channel,
                "channel_name": "x",
                "user_id": user,
                "user_name": "x",
                "command": "/someguide",
                "text": text,
                "response_url": self.slack.response_url(channel, user),
                "trigger_id": self.slack.trigger(user),
            },
        )

    async def shortcut(self, user: str, callback: str) -> Reply:
        """A global shortcut."""
        payload = self._interaction("shortcut", user, callback_id=callback, action_ts=self.slack.ts())
        return await self.transport.send("interactive", payload)

    async def message_shortcut(self, user: str, channel: str, message: dict[str, Any]) -> Reply:
        """The shortcut on a message."""
        payload = self._interaction(
            "message_action",
            user,
            callback_id="ask-about-this",
            action_ts=self.slack.ts(),
            channel={"id": channel, "name": "x"},
            message=message,
            message_ts=message["ts"],
            response_url=self.slack.response_url(channel, user),
        )
        return await self.transport.send("interactive", payload)

    async def act(
        self, user: str, channel: str, message: dict[str, Any], element: Element, state: dict[str, Any] | None = None
    ) -> Reply:
        """Anything that is pressed or chosen in a message; `element` is what `find` and the like gave."""
        thread = {"thread_ts": message["thread_ts"]} if "thread_ts" in message else {}
        aside = any(message["ts"] == shown["ts"] for shown in self.slack.ephemerals)
        container = {
            "type": "message",
            "message_ts": message["ts"],
            "channel_id": channel,
            "is_ephemeral": aside,
            **thread,
        }
        payload = self._interaction(
            "block_actions",
            user,
            container=container,
            channel={"id": channel, "name": "x"},
            message=None if aside else message,
            response_url=self.slack.response_url(channel, user, message["ts"]),
            state={"values": state or {}},
            actions=[{**element, "action_ts": self.slack.ts()}],
        )
        return await self.transport.send("interactive", payload)

    async def press(
        self, user: str, label: str, channel: str | None = None, state: dict[str, Any] | None = None
    ) -> Reply:
        """Presses the newest button of that label in a conversation."""
        where = channel or self.slack.private(user, self.team.id).id
        message, element = self.find(where, label)
        return await self.act(user, where, message, element, state)

    def find(self, channel: str, label: str) -> tuple[dict[str, Any], Element]:
        """The newest message with a button of that label, and the button."""
        for message in reversed(self.slack.channels[channel].messages):
            for element in elements(message.get("blocks", [])):
                if element.get("type") == "button" and element["text"]["text"] == label:
                    return message, element
        raise AssertionError(f"no button “{label}” in {channel}; there are {self.labels(channel)}")

    def labels(self, channel: str) -> list[str]:
        """The labels of all buttons in a conversation."""
        every = [e for m in self.slack.channels[channel].messages for e in elements(m.get("blocks", []))]
        return [e["text"]["text"] for e in every if e.get("type") == "button"]

    async def choose(self, user: str, label: str, channel: str | None = None) -> Reply:
        """Chooses an option of a select."""
        where = channel or self.slack.private(user, self.team.id).id
        for message in reversed(self.slack.channels[where].messages):
            for element in elements(message.get("blocks", [])):
                for option in options(element):
                    if option["text"]["text"] == label and element["type"] in ("static_select", "radio_buttons"):
                        return await self.act(user, where, message, {**bare(element), "selected_option": option})
        raise AssertionError(f"no option “{label}” in {where}")

    async def pick(self, user: str, value: str, channel: str | None = None) -> Reply:
        """Picks a date or a person."""
        where = channel or self.slack.private(user, self.team.id).id
        kind, key = ("users_select", "selected_user") if value[0] in "UW" else ("datepicker", "selected_date")
        for message in reversed(self.slack.channels[where].messages):
            for element in elements(message.get("blocks", [])):
                if element.get("type") == kind:
                    return await self.act(user, where, message, {**bare(element), key: value})
        raise AssertionError(f"no {kind} in {where}")

    async def press_home(self, user: str, label: str) -> Reply:
        """Presses a button on the home view."""
        home = self.slack.homes[(self.team.id, user)]
        element = next(e for e in elements(home["blocks"]) if e.get("text", {}).get("text") == label)
        return await self._in_view(user, home, {**element, "action_ts": self.slack.ts()})

    async def _in_view(self, user: str, view: dict[str, Any], action: Element) -> Reply:
        container = {"type": "view", "view_id": view["id"]}
        payload = self._interaction("block_actions", user, container=container, view=view, actions=[action])
        return await self.transport.send("interactive", payload)

    async def enter(self, user: str, name: str, value: Any) -> Reply:
        """Enters something in a field of the open window; Slack tells the app where the field asks for it."""
        view = self.slack.modal(user)
        assert view is not None
        block = next(b for b in view["blocks"] if b.get("block_id") == name)
        state = entered(block["element"], value)
        values = view["state"]["values"]
        values.setdefault(name, {})[block["element"]["action_id"]] = state
        if not block.get("dispatch_action"):
            return Reply(200)
        self.slack.heard.setdefault(view["id"], set()).add(name)
        action = {**state, "action_id": block["element"]["action_id"], "block_id": name, "action_ts": self.slack.ts()}
        return await self._in_view(user, view, action)

    async def press_modal(self, user: str, label: str | Element) -> Reply:
        """Presses a button in the open window: by its label, or the button itself."""
        view = self.slack.modal(user)
        assert view is not None, "no window is open"
        wanted = label.get("action_id") if isinstance(label, dict) else label
        named = [(e, e.get("text", {}).get("text")) for e in elements(view["blocks"])]
        found = [e for e, shown in named if wanted in ((e["action_id"],) if isinstance(label, dict) else (shown,))]
        assert found, f"no button {wanted!r} in the window"
        return await self._in_view(user, view, {**found[0], "action_ts": self.slack.ts()})

    async def close(self, user: str) -> Reply:
        """Closes the window. Slack tells the app where it asked for that, with what it has heard of itself."""
        view = self.slack.modal(user)
        assert view is not None, "no window is open"
        self.slack.stacks[user].pop()
        if not view.get("notify_on_close"):
            return Reply(200)
        heard = self.slack.heard.get(view["id"], set())
        known = {name: state for name, state in view["state"]["values"].items() if name in heard}
        payload = self._interaction("view_closed", user, view={**view, "state": {"values": known}}, is_cleared=False)
        del payload["trigger_id"]
        return await self.transport.send("interactive", payload)

    async def submit(self, user: str, **values: Any) -> Reply:
        """Fills in the open window and submits it; the window then does what the app answers."""
        view = self.slack.modal(user)
        assert view is not None, "no window is open"
        state: dict[str, Any] = {}
        for block in view["blocks"]:
            if block["type"] != "input":
                continue
            name, element = block["block_id"], block["element"]
            kept = view["state"]["values"].get(name, {}).get(element["action_id"])
            given = entered(element, values.pop(name)) if name in values else kept or initial(element)
            state[name] = {element["action_id"]: given}
        assert not values, f"no such fields: {values}"
        view["state"] = {"values": state}
        reply = await self.transport.send("interactive", self._interaction("view_submission", user, view=view))
        self._obey(user, view, reply)
        return reply

    def _obey(self, user: str, view: dict[str, Any], reply: Reply) -> None:
        """What Slack does with the answer to a submission."""
        if not reply.acknowledged:
            return
        action = reply.body.get("response_action") if isinstance(reply.body, dict) else None
        if action == "errors":
            known = {b.get("block_id") for b in view["blocks"] if b["type"] == "input"}
            assert reply.body["errors"], "errors without errors"
            assert set(reply.body["errors"]) <= known, "an error for a field that is not there"
        elif action in ("update", "push"):
            wrong = slack_limits.view(reply.body["view"])
            self.slack.problems += wrong
            if action == "update":
                self.slack._change(view, reply.body["view"])
            else:
                self.slack.stacks[user].append(self.slack._view(self.team, reply.body["view"])["id"])
        elif action == "clear":
            self.slack.stacks[user] = []
        else:
            self.slack.stacks[user].pop()
        self.slack.changed.set()

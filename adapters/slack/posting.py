"""Messages in a conversation: posted, put in the place of an earlier one, moved to its end, taken away.

Where no answer came, the conversation is searched for the message before it is posted again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Any

import structlog

from adapters.slack.pace import Held, Pace, keep
from adapters.slack.payload import at, items, text
from adapters.slack.platform import NOT_THERE, Platform, Refused, Unsure, meaning
from adapters.slack.workspaces import Workspace
from bot.channels import Address, RetryLater

log = structlog.get_logger()
SHORT_WAIT = 1.1
"""A wait that is worth waiting for here; a longer one is given back to the outbox."""
SEARCHED = 200
"""Messages of a conversation that are searched for one that may have been posted: more than come in while a killed
worker's lease runs out, at one a second."""
NO_PREVIEWS = {"unfurl_links": False, "unfurl_media": False, "parse": "none", "link_names": False}
MARK = "once:"


class Posting:
    """Posts as a workspace's bot. Every method raises Refused or RetryLater."""

    def __init__(self, platform: Platform, clock: Callable[[], float] = monotonic) -> None:
        self._platform = platform
        self.pace = Pace(clock)
        self._held = Held(clock)
        self._tried: OrderedDict[str, bool] = OrderedDict()  # deliveries of which it is not known whether they arrived
        self._posted: OrderedDict[str, str] = OrderedDict()  # parts of a delivery that have arrived

    async def call(self, workspace: Workspace, method: str, **arguments: Any) -> dict[str, Any]:
        """One call; while Slack has asked us to wait with a method, it is not called."""
        self._held.check(workspace.team, method)
        try:
            return await self._platform.call(workspace, method, **arguments)
        except RetryLater as later:
            self._held.hold(workspace.team, method, later.after)
            raise

    async def messages(
        self, workspace: Workspace, address: Address, made: list[dict[str, Any]], before: Address | None, once: str
    ) -> Address:
        """The message, and beneath it what did not fit or belongs into its thread."""
        channel = text(address, "channel")
        here = before if text(before, "channel") == channel and text(before, "ts") else None
        ts = await self._message(workspace, address, made[0], text(here, "ts"), once)
        thread = text(address, "thread_ts") or ts
        earlier = at(here, "more") if here and ts == text(here, "ts") else None
        known = [t for t in earlier if isinstance(t, str)] if isinstance(earlier, list) else []
        more = []
        for place, message in enumerate(made[1:]):
            old = known[place] if place < len(known) else ""
            beneath = {**address, "thread_ts": thread}
            more.append(await self._message(workspace, beneath, message, old, f"{once}/{place}"))
        for old in known[len(more) :]:
            await self._remove(workspace, channel, old)
        return {"team": workspace.team, "channel": channel, "ts": ts, **({"more": more} if more else {})}

    async def moved(
        self, workspace: Workspace, address: Address, made: list[dict[str, Any]], before: Address, once: str
    ) -> Address:
        """To the end of the conversation, where the person is looking; the earlier message is taken away."""
        sent = await self.messages(workspace, address, made, None, once)
        channel, more = text(before, "channel"), at(before, "more")
        for old in [text(before, "ts"), *(more if isinstance(more, list) else [])]:
            if channel and old and old != sent["ts"]:
                await self._remove(workspace, channel, str(old))
        return sent

    async def _message(
        self, workspace: Workspace, address: Address, message: dict[str, Any], old: str, once: str
    ) -> str:
        """One message, in the place of an old one or new. Returns its ts."""
        channel = text(address, "channel")
        marked = _marked(message, once)
        if old:
            try:
                await self.call(workspace, "chat.update", channel=channel, ts=old, **marked, **_only_update())
                return old
            except Refused as refused:
                if refused.code not in NOT_THERE:
                    raise
        found = self._posted.get(once, "")
        if not found and {once, once.partition("/")[0]} & self._tried.keys():  # in doubt itself, or all of its delivery
            found = await self._find(workspace, address, once)
        if found:
            return found
        await self._turn(channel, once)
        thread = {"thread_ts": text(address, "thread_ts")} if text(address, "thread_ts") else {}
        try:
            answer = await self.call(workspace, "chat.postMessage", channel=channel, **marked, **NO_PREVIEWS, **thread)
        except Unsure:
            self.doubt(once)
            raise
        self.pace.arrived(channel)
        keep(self._posted, once, text(answer, "ts"))
        return text(answer, "ts")

    async def _turn(self, channel: str, once: str) -> None:
        """Waits for the channel's next second, or gives the message back to the outbox for its own."""
        seconds = self.pace.wait(channel, once)
        if seconds > SHORT_WAIT:
            raise RetryLater("one message a second in a channel", seconds)
        if seconds:
            await asyncio.sleep(seconds)

    def doubt(self, once: str) -> None:
        """It is not known whether this delivery arrived: before it is posted again, it is looked for."""
        keep(self._tried, once, True)

    async def _find(self, workspace: Workspace, address: Address, once: str) -> str:
        """The message of a delivery that may have arrived already, by the mark in its first block."""
        thread = text(address, "thread_ts")
        method = "conversations.replies" if thread else "conversations.history"
        more = {"ts": thread} if thread else {}
        try:
            answer = await self.call(workspace, method, channel=text(address, "channel"), limit=SEARCHED, **more)
        except Refused as refused:
            if isinstance(meaning(refused), RetryLater):
                raise  # without having looked, it is not posted again
            log.warning("slack_search_refused", reason=str(refused))
            return ""
        marked = (m for m in items(answer, "messages") if text(m, "blocks", 0, "block_id") == _mark(once))
        return next((text(m, "ts") for m in marked), "")

    async def _remove(self, workspace: Workspace, channel: str, ts: str) -> None:
        try:
            await self.call(workspace, "chat.delete", channel=channel, ts=ts)
        except (Refused, RetryLater) as error:  # it shows what was; its buttons are old and say so
            log.info("slack_not_removed", reason=str(error))


def _only_update() -> dict[str, Any]:
    return {"parse": "none", "link_names": False}


def _mark(once: str) -> str:
    return MARK + hashlib.sha256(once.encode()).hexdigest()[:32]


def _marked(message: dict[str, Any], once: str) -> dict[str, Any]:
    """The message with its delivery's mark as the name of its first block."""
    first, *rest = message["blocks"]
    return {**message, "blocks": [first if "block_id" in first else {**first, "block_id": _mark(once)}, *rest]}

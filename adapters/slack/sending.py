"""Sends outgoing messages to Slack: post or replace, private or aside, a modal or the home view.

At most one message a second goes to a channel, a `Retry-After` is obeyed, and where no answer came the conversation is
searched for the message before it is posted again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import structlog

from adapters.slack import views
from adapters.slack.blocks import words
from adapters.slack.directory import Directory
from adapters.slack.limits import PROMPTS, cut
from adapters.slack.payload import at, identity, items, text
from adapters.slack.platform import NOT_THERE, TRIGGER_EXPIRED, Platform, Refused, Unsure, meaning
from adapters.slack.press import Press, value
from adapters.slack.read import form_action
from adapters.slack.render import messages
from adapters.slack.texts import say
from adapters.slack.workspaces import Workspace, Workspaces
from bot.channels import Address, Gone, RetryLater
from bot.messages import Document, Kind, Outgoing
from bot.outbox import Destination

log = structlog.get_logger()
INTERVAL = 1.0
"""Seconds between two messages in a channel."""
SHORT_WAIT = 1.1
"""A wait that is worth waiting for here; a longer one is given back to the outbox."""
SEARCHED = 50
"""Messages of a conversation that are searched for one that may have been posted."""
REMEMBERED = 10_000
IN_PLACE = (Kind.REQUEST, Kind.NOTICE)
"""Kinds whose message changes where it stands. A question does so only when it was pressed on; else it moves down, for
a change above what a person has just written or pressed is one that they do not see."""
NO_PREVIEWS = {"unfurl_links": False, "unfurl_media": False, "parse": "none", "link_names": False}
MARK = "once:"

Documents = Callable[[str, Document], Awaitable[bytes]]
"""Makes a document: organisation and what it is made from, to its content."""


def _keep(kept: OrderedDict[str, Any], key: str, what: Any) -> None:
    """Remembers, and forgets the oldest."""
    kept[key] = what
    kept.move_to_end(key)
    while len(kept) > REMEMBERED:
        kept.popitem(last=False)


class Pace:
    """When a channel may be written to. A message that must wait long is given its own second, and comes back then."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._free: OrderedDict[str, float] = OrderedDict()
        self._own: OrderedDict[str, float] = OrderedDict()

    def wait(self, channel: str, once: str) -> float:
        """Seconds until this message may go; asking again for the same message changes nothing."""
        now = self._clock()
        at_ = self._own.get(once)
        if at_ is None:
            at_ = max(now, self._free.get(channel, 0.0))
            _keep(self._free, channel, at_ + INTERVAL)
            _keep(self._own, once, at_)
        return max(0.0, at_ - now)


class SlackWire:
    """Slack as the outbox sees it (bot.channels.Wire)."""

    def __init__(
        self,
        platform: Platform,
        workspaces: Workspaces,
        directory: Directory,
        documents: Documents | None = None,
        clock: Callable[[], float] = monotonic,
        api_url: str = "https://slack.com/api/",
    ) -> None:
        self._platform = platform
        self._workspaces = workspaces
        self._directory = directory
        self._documents = documents
        self._pace = Pace(clock)
        self._clock = clock
        self._held: dict[tuple[str, str], float] = {}  # team and method: not before
        self._tried: OrderedDict[str, bool] = OrderedDict()  # deliveries of which it is not known whether they arrived
        self._posted: OrderedDict[str, str] = OrderedDict()  # parts of a delivery that have arrived
        self._awaited: OrderedDict[str, bool] = OrderedDict()  # forms whose window was not there at the first try
        self._own_host = urlsplit(api_url).netloc

    # -- what the outbox calls -------------------------------------------------------------------------------------

    async def send(
        self, address: Address, outgoing: Outgoing, before: Address | None, once: str, again: bool = False
    ) -> Address:
        """See bot.channels.Wire. `again`: an earlier worker may have sent it; look before posting."""
        workspace = self._workspace(address)
        if again:
            self._doubt(once)
        try:
            return await self._send(workspace, dict(address), outgoing, before, once)
        except Refused as refused:
            raise meaning(refused) from refused

    async def private(self, organisation: str, person: str) -> Address:
        """See bot.channels.Wire."""
        _, team, user = [*person.split(":"), "", ""][:3]
        workspace = self._workspaces.of([team])
        if workspace is None or workspace.organisation != organisation:
            raise Gone(f"nobody of {organisation} in Slack")
        return {"team": team, "channel": await self._directory.private(workspace, user), "user": user}

    async def reviewers(self, organisation: str) -> frozenset[str]:
        """The ids of the people who may decide for an organisation. Raises RetryLater or Gone."""
        workspace = self._workspaces.of_organisation(organisation)
        return await self._directory.reviewers(workspace) if workspace else frozenset()

    async def is_reviewer(self, organisation: str, person: str) -> bool:
        """See bot.filing.rights.Membership."""
        return person.startswith("slack:") and person in await self.reviewers(organisation)

    def review_destination(self, organisation: str) -> Destination | None:
        """See bot.filing.destinations.ReviewPlace."""
        workspace = self._workspaces.of_organisation(organisation)
        if workspace is None or not workspace.review_channel:
            return None
        address = {"team": workspace.team, "channel": workspace.review_channel}
        return Destination(workspace.conversation(workspace.review_channel), address)

    def _workspace(self, address: Address) -> Workspace:
        workspace = self._workspaces.of([text(address, "team")])
        if workspace is None:
            raise Gone("this Slack workspace is not configured")
        return workspace

    # -- where a message goes --------------------------------------------------------------------------------------

    async def _send(
        self, workspace: Workspace, address: Address, outgoing: Outgoing, before: Address | None, once: str
    ) -> Address:
        if outgoing.kind is Kind.FORM:
            return await self._form(workspace, address, outgoing, before, once)
        if outgoing.kind is Kind.HOME and address.get("home"):
            view = views.home(outgoing, int(address.get("page") or 0))
            await self._call(workspace, "views.publish", user_id=text(address, "user"), view=view)
            return {"team": workspace.team, "home": True}
        if address.get("aside") is not None and not outgoing.private:
            return await self._aside(workspace, address, outgoing, before, once)
        channel = text(address, "channel")
        if outgoing.private and not channel.startswith("D"):
            address = await self._instead(workspace, address)
        stays = outgoing.kind in IN_PLACE or (outgoing.kind is Kind.STEP and outgoing.field is None)
        if before and not stays and text(before, "ts") != text(address, "said"):
            sent = await self._moved(workspace, address, messages(outgoing), before, once)
        else:
            sent = await self._messages(workspace, address, messages(outgoing), before, once)
        if before is None:  # once, with the first message: a card is changed far more often than filed
            await self._attach(workspace, address, outgoing, sent)
        await self._prompts(workspace, address, outgoing)
        return sent

    async def _instead(self, workspace: Workspace, address: Address) -> Address:
        """The private conversation in place of a channel. What is private is never shown where others read along."""
        user = identity("user", address, "user")
        if not user:
            raise Gone("a private message with nobody to give it to")
        return {"team": workspace.team, "channel": await self._directory.private(workspace, user), "user": user}

    # -- messages ----------------------------------------------------------------------------------------------------

    async def _messages(
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

    async def _moved(
        self, workspace: Workspace, address: Address, made: list[dict[str, Any]], before: Address, once: str
    ) -> Address:
        """To the end of the conversation, where the person is looking; the earlier message is taken away."""
        sent = await self._messages(workspace, address, made, None, once)
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
                await self._call(workspace, "chat.update", channel=channel, ts=old, **marked, **_only_update())
                return old
            except Refused as refused:
                if refused.code not in NOT_THERE:
                    raise
        found = self._posted.get(once, "")
        if not found and once in self._tried:
            found = await self._find(workspace, address, once)
        if found:
            return found
        await self._turn(channel, once)
        thread = {"thread_ts": text(address, "thread_ts")} if text(address, "thread_ts") else {}
        try:
            answer = await self._call(workspace, "chat.postMessage", channel=channel, **marked, **NO_PREVIEWS, **thread)
        except Unsure:
            self._doubt(once)
            raise
        _keep(self._posted, once, text(answer, "ts"))
        return text(answer, "ts")

    async def _turn(self, channel: str, once: str) -> None:
        """Waits for the channel's next second, or gives the message back to the outbox for its own."""
        seconds = self._pace.wait(channel, once)
        if seconds > SHORT_WAIT:
            raise RetryLater("one message a second in a channel", seconds)
        if seconds:
            await asyncio.sleep(seconds)

    def _doubt(self, once: str) -> None:
        _keep(self._tried, once, True)

    async def _find(self, workspace: Workspace, address: Address, once: str) -> str:
        """The message of a delivery that may have arrived already, by the mark in its first block."""
        thread = text(address, "thread_ts")
        method = "conversations.replies" if thread else "conversations.history"
        more = {"ts": thread} if thread else {}
        try:
            answer = await self._call(
                workspace, method, channel=text(address, "channel"), limit=SEARCHED if not thread else 200, **more
            )
        except Refused as refused:
            log.warning("slack_search_refused", reason=str(refused))
            return ""
        marked = (m for m in items(answer, "messages") if text(m, "blocks", 0, "block_id") == _mark(once))
        return next((text(m, "ts") for m in marked), "")

    async def _remove(self, workspace: Workspace, channel: str, ts: str) -> None:
        try:
            await self._call(workspace, "chat.delete", channel=channel, ts=ts)
        except (Refused, RetryLater) as error:  # it shows what was; its buttons are old and say so
            log.info("slack_not_removed", reason=str(error))

    # -- aside: to one person where others talk ----------------------------------------------------------------------

    async def _aside(
        self, workspace: Workspace, address: Address, outgoing: Outgoing, before: Address | None, once: str
    ) -> Address:
        """At the response_url while it holds (30 minutes, five times), else as an ephemeral message, else privately."""
        sent: Address = {"team": workspace.team, "aside": True}
        message = messages(outgoing)
        url = text(address, "aside")
        if self._is_slacks(url):
            extra = {"response_type": "ephemeral", "replace_original": bool(before and before.get("aside"))}
            try:
                for place, one in enumerate(message):
                    await self._platform.respond(
                        url, {**one, **(extra if place == 0 else {**extra, "replace_original": False})}
                    )
                return sent
            except Refused as refused:
                log.info("slack_response_url_refused", reason=str(refused))
        channel, user = text(address, "channel"), text(address, "user")
        try:
            for one in message:
                await self._call(workspace, "chat.postEphemeral", channel=channel, user=user, **one, parse="none")
            return sent
        except Refused as refused:
            if not isinstance(meaning(refused), Gone):
                raise
        return await self._messages(workspace, await self._instead(workspace, address), message, None, once)

    def _is_slacks(self, url: str) -> bool:
        """Only Slack's own addresses are written to, and the configured one in its place."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        slacks = host.endswith((".slack.com", ".slack-gov.com")) and parts.scheme == "https"
        return slacks or (bool(self._own_host) and parts.netloc == self._own_host)

    # -- forms ---------------------------------------------------------------------------------------------------------

    async def _form(
        self, workspace: Workspace, address: Address, outgoing: Outgoing, before: Address | None, once: str
    ) -> Address:
        """Into the window that was opened for it, else into a new one, else a message with a button that opens it."""
        if address.get("answered"):
            return before or {}  # it left with the answer to the submission
        view = views.form(outgoing, text(address, "channel"), text(address, "thread_ts"))
        expired = bool(text(address, "view") or text(address, "trigger"))  # else it was asked for in words
        try:
            if text(address, "view"):
                await self._call(workspace, "views.update", external_id=text(address, "view"), view=view)
                return {"team": workspace.team, "form": True}
            if text(address, "trigger"):
                await self._call(workspace, "views.open", trigger_id=text(address, "trigger"), view=view)
                return {"team": workspace.team, "form": True}
        except Refused as refused:
            if refused.code not in TRIGGER_EXPIRED | {"not_found", "view_not_found"}:
                raise
            if text(address, "view") and once not in self._awaited:
                _keep(self._awaited, once, True)
                raise RetryLater("the window is not open yet", 1.0) from refused
            log.info("slack_form_window_gone", reason=str(refused))
        if outgoing.private and not text(address, "channel").startswith("D"):
            address = await self._instead(workspace, address)
        return await self._messages(workspace, address, [_opener(outgoing, expired)], None, once)

    # -- beside a message ------------------------------------------------------------------------------------------

    async def _attach(self, workspace: Workspace, address: Address, outgoing: Outgoing, sent: Address) -> None:
        """The document that goes with a message, once, where the app may send files."""
        if outgoing.document is None or self._documents is None or "files:write" not in workspace.scopes:
            return
        content = await self._documents(workspace.organisation, outgoing.document)
        name = outgoing.document.name
        try:
            given = await self._call(workspace, "files.getUploadURLExternal", filename=name, length=len(content))
            await self._platform.upload(text(given, "upload_url"), content)
            await self._call(
                workspace,
                "files.completeUploadExternal",
                files=[{"id": text(given, "file_id"), "title": name}],
                channel_id=text(address, "channel"),
                thread_ts=text(address, "thread_ts") or text(sent, "ts"),
            )
        except (Refused, RetryLater) as error:  # the message has arrived; without its file it still says everything
            log.warning("slack_file_not_attached", reason=str(error))

    async def _prompts(self, workspace: Workspace, address: Address, outgoing: Outgoing) -> None:
        """Suggested questions, where the workspace has Slack's assistant."""
        if not address.get("assistant") or not outgoing.suggestions:
            return
        prompts = [{"title": cut(s, 75), "message": cut(s, 500)} for s in outgoing.suggestions[:PROMPTS]]
        where = {"channel_id": text(address, "channel"), "thread_ts": text(address, "thread_ts")}
        try:
            await self._call(workspace, "assistant.threads.setSuggestedPrompts", prompts=prompts, **where)
        except (Refused, RetryLater) as error:
            log.info("slack_no_prompts", reason=str(error))

    async def _call(self, workspace: Workspace, method: str, **arguments: Any) -> dict[str, Any]:
        """One call; while Slack has asked us to wait with a method, it is not called."""
        key = (workspace.team, method)
        wait = self._held.get(key, 0.0) - self._clock()
        if wait > 0:
            raise RetryLater(f"{method}: Slack asked to wait", wait)
        try:
            return await self._platform.call(workspace, method, **arguments)
        except RetryLater as later:
            if later.after:
                self._held[key] = self._clock() + later.after
            raise


def _only_update() -> dict[str, Any]:
    return {"parse": "none", "link_names": False}


def _mark(once: str) -> str:
    return MARK + hashlib.sha256(once.encode()).hexdigest()[:32]


def _marked(message: dict[str, Any], once: str) -> dict[str, Any]:
    """The message with its delivery's mark as the name of its first block."""
    first, *rest = message["blocks"]
    return {**message, "blocks": [first if "block_id" in first else {**first, "block_id": _mark(once)}, *rest]}


def _opener(outgoing: Outgoing, expired: bool) -> dict[str, Any]:
    """Says that the form waits, with a button that opens it."""
    language = outgoing.language
    said = say(language, "form-expired" if expired else "form-ready")
    blocks = words(f"{outgoing.title}\n{said}" if outgoing.title else said)
    pressed = form_action(outgoing.submit.action) if outgoing.submit else ""
    if pressed:
        label = {"type": "plain_text", "text": say(language, "form-open"), "emoji": False}
        button = {"type": "button", "text": label, "action_id": "press:1", "value": value(Press(language, pressed))}
        blocks.append({"type": "actions", "elements": [button]})
    return {"text": said, "blocks": blocks}

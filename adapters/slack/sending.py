"""Sends outgoing messages to where they belong in Slack: a conversation, one person only, a modal, the home view."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import structlog

from adapters.slack import views
from adapters.slack.blocks import words
from adapters.slack.directory import Directory
from adapters.slack.homes import Homes
from adapters.slack.limits import MESSAGE_TOTAL, PROMPTS, cut
from adapters.slack.pace import keep
from adapters.slack.payload import identity, text
from adapters.slack.platform import (
    CHANNEL_GONE,
    TOO_BIG,
    TRIGGER_EXPIRED,
    Platform,
    Refused,
    meaning,
)
from adapters.slack.posting import Posting
from adapters.slack.press import Press, value
from adapters.slack.read import form_action
from adapters.slack.render import messages
from adapters.slack.texts import say
from adapters.slack.workspaces import Workspace, Workspaces
from bot.channels import Address, Gone, RetryLater
from bot.messages import Document, Kind, Outgoing
from bot.outbox import Destination

log = structlog.get_logger()
ATTACH_AGAIN = (0.0, 1.0, 4.0)
"""Seconds before each try to attach a file; then the message goes without: it says everything itself."""
SMALLER = MESSAGE_TOTAL // 4
"""What a message may hold after Slack has found a larger one too long: its limit is not documented."""
IN_PLACE = (Kind.REQUEST, Kind.NOTICE)
"""Kinds whose message changes where it stands. A question does so only when it was pressed on; else it moves down, for
a change above what a person has just written or pressed is one that they do not see."""

Documents = Callable[[str, Document], Awaitable[bytes]]
"""Makes a document: organisation and what it is made from, to its content."""


class SlackWire:
    """Slack as the outbox sees it (bot.channels.Wire)."""

    def __init__(
        self,
        platform: Platform,
        workspaces: Workspaces,
        directory: Directory,
        documents: Documents | None = None,
        homes: Homes | None = None,
        clock: Callable[[], float] = monotonic,
        api_url: str = "https://slack.com/api/",
    ) -> None:
        self._platform = platform
        self._workspaces = workspaces
        self._directory = directory
        self._documents = documents
        self._homes = homes
        self._posting = Posting(platform, clock)
        self._call = self._posting.call
        self._awaited: OrderedDict[str, bool] = OrderedDict()  # forms whose window was not there at the first try
        self._own_host = urlsplit(api_url).netloc

    # -- what the outbox calls -------------------------------------------------------------------------------------

    async def send(
        self, address: Address, outgoing: Outgoing, before: Address | None, once: str, again: bool = False
    ) -> Address:
        """See bot.channels.Wire. `again`: an earlier worker may have sent it; look before posting."""
        workspace = self._workspace(address)
        if again:
            self._posting.doubt(once)
        try:
            sent = await self._reach(workspace, dict(address), outgoing, before, once)
        except Refused as refused:
            raise meaning(refused) from refused
        await self._renew(workspace, address, outgoing)
        return sent

    async def _renew(self, workspace: Workspace, address: Address, outgoing: Outgoing) -> None:
        """A message about a request tells of something that home views show too."""
        if self._homes is None or outgoing.kind not in IN_PLACE:
            return
        if text(address, "channel") == workspace.review_channel:
            await self._homes.reviewed(workspace)
        elif outgoing.kind is Kind.REQUEST:
            self._homes.changed(workspace, identity("user", address, "user"))

    async def private(self, organisation: str, person: str) -> Address:
        """See bot.channels.Wire."""
        _, team, user = [*person.split(":"), "", ""][:3]
        workspace = self._workspaces.of([team])
        if workspace is None or workspace.organisation != organisation:
            raise self._unknown(f"nobody of {organisation} in Slack")
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
            raise self._unknown("this Slack workspace is not configured")
        return workspace

    def _unknown(self, reason: str) -> Exception:
        """Gone, unless Slack has yet to say whose our tokens are."""
        return Gone(reason) if self._workspaces.settled else RetryLater("Slack has not said yet whose a token is")

    # -- where a message goes --------------------------------------------------------------------------------------

    async def _reach(
        self, workspace: Workspace, address: Address, outgoing: Outgoing, before: Address | None, once: str
    ) -> Address:
        """Where it was asked; if the app was put out of that channel meanwhile, privately."""
        try:
            return await self._send(workspace, address, outgoing, before, once)
        except Refused as refused:
            asker = identity("user", address, "user")
            public = not text(address, "channel").startswith("D")
            if not (public and asker and refused.code in CHANNEL_GONE) or outgoing.kind is Kind.REQUEST:
                raise
            log.info("slack_answered_privately", reason=str(refused))
            return await self._send(workspace, await self._instead(workspace, address), outgoing, None, once)

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
        sent = await self._placed(workspace, address, outgoing, before, once)
        if before is None:  # once, with the first message: a card is changed far more often than filed
            await self._attach(workspace, address, outgoing, sent)
        await self._prompts(workspace, address, outgoing)
        return sent

    async def _placed(
        self, workspace: Workspace, address: Address, outgoing: Outgoing, before: Address | None, once: str
    ) -> Address:
        """In the place of an earlier message, or at the end; in smaller parts where Slack finds it too long."""
        stays = outgoing.kind in IN_PLACE or (outgoing.kind is Kind.STEP and outgoing.field is None)
        moves = before if before and not stays and text(before, "ts") != text(address, "said") else None

        async def sent(made: list[dict[str, Any]]) -> Address:
            if moves:
                return await self._posting.moved(workspace, address, made, moves, once)
            return await self._posting.messages(workspace, address, made, before, once)

        try:
            return await sent(messages(outgoing))
        except Refused as refused:
            if refused.code not in TOO_BIG:
                raise
            log.warning("slack_message_too_long", reason=str(refused), kind=outgoing.kind.value)
            return await sent(messages(outgoing, SMALLER))

    async def _instead(self, workspace: Workspace, address: Address) -> Address:
        """The private conversation in place of a channel. What is private is never shown where others read along."""
        user = identity("user", address, "user")
        if not user:
            raise Gone("a private message with nobody to give it to")
        return {"team": workspace.team, "channel": await self._directory.private(workspace, user), "user": user}

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
            extra |= {"unfurl_links": False, "unfurl_media": False}
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
        return await self._posting.messages(workspace, await self._instead(workspace, address), message, None, once)

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
            if name := text(address, "view"):
                # the window keeps its name: should the answer be lost, it is found again
                await self._call(workspace, "views.update", external_id=name, view=view | {"external_id": name})
                return {"team": workspace.team, "form": True}
            if text(address, "trigger"):
                await self._call(workspace, "views.open", trigger_id=text(address, "trigger"), view=view)
                return {"team": workspace.team, "form": True}
        except Refused as refused:
            if refused.code not in TRIGGER_EXPIRED | {"not_found", "view_not_found"}:
                raise
            if text(address, "view") and once not in self._awaited:
                keep(self._awaited, once, True)
                raise RetryLater("the window is not open yet", 1.0) from refused
            log.info("slack_form_window_gone", reason=str(refused))
        if outgoing.private and not text(address, "channel").startswith("D"):
            address = await self._instead(workspace, address)
        return await self._posting.messages(workspace, address, [_opener(outgoing, expired)], None, once)

    # -- beside a message ------------------------------------------------------------------------------------------

    async def _attach(self, workspace: Workspace, address: Address, outgoing: Outgoing, sent: Address) -> None:
        """The document that goes with a message, once, where the app may send files."""
        if outgoing.document is None or self._documents is None or "files:write" not in workspace.scopes:
            return
        content = await self._documents(workspace.organisation, outgoing.document)
        for pause in ATTACH_AGAIN:
            await asyncio.sleep(pause)
            try:
                await self._upload(workspace, address, outgoing.document.name, content, sent)
                return
            except (Refused, RetryLater) as error:
                log.warning("slack_file_not_attached", reason=str(error))
                if isinstance(error, Refused) and not isinstance(meaning(error), RetryLater):
                    return

    async def _upload(self, workspace: Workspace, address: Address, name: str, content: bytes, sent: Address) -> None:
        given = await self._call(workspace, "files.getUploadURLExternal", filename=name, length=len(content))
        await self._platform.upload(text(given, "upload_url"), content)
        await self._call(
            workspace,
            "files.completeUploadExternal",
            files=[{"id": text(given, "file_id"), "title": name}],
            channel_id=text(address, "channel"),
            thread_ts=text(address, "thread_ts") or text(sent, "ts"),
        )

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

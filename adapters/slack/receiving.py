"""Takes what Slack sends: read, hand to the assistant, and only then acknowledge.

Slack waits three seconds. What has not been committed by then is not acknowledged, so that Slack delivers an event
again; a person who pressed something, which Slack does not repeat, is told.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import structlog

from adapters.slack import press, views
from adapters.slack.directory import Directory, Unforeseen
from adapters.slack.homes import Homes
from adapters.slack.keeping import Keeping
from adapters.slack.limits import THREAD_TITLE, cut
from adapters.slack.needs import Known, Looked, Needs, Profile, needs, sender, teams
from adapters.slack.pace import keep
from adapters.slack.payload import at, identity, items, part, text
from adapters.slack.platform import Platform, Refused, meaning
from adapters.slack.read import HOME, asks_reason, entered, in_form, opens_form, read
from adapters.slack.texts import say
from adapters.slack.typed import meant, mentioned
from adapters.slack.workspaces import Workspace, Workspaces
from bot.channels import Gone, RetryLater
from bot.messages import Incoming, Kind, Outgoing
from knowledge.loader import UnknownOrganisation

log = structlog.get_logger()
TO_ASK = 0.9
"""Seconds for asking Slack who somebody is; after that it goes on without."""
TO_COMMIT = 2.6
"""Seconds from the arrival in which the turn must be committed, out of Slack's three."""
TELL_AGAIN = (0.0, 1.0, 3.0, 9.0)
"""Seconds before each try to tell somebody past the store; a word too often is better than none."""
LONGEST_WAIT = 60.0
"""Seconds that such a try waits at most where Slack has asked for it: a word that comes later explains nothing."""
LOOKED_AT = 256 * 1024
"""Bytes of a picture that are looked at: its metadata stand in front. They are never kept."""
EARLIER = 15
"""Messages of a thread that are looked at for one of the person's own."""
_PICTURES = ("image/jpeg", "image/tiff", "image/heic", "image/png", "image/webp")


class Sent(Protocol):
    """What a taken message led to (bot.outbox.Delivery)."""

    @property
    def outgoing(self) -> Outgoing:
        """The message."""


class Takes(Protocol):
    """The assistant, as far as it is needed here."""

    def take(self, incoming: Incoming) -> Awaitable[list[Any]]:
        """Handles one message; when it returns, the turn is committed."""


class Looks(Protocol):
    """Looks at the metadata of a picture."""

    def __call__(self, content: bytes, media_type: str) -> tuple[bool, tuple[str, ...]]:
        """Whether they show a place, and the people they name."""


@dataclass(frozen=True)
class Reply:
    """What the HTTP request or the envelope is answered with."""

    status: int = 200
    body: dict[str, Any] = field(default_factory=dict)


class Receiver:
    """Handles verified payloads."""

    def __init__(
        self,
        platform: Platform,
        workspaces: Workspaces,
        directory: Directory,
        assistant: Takes,
        looks: Looks | None = None,
        homes: Homes | None = None,
        to_commit: float = TO_COMMIT,
    ) -> None:
        self._platform = platform
        self._workspaces = workspaces
        self._directory = directory
        self._assistant = assistant
        self._looks = looks
        self._homes = homes or Homes(directory, assistant.take)
        self._keeping = Keeping(assistant.take)
        self._to_commit = to_commit
        self._going_on: set[asyncio.Task[Any]] = set()
        self._named: OrderedDict[str, bool] = OrderedDict()  # threads of Slack's assistant that have a title

    async def handle(self, body: Any, retry: int = 0) -> Reply:
        """One payload, answered only when what it leads to is committed."""
        deadline = asyncio.get_running_loop().time() + self._to_commit
        workspace = self._workspaces.of(teams(body))
        if workspace is None:
            log.warning("slack_unknown_workspace", teams=teams(body)[:3])
            return Reply(200 if self._workspaces.settled else 503)
        needed = needs(body, workspace)
        if needed is None:
            return Reply()
        if asks_reason(body):
            await self._ask_reason(workspace, body)
            return Reply()
        try:
            known = await self._learn(workspace, body, needed)
        except RetryLater as error:
            log.warning("slack_not_read", team=workspace.team, reason=str(error))
            return Reply(503)
        if known is None:
            return Reply()
        so_far = entered(body, workspace, known)
        if so_far is not None:
            await self._keep(text(body, "view", "id"), so_far, _left(deadline))
        incoming = read(body, workspace, known)
        if incoming is None:
            return _unread(needed, known)
        incoming = await self._window(workspace, body, incoming)
        return await self._take(workspace, body, incoming, _left(deadline), retry)

    async def close(self) -> None:
        """Waits for what is still being done."""
        while self._going_on:
            await asyncio.wait(set(self._going_on))
        await self._homes.close()

    # -- the turn ----------------------------------------------------------------------------------------------------

    async def _take(self, workspace: Workspace, body: Any, incoming: Incoming, left: float, retry: int) -> Reply:
        """Commits; an unfinished commit goes on, and a second delivery of the same event meets it."""
        turn = self._go_on(self._assistant.take(incoming))
        await asyncio.wait({turn}, timeout=left)
        failed = turn.exception() if turn.done() else TimeoutError("late")
        if isinstance(failed, UnknownOrganisation):
            log.error("slack_unknown_organisation", organisation=incoming.organisation, team=workspace.team)
            return Reply()
        if failed is not None:
            log.warning("slack_turn_not_committed", team=workspace.team, reason=repr(failed))
            self._fill_window(workspace, incoming, None)
            return await self._not_committed(workspace, body, incoming, retry)
        sent = turn.result()
        if not any(delivery.outgoing.kind is Kind.FORM for delivery in sent):
            self._fill_window(workspace, incoming, sent[0].outgoing if sent else None)
        self._after(workspace, body, incoming)
        return _answer(body, sent)

    async def _keep(self, view: str, so_far: Incoming, left: float) -> None:
        """Commits what has been entered in a form; if that fails, the form's submission will tell."""
        await asyncio.wait({self._go_on(self._keeping.keep(view, so_far))}, timeout=left)

    def _after(self, workspace: Workspace, body: Any, incoming: Incoming) -> None:
        """What else shows the thing that was just done: the home view, and the window in which it was pressed."""
        if incoming.choice == HOME:
            self._homes.opened(workspace, sender(body))
        elif text(body, "view", "type") == "home":
            self._homes.changed(workspace, sender(body))
        elif in_form(body):
            language = incoming.language or workspace.language
            view = views.told(language, "", say(language, "goes-on"))
            self._go_on(self._did(workspace, "views.update", view_id=text(body, "view", "id"), view=view))

    def _go_on(self, work: Awaitable[Any] | Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Starts something that is finished whatever becomes of the request."""

        async def worked() -> Any:
            return await work

        task = asyncio.create_task(worked())
        self._going_on.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._going_on.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.warning("slack_turn_failed", reason=repr(task.exception()))

    async def _not_committed(self, workspace: Workspace, body: Any, incoming: Incoming, retry: int) -> Reply:
        """Says so. An event is left to Slack, which sends it again; a form stays open with what was written."""
        language = incoming.language or workspace.language
        kind = text(body, "type")
        if kind == "view_submission":
            blocks = items(body, "view", "blocks")
            first = next((text(b, "block_id") for b in blocks if text(b, "type") == "input"), "")
            if first:
                return Reply(body={"response_action": "errors", "errors": {first: say(language, "slow-form")}})
            return Reply(status=503)
        if text(body, "command"):
            return Reply(body={"response_type": "ephemeral", "text": say(language, "slow-press")})
        event = kind == "event_callback"
        if not (
            event and (retry or incoming.address.get("home"))
        ):  # told once; nobody asked for the home view in words
            self._go_on(self._tell(workspace, incoming, say(language, "slow" if event else "slow-press")))
        return Reply(status=503 if event else 200)

    async def _tell(self, workspace: Workspace, incoming: Incoming, message: str) -> None:
        """A word to one person that does not pass through the store, which is what is slow."""
        channel, user = text(incoming.address, "channel"), text(incoming.address, "user")
        thread = {"thread_ts": text(incoming.address, "thread_ts")} if text(incoming.address, "thread_ts") else {}
        method, to = ("chat.postMessage", {}) if channel.startswith("D") else ("chat.postEphemeral", {"user": user})
        asked_to_wait = 0.0
        for pause in TELL_AGAIN:
            await asyncio.sleep(max(pause, min(asked_to_wait, LONGEST_WAIT)))
            try:
                await self._platform.call(workspace, method, channel=channel, text=message, **to, **thread)
            except RetryLater as error:
                asked_to_wait = error.after or 0.0
                continue
            except Refused as refused:
                if isinstance(meaning(refused), RetryLater):
                    continue
                log.warning("slack_not_told", team=workspace.team, reason=str(refused))
            return

    # -- what is asked of Slack first ----------------------------------------------------------------------------------

    async def _learn(self, workspace: Workspace, body: Any, needed: Needs) -> Known | None:
        """Who is talking, where they can be reached, and whether a reply in a thread is to us. None: it is not.

        Raises RetryLater where Slack does not say whether it is, or has not said who we are.
        """
        event = part(body, "event")
        if (needed.thread or text(event, "type") == "app_mention") and not self._workspaces.named(workspace):
            raise RetryLater("Slack has not said who the bot is")
        if text(event, "type") == "app_mention":
            thread = identity("ts", event, "thread_ts") or identity("ts", event, "ts")
            self._directory.joined(workspace, identity("channel", event, "channel"), thread)
        if needed.thread and not await self._takes_part(workspace, *needed.thread):
            return None
        known = self._directory.remembered(workspace, needed.people)
        if (
            known is not None
            and not needed.private
            and not needed.files
            and not self._is_in_assistant(workspace, event)
        ):
            return Known(known)  # nothing to ask: the usual case
        people, private, files, _ = await asyncio.gather(
            self._in_time(self._directory.profiles(workspace, needed.people), {}),
            self._in_time(self._private(workspace, needed.private), ""),
            self._in_time(self._look(workspace, needed.files), {}),
            self._in_time(self._in_assistant(workspace, event), None),
        )
        return Known(people, private, files)

    async def _takes_part(self, workspace: Workspace, channel: str, thread: str) -> bool:
        """Whether a thread is ours. Raises RetryLater where Slack does not say: then it shall ask again."""
        asked = self._go_on(self._directory.takes_part(workspace, channel, thread))
        try:
            return bool(await asyncio.wait_for(asyncio.shield(asked), TO_ASK))
        except TimeoutError:
            raise RetryLater("Slack has not said in time who takes part in a thread") from None

    async def _in_time(self, asked: Coroutine[Any, Any, Any], otherwise: Any) -> Any:
        """What Slack says, or what to take when it takes too long; the question goes on, for the next time."""
        task = self._go_on(asked)
        try:
            return await asyncio.wait_for(asyncio.shield(task), TO_ASK)
        except TimeoutError:
            return otherwise

    async def _private(self, workspace: Workspace, user: str) -> str:
        if not user:
            return ""
        try:
            return await self._directory.private(workspace, user)
        except (RetryLater, Gone, Unforeseen) as error:
            log.warning("slack_no_private_channel", team=workspace.team, reason=str(error))
            return ""

    async def _look(self, workspace: Workspace, files: tuple[dict[str, Any], ...]) -> dict[str, Looked]:
        """The metadata of the pictures, where the app may read files. Their content is forgotten at once."""
        found: dict[str, Looked] = {}
        for file in files if self._looks and "files:read" in workspace.scopes else ():
            try:
                found[text(file, "id")] = await self._looked(workspace, file)
            except (Refused, RetryLater, ValueError) as error:
                log.info("slack_file_not_looked_at", reason=type(error).__name__)
        return found

    async def _looked(self, workspace: Workspace, file: dict[str, Any]) -> Looked:
        """In a channel that is shared with others, a message names its files by their ids only."""
        told: dict[str, Any] = {}
        if text(file, "file_access") == "check_file_info":
            told = part(await self._platform.call(workspace, "files.info", file=text(file, "id")), "file")
        media_type, url = text({**file, **told}, "mimetype"), text({**file, **told}, "url_private")
        if self._looks is None or media_type not in _PICTURES or not url:
            return Looked(file=told)
        content = await self._platform.download(workspace, url, LOOKED_AT)
        place, people = self._looks(content, media_type)
        return Looked(place, people, told)

    @staticmethod
    def _is_in_assistant(workspace: Workspace, event: dict[str, Any]) -> bool:
        """Whether an event may come from Slack's own assistant, whose threads are in private channels."""
        if "assistant:write" not in workspace.scopes:
            return False
        in_thread = identity("channel", event, "channel").startswith("D") and bool(identity("ts", event, "thread_ts"))
        return in_thread and text(event, "type") == "message"

    async def _in_assistant(self, workspace: Workspace, event: dict[str, Any]) -> None:
        """In Slack's own assistant: says that an answer is on its way, and names the thread by its first question."""
        if not self._is_in_assistant(workspace, event):
            return
        channel, thread = identity("channel", event, "channel"), identity("ts", event, "thread_ts")
        where = {"channel_id": channel, "thread_ts": thread}
        with contextlib.suppress(Refused, RetryLater):
            user = identity("user", event, "user")
            known = self._directory.remembered(workspace, [user]) or {}
            status = say(known.get(user, Profile()).language or workspace.language, "thinking")
            await self._platform.call(workspace, "assistant.threads.setStatus", status=status, **where)
            title = cut(meant(text(event, "text"), lambda _: ""), THREAD_TITLE)
            nobody = not mentioned(text(event, "text"))  # a title with a person's name is not ours to give
            if title and nobody and await self._is_first(workspace, event, channel, thread):
                await self._platform.call(workspace, "assistant.threads.setTitle", title=title, **where)

    async def _is_first(self, workspace: Workspace, event: dict[str, Any], channel: str, thread: str) -> bool:
        """Whether nobody has written in a thread before: it may have begun on another instance."""
        named, user = workspace.conversation(channel, thread), identity("user", event, "user")
        if named in self._named:
            return False
        keep(self._named, named, True)
        said = await self._platform.call(workspace, "conversations.replies", channel=channel, ts=thread, limit=EARLIER)
        own = (text(message, "ts") for message in items(said, "messages") if text(message, "user") == user)
        return not any(ts < text(event, "ts") for ts in own)

    # -- windows -------------------------------------------------------------------------------------------------------

    async def _ask_reason(self, workspace: Workspace, body: Any) -> None:
        """Opens the window in which the reason for a decision is written."""
        pressed = asks_reason(body)
        assert pressed is not None  # noqa: S101 - said by the caller
        container = part(body, "container")
        channel = identity("channel", container, "channel_id") or identity("channel", body, "channel", "id")
        ts = identity("ts", container, "message_ts")
        thread = identity("ts", container, "thread_ts")
        thread = ("" if thread == ts else thread) if channel.startswith("D") else thread or ts
        view = views.reason(pressed, channel, thread, text(body, "actions", 0, "text", "text"))
        try:
            await self._platform.call(workspace, "views.open", trigger_id=text(body, "trigger_id"), view=view)
        except (Refused, RetryLater) as error:
            log.warning("slack_window_not_opened", team=workspace.team, reason=str(error))
            address = {"channel": channel, "user": sender(body), **({"thread_ts": thread} if thread else {})}
            word = say(pressed.language, "slow-press")
            await self._tell(workspace, Incoming(workspace.organisation, "", address=address), word)

    async def _window(self, workspace: Workspace, body: Any, incoming: Incoming) -> Incoming:
        """For a press that is answered with a form: a window at once; the form comes into it by its name."""
        pressed, trigger = opens_form(body), text(body, "trigger_id")
        if pressed is None or not trigger:
            return incoming
        name = f"form:{trigger}"[:255]
        view = views.loading(pressed.language, name)
        if not await self._in_time(self._did(workspace, "views.open", trigger_id=trigger, view=view), True):
            return incoming
        return replace(incoming, address={**incoming.address, "view": name})

    async def _did(self, workspace: Workspace, method: str, **arguments: Any) -> bool:
        """A call that may fail."""
        try:
            await self._platform.call(workspace, method, **arguments)
        except (Refused, RetryLater) as error:
            log.info("slack_window_not_changed", team=workspace.team, reason=str(error))
            return False
        return True

    def _fill_window(self, workspace: Workspace, incoming: Incoming, said: Outgoing | None) -> None:
        """Says in the window that was opened for a form why no form comes into it."""
        name = text(incoming.address, "view")
        if name:
            language = incoming.language or workspace.language
            view = views.told(language, name, said.text if said else say(language, "slow-press"))
            self._go_on(self._did(workspace, "views.update", external_id=name, view=view))


def _left(deadline: float) -> float:
    """Seconds until a deadline, and at least a moment."""
    return max(0.1, deadline - asyncio.get_running_loop().time())


def _unread(needed: Needs, known: Known | None) -> Reply:
    """For what is no message. Where Slack has not said what must be known to read it, it may yet be one: not taken."""
    return Reply(503 if known and needed.private and not known.private else 200)


def _answer(body: Any, sent: list[Sent]) -> Reply:
    """A submitted form shows its errors or the next form, or closes; all else is only acknowledged."""
    if text(body, "type") != "view_submission":
        return Reply()
    forms = [delivery.outgoing for delivery in sent if delivery.outgoing.kind is Kind.FORM]
    if not forms:
        return Reply(body={"response_action": "clear"})
    shown = {text(b, "block_id") for b in items(body, "view", "blocks") if text(b, "type") == "input"}
    wrong = views.errors(forms[-1], shown)
    if wrong:
        return Reply(body={"response_action": "errors", "errors": wrong})
    from_ = press.metadata(at(body, "view", "private_metadata"))
    view = views.form(forms[-1], from_.channel if from_ else "", from_.thread if from_ else "")
    return Reply(body={"response_action": "update", "view": view})

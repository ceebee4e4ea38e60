"""What Slack knows of people, channels and threads, asked when needed and remembered for a while, in memory only."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from time import monotonic
from typing import Any

import structlog

from adapters.slack.needs import Profile, language
from adapters.slack.payload import at, identity, items, text
from adapters.slack.platform import Platform, Refused, meaning
from adapters.slack.workspaces import Workspace
from bot.channels import Gone, RetryLater

log = structlog.get_logger()
HOUR = 3600.0
MINUTE = 60.0
REMEMBERED = 20_000
MEMBERS_PAGES = 20
REPLIES = 200


class Memory:
    """Values with an end, the oldest forgotten first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()

    def get(self, key: Hashable) -> Any:
        """What is remembered, or None."""
        until, value = self._kept.get(key, (0.0, None))
        return value if until > self._clock() else None

    def put(self, key: Hashable, value: Any, seconds: float) -> None:
        """Remembers."""
        self._kept[key] = (self._clock() + seconds, value)
        self._kept.move_to_end(key)
        while len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)


class Unforeseen(Exception):
    """Slack said no for a reason that is none of the bot's own (bot.channels): a fault of ours."""


class Directory:
    """Asks Slack about people, channels and threads. What Slack refuses is one of the bot's errors, or Unforeseen."""

    def __init__(self, platform: Platform, clock: Callable[[], float] = monotonic) -> None:
        self._platform = platform
        self._memory = Memory(clock)

    def remembered(self, workspace: Workspace, users: Iterable[str]) -> dict[str, Profile] | None:
        """The same without asking; None where somebody is not known yet."""
        found = {user: self._memory.get(("profile", workspace.team, user)) for user in users}
        return None if None in found.values() else found

    async def profiles(self, workspace: Workspace, users: Iterable[str]) -> dict[str, Profile]:
        """Names and languages; somebody of whom Slack says nothing has neither. A channel has a name."""
        wanted = list(users)
        found = await asyncio.gather(*(self._profile(workspace, user) for user in wanted))
        return dict(zip(wanted, found, strict=True))

    async def _profile(self, workspace: Workspace, user: str) -> Profile:
        key = ("profile", workspace.team, user)
        known = self._memory.get(key)
        if known is not None:
            return known  # type: ignore[no-any-return]
        try:
            if user.startswith(("C", "G")):
                answer = await self._ask(workspace, "conversations.info", channel=user)
            else:
                answer = await self._ask(workspace, "users.info", user=user, include_locale=True)
        except (RetryLater, Gone, Unforeseen) as error:
            log.warning("slack_person_unknown", team=workspace.team, reason=str(error))
            self._memory.put(key, Profile(), MINUTE)
            return Profile()
        who = at(answer, "user") or at(answer, "channel")
        name = text(who, "profile", "real_name") or text(who, "real_name") or text(who, "name")
        found = Profile(name[:200], language(text(who, "locale")))
        self._memory.put(key, found, HOUR)
        return found

    async def private(self, workspace: Workspace, user: str) -> str:
        """The channel of a person's private conversation. Raises RetryLater, Gone or Unforeseen."""
        key = ("private", workspace.team, user)
        known = self._memory.get(key)
        if known is not None:
            return str(known)
        answer = await self._ask(workspace, "conversations.open", users=user)
        channel = identity("channel", answer, "channel", "id")
        self._memory.put(key, channel, HOUR)
        return channel

    def joined(self, workspace: Workspace, channel: str, thread: str) -> None:
        """Somebody has called the bot into a thread."""
        self._memory.put(("thread", workspace.team, channel, thread), True, HOUR * 24)

    async def takes_part(self, workspace: Workspace, channel: str, thread: str) -> bool:
        """Whether somebody has called the bot into a thread. Threads under its own messages are people's own talk.

        Raises RetryLater when Slack cannot say.
        """
        key = ("thread", workspace.team, channel, thread)
        known = self._memory.get(key)
        if known is not None:
            return bool(known)
        try:
            answer = await self._ask(workspace, "conversations.replies", channel=channel, ts=thread, limit=REPLIES)
        except (Gone, Unforeseen) as error:
            log.warning("slack_thread_unknown", team=workspace.team, reason=str(error))
            return False
        called = f"<@{workspace.user}>"
        found = any(called in text(message, "text") for message in items(answer, "messages"))
        self._memory.put(key, found, HOUR * 24 if found else HOUR)
        return found

    async def reviewers(self, workspace: Workspace) -> frozenset[str]:
        """Who may decide: a user group, or the members of the review channel. Raises RetryLater, Gone or Unforeseen."""
        key = ("reviewers", workspace.team)
        known = self._memory.get(key)
        if known is not None:
            return known  # type: ignore[no-any-return]
        users = await self._group(workspace) if workspace.reviewers else await self._members(workspace)
        found = frozenset(workspace.person(user) for user in users if user != workspace.user)
        self._memory.put(key, found, MINUTE)
        return found

    async def _group(self, workspace: Workspace) -> list[str]:
        answer = await self._ask(workspace, "usergroups.users.list", usergroup=workspace.reviewers)
        found = at(answer, "users")
        return [user for user in found if isinstance(user, str)] if isinstance(found, list) else []

    async def _members(self, workspace: Workspace) -> list[str]:
        found: list[str] = []
        cursor = ""
        for _ in range(MEMBERS_PAGES if workspace.review_channel else 0):
            more = {"cursor": cursor} if cursor else {}
            answer = await self._ask(
                workspace, "conversations.members", channel=workspace.review_channel, limit=200, **more
            )
            members = at(answer, "members")
            found += [user for user in members if isinstance(user, str)] if isinstance(members, list) else []
            cursor = text(answer, "response_metadata", "next_cursor")
            if not cursor:
                break
        return found

    async def _ask(self, workspace: Workspace, method: str, **arguments: Any) -> dict[str, Any]:
        """One call. Raises RetryLater, Gone or Unforeseen."""
        try:
            return await self._platform.call(workspace, method, **arguments)
        except Refused as refused:
            error = meaning(refused)
            raise (error if isinstance(error, RetryLater | Gone) else Unforeseen(str(refused))) from refused

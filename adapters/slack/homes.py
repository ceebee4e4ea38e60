"""Draws home views anew when something on them has changed.

Slack asks for a home view whenever it is opened. Whoever is looking at it meanwhile would see what was: so it is drawn
again after a press on it, when a request is shown to its requester or manager, and, for the reviewers who have opened
theirs, when something happens in the review channel. Several changes at once are one drawing.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

import structlog

from adapters.slack.directory import Directory, Unforeseen
from adapters.slack.needs import Known
from adapters.slack.read import Reader
from adapters.slack.workspaces import Workspace
from bot.channels import Gone, RetryLater
from bot.messages import Incoming

log = structlog.get_logger()
AFTER = 1.5
"""Seconds that are waited for further changes."""
LOOKED_AT = 8 * 3600.0
"""Seconds for which a home view counts as being looked at."""
REMEMBERED = 5_000
Person = tuple[str, str]
"""Team and user."""


class Homes:
    """The home views of this process's people."""

    def __init__(
        self,
        directory: Directory,
        take: Callable[[Incoming], Awaitable[Any]],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._directory = directory
        self._take = take
        self._clock = clock
        self._opened: OrderedDict[Person, float] = OrderedDict()
        self._due: dict[Person, asyncio.Task[None]] = {}

    def opened(self, workspace: Workspace, user: str) -> None:
        """Somebody has opened their home view."""
        person = (workspace.team, user)
        self._opened[person] = self._clock()
        self._opened.move_to_end(person)
        while len(self._opened) > REMEMBERED:
            self._opened.popitem(last=False)

    def changed(self, workspace: Workspace, user: str) -> None:
        """Something on a person's home view has changed."""
        person = (workspace.team, user)
        if user and person not in self._due:
            self._due[person] = asyncio.create_task(self._draw(workspace, user))

    async def reviewed(self, workspace: Workspace) -> None:
        """Something has happened in the review channel."""
        since = self._clock() - LOOKED_AT
        looking = [u for (team, u), at in self._opened.items() if team == workspace.team and at > since]
        if not looking:
            return
        try:
            reviewers = await self._directory.reviewers(workspace)
        except (RetryLater, Gone, Unforeseen) as error:
            log.info("slack_homes_not_renewed", team=workspace.team, reason=str(error))
            return
        for user in looking:
            if workspace.person(user) in reviewers:
                self.changed(workspace, user)

    async def close(self) -> None:
        """What was not drawn yet is drawn when the view is opened next."""
        for task in list(self._due.values()):
            task.cancel()
        await asyncio.gather(*self._due.values(), return_exceptions=True)

    async def _draw(self, workspace: Workspace, user: str) -> None:
        await asyncio.sleep(AFTER)
        self._due.pop((workspace.team, user), None)  # what changes from now on is another drawing
        try:
            people = await self._directory.profiles(workspace, [user])
            channel = await self._directory.private(workspace, user)
            incoming = Reader({}, workspace, Known(people), user).home(channel)
            if incoming is not None:
                await self._take(incoming)
        except Exception as error:  # it is drawn when it is opened next
            log.info("slack_home_not_renewed", team=workspace.team, reason=repr(error))

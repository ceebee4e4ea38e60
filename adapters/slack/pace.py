"""When Slack may be called: at most one message a second in a channel, and not before a `Retry-After` is over."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Any

from bot.channels import RetryLater

INTERVAL = 1.0
"""Seconds between two messages in a channel."""
REMEMBERED = 10_000


def keep(kept: OrderedDict[str, Any], key: str, what: Any) -> None:
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
            keep(self._free, channel, at_ + INTERVAL)
            keep(self._own, once, at_)
        return max(0.0, at_ - now)

    def arrived(self, channel: str) -> None:
        """A message has arrived, which may have taken a while: the next one may go a second from now."""
        keep(self._free, channel, max(self._free.get(channel, 0.0), self._clock() + INTERVAL))


class Held:
    """The methods with which Slack has asked us to wait."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until: dict[tuple[str, str], float] = {}  # team and method

    def check(self, team: str, method: str) -> None:
        """Raises RetryLater while the method may not be called."""
        wait = self._until.get((team, method), 0.0) - self._clock()
        if wait > 0:
            raise RetryLater(f"{method}: Slack asked to wait", wait)

    def hold(self, team: str, method: str, seconds: float | None) -> None:
        """Slack has asked us to wait so long."""
        if seconds:
            self._until[(team, method)] = self._clock() + seconds

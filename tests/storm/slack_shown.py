"""Compares what Slack shows when a storm is over with what the outbox says was sent."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from tests.storm.slack_server import StormySlack
from tests.storm.world import Board

PARTS = 20
"""A message has at most so many."""


def mark_of(once: str) -> str:
    """How a delivery is marked in its message."""
    return "once:" + hashlib.sha256(once.encode()).hexdigest()[:32]


class Comparison:
    """Every message that was sent stands there once, in the order of the turns, and as it was said last."""

    def __init__(self, slack: StormySlack, board: Board, excused: Callable[[str, float], bool]) -> None:
        self._slack = slack
        self._excused = excused
        self._posts = Counter(shown.mark for shown in board.shown if shown.new)
        self._replaced = sum(not shown.new for shown in board.shown)
        self._first: dict[str, int] = {}
        for order, shown in enumerate(board.shown):
            self._first.setdefault(shown.mark, order)
        self._standing: dict[tuple[str, str], Any] = {}
        self._came: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)  # order and row, by conversation
        self._asides: Counter[str] = Counter()
        self._cut_off: set[str] = set()
        self._homes: Counter[str] = Counter()

    def wrong(self, rows: Sequence[Any]) -> list[str]:
        """What is not as it should be."""
        found = [f"Slack refused: {problem}" for problem in self._slack.problems[:20]]
        found += [what for row in rows for what in self._row(row)]
        return found + self._strangers(rows) + self._order() + self._outdated() + self._beside()

    def figures(self) -> dict[str, int]:
        """What was shown."""
        return {
            "messages posted": sum(self._posts.values()),
            "replaced in place": self._replaced,
            "asides": sum(self._asides.values()),
            "homes": sum(self._homes.values()),
            "files": len(self._slack.contents),
            "told past the store": sum(self._slack.plain.values()),
            "without a mark": self._posts.get("", 0),
        }

    def _row(self, row: Any) -> list[str]:
        mark, reference = mark_of(row.once), row.reference or {}
        if row.state != "sent":
            return [f"row {row.id} is {row.state}, and yet it is shown"] if mark in self._first else []
        if row.message["kind"] == "home" and row.address.get("home"):
            self._homes[row.address["user"]] += 1
            return []
        if reference.get("aside"):
            self._aside(row)
            return []
        if reference.get("form") or row.address.get("answered"):
            return []
        return self._message(row, mark)

    def _message(self, row: Any, mark: str) -> list[str]:
        if mark not in self._first:
            return [f"row {row.id} ({row.purpose}, {row.conversation}) was sent and is shown nowhere"]
        if row.purpose == "reply" and self._posts[mark]:
            self._came[row.conversation].append((self._first[mark], row.id))
        if row.key:
            self._standing[(row.conversation, row.key)] = row
        if self._posts[mark] > 1:
            return [f"row {row.id} ({row.purpose}, {row.conversation}) is shown {self._posts[mark]} times"]
        return []

    def _aside(self, row: Any) -> None:
        user = row.address["user"]
        self._asides[user] += 1
        if any(self._excused(row.conversation, at) for at in self._slack.aside_times[user]):
            self._cut_off.add(user)

    def _strangers(self, rows: Sequence[Any]) -> list[str]:
        """Marks of nothing that the store knows, and parts of messages that are there twice."""
        whole = {mark_of(row.once) for row in rows}
        parts = {mark_of(f"{row.once}/{part}") for row in rows for part in range(PARTS)}
        known = whole | parts | {""}
        strange = [mark for mark in self._first if mark not in known]
        twice = [mark for mark, count in self._posts.items() if count > 1 and mark in parts]
        found = [f"{mark}: shown, and nothing in the store knows it" for mark in strange]
        return found + [f"{mark}: a part of a message is shown {self._posts[mark]} times" for mark in twice]

    def _order(self) -> list[str]:
        return [
            f"{conversation}: row {other} came before row {one}"
            for conversation, came in self._came.items()
            for (before, one), (after, other) in itertools.pairwise(came)
            if after < before
        ]

    def _outdated(self) -> list[str]:
        """Where something is shown, it is shown as the last message about it says."""
        found = []
        for (conversation, key), row in self._standing.items():
            message = self._slack.channels[row.reference["channel"]].message(row.reference["ts"])
            mark = str(message["blocks"][0].get("block_id", "")) if message else "gone"
            if mark != mark_of(row.once):
                found.append(f"{conversation}: {key} does not stand as row {row.id} says")
        return found

    def _beside(self) -> list[str]:
        """Messages aside are seen by one person, and may come twice where their answer was lost; and home views."""
        found = []
        for user, sent in self._asides.items():
            shown, most = self._slack.asides[user], sent + self._slack.unheard_asides[user]
            if shown < sent or (shown > most and user not in self._cut_off):
                found.append(f"{user}: {sent} messages aside were sent, and {shown} are shown")
        for user, sent in self._homes.items():
            if self._slack.homes_shown[user] < sent:
                found.append(f"{user}: {sent} home views were sent, and {self._slack.homes_shown[user]} shown")
        return found

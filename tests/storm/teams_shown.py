"""Compares what Teams shows when a storm is over with what the outbox says was sent."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from adapters.teams import render
from bot.messages import OUTGOING
from tests.storm.teams_server import StormyTeams
from tests.storm.world import Board, Shown


class Comparison:
    """Every message that was sent stands there, in the order of the turns, and as it was said last.

    There may be a second one only where whoever sent the first was not told that it has arrived.
    """

    def __init__(
        self, teams: StormyTeams, board: Board, excused: Callable[[str, float], bool], tenants: Sequence[str]
    ) -> None:
        self._teams = teams
        self._excused = excused
        self._tenants = tenants
        self._shown = {shown.name: shown for shown in board.shown if shown.new}
        self._replaced = len(board.shown) - len(self._shown)
        self._twice: list[Shown] = []

    def wrong(self, rows: Sequence[Any]) -> list[str]:
        """What is not as it should be."""
        sent = [row for row in rows if row.state == "sent"]
        nowhere = [row for row in sent if _name(row) not in self._shown]
        found = [f"row {row.id} ({row.purpose}, {row.conversation}) was sent and is shown nowhere" for row in nowhere]
        return found + self._order(sent) + self._doubled(sent) + self._outdated(sent)

    def figures(self) -> dict[str, int]:
        """What was shown."""
        lost = sum(one.unheard for one in self._twice)
        return {
            "messages posted": len(self._shown),
            "replaced in place": self._replaced,
            "twice, for the answer was lost": lost,
            "twice, for the sender was killed": len(self._twice) - lost,
            "told past the store": sum(self._teams.told.values()),
        }

    def _order(self, sent: Sequence[Any]) -> list[str]:
        """Replies come in their order; what a reply was put in the place of, such as a notice, has come before."""
        first: dict[tuple[str, str], Any] = {}  # conversation and message to the first row that it shows
        for row in sent:
            if _name(row) in self._shown:
                first.setdefault((row.conversation, _name(row)), row)
        came: defaultdict[str, list[Any]] = defaultdict(list)
        for row in first.values():
            if row.purpose == "reply":
                came[row.conversation].append(row)
        return [
            f"{conversation}: row {other.id} came before row {one.id}"
            for conversation, rows in came.items()
            for one, other in itertools.pairwise(rows)
            if int(_name(other)) < int(_name(one))
        ]

    def _doubled(self, sent: Sequence[Any]) -> list[str]:
        """Messages that no row refers to: their row refers to the second one."""
        referred = {_name(row) for row in sent}
        self._twice = [shown for name, shown in self._shown.items() if name not in referred]
        return [
            f"{one.place}: message {one.name} is there twice, and its answer was not lost"
            for one in self._twice
            if not one.unheard and not any(self._excused(place, one.at) for place in self._conversations(one))
        ]

    def _conversations(self, shown: Shown) -> list[str]:
        places = {shown.place, shown.place.split(";")[0]}
        return [f"teams:{tenant}:{place}" for tenant in self._tenants for place in places]

    def _outdated(self, sent: Sequence[Any]) -> list[str]:
        """What a message shows is what the last row says that refers to it."""
        standing = {(row.conversation, row.key): row for row in sent if row.key}
        posted = {message.id: message for message in self._teams.posted}
        found = []
        for (conversation, key), row in standing.items():
            message = posted.get(_name(row))
            if message is None or _words(message.activity) != _words(_rendered(row)):
                found.append(f"{conversation}: {key} does not stand as row {row.id} says")
        return found


def _name(row: Any) -> str:
    return str((row.reference or {}).get("message", ""))


def _rendered(row: Any) -> dict[str, Any]:
    """A row of the outbox as Teams is to show it; where only some of a review channel decide, they alone see more."""
    conversation = (row.reference or {}).get("reference", {}).get("conversation", {})
    named = re.match(r"19:review(\d+)@", str(conversation.get("id", "")))
    reviewers = reviewers_of(int(named[1])) if named else []
    personal = conversation.get("conversationType") == "personal"
    ids = tuple(name.replace("aad-", "29:") for name in reviewers)
    return dict(render.activity(OUTGOING.validate_python(row.message), personal=personal, reviewers=ids))


def _words(activity: dict[str, Any]) -> list[str]:
    """Everything that a person reads on the cards of a message."""
    cards = [a["content"] for a in activity.get("attachments", ())]
    parts = [part for kind in ("TextBlock", "TextRun") for part in parts_of(cards, kind)]
    return [str(part.get("text", "")) for part in parts]


def reviewers_of(number: int) -> list[str]:
    """The reviewers that are named; none where the channel's members review."""
    return [f"aad-t{number}p00{place}" for place in range(2)] if number % 2 else []


def parts_of(card: Any, kind: str) -> list[dict[str, Any]]:
    """Everything of a kind in a card, however deep."""
    found: list[dict[str, Any]] = []
    if isinstance(card, dict):
        if str(card.get("type", "")).startswith(kind):
            found.append(card)
        for value in card.values():
            found += parts_of(value, kind)
    elif isinstance(card, list):
        for value in card:
            found += parts_of(value, kind)
    return found


def tenant_of(number: int) -> str:
    return f"11111111-aaaa-bbbb-cccc-{number:012d}"

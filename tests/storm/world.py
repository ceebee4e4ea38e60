"""What every platform of a storm has: its people, what it shows them, and what they can do about it."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from tests.fakes.slack_people import Reply
from tests.storm.post import Post
from tests.storm.weather import Weather


class Role(StrEnum):
    """What somebody does in a storm."""

    STAFF = "staff"
    MANAGER = "manager"
    REVIEWER = "reviewer"


@dataclass
class Member:
    """Somebody who works for an organisation."""

    organisation: str
    user: str  # as the platform names them
    name: str
    role: Role
    threads: list[str] = field(default_factory=list)  # in which they have called the assistant
    written: int = 0


@dataclass(frozen=True)
class Move:
    """Something that can be pressed, chosen or written now."""

    action: str
    make: Callable[[], Awaitable[Reply]]


@dataclass(frozen=True)
class Shown:
    """A message that came, or was put in the place of an earlier one."""

    place: str
    name: str  # the platform's own
    mark: str  # of the delivery, where the platform keeps one
    new: bool
    unheard: bool  # whoever sent it was not told that it has arrived
    at: float


class Board:
    """Everything the platform showed, in order; people wait at it for an answer."""

    def __init__(self) -> None:
        self.shown: list[Shown] = []
        self.counts: Counter[str] = Counter()
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def note(self, place: str, name: str, mark: str, new: bool, unheard: bool) -> None:
        """Something is shown."""
        self.shown.append(Shown(place, name, mark, new, unheard, time.time()))
        self.stir(place)

    def stir(self, place: str) -> None:
        """Something happened at a place."""
        self.counts[place] += 1
        for bell in self._waiting.pop(place, ()):
            bell.set()

    async def more(self, place: str, than: int, seconds: float) -> bool:
        """Waits until more has happened at a place; False where it does not in so many seconds."""
        end = time.monotonic() + seconds
        while self.counts[place] <= than:
            bell = asyncio.Event()
            self._waiting[place].add(bell)
            try:
                await asyncio.wait_for(bell.wait(), max(0.0, end - time.monotonic()))
            except TimeoutError:
                return False
        return True


class World(Protocol):
    """A platform with its people. What is done by `do…` and `say` goes out through the post."""

    name: str
    board: Board
    weather: Weather
    members: list[Member]

    async def open(self) -> None:
        """Starts the platform."""

    async def close(self) -> None:
        """Ends it."""

    def connect(self, post: Post) -> None:
        """From now on events go out."""

    def settings(self) -> dict[str, str]:
        """What an instance must be set to."""

    def person(self, member: Member) -> str:
        """Their id over all channels."""

    def place(self, member: Member) -> str:
        """The person's private conversation, as the board names it."""

    def channel(self, member: Member) -> str:
        """The channel where everybody talks."""

    async def say(self, member: Member, text: str) -> Reply:
        """Writes privately."""

    async def ask_in_channel(self, member: Member, text: str) -> Reply:
        """Calls the assistant in the channel, and remembers the thread."""

    async def reply_in_thread(self, member: Member, text: str) -> Reply | None:
        """Writes on in a thread; None where the platform would not tell the assistant of it."""

    async def home(self, member: Member) -> Reply:
        """Opens the home view."""

    async def shortcut(self, member: Member) -> Reply:
        """Begins a dialogue without a word, where the platform has a way."""

    async def aside(self, member: Member, text: str) -> Reply:
        """Asks where others are, for oneself only."""

    def steps(self, member: Member) -> list[Move]:
        """What the newest question of a dialogue offers; the last is to write."""

    def buttons(self, member: Member) -> list[Move]:
        """What can be pressed in the last messages."""

    def reviewing(self, member: Member) -> list[Move]:
        """What can be pressed in the review channel."""

    def told(self, user: str) -> int:
        """How often a person was told, past the store, that something was not kept."""

    def findings(self, rows: Sequence[Any], excused: Callable[[str, float], bool]) -> tuple[list[str], dict[str, int]]:
        """What of the outbox's rows is not shown as it should be, and figures. `excused`: a place at a time."""


NUMBER = re.compile(r"heltal|siffr|hur många|antal|numero|luku|kuinka monta|number|how many", re.IGNORECASE)
ADDRESS = re.compile(r"https?:|adress|osoite|address", re.IGNORECASE)


def answer_in_words(member: Member, asked: str, chance: float) -> str:
    """Something to write as the answer to a question; no two are the same."""
    member.written += 1
    tail = f"{member.user[-4:]}-{member.written}".lower()
    if chance < 0.1:
        return ["12", "x", f"https://kommun.example/{tail}", "2027-05-01", "1.6.2027"][member.written % 5]
    if NUMBER.search(asked):
        return "12"
    if ADDRESS.search(asked) and chance < 0.6:
        return f"https://kommun.example/{tail}"
    return f"Enheten {tail} i kommunen"


FORWARD = ("set", "put", "save", "mine", "cancel-no", "again-no", "submit", "resume", "keep", "show")
"""What leads on in a dialogue, the best first."""


def onward(moves: list[Move]) -> list[Move]:
    """The presses of a dialogue (`s:<session>:<verb>…`) that lead on; those of the best kind only."""
    for verb in FORWARD:
        found = [m for m in moves if m.action.split(":")[2:3] == [verb]]
        if found:
            return found
    return []


def folder_of(knowledge: Path, organisations: Sequence[str], where: Path) -> Path:
    """A knowledge folder with some organisations only, so that an instance starts quickly."""
    where.mkdir()
    for name in ("common", *organisations):
        (where / name).symlink_to(knowledge / name)
    return where

"""What a scenario needs of a channel: to send and press as a person does, and to see what that person then sees.

A channel under test goes through its adapter's own reading and rendering as far as it can without the platform. To add
one: write `say`, `press` and `fill`, name what it can do in `able`, put it into CHANNELS in tests/test_scenarios.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from bot.answering.answerer import Answerer
from bot.messages import File, Person
from bot.service import Service
from knowledge.flows import Flow
from knowledge.models import Language


@dataclass(frozen=True)
class Seen:
    """One message as a person sees it."""

    text: str  # all that can be read, in its order
    kind: str = ""  # "" where the channel does not tell
    labels: dict[str, Any] = field(default_factory=dict)  # what can be pressed: visible label to the channel's handle
    fields: dict[str, Any] = field(default_factory=dict)  # what can be filled: visible label to the channel's handle
    submit: str = ""  # the label that sends the fields


@dataclass(frozen=True)
class Act:
    """What a person does."""

    person: str  # "anna"
    organisation: str
    language: Language
    text: str = ""
    files: tuple[File, ...] = ()
    mentions: tuple[Person, ...] = ()
    public: bool = False  # where others read along
    event: str = ""  # the platform's id of the event


class Channel(Protocol):
    """A way of talking to the assistant."""

    name: str
    able: frozenset[str]  # of: old (buttons), fill, file, mention, again (an event twice), public

    def __init__(self, service: Service) -> None: ...

    async def open(self) -> None:
        """Called once, and again after every restart of the assistant."""

    async def close(self) -> None:
        """Gives back what `open` took."""

    def person(self, name: str) -> str:
        """The id under which the store knows a person."""

    async def say(self, act: Act) -> list[Seen]:
        """Sends a text or files. Returns what the person sees in answer, and what waited for them."""

    async def press(self, act: Act, seen: Seen, label: str) -> list[Seen]:
        """Presses what stands under a message."""

    async def fill(self, act: Act, seen: Seen, values: dict[str, Any]) -> list[Seen]:
        """Fills fields by their visible labels (options by theirs) and sends them."""


class Changeable:
    """The organisations of a scenario: as shipped, on words alone, with flows that the scenario has changed."""

    embedder = None

    def __init__(self, answerers: dict[str, Answerer]) -> None:
        self._answerers = dict(answerers)

    @property
    def ids(self) -> list[str]:
        """All organisations."""
        return sorted(self._answerers)

    def answerer(self, organisation: str) -> Answerer:
        """One organisation's answerer."""
        return self._answerers[organisation]

    def knowledge(self, organisation: str) -> Any:
        """One organisation's knowledge."""
        return self._answerers[organisation].knowledge

    def change(self, organisation: str, flow: Flow) -> None:
        """Puts another version of a flow in its place, as after an edit and a restart."""
        before = self._answerers[organisation]
        changed = replace(before.knowledge, flows={**before.knowledge.flows, flow.id: flow})
        self._answerers[organisation] = type(before)(changed, before.index, before.embedder, before.calibration)


def text_of(parts: Sequence[str | None]) -> str:
    """What can be read, a part a line."""
    return "\n".join(part for part in parts if part)

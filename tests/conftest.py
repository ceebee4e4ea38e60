"""What the tests share: the organisations with their built indexes, and assistants over them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import structlog

from bot.answering.answerer import Answerer, Calibration
from bot.assistant import Assistant
from bot.messages import Incoming, Outgoing
from bot.organisations import Organisations
from bot.settings import Settings
from bot.store.store import Store
from knowledge.models import Language
from tests.postgres import postgres  # noqa: F401 - a fixture


@pytest.fixture(scope="session")
def organisations() -> Organisations:
    """The shipped organisations; each is opened once, from the index in the default cache."""
    return Organisations(Settings())


class Talker:
    """An assistant over an empty store, for tests that speak to it without a channel or a loop of their own."""

    def __init__(self, answerer: Callable[[str], Answerer]) -> None:
        self._runner = asyncio.Runner()
        self.store = self._runner.run(Store.open("sqlite://"))
        self.assistant = Assistant(answerer, self.store)

    def replies(self, incoming: Incoming) -> list[Outgoing]:
        """Everything that answers a message."""
        return [delivery.outgoing for delivery in self._runner.run(self.assistant.take(incoming))]

    def handle(self, incoming: Incoming) -> Outgoing:
        """The first of what answers a message."""
        return self.replies(incoming)[0]

    def welcome(self, organisation: str, language: Language | None = None) -> Outgoing:
        """The first message of a conversation."""
        return self.assistant.welcome(organisation, language)

    def greeting(self, incoming: Incoming) -> list[Outgoing]:
        """What somebody who comes, or comes back, sees first."""
        return self._runner.run(self.assistant.greeting(incoming))

    def close(self) -> None:
        """Gives the store and the loop back."""
        self._runner.run(self.store.close())
        self._runner.close()


@pytest.fixture
def talker() -> Iterator[Callable[[Callable[[str], Answerer]], Talker]]:
    """Makes talkers, and closes them."""
    made: list[Talker] = []

    def make(answerer: Callable[[str], Answerer]) -> Talker:
        made.append(Talker(answerer))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def assistant(organisations: Organisations, talker: Callable[..., Talker]) -> Talker:
    """An assistant that remembers nothing of another test."""
    return talker(organisations.answerer)


def lexical_answerer(organisations: Organisations, **changes: float) -> Callable[[str], Answerer]:
    """Answerers on words alone, with some of the calibration changed."""
    calibration = replace(Calibration.read(semantic=False), **changes)

    def answerer(organisation: str) -> Answerer:
        opened = organisations.answerer(organisation)
        return Answerer(opened.knowledge, opened.index, None, calibration)

    return answerer


@pytest.fixture
def lexical(organisations: Organisations, talker: Callable[..., Talker]) -> Talker:
    """An assistant on words alone: quick, for tests that ask a great deal."""
    return talker(lexical_answerer(organisations))


@pytest.fixture
def hesitant(organisations: Organisations, talker: Callable[..., Talker]) -> Talker:
    """An assistant that is never sure, so that every question within the field gives a choice."""
    return talker(lexical_answerer(organisations, answer=1.01, choose=0.0, known=0.0))


@pytest.fixture(autouse=True)
def _fresh_logging() -> Iterator[None]:
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()

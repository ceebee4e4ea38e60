"""What the tests share: the organisations with their built indexes, and assistants over them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import structlog

from bot.answering.answerer import Answerer, Calibration
from bot.assistant import Assistant
from bot.organisations import Organisations
from bot.settings import Settings


@pytest.fixture(scope="session")
def organisations() -> Organisations:
    """The shipped organisations; each is opened once, from the index in the default cache."""
    return Organisations(Settings())


@pytest.fixture
def assistant(organisations: Organisations) -> Assistant:
    """An assistant that remembers nothing of another test."""
    return Assistant(organisations.answerer)


def _lexical(organisations: Organisations, **changes: float) -> Assistant:
    calibration = replace(Calibration.read(semantic=False), **changes)

    def answerer(organisation: str) -> Answerer:
        opened = organisations.answerer(organisation)
        return Answerer(opened.knowledge, opened.index, None, calibration)

    return Assistant(answerer)


@pytest.fixture
def lexical(organisations: Organisations) -> Assistant:
    """An assistant on words alone: quick, for tests that ask a great deal."""
    return _lexical(organisations)


@pytest.fixture
def hesitant(organisations: Organisations) -> Assistant:
    """An assistant that is never sure, so that every question within the field gives a choice."""
    return _lexical(organisations, answer=1.01, choose=0.0, known=0.0)


@pytest.fixture(autouse=True)
def _fresh_logging() -> Iterator[None]:
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()

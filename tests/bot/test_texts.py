"""The three catalogues hold the same messages, with the same values."""

from __future__ import annotations

import re

import pytest
from fluent.syntax import parse
from fluent.syntax.ast import Junk, Message

from bot.texts import FOLDER, say
from knowledge.models import Language

VALUES: dict[str, str | int] = {"organisation": "O", "example": "E", "document": "D", "topic": "T", "contact": "C"}
VALUES |= dict.fromkeys(("place", "total", "most", "least", "length", "count", "number"), 3)
VALUES |= dict.fromkeys(("answer", "note", "options", "names", "steps"), "x")
VALUES |= dict.fromkeys(("name", "unit", "reason", "state", "reference", "label", "question", "said"), "x")
VALUES |= {"part": "x", "rest": 1, "asked": "x", "given": "x", "latest": "x", "listed": "2, 3", "progress": "3 / 9"}
VALUES |= {"essential": "e", "command": "c", "platform": "p", "channel": "h", "version": 2, "days": 10}
VALUES |= {"title": "Ti", "dated": "Da", "date": "2020", "begun": "2019", "where": "W", "url": "https://x.example"}


def catalogue(language: Language) -> dict[str, set[str]]:
    """Each message's name, with the values it takes."""
    text = (FOLDER / f"{language.value}.ftl").read_text(encoding="utf-8")
    body = parse(text).body
    assert not [entry for entry in body if isinstance(entry, Junk)]
    names = [entry.id.name for entry in body if isinstance(entry, Message)]
    assert len(names) == len(set(names))
    blocks = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)
    return {b.split(" ")[0]: set(re.findall(r"\{ ?\$(\w+)", b)) for b in blocks if b.split(" ")[0] in names}


def test_a_catalogue_a_language() -> None:
    assert {p.stem for p in FOLDER.glob("*.ftl")} == set(Language)


@pytest.mark.parametrize("language", [Language.SV, Language.FI])
def test_the_same_messages(language: Language) -> None:
    assert set(catalogue(language)) == set(catalogue(Language.EN))


@pytest.mark.parametrize("language", list(Language))
def test_no_message_takes_a_value_that_english_lacks(language: Language) -> None:
    english = catalogue(Language.EN)
    assert {name: v - english[name] for name, v in catalogue(language).items() if v - english[name]} == {}


@pytest.mark.parametrize("language", list(Language))
def test_every_message_can_be_said(language: Language) -> None:
    for name in catalogue(language):
        said = say(language, name, **VALUES)
        assert said.strip()
        assert "{" not in said


def test_an_unknown_message_or_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"no-such is not in sv\.ftl"):
        say(Language.SV, "no-such")
    with pytest.raises(ValueError, match=r"^ask in sv\.ftl"):
        say(Language.SV, "ask")

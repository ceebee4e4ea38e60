"""The terminal: a message a line in, plain lines out."""

from __future__ import annotations

import io

import pytest

from adapters.terminal.wire import run
from bot.assistant import Assistant
from bot.texts import say
from knowledge.models import Language


def talk(
    assistant: Assistant,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *lines: str,
    org: str = "aanekoski",
    language: Language | None = None,
) -> str:
    monkeypatch.setenv("COLUMNS", "4000")  # narrower, a script's output is cut at the right edge
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    run(assistant, org, language, "you")
    return "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines())


def flowing(text: str) -> str:
    """The text without its line breaks."""
    return " ".join(text.split())


@pytest.mark.parametrize("language", list(Language))
def test_the_welcome_and_the_end_of_the_input(
    lexical: Assistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: Language
) -> None:
    said = talk(lexical, monkeypatch, capsys, language=language)
    assert say(language, "example-1") in said
    assert "> " not in said


def test_an_answer_has_verdict_text_and_source(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = talk(assistant, monkeypatch, capsys, "Saanko julkaista kuvan lapsesta?", language=Language.FI)
    assert say(Language.FI, "verdict-conditional") in said.splitlines()
    assert "aanekoski/kuvauslupa-2" in flowing(said)
    assert "suvi.kallioinen@aanekoski.fi" in said
    assert "\x1b" not in said


def test_a_choice_is_numbered_and_taken_by_its_number(
    hesitant: Assistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    question = "Saanko julkaista kuvan lapsesta?"
    said = talk(hesitant, monkeypatch, capsys, question, "1", language=Language.FI)
    assert say(Language.FI, "choose") in said
    assert "  1. " in said
    assert "  2. " in said
    assert f"{say(Language.FI, 'source')}: " in said


def test_nothing_is_read_as_markup_and_empty_lines_are_answered(
    lexical: Assistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = talk(lexical, monkeypatch, capsys, "", "[bold]x[/nonsense]", "[/]", "tack", org="vara", language=Language.SV)
    assert say(Language.SV, "example-1") in said
    assert say(Language.SV, "thanks") in said


def test_the_language_stays(
    lexical: Assistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = talk(lexical, monkeypatch, capsys, "in English", "", language=Language.SV)
    assert say(Language.EN, "empty", example=say(Language.EN, "example-1")) in flowing(said)

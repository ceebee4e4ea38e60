"""The terminal: a message a line in, plain lines out."""

from __future__ import annotations

import asyncio
import io
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from adapters.terminal.render import render
from adapters.terminal.wire import Chat, run
from bot.answering.answerer import Answerer
from bot.assistant import Assistant
from bot.messages import (
    Button,
    Document,
    Entry,
    Field,
    Group,
    Input,
    Kind,
    Option,
    Outgoing,
    Row,
    Source,
)
from bot.organisations import Organisations
from bot.outbox import Destination, put
from bot.service import Service, service
from bot.settings import Settings
from bot.store.unavailable import StoreUnavailable
from bot.texts import say
from knowledge.models import Language
from tests.conftest import lexical_answerer

EMPTY = Settings(database_url="sqlite://")
Talk = Callable[..., str]


@pytest.fixture
def talk(organisations: Organisations, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Talk:
    """Runs a script of lines through the terminal, and gives what was said."""

    def talk(
        *lines: str,
        org: str = "aanekoski",
        language: Language | None = None,
        answerer: Callable[[str], Answerer] | None = None,
        before: Callable[[Service], None] = lambda opened: None,
    ) -> str:
        monkeypatch.setenv("COLUMNS", "4000")  # narrower, a script's output is cut at the right edge
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

        async def conversation() -> None:
            async with service(EMPTY, organisations) as opened:
                opened.assistant = Assistant(answerer or lexical_answerer(organisations), opened.store, opened.filing)
                async with opened.store.transaction() as tx:
                    notice = Outgoing(Kind.NOTICE, Language.FI, "Tervehdys muualta.")
                    await put(tx, "aanekoski", Destination("terminal:you", {}), notice, 0.0)
                before(opened)
                await Chat(opened, Console(), org, language, "you").talk()

        asyncio.run(conversation())
        return "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines())

    return talk


def flowing(text: str) -> str:
    """The text without its line breaks."""
    return " ".join(text.split())


def lines(outgoing: Outgoing) -> list[str]:
    """A message as the lines of a terminal."""
    return "\n".join(part.plain for part in render(outgoing)).splitlines()


@pytest.mark.parametrize("language", list(Language))
def test_the_welcome_and_the_end_of_the_input(
    organisations: Organisations,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    language: Language,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    asyncio.run(run(organisations, EMPTY, "aanekoski", language, "you"))
    said = capsys.readouterr().out
    assert say(language, "example-1") in said
    assert "> " not in said


def test_an_answer_has_verdict_text_and_source(talk: Talk, organisations: Organisations) -> None:
    said = talk("Saanko julkaista kuvan lapsesta?", language=Language.FI, answerer=organisations.answerer)
    assert say(Language.FI, "verdict-conditional") in said.splitlines()
    assert "aanekoski/kuvauslupa-2" in flowing(said)
    assert "suvi.kallioinen@aanekoski.fi" in said
    assert "\x1b" not in said


def test_a_choice_is_numbered_and_taken_by_its_number(talk: Talk, organisations: Organisations) -> None:
    question = "Saanko julkaista kuvan lapsesta?"
    hesitant = lexical_answerer(organisations, answer=1.01, choose=0.0, known=0.0)
    said = talk(question, "1", language=Language.FI, answerer=hesitant)
    assert say(Language.FI, "choose") in said
    assert "  1. " in said
    assert "  2. " in said
    assert f"{say(Language.FI, 'source')}: " in said


def test_nothing_is_read_as_markup_and_empty_lines_are_answered(talk: Talk) -> None:
    said = talk("", "[bold]x[/nonsense]", "[/]", "tack", org="vara", language=Language.SV)
    assert say(Language.SV, "example-1") in said
    assert say(Language.SV, "thanks") in said


def test_the_language_stays(talk: Talk) -> None:
    said = talk("in English", "", language=Language.SV)
    assert say(Language.EN, "empty", example=say(Language.EN, "example-1")) in flowing(said)


def test_what_others_sent_is_shown_once(talk: Talk) -> None:
    assert talk("kiitos", "kiitos", language=Language.FI).count("Tervehdys muualta.") == 1


def test_a_checklist_by_typing_alone(talk: Talk) -> None:
    said = talk(
        "flow:open-account", "avaa tili", "Nuorisotyö", "Instagram", "takaisin", "Instagram", "Tauko",
        "omat luonnokset", "Jatka", "lomake",
        language=Language.FI,
    )  # fmt: skip
    assert "✓ Mille yksikölle tili tulee? Nuorisotyö" in said.splitlines()
    assert "  1. Facebook" in said.splitlines()
    assert f"[{say(Language.FI, 'button-form')}]" in said
    assert f"    [{say(Language.FI, 'button-resume')}] [{say(Language.FI, 'button-cancel')}]" in said.splitlines()
    assert "  – Mille yksikölle tili tulee?\n     Nuorisotyö" in said
    short = [line for line in said.splitlines() if line.startswith(f"{say(Language.FI, 'source')}: ")]
    assert short
    assert all("(2022-05-09)" not in line for line in short)


def test_a_store_that_is_away_is_said(talk: Talk) -> None:
    def away(opened: Service) -> None:
        def gone(*_: str) -> None:
            raise StoreUnavailable("gone")

        opened.store.transaction = gone  # type: ignore[assignment, method-assign]

    assert say(Language.FI, "store-away") in talk("kiitos", language=Language.FI, before=away)


def test_a_form_is_listed() -> None:
    options = (Option("a", "Facebook"), Option("b", "Instagram"))
    outgoing = Outgoing(
        Kind.FORM,
        Language.EN,
        "Fill in what you know.",
        title="Open an account",
        progress="Section 1 of 5",
        fields=(
            Field("unit", "Which unit?", Input.TEXT, value="Youth\nwork"),
            Field("platform", "Which platform?", Input.CHOICE, options=options, error="The answer is empty."),
            Field("several", "Which ones?", Input.CHOICES, value=("a", "b"), options=options, optional=True),
            Field("more", "Which one is that?", Input.TEXT, fresh=True),
            Field("day", "Which day?", Input.DATE, value="2026-11-27"),
        ),
        sources=(Source("D", "2020", "S", "p-1"), Source("D", "2020", "S", "p-2"), Source("E", None, "T", "p-3")),
        submit=Button("Save and go on", "s:1:save:x"),
        buttons=(Button("Pause", "s:1:pause"),),
    )
    assert lines(outgoing) == [
        "Open an account · Section 1 of 5",
        "Fill in what you know.",
        say(Language.EN, "form-in-terminal"),
        "  – Which unit?",
        "     Youth",
        "     work",
        "  – Which platform?",
        "     Facebook / Instagram",
        "     Error: The answer is empty.",
        "  – Which ones? (optional)",
        "     Facebook, Instagram",
        "  – Which one is that? (New question)",
        "  – Which day?",
        "     Fri 27.11.2026",
        "Source: S [p-1, p-2]; T [p-3]",
        "[Pause]",
    ]


def test_a_request_and_its_buttons_are_read_in_order() -> None:
    outgoing = Outgoing(
        Kind.REQUEST,
        Language.EN,
        "Waits for a decision.",
        title="NYK-2026-0001",
        rows=(Row("Unit", "Youth", Button("Change 1", "s:1:change:unit"), note="Which one?", changed=True),),
        document=Document("NYK-2026-0001.pdf", "application/pdf", "NYK-2026-0001/1"),
        buttons=(Button("Approve", "req:1:approve"), Button("Reject", "req:1:reject", reason="Why?")),
    )
    assert lines(outgoing) == [
        "NYK-2026-0001",
        "Waits for a decision.",
        "  Unit (Changed)",
        "     Youth  [Change 1]",
        "     Note: Which one?",
        "Open the document NYK-2026-0001.pdf",
        "[Approve] [Reject: Why?]",
    ]


def test_lists_are_read_with_their_buttons() -> None:
    press = (Button("Continue", "s:1:resume"),)
    outgoing = Outgoing(
        Kind.HOME,
        Language.EN,
        "What you have",
        groups=(
            Group("Your drafts", (Entry("Open an account", "2 answers", press), Entry("Report"))),
            Group("Your requests", (), "You have none."),
        ),
    )
    assert lines(outgoing) == [
        "What you have",
        "Your drafts",
        "  – Open an account: 2 answers",
        "    [Continue]",
        "  – Report",
        "Your requests",
        "  You have none.",
    ]
    alone = Outgoing(Kind.HOME, Language.EN, "You have none.", groups=(Group("Your requests", (), "You have none."),))
    assert lines(alone) == ["Your requests", "  You have none."]


def _read_until(master: int, wanted: str, seconds: float = 60.0) -> str:
    said, end = "", time.monotonic() + seconds
    while wanted not in said and time.monotonic() < end:
        if not select.select([master], [], [], 0.2)[0]:
            continue
        try:
            said += os.read(master, 4096).decode(errors="replace")
        except OSError:  # the other side has closed
            break
    return said


def test_ctrl_c_ends_politely(tmp_path: Path) -> None:
    """In a terminal of its own, with a process that must not hang."""
    start = "import os, fcntl, signal, termios, runpy; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    # a job in the background starts with the signal ignored, which its children inherit
    start += "signal.signal(signal.SIGINT, signal.default_int_handler); "
    start += "runpy.run_module('bot', run_name='__main__', alter_sys=True)"
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", start, "chat", "--org", "vara", "--language", "en"],
        stdin=slave, stdout=slave, stderr=slave,
        env={**os.environ, "SOMEGUIDE_DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}", "COLUMNS": "200"},
    )  # fmt: skip
    os.close(slave)
    try:
        assert "\n> " in _read_until(master, "\n> ")
        os.write(master, b"thanks\n")
        assert say(Language.EN, "thanks") in _read_until(master, say(Language.EN, "thanks"))
        os.write(master, b"\x03")
        assert say(Language.EN, "bye") in _read_until(master, say(Language.EN, "bye"), 10)
        assert process.wait(10) == 0
    finally:
        process.kill()
        os.close(master)

"""The commands of filing, as an operator runs them."""

from __future__ import annotations

import asyncio
import csv
import fcntl
import io
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import structlog
import yaml
from typer.testing import CliRunner, Result

from bot.__main__ import app
from bot.channels import Gone
from bot.organisations import Organisations
from bot.store.tables import outbox
from tests.filing_town import ORG, Town

Run = Callable[..., Result]
ROOT = Path(__file__).parents[3]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command over the test's own database."""
    monkeypatch.setenv("SOMEGUIDE_DATABASE_URL", f"sqlite:///{tmp_path / 'cli.db'}")

    def run(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(app, list(words))
        structlog.reset_defaults()  # the command's log goes to a stream that is closed now
        assert result.exit_code == code, (result.stdout, result.stderr, result.exception)
        return result

    return run


@pytest.fixture
def live(organisations: Organisations, tmp_path: Path) -> Callable[[Callable[[Town], Coroutine[Any, Any, Any]]], Any]:
    """Lets a town do something in the same database."""

    def live(work: Callable[[Town], Coroutine[Any, Any, Any]]) -> Any:
        async def inside() -> Any:
            async with Town.open(organisations, f"sqlite:///{tmp_path / 'cli.db'}") as town:
                done = await work(town)
                await town.deliver()
                return done

        return asyncio.run(inside())

    return live


def test_requests(run: Run, live: Any, tmp_path: Path) -> None:
    async def work(town: Town) -> str:
        reference = await town.filed(unit="[bold]Åkerby[/bold] \x1b[31m")
        await town.review("chat:rita", reference, "return", reason="2: vilken?\nMer.")
        return reference

    reference = live(work)
    listed = run("requests", "list", "--org", ORG).stdout
    assert reference in listed
    assert "[bold]Åkerby[/bold]" in listed
    assert "\x1b" not in listed
    assert run("requests", "list", "--state", "approved").stdout.count("NYK") == 0
    assert json.loads(run("requests", "list", "--json").stdout)[0]["state"] == "returned"
    assert "unknown state" in run("requests", "list", "--state", "x", code=2).stderr
    shown = run("requests", "show", reference.lower(), "--language", "en").stdout
    for word in ("Rita sent it back", "Maria agreed as manager", "Anna filed version 1", "vilken?"):
        assert word in shown
    for form in ("pdf", "html", "md", "json"):
        target = tmp_path / f"out.{form}"
        run("requests", "export", reference, "--format", form, "--output", str(target))
        assert target.stat().st_size > 1000
    data = json.loads(run("requests", "export", reference, "--format", "json").stdout)
    assert [step["act"] for step in data["history"]] == ["submit-to-manager", "agree", "note", "return"]
    assert data["sources"]
    assert "there is no request" in run("requests", "show", "NYK-2026-0009", code=2).stderr
    assert "unknown format" in run("requests", "export", reference, "--format", "doc", code=2).stderr
    assert "unknown language" in run("requests", "show", reference, "--language", "de", code=2).stderr
    assert "unknown organisation" in run("requests", "list", "--org", "nowhere", code=2).stderr


def test_register(run: Run, tmp_path: Path) -> None:
    assert "@aanekoskenkaupunki" in run("register", "list", "--org", "aanekoski").stdout
    assert "@aanekoskenkaupunki" in run("register", "show", "aanekoskenkaupunki", "--org", "aanekoski").stdout
    assert "no account" in run("register", "show", "zzz", "--org", "aanekoski", code=2).stderr
    exported = run("register", "export", "--org", "aanekoski").stdout.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(exported, newline="")))
    assert "'@aanekoskenkaupunki" in {row["name"] for row in rows}
    file = tmp_path / "accounts.csv"
    file.write_text(exported.replace("Kaupungin päätili", "Viestintä"), encoding="utf-8")
    assert "5 account(s) imported" in run("register", "import", str(file), "--org", "aanekoski").stdout
    data = json.loads(run("register", "export", "--org", "aanekoski", "--format", "json").stdout)
    assert {row["unit"] for row in data} == {"Viestintä"}
    assert len(data) == 5
    bad = tmp_path / "bad.csv"
    bad.write_text("platform,name\nFacebook,new\nFacebook,\n", encoding="utf-8")
    told = run("register", "import", str(bad), "--org", "aanekoski", code=1).stderr
    assert "nothing was imported" in told
    assert "line 3: name is missing" in told
    assert len(json.loads(run("register", "export", "--org", "aanekoski", "--format", "json").stdout)) == 5
    page = run("register", "export", "--org", "aanekoski", "--format", "html", "--language", "fi").stdout
    assert '<html lang="fi">' in page
    assert "unknown format" in run("register", "export", "--org", "vara", "--format", "xls", code=2).stderr
    wrong = run("register", "export", "--org", "vara", "--format", "html", "--language", "de", code=2)
    assert "unknown language 'de'" in wrong.stderr
    assert "cannot read" in run("register", "import", str(tmp_path / "none.csv"), "--org", "vara", code=2).stderr


def test_an_import_keeps_what_the_file_does_not_say(run: Run, live: Any, tmp_path: Path) -> None:
    async def work(town: Town) -> str:
        responsible = {"id": "chat:kalle", "name": "Kalle Karlsson"}
        reference = await town.filed(
            platform="instagram", unit="Badet", account_name="Nykvarns simhall", responsible=responsible
        )
        await town.review("chat:rita", reference, "approve")
        return reference

    def register() -> list[dict[str, str]]:
        data: list[dict[str, str]] = json.loads(run("register", "export", "--org", ORG, "--format", "json").stdout)
        return data

    reference = live(work)
    before = register()
    assert before[0]["source"] == reference
    file = tmp_path / "accounts.csv"
    for text in (
        "platform,name\nInstagram,Nykvarns simhall\n",
        run("register", "export", "--org", ORG).stdout,
    ):
        file.write_text(text, encoding="utf-8")
        run("register", "import", str(file), "--org", ORG)
        assert register() == before
    file.write_text("platform,name,unit\nInstagram,Nykvarns simhall,Simhallen\n", encoding="utf-8")
    run("register", "import", str(file), "--org", ORG)
    assert register() == [before[0] | {"unit": "Simhallen"}]


def test_a_platform_is_called_one_thing(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text("platform,name\nInsta,x\ninstagram,y\nInstagrm,z\nfejjan,å\nMastodon,ä\n", encoding="utf-8")
    told = run("register", "import", str(file), "--org", "hango", code=1).stderr
    for line, written, right in (
        (2, "Insta", "Instagram"),
        (3, "instagram", "Instagram"),
        (4, "Instagrm", "Instagram"),
        (5, "fejjan", "Facebook"),
    ):
        assert f"line {line}: platform {written!r} is called {right!r} here" in told
    assert "Mastodon" not in told, "a platform of its own"
    file.write_text("platform,name\nInstagram,x\nMastodon,ä\n", encoding="utf-8")
    run("register", "import", str(file), "--org", "hango")
    assert "Mastodon" in run("register", "list", "--org", "hango").stdout


def test_an_account_is_shown_by_its_unit_too(run: Run) -> None:
    for unit in ("biblioteket", "kirjasto", "Library"):
        shown = run("register", "show", "--org", "kyrkslatt", unit).stdout
        assert "KirkkonummiLib" in shown
        assert "@kirkkonummenkirjasto" in shown
        assert "source: kyrkslatt/kanaler-biblioteket" in shown
        assert "{" not in shown, "for people"
    listed = json.loads(run("register", "show", "--org", "kyrkslatt", "biblioteket", "--json").stdout)
    assert {row["platform"] for row in listed} == {"Facebook", "Instagram"}


def test_the_list_for_the_website_has_the_organisations_day(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    late = datetime(2026, 11, 21, 22, 30, tzinfo=UTC).timestamp()
    monkeypatch.setattr(time, "time", lambda: late)
    for org, day in (("hango", "22.11.2026"), ("nykvarn", "21.11.2026")):
        assert day in run("register", "export", "--org", org, "--format", "html").stdout


def test_what_cannot_be_written_is_said_in_a_sentence(run: Run, live: Any, tmp_path: Path) -> None:
    reference = live(lambda town: town.filed())
    nowhere = tmp_path / "no" / "such" / "folder"
    for words in (
        ("requests", "export", reference, "--output", str(nowhere / "x.pdf")),
        ("register", "export", "--org", ORG, "--output", str(nowhere / "x.csv")),
        ("register", "export", "--org", ORG, "--output", str(tmp_path)),
        ("teams", "package", "--app-id", str(UUID(int=1)), "--domain", "x.example", "--out", str(nowhere / "x.zip")),
    ):
        told = run(*words, code=2).stderr
        assert told.startswith(f"cannot write {words[-1]}: "), told
        assert len(told.splitlines()) == 1
    for command in ("web", "serve"):
        assert "--port" in run(command, "--port", "99999", code=2).stderr


def in_a_terminal(tmp_path: Path, *words: str) -> list[str]:
    """The lines that a command shows in a terminal of 80 columns."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")} | {"TERM": "xterm"}
    environment["SOMEGUIDE_DATABASE_URL"] = f"sqlite:///{tmp_path / 'cli.db'}"
    with subprocess.Popen(
        [sys.executable, "-m", "bot", *words], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=follower
    ) as running:
        os.close(follower)
        shown = b""
        with suppress(OSError):  # the end, on Linux
            while more := os.read(leader, 4096):
                shown += more
        os.close(leader)
    assert running.returncode == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).splitlines()


def test_lists_in_a_terminal_of_80_columns(live: Any, tmp_path: Path) -> None:
    long = "Enheten för kultur, fritid och alldeles ovanligt långa namn som inte får plats på en enda rad"

    async def work(town: Town) -> str:
        town.platform.faults = lambda place, outgoing: Gone("the app was uninstalled, and " + "so on " * 20)
        reference = await town.filed(unit=long, account_name=long)
        await town.review("chat:rita", reference, "approve")
        return reference

    reference = live(work)
    for words, needed in (
        (("requests", "list"), [reference, "approved", long, "open-account"]),
        (("register", "list", "--org", ORG), [long, "Kalle Karlsson", "opened: "]),
        (("outbox",), [reference, "parked", "so on so on", "decision to chat"]),
    ):
        lines = in_a_terminal(tmp_path, *words)
        assert max(len(line) for line in lines) <= 80, words
        whole = " ".join(" ".join(lines).split())
        for needed_word in needed:
            for word in needed_word.split():
                assert word in whole, (words, word)
        assert "…" not in whole, "nothing is cut"


def test_questions_and_handovers(run: Run, live: Any) -> None:
    async def work(town: Town) -> None:
        await town.said("chat:anna", "Vem lagar kaffemaskinen på tredje våningen?")
        await town.said("chat:anna", choice="ho:ask")
        await town.said("chat:rita", choice="ho:1:answer", where="chat:review", reason="Nej.")
        await town.said("chat:rita", choice="ho:1:draft", where="chat:review")

    live(work)
    listed = run("questions", "--org", ORG).stdout
    assert "kaffemaskinen" in listed
    assert "Anna" not in listed
    found = json.loads(run("questions", "--json").stdout)
    drafted = next(q for q in found if q["state"] == "drafted")
    topics, guidance = yaml.safe_load_all(run("questions", "--draft", str(drafted["id"])).stdout)
    assert topics["topics"][0]["id"] == guidance["guidance"][0]["topic"]
    assert guidance["guidance"][0]["text"]["sv"] == "Nej."
    assert "no question 99" in run("questions", "--draft", "99", code=2).stderr
    shown = run("handovers").stdout
    assert "answered" in shown or "drafted" in shown
    assert "Anna" not in shown


def test_outbox_and_reconcile(run: Run, live: Any) -> None:
    assert "0 difference(s)" in run("reconcile").stdout

    async def work(town: Town) -> int:
        town.platform.faults = lambda place, outgoing: Gone("blocked") if place == "chat:anna" else None
        await town.filed()
        await town.deliver()
        (row,) = await town.rows(outbox.c.state == "parked", outbox.c.purpose == "decision")
        return int(row.id)

    number = live(work)
    shown = run("outbox", "--org", ORG).stdout
    assert "Gone: blocked" in shown
    assert "Anna" not in shown
    assert "has agreed" not in shown
    run("reconcile")
    run("outbox", "--retry", str(number))
    assert "1 difference(s)" in run("reconcile", "--org", ORG, code=1).stdout
    assert "no parked message" in run("outbox", "--retry", "99999", code=2).stderr

    async def later(town: Town) -> None:
        town.clock.now = time.time() + 1
        await town.deliver()

    live(later)
    assert "0 difference(s)" in run("reconcile").stdout

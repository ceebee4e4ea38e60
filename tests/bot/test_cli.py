"""The command line: what it prints, and how it says what is wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

import bot.__main__ as main
from bot.organisations import Organisations
from knowledge.loader import FOLDER


@pytest.fixture(autouse=True)
def _opened(organisations: Organisations, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "_organisations", lambda: organisations)


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main.app, list(arguments), input=stdin)


def test_ask_as_json() -> None:
    result = run("ask", "Saanko julkaista kuvan lapsesta?", "--org", "aanekoski", "--json")
    assert result.exit_code == 0
    (line,) = result.stdout.splitlines()
    data = json.loads(line)
    assert list(data) == [
        *("id", "org", "language", "question", "kind", "topic", "flow", "confidence"),
        *("verdict", "text", "sources", "contact", "choices"),
    ]
    assert (data["id"], data["org"], data["language"], data["kind"]) == (None, "aanekoski", "fi", "answer")
    assert data["question"] == "Saanko julkaista kuvan lapsesta?"
    assert data["verdict"] in ("no", "conditional")
    assert 0 <= data["confidence"] <= 1
    assert {frozenset(s) for s in data["sources"]} == {frozenset({"document", "section", "passage"})}
    assert "ä" in line, "no \\u escapes: a person reads it too"


def test_ask_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "4000")  # narrower, a script's output is cut at the right edge
    result = run("ask", "Keneltä kysyn?", "--org", "aanekoski")
    assert result.exit_code == 0
    assert "suvi.kallioinen@aanekoski.fi" in result.stdout
    assert "[aanekoski/" in result.stdout


def test_ask_a_file_keeps_the_order_and_goes_on_after_bad_lines(tmp_path: Path) -> None:
    lines = [
        '{"id": 7, "org": "vara", "question": "hjälp"}',
        "no JSON",
        "",
        '["a list"]',
        '{"id": "b", "question": "apua"}',
        '{"id": "c", "org": "nowhere", "question": "hej"}',
        '{"id": "d", "language": "de", "question": "hallo"}',
        '{"id": "e", "question": 5}',
        '{"id": "f", "org": ["vara"], "question": "hej"}',
        '{"id": "g", "question": "", "language": "en"}',
    ]
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    result = run("ask", "--file", str(path), "--org", "aanekoski")
    assert result.exit_code == 0
    data = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(data) == 9
    assert [d.get("error", "").split(":")[0] for d in data] == [
        *("", "line 2", "line 4", "", "line 6", "line 7", "line 8", "line 9", "")
    ]
    assert (data[0]["id"], data[0]["org"], data[0]["language"], data[0]["kind"]) == (7, "vara", "sv", "help")
    assert (data[3]["id"], data[3]["org"], data[3]["language"]) == ("b", "aanekoski", "fi")
    assert "known are: aanekoski" in data[4]["error"]
    assert "known are: sv, fi, en" in data[5]["error"]
    assert data[8]["text"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask", "hej", "--org", "nowhere"], "unknown organisation 'nowhere'; known are: aanekoski, hango"),
        (["ask", "hej", "--org", "vara", "--language", "de"], "unknown language 'de'; known are: sv, fi, en"),
        (["ask", "hej"], "give --org; known are: aanekoski, hango"),
        (["ask", "--org", "vara"], "give a question or --file"),
        (["ask", "hej", "--file", "x", "--org", "vara"], "give a question or --file"),
        (["ask", "--file", "/no/such/file"], "cannot read /no/such/file"),
        (["ask", "--file", "/"], "cannot read /"),
        (["explain", "hej", "--org", "nowhere"], "unknown organisation 'nowhere'; known are: aanekoski"),
        (["chat", "--org", "nowhere"], "unknown organisation 'nowhere'; known are: aanekoski"),
        (["topics", "--org", "nowhere"], "unknown organisation 'nowhere'; known are: aanekoski"),
        (["check", "--org", "nowhere"], "unknown organisation 'nowhere'; known are: aanekoski"),
        (["evaluate", "/no/such/file"], "cannot read /no/such/file"),
    ],
)
def test_errors_are_a_sentence_and_exit_2(arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_topics_as_a_matrix(organisations: Organisations) -> None:
    result = run("topics", "--matrix", "--json")
    assert result.exit_code == 0
    table = json.loads(result.stdout)
    assert table["photo-children"]["aanekoski"] == "answered"
    assert table["photo-children"]["vara"] == "silent"
    assert {state for row in table.values() for state in row.values()} == {"answered", "silent"}
    assert set(table["photo-children"]) == set(organisations.ids)
    own = organisations.knowledge("aanekoski").own_topics
    assert all(
        set(table[topic]) == {"aanekoski"} for topic in own if topic not in organisations.knowledge("vara").topics
    )


def test_topics_as_a_table(organisations: Organisations) -> None:
    result = run("topics", "--org", "vara")
    assert result.exit_code == 0
    assert "photo-children" in result.stdout
    assert "answered" in result.stdout


def test_explain() -> None:
    result = run("explain", "Saanko julkaista kuvan lapsesta?", "--org", "aanekoski")
    assert result.exit_code == 0
    for said in ("read as    Saanko julkaista", "language   fi", "word       lapsesta", "photo-children", "thresholds"):
        assert said in result.stdout
    assert result.stdout.splitlines()[-1].startswith("decision   answer")


@pytest.mark.parametrize("question", ["", "😀", "<b>"])
def test_explain_of_nothing(question: str) -> None:
    result = run("explain", question, "--org", "vara")
    assert result.exit_code == 0
    assert "decision   handover" in result.stdout


def test_check_one_organisation() -> None:
    result = run("check", "--org", "hango", "--fast")
    assert result.exit_code == 0
    assert "The knowledge is in order." in result.stdout


def test_evaluate(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    asked = {"id": "a", "org": "vara", "language": "sv", "question": "hjälp", "expect": "abstain", "style": "short"}
    path.write_text(json.dumps(asked), encoding="utf-8")
    result = run("evaluate", str(path), "--json", "--failures")
    assert result.exit_code == 0
    data = json.loads(result.stdout)
    assert data["groups"]["all"]["out of scope"] == 1
    assert data["failures"] == []
    path.write_text("no JSON", encoding="utf-8")
    assert run("evaluate", str(path)).exit_code == 2


def test_build_and_chat() -> None:
    built = run("build")
    assert built.exit_code == 0
    assert "vara: " in built.stdout
    talked = run("chat", "--org", "vara", stdin="tack\n")
    assert talked.exit_code == 0
    assert len(talked.stdout.splitlines()) > 3


def test_an_unfinished_organisation_leaves_the_others_their_matrix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("common", "hango"):
        shutil.copytree(FOLDER / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "nyby").mkdir()
    text = (FOLDER / "hango" / "organisation.yaml").read_text(encoding="utf-8")
    (tmp_path / "nyby" / "organisation.yaml").write_text(
        text.replace("id: hango", "id: nyby").replace("reference: HAN", "reference: NYBY"), encoding="utf-8"
    )
    monkeypatch.setenv("SOMEGUIDE_KNOWLEDGE_DIR", str(tmp_path))
    result = run("topics", "--matrix")
    assert "hango" in result.stdout
    assert "nyby" not in result.stdout
    assert "nyby is left out" in result.stderr
    assert "nyby/documents.yaml:1: the file is missing" in result.stderr
    assert result.exit_code == 0
    alone = run("topics", "--org", "nyby")
    assert alone.exit_code == 2
    assert "documents.yaml:1: the file is missing" in alone.stderr


def test_asking_a_question_loads_neither_the_database_nor_what_builds_indexes() -> None:
    """A third of a second of a cold `someguide ask` was their loading."""
    loaded = "import sys, bot.__main__, bot.ask; print(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", loaded], check=True, capture_output=True, text=True).stdout.split()
    assert {"bot.ask", "numpy"} <= set(names)
    assert not {"sqlalchemy", "alembic", "sklearn", "scipy", "aiohttp"} & set(names)

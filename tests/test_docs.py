"""The documentation says what is there: commands, settings, files, fields, links; and its recipe works."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer.main
import yaml
from prometheus_client import Counter
from prometheus_client.metrics import MetricWrapperBase
from pydantic import BaseModel, SecretStr
from typer.testing import CliRunner

import bot.__main__ as main
import knowledge.flows as flows
import knowledge.models as models
from bot import metrics
from bot.commands import change_asked, command, starts_flow
from bot.organisations import Organisations
from bot.settings import Settings
from knowledge import loader

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
ADMINISTRATOR = ROOT / "docs" / "administrator.md"
COMMUNICATIONS = ROOT / "docs" / "communications.md"
DEVELOPER = ROOT / "docs" / "developer.md"
EMPLOYEE = ROOT / "docs" / "employee.md"
SOMEGUIDE = re.compile(r"^(?:\.venv/bin/)?someguide$")
PLACEHOLDER = re.compile(r"…|<[^>]*>|\b[A-Z]{3,}\b")


class Block(NamedTuple):
    """A fenced block, or a single line of one."""

    page: str
    line: int
    kind: str
    text: str


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, without the indentation of the list they may stand in."""
    found: Block | None = None
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip().startswith("```"):
            if found:
                yield found._replace(text=textwrap.dedent(found.text))
            found = None if found else Block(page.name, number + 1, line.strip(" `"), "")
        elif found:
            found = found._replace(text=f"{found.text}{line}\n")
    assert found is None, f"{page.name}: a block is not closed"


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def tables(page: Path) -> Iterator[list[list[str]]]:
    """The tables of a page, the heading row first."""
    for table in re.findall(r"(?:^\|.*\|\n)+", prose(page), re.MULTILINE):
        rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()]
        assert len({len(row) for row in rows}) == 1, f"{page.name}: the rows under {rows[0]} differ in length"
        yield [rows[0], *rows[2:]]


def code(cell: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)


# -- commands --------------------------------------------------------------------------------------------------------


def commands() -> Iterator[Block]:
    """Every someguide command of the documentation: in blocks for the shell, and in backticks."""
    for page in PAGES:
        for block in blocks(page):
            if block.kind in ("sh", "console", "bash"):
                joined = block.text.replace("\\\n", " ")
                for number, line in enumerate(joined.splitlines()):
                    words = [w for w in shlex.split(line, comments=True) if not re.match(r"^[A-Z_]+=", w)]
                    if words and SOMEGUIDE.match(words[0]):
                        yield Block(page.name, block.line + number, "block", shlex.join(words[1:]))
        for found in re.finditer(r"`((?:\.venv/bin/)?someguide [^`]+)`", prose(page)):
            yield Block(page.name, 0, "inline", shlex.join(shlex.split(found[1])[1:]))


def leaf(words: list[str]) -> tuple[Any, list[str]]:
    """The command that words name, and what is left for it."""
    found: Any = typer.main.get_command(main.app)
    while hasattr(found, "commands") and words and words[0] in found.commands:
        found, words = found.commands[words[0]], words[1:]
    return found, words


COMMANDS = sorted({b.text: b for b in commands()}.values())


@pytest.mark.parametrize("written", COMMANDS, ids=lambda b: f"{b.page}:{b.text}")
def test_every_command_exists_with_its_options(written: Block) -> None:
    words = shlex.split(written.text)
    found, rest = leaf(words)
    assert not hasattr(found, "commands") or not rest, f"there is no someguide {written.text}"
    options = {name for parameter in found.params for name in (*parameter.opts, *parameter.secondary_opts)}
    for word in rest:
        if word.startswith("--"):
            assert word.split("=")[0] in options, f"{word} is no option of someguide {written.text}"
    if written.kind == "block" and not PLACEHOLDER.search(written.text) and not hasattr(found, "commands"):
        found.make_context(found.name, list(rest))  # raises where an argument is missing or none is taken


HARMLESS = {"ask", "topics", "explain", "check"}


@pytest.mark.parametrize(
    "written",
    [b for b in COMMANDS if b.kind == "block" and b.text.split()[0] in HARMLESS and "nyby" not in b.text],
    ids=lambda b: b.text,
)
def test_harmless_commands_run(
    written: Block, organisations: Organisations, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    words = shlex.split(written.text)
    if words[0] == "check" and "--fast" not in words:
        pytest.skip("takes its time; `make test` runs it")
    monkeypatch.setattr(main, "_organisations", lambda: organisations)
    if "--file" in words:
        (tmp_path / "questions.jsonl").write_text('{"question": "hej", "org": "vara"}\n', encoding="utf-8")
        monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main.app, words)
    assert result.exit_code == 0, result.output
    assert result.stdout.strip()


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        named = set(re.findall(r"(?:^ {4}|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
        for block in blocks(page):
            named |= set(re.findall(r"^make ([a-z-]+)", block.text, re.MULTILINE))
        assert named <= targets, f"{page.name}: make {sorted(named - targets)}"


# -- settings --------------------------------------------------------------------------------------------------------

PREFIX = "SOMEGUIDE_"
OF_THE_MACHINE = {"knowledge_dir", "cache_dir", "database_url"}
"""Their defaults are folders, which differ from machine to machine."""


def settings_rows() -> dict[str, list[str]]:
    """The rows of the settings tables, by the setting's name."""
    found: dict[str, list[str]] = {}
    for head, *rows in tables(ADMINISTRATOR):
        if head[0] == "Setting":
            for row in rows:
                (name,) = code(row[0])
                assert name not in found, f"{name} stands twice"
                found[name] = row
    return found


def nested() -> dict[str, type[BaseModel]]:
    """The settings, and the keys within them, that hold objects, with the objects' model."""
    found = {}
    pending: list[tuple[str, type[BaseModel]]] = [(PREFIX, Settings)]
    while pending:
        prefix, model = pending.pop()
        for name, field in model.model_fields.items():
            for part in typing.get_args(field.annotation):
                if isinstance(part, type) and issubclass(part, BaseModel):
                    key = f"{prefix}{name.upper()}" if prefix else name
                    found[key] = part
                    pending.append(("", part))
    return found


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    real = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    rows = settings_rows()
    assert set(rows) == real
    assert all(len(row) == 3 and len(row[2]) > 10 for row in rows.values()), "each has a default and a meaning"


@pytest.mark.parametrize("name", sorted(set(Settings.model_fields) - OF_THE_MACHINE))
def test_the_documented_default_is_the_real_one(name: str) -> None:
    default: Any = Settings.model_fields[name].get_default()
    default = default.get_secret_value() if isinstance(default, SecretStr) else default
    shown = code(settings_rows()[f"{PREFIX}{name.upper()}"][1])
    wanted = default if isinstance(default, str) else json.dumps(default)
    assert shown == ([wanted] if default or default is False else [])


def test_settings_within_settings_are_documented() -> None:
    documented = {}
    for head, *rows in tables(ADMINISTRATOR):
        if head[0].startswith("Key in"):
            (name,) = code(head[0])
            documented[name] = {key for row in rows for key in code(row[0])}
            assert all(row[-1] for row in rows)
    assert documented == {name: set(model.model_fields) for name, model in nested().items()}


def test_no_page_names_a_setting_that_does_not_exist() -> None:
    real = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    for page in PAGES:
        named = {found.rstrip("_") for found in re.findall(r"SOMEGUIDE_[A-Z_]+", page.read_text(encoding="utf-8"))}
        assert named - real == set(), page.name


def test_documented_figures_exist() -> None:
    real = set()
    for collector in vars(metrics).values():
        if isinstance(collector, MetricWrapperBase):
            (family,) = collector.describe()
            real.add(f"{family.name}_total" if isinstance(collector, Counter) else family.name)
    named = set(re.findall(r"`(someguide_\w+)`", ADMINISTRATOR.read_text(encoding="utf-8")))
    assert named <= real


# -- links, files, words ---------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as web pages of repositories make them."""
    heads = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_relative_link_resolves(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"^[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path) if path else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_named_file_exists(page: Path) -> None:
    rooms = ("bot/", "adapters/", "knowledge/", "tests/", "docs/", ".ci/")
    for named in code(prose(page)):
        if named.startswith(rooms) and not PLACEHOLDER.search(named) and " " not in named and "nyby" not in named:
            assert list(ROOT.glob(named.rstrip("/"))), named


def test_the_words_of_the_employees_page_are_understood() -> None:
    (table,) = (t for t in tables(EMPLOYEE) if t[0][:3] == ["Swedish", "Finnish", "English"])
    for row in table[1:]:
        understood = [command(phrase) or change_asked(phrase) for cell in row[:3] for phrase in code(cell)]
        assert len(understood) == 3, row
        assert all(understood), row


def test_the_phrases_of_the_employees_page_start_a_dialogue() -> None:
    known = [loader.load(org) for org in loader.organisations()]
    (table,) = (t for t in tables(EMPLOYEE) if t[0][0] == "Write for example")
    for row in table[1:]:
        for phrase in code(row[0]):
            assert any(starts_flow(phrase, k.flows.values()) for k in known), phrase


# -- the knowledge's fields, and the recipe for a sixth municipality -------------------------------------------------

FIELDS: dict[str, tuple[type[BaseModel], set[str]]] = {
    "guidance": (models.Guidance, set()),
    "a topic": (models.Topic, set()),
    "an organisation": (models.Organisation, set()),
    "a contact": (models.Contact, set()),
    "a document": (models.Document, set()),
    "a flow": (flows.Flow, set()),
    "a step": (flows.Step, {"use", "only"}),  # what `knowledge.flows.expanded` understands beside the model's fields
    "an outcome": (flows.Outcome, set()),
}
WITHIN: dict[str, type[BaseModel]] = {
    "`accounts`: an organisation": models.Account,
    "`links`: an organisation": models.Link,
    "`not_used`: an organisation": models.NotUsed,
    "`sections`: a document": models.Section,
    "`sections`: a flow": flows.FlowSection,
    "`urgent`: a flow": flows.Urgent,
    "`accounts`: a flow": flows.SameAccount,
    "`options`: a step": flows.StepOption,
}


def field_tables() -> dict[str, list[list[str]]]:
    """The tables of fields, by what they are fields of."""
    found = {}
    for head, *rows in tables(COMMUNICATIONS):
        if head[0].startswith("Field of "):
            found[head[0].removeprefix("Field of ")] = rows
    return found


def test_every_field_of_the_knowledge_is_documented() -> None:
    documented = field_tables()
    assert set(documented) == set(FIELDS)
    for what, (model, more) in FIELDS.items():
        assert [code(row[0])[0] for row in documented[what]] != [], what
        assert {code(row[0])[0] for row in documented[what]} == set(model.model_fields) | more, what
    for place, model in WITHIN.items():
        name, what = place.split(": ")
        (row,) = (row for row in documented[what] if row[0] == name)
        assert set(code(row[1])) <= set(model.model_fields), place
        assert set(code(row[1])) >= {n for n, f in model.model_fields.items() if f.is_required()} - {"passages"}, place


def examples() -> dict[str, str]:
    """The files that the communications page writes out, by their path."""
    found = {}
    for block in blocks(COMMUNICATIONS):
        first = block.text.splitlines()[0] if block.text else ""
        if block.kind == "yaml" and first.startswith("# knowledge/"):
            assert first not in found, f"{first} stands twice"
            found[first.removeprefix("# knowledge/")] = block.text
    return found


def someguide(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a command on a knowledge folder, as a person would: on words alone, with a cache of its own."""
    mine = {"KNOWLEDGE_DIR": folder / "knowledge", "CACHE_DIR": folder / "cache", "SEMANTIC": "false"}
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment |= {f"{PREFIX}{name}": str(value) for name, value in mine.items()}
    environment |= {"COLUMNS": "400", "PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT)}
    arguments = [sys.executable, "-m", "bot", *words]
    return subprocess.run(
        arguments, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=120, check=False
    )


def test_the_recipe_for_a_sixth_municipality(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    written = examples()
    assert {"nyby/organisation.yaml", "nyby/documents.yaml", "nyby/guidance/first.yaml"} <= set(written)
    for name, text in written.items():
        path = tmp_path / "knowledge" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    asked = []
    for line in (b.text for b in COMMANDS if "nyby" in b.text and b.kind == "block"):
        result = someguide(*shlex.split(line), folder=tmp_path)
        assert result.returncode == 0, result.stdout + result.stderr
        if line.startswith("check"):
            assert "The knowledge is in order." in result.stdout
            assert " 0 own topics" not in result.stdout
        if line.startswith("ask"):
            asked.append(result.stdout)
    assert len(asked) == 3
    told = "\n".join(asked)
    assert "vårdnadshavarens skriftliga samtycke" in told
    assert "if the communications unit has agreed first" in told
    assert "avgör inte den här frågan" in told, "the last question is one that the guideline is silent on"


def test_a_forgotten_passage_is_told(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "knowledge" / "common", tmp_path / "knowledge" / "common")
    for name, text in examples().items():
        path = tmp_path / "knowledge" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(", nyby/bilder-4]", "]") if "guidance" in name else text, encoding="utf-8")
    result = someguide("check", "--org", "nyby", "--fast", folder=tmp_path)
    assert result.returncode == 1
    assert "nothing rests on nyby/bilder-4" in result.stdout


def test_the_conditions_of_the_communications_page_are_understood() -> None:
    (table,) = (t for t in tables(COMMUNICATIONS) if t[0][0] == "Condition")
    for row in table[1:]:
        (written,) = code(row[0])
        condition = flows.Condition.model_validate(yaml.safe_load(written))
        assert condition.steps() <= {"people", "written"}
        assert condition.steps()


def test_the_step_types_of_the_communications_page_are_all() -> None:
    (row,) = (row for row in field_tables()["a step"] if code(row[0]) == ["type"])
    assert set(code(row[1])) == set(flows.StepType)

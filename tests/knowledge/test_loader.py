"""Reading and checking the knowledge: what is wrong is said with file, line, field and what would be right."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from knowledge.check import check
from knowledge.loader import FOLDER, KnowledgeError, Problem, UnknownOrganisation, load
from knowledge.models import Guidance, Verdict

ORG = "hango"
IMAGES = f"{ORG}/guidance/images.yaml"
TODAY = date(2026, 6, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the knowledge of one organisation and of the common part, to break."""
    for name in ("common", ORG):
        shutil.copytree(FOLDER / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


Break = Callable[[str, str, str], int]


@pytest.fixture
def change(folder: Path) -> Break:
    """Replaces the first occurrence of a text in a file, and returns the line it stands on."""

    def changed(file: str, old: str, new: str) -> int:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    return changed


def problems(folder: Path) -> list[Problem]:
    with pytest.raises(KnowledgeError) as caught:
        load(ORG, folder)
    assert str(caught.value) == "\n".join(str(p) for p in caught.value.problems)
    return caught.value.problems


def checked(folder: Path) -> list[Problem]:
    return check(load(ORG, folder), TODAY).errors


def test_the_copy_is_in_order(folder: Path) -> None:
    assert checked(folder) == []


def test_an_unknown_field(folder: Path, change: Break) -> None:
    line = change(IMAGES, "    verdict: conditional\n", "    verdikt: conditional\n")
    (problem,) = problems(folder)
    assert (problem.file, problem.line) == (IMAGES, line)
    assert "verdikt" in problem.message
    assert "no such field" in problem.message


def test_a_missing_field(folder: Path, change: Break) -> None:
    change(IMAGES, "owner: communications\n", "")
    (problem,) = problems(folder)
    assert problem.file == IMAGES
    assert problem.message.startswith("owner: ")
    assert "add it" in problem.message


def test_a_missing_field_deep_inside(folder: Path) -> None:
    path = folder / IMAGES
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if line.startswith("    contact:"))
    entry = max(i for i in range(at) if lines[i].startswith("  - topic:")) + 1
    del lines[at]
    path.write_text("".join(lines), encoding="utf-8")
    (problem,) = problems(folder)
    assert (problem.file, problem.line) == (IMAGES, entry)
    assert "contact" in problem.message


def test_a_wrong_value_names_what_is_allowed(folder: Path, change: Break) -> None:
    line = change(IMAGES, "verdict: conditional", "verdict: perhaps")
    (problem,) = problems(folder)
    assert (problem.file, problem.line) == (IMAGES, line)
    assert "conditional" in problem.message
    assert "perhaps" in problem.message


def test_a_duplicate_key(folder: Path, change: Break) -> None:
    line = change(IMAGES, "    verdict: conditional\n", "    verdict: conditional\n    verdict: conditional\n")
    (problem,) = problems(folder)
    assert (problem.file, problem.line) == (IMAGES, line + 1)
    assert "'verdict' stands here twice" in problem.message


@pytest.mark.parametrize("broken", ["guidance: [\n", "\tguidance: x\n", "a: b: c\n", '"open\n'])
def test_bad_yaml(folder: Path, broken: str) -> None:
    (folder / IMAGES).write_text(f"owner: communications\n{broken}", encoding="utf-8")
    (problem,) = problems(folder)
    assert problem.file == IMAGES
    assert 1 <= problem.line <= 4
    assert "not readable as YAML" in problem.message


@pytest.mark.parametrize("content", ["", "just a sentence\n", "- a\n- b\n"])
def test_a_file_of_something_else(folder: Path, content: str) -> None:
    (folder / IMAGES).write_text(content, encoding="utf-8")
    (problem,) = problems(folder)
    assert (problem.file, problem.line) == (IMAGES, 1)


@pytest.mark.parametrize("name", ["documents.yaml"])
def test_a_missing_file(folder: Path, name: str) -> None:
    (folder / ORG / name).unlink()
    (problem,) = problems(folder)
    assert str(problem) == f"{ORG}/{name}:1: the file is missing"


def test_every_problem_is_told_at_once(folder: Path, change: Break) -> None:
    change(IMAGES, "    verdict: conditional\n", "    verdikt: conditional\n")
    change(f"{ORG}/documents.yaml", "documents:", "dokuments:")
    assert {p.file for p in problems(folder)} == {IMAGES, f"{ORG}/documents.yaml"}


def _first_topic(folder: Path) -> tuple[str, str]:
    text = (folder / "common/topics/images.yaml").read_text(encoding="utf-8")
    entry = text[text.index("topics:") :].split("\n  - id: ")[1]
    return entry.split("\n")[0].strip(), f"topics:\n  - id: {entry.rstrip()}\n"


def test_a_duplicate_topic(folder: Path) -> None:
    topic, content = _first_topic(folder)
    (folder / "common/topics/zz.yaml").write_text(content, encoding="utf-8")
    (problem,) = problems(folder)
    assert (problem.file, problem.line) == ("common/topics/zz.yaml", 2)
    assert f"{topic!r} stands twice" in problem.message
    assert "common/topics/images.yaml:" in problem.message


def test_guidance_twice_on_a_topic(folder: Path) -> None:
    shutil.copy(folder / IMAGES, folder / ORG / "guidance/zz.yaml")
    found = problems(folder)
    assert all(p.file == f"{ORG}/guidance/zz.yaml" and "stands twice" in p.message for p in found)
    assert all(IMAGES in p.message for p in found)


def _entry(folder: Path, field: str) -> tuple[str, int, str]:
    """The first line of guidance with a field, the line its entry begins on, and its topic."""
    lines = (folder / IMAGES).read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if line.lstrip(" -").startswith(f"{field}:") and line[0] == " ")
    entry = max(i for i in range(at + 1) if lines[i].startswith("  - topic:"))
    return lines[at], entry + 1, lines[entry].split(":")[1].strip()


def test_an_unknown_contact(folder: Path, change: Break) -> None:
    old, entry, topic = _entry(folder, "contact")
    change(IMAGES, old, "    contact: nobody\n")
    (problem,) = checked(folder)
    assert (problem.file, problem.line) == (IMAGES, entry)
    assert f"{topic}: 'nobody' is no contact; there are " in problem.message


def test_an_unknown_passage(folder: Path, change: Break) -> None:
    _, entry, _ = _entry(folder, "passages")
    change(IMAGES, "passages: [", f"passages: [{ORG}/no-such, ")
    found = [p for p in checked(folder) if "no-such" in p.message]
    assert [(p.file, p.line) for p in found] == [(IMAGES, entry)]
    assert "documents.yaml" in found[0].message


def test_an_unknown_topic(folder: Path, change: Break) -> None:
    old, entry, _ = _entry(folder, "topic")
    change(IMAGES, old, "  - topic: no-such\n")
    found = [p for p in checked(folder) if "'no-such'" in p.message]
    assert [(p.file, p.line) for p in found] == [(IMAGES, entry)]
    assert "there is no such topic" in found[0].message


def test_more_wordings_of_an_unknown_topic(folder: Path) -> None:
    path = folder / ORG / "topics-zz.yaml"
    path.write_text("more_wordings:\n  no-such:\n    sv: [vad gäller här]\n", encoding="utf-8")
    (problem,) = problems(folder)
    assert problem.file == f"{ORG}/topics-zz.yaml"
    assert "'no-such', which does not exist" in problem.message


def test_a_missing_language(folder: Path) -> None:
    path = folder / IMAGES
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    start = next(i for i, line in enumerate(lines) if line.startswith("      en:"))
    entry = max(i for i in range(start) if lines[i].startswith("  - topic:")) + 1
    end = start + 1
    while end < len(lines) and lines[end].startswith("        "):
        end += 1
    path.write_text("".join(lines[:start] + lines[end:]), encoding="utf-8")
    (problem,) = checked(folder)
    assert (problem.file, problem.line) == (IMAGES, entry)
    assert "the text is missing in en; write it" in problem.message


def test_a_passage_that_nothing_cites(folder: Path, change: Break) -> None:
    change(f"{ORG}/documents.yaml", "    passages:\n", f"    passages:\n    - {ORG}/quite-new\n")
    (problem,) = checked(folder)
    assert problem.file == f"{ORG}/organisation.yaml"
    assert f"nothing rests on {ORG}/quite-new" in problem.message
    assert "not_used" in problem.message


@pytest.mark.parametrize(("written", "meant"), [(True, Verdict.YES), (False, Verdict.NO), ("no", Verdict.NO)])
def test_a_bare_yes_or_no_is_the_word(written: object, meant: Verdict) -> None:
    data = {"topic": "a", "verdict": written, "passages": ["x/y-1"], "contact": "c", "text": {"sv": "Text."}}
    assert Guidance.model_validate(data).verdict is meant


def test_a_bare_no_in_a_file(folder: Path, change: Break) -> None:
    _, _, topic = _entry(folder, "verdict")
    change(IMAGES, "verdict: conditional", "verdict: no")
    assert load(ORG, folder).guidance[topic].verdict in (Verdict.NO, Verdict.CONDITIONAL)
    assert Verdict.NO in {g.verdict for g in load(ORG, folder).guidance.values()}


def test_an_unknown_organisation(folder: Path) -> None:
    with pytest.raises(UnknownOrganisation, match=f"unknown organisation 'nowhere'; known are: {ORG}$"):
        load("nowhere", folder)


@pytest.mark.parametrize("name", ["../hango", "", "HANGO", "common"])
def test_a_name_is_no_path(folder: Path, name: str) -> None:
    with pytest.raises(UnknownOrganisation):
        load(name, folder)


def test_an_overdue_review_is_a_warning(folder: Path) -> None:
    report = check(load(ORG, folder), date(2099, 1, 1))
    assert report.errors == []
    assert len(report.overdue) == len(load(ORG, folder).guidance)
    assert all("was to be reviewed by" in w.message for w in report.warnings if "reviewed" in w.message)


@pytest.mark.parametrize(
    ("old", "new", "right"),
    [
        (
            "review_by: ",
            "review_by: next year #",
            "must be a date: year-month-day, like 2027-12-31 (given: 'next year')",
        ),
        ("    verdict: conditional\n", "    verdict: maybe\n", "must be 'yes', 'no' or 'conditional' (given: 'maybe')"),
        ("owner: communications\n", "owner: [communications]\n", "owner: must be a text"),
        ("    verdict: conditional\n", "    silent: perhaps\n", "silent: must be true or false (given: 'perhaps')"),
        ("guidance:\n", "guidance: none\nold:\n", "guidance: must be a list"),
    ],
)
def test_what_would_be_right_is_said(folder: Path, change: Break, old: str, new: str, right: str) -> None:
    change(IMAGES, old, new)
    messages = [problem.message for problem in problems(folder)]
    assert any(right in message for message in messages), messages
    assert not [m for m in messages if "Input should" in m or "Value error" in m], messages

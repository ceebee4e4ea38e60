"""The outcome of one question, and the shares of a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.answering.evaluate import OUTCOMES, BadQuestions, Question, Table, evaluate, outcome, read_questions


def question(**fields: Any) -> Question:
    given: dict[str, Any] = {"passages": ("x/a-1", "x/a-2"), "must": ("samtyck|lov",), "must_not": (r"^ja\b",)}
    return Question("q", "x", "sv", "?", **(given | fields))


def reply(kind: str = "answer", passage: str = "x/a-1", text: str = "Med samtycke.", **fields: Any) -> dict[str, Any]:
    sources = [{"document": "D", "section": "S", "passage": passage}]
    return {"kind": kind, "topic": "t", "sources": sources, "text": text, "choices": [], **fields}


INSIDE, OUTSIDE = question(), question(expect="abstain", passages=())
RIGHT, OTHER = reply(), reply(passage="x/b-1")


@pytest.mark.parametrize(
    ("asked", "replied", "expected"),
    [
        (INSIDE, RIGHT, "right"),
        (INSIDE, reply(passage="x/a-2"), "right"),
        (INSIDE, reply(text="MED LOV."), "right"),
        (INSIDE, OTHER, "wrong"),
        (INSIDE, reply(sources=[]), "wrong"),
        (INSIDE, reply(text="Det går bra."), "wrong"),
        (INSIDE, reply(text="Ja, med samtycke."), "wrong"),
        (INSIDE, reply("choose", choices=[OTHER, RIGHT]), "offered"),
        (INSIDE, reply("choose", choices=[OTHER]), "wrong"),
        (INSIDE, reply("choose", choices=[]), "wrong"),
        (INSIDE, reply("silent"), "wrongly silent"),
        (INSIDE, reply("handover"), "wrongly silent"),
        (INSIDE, reply("help"), "wrongly silent"),
        (OUTSIDE, reply("silent"), "declined"),
        (OUTSIDE, reply("handover"), "declined"),
        (OUTSIDE, reply("help"), "declined"),
        (OUTSIDE, reply("choose"), "out-of-scope offered"),
        (OUTSIDE, RIGHT, "out-of-scope answered"),
    ],
)
def test_outcomes(asked: Question, replied: dict[str, Any], expected: str) -> None:
    assert expected in OUTCOMES
    assert outcome(asked, replied) == expected


def test_the_shares() -> None:
    replies = iter([RIGHT, OTHER, reply("silent"), reply("choose", choices=[RIGHT]), RIGHT, reply("silent")])
    table = evaluate([INSIDE] * 4 + [OUTSIDE] * 2, lambda _: next(replies))
    rates = table.rates("all")
    assert (rates["questions"], rates["out of scope"]) == (4, 2)
    assert (rates["right"], rates["right or offered"], rates["wrong"], rates["wrongly silent"]) == (
        0.25,
        0.5,
        0.25,
        0.25,
    )
    assert (rates["out-of-scope answered"], rates["out-of-scope offered"]) == (0.5, 0.0)
    assert [f["outcome"] for f in table.failures] == ["wrong", "wrongly silent", "offered", "out-of-scope answered"]
    assert table.rates("org x") == table.rates("language sv") == rates


def test_nothing_asked_is_no_division_by_zero() -> None:
    assert set(Table().rates("all").values()) == {0}


def test_questions_are_read(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(
        '{"id": "1", "org": "x", "language": "sv", "question": "?", "passages": ["x/a-1"], "other": 1}\n\n',
        encoding="utf-8",
    )
    assert read_questions(path) == [Question("1", "x", "sv", "?", passages=("x/a-1",))]


@pytest.mark.parametrize("line", ["no JSON", "[]", '"text"', '{"id": "1"}'])
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(BadQuestions, match=r"q\.jsonl:2: "):
        read_questions(path)


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[1] / "questions").glob("*.jsonl")), ids=lambda p: p.name
)
def test_the_question_files_can_be_read(path: Path) -> None:
    assert read_questions(path)

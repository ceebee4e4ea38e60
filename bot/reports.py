"""What the command line prints of checks and measurements, as tables a person can read."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table as Grid

from bot.answering.evaluate import Table
from bot.answering.wordings import WordingsTest
from knowledge.check import Report

MOST_LISTED = 12
_TITLES = ("right", "right or\noffered", "wrong", "wrongly\nsilent")
_ORDER = ("all", "language", "org", "style")


def evaluation(table: Table, failures: bool) -> None:
    """The table of `someguide evaluate`."""
    console = Console()
    columns = ("right", "right or offered", "wrong", "wrongly silent")
    grid = Grid(box=None, padding=(0, 1, 0, 0))
    for name in ("group", "asked", *_TITLES, "out of\nscope", "an-\nswered", "offered"):
        grid.add_column(name, justify="left" if name == "group" else "right", no_wrap=True, vertical="bottom")
    for group in sorted(table.groups, key=_place):
        rates = table.rates(group)
        shares = [f"{rates[c]:.1%}" if rates["questions"] else "–" for c in columns]
        outside = [
            f"{rates[f'out-of-scope {c}']:.1%}" if rates["out of scope"] else "–" for c in ("answered", "offered")
        ]
        grid.add_row(group, str(rates["questions"]), *shares, str(rates["out of scope"]), *outside)
    if failures:
        for failure in table.failures:
            question, reply = failure["question"], failure["reply"]
            found = reply["topic"] or " / ".join(c["topic"] for c in reply["choices"]) or reply["kind"]
            passages = ", ".join(question.passages[:3])
            text = f"{failure['outcome']}: {question.id}: {question.question} → {found}; wanted {passages}"
            console.print(text, markup=False, highlight=False, soft_wrap=True)
    console.print(grid)


def _place(group: str) -> tuple[int, str]:
    """All first, then languages, organisations and styles, each in alphabetical order."""
    return _ORDER.index(group.split()[0]), group


def evaluation_json(table: Table, failures: bool) -> dict[str, Any]:
    """The same as data."""
    data: dict[str, Any] = {"groups": {group: table.rates(group) for group in sorted(table.groups, key=_place)}}
    if failures:
        data["failures"] = [{**f, "question": asdict(f["question"])} for f in table.failures]
    return data


def knowledge_report(report: Report, wordings: WordingsTest | None) -> None:
    """The report of `someguide check` on one organisation."""
    console = Console(highlight=False, markup=False)
    counts = ", ".join(f"{n} {what}" for what, n in report.counts.items())
    console.print(f"\n{report.organisation}: {counts}", style="bold")
    covered = f"{report.rested_on} of {report.normative} normative passages are rested on, {report.not_used} not used"
    console.print(f"  coverage: {covered}")
    console.print(f"  silent topics: {len(report.silent)} ({', '.join(report.silent[:MOST_LISTED])} …)", soft_wrap=True)
    console.print(f"  past their review date: {len(report.overdue)}")
    if wordings:
        console.print(f"  wordings that find another topic: {len(wordings.lost)} of {wordings.tested}")
        for lost in wordings.lost[:MOST_LISTED]:
            console.print(f"    {lost.wording!r}: {lost.own} → {lost.found}", soft_wrap=True)
        for own, found, number in wordings.close[:MOST_LISTED]:
            console.print(f"    close call: {number} wordings of {own} find {found}")
    for problem in [*report.errors, *report.warnings]:
        level = "error" if problem in report.errors else "warning"
        console.print(f"  {level}: {problem}", soft_wrap=True)


def topics_table(matrix: dict[str, dict[str, str]], names: list[str]) -> None:
    """Topics x organisations."""
    grid = Grid("topic", *names, box=None)
    for topic, states in matrix.items():
        grid.add_row(topic, *(states.get(name, "") for name in names))
    totals = [sum(states.get(name) == "answered" for states in matrix.values()) for name in names]
    grid.add_row("answered", *(str(n) for n in totals), style="bold")
    Console().print(grid)

"""Lists on the command line, which a person reads in a terminal of 80 columns and a script line by line."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

import typer


def listing(columns: Sequence[str], rows: Iterable[tuple[Sequence[object], Sequence[object]]]) -> None:
    """A table of plain text: what people wrote is never markup.

    A row is its short cells, and for the last column what matters most with, below it, what else there is. A script
    gets a line a row.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    *short, last = columns
    person = sys.stdout.isatty()
    grid = Table(box=None, padding=(0, 2, 0, 0))
    for name in short:
        grid.add_column(name, no_wrap=True)
    grid.add_column(last, overflow="fold")
    for cells, told in rows:
        first, *rest = [_one_line(part) for part in told]
        more = " · ".join(part for part in rest if part)
        shown = f"{first}\n{more}" if person else f"{first} · {more}"
        grid.add_row(*(Text(_one_line(cell)) for cell in cells), Text(shown if more else first))
    if not grid.rows:
        typer.echo("none")
        return
    Console(highlight=False, width=None if person else 2000).print(grid)


def _one_line(cell: object) -> str:
    from bot.dialogue.replies import as_written

    return " ".join(as_written(str(cell if cell is not None else "")).split())

"""`someguide flow`: a flow as a diagram, a picture and a table. Mounted by the entry point."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.settings import Settings
from knowledge.diagram import mermaid, steps_table, svg
from knowledge.loader import KnowledgeError, UnknownOrganisation, load
from knowledge.models import Language


def flow(
    name: Annotated[str, typer.Argument(help="The flow, for instance open-account.")],
    org: Annotated[str, typer.Option("--org", help="The organisation, for instance nykvarn.")],
    language: Annotated[Language | None, typer.Option("--language", help="sv, fi or en.")] = None,
    diagram: Annotated[bool, typer.Option("--diagram", help="Print it as Mermaid and write a picture.")] = False,
    picture: Annotated[Path | None, typer.Option("--picture", help="Where the picture (SVG) is written.")] = None,
    steps: Annotated[bool, typer.Option("--steps", help="Print which passage asks for which step.")] = False,
) -> None:
    """Show a flow: the table of its steps, or a diagram."""
    try:
        known = load(org, Settings().knowledge_dir)
    except (UnknownOrganisation, KnowledgeError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if name not in known.flows:
        typer.echo(f"unknown flow {name!r}; {org} has: {', '.join(known.flows)}", err=True)
        raise typer.Exit(2)
    found, reader = known.flows[name], language or known.organisation.languages[0]
    if diagram:
        typer.echo(mermaid(found, reader), nl=False)
    if diagram or picture:
        path = picture or Path(f"{org}-{name}.svg")
        try:
            path.write_text(svg(found, reader), encoding="utf-8")
        except OSError as error:
            typer.echo(f"cannot write {path}: {error.strerror}", err=True)
            raise typer.Exit(2) from None
        typer.echo(f"picture: {path}", err=True)
    if steps or not (diagram or picture):
        typer.echo(steps_table(found, reader), nl=False)

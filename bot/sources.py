"""How sources are written where they are read as text: each document once, with the places in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.messages import Source


@dataclass(frozen=True)
class Cited:
    """A document and where in it: "Riktlinje (2024-02-21), Ansvar [vara/ansvar-2]; Syfte [vara/syfte-1]"."""

    text: str
    url: str | None


def cited(sources: Iterable[Source]) -> list[Cited]:
    """The documents of the sources, each with its date, its sections and their passages."""
    documents: dict[tuple[str, str | None], list[Source]] = {}
    for source in sources:
        documents.setdefault((source.dated(), source.url), []).append(source)
    found = []
    for (dated, url), places_in in documents.items():
        first = places_in[0]
        between = " " if first.section == first.document else ", "
        found.append(Cited(f"{dated}{between}{'; '.join(places(places_in))}", url))
    return found


def places(sources: Iterable[Source]) -> list[str]:
    """Sections with their passages; one that is called as its document needs no name."""
    sections: dict[str, list[str]] = {}
    for source in sources:
        named = f"{source.section} " if source.section != source.document else ""
        sections.setdefault(named, []).append(source.passage)
    return [f"{section}[{', '.join(passages)}]" for section, passages in sections.items()]

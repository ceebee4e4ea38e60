"""A message as plain text: for notifications, for screen readers, and for clients that cannot show its card."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapters.teams.elements import clean
from bot.messages import Group, Outgoing, Row, Source
from bot.texts import say


def fallback(outgoing: Outgoing) -> str:
    """The message as plain text: what it says, then what can be done."""
    language = outgoing.language
    verdict = f"{say(language, f'verdict-{outgoing.verdict.value}')}." if outgoing.verdict else ""
    lines = [outgoing.title, outgoing.progress, verdict, outgoing.field.error if outgoing.field else "", outgoing.text]
    lines += [f"{row.label}: {row.value}" for row in rows(outgoing)]
    lines += [f"{f.label} {f.error}" for f in outgoing.fields if f.error]
    lines += [text for group in outgoing.groups for text in _group_lines(group)]
    lines += [f"{say(language, 'source')}: {text}" for text, _ in source_lines(outgoing.sources)]
    if outgoing.contact and outgoing.contact.line() not in outgoing.text:
        lines.append(f"{say(language, 'contact')}: {outgoing.contact.line()}")
    offered = [c.label for c in outgoing.choices]
    offered += [o.label for o in outgoing.field.options] if outgoing.field else []
    lines += [f"– {label}" for label in offered]
    return clean("\n".join(text for text in lines if text.strip()))


def rows(outgoing: Outgoing) -> list[Row]:
    """The rows that say more than the text does: an answered step has its question and its answer in both."""
    text = outgoing.text
    return [r for r in outgoing.rows if r.note or r.changed or r.label not in text or r.value not in text]


def _group_lines(group: Group) -> Iterator[str]:
    yield group.title
    yield from (f"– {e.title}: {e.detail}" if e.detail else f"– {e.title}" for e in group.entries)
    if not group.entries:
        yield group.empty


def source_lines(sources: Sequence[Source]) -> Iterator[tuple[str, str | None]]:
    """Each document once, with the places in it, and its address."""
    documents: dict[tuple[str, str | None], list[str]] = {}
    for source in sources:
        places = documents.setdefault((source.dated(), source.url), [])
        places += [source.section] if source.section not in (*places, source.document) else []
    for (document, url), places in documents.items():
        yield f"{document}, {'; '.join(_short(places))}" if places else document, url


def _short(places: list[str]) -> Iterator[str]:
    """Places one after another: what a place begins with is not said again ("Part 1, point 4; point 5")."""
    before = ""
    for place in places:
        beginning, comma, end = place.rpartition(", ")
        yield end if comma and beginning == before else place
        before = beginning if comma else place

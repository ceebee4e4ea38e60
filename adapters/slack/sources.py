"""On which places of which documents an answer rests: a line a document, with its date and the sections in it."""

from __future__ import annotations

import re
from dataclasses import replace

from adapters.slack.blocks import Block, escape, plain
from adapters.slack.limits import CONTEXT, CONTEXT_TEXT, FIELD, cut
from bot.messages import Source
from bot.texts import say
from knowledge.models import Language

SECTIONS = 12
"""Sections of one document that are named; one more says how many there are besides."""
_POINT = re.compile(r"(.+), (\D{0,12}\d+(?:\.\d+)*\.?)")
"""A numbered point of a chapter."""


def lines(language: Language, sources: tuple[Source, ...]) -> list[str]:
    """As plain text."""
    return [_line(language, found) for found in _documents(sources)]


def block(language: Language, sources: tuple[Source, ...]) -> Block:
    """As small print: what has a safe address is a link to it."""
    documents = _documents(sources)
    more = [plain(f"… (+{len(documents) - CONTEXT + 1})", CONTEXT_TEXT)] if len(documents) > CONTEXT else []
    shown = [_element(language, found) for found in documents[: CONTEXT - len(more)]]
    return {"type": "context", "elements": [*shown, *more]}


def _documents(sources: tuple[Source, ...]) -> list[list[Source]]:
    """The sources of each document, each section once, in the order in which they come first."""
    found: dict[str, dict[str, Source]] = {}
    for source in sources:
        found.setdefault(source.dated(), {}).setdefault(source.section, source)
    return [_together(list(sections.values())) for sections in found.values()]


def _together(found: list[Source]) -> list[Source]:
    """The points of one chapter after one another, the chapter named once."""
    chapters: dict[str, list[Source]] = {}
    for source in found:
        point = _POINT.fullmatch(source.section)
        chapters.setdefault(point.group(1) if point else source.section, []).append(source)
    return [
        replace(source, section=source.section.removeprefix(f"{chapter}, ") if place else source.section)
        for chapter, some in chapters.items()
        for place, source in enumerate(some)
    ]


def _head(language: Language, source: Source) -> str:
    return f"{say(language, 'source')}: {source.dated()}"


def _line(language: Language, found: list[Source]) -> str:
    named = [source.section for source in found[:SECTIONS] if source.section != source.document]
    more = [f"… (+{len(found) - SECTIONS})"] if len(found) > SECTIONS else []
    return ", ".join([_head(language, found[0]), *(["; ".join([*named, *more])] if named else [])])


def _element(language: Language, found: list[Source]) -> Block:
    line = _line(language, found)
    urls = {source.url if _safe(source.url) else None for source in found}
    if urls == {None}:
        return plain(line, CONTEXT_TEXT)
    room = CONTEXT_TEXT // 5  # an entity is up to five characters
    if len(urls) == 1:
        return _markup(_link(str(urls.pop()), cut(line, room)))
    head = escape(cut(_head(language, found[0]), room))
    parts, left = [], FIELD - len(head) - 20
    for source in found[:SECTIONS]:
        label = cut(source.section, room // 2)
        part = _link(source.url, label) if source.url and _safe(source.url) else escape(label)
        left -= len(part) + 2
        if left < 0:
            break
        parts.append(part)
    more = [f"… (+{len(found) - len(parts)})"] if len(found) > len(parts) else []
    return _markup(f"{head}, {'; '.join([*parts, *more])}")


def _markup(said: str) -> Block:
    return {"type": "mrkdwn", "text": said, "verbatim": True}


def _link(url: str, label: str) -> str:
    return f"<{escape(url)}|{escape(label.replace('|', '¦'))}>"


def _safe(url: str | None) -> bool:
    """Whether an address can stand in Slack's markup."""
    return (
        bool(url) and str(url).startswith("https://") and len(str(url)) <= 500 and not set(str(url)) & set("<>|\"' \n")
    )

"""An outgoing message as lines of text for a terminal; nothing depends on colour."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from bot.messages import Outgoing, Source
from bot.texts import say
from knowledge.models import Language


def sources(found: tuple[Source, ...], language: Language) -> list[str]:
    """A line a section: document, date, section, and its passages."""
    sections: dict[tuple[str, str | None, str], list[str]] = {}
    for s in found:
        sections.setdefault((s.document, s.date, s.section), []).append(s.passage)
    lines = []
    for (document, date, section), passages in sections.items():
        dated = f" ({date})" if date else ""
        lines.append(f"{say(language, 'source')}: {document}{dated}, {section} [{', '.join(passages)}]")
    return lines


def render(outgoing: Outgoing) -> list[Text]:
    """What a person reads: verdict in words, text, sources, choices with their numbers."""
    parts: list[Text] = []
    if outgoing.verdict:
        parts.append(Text(say(outgoing.language, f"verdict-{outgoing.verdict.value}"), style="bold"))
    parts.append(Text(outgoing.text))
    parts += [Text(line, style="dim") for line in sources(outgoing.sources, outgoing.language)]
    parts += [Text(f"  {n}. {choice.label}") for n, choice in enumerate(outgoing.choices, 1)]
    if outgoing.related:
        labels = " · ".join(c.label for c in outgoing.related)
        parts.append(Text(f"{say(outgoing.language, 'related')}: {labels}", style="dim"))
    return [*parts, Text("")]


def show(console: Console, outgoing: Outgoing) -> None:
    """Prints a message without reading anything in it as markup; a script gets whole lines, never cut ones."""
    for part in render(outgoing):
        console.print(part, soft_wrap=not console.is_terminal, highlight=False)

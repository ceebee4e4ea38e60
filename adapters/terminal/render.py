"""An outgoing message as lines of text for a terminal; nothing depends on colour."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from bot.messages import Field, Input, Outgoing, Source
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
    heading = " · ".join(part for part in (outgoing.title, outgoing.progress) if part)
    if heading:
        parts.append(Text(heading, style="bold"))
    if outgoing.verdict:
        parts.append(Text(say(outgoing.language, f"verdict-{outgoing.verdict.value}"), style="bold"))
    parts.append(Text(outgoing.text))
    if outgoing.field:
        parts += _options(outgoing.field)
    for field in outgoing.fields:
        parts += _field(field)
    if not outgoing.text.startswith("✓"):
        parts += [line for row in outgoing.rows for line in _row(row.label, row.value, row.note)]
    for group in outgoing.groups:
        parts.append(Text(group.title, style="bold"))
        parts += [Text(f"  – {e.title}{': ' if e.detail else ''}{e.detail}") for e in group.entries]
        parts += [Text(f"  {group.empty}")] if not group.entries else []
    parts += [Text(line, style="dim") for line in sources(outgoing.sources, outgoing.language)]
    parts += [Text(f"  {n}. {choice.label}") for n, choice in enumerate(outgoing.choices, 1)]
    if outgoing.related:
        labels = " · ".join(c.label for c in outgoing.related)
        parts.append(Text(f"{say(outgoing.language, 'related')}: {labels}", style="dim"))
    buttons = [outgoing.submit] if outgoing.submit and outgoing.fields else []
    shown = [button.label for button in (*buttons, *outgoing.buttons)]
    if shown:
        parts.append(Text("".join(f"[{label}] " for label in shown).rstrip(), style="dim"))
    return [*parts, Text("")]


def _options(field: Field) -> list[Text]:
    return [Text(f"  {n}. {option.label}") for n, option in enumerate(field.options, 1)]


def _field(field: Field) -> list[Text]:
    value = ", ".join(field.value) if isinstance(field.value, tuple) else field.value
    if field.input in (Input.CHOICE, Input.CHOICES):
        value = ", ".join(o.label for o in field.options if o.value in (field.value or ()))
    lines = [Text(f"  {field.label}{': ' if value else ''}{value}")]
    return [*lines, Text(f"    {field.error}")] if field.error else lines


def _row(label: str, value: str, note: str) -> list[Text]:
    lines = [Text(f"  {label}"), Text("     " + value.replace("\n", "\n     "))]
    return [*lines, Text(f"     ← {note}")] if note else lines


def show(console: Console, outgoing: Outgoing) -> None:
    """Prints a message without reading anything in it as markup; a script gets whole lines, never cut ones."""
    for part in render(outgoing):
        console.print(part, soft_wrap=not console.is_terminal, highlight=False)

"""An outgoing message as lines of text for a terminal; nothing depends on colour."""

from __future__ import annotations

from contextlib import suppress
from datetime import date as day

from rich.console import Console
from rich.text import Text

from bot.dialogue.days import shown_day
from bot.messages import Button, Entry, Field, Input, Kind, Outgoing, Row, Source
from bot.sources import cited, places
from bot.texts import say
from knowledge.models import Language


def _sources(found: tuple[Source, ...], language: Language) -> list[str]:
    """A line a document."""
    return [f"{say(language, 'source')}: {document.text}" for document in cited(found)]


def _short(found: tuple[Source, ...], language: Language) -> list[str]:
    """One line for the many messages of a dialogue: the sections and their passages."""
    parts = places(found)
    return [f"{say(language, 'source')}: {'; '.join(parts)}"] if parts else []


def render(outgoing: Outgoing) -> list[Text]:
    """What a person reads, in order: heading, verdict in words, text, what is asked, lists, sources, what to press."""
    language = outgoing.language
    parts: list[Text] = []
    heading = " · ".join(part for part in (outgoing.title, outgoing.progress) if part)
    if heading:
        parts.append(Text(heading, style="bold"))
    if outgoing.verdict:
        parts.append(Text(say(language, f"verdict-{outgoing.verdict.value}"), style="bold"))
    if outgoing.text not in _headings(outgoing):
        parts.append(Text(outgoing.text))
    parts += [Text(f"  {n}. {choice.label}") for n, choice in enumerate(outgoing.choices, 1)]
    if outgoing.kind is Kind.FORM:
        parts.append(Text(say(language, "form-in-terminal")))
    if outgoing.field:
        parts += _options(outgoing.field)
    for field in outgoing.fields:
        parts += _field(field, language)
    if not (outgoing.kind is Kind.STEP and outgoing.field is None):  # an answered step says it all in its text
        parts += [line for row in outgoing.rows for line in _row(row, language)]
    for group in outgoing.groups:
        parts.append(Text(group.title, style="bold"))
        parts += [line for entry in group.entries for line in _entry(entry)]
        parts += [Text(f"  {group.empty}")] if not group.entries and group.empty else []
    compact = outgoing.kind in (Kind.STEP, Kind.FORM)
    lines = _short(outgoing.sources, language) if compact else _sources(outgoing.sources, language)
    parts += [Text(line, style="dim") for line in lines]
    if outgoing.document:
        parts.append(Text(say(language, "page-document-link", document=outgoing.document.name), style="dim"))
    if outgoing.related:
        labels = " · ".join(c.label for c in outgoing.related)
        parts.append(Text(f"{say(language, 'related')}: {labels}", style="dim"))
    if outgoing.buttons:
        parts.append(Text(_buttons(outgoing.buttons), style="dim"))
    return [*parts, Text("")]


def _headings(outgoing: Outgoing) -> set[str]:
    """Words that a single list says anyway."""
    return {text for g in outgoing.groups for text in (g.title, g.empty)} if len(outgoing.groups) == 1 else set()


def _buttons(buttons: tuple[Button, ...]) -> str:
    """Labels to type; one that needs a reason shows where it goes: [Reject: why?]."""
    return " ".join(f"[{b.label}: {b.reason}]" if b.reason else f"[{b.label}]" for b in buttons)


def _options(field: Field) -> list[Text]:
    return [Text(f"  {n}. {option.label}") for n, option in enumerate(field.options, 1)]


def _field(field: Field, language: Language) -> list[Text]:
    value = ", ".join(field.value) if isinstance(field.value, tuple) else field.value
    if field.input in (Input.CHOICE, Input.CHOICES):
        chosen = field.value if isinstance(field.value, tuple) else (field.value,)
        value = ", ".join(o.label for o in field.options if o.value in chosen)
    if field.input is Input.DATE:
        with suppress(ValueError):  # what is half written stays so
            value = shown_day(day.fromisoformat(value), language)
    optional = f" ({say(language, 'page-optional')})" if field.optional else ""
    fresh = f" ({say(language, 'page-fresh')})" if field.fresh else ""
    lines = [Text(f"  – {field.label}{optional}{fresh}")]
    if value:
        lines.append(Text("     " + value.replace("\n", "\n     ")))
    elif field.options:
        lines.append(Text("     " + " / ".join(o.label for o in field.options), style="dim"))
    if field.error:
        lines.append(Text(f"     {say(language, 'page-error')}: {field.error}"))
    return lines


def _row(row: Row, language: Language) -> list[Text]:
    changed = f" ({say(language, 'page-changed')})" if row.changed else ""
    press = f"  [{row.change.label}]" if row.change else ""
    lines = [Text(f"  {row.label}{changed}"), Text("     " + row.value.replace("\n", "\n     ") + press)]
    return [*lines, Text(f"     {say(language, 'page-note')}: {row.note}")] if row.note else lines


def _entry(entry: Entry) -> list[Text]:
    detail = f": {entry.detail}" if entry.detail else ""
    lines = [Text(f"  – {entry.title}{detail}")]
    return [*lines, Text(f"    {_buttons(entry.buttons)}", style="dim")] if entry.buttons else lines


def show(console: Console, outgoing: Outgoing) -> None:
    """Prints a message without reading anything in it as markup; a script gets whole lines, never cut ones."""
    for part in render(outgoing):
        console.print(part, soft_wrap=not console.is_terminal, highlight=False)

"""Less and less of a message, until its card is within the size that Teams takes.

What is being edited is never cut, for the cut text would be saved. At the end it is rather not shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from adapters.teams.elements import cut
from bot.messages import Button, Choice, ContactCard, Field, Group, Outgoing, Row, Source

SPOKEN = 1500


@dataclass(frozen=True)
class Limits:
    """How much of a message is shown: characters of a text and of a value, and entries of a list."""

    text: int
    value: int
    entries: int
    spoken: int = SPOKEN
    label: int = 75


LIMITS = (
    Limits(12_000, 6000, 100),
    Limits(6000, 2000, 60),
    Limits(3000, 700, 40, 600),
    Limits(2000, 250, 25, 300),
    Limits(1200, 100, 15, 200, 40),
    Limits(500, 60, 8, 100, 30),
    Limits(200, 30, 6, 50, 20),
    Limits(100, 20, 4, 50, 16),
)


def shorter(outgoing: Outgoing) -> Iterator[tuple[Outgoing, Limits]]:
    """The message, then less and less of it.

    What is being edited is never cut, for the cut text would be saved. At the end it is rather not shown: a field of a
    form that is not there stays as it was, and a step's answer can be kept by its own button.
    """
    short = outgoing
    for limits in LIMITS:
        short = _shortened(outgoing, limits)
        yield short, limits
    if short.field:
        yield replace(short, field=replace(short.field, value="")), LIMITS[-1]
    while short.fields:
        longest = max(short.fields, key=lambda f: len(f.value) if isinstance(f.value, str) else 0)
        short = replace(short, fields=tuple(f for f in short.fields if f is not longest))
        yield short, LIMITS[-1]


def _shortened(outgoing: Outgoing, limits: Limits) -> Outgoing:
    """The message within the limits; the same message when it is within them."""
    n = limits.entries
    fields = tuple(_short_field(f, limits) for f in outgoing.fields[:n])
    return replace(
        outgoing,
        text=cut(outgoing.text, limits.text),
        title=cut(outgoing.title, max(100, min(300, limits.value))),
        progress=cut(outgoing.progress, 100),
        rows=tuple(_short_row(r, limits) for r in outgoing.rows[:n]),
        fields=fields,
        field=_short_field(outgoing.field, limits) if outgoing.field else None,
        groups=tuple(_short_group(g, limits) for g in outgoing.groups[:n]),
        sources=tuple(_short_source(s, limits) for s in outgoing.sources[:n]),
        contact=_short_contact(outgoing.contact) if outgoing.contact else None,
        document=replace(outgoing.document, name=cut(outgoing.document.name, 200)) if outgoing.document else None,
        choices=tuple(_short_choice(c, limits) for c in outgoing.choices[:n]),
        related=tuple(_short_choice(c, limits) for c in outgoing.related[:n]),
        buttons=tuple(_short_button(b, limits) for b in outgoing.buttons[:n]),
        submit=_short_button(outgoing.submit, limits) if outgoing.submit else None,
        suggestions=tuple(cut(s, 3 * limits.label) for s in outgoing.suggestions[:n]),
    )


def _short_row(row: Row, limits: Limits) -> Row:
    return replace(
        row,
        label=cut(row.label, max(limits.label, limits.value)),
        value=cut(row.value, limits.value),
        note=cut(row.note, limits.value),
    )


def _short_field(given: Field, limits: Limits) -> Field:
    return replace(
        given,
        label=cut(given.label, max(limits.label, min(1000, limits.value))),
        help=cut(given.help, limits.value),
        error=cut(given.error, max(100, limits.value)),
        options=tuple(replace(o, label=cut(o.label, limits.label)) for o in given.options[: limits.entries]),
    )


def _short_source(source: Source, limits: Limits) -> Source:
    most = max(limits.label, min(300, limits.value))
    return replace(source, document=cut(source.document, most), section=cut(source.section, most))


def _short_contact(contact: ContactCard) -> ContactCard:
    given = {name: cut(value, 100) for name, value in vars(contact).items() if value}
    return replace(contact, **given)


def _short_button(button: Button, limits: Limits) -> Button:
    reason = cut(button.reason, max(limits.label, min(500, limits.value))) if button.reason is not None else None
    return replace(button, label=cut(button.label, limits.label), reason=reason)


def _short_choice(choice: Choice, limits: Limits) -> Choice:
    return replace(choice, label=cut(choice.label, limits.label))


def _short_group(group: Group, limits: Limits) -> Group:
    entries = tuple(
        replace(
            e,
            title=cut(e.title, max(limits.label, limits.value)),
            detail=cut(e.detail, limits.value),
            buttons=tuple(_short_button(b, limits) for b in e.buttons),
        )
        for e in group.entries[: limits.entries]
    )
    return replace(group, title=cut(group.title, 100), entries=entries, empty=cut(group.empty, limits.text))

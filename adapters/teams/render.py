"""An outgoing message as an activity with an Adaptive Card 1.5.

Pure functions. `activity` gives what is sent, `card` the card alone, for an answer to a press. Everything stays under
Teams' size: what is too long is cut, and the card says so. Nothing a person typed is ever markup here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.teams.elements import (
    ACTIONS,
    REFRESH,
    Element,
    as_buttons,
    at_most,
    clean,
    cut,
    execute,
    field_input,
    heading,
    line,
    link,
    pick,
    run,
    show_card,
    size,
    small,
    with_reason,
    words,
)
from adapters.teams.texts import say as own
from bot.messages import Button, Choice, ContactCard, Entry, Field, Group, Input, Kind, Outgoing, Row, Source, Style
from bot.texts import say

CARD = "application/vnd.microsoft.card.adaptive"
BUDGET = 26_000
"""Bytes of a card; Teams takes 28 KB, and the activity around it needs some."""
SUMMARY = 200
SPOKEN = 1500
SUGGESTIONS = 6
NONE = "none"
SYMBOL = {"yes": "✅", "no": "⛔", "conditional": "⚠️"}


def activity(outgoing: Outgoing, *, personal: bool = True, reviewers: tuple[str, ...] = ()) -> Element:
    """The message: its card, and a summary for the notification."""
    made: Element = {
        "type": "message",
        "locale": outgoing.language.value,
        "summary": cut(" ".join(fallback(outgoing).split()), SUMMARY) or "Someguide",
        "attachments": [attachment(card(outgoing, personal=personal, reviewers=reviewers))],
    }
    if personal and outgoing.suggestions:
        said = [cut(clean(s), 200) for s in outgoing.suggestions[:SUGGESTIONS]]
        made["suggestedActions"] = {"actions": [{"type": "imBack", "title": s, "value": s} for s in said]}
    return made


def attachment(content: Element) -> Element:
    """A card as an attachment."""
    return {"contentType": CARD, "content": content}


def plain(outgoing: Outgoing) -> Element:
    """The message without a card, for when Teams refuses the card's size."""
    return {
        "type": "message",
        "locale": outgoing.language.value,
        "textFormat": "plain",
        "text": cut(fallback(outgoing), 4000) or "–",
    }


def card(
    outgoing: Outgoing, *, personal: bool = True, reviewers: tuple[str, ...] = (), passive: bool = False
) -> Element:
    """The card, cut as far as needed. `reviewers`: who get their own view of it; the others see no buttons.

    `passive`: shown where nothing can be pressed.
    """
    made: Element = {}
    for short, limits in _shorter(outgoing):
        made = _Card(short, personal, reviewers, passive, limits.spoken, cut_off=short != outgoing).build()
        if size(made) <= BUDGET:
            break
    return made


# -- cutting ---------------------------------------------------------------------------------------------------------


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


def _shorter(outgoing: Outgoing) -> Iterator[tuple[Outgoing, Limits]]:
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


# -- the whole sense as text -----------------------------------------------------------------------------------------


def fallback(outgoing: Outgoing) -> str:
    """The message as plain text: what it says, then what can be done."""
    language = outgoing.language
    verdict = f"{say(language, f'verdict-{outgoing.verdict.value}')}." if outgoing.verdict else ""
    lines = [outgoing.title, outgoing.progress, verdict, outgoing.field.error if outgoing.field else "", outgoing.text]
    lines += [f"{row.label}: {row.value}" for row in outgoing.rows]
    lines += [f"{f.label} {f.error}" for f in outgoing.fields if f.error]
    lines += [text for group in outgoing.groups for text in _group_lines(group)]
    lines += [f"{say(language, 'source')}: {text}" for text in dict.fromkeys(map(_source, outgoing.sources))]
    if outgoing.contact and outgoing.contact.line() not in outgoing.text:
        lines.append(f"{say(language, 'contact')}: {outgoing.contact.line()}")
    offered = [c.label for c in outgoing.choices]
    offered += [o.label for o in outgoing.field.options] if outgoing.field else []
    lines += [f"– {label}" for label in offered]
    return clean("\n".join(text for text in lines if text.strip()))


def _group_lines(group: Group) -> Iterator[str]:
    yield group.title
    yield from (f"– {e.title}: {e.detail}" if e.detail else f"– {e.title}" for e in group.entries)
    if not group.entries:
        yield group.empty


def _source(source: Source) -> str:
    dated = f"{source.document} ({source.date})" if source.date else source.document
    return f"{dated}, {source.section}"


# -- the card --------------------------------------------------------------------------------------------------------


@dataclass
class _Card:
    """One card on the way to being one. Numbers its inputs, since ids must differ over the card and what unfolds."""

    outgoing: Outgoing
    personal: bool
    reviewers: tuple[str, ...]
    passive: bool
    spoken: int
    cut_off: bool
    numbers: int = 0
    actions: list[Element] = field(default_factory=list)

    def build(self) -> Element:
        outgoing = self.outgoing
        body = [*self._head(), *self._rows(), *self._foot(), *self._asked(), *self._groups()]
        if self.cut_off:
            body.append(small(own(outgoing.language, "shortened")))
        text = fallback(outgoing)
        made: Element = {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.5",
            "lang": outgoing.language.value,
            "fallbackText": cut(text, max(self.spoken, 200)) or "–",
            "speak": cut(text.replace("<", " ").replace(">", " ").replace("&", " "), self.spoken) or "–",
            "body": body or [line([run("–")])],
        }
        self._gather()
        if self.reviewers and not self.passive:
            made["refresh"] = self._refresh()
        elif self.actions and not self.passive:
            made["actions"] = at_most(self.actions, outgoing.language)
        return made

    # -- data of an action -------------------------------------------------------------------------------------------

    def _data(self, action: str, **more: Any) -> Element:
        data: Element = {"action": action, "language": self.outgoing.language.value, **more}
        return data | ({"key": self.outgoing.key} if self.outgoing.key else {})

    def _number(self) -> int:
        self.numbers += 1
        return self.numbers

    def _button(self, button: Button, *, inputs: bool = False, **more: Any) -> Element:
        data = self._data(button.action, **more)
        if button.reason is not None:
            return with_reason(button, data, self.outgoing.language, self._number())
        return execute(button.label, data, button.style, inputs=inputs)

    def _refresh(self) -> Element:
        """Reviewers' clients ask for their own view when they show the card."""
        given = {"type": "Action.Execute", "verb": REFRESH, "title": "Someguide", "data": self._data("")}
        return {"action": given, "userIds": list(self.reviewers)[:60]}

    # -- above -------------------------------------------------------------------------------------------------------

    def _head(self) -> Iterator[Element]:
        outgoing = self.outgoing
        if outgoing.title:
            yield heading(outgoing.title)
        if outgoing.progress:
            yield small(outgoing.progress)
        if outgoing.verdict:
            said = say(outgoing.language, f"verdict-{outgoing.verdict.value}")
            shown = f"{SYMBOL[outgoing.verdict.value]} {said}"
            yield line([run(shown, weight="Bolder", size="Medium")])
        if outgoing.field and outgoing.field.error:
            yield _error(outgoing.field.error)
        yield from words(self._text(), outgoing.contact.email if outgoing.contact else None)
        if outgoing.field and outgoing.field.help and outgoing.field.help not in outgoing.text:
            yield from words(outgoing.field.help, isSubtle=True)

    def _text(self) -> str:
        """What is said; a question that stands as the label of its input is not said twice."""
        asked = self.outgoing.field
        if asked is None or self.passive or not self._has_input(asked):
            return self.outgoing.text
        parts = self.outgoing.text.split("\n\n")
        if asked.label in parts:
            parts.remove(asked.label)
        return "\n\n".join(parts)

    def _rows(self) -> Iterator[Element]:
        language = self.outgoing.language
        for row in self.outgoing.rows:
            marks = f" ({own(language, 'changed')})" if row.changed else ""
            yield line([run(row.label + marks, weight="Bolder")], spacing="Medium")
            shown = list(words(row.value)) or [small(own(language, "missing"))]
            yield from ({**element, "spacing": "None" if n == 0 else "Small"} for n, element in enumerate(shown))
            if row.note:
                yield from words(f"{own(language, 'note')}: {row.note}", italic=True)

    def _foot(self) -> Iterator[Element]:
        outgoing = self.outgoing
        if outgoing.document:
            yield small(f"{own(outgoing.language, 'file')}: {outgoing.document.name}")
        urls = {_source(s): s.url for s in outgoing.sources}
        for text in urls:
            yield _source_line(f"{say(outgoing.language, 'source')}: ", text, urls[text])
        if outgoing.contact and outgoing.contact.line() not in outgoing.text:
            yield from words(f"{say(outgoing.language, 'contact')}: {outgoing.contact.line()}", outgoing.contact.email)

    # -- what is asked -----------------------------------------------------------------------------------------------

    def _has_input(self, asked: Field) -> bool:
        return self.outgoing.kind is Kind.STEP and not as_buttons(asked.options)

    def _asked(self) -> Iterator[Element]:
        outgoing = self.outgoing
        if self.passive:
            return
        if outgoing.field is not None:
            yield from self._step(outgoing.field)
        for asked in outgoing.fields:
            if asked.error:
                yield _error(asked.error)
            if asked.help:
                yield small(asked.help)
            yield field_input(asked, outgoing.language, required=False)
        if outgoing.fields and outgoing.submit:
            lists = [f"f_{f.name}" for f in outgoing.fields if f.input is Input.CHOICES]
            self.actions.append(self._button(outgoing.submit, inputs=True, **({"lists": lists} if lists else {})))

    def _step(self, asked: Field) -> Iterator[Element]:
        outgoing, language = self.outgoing, self.outgoing.language
        submit = outgoing.submit or Button(own(language, "ok"), "", Style.PRIMARY)
        if as_buttons(asked.options):
            self.actions += [execute(o.label, self._data(o.action)) for o in asked.options]
        elif asked.options and all(o.action for o in asked.options):
            name = f"pick_{self._number()}"
            held = next((o.action for o in asked.options if o.value == asked.value), "")
            yield pick(name, asked.label, [(o.label, o.action) for o in asked.options], language, held)
            self.actions.append(execute(submit.label, self._data("", pick=name), submit.style, inputs=True))
            if self.cut_off:
                yield small(own(language, "list-hint"))
        else:
            yield field_input(asked, language, required=not asked.optional)
            lists = {"lists": [f"f_{asked.name}"]} if asked.input is Input.CHOICES else {}
            self.actions.append(self._button(submit, inputs=True, **lists))

    # -- lists -------------------------------------------------------------------------------------------------------

    def _groups(self) -> Iterator[Element]:
        """Headed lists. Few buttons stand with their entries; many become one list to choose from."""
        entries = [e for group in self.outgoing.groups for e in group.entries]
        buttons = [b for e in entries for b in e.buttons]
        inline = len(buttons) <= ACTIONS and not any(b.reason for b in buttons)
        for group in self.outgoing.groups:
            yield line([run(group.title, weight="Bolder", size="Medium")], spacing="Large", separator=True)
            if not group.entries:
                yield from words(group.empty, isSubtle=True)
            for entry in group.entries:
                yield from self._entry(entry, inline)
        if not inline and not self.passive:
            yield from self._open(entries)

    def _entry(self, entry: Entry, inline: bool) -> Iterator[Element]:
        yield line([run(entry.title, weight="Bolder")], spacing="Medium")
        yield from words(entry.detail, isSubtle=True)
        if inline and entry.buttons and not self.passive:
            yield {"type": "ActionSet", "actions": [self._button(b) for b in entry.buttons]}

    def _open(self, entries: list[Entry]) -> Iterator[Element]:
        language, name = self.outgoing.language, f"pick_{self._number()}"
        options = [(f"{b.label}: {e.title}", b.action) for e in entries for b in e.buttons]
        yield pick(name, own(language, "open-which"), options, language)
        self.actions.append(execute(own(language, "ok"), self._data("", pick=name), Style.PRIMARY, inputs=True))

    # -- what can be pressed -----------------------------------------------------------------------------------------

    def _gather(self) -> None:
        outgoing = self.outgoing
        if outgoing.submit and not outgoing.field and not outgoing.fields:
            self.actions.append(self._button(outgoing.submit))
        self.actions += [execute(c.label, self._data(c.topic)) for c in outgoing.choices]
        self.actions += [self._button(b) for b in outgoing.buttons]
        self._none()
        self._changes()
        if outgoing.related:
            near = [execute(c.label, self._data(c.topic)) for c in outgoing.related]
            sets = [{"type": "ActionSet", "actions": near[:ACTIONS]}]
            self.actions.append(show_card(f"{say(outgoing.language, 'related')} …", sets, []))
        if not self.personal:
            self.actions += [
                execute(s, {"say": cut(clean(s), 500), "language": outgoing.language.value})
                for s in outgoing.suggestions
            ]

    def _none(self) -> None:
        """The way out of a choice, unless the assistant gave one."""
        outgoing = self.outgoing
        if outgoing.kind is Kind.CHOOSE and not any(b.action == NONE for b in outgoing.buttons):
            self.actions.append(execute(say(outgoing.language, "none"), self._data(NONE)))

    def _changes(self) -> None:
        """One answer to change has its own button; of several, a list unfolds."""
        changes = [(row, row.change) for row in self.outgoing.rows if row.change]
        if len(changes) == 1:
            self.actions.append(self._button(changes[0][1]))
        elif changes:
            language, name = self.outgoing.language, f"pick_{self._number()}"
            asked = pick(
                name, own(language, "change-which"), [(f"{b.label}: {r.label}", b.action) for r, b in changes], language
            )
            sent = execute(own(language, "ok"), self._data("", pick=name), inputs=True)
            self.actions.append(show_card(own(language, "change"), [asked], [sent]))


def _error(text: str) -> Element:
    return line([run(f"⚠️ {text}", weight="Bolder", color="Attention")])


def _source_line(label: str, text: str, url: str | None) -> Element:
    """A source with its link, where that is a safe one."""
    safe = url and url.startswith("https://") and len(url) <= 2000 and not any(c in url for c in "<>\"' \n\\")
    shown = link(text, url) if safe and url else run(text)
    style = {"size": "Small"}
    return line([run(label, **style), shown | style], spacing="Small")


# -- for the compose box ---------------------------------------------------------------------------------------------


def result(outgoing: Outgoing, title: str) -> Element:
    """One thing found, for the compose box: the card that is inserted, and how it looks in the list."""
    preview = {
        "contentType": "application/vnd.microsoft.card.thumbnail",
        "content": {"title": cut(clean(title), 100), "text": cut(" ".join(clean(outgoing.text).split()), 120)},
    }
    shown = replace(outgoing, title=title, related=(), choices=(), buttons=(), suggestions=(), key=None)
    return attachment(card(shown, passive=True)) | {"preview": preview}


def from_choice(outgoing: Outgoing, choice: Choice) -> Outgoing:
    """A candidate as the answer it would be."""
    kind = Kind.ANSWER if choice.sources else Kind.SILENT
    return Outgoing(
        kind, outgoing.language, choice.text, topic=choice.topic, verdict=choice.verdict, sources=choice.sources
    )

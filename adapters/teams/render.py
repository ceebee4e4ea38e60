"""An outgoing message as an activity with an Adaptive Card 1.5.

Pure functions. `activity` gives what is sent, `card` the card alone, for an answer to a press. Everything stays under
Teams' size: what is too long is cut, and the card says so. Nothing a person typed is ever markup here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from adapters.teams.elements import (
    ACTIONS,
    FIELD,
    REFRESH,
    Element,
    as_buttons,
    at_most,
    clean,
    cut,
    execute,
    field_inputs,
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
from adapters.teams.shorten import shorter
from adapters.teams.spoken import fallback, rows, source_lines
from adapters.teams.texts import say as own
from bot.messages import Button, Entry, Field, Input, Kind, Outgoing, Person, Style
from bot.texts import say

CARD = "application/vnd.microsoft.card.adaptive"
BUDGET = 26_000
"""Bytes of a card; Teams takes 28 KB, and the activity around it needs some."""
SUMMARY = 200
SUGGESTIONS = 6
NONE = "none"
SYMBOL = {"yes": "✅", "no": "⛔", "conditional": "⚠️"}


def activity(
    outgoing: Outgoing, *, personal: bool = True, reviewers: tuple[str, ...] = (), chooser: Person | None = None
) -> Element:
    """The message: its card, and a summary for the notification."""
    shown = card(outgoing, personal=personal, reviewers=reviewers, chooser=chooser)
    made: Element = {
        "type": "message",
        "locale": outgoing.language.value,
        "summary": cut(" ".join(fallback(outgoing).split()), SUMMARY) or "Someguide",
        "attachments": [attachment(shown)],
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
    outgoing: Outgoing,
    *,
    personal: bool = True,
    reviewers: tuple[str, ...] = (),
    passive: bool = False,
    chooser: Person | None = None,
) -> Element:
    """The card, cut as far as needed. `reviewers`: who get their own view of it; the others see no buttons.

    `passive`: shown where nothing can be pressed. `chooser`: who may pick people from all of the organisation.
    """
    made: Element = {}
    for short, limits in shorter(outgoing):
        made = _Card(short, personal, reviewers, passive, chooser, limits.spoken, cut_off=short != outgoing).build()
        if size(made) <= BUDGET:
            break
    return made


# -- the card --------------------------------------------------------------------------------------------------------


@dataclass
class _Card:
    """One card on the way to being one. Numbers its inputs, since ids must differ over the card and what unfolds."""

    outgoing: Outgoing
    personal: bool
    reviewers: tuple[str, ...]
    passive: bool
    chooser: Person | None
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
        """`thing` is the message's key; clients made with React lose a press whose data have a `key`."""
        data: Element = {"action": action, "language": self.outgoing.language.value, **more}
        return data | ({"thing": self.outgoing.key} if self.outgoing.key else {})

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
        for row in rows(self.outgoing):
            marks = f" ({own(language, 'changed')})" if row.changed else ""
            yield line([run(row.label + marks, weight="Bolder")], spacing="Medium")
            shown = list(words(row.value)) or [small(own(language, "missing"))]
            yield from ({**element, "spacing": "None" if n == 0 else "Small"} for n, element in enumerate(shown))
            if row.note:
                yield from words(f"{own(language, 'note')}: {row.note}", italic=True)

    def _foot(self) -> Iterator[Element]:
        outgoing = self.outgoing
        for text, url in source_lines(outgoing.sources):
            yield _source_line(f"{say(outgoing.language, 'source')}: ", text, url)
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
            yield from field_inputs(asked, outgoing.language, required=False, chooser=self.chooser)
        if outgoing.fields and outgoing.submit:
            self.actions.append(self._button(outgoing.submit, inputs=True, **self._about(outgoing.fields)))

    def _about(self, asked: tuple[Field, ...]) -> dict[str, Any]:
        """What must be known of the inputs when they come back: which hold lists, and which names stood in them."""
        lists = [FIELD + f.name for f in asked if f.input is Input.CHOICES]
        held = {FIELD + f.name: f.value for f in asked if self.chooser and f.input is Input.PERSON and f.value}
        return ({"lists": lists} if lists else {}) | ({"held": held} if held else {})

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
            yield from field_inputs(asked, language, required=not asked.optional, chooser=self.chooser)
            self.actions.append(self._button(submit, inputs=True, **self._about((asked,))))

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
        if outgoing.document:
            data: Element = {"file": outgoing.document.reference, "language": outgoing.language.value}
            self.actions.append(execute(own(outgoing.language, "file"), data))
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

"""The assistant itself, without any adapter: what an adapter is given, and what it gives."""

from __future__ import annotations

from typing import Any

from bot.messages import Button, Field, Incoming, Outgoing, Person
from bot.outbox import fetch
from bot.service import Service
from bot.texts import say, slug
from tests.channels.base import Act, Seen, text_of


class Core:
    """Speaks to `Assistant.take`."""

    name = "core"
    able = frozenset({"old", "fill", "file", "mention", "again", "public"})

    def __init__(self, service: Service) -> None:
        self.service = service

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    def person(self, name: str) -> str:
        """The same prefix as the page, whose replies leave with the answer."""
        return f"web:{slug(name)}"

    async def say(self, act: Act) -> list[Seen]:
        """A text or files."""
        return await self._take(act, act.text, None, None)

    async def press(self, act: Act, seen: Seen, label: str) -> list[Seen]:
        """A button or an option."""
        return await self._take(act, "", seen.labels[label], None)

    async def fill(self, act: Act, seen: Seen, values: dict[str, Any]) -> list[Seen]:
        """The fields of a form or of a step."""
        form = {}
        for label, value in values.items():
            field: Field = seen.fields[label]
            listed = value if isinstance(value, list) else [value]
            known = {o.label: o.value for o in field.options}
            chosen = [known.get(str(v), str(v)) for v in listed]
            form[field.name] = chosen if isinstance(value, list) else chosen[0]
        return await self._take(act, "", seen.labels[seen.submit], form)

    async def _take(self, act: Act, text: str, choice: str | None, form: dict[str, Any] | None) -> list[Seen]:
        person = self.person(act.person)
        conversation = f"{person}:public" if act.public else person
        made = await self.service.assistant.take(
            Incoming(
                act.organisation, conversation, text, act.language, choice,
                person=Person(person, act.person), event=act.event or None, private=not act.public,
                form=form, files=act.files, mentions=act.mentions,
            )
        )  # fmt: skip
        async with self.service.store.transaction() as tx:
            waiting = await fetch(tx, act.organisation, person, 0, self.service.assistant.clock())
            if waiting:
                await fetch(tx, act.organisation, person, waiting[-1].id, self.service.assistant.clock())
        told = {d.id for d in made}
        return [seen(d.outgoing) for d in (*made, *(w for w in waiting if w.id not in told))]


def seen(outgoing: Outgoing) -> Seen:
    """Everything in a message that a person could read or press."""
    fields = [*outgoing.fields, *([outgoing.field] if outgoing.field else [])]
    pressable: list[Button] = [*outgoing.buttons, *([outgoing.submit] if outgoing.submit else [])]
    pressable += [b for g in outgoing.groups for e in g.entries for b in e.buttons]
    pressable += [row.change for row in outgoing.rows if row.change]
    labels = {c.label: c.topic for c in (*outgoing.choices, *outgoing.related)}
    labels |= {o.label: o.action for f in fields for o in f.options if o.action}
    for button in pressable:
        labels.setdefault(button.label, button.action)
    read: list[str | None] = [outgoing.title, outgoing.progress, outgoing.text]
    read.append(say(outgoing.language, f"verdict-{outgoing.verdict.value}") if outgoing.verdict else None)
    for field in fields:
        read += [field.label, field.help, str(field.value or ""), field.error, *(o.label for o in field.options)]
    read += [part for row in outgoing.rows for part in (row.label, row.value, row.note)]
    for group in outgoing.groups:
        read += [group.title, *(part for e in group.entries for part in (e.title, e.detail))]
        read += [group.empty] if not group.entries else []
    read += [f"{s.document} {s.section} {s.passage}" for s in outgoing.sources]
    named = {f.label: f for f in fields}
    return Seen(text_of(read), outgoing.kind.value, labels, named, outgoing.submit.label if outgoing.submit else "")

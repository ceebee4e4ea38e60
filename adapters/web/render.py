"""An outgoing message as the JSON that the page shows; every text is text, never HTML."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape

from bot.messages import Button, Choice, ContactCard, Entry, Field, Kind, Outgoing, Row, Source
from bot.sources import cited, places
from bot.texts import say
from knowledge.models import Language

ASSETS = Path(__file__).with_name("assets")
_templates = Environment(loader=FileSystemLoader(ASSETS), autoescape=select_autoescape(default=True))
COMPACT = (Kind.STEP, Kind.FORM)
"""Kinds whose sources stand on one short line, since they come many in a row."""
TEXTS = (
    *("you", "bot", "waiting", "offline", "answer", "question", "sending", "optional", "error", "no-answer", "choose"),
    *("reason-empty", "reason-send", "reason-cancel", "changed", "note", "updated", "your-answers", "new-message"),
    *("show", "try-again", "attached", "attach-remove", "hidden", "date-incomplete", "my-things", "home-command"),
    *("fresh", "send", "send-answer"),
)
"""The page's own words that its script says (page-…)."""


def render(outgoing: Outgoing, number: int = 0) -> dict[str, Any]:
    """What the page needs to show a message. `number`: its delivery."""
    language, asked = outgoing.language, outgoing.field
    before, after = _around(outgoing.text, asked)
    answered = outgoing.kind is Kind.STEP and asked is None
    return {
        "id": number,
        "key": outgoing.key,
        "kind": outgoing.kind.value,
        "flow": outgoing.flow,
        "language": language.value,
        "title": outgoing.title,
        "progress": outgoing.progress,
        "verdict": outgoing.verdict.value if outgoing.verdict else None,
        "verdictText": say(language, f"verdict-{outgoing.verdict.value}") if outgoing.verdict else None,
        "paragraphs": [] if outgoing.text in _titles(outgoing) else _lines(before),
        "asking": _asking(outgoing),
        "answered": answered,
        "secret": _refused_secret(outgoing),
        "contact": _contact(outgoing.contact),
        "sourceLabel": say(language, "source"),
        "sources": [asdict(document) for document in cited(outgoing.sources)],
        "shortSource": _short(outgoing.sources, language) if outgoing.kind in COMPACT else None,
        "field": {**_field(asked), "description": _lines(after)} if asked else None,
        "fields": [_field(f) for f in outgoing.fields],
        "submit": _button(outgoing.submit),
        "rows": [] if answered else [_row(row) for row in outgoing.rows],
        "groups": [
            {"title": g.title, "empty": g.empty, "entries": [_entry(e) for e in g.entries]} for g in outgoing.groups
        ],
        "buttons": [_button(b) for b in outgoing.buttons],
        "document": _document(outgoing),
        "choices": [_choice(c) for c in outgoing.choices],
        "none": say(language, "none") if outgoing.kind is Kind.CHOOSE else None,
        "relatedLabel": say(language, "related"),
        "related": [_choice(c) for c in outgoing.related],
        "suggestions": list(outgoing.suggestions),
    }


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _titles(outgoing: Outgoing) -> set[str]:
    """Words that stand in a list's heading anyway."""
    return {text for g in outgoing.groups for text in (g.title, g.empty)} if len(outgoing.groups) == 1 else set()


def _around(text: str, asked: Field | None) -> tuple[str, str]:
    """The text before and after the asked question, which the page shows as the field's label."""
    if asked is None:
        return text, ""
    if asked.error:
        text = text.removeprefix(asked.error).lstrip()
    parts = text.split("\n\n")
    if asked.label not in parts:
        return text, asked.help
    place = parts.index(asked.label)
    return "\n\n".join(parts[:place]), "\n\n".join(parts[place + 1 :])


def _asking(outgoing: Outgoing) -> bool:
    """True for what waits for an answer; of one dialogue, only the newest such message is shown."""
    if outgoing.kind is Kind.STEP:
        return outgoing.field is not None
    return outgoing.kind is Kind.FORM or (outgoing.kind is Kind.SUMMARY and outgoing.key is not None)


def _refused_secret(outgoing: Outgoing) -> bool:
    """True when a reply was refused as a secret: the page then hides what was typed."""
    refusals = tuple(say(outgoing.language, f"refused-{what}") for what in ("password", "identity"))
    shown = [outgoing.text, *(f.error for f in (outgoing.field, *outgoing.fields) if f)]
    return any(text.startswith(refusals) for text in shown)


def _contact(contact: ContactCard | None) -> dict[str, str | None] | None:
    if contact is None:
        return None
    phone = contact.phone.replace(" ", "").replace("-", "") if contact.phone else None
    return {"email": contact.email, "phone": contact.phone, "dial": phone}


def _short(sources: tuple[Source, ...], language: Language) -> str | None:
    found = places(sources)
    return f"{say(language, 'source')}: {'; '.join(found)}" if found else None


def _choice(choice: Choice) -> dict[str, str]:
    return {"topic": choice.topic, "label": choice.label}


def _button(button: Button | None) -> dict[str, str | None] | None:
    if button is None:
        return None
    return {"label": button.label, "action": button.action, "style": button.style.value, "reason": button.reason}


def _field(asked: Field) -> dict[str, Any]:
    return {
        "name": asked.name,
        "label": asked.label,
        "input": asked.input.value,
        "description": _lines(asked.help),
        "value": list(asked.value) if isinstance(asked.value, tuple) else asked.value,
        "options": [{"value": o.value, "label": o.label, "action": o.action, "alone": o.alone} for o in asked.options],
        "optional": asked.optional,
        "error": asked.error,
        "fresh": asked.fresh,
    }


def _row(row: Row) -> dict[str, Any]:
    change = _button(row.change)
    return {"label": row.label, "value": row.value, "change": change, "note": row.note, "changed": row.changed}


def _entry(entry: Entry) -> dict[str, Any]:
    return {"title": entry.title, "detail": entry.detail, "buttons": [_button(b) for b in entry.buttons]}


def _document(outgoing: Outgoing) -> dict[str, str] | None:
    document = outgoing.document
    if document is None:
        return None
    label = say(outgoing.language, "page-document-link", document=document.name)
    return {"label": label, "reference": document.reference, "type": document.media_type}


def page(organisations: list[dict[str, Any]], chosen: str, language: Language, lacking: bool) -> str:
    """The page itself, in one language."""
    template = _templates.get_template("page.html")
    texts = {name: say(language, f"page-{name}") for name in TEXTS}
    return template.render(
        organisations=organisations,
        chosen=chosen,
        language=language.value,
        languages={"sv": "Svenska", "fi": "Suomi", "en": "English"},
        change={other.value: say(other, "page-language-command") for other in Language},
        lacking=lacking,
        texts=texts,
        say=lambda message, **values: say(language, message, **values),
    )

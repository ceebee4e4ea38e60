"""An outgoing message as the JSON that the page shows; every text is text, never HTML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape

from bot.messages import ContactCard, Outgoing, Source
from bot.texts import say
from knowledge.models import Language

ASSETS = Path(__file__).with_name("assets")
_templates = Environment(loader=FileSystemLoader(ASSETS), autoescape=select_autoescape(default=True))


def render(outgoing: Outgoing) -> dict[str, Any]:
    """What the page needs to show a message."""
    language = outgoing.language
    return {
        "kind": outgoing.kind.value,
        "language": language.value,
        "verdict": outgoing.verdict.value if outgoing.verdict else None,
        "verdictText": say(language, f"verdict-{outgoing.verdict.value}") if outgoing.verdict else None,
        "paragraphs": [p for p in outgoing.text.split("\n") if p.strip()],
        "contact": _contact(outgoing.contact),
        "sourceLabel": say(language, "source"),
        "sources": _sections(outgoing.sources),
        "choices": [{"topic": c.topic, "label": c.label} for c in outgoing.choices],
        "none": say(language, "none") if outgoing.kind.value == "choose" else None,
        "relatedLabel": say(language, "related"),
        "related": [{"topic": c.topic, "label": c.label} for c in outgoing.related],
        "suggestions": list(outgoing.suggestions),
    }


def _contact(contact: ContactCard | None) -> dict[str, str | None] | None:
    if contact is None:
        return None
    phone = contact.phone.replace(" ", "").replace("-", "") if contact.phone else None
    return {"email": contact.email, "phone": contact.phone, "dial": phone}


def _sections(sources: tuple[Source, ...]) -> list[dict[str, Any]]:
    """One entry a section, with its passages."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for s in sources:
        entry = found.setdefault(
            (s.document, s.section),
            {"document": s.document, "date": s.date, "section": s.section, "url": s.url, "passages": []},
        )
        entry["passages"].append(s.passage)
    return list(found.values())


def page(organisations: list[dict[str, Any]], chosen: str, language: Language, lacking: bool) -> str:
    """The page itself, in one language."""
    template = _templates.get_template("page.html")
    return template.render(
        organisations=organisations,
        chosen=chosen,
        language=language.value,
        languages={"sv": "Svenska", "fi": "Suomi", "en": "English"},
        lacking=lacking,
        say=lambda message, **values: say(language, message, **values),
    )

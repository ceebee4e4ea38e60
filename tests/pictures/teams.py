"""Pictures of the main cards of Teams, drawn by the official renderer: three languages, three themes, a phone's width.

The renderer's own objections are counted: a card that it objects to fails the command.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import structlog

from bot.organisations import Organisations
from bot.settings import Settings
from knowledge.models import Language
from tests.clients import MISSING, installed
from tests.fakes.teams_cards import standard
from tests.pictures.teams_hosts import THEMES, configuration, style
from tests.pictures.teams_moments import Card, moments

WIDTH = 360
"""A phone's, in CSS pixels."""
SHOWN = {
    "answer": (Language.SV, "light", ("answer", "step-list", "form-errors")),
    "review": (Language.FI, "dark", ("review", "home-reviewer", "handover")),
    "contrast": (Language.EN, "contrast", ("choose", "step-person", "step-boxes")),
}
"""The pictures in docs/: language, theme, and cards side by side."""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
DRAW = """([cards, host, width]) => {
  const AC = window.AdaptiveCards, found = {};
  for (const [name, json] of Object.entries(cards)) {
    const context = new AC.SerializationContext(AC.Versions.v1_5), card = new AC.AdaptiveCard();
    card.hostConfig = new AC.HostConfig(host);
    AC.AdaptiveCard.langProperty.regEx.lastIndex = 0;  // its pattern is one that remembers where it last stood
    card.parse(json, context);
    const events = [];
    for (let n = 0; n < context.eventCount; n++) events.push(context.getEventAt(n).message);
    for (const event of card.validateProperties().validationEvents) events.push(event.message);
    found[name] = events;
    const figure = document.createElement("figure"), box = document.createElement("div");
    figure.innerHTML = `<figcaption>${name}</figcaption>`;
    box.className = "card"; box.id = name; box.style.width = `${width}px`;
    box.appendChild(card.render()); figure.appendChild(box);
    document.querySelector(".sheet").appendChild(figure);
  }
  return found;
}"""


class Unpictured(Exception):
    """The pictures cannot be made; the text says why."""


def draw(out: Path, docs: Path | None = None) -> list[str]:
    """Writes a sheet of all cards for each language and theme into `out`, and the pictures of the documentation.

    Returns what the renderer objects to. Raises Unpictured.
    """
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    folder = installed()
    if folder is None or chromium is None:
        raise Unpictured(MISSING if folder is None else "Chromium is not installed")
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    organisations = Organisations(Settings())
    found = {language: asyncio.run(moments(organisations, language)) for language in Language}
    structlog.reset_defaults()
    library = folder / "node_modules" / "adaptivecards" / "dist" / "adaptivecards.min.js"
    objections = []
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for language, cards in found.items():
            for theme in THEMES:
                page = browser.new_page(viewport={"width": 4 * (WIDTH + 18) + 32, "height": 800})
                events = _sheet(page, library, cards, theme)
                objections += [f"{language}: {name}: {event}" for name in events for event in events[name]]
                page.screenshot(path=out / f"teams-{language.value}-{theme}.png", full_page=True)
                page.close()
        for name, (language, theme, names) in SHOWN.items() if docs else ():
            page = browser.new_page(viewport={"width": len(names) * (WIDTH + 18) + 16, "height": 400})
            _sheet(page, library, {n: found[language][n] for n in names}, theme, captions=False)
            page.screenshot(path=(docs or out) / f"teams-{name}.png", full_page=True)
            page.close()
        browser.close()
    return list(dict.fromkeys(objections))


def _sheet(page: Any, library: Path, cards: dict[str, Card], theme: str, captions: bool = True) -> dict[str, list[str]]:
    """Draws the cards on a page, and returns what the renderer says of each."""
    page.set_content(f"<!doctype html><style>{style(theme)}</style><div class=sheet></div>")
    if not captions:
        page.add_style_tag(content="figcaption { display: none }")
    page.add_script_tag(path=str(library))
    shown = json.loads(json.dumps({name: standard(card) for name, card in cards.items()}))
    found: dict[str, list[str]] = page.evaluate(DRAW, [shown, configuration(theme), WIDTH])
    return found

"""Pictures of what people meet in Slack, drawn from the very blocks that are sent: three languages, two widths."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from html import escape
from pathlib import Path
from typing import Any

import structlog

from bot.organisations import Organisations
from bot.settings import Settings
from knowledge.models import Language
from tests.fakes.slack import BOT
from tests.pictures.block_kit import blocks, text
from tests.pictures.slack_moments import ANNA, BO, ERIK, Moment, moments

WIDE, NARROW = 560, 390
"""CSS pixels: a conversation beside Slack's side bar, and a phone."""
SHOWN: dict[str, tuple[int, list[tuple[Language, str]]]] = {
    "answer": (WIDE, [(Language.SV, "answer"), (Language.SV, "form")]),
    "review": (WIDE, [(Language.FI, "review"), (Language.FI, "returned")]),
    "phone": (NARROW, [(Language.FI, "answer"), (Language.SV, "step"), (Language.EN, "home-staff")]),
}
"""The pictures in docs/: width, and what stands side by side."""
NAMES = {BOT: "Someguide", ANNA: "Anna Lind", ERIK: "Erik Eskola", BO: "Bo Berg"}
CSS = Path(__file__).with_name("slack.css")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


class Unpictured(Exception):
    """The pictures cannot be made; the text says why."""


def draw(out: Path, docs: Path | None = None) -> list[str]:
    """Writes a sheet of everything for each language and width into `out`, and the pictures of the documentation.

    Returns objections: nothing, for the fake Slack has refused none. Raises Unpictured.
    """
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise Unpictured("Chromium is not installed")
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    organisations = Organisations(Settings())
    with tempfile.TemporaryDirectory() as folder:
        found = {language: asyncio.run(moments(organisations, language, Path(folder))) for language in Language}
    structlog.reset_defaults()
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for language, made in found.items():
            for width in (WIDE, NARROW):
                for name, moment in made.items():
                    _photograph(browser, out / f"slack-{language.value}-{width}-{name}.png", width, [moment])
        for name, (width, shown) in SHOWN.items() if docs else ():
            chosen = [found[language][what] for language, what in shown]
            _photograph(browser, (docs or out) / f"slack-{name}.png", width, chosen)
        browser.close()
    return []


def _photograph(browser: Any, file: Path, width: int, shown: list[Moment]) -> None:
    page = browser.new_page(viewport={"width": len(shown) * (width + 28) + 40, "height": 300})
    page.set_content(sheet(shown, width))
    page.locator(".sheet").screenshot(path=file)
    page.close()


def sheet(shown: list[Moment], width: int) -> str:
    """A page with moments side by side."""
    narrow = " narrow" if width == NARROW else ""
    windows = "".join(f'<div class="window{narrow}" style="width: {width}px">{_drawn(m)}</div>' for m in shown)
    style = CSS.read_text(encoding="utf-8")
    return f'<!doctype html><meta charset="utf-8"><style>{style}</style><div class="sheet">{windows}</div>'


def _drawn(moment: Moment) -> str:
    return {"messages": _messages, "modal": _modal, "home": _home}[moment.kind](moment)


def _messages(moment: Moment) -> str:
    app = moment.title == NAMES[BOT]
    bar = f'<div class="bar">{_avatar(BOT) if app else ""}{escape(moment.title)}</div>'
    said = "".join(_message(message) for message in moment.shown)
    return f'{bar}{_tabs("Messages") if app else ""}<div class="messages">{said}</div>'


def _message(message: dict[str, Any]) -> str:
    user = message["user"]
    badge = '<span class="badge">APP</span>' if user == BOT else ""
    who = f'<span class="who">{NAMES[user]}</span>{badge}<span class="time">9:41</span>'
    said = blocks(message["blocks"]) if message.get("blocks") else f"<p>{_typed(message['text'])}</p>"
    count = message.get("_replies", 0)
    replies = f'<div class="replies">{count} {"reply" if count == 1 else "replies"}</div>' if count else ""
    return f'<div class="message">{_avatar(user)}<div>{who}<div class="blocks">{said}</div>{replies}</div></div>'


def _typed(said: str) -> str:
    """What a person wrote, with the people they named."""
    return re.sub(r"&lt;@(\w+)&gt;", lambda found: f"@{NAMES.get(found[1], found[1])}", escape(said))


def _avatar(user: str) -> str:
    letters = "".join(part[0] for part in NAMES[user].split())
    return f'<span class="avatar{" app" if user == BOT else ""}">{letters}</span>'


def _tabs(here: str) -> str:
    shown = "".join(f'<span class="{"here" if t == here else ""}">{t}</span>' for t in ("Home", "Messages", "About"))
    return f'<div class="tabs">{shown}</div>'


def _modal(moment: Moment) -> str:
    (view,) = moment.shown
    bar = f'<div class="bar"><span>{escape(moment.title)}</span><span class="x">×</span></div>'
    foot = f'<span class="button">{text(view["close"])}</span>'
    foot += f'<span class="button primary">{text(view["submit"])}</span>' if "submit" in view else ""
    inside = f'{bar}<div class="blocks">{blocks(view["blocks"])}</div><div class="foot">{foot}</div>'
    return f'<div class="veil"><div class="modal">{inside}</div></div>'


def _home(moment: Moment) -> str:
    (view,) = moment.shown
    bar = f'<div class="bar">{_avatar(BOT)}{escape(moment.title)}</div>'
    return f'{bar}{_tabs("Home")}<div class="home"><div class="blocks">{blocks(view["blocks"])}</div></div>'

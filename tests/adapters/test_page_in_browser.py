"""The page in a real browser, with the keyboard alone."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
from collections.abc import Iterator

import pytest
from aiohttp import web

from adapters.web.wire import HOST, application
from bot.assistant import Assistant
from bot.organisations import Organisations
from bot.texts import say
from knowledge.models import Language

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed, so the page is not tried in a browser"),
]
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
CHILD = {
    "sv": "Får jag publicera en bild på ett barn?",
    "fi": "Saanko julkaista kuvan lapsesta?",
    "en": "May I publish a photo of a child?",
}
in_each = pytest.mark.parametrize("language", ["sv", "fi", "en"])


@pytest.fixture(scope="module")
def assistants(organisations: Organisations) -> dict[str, Assistant]:
    """The assistant that the served page asks; a test may put another in its place."""
    return {"now": Assistant(organisations.answerer)}


@pytest.fixture(scope="module")
def address(organisations: Organisations, assistants: dict[str, Assistant]) -> Iterator[str]:
    """The real application on a free port of the loopback address, in a thread of its own."""

    class Current(Assistant):
        def __init__(self) -> None:
            super().__init__(organisations.answerer)

        def handle(self, incoming):  # type: ignore[no-untyped-def]
            return assistants["now"].handle(incoming)

    for name in organisations.ids:
        organisations.answerer(name)
    listening = socket.socket()
    listening.bind((HOST, 0))
    loop, started, stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def serve() -> None:
        runner = web.AppRunner(application(organisations, Current()), access_log=None)
        await runner.setup()
        await web.SockSite(runner, listening).start()
        started.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert started.wait(10)
    yield f"http://{HOST}:{listening.getsockname()[1]}/"
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: sync_api.Browser, address: str) -> Iterator[sync_api.Page]:
    """A page of 360 px that must neither err nor ask another host."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, reduced_motion="reduce")
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    asked: list[str] = []
    errors: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    yield opened
    assert [url for url in asked if not url.startswith(address)] == []
    assert errors == []
    context.close()


def open_page(page: sync_api.Page, address: str, language: str, org: str = "aanekoski") -> None:
    page.goto(f"{address}?org={org}&language={language}")
    sync_api.expect(page.locator("#conversation > li.theirs")).to_have_count(1)


def ask(page: sync_api.Page, text: str, answers: int) -> sync_api.Locator:
    """Types a question where the keyboard is, and waits for that many answers in all."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    found = page.locator("#conversation > li.theirs")
    sync_api.expect(found).to_have_count(answers)
    return found.nth(answers - 1)


def no_sideways_scroll(page: sync_api.Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@in_each
def test_a_question_with_the_keyboard_alone(page: sync_api.Page, address: str, language: str) -> None:
    open_page(page, address, language)
    assert page.evaluate("document.activeElement.id") == "question"
    answer = ask(page, CHILD[language], 2)
    sync_api.expect(answer).to_have_attribute("lang", language)
    sync_api.expect(answer.locator(".verdict")).to_have_text(say(Language(language), "verdict-conditional"))
    sync_api.expect(answer.locator(".source").first).to_contain_text("aanekoski/kuvauslupa-2")
    sync_api.expect(answer.locator('a[href^="mailto:suvi.kallioinen@"]').first).to_be_visible()
    sync_api.expect(answer.locator('a[href="tel:0406212653"]').first).to_be_visible()
    sync_api.expect(page.locator("#question")).to_be_focused()
    sync_api.expect(page.locator("#question")).to_have_value("")
    sync_api.expect(page.locator("#status")).to_have_text("")
    assert no_sideways_scroll(page)


@in_each
def test_the_page_itself(page: sync_api.Page, address: str, language: str) -> None:
    open_page(page, address, language)
    assert page.locator("html").get_attribute("lang") == language
    assert page.title() == say(Language(language), "page-title")
    unlabelled = page.evaluate(
        """[...document.querySelectorAll('input, select, textarea, button')]
        .filter(e => !(e.labels?.length || e.textContent.trim() || e.getAttribute('aria-label'))
          || (e.labels?.length && ![...e.labels].some(l => l.textContent.trim()))).map(e => e.outerHTML)"""
    )
    unlabelled += page.evaluate(
        "[...document.querySelectorAll('input, select, textarea')].filter(e => !e.labels.length).map(e => e.outerHTML)"
    )
    assert unlabelled == []
    assert page.locator("h1").count() == 1
    assert no_sideways_scroll(page)


@in_each
def test_a_choice_with_the_keyboard(
    page: sync_api.Page,
    address: str,
    language: str,
    hesitant: Assistant,
    assistants: dict[str, Assistant],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(assistants, "now", hesitant)
    open_page(page, address, language)
    offer = ask(page, CHILD[language], 2)
    buttons = offer.locator("button")
    assert buttons.count() >= 3
    sync_api.expect(buttons.last).to_have_text(say(Language(language), "none"))
    buttons.first.focus()
    page.keyboard.press("Enter")
    answer = page.locator("#conversation > li.theirs").nth(2)
    sync_api.expect(answer).to_have_attribute("lang", language)
    sync_api.expect(answer.locator(".source").first).to_contain_text("aanekoski/")
    assert no_sideways_scroll(page)


def test_every_control_is_reached_with_tab(page: sync_api.Page, address: str) -> None:
    open_page(page, address, "en")
    page.evaluate("document.activeElement.blur()")
    reached = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
    assert {
        "org",
        "language",
        "user",
        "question",
        say(Language.EN, "page-send"),
        say(Language.EN, "example-1"),
    } <= reached


def test_html_is_shown_as_text(page: sync_api.Page, address: str) -> None:
    open_page(page, address, "en", "vara")
    text = "<img src=x onerror=document.title='broken'><b>bold</b>"
    ask(page, text, 2)
    sync_api.expect(page.locator("li.mine p")).to_have_text(text)
    assert page.locator("#conversation img, #conversation b").count() == 0
    assert page.title() != "broken"

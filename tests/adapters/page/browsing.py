"""A real browser on the page: the application it talks to, and what its tests do again and again."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from adapters.web.wire import HOST, application
from bot.answering.answerer import Answerer
from bot.assistant import Assistant
from bot.messages import Button, Document, Entry, Field, Group, Input, Kind, Option, Outgoing, Row, Style
from bot.organisations import Organisations
from bot.outbox import Destination, put
from bot.service import Service, service
from bot.settings import Settings
from knowledge.models import Language

if TYPE_CHECKING or find_spec("playwright"):
    from playwright import sync_api
else:
    sync_api = None
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NEEDS_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(sync_api is None, reason="playwright is not installed"),
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
ASKED = "#conversation > li.theirs:not(.answered):is(.step, .form, .summary)"
"""What waits for an answer."""
REJECT = Button("Reject", "req:1:reject", Style.DANGER, reason="Why is it rejected?")
CARD = Outgoing(
    Kind.REQUEST,
    Language.EN,
    "Waits for a decision.",
    title="AAN-2026-0001: Open an account",
    rows=(
        Row("1. Which unit?", "<b>Youth work</b>\nand sports", Button("Change 1", "s:1:change:unit")),
        Row("2. Which platform?", "Instagram", note="Which name?", changed=True),
    ),
    buttons=(Button("Approve", "req:1:approve", Style.PRIMARY), REJECT),
    document=Document("AAN-2026-0001.pdf", "application/pdf", "AAN-2026-0001/1"),
    key="request:1",
)


class Served:
    """The real application in a thread of its own, over an empty store; a test may change its assistant."""

    def __init__(self, organisations: Organisations) -> None:
        self.organisations = organisations
        self.opened: Service
        self._loop = asyncio.new_event_loop()
        self._started, self._stop = threading.Event(), asyncio.Event()
        self._listening = socket.socket()
        self._listening.bind((HOST, 0))
        self.address = f"http://{HOST}:{self._listening.getsockname()[1]}/"
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), daemon=True)

    async def _serve(self) -> None:
        async with service(Settings(database_url="sqlite://"), self.organisations) as self.opened:
            runner = web.AppRunner(application(self.opened), access_log=None)
            await runner.setup()
            await web.SockSite(runner, self._listening).start()
            self._started.set()
            await self._stop.wait()
            await runner.cleanup()

    def start(self) -> None:
        self._thread.start()
        assert self._started.wait(20)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)
        self._loop.close()

    def answer_with(self, answerer: Callable[[str], Answerer]) -> None:
        self.opened.assistant = Assistant(answerer, self.opened.store, self.opened.filing)

    def write(self, conversation: str, outgoing: Outgoing) -> None:
        """Somebody else's turn sends a message to a conversation."""

        async def write() -> None:
            async with self.opened.store.transaction() as tx:
                await put(tx, "aanekoski", Destination(conversation, {}), outgoing, self.opened.assistant.clock())

        asyncio.run_coroutine_threadsafe(write(), self._loop).result(10)


HIDDEN_FOCUS = """() => {
  const end = document.activeElement.getBoundingClientRect().bottom;
  return end > document.getElementById('ask').getBoundingClientRect().top;
}"""


def in_window(**settings: Any) -> pytest.MarkDecorator:
    """In a browser of other settings than a phone's."""
    return pytest.mark.parametrize("page", [settings], indirect=True)


def open_page(page: sync_api.Page, address: str, language: str, org: str = "aanekoski", name: str = "") -> None:
    page.goto(f"{address}?org={org}&language={language}")
    sync_api.expect(page.locator("#conversation > li.theirs")).to_have_count(1)
    if name:
        page.locator("#user").fill(name)
        page.locator("#role").focus()
        page.wait_for_function("name => Object.keys(sessionStorage).some(k => k.endsWith(name))", arg=f"web:{name}")
        page.locator("#question").focus()


def ask(page: sync_api.Page, text: str, answers: int) -> sync_api.Locator:
    """Types a question where the keyboard is, and waits for that many answers in all."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    found = page.locator("#conversation > li.theirs")
    sync_api.expect(found).to_have_count(answers)
    return found.nth(answers - 1)


def start(page: sync_api.Page, flow: str) -> sync_api.Locator:
    """Begins a dialogue by its starting words."""
    page.locator("#question").fill(flow)
    page.keyboard.press("Enter")
    asked = page.locator(ASKED)
    sync_api.expect(asked).to_have_count(1)
    return asked


def focused(page: sync_api.Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.className"))


def no_sideways_scroll(page: sync_api.Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


CONTROLS = "input, select, textarea, button, a, summary, fieldset"
UNLABELLED = (
    f"() => [...document.querySelectorAll('{CONTROLS}')]"
    + """.filter(e => {
  const label = e.getAttribute('aria-label') || [...(e.labels ?? [])].map(l => l.textContent).join('')
    || (e.matches('fieldset') ? e.querySelector('legend')?.textContent : '')
    || (e.matches('input, select, textarea') ? '' : e.textContent);
  return !label?.trim();
}).map(e => e.outerHTML)"""
)
DANGLING = """() => [...document.querySelectorAll('[aria-describedby], [aria-labelledby], a[href^="#"], label[for]')]
  .flatMap(e => ['aria-describedby', 'aria-labelledby', 'for'].flatMap(a => (e.getAttribute(a) ?? '').split(' '))
    .concat((e.getAttribute('href') ?? '').slice(1)).filter(i => i && !i.includes('/') && !document.getElementById(i))
    .filter(i => e.tagName !== 'A' || (e.getAttribute('href') ?? '').startsWith('#')))"""
FAINT = """() => {
  const parse = (c) => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const seen = (e) => e.checkVisibility() && !e.closest('.visually-hidden, .skip');
  return [...document.querySelectorAll('body *')].filter(e => seen(e)
      && ([...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || e.matches('input, textarea, select')))
    .map(e => { const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))];
      return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.className, e.outerHTML.slice(0, 80)]; })
    .filter(([ratio]) => ratio < 4.5);
}"""


def to_form(page: sync_api.Page) -> sync_api.Locator:
    """The first section of the account request as a form."""
    start(page, "open an account").locator('button[data-action*=":form:"]').click()
    form = page.locator("li.form")
    sync_api.expect(form).to_have_count(1)
    return form


def fill(form: sync_api.Locator) -> None:
    """Something in every field of a form."""
    for field in form.locator("input[type=text], textarea").all():
        if not field.input_value():
            field.fill("Answer 12")
    for field in form.locator("input[type=date]").all():
        field.fill("2099-03-03")
    for field in form.locator("select").all():
        field.select_option(index=1)
    for group in form.locator("fieldset").all():
        group.locator("input").first.check()


EVERYTHING = [
    CARD,
    Outgoing(
        Kind.FORM,
        Language.EN,
        "2 answers need mending.",
        title="Open an account: who looks after it, and when somebody else does so instead",
        progress="Section 2 of 5",
        flow="x",
        fields=(
            Field("text", "Text", Input.TEXT, "Why it is asked.", error="Too short."),
            Field("long", "Long text", Input.LONG_TEXT, value="x" * 300, optional=True),
            Field("date", "Date", Input.DATE, value="2027-02-03"),
            Field("number", "Number", Input.NUMBER, value="12"),
            Field("address", "Address", Input.ADDRESS, value="https://" + "a" * 90),
            Field("person", "Person", Input.PERSON, "A colleague."),
            Field("one", "One", Input.CHOICE, options=(Option("a", "A" * 70), Option("b", "B")), optional=True),
            Field("of", "One of many", Input.CHOICE, options=tuple(Option(str(n), f"Option {n}") for n in range(12))),
            Field("some", "Some", Input.CHOICES, value=("b",), options=(Option("a", "A"), Option("b", "B"))),
            Field("sure", "Sure?", Input.CHOICE, options=(Option("yes", "I confirm"),), error="Confirm it."),
        ),
        submit=Button("Save and go on", "s:1:save:x", Style.PRIMARY),
        buttons=(Button("Pause", "s:1:pause"),),
        key="session:1:form",
    ),
    Outgoing(
        Kind.HOME,
        Language.EN,
        "What you have",
        groups=(
            Group("Your drafts", (Entry("Open an account", "2 answers", (Button("Continue", "s:1:resume"),)),)),
            Group("Your requests", (), "You have none."),
        ),
    ),
    Outgoing(Kind.NOTICE, Language.EN, "Shall I?\n– one\n– two", buttons=(Button("Yes", "s:1:yes", Style.DANGER),)),
]


def show_everything(page: sync_api.Page, address: str, site: Served, name: str) -> None:
    """Every kind of message on one page."""
    open_page(page, address, "en", name=name)
    for outgoing in EVERYTHING:
        site.write(f"web:{name}", outgoing)
    sync_api.expect(page.locator("#conversation > li.theirs")).to_have_count(1 + len(EVERYTHING))
    page.locator("li.request").get_by_role("button", name="Reject").click()
    sync_api.expect(page.locator("form.reason")).to_be_visible()

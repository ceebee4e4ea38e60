"""The page in a real browser, with the keyboard alone."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from adapters.web.read import SHARED
from adapters.web.wire import HOST, application
from bot.answering.answerer import Answerer
from bot.assistant import Assistant
from bot.messages import (
    Button,
    Document,
    Entry,
    Field,
    Group,
    Input,
    Kind,
    Option,
    Outgoing,
    Row,
    Style,
)
from bot.organisations import Organisations
from bot.outbox import Destination, put
from bot.service import Service, service
from bot.settings import Settings
from bot.texts import say
from knowledge.models import Language
from tests.conftest import lexical_answerer

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


@pytest.fixture(scope="module")
def site(organisations: Organisations) -> Iterator[Served]:
    for name in organisations.ids:
        organisations.answerer(name)
    made = Served(organisations)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def address(site: Served, organisations: Organisations) -> str:
    site.answer_with(organisations.answerer)
    return site.address


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(params=[{}])
def page(browser: sync_api.Browser, address: str, request: pytest.FixtureRequest) -> Iterator[sync_api.Page]:
    """A page of 360 px that must neither err nor ask another host."""
    settings = {"viewport": {"width": 360, "height": 740}, "reduced_motion": "reduce"} | request.param
    context = browser.new_context(**settings)
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    asked: list[str] = []
    errors: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda said: errors.append(said.text) if said.type in ("error", "warning") else None)
    yield opened
    assert [url for url in asked if not url.startswith(address)] == []
    assert [error for error in errors if "net::ERR_FAILED" not in error] == []  # what a test itself broke off
    context.close()


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
    sync_api.expect(page.locator("#announce")).to_contain_text(say(Language(language), "verdict-conditional"))
    assert no_sideways_scroll(page)


@in_each
def test_the_page_itself(page: sync_api.Page, address: str, language: str) -> None:
    open_page(page, address, language)
    assert page.locator("html").get_attribute("lang") == language
    assert page.title() == say(Language(language), "page-title")
    assert page.evaluate(UNLABELLED) == []
    assert page.evaluate(DANGLING) == []
    assert page.locator("h1").count() == 1
    assert page.locator('[aria-live="polite"]').count() == 1
    assert no_sideways_scroll(page)


@in_each
def test_a_choice_with_the_keyboard(
    page: sync_api.Page, address: str, language: str, site: Served, organisations: Organisations
) -> None:
    site.answer_with(lexical_answerer(organisations, answer=1.01, choose=0.0, known=0.0))
    open_page(page, address, language)
    offer = ask(page, CHILD[language], 2)
    buttons = offer.locator("ul.buttons").first.locator("button")
    assert buttons.count() >= 3
    sync_api.expect(buttons.last).to_have_text(say(Language(language), "none"))
    buttons.first.focus()
    page.keyboard.press("Enter")
    answer = page.locator("#conversation > li.theirs").nth(2)
    sync_api.expect(answer).to_have_attribute("lang", language)
    sync_api.expect(answer.locator(".source").first).to_contain_text("aanekoski/")
    sync_api.expect(answer).to_be_focused()
    assert no_sideways_scroll(page)


def test_every_control_is_reached_with_tab(page: sync_api.Page, address: str) -> None:
    open_page(page, address, "en")
    page.evaluate("document.activeElement.blur()")
    reached = set()
    for _ in range(page.locator("a, button, input, select, textarea").count()):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
    assert {
        *("org", "language", "user", "role", "mine", "question", "send"),
        say(Language.EN, "page-attach"),
        say(Language.EN, "example-1"),
    } <= reached


def test_html_is_shown_as_text(page: sync_api.Page, address: str, site: Served) -> None:
    open_page(page, address, "en", "vara")
    text = "<img src=x onerror=document.title='broken'><b>bold</b>"
    ask(page, text, 2)
    sync_api.expect(page.locator("li.mine p")).to_have_text(text)
    assert page.locator("#conversation img, #conversation b").count() == 0
    assert page.title() != "broken"


@in_each
def test_a_decision_with_the_keyboard_alone(page: sync_api.Page, address: str, language: str) -> None:
    open_page(page, address, language)
    answer = ask(page, CHILD[language], 2)
    answer.locator('button[data-action="flow:photo"]').focus()
    page.keyboard.press("Enter")
    asked = page.locator(ASKED)
    done = page.locator("#conversation > li.answered")
    for number in range(10):
        sync_api.expect(page.locator(f"{ASKED}, li.outcome")).to_have_count(1)
        sync_api.expect(done).to_have_count(number)
        if page.locator("li.outcome").count():
            break
        group = asked.locator("fieldset")
        sync_api.expect(group).to_be_focused()
        assert group.locator("legend").text_content()
        page.keyboard.press("Tab")
        page.keyboard.press("Space" if group.locator("input").count() else "Enter")
        if group.locator("input").count():
            asked.locator("button[type=submit]").focus()
            page.keyboard.press("Enter")
    outcome = page.locator("li.outcome")
    sync_api.expect(outcome).to_be_focused()
    sync_api.expect(outcome.locator(".verdict")).to_be_visible()
    sync_api.expect(outcome.locator(".source").first).to_contain_text("aanekoski/")
    sync_api.expect(outcome.locator("dl > div")).to_have_count(done.count())
    sync_api.expect(done.first).to_contain_text("✓")
    assert asked.count() == 0
    assert no_sideways_scroll(page)


def test_the_question_box_takes_answers_and_questions(page: sync_api.Page, address: str) -> None:
    open_page(page, address, "en")
    asked = start(page, "open an account")
    sync_api.expect(page.locator("#question-label")).to_have_text(say(Language.EN, "page-answer"))
    page.locator("#question").fill("Youth work")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("li.answered")).to_contain_text("Youth work")
    sync_api.expect(asked.locator("h3 .progress")).to_contain_text("2")
    sync_api.expect(page.locator("#question")).to_be_focused()
    page.locator("#question").fill(CHILD["en"])
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("li.answer")).to_have_count(1)
    sync_api.expect(asked).to_have_count(1)
    assert page.locator("#conversation > li").last.evaluate("(e, s) => e.matches(s)", ASKED)


def test_going_back_and_changing_leave_one_question(page: sync_api.Page, address: str) -> None:
    open_page(page, address, "en")
    asked = start(page, "open an account")
    asked.locator("input").fill("Youth work")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("li.answered")).to_have_count(1)
    asked.get_by_role("button", name=say(Language.EN, "button-back"), exact=True).click()
    sync_api.expect(page.locator("li.answered")).to_have_count(0)
    sync_api.expect(asked).to_have_count(1)
    sync_api.expect(asked.locator("input")).to_be_focused()
    sync_api.expect(asked.locator("input")).to_have_value("Youth work")
    asked.locator("input").fill("Sports")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("li.answered")).to_contain_text("Sports")
    page.locator("li.answered button").click()
    sync_api.expect(asked.locator("input")).to_have_value("Sports")
    sync_api.expect(asked).to_have_count(1)


def to_form(page: sync_api.Page) -> sync_api.Locator:
    """The first section of the account request as a form."""
    start(page, "open an account").locator('button[data-action*=":form:"]').click()
    form = page.locator("li.form")
    sync_api.expect(form).to_have_count(1)
    return form


def test_a_form_with_an_error(page: sync_api.Page, address: str) -> None:
    open_page(page, address, "en", "vara")
    form = to_form(page)
    sync_api.expect(form).to_be_focused()
    assert page.locator(ASKED).count() == 1
    assert page.evaluate(UNLABELLED) == []
    unit, long = form.locator("input[type=text]").first, form.locator("textarea").last
    hint = unit.evaluate("e => document.getElementById(e.getAttribute('aria-describedby')).textContent")
    assert hint.strip()
    unit.fill("131052-308T")
    long.fill("They have other readers.")
    form.locator("button[type=submit]").click()
    errors = form.locator(".wrongs")
    sync_api.expect(errors).to_be_focused()
    refused = say(Language.EN, "refused-identity")
    sync_api.expect(errors).to_contain_text(refused)
    sync_api.expect(unit).to_have_value("")  # a secret is not kept, not even here
    sync_api.expect(unit).to_have_attribute("aria-invalid", "true")
    described = unit.evaluate(
        "e => e.getAttribute('aria-describedby').split(' ').map(i => document.getElementById(i).textContent).join(' ')"
    )
    assert f"{say(Language.EN, 'page-error')}: {refused}" in described
    sync_api.expect(long).to_have_value("They have other readers.")
    assert page.evaluate(DANGLING) == []
    assert page.evaluate(UNLABELLED) == []
    assert no_sideways_scroll(page)
    errors.locator("a").first.focus()
    page.keyboard.press("Enter")
    sync_api.expect(unit).to_be_focused()
    page.keyboard.type("Youth work")
    for group in form.locator("fieldset").all():
        group.locator("input").first.check()
    page.keyboard.press("Tab")
    form.locator("button[type=submit]").click()
    sync_api.expect(form.locator("h3 .progress")).to_contain_text("2")
    assert form.locator("[aria-invalid]").count() == 0


def test_a_form_comes_again_with_what_an_answer_asks_for(page: sync_api.Page, address: str) -> None:
    open_page(page, address, "en")
    form = to_form(page)
    names = "all => all.map(e => e.dataset.name)"
    assert form.locator("[data-name]").evaluate_all(names) == ["unit", "platform", "existing-reviewed"]
    form.locator("input[type=text]").fill("Youth work")
    form.get_by_label("Another").check()
    form.get_by_label("Yes, they are not enough").check()
    form.locator("button[type=submit]").focus()
    page.keyboard.press("Enter")
    more = form.locator(".more")
    sync_api.expect(more).to_be_focused()
    sync_api.expect(more.get_by_role("heading")).to_have_text(say(Language.EN, "form-more", count=2))
    sync_api.expect(more.locator("li")).to_have_count(2)
    sync_api.expect(page.locator("#announce")).to_contain_text(say(Language.EN, "form-more", count=2))
    assert page.evaluate(HIDDEN_FOCUS) is False
    sync_api.expect(form.locator("input[type=text]").first).to_have_value("Youth work")
    sync_api.expect(form.get_by_label("Another", exact=True)).to_be_checked()
    fresh = form.locator(".fresh").evaluate_all("all => all.map(e => e.closest('[data-name]').dataset.name)")
    assert fresh == ["platform-other", "main-not-enough"]
    page.keyboard.press("Tab")
    page.keyboard.type("Mastodon")
    assert form.locator('[data-name="platform-other"] input').input_value() == "Mastodon"
    assert page.evaluate(DANGLING) == []
    assert page.evaluate(UNLABELLED) == []
    assert page.evaluate(FAINT) == []
    assert no_sideways_scroll(page)
    form.get_by_label("Facebook").check()
    form.locator("textarea").fill("They have other readers.")
    form.locator("button[type=submit]").click()
    sync_api.expect(form.locator("h3 .progress")).to_contain_text("2")


def test_none_of_these_takes_the_others_away(page: sync_api.Page, address: str) -> None:
    open_page(page, address, "en")
    start(page, "check a post").get_by_role("button", name="No, none of these").click()
    sync_api.expect(page.locator("li.answered")).to_have_count(1)  # until then the buttons are those of the first step
    page.locator(ASKED).locator("fieldset button").first.click()
    group = page.locator(ASKED).locator("fieldset:has(input[type=checkbox])")
    group.get_by_label("A picture").focus()
    page.keyboard.press("Space")
    group.get_by_label("A video").check()
    group.get_by_label("None of these").focus()
    page.keyboard.press("Space")
    checked = "all => all.filter(e => e.checked).map(e => e.value)"
    assert group.locator("input").evaluate_all(checked) == ["nothing"]
    group.get_by_label("A video").check()
    assert group.locator("input").evaluate_all(checked) == ["video"]
    sent: list[dict[str, Any]] = []
    page.on("request", lambda r: sent.append(json.loads(r.post_data or "{}")) if r.method == "POST" else None)
    page.locator(ASKED).locator("button[type=submit]").click()
    sync_api.expect(page.locator("li.answered")).to_have_count(3)
    assert sent[0]["form"] == {"publish-content": ["video"]}


def test_another_dialogue_is_begun_only_after_asking(page: sync_api.Page, address: str) -> None:
    open_page(page, address, "en")
    sync_api.expect(page.locator("#send")).to_have_text(say(Language.EN, "page-send"))
    start(page, "open an account")
    sync_api.expect(page.locator("#send")).to_have_text(say(Language.EN, "page-send-answer"))
    page.locator(ASKED).locator("input").fill("Youth work")
    page.keyboard.press("Enter")
    page.locator("#question").fill("report an incident")
    page.keyboard.press("Enter")
    notice = page.locator("li.notice")
    sync_api.expect(notice).to_have_count(1)
    sync_api.expect(page.locator(ASKED)).to_have_count(1)  # the question is still there
    notice.get_by_role("button", name="Report an incident").click()
    asked = page.locator(ASKED)
    sync_api.expect(asked.locator("h3 .title")).to_have_text("Report an incident")
    sync_api.expect(asked).to_have_count(1)


def test_who_writes_on_meanwhile_keeps_the_focus(page: sync_api.Page, address: str) -> None:
    """The reply to a step arrives while the next message is being written."""
    open_page(page, address, "en")
    start(page, "open an account")
    held: list[sync_api.Route] = []
    page.route("**/messages", lambda route: held.append(route))
    page.locator(ASKED).locator("input").fill("Youth work")
    with page.expect_request("**/messages"):
        page.keyboard.press("Enter")
    page.locator("#question").click()
    page.keyboard.type("report an")
    held[0].continue_()
    sync_api.expect(page.locator("li.answered")).to_have_count(1)
    page.unroute("**/messages")
    page.keyboard.type(" incident")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("li.notice")).to_have_count(1)


def test_a_wrong_value_stays_to_be_mended(page: sync_api.Page, address: str) -> None:
    open_page(page, address, "en")
    asked = start(page, "open an account")
    asked.locator("input").fill("x" * 400)
    page.keyboard.press("Enter")
    sync_api.expect(asked).to_contain_text("too long")
    sync_api.expect(asked.locator("input")).to_have_value("x" * 400)
    sync_api.expect(asked.locator("input")).to_be_focused()


def test_a_form_walked_to_its_summary(page: sync_api.Page, address: str) -> None:
    open_page(page, address, "en")
    form = to_form(page)
    for _ in range(12):
        if not form.count():
            break
        fill(form)
        before = form.element_handle()
        form.locator("button[type=submit]").click()
        page.wait_for_function("before => !before.isConnected", arg=before)
        assert page.evaluate(UNLABELLED) == []
        assert no_sideways_scroll(page)
    summary = page.locator("li.summary")
    sync_api.expect(summary).to_be_focused()
    rows = summary.locator("dl > div")
    assert rows.count() > 10
    sync_api.expect(rows.first).to_contain_text("Answer 12")
    sync_api.expect(summary.locator("button.primary")).to_have_text(say(Language.EN, "button-submit"))
    sync_api.expect(summary.locator("button.primary")).to_have_attribute("aria-describedby", "style-primary")
    rows.first.locator("button").click()
    asked = page.locator(ASKED)
    sync_api.expect(asked.locator("input")).to_have_value("Answer 12")
    asked.locator("input").fill("Sports")
    page.keyboard.press("Enter")
    sync_api.expect(summary).to_be_focused()
    sync_api.expect(rows.first).to_contain_text("Sports")
    assert page.evaluate(FAINT) == []


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


def test_pause_and_go_on_in_another_tab(page: sync_api.Page, address: str) -> None:
    open_page(page, address, "en", name="paula")
    asked = start(page, "open an account")
    asked.locator("input").fill("Youth work")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("li.answered")).to_have_count(1)
    asked.get_by_role("button", name=say(Language.EN, "button-pause"), exact=True).click()
    sync_api.expect(page.locator("li.notice")).to_be_focused()
    sync_api.expect(asked).to_have_count(0)
    sync_api.expect(page.locator("#question-label")).to_have_text(say(Language.EN, "page-question"))
    said = page.locator("#conversation > li").all_text_contents()
    page.reload()
    sync_api.expect(page.locator("#conversation > li")).to_have_text(said)
    other = page.context.new_page()
    other.goto(f"{address}?org=aanekoski&language=en")
    sync_api.expect(other.locator("#user")).to_have_value("paula")
    drafts = other.locator("li.home")
    sync_api.expect(drafts).to_have_count(1)
    drafts.get_by_role("button", name=say(Language.EN, "button-resume")).click()
    sync_api.expect(other.locator(ASKED).locator("h3 .progress")).to_contain_text("2")
    other.locator("#mine").click()
    sync_api.expect(other.locator("li.home")).to_have_count(2)
    other.close()


def test_what_is_typed_survives(page: sync_api.Page, address: str) -> None:
    open_page(page, address, "en", "vara")
    form = to_form(page)
    form.locator("textarea").last.fill("Half a senten")
    form.locator("input[type=radio]").nth(2).check()
    page.locator("#question").fill("What about")
    page.locator("#language").select_option("sv")
    sync_api.expect(page.locator("html")).to_have_attribute("lang", "sv")
    sync_api.expect(page.locator("#language")).to_be_focused()
    sync_api.expect(page.locator("#question")).to_have_value("What about")
    sync_api.expect(form.locator("textarea").last).to_have_value("Half a senten")
    sync_api.expect(form.locator("input[type=radio]").nth(2)).to_be_checked()
    page.locator("#org").select_option("aanekoski")
    sync_api.expect(page.locator("#conversation > li")).to_have_count(1)
    sync_api.expect(page.locator("#document")).not_to_contain_text("Vara")
    sync_api.expect(page.locator("#question")).to_have_value("What about")
    page.locator("#role").select_option("communications")
    sync_api.expect(page.locator("#question")).to_have_value("What about")
    page.locator("#role").select_option("staff")
    page.locator("#org").select_option("vara")
    sync_api.expect(form.locator("textarea").last).to_have_value("Half a senten")
    form.get_by_role("button", name=say(Language.EN, "button-steps")).click()
    page.locator(f'{ASKED} button[data-action*=":form:"]').click()
    sync_api.expect(form.locator("textarea").last).to_have_value("Half a senten")
    assert page.url.endswith("?org=vara&language=sv")


def test_a_newer_message_takes_the_older_ones_place(page: sync_api.Page, address: str, site: Served) -> None:
    open_page(page, address, "en", name="renewed")
    site.write("web:renewed", CARD)
    card = page.locator("li.request")
    sync_api.expect(card).to_have_count(1)
    sync_api.expect(page.locator("#question")).to_be_focused()  # what comes by itself leaves the focus alone
    sync_api.expect(page.locator("#announce")).to_contain_text("Waits for a decision.")
    sync_api.expect(card.locator(".value").first).to_have_text("<b>Youth work</b>\nand sports")
    sync_api.expect(card.locator(".changed")).to_have_text(say(Language.EN, "page-changed"))
    sync_api.expect(card.locator(".note")).to_contain_text("Which name?")
    link = card.locator('a[href^="/documents/AAN-2026-0001%2F1?"]')
    sync_api.expect(link).to_contain_text("AAN-2026-0001.pdf")
    page.locator("#status button").click()
    sync_api.expect(card).to_be_focused()
    page.locator("#question").focus()
    ask(page, "thanks", 3)
    card.get_by_role("button", name="Reject").click()
    page.keyboard.type("Because of")
    site.write("web:renewed", replace(CARD, text="Rita has taken it."))
    sync_api.expect(card).to_contain_text("Rita has taken it.")
    sync_api.expect(card).to_have_count(1)
    assert page.locator("#conversation > li").nth(1).evaluate("e => e.matches('.request')")
    sync_api.expect(page.locator("#announce")).to_contain_text(f"{say(Language.EN, 'page-updated')}: ")
    sync_api.expect(card.locator("textarea")).to_be_focused()
    sync_api.expect(card.locator("textarea")).to_have_value("Because of")
    assert no_sideways_scroll(page)
    page.reload()
    sync_api.expect(card).to_have_count(1)
    sync_api.expect(card).to_contain_text("Rita has taken it.")


def test_a_reason_is_written_beneath_its_button(page: sync_api.Page, address: str, site: Served) -> None:
    open_page(page, address, "en", name="reasons")
    sent: list[dict[str, Any]] = []
    page.on("request", lambda r: sent.append(json.loads(r.post_data or "{}")) if r.method == "POST" else None)
    site.write("web:reasons", CARD)
    reject = page.locator("li.request").get_by_role("button", name="Reject")
    sync_api.expect(reject).to_have_attribute("aria-describedby", "style-danger")
    reject.focus()
    page.keyboard.press("Enter")
    text = page.get_by_label("Why is it rejected?")
    sync_api.expect(text).to_be_focused()
    sync_api.expect(reject).to_have_attribute("aria-expanded", "true")
    assert page.evaluate(HIDDEN_FOCUS) is False
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("form.reason .error")).to_contain_text(say(Language.EN, "page-reason-empty"))
    sync_api.expect(text).to_be_focused()
    assert page.evaluate(DANGLING) == []
    page.keyboard.press("Escape")
    sync_api.expect(text).to_have_count(0)
    sync_api.expect(reject).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("The name is missing.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("li.theirs")).to_have_count(3)
    (press,) = sent
    assert (press["choice"], press["form"]) == ("req:1:reject", {"reason": "The name is missing."})


def test_typing_a_question_does_not_move_the_page(page: sync_api.Page, address: str, site: Served) -> None:
    show_everything(page, address, site, "still")
    page.evaluate("scrollTo(0, 900)")
    page.locator("#question").evaluate("e => e.focus()")
    page.keyboard.type("Who")
    assert page.evaluate("scrollY") == 900


def test_the_focus_is_never_behind_the_question(page: sync_api.Page, address: str, site: Served) -> None:
    show_everything(page, address, site, "tabbed")
    page.locator("li.request button").first.focus()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#ask') !== null"):
            break
        assert page.evaluate(HIDDEN_FOCUS) is False, page.evaluate("document.activeElement.outerHTML")


def test_a_lost_answer_is_fetched_again_and_nothing_is_doubled(page: sync_api.Page, address: str) -> None:
    open_page(page, address, "en")
    events = []
    taken = threading.Event()

    def lose(route: sync_api.Route) -> None:
        events.append(route.request.post_data_json["event"])
        if not taken.is_set():
            route.fetch()  # it arrives, but its answer does not
            taken.set()
            route.abort()
        else:
            route.continue_()

    page.route("**/messages", lose)
    start(page, "open an account")
    assert len(events) == 2
    assert events[0] == events[1]
    sync_api.expect(page.locator("#conversation > li.theirs")).to_have_count(2)
    sync_api.expect(page.locator(ASKED).locator("h3 .progress")).to_contain_text("1")


def test_what_never_arrives_can_be_sent_again(page: sync_api.Page, address: str) -> None:
    open_page(page, address, "en")
    events = []

    def abort(route: sync_api.Route) -> None:
        events.append(route.request.post_data_json["event"])
        route.abort()

    page.route("**/messages", abort)
    page.keyboard.type("thanks")
    page.keyboard.press("Enter")
    failed = page.locator("li.failed")
    sync_api.expect(failed).to_have_attribute("role", "alert")
    sync_api.expect(failed).to_contain_text(say(Language.EN, "page-offline"))
    assert len(events) == 3
    assert len(set(events)) == 1
    page.unroute("**/messages")
    failed.get_by_role("button", name=say(Language.EN, "page-try-again")).click()
    sync_api.expect(page.locator("#conversation > li.theirs")).to_have_count(2)
    sync_api.expect(failed).to_have_count(0)
    sync_api.expect(page.locator("#conversation > li.mine")).to_have_count(1)


def test_a_double_press_is_one(page: sync_api.Page, address: str) -> None:
    open_page(page, address, "en")
    sent = []
    page.on("request", lambda r: sent.append(r.url) if r.method == "POST" else None)
    asked = start(page, "check a photo")
    asked.locator("fieldset button").first.dblclick()
    sync_api.expect(page.locator("li.answered")).to_have_count(1)
    page.wait_for_timeout(300)
    assert len(sent) == 2


def test_a_secret_is_hidden(page: sync_api.Page, address: str) -> None:
    open_page(page, address, "en")
    start(page, "open an account")
    page.locator("#question").fill("131052-308T")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator(ASKED)).to_contain_text(say(Language.EN, "refused-identity"))
    sync_api.expect(page.locator("li.mine p").last).to_have_text(say(Language.EN, "page-hidden"))
    assert "131052" not in page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)")


def test_communications_read_along(page: sync_api.Page, address: str, site: Served) -> None:
    open_page(page, address, "en", name="someone")
    site.write(SHARED, replace(CARD, key="request:shared", title="For everybody"))
    site.write("web:communications:rita", Outgoing(Kind.NOTICE, Language.EN, "For Rita alone."))
    page.wait_for_timeout(3000)
    assert page.locator("li.request").count() == 0
    page.locator("#user").fill("Rita")
    page.locator("#role").select_option("communications")
    sync_api.expect(page.locator("li.request")).to_contain_text("For everybody")
    sync_api.expect(page.locator("li.notice")).to_contain_text("For Rita alone.")


def jpeg(order: str, *, place: bool = True, artist: bytes = b"Anna Aalto\0") -> bytes:
    """The beginning of a photograph with metadata; after it comes what must not be sent."""
    entries, data = [], b""
    count = 2 if place else 1

    def entry(tag: int, kind: int, number: int, value: int) -> bytes:
        return struct.pack(f"{order}HHII", tag, kind, number, value)

    at = 8 + 2 + 12 * count + 4
    entries.append(entry(0x013B, 2, len(artist), at))
    data += artist + b"\0" * (len(artist) % 2)
    if place:
        gps = at + len(data)
        degrees = gps + 2 + 2 * 12 + 4
        entries.append(entry(0x8825, 4, 1, gps))
        data += struct.pack(f"{order}H", 2) + entry(2, 5, 3, degrees) + entry(4, 5, 3, degrees) + b"\0" * 4
        data += struct.pack(f"{order}6I", 62, 1, 36, 1, 5, 1)
    tiff = struct.pack(f"{order}2sHI", b"II" if order == "<" else b"MM", 42, 8)
    tiff += struct.pack(f"{order}H", count) + b"".join(entries) + b"\0" * 4 + data
    segment = b"Exif\0\0" + tiff
    head = b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
    return head + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + b"\xff\xda" + b"PIXELS" * 50_000


@pytest.mark.parametrize(
    ("content", "place", "people"),
    [
        (jpeg("<"), True, ["Anna Aalto"]),
        (jpeg(">", artist="Åsa Öberg; Bo\0".encode()), True, ["Åsa Öberg", "Bo"]),
        (jpeg(">", place=False), False, ["Anna Aalto"]),
        (jpeg("<")[:60], False, []),
        (b"\0\0\0\x18ftypheic" + jpeg("<")[24:], True, ["Anna Aalto"]),
        (b"no picture at all", False, []),
        (b"", False, []),
    ],
)
def test_only_what_the_metadata_show_is_sent(
    page: sync_api.Page, address: str, content: bytes, place: bool, people: list[str]
) -> None:
    open_page(page, address, "en")
    sent: list[str] = []
    page.on("request", lambda r: sent.append(r.post_data or "") if r.method == "POST" else None)
    page.locator("#attach summary").click()
    file: Any = {"name": "DSC_0001.jpg", "mimeType": "image/jpeg", "buffer": content}
    page.locator("#file").set_input_files(files=[file])
    sync_api.expect(page.locator("#attached")).to_contain_text("DSC_0001.jpg")
    page.locator("#question").fill("May I publish this?")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("li.mine")).to_contain_text("DSC_0001.jpg")
    asked = page.locator(ASKED)
    sync_api.expect(asked).to_contain_text(say(Language.EN, "file-not-kept"))
    told = asked.text_content() or ""
    assert (say(Language.EN, "file-place") in told) == place
    assert all(name in told for name in people)
    (body,) = sent
    expected = {"name": "DSC_0001.jpg", "media_type": "image/jpeg", "place": place, "people": people}
    assert json.loads(body)["files"] == [expected]
    assert "PIXELS" not in body
    sync_api.expect(page.locator("#attached")).to_be_hidden()


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


@in_window(color_scheme="dark")
def test_dark_has_contrast(page: sync_api.Page, address: str, site: Served) -> None:
    show_everything(page, address, site, "dark")
    ask(page, "", 5)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 29)"
    assert page.evaluate(FAINT) == []


@in_window(color_scheme="light")
def test_light_has_contrast(page: sync_api.Page, address: str, site: Served) -> None:
    show_everything(page, address, site, "light")
    assert page.evaluate(FAINT) == []


@in_window(viewport={"width": 360, "height": 740})
def test_a_new_page_begins_at_the_top_and_says_who_is_asked(page: sync_api.Page, address: str) -> None:
    open_page(page, address, "sv", org="hango", name="topp")
    sync_api.expect(page.locator("#conversation > li").first).to_be_attached()
    assert page.evaluate("scrollY") == 0
    sync_api.expect(page.locator("#org")).to_be_in_viewport()
    sync_api.expect(page.locator("#where")).to_have_text("Hangö stad")
    ask(page, CHILD["sv"], 2)
    sync_api.expect(page.locator("#where")).to_be_in_viewport()
    page.locator("#role").select_option("communications")
    sync_api.expect(page.locator("#where")).to_have_text("Hangö stad · Kommunikation")


def test_the_chosen_language_is_the_conversations_too(page: sync_api.Page, address: str) -> None:
    open_page(page, address, "en", name="kielenvaihtaja")
    ask(page, "report an incident", 3)
    page.locator("#language").select_option("fi")
    sync_api.expect(page.locator("html")).to_have_attribute("lang", "fi")
    asked = page.locator("#conversation > li.step")
    sync_api.expect(asked).to_have_attribute("lang", "fi")
    sync_api.expect(page.locator("#conversation > li.mine").last).to_contain_text("suomeksi")


@in_window(viewport={"width": 320, "height": 400})
def test_at_twice_the_size_everything_fits_and_nothing_sticks(page: sync_api.Page, address: str, site: Served) -> None:
    show_everything(page, address, site, "zoomed")
    assert no_sideways_scroll(page)
    assert page.locator("#ask").evaluate("e => getComputedStyle(e).position") == "static"
    assert page.evaluate(UNLABELLED) == []
    assert page.evaluate(DANGLING) == []


@in_window(viewport={"width": 360, "height": 740})
def test_every_field_says_what_it_is(page: sync_api.Page, address: str, site: Served) -> None:
    show_everything(page, address, site, "fields")
    form = page.locator("li.form")
    assert no_sideways_scroll(page)
    kinds = form.locator("[data-name]").evaluate_all(
        "all => Object.fromEntries(all.map(e => [e.dataset.name,"
        "[...e.querySelectorAll('input, textarea, select')].map(i => i.type)]))"
    )
    assert kinds == {
        "text": ["text"],
        "long": ["textarea"],
        "date": ["date"],
        "number": ["text"],
        "address": ["text"],
        "person": ["text"],
        "one": ["radio", "radio", "radio"],
        "of": ["select-one"],
        "some": ["checkbox", "checkbox"],
        "sure": ["checkbox"],
    }
    optional = form.locator(".optional").evaluate_all("all => all.map(e => e.closest('[data-name]').dataset.name)")
    assert optional == ["long", "one"]
    sync_api.expect(form.locator(".wrongs a")).to_have_count(2)
    sync_api.expect(form.locator('[data-name="some"] input').last).to_be_checked()
    sync_api.expect(form.get_by_label("Text", exact=True)).to_have_attribute("aria-invalid", "true")
    sent: list[dict[str, Any]] = []
    page.on("request", lambda r: sent.append(json.loads(r.post_data or "{}")) if r.method == "POST" else None)
    form.locator('[data-name="sure"] input').check()
    form.get_by_label("Text", exact=True).fill("Some text")
    form.locator("button[type=submit]").click()
    page.wait_for_function("() => !document.querySelector('li.form')?.hasAttribute('aria-busy')")
    assert sent[0]["choice"] == "s:1:save:x"
    assert sent[0]["form"] == {
        "text": "Some text",
        "long": "x" * 300,
        "date": "2027-02-03",
        "number": "12",
        "address": "https://" + "a" * 90,
        "person": "",
        "one": "",
        "of": "",
        "some": ["b"],
        "sure": "yes",
    }


def test_half_a_date_is_said_before_it_is_sent(page: sync_api.Page, address: str, site: Served) -> None:
    show_everything(page, address, site, "dates")
    sent: list[str] = []
    page.on("request", lambda r: sent.append(r.url) if r.method == "POST" else None)
    day = page.locator('li.form [data-name="date"] input')
    day.focus()
    page.keyboard.press("Delete")
    page.locator("li.form button[type=submit]").click()
    sync_api.expect(day).to_be_focused()
    sync_api.expect(page.locator('li.form [data-name="date"] .error')).to_contain_text(
        say(Language.EN, "page-date-incomplete")
    )
    assert sent == []

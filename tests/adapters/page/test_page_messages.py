"""What arrives on the page in a real browser: newer messages, reasons, lost and repeated answers, many readers."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any

from adapters.web.read import SHARED
from bot.messages import Kind, Outgoing
from bot.texts import say
from knowledge.models import Language
from tests.adapters.page.browsing import (
    ASKED,
    CARD,
    DANGLING,
    HIDDEN_FOCUS,
    NEEDS_BROWSER,
    Served,
    ask,
    no_sideways_scroll,
    open_page,
    start,
    sync_api,
)

pytestmark = NEEDS_BROWSER


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

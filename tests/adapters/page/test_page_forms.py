"""Forms on the page in a real browser: errors, what comes again, what is kept of half a form."""

from __future__ import annotations

import json
from typing import Any

from bot.texts import say
from knowledge.models import Language
from tests.adapters.page.browsing import (
    ASKED,
    DANGLING,
    FAINT,
    HIDDEN_FOCUS,
    NEEDS_BROWSER,
    UNLABELLED,
    Served,
    fill,
    no_sideways_scroll,
    open_page,
    show_everything,
    start,
    sync_api,
    to_form,
)

pytestmark = NEEDS_BROWSER


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

"""How the page looks in a real browser: contrast, size, and what every field says to who does not see it."""

from __future__ import annotations

import json
from typing import Any

from tests.adapters.page.browsing import (
    DANGLING,
    FAINT,
    NEEDS_BROWSER,
    UNLABELLED,
    Served,
    ask,
    in_window,
    no_sideways_scroll,
    show_everything,
    sync_api,
)

pytestmark = NEEDS_BROWSER


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

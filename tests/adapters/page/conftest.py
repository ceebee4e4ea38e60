"""One browser and one application for all tests of the page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.organisations import Organisations
from tests.adapters.page.browsing import ARGUMENTS, CHROMIUM, Served, sync_api


@pytest.fixture(scope="package")
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


@pytest.fixture(scope="package")
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

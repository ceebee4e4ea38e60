"""The Agents Playground in a real browser: what people see and press. SOMEGUIDE_PICTURES names a folder for pictures.

The side list and the log of the Playground hold the same words as the chat, so that only the bot's own bubbles and the
posts are looked at.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.organisations import Organisations
from knowledge.models import Language
from tests.adapters.teams.playing import Bot, open_bot
from tests.clients import MISSING, installed

async_api = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(installed() is None, reason=MISSING),
]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
HERE = ("127.0.0.1", "localhost", "")
MILLISECONDS = 60_000


@dataclass
class Client:
    """The Playground's page."""

    page: Any
    pictures: Path

    async def say(self, text: str, button: str = "Send Message") -> None:
        """Writes and sends."""
        await self.page.locator("[role=textbox][contenteditable=true]").first.click()
        await self.page.keyboard.type(text)
        await self.page.get_by_role("button", name=button, exact=True).first.click()

    def bubble(self, text: str | re.Pattern[str]) -> Any:
        """The last of the bot's bubbles with a text in it."""
        return self.page.locator(".fai-OutputCard").filter(has_text=text).last

    async def sees(self, text: str | re.Pattern[str]) -> Any:
        """Waits until the bot says something."""
        found = self.bubble(text)
        await found.wait_for()
        return found

    async def press(self, label: str, bubble: Any) -> None:
        """Presses a button of a card."""
        await bubble.get_by_role("button", name=label, exact=True).last.click()

    async def picture(self, name: str) -> None:
        """Keeps what is on the screen."""
        await self.page.wait_for_timeout(400)  # the page scrolls and fades for a moment
        await self.page.screenshot(path=self.pictures / f"playground-{name}.png")


@pytest.fixture
async def bot(organisations: Organisations, tmp_path: Path) -> AsyncIterator[Bot]:
    """Someguide, and the Playground on it."""
    async with open_bot(organisations, tmp_path) as one:
        yield one


@pytest.fixture
async def client(bot: Bot, tmp_path: Path) -> AsyncIterator[Client]:
    """Its page; only this machine is asked for anything."""
    pictures = Path(os.environ.get("SOMEGUIDE_PICTURES", str(tmp_path)))
    pictures.mkdir(parents=True, exist_ok=True)
    async with async_api.async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(MILLISECONDS)

        async def here_only(route: Any) -> None:
            host = re.sub(r"^\w+://([^/:]*).*$", r"\1", route.request.url)
            await (route.continue_() if host in HERE else route.abort())

        await page.route("**/*", here_only)
        await page.goto(bot.teams.base)
        shown = Client(page, pictures)
        yield shown
        await browser.close()


async def test_in_the_browser(bot: Bot, client: Client) -> None:
    """A welcome, an answer, a dialogue with its errors, a list, a form, and a channel."""
    await client.sees("social media guideline")
    await client.say("Får jag publicera en bild på en kollega?")
    await client.sees("Källa")
    await client.picture("answer")
    begin = bot.service.organisations.answerer("hango").knowledge.flows["open-account"].start[Language.SV][0]
    await client.say(begin)
    card = await client.sees(re.compile("1 av"))
    submit = card.get_by_role("button", name="Svara", exact=True)
    await submit.click()
    await client.sees("Kontrollera svaret.")  # the client itself asks for what is missing
    await client.picture("error")
    await card.get_by_role("textbox").fill("Daghemmet [x](https://evil.example) **Solstrålen**")
    await client.page.keyboard.press("Tab")  # the line about the error goes, and the button moves
    await client.page.wait_for_timeout(500)
    await submit.click()
    await client.sees("**Solstrålen**")  # the answered step, with the words as they were written
    assert await client.page.locator("a[href*='evil.example']").count() == 0
    card = await client.sees(re.compile("2 av"))
    await card.get_by_role("combobox").click()
    await client.page.get_by_role("option", name="Instagram", exact=True).click()
    await client.picture("list")
    await client.press("OK", card)
    card = await client.sees(re.compile("3 av"))
    await client.press("Visa som formulär", card)
    card = await client.sees("Avsnitt")
    await client.press("Spara och gå vidare", card)
    await client.sees("Svaret är tomt")
    await client.picture("form")


async def test_a_channel_in_the_browser(client: Client) -> None:
    """A post that calls the bot is answered in its thread."""
    await client.sees("social media guideline")
    await client.page.get_by_role("treeitem", name="My Team - General", exact=True).click()
    await client.page.wait_for_load_state("networkidle")  # what is answered before the channel listens is not shown
    box = client.page.locator("[role=textbox][contenteditable=true]").first
    await box.click()
    await client.page.keyboard.type("@Test", delay=60)
    await client.page.get_by_role("menuitem", name="Test Bot").click()
    await client.page.keyboard.type(" Får jag publicera en bild på en kollega?")
    await client.page.get_by_role("button", name="Post", exact=True).first.click()
    await client.page.locator(".ac-adaptiveCard").filter(has_text="Källa").last.wait_for()
    await client.picture("channel")

"""Questions on the page in a real browser: asked, answered, attached to, in the chosen language."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest

from bot.organisations import Organisations
from bot.texts import say
from knowledge.models import Language
from tests.adapters.page.browsing import (
    ASKED,
    CHILD,
    DANGLING,
    HIDDEN_FOCUS,
    NEEDS_BROWSER,
    UNLABELLED,
    Served,
    ask,
    in_each,
    in_window,
    no_sideways_scroll,
    open_page,
    show_everything,
    sync_api,
)
from tests.conftest import lexical_answerer

pytestmark = NEEDS_BROWSER


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

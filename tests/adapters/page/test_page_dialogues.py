"""Dialogues on the page in a real browser: step by step, with the keyboard alone, left and come back to."""

from __future__ import annotations

from bot.texts import say
from knowledge.models import Language
from tests.adapters.page.browsing import (
    ASKED,
    CHILD,
    NEEDS_BROWSER,
    ask,
    in_each,
    no_sideways_scroll,
    open_page,
    start,
    sync_api,
)

pytestmark = NEEDS_BROWSER


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

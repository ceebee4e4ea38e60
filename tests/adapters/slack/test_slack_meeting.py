"""Where people meet it: private messages, channels, commands, shortcuts, the home view, Slack's assistant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.messages import Button, Entry, Group, Incoming, Kind, Outgoing, Person
from knowledge.models import Language
from tests.adapters.slack.conftest import ANNA, BO, ERIK, GENERAL, REVIEW, StandIn
from tests.fakes.slack import BOT, TEAM, FakeSlack
from tests.fakes.slack_people import Peer, words

Pair = tuple[StandIn, Peer]


async def test_a_private_message(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    reply = await people.say(ERIK, "Saanko julkaista &lt;kuvan&gt;?")
    assert reply.status == 200
    assert assistant.taken == [
        Incoming(
            "nykvarn",
            f"slack:{TEAM}:D0ERIK",
            "Saanko julkaista <kuvan>?",
            Language.FI,
            person=Person(f"slack:{TEAM}:{ERIK}", "Erik Eskola"),
            event=f"slack:{TEAM}:D0ERIK:{people.last}",
            address={"team": TEAM, "channel": "D0ERIK", "user": ERIK, "said": people.last},
        )
    ]
    assert [m["text"] for m in slack.private(ERIK).messages] == ["Saanko julkaista &lt;kuvan&gt;?", "Ja."]
    assert not slack.problems


async def test_a_mention_is_answered_once_and_in_its_thread(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    await people.say(ANNA, f"<@{BOT}> får jag lägga ut en bild?", GENERAL)
    assert [(i.text, i.private, i.conversation) for i in assistant.taken] == [
        ("får jag lägga ut en bild?", False, f"slack:{TEAM}:{GENERAL}:{people.last}")
    ]
    assert slack.channels[GENERAL].messages[-1]["thread_ts"] == people.last


async def test_replies_in_a_thread_are_for_it_only_where_it_was_called(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    await people.say(ANNA, f"<@{BOT}> får jag?", GENERAL)
    thread = people.last
    await people.say(ANNA, "och på Instagram?", GENERAL, thread=thread)
    await people.say(ANNA, f"<@{ERIK}> vad säger du?", GENERAL, thread=thread)  # to a colleague
    await people.say(ANNA, "lunch?", GENERAL)
    other = people.last
    await people.say(ERIK, "joo", GENERAL, thread=other)
    assert [i.text for i in assistant.taken] == ["får jag?", "och på Instagram?"]


async def test_after_a_restart_the_thread_is_found_in_slack(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    slack.channels[GENERAL].messages.append(
        {"type": "message", "user": ANNA, "text": f"<@{BOT}> hej", "ts": "1.000001"}
    )
    await people.say(ANNA, "och på Instagram?", GENERAL, thread="1.000001")
    assert [i.text for i in assistant.taken] == ["och på Instagram?"]
    assert len(slack.called("conversations.replies")) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "bot_message"},
        {"subtype": "channel_join"},
        {"bot_id": "B9"},
        {"edited": {"user": ANNA, "ts": "1.1"}},
        {"hidden": True},
    ],
)
async def test_what_nobody_says_is_not_answered(stand_in: Pair, more: dict[str, object]) -> None:
    assistant, people = stand_in
    assert (await people.say(ANNA, "hej", **more)).status == 200
    assert not assistant.taken


async def test_its_own_messages_are_not_answered(stand_in: Pair) -> None:
    assistant, people = stand_in
    event = {"type": "message", "user": BOT, "text": "hej", "channel": "D0ANNA", "channel_type": "im", "ts": "1.2"}
    assert (await people.event(event)).status == 200
    assert not assistant.taken


async def test_strangers_in_a_shared_channel_are_not_answered(stand_in: Pair) -> None:
    assistant, people = stand_in
    event = {"type": "app_mention", "user": "U9", "text": "hej", "channel": GENERAL, "ts": "1.2", "team": "T9"}
    await people.event(event, is_ext_shared_channel=True)
    assert not assistant.taken
    await people.event({**event, "user": ANNA, "team": TEAM}, is_ext_shared_channel=True)
    assert len(assistant.taken) == 1


async def test_the_command_answers_only_the_asker(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    before = len(slack.channels[GENERAL].messages)
    reply = await people.command(ANNA, "får jag &amp; lägga ut?", GENERAL)
    assert reply.status == 200
    assert assistant.taken[0].text == "får jag & lägga ut?"
    assert not assistant.taken[0].private
    assert len(slack.channels[GENERAL].messages) == before
    assert [(m["response_type"], m["user"]) for m in slack.ephemerals] == [("ephemeral", ANNA)]


async def test_a_bare_command_asks_for_help_in_the_persons_language(stand_in: Pair) -> None:
    assistant, people = stand_in
    for user in (ANNA, ERIK, BO):
        await people.command(user, "", GENERAL)
    said = [(i.choice, i.beside, i.language) for i in assistant.taken]
    assert said == [("help", True, language) for language in (Language.SV, Language.FI, Language.EN)]


async def test_what_is_private_never_shows_in_a_channel(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    assistant.says = lambda i: [Outgoing(Kind.STEP, Language.SV, "Ditt utkast", private=True)]
    await people.say(ANNA, f"<@{BOT}> öppna konto", GENERAL)
    await people.command(ANNA, "öppna konto", GENERAL)
    assert [m["text"] for m in slack.private(ANNA).messages] == ["Ditt utkast", "Ditt utkast"]
    assert all("utkast" not in m["text"] for m in slack.channels[GENERAL].messages)
    assert not slack.ephemerals


@pytest.mark.parametrize(
    ("callback", "choice"), [("open-account", "flow:open-account"), ("publish-check", "flow:publish-check")]
)
async def test_global_shortcuts_go_on_in_the_private_conversation(stand_in: Pair, callback: str, choice: str) -> None:
    assistant, people = stand_in
    await people.shortcut(BO, callback)
    assert (assistant.taken[0].choice, assistant.taken[0].conversation) == (choice, f"slack:{TEAM}:D0BO")
    assert assistant.taken[0].language is Language.EN


async def test_the_message_shortcut_brings_text_and_files(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    files = [{"id": "F1", "name": "klass.jpg", "mimetype": "image/jpeg", "url_private": "https://x/1"}]
    message = {"user": ERIK, "ts": "1.5", "text": f"<@{ERIK}> får vi ta <https://x.se/a|den här>?", "files": files}
    await people.message_shortcut(ANNA, GENERAL, message)
    (taken,) = assistant.taken
    assert taken.text == "Erik Eskola får vi ta den här (https://x.se/a)?"
    assert [(f.name, f.media_type) for f in taken.files] == [("klass.jpg", "image/jpeg")]
    assert taken.conversation == f"slack:{TEAM}:D0ANNA"
    assert taken.person == Person(f"slack:{TEAM}:{ANNA}", "Anna Andersson")


async def test_a_file_with_a_question(stand_in: Pair) -> None:
    assistant, people = stand_in
    await people.say(ANNA, "får jag?", files=[{"id": "F1", "name": "bild.png", "mimetype": "image/png"}])
    assert [f.name for f in assistant.taken[0].files] == ["bild.png"]


def _home(entries: int) -> Outgoing:
    buttons = (Button("Fortsätt", "s:1:resume"),)
    listed = tuple(Entry(f"Utkast {n}", "steg 2 av 9", buttons) for n in range(entries))
    return Outgoing(
        Kind.HOME, Language.SV, "Hej Anna", title="Someguide", groups=(Group("Dina utkast", listed, "inga"),)
    )


async def test_the_home_view_and_its_pages(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    assistant.says = lambda i: [replace(_home(250), language=i.language or Language.SV)]
    await people.open_home(ANNA)
    assert (assistant.taken[0].choice, assistant.taken[0].beside) == ("home", True)
    first = slack.homes[(TEAM, ANNA)]
    assert len(first["blocks"]) <= 100
    seen = words(first)
    for _ in range(2):
        await people.press_home(ANNA, "Visa fler")
        seen += words(slack.homes[(TEAM, ANNA)])
    assert all(f"Utkast {n}\n" in seen for n in range(250))
    await people.press_home(ANNA, "Tillbaka till början")
    assert slack.homes[(TEAM, ANNA)]["blocks"] == first["blocks"]
    assert not slack.private(ANNA).messages
    assert not slack.problems


async def test_the_home_view_says_what_can_be_asked_and_begun(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    asked = ("Får jag lägga ut en bild på en kollega som syns tydligt?", "Vem svarar?")
    begin = (Button("Öppna ett konto", "flow:open-account"),)
    assistant.says = lambda i: [replace(_home(1), suggestions=asked, buttons=begin)] if i.choice == "home" else []
    await people.open_home(ANNA)
    shown = words(slack.homes[(TEAM, ANNA)])
    assert shown.index(asked[0]) < shown.index("Öppna ett konto") < shown.index("Utkast 0")
    await people.press_home(ANNA, "Fråga")
    assert (assistant.taken[-1].text, assistant.taken[-1].conversation) == (asked[0], f"slack:{TEAM}:D0ANNA")
    await people.press_home(ANNA, "Öppna ett konto")
    assert assistant.taken[-1].choice == "flow:open-account"
    assert not slack.problems


async def test_a_press_on_the_home_view_is_answered_privately(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    assistant.says = lambda i: [_home(1)]
    await people.open_home(ANNA)
    assistant.says = lambda i: [Outgoing(Kind.STEP, Language.SV, "Vilken plattform?")]
    await people.press_home(ANNA, "Fortsätt")
    assert (assistant.taken[-1].choice, assistant.taken[-1].conversation) == ("s:1:resume", f"slack:{TEAM}:D0ANNA")
    assert slack.private(ANNA).messages[-1]["text"] == "Vilken plattform?"


def drawn(slack: FakeSlack, user: str) -> int:
    """How often somebody's home view was drawn."""
    return len([c for c in slack.called("views.publish") if c["user_id"] == user])


async def test_the_home_view_is_drawn_anew_after_a_press_on_it(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    assistant.says = lambda i: [_home(1)] if i.choice == "home" else [Outgoing(Kind.STEP, Language.SV, "Vad?")]
    await people.open_home(ANNA)
    for _ in range(2):
        await people.press_home(ANNA, "Fortsätt")
    await slack.until(lambda: drawn(slack, ANNA) == 2)
    last = assistant.taken[-1]
    assert (last.choice, last.conversation, last.event) == ("home", f"slack:{TEAM}:D0ANNA", None)
    assert last.person == Person(f"slack:{TEAM}:{ANNA}", "Anna Andersson")


async def test_home_views_are_drawn_anew_when_a_request_changes(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    assistant.says = lambda i: [_home(1)]
    for user in (BO, ERIK):  # both look at their home views; only Bo is a reviewer
        await people.open_home(user)
    card = Outgoing(Kind.REQUEST, Language.SV, "NYK-2026-0001", title="Nytt konto", key="request:1")
    await assistant.wire.send({"team": TEAM, "channel": REVIEW}, card, None, "a")
    await slack.until(lambda: drawn(slack, BO) == 2)
    slack.private(ANNA)
    await assistant.wire.send({"team": TEAM, "channel": "D0ANNA", "user": ANNA}, card, None, "b")
    await slack.until(lambda: drawn(slack, ANNA) == 1)
    assert (drawn(slack, BO), drawn(slack, ERIK)) == (2, 1)


@pytest.mark.parametrize("kind", ["429", "channel_not_found", "something_new"])
async def test_a_home_view_that_cannot_be_drawn_is_left(stand_in: Pair, slack: FakeSlack, kind: str) -> None:
    assistant, people = stand_in
    card = Outgoing(Kind.REQUEST, Language.SV, "NYK-2026-0001", title="Nytt konto")
    await people.open_home(BO)
    slack.fail("conversations.members", kind, after=30)
    assistant.fails = 1
    for address in ({"team": TEAM, "channel": REVIEW}, {"team": TEAM, "channel": slack.private(ANNA).id, "user": ANNA}):
        assert await assistant.wire.send(address, card, None, str(address))
    await slack.until(lambda: not assistant.fails)
    assert not drawn(slack, ANNA)


async def test_slacks_assistant(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    hello = Outgoing(Kind.HELP, Language.FI, "Hei!", suggestions=("Saanko?", "Miten?", "Kuka?", "Missä?", "Miksi?"))
    assistant.says = lambda i: [hello]
    thread = await people.start_assistant(ERIK)
    state = slack.threads[("D0ERIK", thread)]
    assert [p["message"] for p in state["prompts"]] == ["Saanko?", "Miten?", "Kuka?", "Missä?"]
    await people.say(ERIK, "Saanko julkaista kuvan?", thread=thread)
    assert state["title"] == "Saanko julkaista kuvan?"
    assert "status" not in state, "the answer ends it"
    assert [i.conversation for i in assistant.taken] == [f"slack:{TEAM}:D0ERIK:{thread}"] * 2
    assert [i.choice or i.text for i in assistant.taken] == ["hello", "Saanko julkaista kuvan?"]


async def test_without_slacks_assistant_nothing_is_asked_of_it(stand_in: Pair, slack: FakeSlack) -> None:
    _, people = stand_in
    await people.say(ANNA, "hej")
    assert not [name for name, _ in slack.calls if name.startswith("assistant")]


async def test_who_may_decide(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, _ = stand_in
    assert await assistant.wire.reviewers("nykvarn") == {f"slack:{TEAM}:{BO}"}
    review = assistant.wire.review_destination("nykvarn")
    assert (review.conversation, review.address) == (f"slack:{TEAM}:{REVIEW}", {"team": TEAM, "channel": REVIEW})
    assert await assistant.wire.is_reviewer("nykvarn", f"slack:{TEAM}:{BO}")
    assert not await assistant.wire.is_reviewer("nykvarn", f"slack:{TEAM}:{ANNA}")
    assert await assistant.wire.reviewers("vara") == frozenset()
    assert assistant.wire.review_destination("vara") is None

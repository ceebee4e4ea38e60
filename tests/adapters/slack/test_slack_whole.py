"""The whole assistant in Slack, with its store and outbox, over HTTP and over Socket Mode."""

from __future__ import annotations

from typing import Any

from tests.adapters.slack.conftest import ANNA, BO, ERIK, GENERAL, REVIEW
from tests.fakes.slack import BOT, FakeSlack
from tests.fakes.slack_people import Peer, elements, words


def last(slack: FakeSlack, user: str) -> dict[str, Any]:
    """The newest message to a person."""
    return slack.private(user).messages[-1]


async def answered(people: Peer, user: str, text: str) -> dict[str, Any]:
    """What answers a private message."""
    before = len(people.slack.private(user).messages)
    reply = await people.say(user, text)
    assert reply.acknowledged
    await people.slack.until(lambda: len(people.slack.private(user).messages) > before + 1)
    return last(people.slack, user)


async def test_a_question(someguide: Peer, slack: FakeSlack) -> None:
    answer = await answered(someguide, ANNA, "Får jag lägga ut en bild på en kollega?")
    assert "Källa" in words(answer)
    finnish = await answered(someguide, ERIK, "Saanko julkaista kuvan työkaverista?")
    assert "Lähde" in words(finnish)
    assert not slack.problems


async def test_a_question_in_a_channel(someguide: Peer, slack: FakeSlack) -> None:
    await someguide.say(BO, f"<@{BOT}> May I publish a picture of a colleague?", GENERAL)
    thread = someguide.last
    await slack.until(lambda: slack.channels[GENERAL].messages[-1]["user"] == BOT)
    assert slack.channels[GENERAL].messages[-1]["thread_ts"] == thread
    assert "Source" in words(slack.channels[GENERAL].messages[-1])


async def test_what_is_private_goes_to_the_private_conversation_and_the_thread_says_so(
    someguide: Peer, slack: FakeSlack
) -> None:
    private = slack.private(ANNA).messages
    for said in ("mina ärenden", "hem", "öppna konto"):
        before, shown = len(slack.channels[GENERAL].messages), len(private)
        await someguide.say(ANNA, f"<@{BOT}> {said}", GENERAL)
        await slack.until(lambda shown=shown: len(private) > shown)
        told = await slack.until(lambda before=before: slack.channels[GENERAL].messages[before + 1 :])
        assert [words(m) for m in told] == [
            "Jag fortsätter i vår privata konversation, så att inget personligt syns här."
        ], said
        assert told[0]["thread_ts"] == someguide.last
    await someguide.command(ANNA, "mina ärenden", GENERAL)
    await slack.until(lambda: slack.ephemerals)
    assert "privata konversation" in words(slack.ephemerals[-1])


async def walk(people: Peer, user: str, most: int = 80) -> list[str]:
    """Answers every step with the first thing that it offers, or with something fitting."""
    said = []
    for _ in range(most):
        message = last(people.slack, user)
        said.append(words(message))
        before = len(people.slack.private(user).messages)
        step = _offered(message)
        if step is None:
            return said
        kind, element = step
        if kind == "press":
            await people.act(user, people.slack.private(user).id, message, element, _state(message))
        elif kind == "pick":
            await people.pick(user, BO if element["type"] == "users_select" else "2027-05-01")
        else:
            await people.say(user, "12" if "heltal" in said[-1] or "siffr" in said[-1] else "vår-enhet")
        await people.slack.until(lambda before=before: len(people.slack.private(user).messages) > before)
        await people.slack.until(lambda: not _waiting(people))
    raise AssertionError(f"not at the end after {most} messages: {said[-3:]}")


def _waiting(people: Peer) -> bool:
    return last(people.slack, ANNA)["user"] == ANNA


def _offered(message: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    found = elements(message.get("blocks", []))
    if any(":submit:" in str(e.get("value")) for e in found):
        return None  # the summary
    picker = next((e for e in found if e["type"] in ("datepicker", "users_select")), None)
    if picker:
        return "pick", picker
    select = next((e for e in found if e["type"] in ("static_select", "radio_buttons")), None)
    if select:
        from tests.fakes.slack_people import bare, options

        return "press", {**bare(select), "selected_option": options(select)[0]}
    several = next((e for e in found if e["action_id"].startswith("submit")), None)
    if several:
        return "press", several
    sets = next((e for e in found if '":set:' in str(e.get("value")) or ":set:" in str(e.get("value"))), None)
    if sets:
        return "press", sets
    typed = any(e.get("value", "").count(":back") or e.get("value", "").count(":cancel") for e in found)
    return ("type", {}) if typed else None


def _state(message: dict[str, Any]) -> dict[str, Any]:
    state = {}
    for block in message.get("blocks", []):
        if block["type"] == "input":
            element = block["element"]
            chosen = element["options"][:1]
            state[block["block_id"]] = {"value": {"type": element["type"], "selected_options": chosen}}
    return state


async def test_a_checklist_step_by_step(someguide: Peer, slack: FakeSlack) -> None:
    assert (await someguide.shortcut(ANNA, "open-account")).acknowledged
    await slack.until(lambda: slack.private(ANNA).messages)
    said = await walk(someguide, ANNA)
    assert "Skicka" in said[-1] or "skicka" in said[-1], said[-1]
    assert len(said) > 5
    assert not slack.problems


async def test_a_checklist_as_forms(someguide: Peer, slack: FakeSlack) -> None:
    await someguide.shortcut(ANNA, "open-account")
    await slack.until(lambda: slack.private(ANNA).messages)
    label = next(label for label in someguide.labels("D0ANNA") if "formulär" in label.lower())
    await someguide.press(ANNA, label)
    await slack.until(lambda: any(b["type"] == "input" for b in (slack.modal(ANNA) or {"blocks": []})["blocks"]))
    view = slack.modal(ANNA)
    assert view
    reply = await someguide.submit(ANNA)
    assert reply.body["response_action"] == "errors", "nothing was filled in"
    assert slack.modal(ANNA) == view
    assert not slack.problems


async def opened(people: Peer, label: str) -> dict[str, Any]:
    """The form that a button opens."""
    await people.press(ANNA, label)

    def filled() -> dict[str, Any] | None:
        view = people.slack.modal(ANNA)
        return view if view and any(b["type"] == "input" for b in view["blocks"]) else None

    found: dict[str, Any] = await people.slack.until(filled)
    return found


def entered(view: dict[str, Any]) -> dict[str, Any]:
    """What stands in a form's fields as it opens, by the field's label."""
    keys = ("initial_value", "initial_date", "initial_user", "initial_option")
    inputs = [(b["label"]["text"], b["element"]) for b in view["blocks"] if b["type"] == "input"]
    return {label: element[key] for label, element in inputs for key in keys if key in element}


async def test_a_closed_form_keeps_what_was_entered(someguide: Peer, slack: FakeSlack) -> None:
    """What will do, letter by letter; not what will not, and not the beginning of what must not be collected."""
    await someguide.say(ANNA, "avsluta konto")
    await slack.until(lambda: last(slack, ANNA)["user"] == BOT)
    view = await opened(someguide, "Visa som formulär")
    fields = {b["label"]["text"]: b["block_id"] for b in view["blocks"] if b["type"] == "input"}
    for text in ("B", "Ba", "Bad", "Badhuset"):
        await someguide.enter(ANNA, fields["Vilken enhet har kontot?"], text)
    for text in ("19121212", "19121212-1212"):
        await someguide.enter(ANNA, fields["Vilket konto ska avslutas?"], text)
    shown = len(slack.private(ANNA).messages)
    assert last(slack, ANNA)["user"] == BOT, "while it is open nothing is said"
    await someguide.close(ANNA)
    await slack.until(lambda: slack.called("chat.delete"))
    assert len(slack.private(ANNA).messages) == shown, "the step is asked beneath instead of above"
    assert "Vilket konto ska avslutas?" in words(last(slack, ANNA))
    view = await opened(someguide, "Visa som formulär")
    assert entered(view) == {"Vilken enhet har kontot?": "Badhuset"}
    await someguide.press_modal(ANNA, "En fråga i taget")
    await slack.until(lambda: len(slack.called("chat.delete")) > 1)
    assert "fortsätter i vår konversation" in words(slack.modal(ANNA) or {})
    assert not slack.problems


def asked_in(view: dict[str, Any] | None) -> dict[str, str]:
    """The fields of a window: their labels by their names."""
    return {b["block_id"]: b["label"]["text"] for b in (view or {"blocks": []})["blocks"] if b["type"] == "input"}


async def test_a_form_shows_what_an_answer_brings_and_takes_away(someguide: Peer, slack: FakeSlack) -> None:
    await someguide.shortcut(ANNA, "open-account")
    await slack.until(lambda: slack.private(ANNA).messages)
    await opened(someguide, next(label for label in someguide.labels("D0ANNA") if "formulär" in label.lower()))
    assert "platform-other" not in asked_in(slack.modal(ANNA))
    reply = await someguide.submit(ANNA, platform="other")
    assert reply.body["response_action"] == "update"
    shown = asked_in(slack.modal(ANNA))
    assert shown["platform-other"].endswith("(ny fråga)")
    assert not shown["platform"].endswith("(ny fråga)")
    reply = await someguide.submit(ANNA, platform="facebook")
    assert reply.body["response_action"] == "update", "the unit is still missing, and a field has gone"
    assert "platform-other" not in asked_in(slack.modal(ANNA))
    assert "⚠️" in words(slack.modal(ANNA) or {})
    assert (await someguide.submit(ANNA)).body["response_action"] == "errors"
    assert not slack.problems


async def test_a_choice_that_goes_with_no_other(someguide: Peer, slack: FakeSlack) -> None:
    await answered(someguide, ANNA, "kolla ett inlägg innan jag publicerar")
    await someguide.say(ANNA, "1")
    await slack.until(lambda: _boxes(last(slack, ANNA)))
    message = last(slack, ANNA)
    boxes = _boxes(message)
    alone = [o for o in boxes["options"] if "description" in o]
    assert [o["description"]["text"] for o in alone] == ["Bara för sig, inte med de andra"]
    both = {"type": "checkboxes", "selected_options": [boxes["options"][0], alone[0]]}
    send = next(e for e in elements(message["blocks"]) if e["action_id"].startswith("submit"))
    before = len(slack.private(ANNA).messages)
    await someguide.act(ANNA, "D0ANNA", message, send, {boxes["block_id"]: {boxes["action_id"]: both}})
    await slack.until(lambda: len(slack.private(ANNA).messages) >= before and "förena" in words(last(slack, ANNA)))
    assert _boxes(last(slack, ANNA)), "the question is asked again"
    assert not slack.problems


def _boxes(message: dict[str, Any]) -> dict[str, Any]:
    return next((e for e in elements(message.get("blocks", [])) if e["type"] == "checkboxes"), {})


async def test_a_decision_and_a_question_in_between(someguide: Peer, slack: FakeSlack) -> None:
    files = [{"id": "F1", "name": "klass.jpg", "mimetype": "image/jpeg"}]
    await someguide.say(ANNA, "får jag lägga ut den här?", files=files)
    await slack.until(lambda: last(slack, ANNA)["user"] == BOT)
    said = await walk(someguide, ANNA)
    assert said
    assert not slack.problems


async def test_deliveries_that_fail_arrive(someguide: Peer, slack: FakeSlack) -> None:
    slack.fail("chat.postMessage", "lost")
    slack.fail("chat.postMessage", "429", after=0.2)
    await someguide.say(ANNA, "hej")
    await slack.until(lambda: last(slack, ANNA)["user"] == BOT, 12)
    await someguide.say(ANNA, "Vem frågar jag?")
    await slack.until(lambda: [m["user"] for m in slack.private(ANNA).messages][-2:] == [ANNA, BOT], 12)
    assert [m["user"] for m in slack.private(ANNA).messages] == [ANNA, BOT, ANNA, BOT]


async def test_a_request_from_the_checklist_to_the_decision(someguide: Peer, slack: FakeSlack) -> None:
    """Anna asks, Bo as her manager agrees, and decides in the review channel, of which he is a member."""
    await someguide.shortcut(ANNA, "open-account")
    await slack.until(lambda: slack.private(ANNA).messages)
    await walk(someguide, ANNA)
    await someguide.press(ANNA, "Skicka in")
    await slack.until(lambda: "NYK-" in words(last(slack, ANNA)))
    bo = slack.private(BO).messages
    await slack.until(lambda: bo and "NYK-" in words(bo[-1]))
    review = slack.channels[REVIEW].messages
    assert not review, "the manager comes first"
    await someguide.press(BO, next(label for label in someguide.labels("D0BO") if "odkänn" in label or "gree" in label))
    await slack.until(lambda: review)
    assert {m.get("thread_ts", m["ts"]) for m in review} == {review[0]["ts"]}, "one card, the rest in its thread"
    await slack.until(lambda: "Kommentera 36" in someguide.labels(REVIEW))
    assert len(review[0]["blocks"]) < 20

    slack.channels[REVIEW].members.append(ANNA)  # she may read there; that she decides is another matter
    await someguide.press(BO, "Ta ärendet", REVIEW)
    await slack.until(lambda: "Bo Berg" in words(review[0]).split("1. Vilken")[0].splitlines()[3])
    await someguide.press(BO, "Avslå", REVIEW)
    view = slack.modal(BO)
    assert view
    await someguide.submit(BO, reason="Det finns redan ett <konto> & det räcker.")
    await slack.until(lambda: "Det finns redan ett <konto> & det räcker." in words(review[0]))
    assert "Avslå" not in someguide.labels(REVIEW), "decided: nothing is left to decide"
    anna = slack.private(ANNA).messages
    await slack.until(lambda: any("Det finns redan ett <konto> & det räcker." in words(m) for m in anna))
    assert [m for m in review if "thread_ts" not in m or m["thread_ts"] == m["ts"]] == review[:1]
    assert not slack.problems


async def test_only_reviewers_decide(someguide: Peer, slack: FakeSlack) -> None:
    await someguide.shortcut(ANNA, "open-account")
    await slack.until(lambda: slack.private(ANNA).messages)
    await walk(someguide, ANNA)
    await someguide.press(ANNA, "Skicka in")
    bo, review = slack.private(BO).messages, slack.channels[REVIEW].messages
    await slack.until(lambda: "Godkänn som chef" in someguide.labels("D0BO"))
    await someguide.press(BO, "Godkänn som chef")
    await slack.until(lambda: "Godkänn" in someguide.labels(REVIEW))
    before = words(review[0])
    told = len(slack.private(ERIK).messages)
    await someguide.press(ERIK, "Godkänn", REVIEW)
    await slack.until(lambda: len(slack.private(ERIK).messages) > told)
    assert words(review[0]) == before
    assert bo
    assert not slack.problems


async def test_the_home_view(someguide: Peer, slack: FakeSlack) -> None:
    await someguide.open_home(BO)
    await slack.until(lambda: ("T0001", BO) in slack.homes)
    shown = words(slack.homes[("T0001", BO)])
    assert "Register" in shown or "register" in shown, "a reviewer sees the register"
    await someguide.open_home(ANNA)
    await slack.until(lambda: ("T0001", ANNA) in slack.homes)
    assert not slack.private(ANNA).messages
    assert not slack.problems

"""What is pressed and chosen in messages: buttons, lists, pickers; and where the message then stands."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from bot.messages import Button, Choice, Input, Kind, Option, Outgoing, Person, Row
from tests.adapters.slack.conftest import ANNA, BO, StandIn
from tests.adapters.slack.said import SV, options, step
from tests.fakes.slack import TEAM, FakeSlack
from tests.fakes.slack_people import Peer, words

Pair = tuple[StandIn, Peer]


async def test_a_button_brings_back_its_action_and_its_messages_language(stand_in: Pair) -> None:
    assistant, people = stand_in
    choices = (Choice("photo-children", "Bilder på barn"), Choice("photo-staff", "Bilder på kollegor"))
    assistant.says = lambda i: [Outgoing(Kind.CHOOSE, SV, "Vilken?", choices=choices)]
    await people.say(BO, "picture?")
    await people.press(BO, "Bilder på barn")
    assert (assistant.taken[-1].choice, assistant.taken[-1].language) == ("photo-children", SV)
    await people.press(BO, "Inget av detta")
    assert assistant.taken[-1].choice == "none"


async def test_a_double_press_is_two_events_and_its_redelivery_is_one(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    assistant.says = lambda i: [step(Input.CHOICE, options=options(2))]
    await people.say(ANNA, "öppna konto")
    message, element = people.find("D0ANNA", "Val 1")
    payload = people._interaction(
        "block_actions",
        ANNA,
        container={"type": "message", "message_ts": message["ts"], "channel_id": "D0ANNA"},
        actions=[{**element, "action_ts": "5.5"}],
    )
    for _ in range(2):
        await people.transport.send("interactive", payload)
    assert [i.choice for i in assistant.taken] == [None, "s:7:set:plattform:o1"]
    await people.press(ANNA, "Val 1")
    assert len(assistant.taken) == 3


async def test_few_options_are_buttons_and_many_a_select(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    assistant.says = lambda i: [step(Input.CHOICE, options=options(5))]
    await people.say(ANNA, "a")
    assert people.labels("D0ANNA") == [*(f"Val {n}" for n in range(5)), "Tillbaka"]
    for count in (6, 100, 250):
        assistant.says = lambda i, count=count: [step(Input.CHOICE, options=options(count), value="o3")]  # type: ignore[misc]
        await people.say(ANNA, "b")
        await people.choose(ANNA, f"Val {count - 1}")
        assert assistant.taken[-1].choice == f"s:7:set:plattform:o{count - 1}"
        assert assistant.taken[-1].language is SV
    assert not slack.problems


async def test_labels_that_slack_would_cut_short_are_a_list(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    labels = ("Bilder på barn, elever och andra unga i våra lokaler", "Bilder på kollegor")
    choices = tuple(Choice(f"photo-{n}", label) for n, label in enumerate(labels))
    related = (Choice("photo-3", "Film och ljud från evenemang som kommunen ordnar"),)
    assistant.says = lambda i: [Outgoing(Kind.CHOOSE, SV, "Vilken?", choices=choices, related=related)]
    await people.say(ANNA, "bild?")
    assert people.labels("D0ANNA") == ["Inget av detta"]
    for label, choice in ((labels[1], "photo-1"), (related[0].label, "photo-3")):
        await people.choose(ANNA, label)
        assert (assistant.taken[-1].choice, assistant.taken[-1].language) == (choice, SV)
    few = tuple(Option(f"o{n}", label, f"s:7:set:x:o{n}") for n, label in enumerate(labels))
    assistant.says = lambda i: [step(Input.CHOICE, options=few)]
    await people.say(ANNA, "steg")
    await people.choose(ANNA, labels[0])
    assert assistant.taken[-1].choice == "s:7:set:x:o0"
    assert not slack.problems


@pytest.mark.parametrize(("count", "listed"), [(8, False), (9, True)])
async def test_many_answers_are_changed_from_a_list(stand_in: Pair, slack: FakeSlack, count: int, listed: bool) -> None:
    assistant, people = stand_in
    rows = tuple(Row(f"{n}. Fråga", "svar", Button(f"Ändra {n}", f"s:7:change:f{n}")) for n in range(1, count + 1))
    assistant.says = lambda i: [Outgoing(Kind.SUMMARY, SV, "Stämmer det?", rows=rows)]
    await people.say(ANNA, "sammanfatta")
    assert ("Ändra 3" not in people.labels("D0ANNA")) is listed
    await (people.choose(ANNA, "Ändra 3") if listed else people.press(ANNA, "Ändra 3"))
    assert assistant.taken[-1].choice == "s:7:change:f3"
    assert not slack.problems


async def test_options_whose_actions_share_too_little_are_buttons(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    long = tuple(Option(f"o{n}", f"Val {n}", f"{n}" + "x" * 250) for n in range(8))
    assistant.says = lambda i: [step(Input.CHOICE, options=long)]
    await people.say(ANNA, "a")
    await people.press(ANNA, "Val 7")
    assert assistant.taken[-1].choice == "7" + "x" * 250
    assert not slack.problems


@pytest.mark.parametrize(("count", "kind"), [(4, "checkboxes"), (14, "multi_static_select")])
async def test_several_options_are_sent_with_a_button(stand_in: Pair, slack: FakeSlack, count: int, kind: str) -> None:
    assistant, people = stand_in
    assistant.says = lambda i: [step(Input.CHOICES, options=options(count, False), value=("o0",))]
    await people.say(ANNA, "a")
    message, _ = people.find("D0ANNA", "Svara")
    element = next(b for b in message["blocks"] if b["type"] == "input")["element"]
    assert element["type"] == kind
    chosen = [o for o in element["options"] if o["value"] in ("o1", "o2")]
    state = {"plattform": {"value": {"type": kind, "selected_options": chosen}}}
    await people.press(ANNA, "Svara", state=state)
    assert (assistant.taken[-1].choice, assistant.taken[-1].form) == ("s:7:put:plattform", {"plattform": ["o1", "o2"]})
    assert not slack.problems


async def test_a_date_and_a_person(stand_in: Pair) -> None:
    assistant, people = stand_in
    assistant.says = lambda i: [step(Input.DATE)]
    await people.say(ANNA, "a")
    await people.pick(ANNA, "2027-05-01")
    assert (assistant.taken[-1].choice, assistant.taken[-1].form) == ("s:7:put:plattform", {"plattform": "2027-05-01"})
    assistant.says = lambda i: [step(Input.PERSON)]
    await people.say(ANNA, "b")
    await people.pick(ANNA, BO)
    assert assistant.taken[-1].form == {"plattform": {"id": f"slack:{TEAM}:{BO}", "name": "Bo Berg"}}


async def test_without_an_action_what_is_chosen_is_said(stand_in: Pair) -> None:
    assistant, people = stand_in
    assistant.says = lambda i: [replace(step(Input.PERSON), submit=None)]
    await people.say(ANNA, "b")
    await people.pick(ANNA, BO)
    assert (assistant.taken[-1].text, assistant.taken[-1].mentions) == (
        "Bo Berg",
        (Person(f"slack:{TEAM}:{BO}", "Bo Berg"),),
    )
    assistant.says = lambda i: [replace(step(Input.DATE), submit=None)]
    await people.say(ANNA, "b")
    await people.pick(ANNA, "2027-05-01")
    assert assistant.taken[-1].text == "2027-05-01"


async def test_the_answered_step_takes_the_place_of_the_asked(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    asked = replace(step(Input.CHOICE, options=options(3)), key="session:7:step:plattform")
    assistant.says = lambda i: [asked]
    await people.say(ANNA, "öppna konto")
    change = (Button("Ändra", "s:7:change:plattform"),)
    answered = Outgoing(
        Kind.STEP, SV, "✓ Vilken plattform? Val 1", rows=(Row("a", "b"),), buttons=change, key=asked.key
    )
    assistant.says = lambda i: [answered, step(Input.TEXT)]
    await people.press(ANNA, "Val 1")
    texts = [words(m) for m in slack.private(ANNA).messages[1:]]
    assert len(texts) == 2
    assert texts[0] == "✓ Vilken plattform? Val 1\nÄndra"


async def test_a_question_moves_down_to_where_the_person_is(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    asked = replace(step(Input.CHOICE, options=options(3)), key="session:7:step:plattform")
    assistant.says = lambda i: [asked]
    await people.say(ANNA, "öppna konto")
    await people.say(ANNA, "vet inte")
    shown = slack.private(ANNA).messages
    assert [m["user"] == ANNA for m in shown] == [True, True, False], "asked again beneath, and gone above"
    await people.press(ANNA, "Val 1")
    assert [m["user"] == ANNA for m in shown] == [True, True, False], "pressed: it changes in its place"
    assert len(slack.called("chat.update")) == 1
    assert not slack.problems


async def test_a_message_that_was_deleted_is_sent_anew(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    assistant.says = lambda i: [Outgoing(Kind.NOTICE, SV, i.text, key="k")]
    await people.say(ANNA, "ett")
    slack.private(ANNA).messages.clear()
    await people.say(ANNA, "två")
    assert [m["text"] for m in slack.private(ANNA).messages] == ["två", "två"]


async def test_a_press_on_what_only_one_person_sees(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    buttons = (Button("Hjälpte", "h:1:yes"),)
    assistant.says = lambda i: [Outgoing(Kind.ANSWER, SV, "Ja.", buttons=buttons)]
    await people.command(ANNA, "får jag?", "C0GEN")
    message = slack.ephemerals[-1]
    (element,) = [
        {**e, "block_id": "b"} for b in message["blocks"] for e in b.get("elements", []) if e["type"] == "button"
    ]
    await people.act(ANNA, "C0GEN", message, element)
    assert assistant.taken[0].conversation == assistant.taken[1].conversation == f"slack:{TEAM}:C0GEN:{ANNA}"
    assert assistant.taken[1].choice == "h:1:yes"
    assert len(slack.ephemerals) == 2


async def test_presses_are_acknowledged_in_time(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    assistant.says = lambda i: [step(Input.CHOICE, options=options(2))]
    await people.say(ANNA, "a")
    assistant.delay = 4.0
    began = time.monotonic()
    reply = await people.press(ANNA, "Val 1")
    assert time.monotonic() - began < 3.0
    assert reply.status == 200
    told = await slack.until(lambda: [m for m in slack.private(ANNA).messages if "tar längre tid" in m["text"]])
    assert len(told) == 1

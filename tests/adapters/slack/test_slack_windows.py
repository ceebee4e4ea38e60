"""What is filled in: forms in windows, reasons, and what becomes of a window."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import pytest

from bot.channels import RetryLater
from bot.messages import Button, Field, Input, Kind, Option, Outgoing, Style
from tests.adapters.slack.conftest import ANNA, BO, ERIK, REVIEW, StandIn
from tests.adapters.slack.said import SV, form, options, step
from tests.fakes.slack import TEAM, FakeSlack
from tests.fakes.slack_people import Peer, words

Pair = tuple[StandIn, Peer]


def opens(assistant: StandIn, *then: list[Outgoing]) -> None:
    """A step with a button that opens the form; then the form, and what follows."""
    as_form = Button("Som formulär", "s:7:form:grunder")
    following = iter(([replace(step(Input.TEXT), buttons=(as_form,))], [form()], *then))
    assistant.says = lambda i: next(following)


async def test_a_form_opens_at_once_and_is_filled_after(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    opens(assistant)
    await people.say(ANNA, "öppna konto")
    await people.press(ANNA, "Som formulär")
    order = [name for name, _ in slack.calls if name.startswith("views")]
    assert order == ["views.open", "views.update"]
    assert "Ett ögonblick" in words(slack.called("views.open")[0]["view"])
    view = slack.modal(ANNA)
    assert view
    assert view["title"]["text"] == "Öppna konto: grunder"
    types = [b["element"]["type"] for b in view["blocks"] if b["type"] == "input"]
    assert types == [
        "plain_text_input", "plain_text_input", "radio_buttons", "static_select", "checkboxes", "multi_static_select",
        "datepicker", "number_input", "plain_text_input", "users_select",
    ]  # fmt: skip
    assert not slack.problems


async def test_a_submitted_form(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    opens(assistant, [Outgoing(Kind.SUMMARY, SV, "Stämmer det?")])
    await people.say(ANNA, "öppna konto")
    await people.press(ANNA, "Som formulär")
    reply = await people.submit(ANNA, syfte="Nå <barn> & unga", plattform="Val 2", chef=ERIK, extra="Val 13")
    assert assistant.taken[-1].choice == "s:7:save:grunder"
    assert assistant.taken[-1].form == {
        "namn": "Biblioteket",
        "syfte": "Nå <barn> & unga",
        "plattform": "o2",
        "extra": "o13",
        "språk": ["o0", "o3"],
        "många": ["o120"],
        "start": "2027-02-01",
        "antal": "12",
        "adress": "",
        "chef": {"id": f"slack:{TEAM}:{ERIK}", "name": "Erik Eskola"},
    }
    assert assistant.taken[-1].conversation == f"slack:{TEAM}:D0ANNA"
    assert reply.body == {"response_action": "clear"}
    assert slack.modal(ANNA) is None
    assert slack.private(ANNA).messages[-1]["text"] == "Stämmer det?"


async def test_errors_stand_at_their_fields_and_a_corrected_form_is_a_new_event(
    stand_in: Pair, slack: FakeSlack
) -> None:
    assistant, people = stand_in
    opens(assistant, [form(namn="För långt.", start="Datumet har varit.")], [Outgoing(Kind.SUMMARY, SV, "Bra.")])
    await people.say(ANNA, "öppna konto")
    await people.press(ANNA, "Som formulär")
    reply = await people.submit(ANNA, namn="x" * 41)
    assert reply.body == {
        "response_action": "errors",
        "errors": {"namn": "För långt.", "start": "Datumet har varit."},
    }
    posted = len(slack.private(ANNA).messages)
    reply = await people.submit(ANNA, namn="Bibban")
    assert reply.body == {"response_action": "clear"}
    assert len(assistant.taken) == 4
    assert len(slack.private(ANNA).messages) == posted + 1


async def test_the_next_section_takes_the_place_of_the_one_before(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    following = replace(form(), title="Öppna konto: ansvar", submit=Button("Spara", "s:7:save:ansvar"))
    opens(assistant, [following], [Outgoing(Kind.SUMMARY, SV, "Bra.")])
    await people.say(ANNA, "öppna konto")
    await people.press(ANNA, "Som formulär")
    await people.submit(ANNA)
    view = slack.modal(ANNA)
    assert view
    assert view["title"]["text"] == "Öppna konto: ansvar"
    await people.submit(ANNA)
    assert assistant.taken[-1].choice == "s:7:save:ansvar"
    assert not slack.problems


async def test_errors_of_fields_that_are_not_shown_are_told_in_the_window(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    other = Field("annat", "Något annat", Input.TEXT, error="Saknas.")
    opens(assistant, [replace(form(), fields=(*form().fields, other))])
    await people.say(ANNA, "öppna konto")
    await people.press(ANNA, "Som formulär")
    await people.submit(ANNA)
    view = slack.modal(ANNA)
    assert view
    assert "Något annat: Saknas." in words(view)


async def test_every_change_is_kept_while_the_window_is_open(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    opens(assistant, [])
    await people.say(ANNA, "öppna konto")
    await people.press(ANNA, "Som formulär")
    await people.enter(ANNA, "syfte", "Nå fler")
    kept = assistant.taken[-1]
    assert (kept.choice, kept.form, kept.event) == ("keep:s:7:save:grunder", {"syfte": "Nå fler"}, None)
    assert kept.conversation == f"slack:{TEAM}:D0ANNA"


async def test_of_quick_changes_only_the_newest_is_written(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    opens(assistant)
    await people.say(ANNA, "öppna konto")
    await people.press(ANNA, "Som formulär")
    assistant.says = lambda i: []
    assistant.delay = 0.05
    await asyncio.gather(*(people.enter(ANNA, "syfte", "Nå fler unga"[:n]) for n in range(1, 13)))
    kept = [(i.form or {})["syfte"] for i in assistant.taken if (i.choice or "").startswith("keep:")]
    assert kept[-1] == "Nå fler unga"
    assert len(kept) < 12


async def test_a_closed_form_keeps_what_was_entered_and_goes_on_step_by_step(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    opens(assistant, [], [], [step(Input.TEXT)])
    await people.say(ANNA, "öppna konto")
    await people.press(ANNA, "Som formulär")
    await people.enter(ANNA, "syfte", "Nå fler")
    assert (await people.close(ANNA)).status == 200
    assert [i.choice for i in assistant.taken[-2:]] == ["keep:s:7:save:grunder", "s:7:show"]
    assert assistant.taken[-2].form == {"syfte": "Nå fler"}
    assert slack.private(ANNA).messages[-1]["text"].startswith("Öppna konto")


async def test_a_closed_form_that_cannot_be_kept_is_told(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    opens(assistant, [])
    await people.say(ANNA, "öppna konto")
    await people.press(ANNA, "Som formulär")
    await people.enter(ANNA, "syfte", "Nå fler")
    assistant.fails = 2
    await people.close(ANNA)
    await slack.until(lambda: "tar längre tid" in slack.private(ANNA).messages[-1]["text"])


async def test_a_press_within_a_form_keeps_what_was_entered(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    shown = replace(form(), buttons=(Button("En fråga i taget", "s:7:show"), Button("Pausa", "s:7:pause")))
    following = iter(([replace(step(Input.TEXT), buttons=(Button("Som formulär", "s:7:form:grunder"),))], [shown]))
    assistant.says = lambda i: next(following)
    await people.say(ANNA, "öppna konto")
    await people.press(ANNA, "Som formulär")
    assistant.says = lambda i: [] if (i.choice or "").startswith("keep:") else [step(Input.TEXT)]
    await people.enter(ANNA, "syfte", "Nå fler")
    await people.press_modal(ANNA, "En fråga i taget")
    assert [i.choice for i in assistant.taken[-2:]] == ["keep:s:7:save:grunder", "s:7:show"]
    assert assistant.taken[-1].conversation == f"slack:{TEAM}:D0ANNA"
    await slack.until(lambda: "fortsätter i vår konversation" in words(slack.modal(ANNA) or {}))
    taken = len(assistant.taken)
    await people.close(ANNA)
    assert len(assistant.taken) == taken, "it was only told that it goes on elsewhere"
    assert not slack.problems


async def test_a_form_that_grew_is_drawn_anew_with_the_errors_at_their_fields(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    more = Field("varför", "Varför ett till?", Input.TEXT, fresh=True)
    grown = form(namn="För långt.")
    opens(assistant, [replace(grown, fields=(*grown.fields, more))])
    await people.say(ANNA, "öppna konto")
    await people.press(ANNA, "Som formulär")
    await people.submit(ANNA)
    view = slack.modal(ANNA)
    assert view
    fields = {b["block_id"]: b for b in view["blocks"] if b["type"] == "input"}
    assert "För långt." in fields["namn"]["hint"]["text"]
    assert "varför" in fields


async def test_a_new_question_of_a_form_says_so(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    new = (
        Field("varför", "Varför ett till?", Input.TEXT, fresh=True),
        Field("lång", "L" * 2500, Input.TEXT, fresh=True),
        Field("gammal", "Samma som förut", Input.TEXT),
    )
    opens(assistant, [replace(form(), fields=new)])
    await people.say(ANNA, "öppna konto")
    await people.press(ANNA, "Som formulär")
    await people.submit(ANNA)
    labels = [b["label"]["text"] for b in (slack.modal(ANNA) or {})["blocks"] if b["type"] == "input"]
    assert labels[0] == "Varför ett till? (ny fråga)"
    assert labels[1].endswith("… (ny fråga)")
    assert labels[2] == "Samma som förut"
    assert not slack.problems


@pytest.mark.parametrize("count", [4, 14])
async def test_an_option_that_goes_with_no_other_says_so(stand_in: Pair, slack: FakeSlack, count: int) -> None:
    assistant, people = stand_in
    *others, last = options(count, False)
    offered = (*others, replace(last, alone=True))
    assistant.says = lambda i: [step(Input.CHOICES, options=offered, value=(last.value,))]
    await people.say(ANNA, "kolla")
    listed = next(b["element"] for b in slack.private(ANNA).messages[-1]["blocks"] if b["type"] == "input")
    *plain, alone = listed["options"]
    assert alone["description"]["text"] == "Bara för sig, inte med de andra"
    assert not any("description" in o for o in plain)
    assert listed["initial_options"] == [alone]
    assert not slack.problems


async def test_a_form_that_shrank_is_drawn_anew(stand_in: Pair, slack: FakeSlack) -> None:
    """Else a field would be left in the window that nobody asks any more."""
    assistant, people = stand_in
    less = form(namn="För långt.")
    fields = tuple(field for field in less.fields if field.name != "extra")
    opens(assistant, [replace(less, fields=fields)], [replace(less, fields=fields)])
    await people.say(ANNA, "öppna konto")
    await people.press(ANNA, "Som formulär")
    await people.submit(ANNA)
    shown = {b["block_id"]: b for b in (slack.modal(ANNA) or {})["blocks"] if b["type"] == "input"}
    assert "extra" not in shown
    assert "För långt." in shown["namn"]["hint"]["text"]
    again = await people.submit(ANNA)
    assert again.body["response_action"] == "errors", "it now shows what the form has"


async def test_a_window_that_slack_closed_leaves_a_button(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    opens(assistant, [form()])
    await people.say(ANNA, "öppna konto")
    slack.fail("views.open", "expired_trigger_id", times=2)
    await people.press(ANNA, "Som formulär")
    assert "Öppna formuläret" in people.labels("D0ANNA")
    await people.press(ANNA, "Öppna formuläret")
    assert assistant.taken[-1].choice == "s:7:form:grunder"
    assert slack.modal(ANNA)


async def test_a_form_whose_arrival_is_not_known_comes_once(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    opens(assistant)
    await people.say(ANNA, "öppna konto")
    slack.fail("views.update", "lost")
    sent, send = [], assistant.wire.send

    async def twice(*arguments: object) -> object:
        """As the outbox does."""
        try:
            return await send(*arguments)
        except RetryLater:
            sent.append(arguments)
            return await send(*arguments, again=True)

    assistant.wire = SimpleNamespace(send=twice)
    await people.press(ANNA, "Som formulär")
    assert len(sent) == 1
    assert "Öppna formuläret" not in people.labels("D0ANNA")
    view = slack.modal(ANNA)
    assert view
    assert view["title"]["text"] == "Öppna konto: grunder"


async def test_a_typed_wish_for_a_form_gets_a_button(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    assistant.says = lambda i: [form()]
    await people.say(ANNA, "som formulär")
    await people.press(ANNA, "Öppna formuläret")
    assert slack.modal(ANNA)


async def test_a_window_without_a_form_says_why(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    opens(assistant)
    await people.say(ANNA, "öppna konto")
    assistant.says = lambda i: [Outgoing(Kind.NOTICE, SV, "Den knappen gäller inte längre.")]
    await people.press(ANNA, "Som formulär")
    await slack.until(lambda: "gäller inte längre" in words(slack.modal(ANNA) or {}))


async def test_a_reason_is_asked_for_first(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    buttons = (
        Button("Godkänn", "r:1:approve"),
        Button("Avslå", "r:1:reject", Style.DANGER, reason="Varför avslås det?"),
    )
    card = Outgoing(Kind.REQUEST, SV, "NYK-2026-0001", title="Nytt konto", buttons=buttons, key="request:1")
    await assistant.wire.send({"team": TEAM, "channel": REVIEW}, card, None, "once-1")
    await people.press(BO, "Avslå", REVIEW)
    assert not assistant.taken
    view = slack.modal(BO)
    assert view
    assert view["title"]["text"] == "Avslå", "what was pressed"
    assert view["blocks"][0]["label"]["text"] == "Varför avslås det?"
    await people.submit(BO, reason="Det finns redan ett.")
    (taken,) = assistant.taken
    thread = slack.channels[REVIEW].messages[0]["ts"]
    assert (taken.choice, taken.form) == ("r:1:reject", {"reason": "Det finns redan ett."})
    assert (taken.conversation, taken.private) == (f"slack:{TEAM}:{REVIEW}", False)
    assert taken.address["thread_ts"] == thread
    assert slack.modal(BO) is None


async def test_a_lone_option_is_ticked(stand_in: Pair, slack: FakeSlack) -> None:
    """A radio button could not be released again."""
    assistant, people = stand_in
    lone = Field("ok", "Bekräfta.", Input.CHOICE, options=(Option("yes", "Jag bekräftar"),))
    asked = replace(form(), title="Öppna konto: allt som ska bekräftas", fields=(lone,))
    following = iter(([replace(step(Input.TEXT), buttons=(Button("Som formulär", "s:7:form:x"),))], [asked], [], []))
    assistant.says = lambda i: next(following)
    await people.say(ANNA, "öppna konto")
    await people.press(ANNA, "Som formulär")
    view = slack.modal(ANNA)
    assert view
    assert [b["element"]["type"] for b in view["blocks"] if b["type"] == "input"] == ["checkboxes"]
    assert view["title"]["text"] == "allt som ska bekräftas", "as much as fits"
    assert "Öppna konto: allt som ska bekräftas" in words(view)
    await people.submit(ANNA, ok=["Jag bekräftar"])
    assert assistant.taken[-1].form == {"ok": ["yes"]}


async def test_a_slow_form_stays_open_with_what_was_written(stand_in: Pair, slack: FakeSlack) -> None:
    assistant, people = stand_in
    opens(assistant, [Outgoing(Kind.SUMMARY, SV, "Bra.")])
    await people.say(ANNA, "öppna konto")
    await people.press(ANNA, "Som formulär")
    assistant.fails = 1
    reply = await people.submit(ANNA, syfte="Mycket text")
    assert reply.body["response_action"] == "errors"
    assert "finns kvar" in reply.body["errors"]["namn"]
    await people.submit(ANNA)
    assert assistant.taken[-1].form and assistant.taken[-1].form["syfte"] == "Mycket text"  # noqa: PT018

"""The whole life of a request, as its people see it."""

from __future__ import annotations

from bot.filing.states import State
from bot.messages import Kind, Outgoing
from bot.store.tables import outbox
from tests.filing_town import ORG, Town


def labels(outgoing: Outgoing) -> list[str]:
    return [b.label for b in outgoing.buttons]


async def test_from_summary_to_approval(either_town: Town) -> None:
    town = either_town
    session = await town.draft("chat:anna")
    receipt = (await town.submit("chat:anna", session))[-1]
    reference = "NYK-2026-0001"
    assert receipt.kind is Kind.REQUEST
    assert reference in receipt.text
    assert "Maria Virtanen" in receipt.text
    assert (await town.request(reference)).state is State.WAITING
    await town.deliver()
    asked = town.platform.at("chat:maria")[-1].outgoing
    assert labels(asked) == ["Agree as manager", "Do not agree"] or "Godkänn som chef" in labels(asked)
    assert not town.platform.at("chat:review")

    agreed = await town.press("chat:maria", reference, "agree:1")
    assert "Filed to communications" in agreed[-1].text
    await town.deliver()
    card = town.platform.at("chat:review")[-1].outgoing
    assert len(card.rows) > 30
    assert any("har godkänt" in p.text or "has agreed" in p.text for p in town.platform.at("chat:anna"))

    taken = await town.review("chat:rita", reference, "take:1")
    assert (await town.request(reference)).reviewer == "chat:rita"
    assert taken[-1].key == f"request:{reference}"
    await town.review("chat:rita", reference, "approve:1")
    await town.deliver()
    request = await town.request(reference)
    assert request.state is State.APPROVED
    assert any("approved by Rita" in p.text for p in town.platform.at("chat:anna"))
    (shown,) = town.platform.at("chat:review", request.key)
    assert "Rita" in shown.text
    await town.review("chat:rita", reference, "finish:1")
    await town.deliver()
    assert (await town.request(reference)).state is State.DONE
    assert await town.differences() == []
    for place in ("chat:anna", "chat:maria", "chat:review"):
        assert len(town.platform.at(place, request.key)) == 1, place


async def test_a_returned_request_is_mended_and_filed_again(either_town: Town) -> None:
    town = either_town
    reference = await town.filed()
    request = await town.request(reference)
    steps = [s["id"] for s in request.answers()["steps"]]
    await town.review("chat:rita", reference, f"note:1:{steps[5]}", reason="Say what the goals are in figures.")
    number = steps.index("account-name") + 1
    await town.review("chat:rita", reference, "return:1", reason=f"Nearly there.\n{number}: The name lacks the unit.")
    await town.deliver()
    told = [p.outgoing for p in town.platform.at("chat:anna") if "needs to be mended" in p.text][-1]
    assert "Nearly there." in told.text
    resume = next(b.action for b in told.buttons if b.action.startswith("s:"))
    first = (await town.said("chat:anna", choice=resume))[-1]
    assert first.field is not None
    assert first.field.name == steps[5]
    assert "Say what the goals are in figures." in first.text
    second = (await town.said("chat:anna", "We want to reach two thousand families by the end of the year."))[-1]
    assert second.field is not None
    assert second.field.name == "account-name"
    summary = (await town.said("chat:anna", "Nykvarn preschools"))[-1]
    assert summary.kind is Kind.SUMMARY
    submit = next(b.action for b in summary.buttons if ":submit:" in b.action)
    receipt = (await town.said("chat:anna", choice=submit))[-1]
    assert receipt.key == request.key
    again = await town.request(reference)
    assert (again.version, again.state) == (2, State.FILED), "the manager has agreed before"
    await town.deliver()
    (card,) = town.platform.at("chat:review", request.key)
    assert {r.label.split(".")[0] for r in card.outgoing.rows if r.changed} == {"6", str(number)}
    assert any("version 2" in p.text for p in town.platform.at("chat:review"))
    assert await town.differences() == []


async def test_the_manager_declines_and_another_is_named(either_town: Town) -> None:
    town = either_town
    reference = await town.file()
    await town.press("chat:maria", reference, "decline:1", reason="Not this year.")
    await town.deliver()
    told = [p.outgoing for p in town.platform.at("chat:anna") if "Not this year." in p.text][-1]
    step = (await town.said("chat:anna", choice=told.buttons[0].action))[-1]
    assert step.field is not None
    assert step.field.name == "manager"
    await town.said("chat:anna", choice=f"s:{(await town.request(reference)).session}:put:manager",
                    form={"manager": {"id": "chat:bo", "name": "Bo"}})  # fmt: skip
    session = (await town.request(reference)).session
    summary = (await town.said("chat:anna", choice=f"s:{session}:show"))[-1]
    submit = next(b.action for b in summary.buttons if ":submit:" in b.action)
    await town.said("chat:anna", choice=submit)
    assert (await town.request(reference)).state is State.WAITING
    await town.deliver()
    assert town.platform.at("chat:bo")
    assert (
        "somebody else" in town.platform.at("chat:maria")[0].text
        or "någon annan" in town.platform.at("chat:maria")[0].text
    )
    refused = await town.press("chat:maria", reference, "agree:2")
    assert "Only Bo" in refused[0].text
    await town.press("chat:bo", reference, "agree:2")
    assert (await town.request(reference)).state is State.FILED
    await town.deliver()
    assert await town.differences() == []


async def test_a_manager_who_cannot_be_reached(town: Town) -> None:
    session = await town.draft("chat:anna", manager={"id": None, "name": "Nobody Knows"})
    for text in [r.text for r in await town.submit("chat:anna", session)]:
        assert "Nobody Knows" in text
    reference = "NYK-2026-0001"
    asked = await town.press("chat:anna", reference, "approver:1")
    assert "manager's name" in asked[0].text
    await town.take("chat:maria", "hello", name="Maria Virtanen")
    await town.said("chat:anna", "maria virtanen")
    assert (await town.request(reference)).approver == "chat:maria"
    await town.press("chat:anna", reference, "resend:1")
    await town.deliver()
    assert len(town.platform.at("chat:maria")) == 3  # the greeting's answer, the request, the reminder
    assert await town.differences() == []


async def test_asking_answering_passing_and_withdrawing(town: Town) -> None:
    reference = await town.filed()
    await town.review("chat:rita", reference, "ask:1", reason="Who answers at night?")
    await town.deliver()
    question = [p.outgoing for p in town.platform.at("chat:anna") if "Who answers at night?" in p.text]
    answer = next(b for b in question[-1].buttons if ":answer:" in b.action)
    assert answer.reason
    await town.said("chat:anna", choice=answer.action, reason="Nobody, we say so.")
    await town.take("chat:roy", "hello", name="Roy Berg")
    await town.review("chat:rita", reference, "take:1")
    await town.review("chat:rita", reference, "pass:1", reason="Roy Berg")
    request = await town.request(reference)
    assert request.reviewer == "chat:roy"
    await town.deliver()
    (card,) = town.platform.at("chat:review", request.key)
    assert "Nobody, we say so." in card.text
    await town.press("chat:anna", reference, "withdraw:1")
    assert (await town.request(reference)).state is State.WITHDRAWN
    late = await town.review("chat:rita", reference, "approve:1")
    assert "no longer possible" in late[0].text
    assert "Anna" in late[0].text
    await town.deliver()
    assert await town.differences() == []


async def test_a_second_submit_names_the_reference(town: Town) -> None:
    session = await town.draft("chat:anna")
    await town.submit("chat:anna", session)
    again = await town.submit("chat:anna", session)
    assert [r.text for r in again] == ["It is already filed as NYK-2026-0001."]
    assert len(await town.rows(outbox.c.purpose == "approval")) == 1


async def test_one_does_not_agree_to_ones_own_request(town: Town) -> None:
    session = await town.draft("chat:anna", manager={"id": "chat:anna", "name": "Anna"})
    replies = await town.submit("chat:anna", session)
    assert "cannot agree to your own" in replies[0].text
    assert replies[-1].field is not None
    assert replies[-1].field.name == "manager"


async def test_background_and_requests_without_a_manager(town: Town) -> None:
    first = await town.filed(unit="Sjöhagen preschool")
    second = await town.filed("chat:bea", unit="Sjöhagen preschool")
    shown = await town.review("chat:rita", second, "background")
    assert [e.title.split(" ")[0] for e in shown[0].groups[0].entries] == [first]
    assert town.organisations.knowledge(ORG).flows["incident"].approver is None
    incident = await town.file("chat:carl", "incident")
    assert (await town.request(incident)).state is State.FILED
    assert [first, second, incident] == [f"NYK-2026-000{n}" for n in (1, 2, 3)]


async def test_words_are_typed(town: Town) -> None:
    reference = await town.filed()
    got = await town.said("chat:rita", f"Reject {reference}: the platform is not used any more", where="chat:review")
    assert (await town.request(reference)).state is State.REJECTED, [g.text for g in got]
    assert "the platform is not used any more" in got[-1].text
    other = await town.filed("chat:bea")
    await town.said("chat:rita", f"send back {other}", where="chat:review")
    await town.said("chat:anna", "hello", where="chat:review")
    got = await town.said("chat:rita", "Please say who the readers are.", where="chat:review")
    assert (await town.request(other)).state is State.RETURNED
    shown = await town.said("chat:bea", other.lower())
    assert "Please say who the readers are." in shown[-1].text


async def test_the_local_page_and_the_terminal(town: Town) -> None:
    session = await town.draft("terminal:anna", manager={"id": None, "name": "Maria Virtanen"})
    await town.submit("terminal:anna", session)
    await town.said("terminal:maria-virtanen", "Godkänn som chef")
    reference = "NYK-2026-0001"
    request = await town.request(reference)
    assert request.state is State.FILED
    assert await town.rows(outbox.c.conversation == "terminal:communications", outbox.c.key == request.key)
    got = await town.said("terminal:communications", "Godkänn", name="communications")
    assert (await town.request(reference)).state is State.APPROVED, [g.text for g in got]
    assert not [d for d in await town.differences() if "chat" not in d.what]

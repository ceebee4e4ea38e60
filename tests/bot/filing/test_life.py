"""The whole life of a request, as its people see it."""

from __future__ import annotations

from bot.dialogue.expiry import expire
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
    assert asked.text.startswith("Anna har angett dig som chef.")
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
    assert "Approved by Rita" in shown.text
    assert "The account stands in the register." in shown.text
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
    told = [p.outgoing for p in town.platform.at("chat:anna") if "needs to be corrected" in p.text][-1]
    assert "Nearly there." in told.text
    resume = next(b.action for b in told.buttons if b.action.startswith("s:"))
    first = (await town.said("chat:anna", choice=resume))[-1]
    assert first.field is not None
    assert first.field.name == steps[5]
    assert "Rita writes: Say what the goals are in figures." in first.text
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


async def test_a_request_as_it_stood_at_each_step(town: Town) -> None:
    """What a late mail or webhook tells is what was when it was written."""
    reference = await town.filed()
    town.clock.now += 60
    await town.review("chat:rita", reference, "reject:1", reason="No.")
    request = await town.request(reference)
    stood = [request.at(event.id) for event in request.events]
    assert [r.state for r in stood] == [State.WAITING, State.FILED, State.REJECTED]
    assert [len(r.events) for r in stood] == [1, 2, 3]
    assert [r.last.what.value for r in stood] == ["submit-to-manager", "agree", "reject"]
    assert [r.updated_at for r in stood] == [event.at for event in request.events]
    assert stood[0].updated_at < stood[2].updated_at
    assert {r.version for r in stood} == {1}


async def test_a_returned_request_does_not_expire(town: Town) -> None:
    """It is on record: whoever is away for a summer finds it as it was sent back."""
    reference = await town.filed()
    await town.review("chat:rita", reference, "return:1", reason="Nearly.\n2: Which one?")
    town.clock.now += 200 * 86_400
    for _ in range(2):
        assert await expire(town.store, town.organisations, town.clock(), 30) == 0
    step = (await town.said("chat:anna", choice=f"s:{(await town.request(reference)).session}:resume"))[-1]
    assert "Rita writes: Which one?" in step.text
    assert step.field is not None
    assert step.field.name == (await town.request(reference)).answers()["steps"][1]["id"]


async def test_the_manager_declines_and_another_is_named(either_town: Town) -> None:
    town = either_town
    reference = await town.file()
    await town.press("chat:maria", reference, "decline:1", reason="Not this year.")
    await town.deliver()
    told = [p.outgoing for p in town.platform.at("chat:anna") if "Not this year." in p.text][-1]
    assert told.text.endswith("Maria writes: Not this year.")
    (card,) = town.platform.at("chat:anna", f"request:{reference}")
    assert "Maria did not agree" in card.text
    step = (await town.said("chat:anna", choice=told.buttons[0].action))[-1]
    assert step.field is not None
    assert step.field.name == "manager"
    assert "Maria writes: Not this year." in step.text
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
    (only,) = town.platform.at("chat:review")
    assert only.outgoing.key == f"request:{reference}", "nobody there has seen an earlier version"
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
    assert any("Rita has passed" in p.text or "Rita har lämnat över" in p.text for p in town.platform.at("chat:roy"))
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
    third = await town.filed("chat:carl")
    for words in (f"Approve {third} because it is good", f"Dance {third}", f"{third}?"):
        (answer,) = await town.said("chat:rita", words, where="chat:review")
        assert answer.key is None, "no act, and not the request: a question like any other"
    assert (await town.request(third)).state is State.FILED
    shown = await town.said("chat:bea", other.lower())
    assert "Please say who the readers are." in shown[-1].text


async def test_words_that_must_not_be_kept_or_fit_nowhere(town: Town) -> None:
    reference = await town.filed()
    for words in ("Salasana: Kissa123!x", "Hon är 010101-123N"):
        (refused,) = await town.review("chat:rita", reference, "reject:1", reason=words)
        assert refused.kind is Kind.NOTICE
    (old,) = await town.review("chat:rita", reference, "note:1:no-such-step", reason="x")
    assert old.kind is Kind.NOTICE
    await town.press("chat:rita", reference, "reject:1")
    town.clock.now += 60
    await town.said("chat:rita", choice="home")
    town.clock.now += 60
    await town.said("chat:rita", "Nej, tack")
    assert len((await town.request(reference)).events) == 2, "nothing of it is in the history"


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

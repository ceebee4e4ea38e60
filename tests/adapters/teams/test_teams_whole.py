"""The whole way: Teams, the door, the real assistant, the outbox, and Teams again."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tests.adapters.teams.conftest import House
from tests.fakes.teams import TENANT, Fault, activity, execute, in_channel
from tests.fakes.teams_cards import check, data_of, parts


def text_of(card: dict[str, Any]) -> str:
    """All of a card, as text to look in."""
    return json.dumps(card, ensure_ascii=False)


async def said(house: House, words: str, **given: Any) -> list[dict[str, Any]]:
    """What a message is answered with."""
    before = len(house.fake.posted)
    status, _ = await house.post(activity(house.fake.url, text=words, **given))
    assert status == 200
    await house.deliver()
    new = [p.activity for p in house.fake.posted[before:]]
    for one in new:
        for attachment in one.get("attachments", []):
            check(attachment["content"])
    return new


async def pressed(house: House, data: dict[str, Any], **inputs: Any) -> dict[str, Any]:
    """What a press is answered with."""
    status, body = await house.post(execute(house.fake.url, data | inputs))
    assert status == 200
    await house.deliver()
    house.clock[0] += 60
    for card in house.cards:
        check(card)
    return dict(body)


def button(card: dict[str, Any], label: str) -> dict[str, Any]:
    """The data of a button by its label."""
    found = [a for a in parts(card, "Action.Execute") if a["title"] == label]
    assert found, [a["title"] for a in parts(card, "Action.Execute")]
    return dict(found[0]["data"])


async def test_a_question_is_answered_in_the_same_conversation(house: House) -> None:
    new = await said(house, "Får jag publicera en bild på en kollega?")
    assert len(new) == 1
    card = new[0]["attachments"][0]["content"]
    assert "Källa" in text_of(card)
    assert card["lang"] == "sv"
    assert new[0]["conversation"]["id"] == "a:1anna"


async def test_the_language_follows_the_question(house: House) -> None:
    new = await said(house, "Saanko julkaista kuvan työkaverista?", locale="sv-SE")
    assert new[0]["attachments"][0]["content"]["lang"] in ("fi", "sv")
    new = await said(house, "help", locale="en-GB")
    assert new[0]["attachments"][0]["content"]["lang"] in ("en", "sv")


async def test_the_same_activity_twice_is_answered_once(house: House) -> None:
    sent = activity(house.fake.url, text="Får jag publicera en bild på en kollega?")
    for _ in range(4):
        assert (await house.post(sent))[0] == 200
        await house.deliver()
    await asyncio.gather(*(house.post(sent) for _ in range(4)))
    await house.deliver()
    assert len(house.fake.posted) == 1


async def test_a_welcome_comes_once(house: House) -> None:
    for kind, given in (
        ("installationUpdate", {"action": "add"}),
        ("conversationUpdate", {"membersAdded": [{"id": "28:22222222-2222-2222-2222-222222222222"}]}),
        ("installationUpdate", {"action": "add"}),
    ):
        await house.post(activity(house.fake.url, kind, **given))
        await house.deliver()
    assert len(house.fake.posted) == 1
    assert house.fake.posted[0].activity["suggestedActions"]["actions"]


async def test_a_channel_is_answered_in_its_thread(house: House) -> None:
    await house.post(in_channel(house.fake.url, "får jag publicera en bild på en kollega?"))
    await house.deliver()
    assert house.fake.posted[0].conversation == "19:general@thread.tacv2;messageid=1"


async def test_what_is_personal_goes_to_the_personal_chat(house: House) -> None:
    await house.post(in_channel(house.fake.url, "vi vill öppna ett konto"))
    await house.deliver()
    house.clock[0] += 60
    await house.deliver()
    where = [p.conversation for p in house.fake.posted]
    if len(where) == 1:  # understood as a question: the dialogue starts by its button
        card = house.cards[0]
        flows = [d for d in data_of(card) if str(d.get("action", "")).startswith("flow:")]
        assert flows
        conversation = in_channel(house.fake.url, "")["conversation"]
        await house.post(execute(house.fake.url, flows[0], conversation=conversation))
        await house.deliver()
        where = [p.conversation for p in house.fake.posted]
    assert "a:private-aad-anna" in where
    assert where[-1] == "a:private-aad-anna"


async def test_a_dialogue_step_by_step(house: House) -> None:
    """Steps are answered by buttons, inputs and words; each card becomes its own outcome."""
    await pressed(house, {"action": "flow:open-account", "language": "sv"})
    for _ in range(40):
        card = house.cards[-1]
        if house.fake.posted[-1].activity["summary"].startswith("Öppna") and "Skicka" in text_of(card):
            break
        data, inputs = answer_to(card)
        standing = len(house.fake.posted)
        body = await pressed(house, data, **inputs)
        assert body["type"] in ("application/vnd.microsoft.card.adaptive", "application/vnd.microsoft.activity.message")
        assert len(house.fake.posted) > standing, text_of(card)
    assert "Ändra" in text_of(house.cards[-1])
    assert sum(p.updates for p in house.fake.posted) > 5


def answer_to(card: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The data and inputs that answer a step."""
    asked = parts(card, "Input.")
    top = [a for a in card["actions"] if a["type"] == "Action.Execute"]
    if not asked:
        return dict(top[0]["data"]), {}
    field = asked[0]
    sends = next(a for a in top if a["associatedInputs"] == "auto")
    if field["type"] == "Input.ChoiceSet":
        value = field["choices"][0]["value"]
    else:
        kinds = {"Input.Date": "2099-03-01", "Input.Number": "3"}
        value = kinds.get(field["type"], "Kultur- och fritidsenheten, Anna Andersson")
    return dict(sends["data"]), {field["id"]: value}


async def test_a_form_with_its_errors(house: House) -> None:
    await pressed(house, {"action": "flow:open-account", "language": "sv"})
    form = next(d for d in data_of(house.cards[-1]) if ":form:" in str(d.get("action")))
    await pressed(house, form)
    card = house.cards[-1]
    fields = {i["id"]: i for i in parts(card, "Input.")}
    assert len(fields) > 1
    sends = next(a for a in card["actions"] if a.get("associatedInputs") == "auto")
    body = await pressed(house, sends["data"], **dict.fromkeys(fields, ""))
    assert "⚠️" in text_of(body["value"])
    assert "⚠️" in text_of(house.cards[-1])


def labels(card: dict[str, Any]) -> dict[str, str]:
    """The fields of a form's card: their labels by their names."""
    return {i["id"]: i["label"] for i in parts(card, "Input.")}


async def test_a_form_shows_what_an_answer_brings_and_takes_away(house: House) -> None:
    await pressed(house, {"action": "flow:open-account", "language": "sv"})
    await pressed(house, next(d for d in data_of(house.cards[-1]) if ":form:" in str(d.get("action"))))
    shown = house.cards[-1]
    assert "f_platform-other" not in labels(shown)

    async def saved(platform: str) -> dict[str, Any]:
        card = house.cards[-1]
        sends = next(a for a in card["actions"] if a.get("associatedInputs") == "auto")
        body = await pressed(house, sends["data"], **dict.fromkeys(labels(card), "") | {"f_platform": platform})
        return dict(body["value"])

    grown = labels(await saved("other"))
    assert grown["f_platform-other"].endswith("(ny fråga)")
    assert not grown["f_platform"].endswith("(ny fråga)")
    assert "f_platform-other" not in labels(await saved("facebook"))


async def test_a_bad_day_of_teams(house: House) -> None:
    """Throttled, failing and refused: the answer comes in the end, once, and in order."""
    house.fake.faults.extend([Fault(429, after="3"), Fault(412), Fault(502), Fault(504)])
    for words in ("hej", "tack"):
        await house.post(activity(house.fake.url, text=words))
    for _ in range(60):
        house.clock[0] += 30
        await house.deliver()
    assert len(house.fake.posted) == 2
    assert "Varsågod" in text_of(house.cards[1]) or "Hangö" in text_of(house.cards[0])


async def test_who_has_blocked_the_bot_is_in_the_list(house: House) -> None:
    from sqlalchemy import select

    from bot.store.tables import outbox

    house.fake.blocked.add("a:1anna")
    await house.post(activity(house.fake.url, text="hej"))
    await house.deliver()
    async with house.outbox.store.transaction() as tx:
        row = (await tx.execute(select(outbox.c.state, outbox.c.error))).one()
    assert row.state == "parked"
    assert "MessageWritesBlocked" in row.error


async def test_a_lost_answer_of_teams_is_at_worst_a_second_card(house: House) -> None:
    """Teams knows no way to refuse a repeated message; pressing either card does the same once."""
    house.fake.faults.append(Fault(done=True))
    await house.post(activity(house.fake.url, text="hej"))
    await house.deliver()
    house.clock[0] += 60
    await house.deliver()
    assert 1 <= len(house.fake.posted) <= 2


async def test_a_picture_starts_the_photo_decision(house: House) -> None:
    picture = {"contentType": "image/*", "contentUrl": "https://never.fetched.example/x"}
    new = await said(house, "Får jag publicera den här?", attachments=[picture])
    assert "never.fetched" not in text_of({"all": new})
    assert len(house.fake.calls) == len(new)


async def test_one_organisation_never_sees_another(house: House) -> None:
    new = await said(house, "vilken riktlinje är det här")
    assert "Hangö" in text_of(new[0])
    assert TENANT in text_of(new[0])

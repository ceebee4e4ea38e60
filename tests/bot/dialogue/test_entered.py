"""What stands in a form that was not sent, and choices that stand under no message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.assistant import Assistant
from bot.dialogue.sessions import Session, State, session_by_id
from bot.messages import Incoming, Kind, Outgoing, Person
from bot.organisations import Organisations
from bot.store.store import Store
from knowledge.models import Language
from tests.conftest import lexical_answerer

ANNA, BO = Person("slack:T1:U1", "Anna"), Person("slack:T1:U2", "Bo")


class Room:
    """Two people before an assistant."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant

    async def said(self, text: str = "", person: Person = ANNA, **more: Any) -> list[Outgoing]:
        incoming = Incoming("nykvarn", person.id, text, person=person, **{"language": Language.SV, **more})
        return [delivery.outgoing for delivery in await self.assistant.take(incoming)]

    async def session(self, number: int = 1) -> Session:
        async with self.assistant.store.transaction() as tx:
            found = await session_by_id(tx, "nykvarn", number)
        assert found is not None
        return found

    async def answers(self) -> dict[str, Any]:
        return {name: answer["value"] for name, answer in (await self.session()).answers.items()}


@pytest.fixture
async def room(organisations: Organisations) -> AsyncIterator[Room]:
    store = await Store.open("sqlite://")
    yield Room(Assistant(lexical_answerer(organisations), store))
    await store.close()


async def form(room: Room) -> Outgoing:
    """The section in which the account to be closed is named."""
    await room.said("avsluta konto")
    (shown,) = await room.said(choice="s:1:form:account")
    assert shown.kind is Kind.FORM
    assert shown.submit
    return shown


async def test_what_will_do_is_kept_and_nothing_is_said(room: Room) -> None:
    shown = await form(room)
    assert shown.submit
    keep = f"keep:{shown.submit.action}"
    values = {"account": "@bad", "unit": "", "platform": "no such", "elsewhere": "x"}
    assert await room.said(choice=keep, form=values) == []
    assert await room.answers() == {"account": "@bad"}
    (step,) = await room.said(choice="s:1:show")
    assert step.field
    assert step.field.name != "account"


async def test_it_is_kept_for_its_own_person_and_while_the_dialogue_lasts(room: Room) -> None:
    shown = await form(room)
    assert shown.submit
    keep, values = f"keep:{shown.submit.action}", {"account": "@bad"}
    for choice in (keep.replace("save", "form"), keep.replace("account", "no-such"), "keep:", "keep:s:x:save:y", keep):
        person = BO if choice == keep else ANNA
        assert await room.said(choice=choice, form=values, person=person) == []
    assert await room.answers() == {}
    await room.said("pausa")
    await room.said(choice=keep, form=values)
    assert await room.answers() == {"account": "@bad"}, "a form that stood open over a pause"
    await room.said("fortsätt")
    await room.said("avbryt")
    await room.said("ja")
    await room.said(choice=keep, form={"account": "@annat"})
    assert (await room.session()).state is State.CANCELLED
    assert await room.answers() == {}


async def test_what_is_asked_about_is_no_answer_to_the_open_step(room: Room) -> None:
    await form(room)
    answer, step = await room.said("Får jag publicera en bild på en kollega?", beside=True)
    assert answer.kind in (Kind.ANSWER, Kind.CHOOSE)
    assert step.kind is Kind.STEP
    assert await room.answers() == {}
    (_, step) = await room.said("Badhuset", beside=True)
    assert step.kind is Kind.STEP
    assert await room.answers() == {}


async def test_a_choice_beside_messages_is_in_the_persons_language(room: Room) -> None:
    async def spoken(**more: Any) -> Language:
        return (await room.said(choice="hello", beside=True, **more))[0].language

    assert await spoken(language=Language.FI) is Language.FI
    await room.said("May I publish a photo of a colleague?", language=Language.FI)
    assert await spoken(language=Language.FI) is Language.EN, "as they last wrote"
    await room.said("på svenska", language=Language.FI)
    await room.said("May I publish a photo of a colleague?", language=Language.FI)
    assert await spoken(language=Language.FI) is Language.SV, "as they have chosen"

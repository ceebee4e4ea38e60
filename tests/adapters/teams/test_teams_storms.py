"""What storms have found: Teams cannot say something just now, and the person is told what is true."""

from __future__ import annotations

from adapters.teams.texts import say as own
from knowledge.models import Language
from tests.adapters.teams.conftest import House
from tests.fakes.teams import Fault, activity


async def test_a_chat_that_cannot_be_opened_just_now_is_not_taken_for_a_missing_app(house: House) -> None:
    asked = {"commandId": "ask", "data": {"ask": "Får jag publicera en bild?", "language": "sv"}}
    sent = activity(house.fake.url, "invoke", name="composeExtension/submitAction", value=asked)
    house.fake.faults.append(Fault(429, after="1"))
    status, said = await house.post(sent)
    assert status == 200
    assert said["task"]["value"] == own(Language.SV, "slow-press")
    house.fake.blocked.add("29:anna")
    house.fake.blocked.add("aad-anna")
    _, said = await house.post(sent)
    assert said["task"]["value"] == own(Language.SV, "ask-install")

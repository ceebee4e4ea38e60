"""Who may see and do what, as a table; and that the presses obey it."""

from __future__ import annotations

import pytest

from bot.__main__ import _start
from bot.channels import Gone, RetryLater
from bot.filing.rights import MAY, Look, Rights, Role, ruling
from bot.filing.states import Act, State
from bot.messages import Kind
from tests.filing_town import ORG, Members, Town

TABLE = {
    Role.REQUESTER: {"submit", "submit-to-manager", "approver", "resend", "answer", "withdraw", "see-request"},
    Role.MANAGER: {"agree", "decline", "see-request"},
    Role.REVIEWER: {
        "take", "pass", "ask", "note", "approve", "return", "reject", "finish", "see-request", "see-background",
        "see-queue", "see-questions", "answer-handover",
    },
}  # fmt: skip


@pytest.mark.parametrize("what", [*Act, *Look])
@pytest.mark.parametrize("role", list(Role))
def test_the_table(role: Role, what: Act | Look) -> None:
    made = ruling(what, {role})
    assert made.allowed == (what.value in TABLE[role])
    assert bool(made.why_not) != made.allowed
    assert not ruling(what, ()).allowed
    assert set(MAY) == {*Act, *Look}


async def test_who_is_a_reviewer() -> None:
    local = ("web:communications:*", "terminal:communications")
    rights = Rights({"a": ["slack:T:U1"]}, local, {"chat": Members("chat:rita")})
    assert await rights.reviews("a", "slack:T:U1")
    assert not await rights.reviews("b", "slack:T:U1"), "another organisation's"
    assert await rights.reviews("a", "web:communications:anna")
    assert not await rights.reviews("a", "web:communications:")
    assert not await rights.reviews("a", "web:communications-anna")
    assert not await rights.reviews("a", "web:anna")
    assert await rights.reviews("a", "terminal:communications")
    assert not await rights.reviews("a", "terminal:communicationss")
    assert not await rights.reviews("a", "")
    assert await rights.reviews(ORG, "chat:rita")
    assert not await rights.reviews("a", "chat:rita")
    spoof = Rights({}, ("slack:*", "*"))
    assert not await spoof.reviews("a", "slack:T:U1"), "patterns are for this machine's channels only"


@pytest.mark.parametrize(
    "verb", [a.value for a in Act if a.value not in ("submit", "submit-to-manager")] + ["show", "background"]
)
async def test_a_stranger_gets_a_plain_word_and_nothing_else(town: Town, verb: str) -> None:
    reference = await town.file()
    before = await town.request(reference)
    for who in ("chat:eve", "web:eve", "terminal:eve"):
        made = await town.take(who, choice=f"req:{reference}:{verb}:1", where="chat:review", reason="x")
        assert [d.outgoing.kind for d in made] == [Kind.NOTICE]
        assert all(d.conversation == who for d in made), "only to them"
        assert not made[0].outgoing.rows
        assert "Anna" not in made[0].outgoing.text
    assert await town.request(reference) == before


async def test_another_organisation_does_not_reach_it(town: Town) -> None:
    reference = await town.filed()
    for verb in ("show", "approve"):
        (told,) = await town.press("chat:rita", reference, verb, org="vara")
        assert told.text == f"There is no request {reference}."
    assert (await town.request(reference)).state is State.FILED


async def test_submitting_is_no_button(town: Town) -> None:
    reference = await town.filed()
    for verb in ("submit", "submit-to-manager", "nonsense", ""):
        (told,) = await town.press("chat:anna", reference, verb)
        assert told.kind is Kind.NOTICE
    assert (await town.request(reference)).version == 1


async def test_nothing_of_people_is_logged(
    town: Town, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOMEGUIDE_LOG_LEVEL", "DEBUG")
    _start()
    secret = "Hemligasteordet"
    session = await town.draft("chat:anna", unit=secret, manager={"id": "chat:maria", "name": "Maria Ovanlig"})
    await town.submit("chat:anna", session, name="Anna Sällsynt")
    await town.press("chat:maria", "NYK-2026-0001", "agree", name="Maria Ovanlig")
    await town.review("chat:rita", "NYK-2026-0001", "reject", reason=secret)
    await town.said("chat:anna", f"Får vi {secret} publicera vargar?")
    town.platform.faults = lambda place, outgoing: ValueError(secret) if place == "chat:review" else None
    await town.deliver()
    shown = capsys.readouterr()
    logged = shown.out + shown.err
    assert "turn" in logged
    for word in ("Sällsynt", "Ovanlig", "chat:anna", "vargar"):
        assert word not in logged


async def test_a_channel_that_cannot_say_who_reviews(town: Town) -> None:
    class Away:
        def __init__(self, error: Exception) -> None:
            self.error = error

        async def is_reviewer(self, organisation: str, person: str) -> bool:
            raise self.error

    reference = await town.filed()
    town.filing.rights.memberships["chat"] = Away(RetryLater("503"))
    (told,) = await town.press("chat:new", reference, "approve:1")
    assert "Try again" in told.text
    assert (await town.review("chat:rita", reference, "take:1"))[0].kind is Kind.REQUEST, "the settings know her"
    town.filing.rights.memberships["chat"] = Away(Gone("uninstalled"))
    (told,) = await town.press("chat:new", reference, "approve:1")
    assert "Only communications" in told.text

"""A report of something that has happened: told at once to whom the guideline names, and dealt with, not approved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.dialogue.sessions import Session, save
from bot.filing.document import as_text, find
from bot.filing.states import State
from bot.organisations import Organisations
from knowledge.models import Language
from tests.filing_town import ORG, Town, filled, settings

CONTACTS = {
    "aanekoski": "Suvi Kallioinen",
    "hango": "Nina Näsänen",
    "kyrkslatt": "information management (IT)",
    "nykvarn": "your line manager",
}
APPROVING = ("pprove", "eject", "Godkän", "Avslå", "Avslog", "avslag", "yväksy", "ylkää", "ylätty")
"""What is no word for an incident, in each language."""


@pytest.fixture
async def mailing(organisations: Organisations, tmp_path: Path) -> AsyncIterator[Town]:
    """A municipality whose communications have a mailbox too."""
    given = settings(mailbox="kommunikation@nykvarn.example")
    async with Town.open(organisations, f"sqlite:///{tmp_path / 'town.db'}", given) as opened:
        yield opened


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("org", list(CONTACTS))
async def test_the_receipt_promises_no_days_and_names_whom_to_tell_now(
    town: Town, org: str, language: Language
) -> None:
    flow = town.organisations.knowledge(org).flows["incident"]
    session = Session(org, "chat:anna", "chat:anna", "incident", language, steps=[s.id for s in flow.steps])
    session.answers = filled(flow)
    session.turn = 1
    async with town.store.transaction() as tx:
        await save(tx, session, town.clock())
    receipt = (await town.submit("chat:anna", session, org=org, language=language))[-1]
    assert receipt.key is not None, receipt.text
    opening = receipt.text.split("\n\n")[0]
    for promise in ("arbetsdag", "työpäiv", "working day"):
        assert promise not in receipt.text
    assert {Language.SV: "genast", Language.FI: "heti", Language.EN: "at once"}[language] in opening
    assert flow.urgent is not None
    assert flow.urgent.text[language] in receipt.text, "what the guideline says is to be done at once"
    if language is Language.EN:
        assert CONTACTS[org] in receipt.text


async def test_other_requests_still_say_when_they_are_answered(town: Town) -> None:
    receipt = (await town.submit("chat:anna", await town.draft("chat:anna", manager=None)))[-1]
    assert "Contact:" not in receipt.text


@pytest.mark.parametrize(("verb", "state"), [("approve", State.APPROVED), ("reject", State.REJECTED)])
async def test_a_report_is_dealt_with_or_closed(mailing: Town, verb: str, state: State) -> None:
    town = mailing
    reference = await town.file("chat:carl", "incident")
    await town.deliver()
    taken = await town.review("chat:rita", reference, "take:1")
    await town.review("chat:rita", reference, f"{verb}:1", reason="Talked to the school.")
    assert (await town.request(reference)).state is state
    await town.deliver()
    home = await town.said("chat:rita", "home")
    mine = await town.said("chat:carl", "my requests")
    shown = [*(p.outgoing for p in town.platform.posts.values()), *taken, *home, *mine]
    buttons = [b for o in shown for b in (*o.buttons, *(b for g in o.groups for e in g.entries for b in e.buttons))]
    texts = [o.text for o in shown] + [o.title for o in shown] + [b.label for b in buttons]
    texts += [e.detail for o in shown for g in o.groups for e in g.entries]
    async with town.store.transaction() as tx:
        texts += [as_text(await find(tx, town.organisations.knowledge(ORG), reference, lang)) for lang in Language]
    for text in texts:
        assert not [word for word in APPROVING if word in (text or "")], text
    assert not [b for b in buttons if ":finish:" in b.action], "it is done when it has been dealt with"
    assert not [g for o in home for g in o.groups if g.title == "Approved, not marked as done"]
    assert await town.differences() == []


async def test_a_reports_buttons_are_typed(town: Town) -> None:
    reference = await town.file("chat:carl", "incident")
    await town.said("chat:rita", f"Mark as dealt with {reference}", where="chat:review")
    assert (await town.request(reference)).state is State.APPROVED
    other = await town.file("chat:carl", "incident")
    await town.said("chat:rita", f"Avsluta utan åtgärd {other}: redan löst", where="chat:review")
    assert (await town.request(other)).state is State.REJECTED

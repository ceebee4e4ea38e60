"""The register: seeded, kept by approvals, exported and imported."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.filing import exchange, register
from bot.filing.exchange import BadRegister, guarded, read, unguarded
from bot.filing.register import Account
from bot.filing.states import State
from knowledge.loader import load
from knowledge.models import Language
from tests.filing_town import ORG, Town


async def accounts(town: Town, org: str = ORG) -> list[Account]:
    async with town.store.transaction() as tx:
        await register.seed(tx, town.organisations.knowledge(org), town.clock())
        return await register.listed(tx, org)


async def test_seeded_from_the_documents_once(either_town: Town) -> None:
    named = either_town.organisations.knowledge("kyrkslatt").organisation.accounts
    for _ in range(2):
        found = await accounts(either_town, "kyrkslatt")
        assert {a.key for a in found} == {(a.platform, a.name) for a in named}
    assert all(a.source.startswith("kyrkslatt/") for a in found)
    assert await accounts(either_town) == []


async def test_an_approval_opens_and_another_closes(either_town: Town) -> None:
    town = either_town
    names = {"account_name": "Sjöhagen i Nykvarn", "responsible": {"id": "chat:kalle", "name": "Kalle Karlsson"}}
    reference = await town.filed(platform="instagram", unit="Sjöhagen", **names)
    assert await accounts(town) == []
    await town.review("chat:rita", reference, "approve")
    (entry,) = await accounts(town)
    assert (entry.platform, entry.name, entry.unit) == ("Instagram", "Sjöhagen i Nykvarn", "Sjöhagen")
    assert (entry.responsible, entry.responsible_id, entry.substitute) == (
        "Kalle Karlsson",
        "chat:kalle",
        "Kalle Karlsson",
    )
    assert entry.opened == "2026-09-21"
    assert entry.source == reference
    home = await town.said("chat:kalle", "home")
    assert any(e.title == "Instagram: Sjöhagen i Nykvarn" for g in home[0].groups for e in g.entries)
    closing = await town.file(
        "chat:anna", "close-account", account="Sjöhagen i nykvarn", platform="instagram", last_day="2031-02-03",
        first_notice="2031-01-03",
    )  # fmt: skip
    await town.press("chat:maria", closing, "agree")
    shown = await town.review("chat:rita", closing, "background")
    assert [e.title for e in shown[0].groups[1].entries] == ["Instagram: Sjöhagen i Nykvarn"]
    await town.review("chat:rita", closing, "approve")
    (closed,) = await accounts(town)
    assert (closed.closed, closed.request) == ("2031-02-03", closing)
    unknown = await town.file("chat:bea", "close-account", account="never-heard", platform="facebook")
    await town.press("chat:maria", unknown, "agree")
    await town.review("chat:rita", unknown, "approve")
    assert {a.name: bool(a.closed) for a in await accounts(town)} == {"Sjöhagen i Nykvarn": True, "never-heard": True}


@pytest.mark.parametrize("closes", ["Förskolan Solen 2", "förskolan solen 2", "Förskolan Solen"])
async def test_of_accounts_with_names_alike_the_named_one_is_closed(either_town: Town, closes: str) -> None:
    town = either_town
    for name in ("Förskolan Solen 1", "Förskolan Solen 2", "Förskolans Solen", "Förskolan Solen"):
        opening = await town.filed(f"chat:{name}", platform="instagram", unit="Solen", account_name=name)
        await town.review("chat:rita", opening, "approve")
    closing = await town.file("chat:anna", "close-account", account=closes, platform="instagram")
    await town.press("chat:maria", closing, "agree")
    await town.review("chat:rita", closing, "approve")
    assert [a.name.lower() for a in await accounts(town) if a.closed] == [closes.lower()]


async def test_an_account_that_is_not_in_the_register_closes_no_other(town: Town) -> None:
    opening = await town.filed(platform="instagram", unit="Solen", account_name="Förskolan Solen 1")
    await town.review("chat:rita", opening, "approve")
    closing = await town.file("chat:anna", "close-account", account="Förskolan Solen 2", platform="instagram")
    await town.press("chat:maria", closing, "agree")
    await town.review("chat:rita", closing, "approve")
    assert {a.name: bool(a.closed) for a in await accounts(town)} == {
        "Förskolan Solen 1": False,
        "Förskolan Solen 2": True,
    }


async def test_other_requests_leave_the_register_alone(town: Town) -> None:
    reference = await town.file("chat:anna", "incident")
    await town.review("chat:rita", reference, "approve")
    assert (await town.request(reference)).state is State.APPROVED
    assert await accounts(town) == []


async def test_another_platform_and_a_rejection(town: Town) -> None:
    reference = await town.filed(platform="other", platform_other="Mastodon", account_name="nykvarn-mastodon")
    await town.review("chat:rita", reference, "reject", reason="No.")
    assert await accounts(town) == []
    again = await town.filed("chat:bea", platform="other", platform_other="Mastodon", account_name="nykvarn-mastodon")
    await town.review("chat:rita", again, "approve")
    assert [a.platform for a in await accounts(town)] == ["Mastodon"]


GOOD = "platform,name,unit,url,opened\r\nFacebook,nykvarn,Kommunen,https://facebook.example/nykvarn,2020-01-31\r\n"


def test_import_of_csv_and_json() -> None:
    (line,) = read(GOOD, "csv")
    account = line.onto(None)
    assert (account.name, account.source) == ("nykvarn", "import")
    assert read("\ufeff" + GOOD.replace(",", ";"), "csv") == [line]
    assert read(json.dumps([{"platform": "Facebook", "name": "x"}]), "json")[0].onto(None).name == "x"


def test_what_a_file_does_not_say_stays() -> None:
    known = Account(
        "Instagram", "Hangö simhall", "Simhallen", "https://x.example", "Kalle", "Lisa", "Pia", "2026-01-02",
        source="HAN-2026-0001", responsible_id="chat:kalle", request="HAN-2026-0001",
    )  # fmt: skip
    for text, form in (
        ("platform,name\nInstagram,Hangö simhall\n", "csv"),
        ("platform,name,unit,opened\nInstagram,Hangö simhall\n", "csv"),
        ('[{"platform": "Instagram", "name": "Hangö simhall", "unit": null}]', "json"),
        (exchange.as_csv([known]), "csv"),
        (exchange.as_json([known]), "json"),
    ):
        assert read(text, form)[0].onto(known) == known, text
    (line,) = read("platform,name,unit,responsible\nInstagram,Hangö simhall,,Olle\n", "csv")
    after = line.onto(known)
    assert (after.unit, after.responsible, after.responsible_id) == ("", "Olle", None), "an empty cell empties"
    assert (after.publishers, after.source) == (known.publishers, known.source)


@pytest.mark.parametrize(
    ("text", "form", "says"),
    [
        ("", "csv", "empty"),
        ("name\nx\n", "csv", "line 1: the heading lacks platform"),
        ("platform,name,colour\nF,x,y\n", "csv", "line 1: the heading has colour"),
        ("platform,name,name\nF,x,y\n", "csv", "line 1: the heading has a column twice"),
        ("platform,name\nFacebook,\n", "csv", "line 2: name is missing"),
        ("platform,name\nFacebook,a\nFacebook,a\n", "csv", "line 3: Facebook: a stands already on line 2"),
        ("platform,name\nFacebook,a,b\n", "csv", "line 2: more cells"),
        ("platform,name,url\nFacebook,a,javascript:x\n", "csv", "line 2: url must begin"),
        ("platform,name,opened\nFacebook,a,31.1.2020\n", "csv", "line 2: opened must be a date"),
        ("platform,name\nFacebook," + "x" * 1001 + "\n", "csv", "line 2: name is longer"),
        ("platform,name,responsible\nFacebook,a,010101-123N\n", "csv", "line 2: holds what looks like"),
        ("platform,name\nFacebook,a\nFacebook," + "x" * 140_000 + "\n", "csv", "line 2: field larger than"),
        ("{", "json", "not JSON"),
        ("{}", "json", "must be a list"),
        ('[{"platform": 1, "name": "x"}]', "json", "line 1: platform must be a text"),
        ('[{"platform": "F", "name": "x", "colour": "y"}]', "json", "line 1: there is no column 'colour'"),
    ],
)
def test_every_wrong_line_is_told(text: str, form: str, says: str) -> None:
    with pytest.raises(BadRegister) as found:
        read(text, form)
    assert any(says in problem for problem in found.value.problems), found.value.problems


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30))
def test_guarding_is_undone(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell or cell.startswith("'")
    assert not guarded(cell).startswith(("=", "+", "-", "@"))


def test_the_public_list_names_no_people() -> None:
    account = Account("Facebook", "nykvarn", "Kommunen", "https://f.example/n", "Kalle K", "Eva E", "Bo B")
    closed = Account("Facebook", "gammal", closed="2020-01-01")
    closing = Account("Facebook", "snart", closed="2027-01-01")
    page = exchange.as_html([account, closed, closing], load(ORG), Language.SV, date(2026, 9, 21))
    assert "Nykvarns kommun" in page
    assert '<html lang="sv">' in page
    assert '<a href="https://f.example/n" rel="noopener">nykvarn</a>' in page
    assert '<th scope="col">' in page
    assert "<caption>" in page
    assert "snart" in page
    for word in ("Kalle", "Eva", "Bo B", "gammal"):
        assert word not in page


def test_the_units_of_the_documents_are_said_in_the_readers_language() -> None:
    known = load("kyrkslatt")
    named = next(a for a in known.organisation.accounts if a.unit[Language.SV] == "Biblioteket")
    seeded = Account(named.platform, named.name, named.unit[Language.SV], source=named.passage)
    renamed = Account(named.platform, named.name, "Mediateket", source="import")
    own = Account("Facebook", "nobody-knows", "Simhallen")
    for language, unit in named.unit.items():
        assert register.unit_in(seeded, known, language) == unit
        assert f"<td>{unit}</td>" in exchange.as_html([seeded], known, language, date(2026, 9, 21))
        assert register.unit_in(renamed, known, language) == "Mediateket"
        assert register.unit_in(own, known, language) == "Simhallen"


async def test_reviewers_see_units_in_their_language(town: Town) -> None:
    (home,) = await town.said("web:communications:rita", "etusivu", org="kyrkslatt", language=Language.FI)
    units = {entry.detail for group in home.groups for entry in group.entries}
    known = town.organisations.knowledge("kyrkslatt").organisation.accounts
    assert units & {a.unit[Language.FI] for a in known}
    assert not units & ({a.unit[Language.SV] for a in known} - {a.unit[Language.FI] for a in known})

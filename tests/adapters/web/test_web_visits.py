"""Who comes to the page, and comes back: the welcome, drafts, languages, and what waits in the inbox."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.web.read import SHARED
from bot.filing.desk import Desk
from bot.messages import Kind, Outgoing
from bot.service import Service
from bot.store.unavailable import StoreUnavailable
from bot.texts import say
from knowledge.models import Language
from tests.adapters.web.served import Client, message, said, waits, write


@pytest.mark.parametrize("language", list(Language))
async def test_the_welcome(client: Client, language: Language) -> None:
    query = {"org": "aanekoski", "language": language.value, "visitor": "v1"}
    response = await client.get("/welcome", params=query)
    data = await response.json()
    assert (response.status, data["conversation"], data["shared"]) == (200, "web:v1", None)
    (welcome,) = data["messages"]
    assert (welcome["kind"], welcome["language"]) == ("help", language.value)
    assert welcome["suggestions"] == [say(language, f"example-{n}") for n in (1, 2, 3)]


async def test_the_welcome_of_an_unknown_organisation(client: Client) -> None:
    response = await client.get("/welcome", params={"org": "nowhere", "visitor": "v1"})
    assert response.status == 400
    assert "known are: aanekoski" in (await response.json())["error"]


async def test_drafts_are_offered_at_the_next_visit(client: Client) -> None:
    query = {"org": "aanekoski", "language": "sv", "visitor": "v1", "name": "Anna"}
    nothing = (await (await client.get("/welcome", params=query)).json())["messages"]
    await said(client, choice="flow:open-account", name="Anna")
    await said(client, text="Nuorisotyö", name="Anna")
    await said(client, text="tauko", name="Anna")
    (_, drafts) = (await (await client.get("/welcome", params=query)).json())["messages"]
    assert len(nothing) == 1
    assert (drafts["kind"], drafts["language"], drafts["paragraphs"]) == ("home", "sv", [])
    (entry,) = drafts["groups"][0]["entries"]
    (resumed,) = await said(client, choice=entry["buttons"][0]["action"], name="Anna")
    assert (resumed["kind"], resumed["progress"]) == ("step", "2/18")
    other = (await (await client.get("/welcome", params=query | {"name": "Bo"})).json())["messages"]
    assert len(other) == 1


async def test_who_comes_back_to_an_open_dialogue_sees_where_it_stands(client: Client) -> None:
    query = {"org": "aanekoski", "visitor": "v1", "name": "Anna"}
    await said(client, choice="flow:open-account", name="Anna")
    await said(client, text="Nuorisotyö", name="Anna")
    asked = [
        (await (await client.get("/welcome", params=query | {"language": language})).json())["messages"]
        for language in ("en", "sv", "sv")
    ]
    for language, (back, step) in zip((Language.EN, Language.SV, Language.SV), asked, strict=True):
        title = {Language.EN: "Open an account", Language.SV: "Öppna ett konto"}[language]
        progress = say(language, "progress", place=2, total=18)
        assert back["paragraphs"] == [say(language, "welcome-back", title=title, progress=progress)]
        assert (step["kind"], step["language"], step["progress"]) == ("step", language, progress)
    (answered, _) = await said(client, choice=asked[0][1]["field"]["options"][0]["action"], name="Anna")
    assert answered["paragraphs"][0].startswith("✓"), "what was shown before the reload is still good"


@pytest.mark.parametrize("conversation", ["", "web:", "terminal:anna", "web:a b", "web:a:b", "slack:T1:D1"])
async def test_an_inbox_that_is_none(client: Client, conversation: str) -> None:
    response = await client.get("/inbox", params={"org": "aanekoski", "conversation": conversation})
    assert response.status == 400
    assert (await response.json())["error"]


@pytest.mark.parametrize("query", [{"org": "nowhere"}, {"after": "-1"}, {"after": "x"}])
async def test_an_inbox_asked_wrongly(client: Client, query: dict[str, str]) -> None:
    response = await client.get("/inbox", params={"org": "aanekoski", "conversation": "web:anna", **query})
    assert response.status == 400


async def test_the_inbox_shows_what_waits_until_it_was_shown(client: Client, opened: Service) -> None:
    number = await write(opened, "web:anna")
    (waiting,) = await waits(client, "web:anna")
    assert (waiting["id"], waiting["paragraphs"]) == (number, ["Pyyntö on hyväksytty."])
    assert await waits(client, "web:anna") == [waiting]
    assert await waits(client, "web:anna", number) == []
    assert await waits(client, "web:anna") == []
    assert await waits(client, "web:bo") == []


async def test_everybody_in_communications_reads_the_shared_inbox(client: Client, opened: Service) -> None:
    query = {"org": "aanekoski", "visitor": "v1", "name": "Rita", "role": "communications"}
    welcome = await (await client.get("/welcome", params=query)).json()
    assert (welcome["conversation"], welcome["shared"]) == ("web:communications:rita", SHARED)
    card = Outgoing(Kind.REQUEST, Language.FI, "1", key="request:1")
    await write(opened, SHARED, card)
    rita = await waits(client, SHARED)
    await write(opened, SHARED, Outgoing(Kind.REQUEST, Language.FI, "2", key="request:1"))
    later = await waits(client, SHARED, rita[-1]["id"])
    rolf = await waits(client, SHARED)
    assert [m["paragraphs"] for m in rita] == [["1"]]
    assert [m["paragraphs"] for m in later] == [["2"]]
    assert rolf == later


async def test_a_store_that_is_away_is_said(client: Client, opened: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(opened.store, "transaction", away)
    query = {"org": "aanekoski", "language": "fi", "visitor": "v1", "conversation": "web:v1"}
    for response in (
        await client.post("/messages", json=message()),
        await client.get("/inbox", params=query),
        await client.get("/welcome", params=query),
    ):
        assert response.status == 503
        assert (await response.json())["error"] == say(Language.FI, "store-away")


async def test_the_pages_language_goes_before_what_was_spoken_earlier(client: Client, opened: Service) -> None:
    """Whoever opens the page in Swedish, under a name that last spoke English, is not sent English cards."""
    me = {"visitor": "v-1", "name": "Anna Ek"}
    assert (await said(client, text="in english", language="en", **me))[0]["language"] == "en"
    entered = await client.get("/welcome", params={"org": "aanekoski", "language": "sv", "role": "staff", **me})
    assert (await entered.json())["messages"][0]["language"] == "sv"
    async with opened.store.transaction() as tx:
        desk = Desk(opened.filing.office, tx, "aanekoski", opened.assistant.clock())
        assert (await desk.reader(await desk.person("web:anna-ek"))).language is Language.SV
    answer = (await said(client, text="NYK-2026-0001", language="sv", **me))[0]
    assert answer["language"] == "sv"


async def test_a_language_is_chosen_in_words_that_are_understood(client: Client) -> None:
    text = await (await client.get("/")).text()
    for language, command in (("sv", "på svenska"), ("fi", "suomeksi"), ("en", "in English")):
        assert f'lang="{language}" data-command="{command}"' in text
        (changed,) = await said(client, text=command, language="fi", visitor="v-2")
        assert changed["language"] == language

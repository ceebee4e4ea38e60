"""What is sent to the page's address and what is answered: questions, dialogues, requests."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from adapters.web.read import SHARED, BadRequest, read, who
from adapters.web.render import render
from adapters.web.wire import LARGEST
from bot.messages import Button, Document, Entry, Field, Group, Input, Kind, Option, Outgoing, Row, Source, Style
from bot.texts import say
from knowledge.models import Language
from tests.adapters.web.served import Client, message, said


@pytest.mark.parametrize(
    ("fields", "conversation", "person"),
    [
        ({}, "web:v1", None),
        ({"name": "  Åsa  Öberg "}, "web:åsa-öberg", "Åsa Öberg"),
        ({"name": "Rita", "role": "communications"}, "web:communications:rita", "Rita"),
        ({"role": "communications"}, "web:communications:v1", None),
        ({"name": "👍"}, "web:v1", None),
        ({"name": "Communications"}, "web:communications-person", "Communications"),
        ({"name": "communications:rita"}, "web:communications-rita", "communications:rita"),
    ],
)
def test_who_is_talking(fields: dict[str, str], conversation: str, person: str | None) -> None:
    here = who({"visitor": "v1", **fields})
    assert here.conversation == conversation
    assert (here.person.name if here.person else None) == person
    assert here.person is None or here.person.id == conversation


async def test_a_message(client: Client) -> None:
    (data,) = await said(client, text="Keneltä kysyn?")
    assert (data["kind"], data["language"]) == ("answer", "fi")
    assert data["paragraphs"]
    assert all(p.strip() for p in data["paragraphs"])
    assert data["contact"] == {
        "email": "suvi.kallioinen@aanekoski.fi",
        "phone": "040 621 2653",
        "dial": "0406212653",
    }
    assert {"text", "url"} == set(data["sources"][0])
    assert data["shortSource"] is None


async def test_a_choice(client: Client) -> None:
    (data,) = await said(client, choice="photo-children", text="x")
    assert data["verdict"] == "conditional"
    assert data["verdictText"] == say(Language.FI, "verdict-conditional")
    assert "aanekoski/kuvauslupa-2" in " ".join(s["text"] for s in data["sources"])
    assert data["related"]


@pytest.mark.parametrize("choice", ["no-such-topic", "none", ""])
async def test_a_choice_that_is_no_topic(client: Client, choice: str) -> None:
    (data,) = await said(client, choice=choice)
    assert data["paragraphs"]


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"not JSON", b"\xff\xfe", b"[" * 20_000, b"null", b"[]", b'"text"'),
        *(
            json.dumps(message(**wrong)).encode()
            for wrong in (
                *({"org": "nowhere"}, {"org": None}, {"org": ["vara"]}, {"text": 5}, {"text": None}),
                *({"language": "de"}, {"language": ["fi"]}, {"language": {"a": 1}}),
                *({"visitor": ""}, {"visitor": None}, {"visitor": "a b"}, {"visitor": "a" * 65}, {"visitor": "a\n"}),
                *({"choice": 5}, {"choice": {}}, {"choice": "a" * 256}, {"role": "boss"}, {"name": "a" * 61}),
                *({"name": 5}, {"event": "a b"}, {"event": 5}, {"form": []}, {"form": {"a": 1}}, {"form": {"a": [1]}}),
                *({"files": {}}, {"files": [1]}, {"files": [{}]}, {"files": [{"name": "a", "people": "b"}]}),
                *({"files": [{"name": "a"}] * 11}, {"files": [{"name": "a", "media_type": None}]}),
            )
        ),
    ],
)
async def test_a_bad_request_is_said(client: Client, body: bytes) -> None:
    response = await client.post("/messages", data=body, headers={"Content-Type": "application/json"})
    assert response.status == 400
    assert (await response.json())["error"]


async def test_too_large_a_request(client: Client) -> None:
    response = await client.post("/messages", json=message(text="a" * (LARGEST + 1)))
    assert response.status == 413
    assert (await response.json())["error"]


async def test_a_long_message_is_answered(client: Client) -> None:
    response = await client.post("/messages", json=message(text="a " * 30_000))
    assert response.status == 200


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", "<b>kuva</b> lapsesta?", "[x](javascript:alert(1))"])
async def test_the_question_is_never_echoed(client: Client, text: str) -> None:
    body = await (await client.post("/messages", json=message(text=text))).text()
    assert text not in body
    assert "onerror" not in body
    assert "<" not in body


async def test_conversations_are_kept_apart(client: Client) -> None:
    await said(client, text="in English", visitor="one")
    kept = await said(client, text="", visitor="one")
    other = await said(client, text="", visitor="two")
    assert (kept[0]["language"], other[0]["language"]) == ("en", "fi")


async def test_a_message_that_comes_again_changes_nothing(client: Client) -> None:
    first = await said(client, choice="flow:photo", event="e1")
    assert await said(client, choice="flow:photo", event="e1") == first
    other = await said(client, choice="flow:photo", event="e1", visitor="other")
    assert other[0]["id"] != first[0]["id"]
    assert first[0]["id"] > 0


async def test_an_answered_step_shows_itself_and_the_next(client: Client) -> None:
    (step,) = await said(client, choice="flow:photo")
    assert (step["kind"], step["asking"], step["progress"]) == ("step", True, "1/6")
    assert step["title"]
    assert step["field"]["label"] not in step["paragraphs"]
    assert step["field"]["description"]
    assert step["shortSource"].startswith(f"{say(Language.FI, 'source')}: ")
    assert "\n" not in step["shortSource"]
    answered, following = await said(client, choice=step["field"]["options"][0]["action"])
    assert (answered["key"], answered["answered"], answered["rows"]) == (step["key"], True, [])
    assert (following["asking"], following["answered"]) == (True, False)


async def test_a_form_keeps_what_was_right_and_says_what_was_wrong(client: Client) -> None:
    (step,) = await said(client, choice="flow:open-account")
    assert step["submit"]["style"] == "primary"
    action = next(b["action"] for b in step["buttons"] if ":form:" in b["action"])
    (form,) = await said(client, choice=action)
    assert (form["kind"], form["asking"]) == ("form", True)
    assert form["fields"][0]["options"] == []
    filled = {form["fields"][0]["name"]: "Nuorisotyö", form["fields"][1]["name"]: ""}
    (again,) = await said(client, choice=form["submit"]["action"], form=filled)
    assert again["key"] == form["key"]
    assert (again["fields"][0]["value"], again["fields"][0]["error"]) == ("Nuorisotyö", "")
    assert again["fields"][1]["error"] == say(Language.FI, "refused-empty")


@pytest.mark.parametrize("text", ["131052-308T", "salasana: Kesa2024!x"])
async def test_a_refused_secret_is_marked(client: Client, text: str) -> None:
    await said(client, choice="flow:open-account")
    shown = await said(client, text=text)
    assert [m["secret"] for m in shown] == [True]
    assert text not in json.dumps(shown)


def test_everything_of_a_message_is_shown() -> None:
    press = Button("Hylkää", "req:1:reject", Style.DANGER, reason="Miksi?")
    row = Row("Yksikkö", "<b>Nuoriso</b>", Button("Muuta 1", "s:1:change:unit"), note="Tarkenna", changed=True)
    asked = Field(
        "day", "Milloin?", Input.DATE, "Arvioi.", ("2027-01-02",), (Option("a", "A", alone=True),), True, "Väärin."
    )
    outgoing = Outgoing(
        Kind.REQUEST,
        Language.FI,
        "Pyyntö\n\n– yksi",
        title="Avaa tili",
        rows=(row,),
        fields=(replace(asked, fresh=True),),
        submit=press,
        buttons=(press,),
        groups=(Group("Luonnokset", (Entry("Avaa tili", "2 vastausta", (press,)),), "Ei mitään"),),
        document=Document("ÄÄN-2026-0001.pdf", "application/pdf", "ÄÄN-2026-0001/1"),
        key="request:1",
    )
    shown = render(outgoing, 7)
    button = {"label": "Hylkää", "action": "req:1:reject", "style": "danger", "reason": "Miksi?"}
    assert (shown["id"], shown["key"], shown["paragraphs"]) == (7, "request:1", ["Pyyntö", "– yksi"])
    assert shown["buttons"] == [button]
    assert shown["submit"] == button
    assert shown["rows"] == [
        {
            "label": "Yksikkö",
            "value": "<b>Nuoriso</b>",
            "change": {"label": "Muuta 1", "action": "s:1:change:unit", "style": "plain", "reason": None},
            "note": "Tarkenna",
            "changed": True,
        }
    ]
    assert shown["fields"] == [
        {
            "name": "day",
            "label": "Milloin?",
            "input": "date",
            "description": ["Arvioi."],
            "value": ["2027-01-02"],
            "options": [{"value": "a", "label": "A", "action": "", "alone": True}],
            "optional": True,
            "error": "Väärin.",
            "fresh": True,
        }
    ]
    entry = {"title": "Avaa tili", "detail": "2 vastausta", "buttons": [button]}
    assert shown["groups"] == [{"title": "Luonnokset", "empty": "Ei mitään", "entries": [entry]}]
    assert shown["document"]["reference"] == "ÄÄN-2026-0001/1"
    assert "ÄÄN-2026-0001.pdf" in shown["document"]["label"]
    json.dumps(shown)


def test_the_label_of_a_step_is_not_said_twice() -> None:
    asked = Field("who", "Kuka?", Input.TEXT, "Nimi.", error="Ei ymmärretty.")
    source = (Source("D", None, "S", "p-1"), Source("D", None, "S", "p-2"), Source("D", None, "T", "p-3"))
    text = "Ei ymmärretty.\n\nAluksi.\n\nKuka?\n\nNimi.\nEnintään 120 merkkiä."
    shown = render(Outgoing(Kind.STEP, Language.FI, text, field=asked, sources=source))
    assert shown["paragraphs"] == ["Aluksi."]
    assert shown["field"]["description"] == ["Nimi.", "Enintään 120 merkkiä."]
    assert shown["shortSource"] == f"{say(Language.FI, 'source')}: S [p-1, p-2]; T [p-3]"
    other = render(Outgoing(Kind.STEP, Language.FI, "Toisin sanoin.", field=asked))
    assert (other["paragraphs"], other["field"]["description"]) == (["Toisin sanoin."], ["Nimi."])


async def filed(client: Client, **fields: Any) -> dict[str, Any]:
    """Fills in the request for an account section by section and files it; gives its card."""
    (step,) = await said(client, choice="flow:open-account", **fields)
    (shown,) = await said(
        client, choice=next(b["action"] for b in step["buttons"] if ":form:" in b["action"]), **fields
    )
    for _ in range(12):
        if shown["kind"] != "form":
            break
        values = {f["name"]: example(f) for f in shown["fields"]}
        shown = (await said(client, choice=shown["submit"]["action"], form=values, **fields))[-1]
    assert shown["kind"] == "summary"
    sent = await said(client, choice=shown["buttons"][0]["action"], **fields)
    (card,) = [m for m in sent if m["kind"] == "request"]
    return card


def example(asked: dict[str, Any]) -> str | list[str]:
    """Something that a field takes."""
    if asked["options"]:
        first = str(asked["options"][0]["value"])
        return [first] if asked["input"] == "choices" else first
    return {"date": "2099-03-03", "number": "12", "address": "@nuoriso"}.get(asked["input"], "Bo Berg, 12 kk")


async def test_a_filed_request_and_its_document(client: Client) -> None:
    card = await filed(client, org="hango", name="Anna", language="sv")
    reference = card["key"].removeprefix("request:")
    path = f"/documents/{quote(reference, safe='')}"
    query = {"org": "hango", "conversation": "web:anna", "type": "application/pdf"}
    made = await client.get(path, params=query)
    assert (made.status, made.content_type) == (200, "application/pdf")
    assert (await made.read()).startswith(b"%PDF")
    assert made.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{reference}.pdf"
    assert made.headers["Content-Security-Policy"].startswith("default-src 'none'")
    seen = await client.get(path, params=query | {"conversation": "web:communications:rita"})
    assert seen.status == 200
    as_json = await client.get(path, params=query | {"type": "application/json"})
    assert as_json.content_type == "application/json"
    for wrong, status in (
        ({"conversation": "web:bo"}, 404),
        ({"org": "vara"}, 404),
        ({"type": "text/x-python"}, 404),
        ({"org": "nowhere"}, 400),
        ({"conversation": "slack:T1:U1"}, 400),
    ):
        assert (await client.get(path, params=query | wrong)).status == status
    assert (await client.get("/documents/HAN-1999-0001", params=query)).status == 404


async def test_a_review_on_the_page(client: Client) -> None:
    """The requester files, communications read it in the shared inbox and return it with a reason, both see it."""
    await filed(client, org="hango", name="Anna", language="sv")
    look = {"org": "hango", "conversation": SHARED}
    (card,) = (await (await client.get("/inbox", params=look)).json())["messages"]
    rejecting = next(b for b in card["buttons"] if ":return:" in b["action"])
    assert rejecting["reason"]
    rita = {"org": "hango", "name": "Rita", "role": "communications", "language": "sv"}
    done = await said(client, choice=rejecting["action"], form={"reason": "Vilket namn?"}, **rita)
    assert "Vilket namn?" in json.dumps(done, ensure_ascii=False)
    told = (await (await client.get("/inbox", params=look | {"conversation": "web:anna"})).json())["messages"]
    assert "Vilket namn?" in json.dumps(told, ensure_ascii=False)


def test_what_is_read_is_limited() -> None:
    file = {"name": "a" * 300, "media_type": "image/jpeg", "place": True, "people": ["b" * 200] * 9}
    incoming = read(message(text="a" * 50_000, event="e", files=[file], form={"a": "b" * 50_000}), ["aanekoski"])
    assert len(incoming.text) == 20_000
    assert len((incoming.form or {})["a"]) == 20_000
    assert (incoming.conversation, incoming.event) == ("web:test-1", "web:test-1:e")
    (read_file,) = incoming.files
    assert (len(read_file.name), read_file.place, len(read_file.people)) == (255, True, 5)
    assert len(read_file.people[0]) == 100
    with pytest.raises(BadRequest, match="must be a JSON object"):
        read([], [])

"""The web application, asked without a port of its own and without a browser."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from adapters.web.read import BadRequest, read
from adapters.web.wire import LARGEST, application
from bot.assistant import Assistant
from bot.organisations import Organisations
from bot.texts import say
from knowledge.models import Language

Client = TestClient[Any, Any]


@pytest.fixture
async def client(
    aiohttp_client: Callable[..., Awaitable[Client]], organisations: Organisations, lexical: Assistant
) -> Client:
    return await aiohttp_client(application(organisations, lexical))


def message(**fields: Any) -> dict[str, Any]:
    return {"org": "aanekoski", "language": "fi", "conversation": "test-1", "text": "apua", **fields}


@pytest.mark.parametrize("language", list(Language))
async def test_the_page(client: Client, organisations: Organisations, language: Language) -> None:
    response = await client.get("/", params={"language": language.value, "org": "vara"})
    text = await response.text()
    assert response.status == 200
    assert f'<html lang="{language.value}">' in text
    assert "http://" not in text
    assert "https://" not in text
    for org in organisations.ids:
        assert f'<option value="{org}"' in text
    assert '<option value="vara" selected' in text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("fi-FI,fi;q=0.9", "fi"), ("de,en-GB;q=0.5", "en"), ("de", "sv"), ("", "sv"), (";;,,", "sv")],
)
async def test_the_page_is_in_the_browsers_language(client: Client, accepted: str, language: str) -> None:
    response = await client.get("/", headers={"Accept-Language": accepted})
    assert f'<html lang="{language}">' in await response.text()


@pytest.mark.parametrize("query", [{"org": "<script>alert(1)</script>"}, {"language": '"><b>'}])
async def test_the_address_is_not_echoed(client: Client, query: dict[str, str]) -> None:
    response = await client.get("/", params=query)
    assert response.status == 200
    assert next(iter(query.values())) not in await response.text()


async def test_every_response_is_guarded(client: Client) -> None:
    for path in ("/", "/welcome?org=vara", "/assets/page.js", "/no/such/page", "/assets/../wire.py"):
        headers = (await client.get(path)).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/assets/page.css", "/assets/page.js", "/assets/icon.svg"])
async def test_the_files_of_the_page(client: Client, path: str) -> None:
    assert (await client.get(path)).status == 200


@pytest.mark.parametrize("path", ["/no/such/page", "/assets/", "/assets/..%2fwire.py", "/assets/no-such.js"])
async def test_nothing_else_is_served(client: Client, path: str) -> None:
    response = await client.get(path)
    assert response.status in (403, 404)
    assert "import" not in await response.text()


@pytest.mark.parametrize("language", list(Language))
async def test_the_welcome(client: Client, language: Language) -> None:
    response = await client.get("/welcome", params={"org": "aanekoski", "language": language.value})
    data = await response.json()
    assert (response.status, data["kind"], data["language"]) == (200, "help", language.value)
    assert data["suggestions"] == [say(language, f"example-{n}") for n in (1, 2, 3)]


async def test_the_welcome_of_an_unknown_organisation(client: Client) -> None:
    response = await client.get("/welcome", params={"org": "nowhere"})
    assert response.status == 400
    assert "known are: aanekoski" in (await response.json())["error"]


async def test_a_message(client: Client) -> None:
    response = await client.post("/messages", json=message(text="Keneltä kysyn?"))
    data = await response.json()
    assert (response.status, data["kind"], data["language"]) == (200, "answer", "fi")
    assert data["paragraphs"]
    assert all(p.strip() for p in data["paragraphs"])
    assert data["contact"] == {
        "email": "suvi.kallioinen@aanekoski.fi",
        "phone": "040 621 2653",
        "dial": "0406212653",
    }
    assert {"document", "date", "section", "url", "passages"} == set(data["sources"][0])


async def test_a_choice(client: Client) -> None:
    response = await client.post("/messages", json=message(choice="photo-children", text="x"))
    data = await response.json()
    assert data["verdict"] == "conditional"
    assert data["verdictText"] == say(Language.FI, "verdict-conditional")
    assert "aanekoski/kuvauslupa-2" in [p for s in data["sources"] for p in s["passages"]]
    assert data["related"]


@pytest.mark.parametrize("choice", ["no-such-topic", "none", ""])
async def test_a_choice_that_is_no_topic(client: Client, choice: str) -> None:
    response = await client.post("/messages", json=message(choice=choice))
    assert response.status == 200
    assert (await response.json())["paragraphs"]


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"not JSON", b"\xff\xfe", b"[" * 20_000, b"null", b"[]", b'"text"'),
        *(
            json.dumps(message(**wrong)).encode()
            for wrong in (
                *({"org": "nowhere"}, {"org": None}, {"org": ["vara"]}, {"text": 5}, {"text": None}),
                *({"language": "de"}, {"language": ["fi"]}, {"language": {"a": 1}}),
                *({"conversation": ""}, {"conversation": None}, {"conversation": "a b"}, {"conversation": "a" * 65}),
                *({"conversation": "a\n"}, {"choice": 5}, {"choice": {}}),
            )
        ),
    ],
)
async def test_a_bad_request_is_said(client: Client, body: bytes) -> None:
    response = await client.post("/messages", data=body, headers={"Content-Type": "application/json"})
    assert response.status == 400
    assert (await response.json())["error"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "0.0.0.0", "[::1]"])
async def test_a_foreign_host_is_refused(client: Client, host: str) -> None:
    for response in (
        await client.get("/", headers={"Host": host}),
        await client.post("/messages", json=message(), headers={"Host": host}),
    ):
        assert response.status == 403
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", "http://localhost:1"])
async def test_a_foreign_origin_is_refused(client: Client, origin: str) -> None:
    response = await client.post("/messages", json=message(), headers={"Origin": origin})
    assert response.status == 403


async def test_the_own_origin_is_let_in(client: Client) -> None:
    own = f"http://{client.host}:{client.port}"
    assert (await client.post("/messages", json=message(), headers={"Origin": own})).status == 200


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


@pytest.mark.parametrize("path", ["/messages", "/welcome"])
async def test_the_wrong_method(client: Client, path: str) -> None:
    response = await client.request("DELETE", path)
    assert response.status == 405
    assert (await response.json())["error"]


async def test_conversations_are_kept_apart(client: Client) -> None:
    await client.post("/messages", json=message(text="in English", conversation="one"))
    kept = await (await client.post("/messages", json=message(text="", conversation="one"))).json()
    other = await (await client.post("/messages", json=message(text="", conversation="two"))).json()
    assert (kept["language"], other["language"]) == ("en", "fi")


def test_what_is_read_is_limited() -> None:
    incoming = read(message(text="a" * 50_000), ["aanekoski"])
    assert len(incoming.text) == 20_000
    assert incoming.conversation == "web:test-1"
    with pytest.raises(BadRequest, match="must be a JSON object"):
        read([], [])

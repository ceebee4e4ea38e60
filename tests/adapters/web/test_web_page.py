"""The page as it is served: itself, its files, and who is let in."""

from __future__ import annotations

import pytest

from bot.organisations import Organisations
from knowledge.models import Language
from tests.adapters.web.served import Client, message


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
    for path in (
        "/",
        "/welcome?org=vara&visitor=v",
        "/inbox?org=vara",
        "/assets/page.js",
        "/no/such/page",
        "/assets/../wire.py",
    ):
        headers = (await client.get(path)).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path",
    [
        f"/assets/{name}"
        for name in ("page.css", "page.js", "messages.js", "fields.js", "dom.js", "exif.js", "icon.svg")
    ],
)
async def test_the_files_of_the_page(client: Client, path: str) -> None:
    assert (await client.get(path)).status == 200


@pytest.mark.parametrize("path", ["/no/such/page", "/assets/", "/assets/..%2fwire.py", "/assets/no-such.js"])
async def test_nothing_else_is_served(client: Client, path: str) -> None:
    response = await client.get(path)
    assert response.status in (403, 404)
    assert "import" not in await response.text()


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


@pytest.mark.parametrize("path", ["/messages", "/welcome", "/inbox"])
async def test_the_wrong_method(client: Client, path: str) -> None:
    response = await client.request("DELETE", path)
    assert response.status == 405
    assert (await response.json())["error"]

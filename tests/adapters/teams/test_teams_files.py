"""Files in Teams: what a picture's metadata give away is told where that is allowed, and a request comes as a PDF."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from PIL import Image

from adapters.teams.papers import CONSENT, INFO
from adapters.teams.payload import text
from adapters.teams.pictures import Pictures, in_sharepoint, of_service
from adapters.teams.wire import BotFramework
from bot.metadata import looks
from bot.organisations import Organisations
from tests.adapters.teams.town import REVIEW, Town, file, open_town, personal, thread, words
from tests.bot.test_metadata import picture
from tests.fakes.teams import FakeTeams, Fault, activity, execute
from tests.fakes.teams_samples import SAMPLES

DOWNLOAD = "application/vnd.microsoft.teams.file.download.info"


# -- where may be asked ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://hango-my.sharepoint.com/personal/anna/_layouts/15/download.aspx?tempauth=x", True),
        ("http://hango-my.sharepoint.com/x", False),
        ("https://hango-my.sharepoint.com:8443/x", False),
        ("https://hango-my.sharepoint.com.evil.example/x", False),
        ("https://evilsharepoint.com/x", False),
        ("https://user@hango.sharepoint.com/x", False),
        ("https://evil.example#.sharepoint.com/", False),
        ("https://169.254.169.254/metadata", False),
        ("file:///etc/passwd", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_only_sharepoint_is_sharepoint(address: str, good: bool) -> None:
    assert in_sharepoint(address) is good


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://smba.example/emea/v3/attachments/1/views/original", True),
        ("http://smba.example/emea/v3/attachments/1", False),
        ("https://smba.example:8443/x", False),
        ("https://smba.example.evil.example/x", False),
        ("//smba.example/x", False),
        ("https://[", False),
    ],
)
def test_only_the_service_is_the_service(address: str, good: bool) -> None:
    assert of_service(address, "https://smba.example/emea/") is good
    assert not of_service(address, "")


# -- pictures --------------------------------------------------------------------------------------------------------


@pytest.fixture
async def pictures(sdk: BotFramework) -> AsyncIterator[Pictures]:
    """Looks at pictures through the real wire."""
    async with aiohttp.ClientSession() as session:
        yield Pictures(sdk, looks, session)


def pasted(url: str, name: str = "one") -> dict[str, Any]:
    """A picture that was pasted into a message."""
    return {"contentType": "image/*", "contentUrl": f"{url}/v3/attachments/{name}/views/original"}


async def test_a_pasted_picture_is_looked_at_with_our_token(fake: FakeTeams, pictures: Pictures) -> None:
    fake.pictures["one"] = picture(place=True, artist="Eva Ek")
    found = await pictures.files(activity(fake.url, text="Får jag?", attachments=[pasted(fake.url)]))
    assert [(f.place, f.people) for f in found] == [(True, ("Eva Ek",))]
    assert fake.tokens == ["Bearer token-1"]


async def test_what_cannot_be_had_is_as_teams_describes_it(
    fake: FakeTeams, pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nowhere else is asked, nothing large is taken, and nobody is waited for."""
    monkeypatch.setattr("adapters.teams.pictures.LARGEST", 5000)
    monkeypatch.setattr("adapters.teams.pictures.SECONDS", 0.2)
    out = io.BytesIO()
    Image.effect_noise((200, 200), 80).save(out, "PNG")
    fake.pictures["large"] = out.getvalue()
    attachments = [
        pasted(fake.url, "large"),
        pasted(fake.url, "nothing"),
        pasted("http://127.0.0.1:9"),
        {"contentType": "image/png"},
        {"contentType": DOWNLOAD, "name": "plan.pdf", "content": {"downloadUrl": f"{fake.url}/v3/x"}},
        {"contentType": DOWNLOAD, "name": "kuva.jpg", "content": {"downloadUrl": "https://evil.example/x"}},
    ]
    found = await pictures.files(activity(fake.url, text="?", attachments=attachments))
    assert not any(f.place or f.people for f in found)
    assert [f.name for f in found][-2:] == ["plan.pdf", "kuva.jpg"]
    assert sorted(path.split("/")[1] for _, path, _ in fake.calls) == ["large", "nothing"]
    fake.pictures["one"] = picture(place=True)
    fake.faults.append(Fault(slow=5.0))
    found = await pictures.files(activity(fake.url, text="?", attachments=[pasted(fake.url)]))
    assert not found[0].place


async def test_pictures_are_left_alone_unless_it_is_allowed(organisations: Organisations) -> None:
    for allowed in (False, True):
        async for town in open_town(organisations, teams_look_at_pictures=allowed):
            address = f"{town.url}/v3/attachments/one/views/original"
            town.memory.content[address] = picture(place=True, artist="Eva Ek")
            attachments = [{"contentType": "image/*", "contentUrl": address}]
            await town.send("anna", "message", personal("anna"), text="Får jag publicera den?", attachments=attachments)
            shown = words(town.cards(personal("anna")["id"]))
            assert ("metadata visar var den är tagen" in shown) is allowed
            assert ("Eva Ek" in shown) is allowed
            assert "sparar inte filen" in shown


# -- a request as a file ---------------------------------------------------------------------------------------------


@pytest.fixture
async def filed(organisations: Organisations, fake: FakeTeams) -> AsyncIterator[Town]:
    """A request has been filed; what is uploaded goes to the fake's OneDrive."""
    async for town in open_town(organisations):
        town.url = fake.url
        await file(town)
        yield town


def wanted(town: Town, where: str) -> dict[str, Any]:
    """The data of the button that gives a request as a file."""
    found = [d for card in town.cards(where) for d in wishes(card)]
    return dict(found[-1])


def wishes(part: Any) -> list[dict[str, Any]]:
    """Every action's data that wish for a file."""
    if isinstance(part, dict):
        own = [part] if set(part) == {"file", "language"} else []
        return own + [d for value in part.values() for d in wishes(value)]
    return [d for value in part for d in wishes(value)] if isinstance(part, list) else []


def attached(town: Town, where: str, kind: str) -> list[dict[str, Any]]:
    """The attachments of a kind that stand in a conversation."""
    standing = town.memory.messages.get(where, {}).values()
    return [a for m in standing for a in m.get("attachments", ()) if a["contentType"] == kind]


async def answered(town: Town, who: str, action: str, context: dict[str, Any], url: str) -> None:
    """What Teams sends when the question about a file is answered."""
    where = personal(who)
    asked = next(n for n, m in town.memory.messages[where["id"]].items() if CONSENT in words(m))
    upload = {
        "contentUrl": "https://hango-my.sharepoint.com/personal/anna/HAN.pdf",
        "name": "HAN.pdf",
        "uploadUrl": url,
        "uniqueId": "1150D938",
        "fileType": "pdf",
    }
    value = {"type": "fileUpload", "action": action, "context": context, "uploadInfo": upload}
    body = await town.send("anna", "invoke", where, name="fileConsent/invoke", value=value, replyToId=asked)
    assert body == {}


async def test_the_requester_gets_the_request_as_a_pdf(filed: Town, fake: FakeTeams) -> None:
    mine = personal("anna")["id"]
    body = await filed.press("anna", wanted(filed, mine))
    assert "Här nedan" in body["value"]
    offered = attached(filed, mine, CONSENT)
    assert len(offered) == 1
    context = offered[0]["content"]["acceptContext"]
    await answered(filed, "anna", "accept", context, f"{fake.url}/upload/one")
    name, span, content = fake.uploads[0]
    assert name == "one"
    assert content.startswith(b"%PDF")
    assert span == f"bytes 0-{len(content) - 1}/{len(content)}"
    assert offered[0]["content"]["sizeInBytes"] == len(content)
    assert attached(filed, mine, CONSENT) == []  # the question has become its outcome
    shown = attached(filed, mine, INFO)[0]
    assert shown["content"] == {"uniqueId": "1150D938", "fileType": "pdf"}
    assert shown["contentUrl"].startswith("https://hango-my.sharepoint.com/")


async def test_no_is_no_and_what_fails_is_said(filed: Town, fake: FakeTeams) -> None:
    mine = personal("anna")["id"]
    for action, url, status, said in (
        ("decline", f"{fake.url}/upload/x", 201, "tackade nej"),
        ("accept", f"{fake.url}/upload/x", 507, "kunde inte läggas"),
        ("accept", "https://evil.example/x", 201, "kunde inte läggas"),
        ("accept", "http://127.0.0.1:9/x", 201, "kunde inte läggas"),
    ):
        await filed.press("anna", wanted(filed, mine))
        context = attached(filed, mine, CONSENT)[-1]["content"]["acceptContext"]
        fake.upload_status = status
        await answered(filed, "anna", action, context, url)
        assert said in list(filed.memory.messages[mine].values())[-1]["text"]
        assert attached(filed, mine, INFO) == []
    assert len(fake.uploads) == 1


async def test_who_may_not_see_the_request_gets_no_file(filed: Town, fake: FakeTeams) -> None:
    """Whoever makes up the data of a button, or of the answer to a question."""
    data = wanted(filed, personal("anna")["id"])
    filed.memory.known.pop("aad-olle")  # not of the review channel's team
    body = await filed.press("olle", data)
    assert "inte till för dig" in body["value"]
    where, context = personal("olle"), {"file": data["file"], "language": "sv"}
    value = {"action": "accept", "context": context, "uploadInfo": {"uploadUrl": f"{fake.url}/upload/x"}}
    await filed.send("olle", "invoke", where, name="fileConsent/invoke", value=value, replyToId="none")
    assert fake.uploads == []
    for odd in ("NONE-2026-0001", f"{data['file']}9", "@", "a@b@c"):
        body = await filed.press("anna", data | {"file": odd})
        assert "inte till för dig" in body["value"]
    assert attached(filed, personal("anna")["id"], CONSENT) == []


async def test_in_the_review_channel_the_file_is_offered_in_ones_own_chat(filed: Town) -> None:
    body = await filed.press("rita", wanted(filed, REVIEW), thread(filed))
    assert "din egen chatt" in body["value"]
    assert attached(filed, REVIEW, CONSENT) == []
    assert len(attached(filed, personal("rita")["id"], CONSENT)) == 1
    filed.memory.blocked.add("aad-rita")
    body = await filed.press("rita", wanted(filed, REVIEW), thread(filed))
    assert "lägg först till appen" in body["value"]


async def test_an_old_client_sends_the_wish_as_a_message(filed: Town) -> None:
    mine = personal("anna")
    await filed.send("anna", "message", mine, value=wanted(filed, mine["id"]), replyToId="1")
    assert len(attached(filed, mine["id"], CONSENT)) == 1


async def test_without_filing_there_is_no_file() -> None:
    from adapters.teams.serve import Endpoint
    from adapters.teams.tenants import Tenants
    from tests.adapters.teams.conftest import Canned, teams_settings
    from tests.fakes.teams_memory import MemoryTeams

    def nobody(_: str) -> Any:
        raise AssertionError("no answerer is asked for")

    endpoint = Endpoint(Canned(), MemoryTeams(), Tenants.of(teams_settings()), nobody)
    answer = await endpoint._verified(execute("https://smba.example", {"file": "HAN-2026-0001@1", "language": "sv"}))
    assert "inte till för dig" in text(json.loads(answer.text or ""), "value")  # type: ignore[attr-defined]
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert SAMPLES["request"].document is not None

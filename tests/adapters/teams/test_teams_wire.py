"""The wire over Microsoft's SDK: tokens that are wrong, keys that are slow, and a Teams that has a bad day."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa

from adapters.teams.channel import PACE, Pace, TeamsWire
from adapters.teams.contract import Refused
from adapters.teams.doctor import examine, reached
from adapters.teams.members import Members
from adapters.teams.payload import address
from adapters.teams.serve import Endpoint
from adapters.teams.tenants import Tenants
from adapters.teams.wire import BotFramework, doctor
from bot.channels import Gone, RetryLater
from bot.organisations import Organisations
from tests.adapters.teams.conftest import Canned, Credentials, Lexical, teams_settings
from tests.fakes.teams import APP, BOT, ISSUER, TENANT, FakeTeams, Fault, activity
from tests.fakes.teams_samples import SAMPLES

HELLO = {"type": "message", "text": "hej"}


def wrong_tokens(fake: FakeTeams, sent: dict[str, Any]) -> dict[str, str]:
    """Every way in which a token can be wrong."""
    other, now = rsa.generate_private_key(public_exponent=65537, key_size=2048), int(time.time())
    return {
        "none": "",
        "garbage": "Bearer abc",
        "no scheme": fake.token(sent).removeprefix("Bearer "),
        "basic": "Basic abc",
        "other audience": fake.token(sent, aud="33333333-2222-2222-2222-222222222222"),
        "no audience": fake.token(sent, aud=""),
        "other issuer": fake.token(sent, iss="https://evil.example"),
        "issuer of the emulator": fake.token(
            sent, iss="https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/", appid=APP, ver="1.0"
        ),
        "other key": fake.token(sent, key=other),
        "unknown key": fake.token(sent, kid="k2"),
        "no key": fake.token(sent, kid=None),
        "expired": fake.token(sent, exp=now - 900, nbf=now - 1800),
        "not yet": fake.token(sent, nbf=now + 900),
        "other service": fake.token(sent, serviceurl="https://evil.example"),
        "no service": fake.token(sent, serviceurl=None),
        "no algorithm": "Bearer " + jwt.encode({"iss": ISSUER, "aud": APP}, None, "none", headers={"kid": "k1"}),
    }


async def test_a_wrong_token_is_refused_and_a_right_one_is_not(fake: FakeTeams, sdk: BotFramework) -> None:
    sent = activity(fake.url)
    await sdk.verify(fake.token(sent), sent)
    for name, token in wrong_tokens(fake, sent).items():
        with pytest.raises(Refused) as refused:
            await sdk.verify(token, sent)
        assert refused.value.status in (401, 403), name


async def test_a_key_for_another_channel_is_refused(fake: FakeTeams, sdk: BotFramework) -> None:
    fake.endorsements = ["webchat"]
    sent = activity(fake.url)
    with pytest.raises(Refused):
        await sdk.verify(fake.token(sent), sent)


async def test_only_teams_is_taken_and_only_with_a_service(fake: FakeTeams, sdk: BotFramework) -> None:
    """Over Direct Line or a web chat anybody could claim to be of any tenant."""
    for change in ({"channelId": "directline"}, {"channelId": "webchat"}, {"serviceUrl": ""}, {"serviceUrl": None}):
        sent = activity(fake.url) | change
        with pytest.raises(Refused):
            await sdk.verify(fake.token(sent), sent)


async def test_keys_are_fetched_once_for_all_and_block_nobody(fake: FakeTeams, sdk: BotFramework) -> None:
    fake.key_delay = 0.3
    sent = activity(fake.url)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    await asyncio.gather(*(sdk.verify(fake.token(sent), sent) for _ in range(20)))
    ticking.cancel()
    assert fake.key_calls == 1
    assert ticks > 10
    for _ in range(5):
        with pytest.raises(Refused):
            await sdk.verify(fake.token(sent, kid="made-up"), sent)
    assert fake.key_calls == 1


async def test_without_keys_teams_is_asked_to_come_again(fake: FakeTeams, sdk: BotFramework) -> None:
    fake.keys_down = True
    sent = activity(fake.url)
    with pytest.raises(Refused) as refused:
        await sdk.verify(fake.token(sent), sent)
    assert refused.value.status == 503
    fake.keys_down = False
    await sdk.verify(fake.token(sent), sent)


async def test_without_tokens_only_where_it_is_said(fake: FakeTeams) -> None:
    anonymous = BotFramework(teams_settings(fake.url, teams_app_id="", teams_app_password="", teams_anonymous=True))
    await anonymous.verify("", activity(fake.url))
    await anonymous.send(address(activity(fake.url)), HELLO)
    assert fake.tokens == [""]
    await anonymous.close()
    for settings in (teams_settings(fake.url, teams_anonymous=True), teams_settings(fake.url)):
        wire = BotFramework(settings, openid=f"{fake.url}/openid")
        with pytest.raises(Refused):
            await wire.verify("", activity(fake.url))
        await wire.close()


# -- sending ---------------------------------------------------------------------------------------------------------


async def test_the_whole_reference_is_given_back_untouched(fake: FakeTeams, sdk: BotFramework) -> None:
    odd = {"conversationType": "personal", "tenantId": TENANT, "id": "a:1anna", "new": {"field": ["of", "Teams"]}}
    where = address(activity(fake.url, conversation=odd))
    await sdk.send(where, {"type": "message", "attachments": [{"content": {"x": [1, None, "å"]}}]})
    method, path, body = fake.calls[-1]
    assert (method, path) == ("POST", "conversations/a:1anna/activities")
    assert body["conversation"] == odd
    assert body["from"] == BOT
    assert body["attachments"] == [{"content": {"x": [1, None, "å"]}}]


async def test_a_conversations_name_cannot_lead_elsewhere(fake: FakeTeams, sdk: BotFramework) -> None:
    for name in ("../../x", "a/b?c#d", "{evil}", "a b", "å"):
        where = address(activity(fake.url, conversation={"id": name, "conversationType": "personal"}))
        await sdk.send(where, HELLO)
        assert fake.calls[-1][1].startswith("conversations/")
        assert fake.calls[-1][1].endswith("/activities")
    assert len(fake.posted) == 5


@pytest.mark.parametrize("status", [408, 412, 429, 500, 502, 503, 504])
async def test_what_passes_is_tried_later(fake: FakeTeams, sdk: BotFramework, status: int) -> None:
    fake.faults.append(Fault(status))
    with pytest.raises(RetryLater) as later:
        await sdk.send(address(activity(fake.url)), HELLO)
    assert later.value.after is None
    assert len(fake.calls) == 1  # nobody else tries again behind the outbox's back


@pytest.mark.parametrize(("header", "after"), [("7", 7.0), ("0", 0.0), ("99999", 3600.0), ("soon", None), ("-3", 0.0)])
async def test_retry_after(fake: FakeTeams, sdk: BotFramework, header: str, after: float | None) -> None:
    fake.faults.append(Fault(429, after=header))
    with pytest.raises(RetryLater) as later:
        await sdk.send(address(activity(fake.url)), HELLO)
    assert later.value.after == after


async def test_a_retry_after_may_be_a_date(fake: FakeTeams, sdk: BotFramework) -> None:
    fake.faults.append(Fault(429, after="Wed, 21 Oct 2099 07:28:00 GMT"))
    with pytest.raises(RetryLater) as later:
        await sdk.send(address(activity(fake.url)), HELLO)
    assert later.value.after == 3600.0


async def test_a_teams_that_cannot_be_reached(fake: FakeTeams, sdk: BotFramework) -> None:
    fake.faults.append(Fault())
    with pytest.raises(RetryLater):
        await sdk.send(address(activity(fake.url)), HELLO)
    with pytest.raises(RetryLater):
        await sdk.send(address(activity("http://127.0.0.1:9")), HELLO)


async def test_the_token_is_had_once_and_renewed_when_refused(
    fake: FakeTeams, sdk: BotFramework, credentials: Credentials
) -> None:
    for _ in range(3):
        await sdk.send(address(activity(fake.url)), HELLO)
    assert set(fake.tokens) == {"Bearer token-1"}
    fake.wanted_token = "token-2"
    await sdk.send(address(activity(fake.url)), HELLO)
    assert fake.tokens[-1] == "Bearer token-2"
    assert credentials.asked == 2
    fake.wanted_token = "never"
    with pytest.raises(RetryLater):
        await sdk.send(address(activity(fake.url)), HELLO)


async def test_a_managed_identity_has_its_token_from_azure(fake: FakeTeams, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a password: the machine that Someguide runs on is asked, for the identity and for Teams' resource."""
    asked: list[dict[str, str]] = []
    token = jwt.encode({"exp": int(time.time()) + 3600}, "k" * 32)

    async def azure(request: web.Request) -> web.Response:
        asked.append(dict(request.query) | {"header": request.headers["X-IDENTITY-HEADER"]})
        return web.json_response({"access_token": token, "expires_on": str(int(time.time()) + 3600)})

    app = web.Application()
    app.router.add_get("/msi/token", azure)
    async with TestServer(app) as server:
        monkeypatch.setenv("IDENTITY_ENDPOINT", str(server.make_url("/msi/token")))
        monkeypatch.setenv("IDENTITY_HEADER", "of-this-machine")
        wire = BotFramework(teams_settings(fake.url, teams_app_type="UserAssignedMSI", teams_app_password=""))
        try:
            assert await wire.token() == token
            sent = address(activity(fake.url))
            await wire.send(sent, HELLO)
        finally:
            await wire.close()
    assert {(a["client_id"], a["resource"], a["header"]) for a in asked} == {
        (APP, "https://api.botframework.com", "of-this-machine")
    }
    assert fake.posted[0].activity["text"] == "hej"


async def test_without_a_token_it_is_tried_later(fake: FakeTeams, sdk: BotFramework, credentials: Credentials) -> None:
    credentials.error = PermissionError("AADSTS7000215: Invalid client secret provided")
    with pytest.raises(RetryLater, match="Invalid client secret"):
        await sdk.send(address(activity(fake.url)), HELLO)
    assert fake.calls == []


async def test_a_private_conversation_is_opened_where_the_tenant_is(fake: FakeTeams, sdk: BotFramework) -> None:
    where = await sdk.open_private(TENANT, "aad-anna")
    body = fake.calls[-1][2]
    assert body["members"] == [{"id": "aad-anna"}]
    assert body["bot"] == {"id": f"28:{APP}"}
    assert body["tenantId"] == TENANT
    assert where["reference"]["serviceUrl"] == fake.url
    fake.blocked.add("aad-bo")
    with pytest.raises(Gone):
        await sdk.open_private(TENANT, "aad-bo")


async def test_members_are_asked_for_once(fake: FakeTeams, sdk: BotFramework) -> None:
    members = Members(sdk)
    for _ in range(3):
        assert (await members.find(address(activity(fake.url)), "29:anna"))["aadObjectId"] == "aad-anna"
    assert len(fake.calls) == 1


async def test_a_member_is_found_among_all_where_teams_does_not_know_the_id(fake: FakeTeams, sdk: BotFramework) -> None:
    """As in the Agents Playground. Who is none is looked for once, and through no more than some pages."""
    everybody = {f"29:{n}": {"id": f"29:{n}", "aadObjectId": f"aad-{n}", "name": f"N{n}"} for n in range(1200)}
    fake.members = everybody
    members, where = Members(sdk), address(activity(fake.url))
    assert (await members.find(where, "aad-1199"))["name"] == "N1199"
    asked = len(fake.calls)
    assert asked == 4
    for _ in range(3):
        with pytest.raises(Gone):
            await members.find(where, "aad-nobody")
    assert len(fake.calls) == 2 * asked


async def test_our_token_goes_to_the_service_only(fake: FakeTeams, sdk: BotFramework) -> None:
    """An address of another origin is a path of the service, which has nothing there."""
    for elsewhere in (
        "https://evil.example/x",
        "http://127.0.0.1:9/x",
        "//evil.example/x",
        f"{fake.url}.evil.example/x",
    ):
        with pytest.raises((Gone, RetryLater)):
            await sdk.fetch(address(activity(fake.url)), elsewhere)
    assert all(path.split("/")[0] not in ("conversations",) for _, path, _ in fake.calls)
    assert len(fake.tokens) == 4


# -- Teams' pace -----------------------------------------------------------------------------------------------------


def test_pace_keeps_every_limit() -> None:
    now = [0.0]
    pace = Pace(clock=lambda: now[0])
    sent = []
    for _ in range(200):
        now[0] += max(pace.wait("c"), 0.0)
        pace.note("c")
        sent.append(now[0])
    for count, span in PACE[:3]:
        for first, later in zip(sent, sent[count:], strict=False):
            assert later - first >= span - 1e-6
    assert pace.wait("another") == 0.0


async def test_a_conversation_beyond_its_limit_goes_back_to_the_outbox(fake: FakeTeams, sdk: BotFramework) -> None:
    channel = TeamsWire(sdk)
    for _ in range(60):
        channel.pace.note("a:1anna")
    with pytest.raises(RetryLater) as later:
        await channel.send(address(activity(fake.url)), SAMPLES["notice"], None, "1")
    assert later.value.after is not None
    assert 20 < later.value.after <= 30
    assert fake.calls == []


# -- doctor ----------------------------------------------------------------------------------------------------------


async def test_doctor_says_what_to_do_where_nothing_is_set() -> None:
    settings = teams_settings(teams_app_id="", teams_app_password="")
    found = await doctor(settings, ["hango"])
    assert [f.ok for f in found] == [False]
    assert "SOMEGUIDE_TEAMS_APP_ID" in found[0].to_do
    single = teams_settings(teams_app_type="SingleTenant", teams_tenant_id="")
    assert not (await doctor(single, ["hango"]))[0].ok


async def test_doctor_knows_our_door_from_another(
    fake: FakeTeams, sdk: BotFramework, organisations: Organisations
) -> None:
    """The one that Teams is to write to, as it is seen from outside."""
    endpoint = Endpoint(Canned(), sdk, Tenants.of(teams_settings()), Lexical(organisations).answerer)
    app = web.Application()
    app.router.add_routes(endpoint.routes())
    async with TestServer(app) as server:
        assert (await reached(str(server.make_url("/api/messages")))).ok
        for wrong in ("/", "/teams/about", "/api"):
            found = await reached(str(server.make_url(wrong)))
            assert not found.ok
            assert "proxy" in found.to_do
    assert not (await reached(f"{fake.url}/v3/conversations")).ok
    assert not (await reached("http://127.0.0.1:9/api/messages")).ok
    assert not (await reached("https://[")).ok


async def test_doctor_proves_a_set_up(fake: FakeTeams, sdk: BotFramework, credentials: Credentials) -> None:
    settings = teams_settings(fake.url)
    good = await examine(sdk, settings, ["hango"])
    assert [f.what for f in good if not f.ok] == []
    fake.blocked.add("19:review@thread.tacv2")
    found = await examine(sdk, settings, ["hango"])
    assert [f.to_do for f in found if not f.ok] == ["add the Someguide app to that team, or correct the channel's id"]
    credentials.error = PermissionError("AADSTS7000215")
    bad = await examine(sdk, settings, ["vara"])
    assert {f.what.split(" (")[0]: f.ok for f in bad}["Teams: app id and secret"] is False
    assert all(f.to_do for f in bad if not f.ok)

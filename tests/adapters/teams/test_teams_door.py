"""The door of Teams: who is let in, what is answered in the same request, and what happens on a bad day."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from adapters.teams.members import Members
from adapters.teams.papers import Files
from adapters.teams.pictures import Pictures
from adapters.teams.serve import Endpoint, start
from adapters.teams.tenants import NotConfigured, Tenants
from bot.messages import Kind, Outgoing
from bot.metadata import looks
from bot.organisations import Organisations
from bot.outbox import Delivery, Outbox
from bot.settings import TeamsTenant
from bot.store.store import Store
from bot.store.unavailable import StoreUnavailable
from knowledge.models import Language
from tests.adapters.teams.conftest import Canned, House, Lexical, teams_settings
from tests.adapters.teams.test_teams_read import ANYTHING, NAMES
from tests.adapters.teams.test_teams_wire import wrong_tokens
from tests.fakes.teams import TENANT, Fault, activity, execute, in_channel
from tests.fakes.teams_memory import MemoryTeams
from tests.fakes.teams_samples import SAMPLES

CARD = "application/vnd.microsoft.card.adaptive"


def deliveries(*outgoing: Outgoing) -> list[Delivery]:
    """Messages as the assistant returns them."""
    return [Delivery(n, "teams", "c", {}, one) for n, one in enumerate(outgoing)]


async def test_a_message_is_taken_then_acknowledged(door: House) -> None:
    status, body = await door.post(activity(door.fake.url, text="Får jag?"))
    assert (status, body) == (200, None)
    assert door.assistant.taken[0].text == "Får jag?"
    assert door.fake.calls == []


async def test_nobody_else_is_let_in(door: House) -> None:
    sent = activity(door.fake.url, text="hej")
    for name, token in wrong_tokens(door.fake, sent).items():
        status, body = await door.post(sent, token)
        assert status in (401, 403), name
        assert body == {"error": "refused"}
    assert door.assistant.taken == []
    assert door.fake.calls == []


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"{}", "application/json", 400),
        (b'{"type": 7}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"type": "message"}', "text/plain", 415),
        (b'{"type": "' + b"x" * 600_000 + b'"}', "application/json", 413),
        (b'{"type": "message"}', "application/json", 401),
    ],
)
async def test_what_is_no_activity(door: House, body: bytes, content_type: str, status: int) -> None:
    async with door.client.post("/api/messages", data=body, headers={"Content-Type": content_type}) as answer:
        assert answer.status == status
    assert door.assistant.taken == []


async def test_an_unknown_tenant_hears_so_and_nothing_runs(door: House) -> None:
    other = {"tenant": {"id": "99999999-0000-0000-0000-000000000000"}}
    status, _ = await door.post(activity(door.fake.url, text="hej", channelData=other, locale="fi-FI"))
    assert status == 200
    assert door.assistant.taken == []
    assert "organisaatiossasi" in door.fake.posted[0].activity["text"]
    status, body = await door.post(execute(door.fake.url, {"action": "a"}, channelData=other))
    assert "din organisation" in body["value"]
    await door.post(activity(door.fake.url, "installationUpdate", action="add", channelData=other))
    assert len(door.fake.posted) == 1


@pytest.mark.parametrize(
    ("happened", "channel", "told"),
    [
        ("channelDeleted", "19:review@thread.tacv2", "error"),
        ("channelDeleted", "19:lunch@thread.tacv2", "info"),
        ("teamDeleted", "", "error"),
        ("teamArchived", "", "error"),
        ("teamRenamed", "", None),
    ],
)
async def test_the_end_of_the_review_channel_is_in_the_log(
    door: House, happened: str, channel: str, told: str | None
) -> None:
    data = {"tenant": {"id": TENANT}, "eventType": happened, **({"channel": {"id": channel}} if channel else {})}
    with capture_logs() as log:
        status, _ = await door.post(activity(door.fake.url, "conversationUpdate", channelData=data))
    assert status == 200
    assert next((e["log_level"] for e in log if e["event"] == "teams_channel_gone"), None) == told
    assert (door.assistant.taken, door.fake.posted) == ([], [])


@pytest.mark.parametrize("action", ["remove", "remove-upgrade", "add-upgrade"])
async def test_what_becomes_of_the_installation_is_in_the_log(door: House, action: str) -> None:
    with capture_logs() as log:
        status, _ = await door.post(activity(door.fake.url, "installationUpdate", action=action))
    assert status == 200
    assert [e["action"] for e in log if e["event"] == "teams_installation"] == [action]
    assert (door.assistant.taken, door.fake.posted) == ([], [])


async def test_a_store_that_is_away(door: House) -> None:
    """The person hears it, and Teams may send it again."""
    door.assistant.error = StoreUnavailable("away")
    status, _ = await door.post(activity(door.fake.url, text="hej"))
    assert status == 503
    assert "kunde inte spara" in door.fake.posted[0].activity["text"]
    status, body = await door.post(execute(door.fake.url, {"action": "a", "language": "en"}))
    assert (status, body["statusCode"]) == (200, 200)
    assert "Vänta en minut" in body["value"]


async def test_a_fault_of_ours_is_no_traceback(door: House) -> None:
    door.assistant.error = RuntimeError("secret")
    status, body = await door.post(activity(door.fake.url, text="hej"))
    assert (status, body) == (500, {"error": "something went wrong"})


async def test_a_slow_turn_goes_on_after_the_answer(door: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.teams.invokes.INVOKE", 0.05)
    monkeypatch.setattr("adapters.teams.serve.TURN", 0.05)
    finished = asyncio.Event()

    async def slow() -> None:
        await asyncio.sleep(0.2)
        finished.set()

    door.assistant.slow = slow
    status, body = await door.post(execute(door.fake.url, {"action": "a", "language": "en"}))
    assert status == 200
    assert "still working" in body["value"]
    await asyncio.wait_for(finished.wait(), 2)
    status, _ = await door.post(activity(door.fake.url, text="hej"))
    assert status == 503


# -- presses ---------------------------------------------------------------------------------------------------------


async def test_a_pressed_card_is_replaced_by_what_it_became(door: House) -> None:
    door.assistant.replies = deliveries(SAMPLES["answered"], SAMPLES["step-date"])
    _, body = await door.post(execute(door.fake.url, {"action": "s:1:put:unit", "thing": "session:1:step:unit"}))
    assert (body["statusCode"], body["type"]) == (200, CARD)
    assert "Daghem" in json.dumps(body["value"])


async def test_a_form_with_errors_comes_back_in_the_same_request(door: House) -> None:
    door.assistant.replies = deliveries(SAMPLES["form"])
    _, body = await door.post(execute(door.fake.url, {"action": "s:1:save:account", "thing": "session:1:form"}))
    assert "Skriv minst 20 tecken." in json.dumps(body["value"])


async def test_a_press_without_a_card_of_its_own_gets_a_word(door: House) -> None:
    door.assistant.replies = deliveries(SAMPLES["answer"])
    _, body = await door.post(execute(door.fake.url, {"action": "photo", "language": "sv"}))
    assert body == {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Noterat."}
    door.assistant.replies = deliveries(Outgoing(Kind.NOTICE, Language.SV, "Den knappen är gammal."))
    _, body = await door.post(execute(door.fake.url, {"action": "x", "language": "sv"}))
    assert body["value"] == "Den knappen är gammal."
    _, body = await door.post(execute(door.fake.url, {"action": "", "pick": "pick_1", "language": "fi"}))
    assert body["value"] == "Valitse ensin jotain luettelosta."
    _, body = await door.post(execute(door.fake.url, {"foreign": 1}))
    assert body["statusCode"] == 400


async def test_what_is_private_is_not_shown_in_a_channel(door: House) -> None:
    secret = Outgoing(Kind.NOTICE, Language.SV, "Hemligt", key="k", private=True)
    door.assistant.replies = deliveries(secret)
    where = in_channel(door.fake.url, "")["conversation"]
    _, body = await door.post(execute(door.fake.url, {"action": "a", "thing": "k"}, conversation=where))
    assert "Hemligt" not in json.dumps(body)


async def test_dialogs(door: House) -> None:
    door.assistant.replies = deliveries(SAMPLES["form"])
    for name in ("task/fetch", "task/submit"):
        sent = activity(door.fake.url, "invoke", name=name, value={"data": {"action": "s:1:form:account"}})
        _, body = await door.post(sent)
        assert body["task"]["type"] == "continue"
        assert body["task"]["value"]["card"]["contentType"] == CARD
    door.assistant.replies = deliveries(Outgoing(Kind.NOTICE, Language.SV, "Klart."))
    _, body = await door.post(sent)
    assert body == {"task": {"type": "message", "value": "Klart."}}


async def test_an_invoke_that_we_do_not_know(door: House) -> None:
    status, _ = await door.post(activity(door.fake.url, "invoke", name="signin/verifyState", value={}))
    assert status == 501


# -- the compose box -------------------------------------------------------------------------------------------------


def query(url: str, words: str) -> dict[str, Any]:
    """A search in the compose box."""
    parameters = [{"name": "query", "value": words}]
    value = {"commandId": "search", "parameters": parameters}
    return activity(url, "invoke", name="composeExtension/query", value=value)


async def test_the_guidance_is_found_from_the_compose_box(door: House) -> None:
    _, body = await door.post(query(door.fake.url, "får jag publicera en bild på en kollega"))
    found = body["composeExtension"]
    assert found["type"] == "result"
    first = found["attachments"][0]
    assert first["contentType"] == CARD
    assert "Källa" in json.dumps(first["content"], ensure_ascii=False)
    assert "Action.Execute" not in json.dumps(first["content"])
    assert first["preview"]["content"]["title"]
    assert door.assistant.taken == []
    _, body = await door.post(query(door.fake.url, ""))
    assert body["composeExtension"]["type"] == "message"
    _, body = await door.post(query(door.fake.url, "qwxz zzz"))
    assert body["composeExtension"]["type"] == "message"


async def test_ask_someguide_about_this(door: House) -> None:
    payload = {"body": {"contentType": "html", "content": "<p>Får jag publicera en bild på en kollega?</p>"}}
    value = {"commandId": "ask", "messagePayload": payload}
    _, body = await door.post(activity(door.fake.url, "invoke", name="composeExtension/fetchTask", value=value))
    shown = body["task"]["value"]["card"]["content"]
    assert shown["actions"][0]["type"] == "Action.Submit"
    sent = activity(
        door.fake.url, "invoke", name="composeExtension/submitAction", value={"data": shown["actions"][0]["data"]}
    )
    _, body = await door.post(sent)
    assert "egen chatt" in body["task"]["value"]
    asked = door.assistant.taken[0]
    assert asked.text == "Får jag publicera en bild på en kollega?"
    assert asked.private
    assert asked.conversation == f"teams:{TENANT}:a:private-aad-anna"
    door.fake.blocked.add("aad-anna")
    _, body = await door.post(sent | {"id": "f:other"})
    assert "lägg först till appen" in body["task"]["value"]


# -- mentions --------------------------------------------------------------------------------------------------------


async def test_a_named_person_has_the_id_that_they_come_with(door: House) -> None:
    door.fake.members["29:sofia"] = {"id": "29:sofia", "objectId": "aad-sofia", "name": "Sofia Berg"}
    sent = in_channel(door.fake.url, "fråga <at>Sofia</at>")
    sent["entities"] += [
        {"type": "mention", "mentioned": {"id": "29:sofia", "name": "Sofia"}, "text": "<at>Sofia</at>"}
    ]
    await door.post(sent)
    assert [(p.id, p.name) for p in door.assistant.taken[0].mentions] == [(f"teams:{TENANT}:aad-sofia", "Sofia Berg")]
    door.fake.faults.append(Fault(404))
    sent["entities"][1]["mentioned"] = {"id": "29:nobody", "name": "Sofia"}
    await door.post(sent)
    assert door.assistant.taken[1].mentions[0].id == f"teams:{TENANT}:29:nobody"


async def test_a_picked_person_is_named_by_teams(door: House) -> None:
    """The people picker gives an object id alone: of oneself, of a member, or of who uses the assistant."""
    door.fake.members["aad-sofia"] = {"id": "29:sofia", "aadObjectId": "aad-sofia", "name": "Sofia Berg"}
    taken = door.assistant.taken
    for picked, name in (("aad-anna", "Anna Åkesson"), ("aad-sofia", "Sofia Berg")):
        _, body = await door.post(execute(door.fake.url, {"action": "s:1:put:who", "f_who": "", "p_who": picked}))
        assert body["statusCode"] == 200
        assert taken[-1].form == {"who": {"id": f"teams:{TENANT}:{picked}", "name": name}}
    await door.post(execute(door.fake.url, {"action": "a", "f_who": "Bo Ek", "p_who": "aad-bo"}))
    assert taken[-1].form == {"who": {"id": f"teams:{TENANT}:aad-bo", "name": "Bo Ek"}}
    await door.post(execute(door.fake.url, {"action": "a", "f_who": "Bo Ek", "p_who": ""}))
    assert taken[-1].form == {"who": "Bo Ek"}


async def test_a_picked_person_without_a_name_must_be_written(door: House) -> None:
    door.fake.blocked.add("aad-nobody")  # has not added the app, and is in no team of ours
    data = {"action": "s:1:put:who", "language": "sv", "f_who": "", "p_who": "aad-nobody"}
    _, body = await door.post(execute(door.fake.url, data))
    assert "Skriv också namnet" in body["value"]
    status, _ = await door.post(activity(door.fake.url, value=data, text=None))  # an older client
    assert status == 200
    assert "Skriv också namnet" in door.fake.posted[-1].activity["text"]
    _, body = await door.post(activity(door.fake.url, "invoke", name="task/submit", value={"data": data}))
    assert "Skriv också namnet" in body["task"]["value"]
    assert door.assistant.taken == []


# -- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {"teams_app_id": ""},
        {"teams_app_password": ""},
        {"teams_app_type": "SingleTenant", "teams_tenant_id": ""},
        {"teams_organisation": ""},
        {"teams_anonymous": True},
        {"teams_anonymous": True, "teams_app_id": "", "host": "0.0.0.0"},
    ],
)
def test_settings_that_cannot_be_served(given: dict[str, Any]) -> None:
    with pytest.raises(NotConfigured, match="SOMEGUIDE_"):
        Tenants.of(teams_settings(**given))


def test_settings_that_can() -> None:
    tenants = Tenants.of(teams_settings(teams_tenants=[TeamsTenant(organisation="vara", tenant="T2")]))
    found = [tenants.of_id(t) for t in (TENANT.upper(), "t2", "t3", "")]
    assert [f and f.organisation for f in found] == ["hango", "vara", None, None]
    review = tenants.review("hango")
    assert review is not None
    assert review.channel == "teams"
    assert tenants.review("vara") is None
    identity = teams_settings(teams_app_type="UserAssignedMSI", teams_app_password="")
    assert Tenants.of(identity).of_id(TENANT)
    playground = teams_settings(teams_anonymous=True, teams_app_id="", teams_app_password="", teams_tenant_id="")
    anywhere = Tenants.of(playground).of_id("any")
    assert anywhere is not None
    assert anywhere.organisation == "hango"


async def test_only_reviewers_of_the_organisation_may_review() -> None:
    members = Members(MemoryTeams())
    by_team = Tenants.of(teams_settings())
    assert await by_team.may_review(members, "hango", f"teams:{TENANT}:29:anna")
    assert not await by_team.may_review(members, "hango", f"teams:{TENANT}:29:bo")
    assert not await by_team.may_review(members, "vara", f"teams:{TENANT}:29:anna")
    assert not await by_team.may_review(members, "hango", "teams:other:29:anna")
    assert not await by_team.may_review(members, "hango", "slack:T:U")
    by_list = Tenants.of(teams_settings(teams_reviewers=("AAD-anna",)))
    assert await by_list.may_review(members, "hango", f"teams:{TENANT}:aad-anna")
    assert not await by_list.may_review(members, "hango", f"teams:{TENANT}:29:anna")


async def test_without_tokens_only_this_machine_is_let_in(organisations: Organisations) -> None:
    memory, canned = MemoryTeams(), Canned()

    async def anybody(authorization: str, given: dict[str, Any]) -> None:
        """Without tokens nothing is verified."""

    memory.verify = anybody  # type: ignore[method-assign]
    store = await Store.open("sqlite://")
    given = {"teams_anonymous": True, "teams_app_id": "", "teams_app_password": ""}
    teams = await start(canned, Outbox(store), Lexical(organisations), teams_settings(**given), memory)  # type: ignore[arg-type]
    app = web.Application()
    app.router.add_routes(teams.routes())
    async with TestClient(TestServer(app)) as client:
        sent = activity("http://localhost", text="hej")
        for headers, status in (
            ({}, 200),
            ({"Host": "localhost:3978"}, 200),
            ({"Host": "evil.example"}, 403),
            ({"Origin": "http://evil.example"}, 403),
        ):
            async with client.post("/api/messages", json=sent, headers=headers) as answer:
                assert answer.status == status, headers
    await store.close()


# -- anything --------------------------------------------------------------------------------------------------------


async def test_anything_that_teams_may_send_is_answered(organisations: Organisations) -> None:
    """No activity, however odd, ends in a failure of ours."""
    memory, session = MemoryTeams(), aiohttp.ClientSession()

    async def made_of(*_: str) -> bytes:
        """Everybody may have the same document."""
        return b"%PDF"

    endpoint = Endpoint(
        Canned(),
        memory,
        Tenants.of(teams_settings()),
        Lexical(organisations).answerer,
        files=Files(memory, made_of, session),
        pictures=Pictures(memory, looks, session),
    )
    failures: list[Any] = []
    kinds = ["message", "invoke", "conversationUpdate", "installationUpdate", "messageReaction", "x"]
    names = ["adaptiveCard/action", "task/submit", "composeExtension/submitAction", "composeExtension/fetchTask"]
    names += ["fileConsent/invoke", "y"]
    loop = asyncio.get_running_loop()

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
    @given(
        st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=8),
        st.sampled_from(kinds),
        st.sampled_from(names),
    )
    @example({"conversation": {"id": []}}, "invoke", "fileConsent/invoke")
    def tried(odd: dict[str, Any], kind: str, name: str) -> None:
        sent = activity("http://x") | odd | {"type": kind, "name": name}
        if "channelData" in odd:
            sent["channelData"] = {"tenant": {"id": TENANT}, "odd": odd["channelData"]}
        answer = asyncio.run_coroutine_threadsafe(endpoint._verified(sent), loop).result(10)
        if answer.status >= 500 and answer.status != 501:
            failures.append((answer.status, sent))

    await asyncio.to_thread(tried)
    await session.close()
    assert failures == []

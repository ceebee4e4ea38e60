"""Microsoft's own Agents Playground as the client: scenarios, a request from end to end, and what only Teams sends."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.teams.tenants import Tenants
from bot.answering.answerer import Answerer
from bot.organisations import Organisations
from tests.adapters.teams.playing import Bot, open_bot
from tests.adapters.teams.test_teams_whole import answer_to
from tests.adapters.teams.town import act
from tests.channels.base import Changeable
from tests.channels.teams_playground import Playground as Channel
from tests.clients import MISSING, installed
from tests.conftest import lexical_answerer
from tests.fakes.teams_cards import check, check_drawn, data_of
from tests.fakes.teams_playground import CHANNEL, TENANT, Playground
from tests.test_scenarios import SCENARIOS, WHOLE, Player, World, needs

pytestmark = pytest.mark.skipif(installed() is None, reason=MISSING)

REPRESENTATIVE = {
    *("flow-comment-3", "flow-photo-1", "flow-publish-check-2", "flow-incident-1", "flow-close-account-1"),
    *("dialogue-1-1", "dialogue-2-8", "dialogue-2-12"),
}
"""Scenarios that are always played here; SOMEGUIDE_TEST_MATRIX=full plays all that one person can."""
ALONE = [
    pytest.param(scenario, id=name)
    for name, scenario in SCENARIOS
    if needs(scenario) <= Channel.able
    and "channels" not in scenario
    and not any("by" in step or "together" in step for step in scenario["steps"])
    and (name in REPRESENTATIVE or WHOLE)
]


@pytest.fixture(scope="module")
def _playground() -> Iterator[None]:
    """One for all scenarios: it takes some seconds to start."""
    Channel.launch()
    yield
    Channel.end()


@pytest.fixture(scope="module")
def answerers(organisations: Organisations) -> dict[str, Answerer]:
    """Every organisation's answerer on words alone."""
    make = lexical_answerer(organisations)
    return {name: make(name) for name in organisations.ids}


@pytest.mark.usefixtures("_playground")
@pytest.mark.parametrize("scenario", ALONE)
async def test_scenario(scenario: dict[str, Any], answerers: dict[str, Answerer], tmp_path: Path) -> None:
    await Player(scenario, World(Changeable(answerers), f"sqlite:///{tmp_path / 'store.db'}", Channel)).play()


# -- what is not in a scenario ---------------------------------------------------------------------------------------


@pytest.fixture
async def bot(organisations: Organisations, tmp_path: Path) -> AsyncIterator[Bot]:
    """Someguide, and the Playground on it."""
    async with open_bot(organisations, tmp_path) as one:
        yield one


async def test_what_teams_tells_and_where_one_is_answered(bot: Bot) -> None:
    """Welcome once, questions everywhere, events that change nothing."""
    teams = bot.teams
    await teams.install(teams.personal)
    await teams.install(teams.personal)
    check((await teams.card("guideline"))[1])
    await teams.say(teams.personal, "Får jag publicera en bild på en kollega?")
    check((await teams.card("Källa"))[1])
    await teams.say(teams.group, "vem frågar jag", mention=True)
    assert (await teams.card("Fråga"))[2] == teams.group
    posted = await teams.say(teams.channel, "får jag publicera en bild på en kollega?", mention=True)
    assert (await teams.card("Källa"))[2] == posted["postConversationId"]
    kinds = (
        "uninstall",
        "userAdded",
        "userRemoved",
        "botRemoved",
        "channelCreated",
        "channelRenamed",
        "channelDeleted",
    )
    for kind in (*kinds, "teamRenamed", "teamDeleted"):
        await teams.event(teams.personal if kind == "uninstall" else teams.channel, kind)
    await teams.say(teams.personal, "tack")
    await teams.card("Varsågod")


async def test_a_request_from_end_to_end(bot: Bot) -> None:
    """Alex files it, Megan of the review channel's team takes and approves it, and Alex hears of it."""
    teams, megan = bot.teams, str(bot.teams.config["users"][0]["id"])
    await teams.say(teams.personal, "på svenska")
    message, _, _ = await teams.card("svenska")
    await teams.execute(teams.personal, message, {"action": "flow:open-account", "language": "sv"})
    message, shown, _ = await teams.card("1 av")
    while not (sending := [d for d in data_of(shown) if ":submit" in str(d.get("action"))]):
        data, inputs = answer_to(shown)
        await teams.execute(teams.personal, message, data | inputs)
        await teams.until(lambda s: s.get("action") == "updateMessage")
        message, shown, _ = await teams.card("Öppna")
        check(shown)
    await teams.execute(teams.personal, message, sending[0])
    review, card, where = await in_channel(teams)
    for verb in ("take", "approve"):
        answered = await teams.execute(where, review, act(card, verb), megan)
        assert answered["type"] == "application/vnd.microsoft.card.adaptive", answered
        card = answered["value"]
        check(card)
    assert "Megan Bowen" in json.dumps(card)
    await teams.until(lambda s: s.get("actionConversationId") == teams.personal and "Megan Bowen" in json.dumps(s))


async def test_the_compose_box(bot: Bot) -> None:
    """Search, and insert an answer with its source; ask about a message, and go on in one's own chat."""
    teams = bot.teams
    query = {
        "commandId": "search",
        "parameters": [{"name": "query", "value": "Får jag publicera en bild på en kollega?"}],
    }
    found = await teams.invoke(teams.channel, "composeExtension/query", query)
    first = found["composeExtension"]["attachments"][0]
    check_drawn(first["content"])
    assert "Källa" in json.dumps(first["content"], ensure_ascii=False)
    assert first["preview"]["content"]["title"]
    body = {"contentType": "html", "content": "<p>Får jag publicera en bild på en <b>kollega</b>?</p>"}
    asked = await teams.invoke(teams.channel, "composeExtension/fetchTask", {"messagePayload": {"body": body}})
    shown = asked["task"]["value"]["card"]["content"]
    check_drawn(shown)
    data = shown["actions"][-1]["data"]
    answered = await teams.invoke(teams.channel, "composeExtension/submitAction", {"commandId": "ask", "data": data})
    assert answered["task"]["value"] == "Jag har svarat i din egen chatt med mig."
    assert (await teams.card("Källa"))[2] == teams.personal


async def in_channel(teams: Playground) -> tuple[str, dict[str, Any], str]:
    """The card of the request in the review channel."""
    found = await teams.until(lambda s: "team-id" in str(s.get("actionConversationId")) and "HAN-" in json.dumps(s))
    message = found["message"]
    name = str(message["messageId"])
    return name, message["attachments"][0]["content"], f"team-id;messageid={name}"


def test_make_playground_gives_settings_that_serve(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from bot.settings import Settings
    from tests.clients.playground import settings

    for name, value in settings("vara", tmp_path, 4711).items():
        monkeypatch.setenv(name, value)
    tenants = Tenants.of(Settings(_env_file=None))
    found = tenants.of_id(TENANT)
    assert found is not None
    assert (found.organisation, found.review_channel) == ("vara", CHANNEL)
    assert tenants.review("vara") is not None

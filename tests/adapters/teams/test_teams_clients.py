"""Clients that others wrote: the Microsoft 365 Agents Playground, and the official renderer of Adaptive Cards."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import web

from adapters.teams.render import card
from adapters.teams.serve import start
from bot.assistant import Assistant
from bot.organisations import Organisations
from bot.outbox import Outbox
from bot.store.store import Store
from tests.adapters.teams.conftest import Lexical, teams_settings
from tests.adapters.teams.test_teams_cards import check, data_of, parts
from tests.adapters.teams.test_teams_whole import answer_to
from tests.fakes.teams_playground import CLIENTS, MISSING, Playground, free_port, modules, playground
from tests.fakes.teams_samples import HOSTILE, SAMPLES, everywhere

FOLDER = modules()
pytestmark = pytest.mark.skipif(FOLDER is None, reason=MISSING)


def test_the_official_renderer_objects_to_no_card() -> None:
    cards = {name: card(outgoing) for name, outgoing in SAMPLES.items()}
    cards |= {
        f"{name} {n}": card(everywhere(outgoing, text))
        for name, outgoing in SAMPLES.items()
        for n, text in enumerate(HOSTILE)
        if n in (0, 2, 8)
    }
    command = ["node", str(CLIENTS / "check_cards.cjs"), str(FOLDER)]
    done = subprocess.run(command, input=json.dumps(cards), capture_output=True, text=True, check=True, timeout=120)
    found = json.loads(done.stdout)
    assert set(found) == set(cards)
    assert {name: events for name, events in found.items() if events} == {}


@dataclass
class Bot:
    """The bot and the Playground on it."""

    teams: Playground
    store: Store


@pytest.fixture
async def bot(organisations: Organisations) -> AsyncIterator[Bot]:
    """Someguide as `someguide serve` runs it, without tokens, and the Playground."""
    port, store, lexical = free_port(), await Store.open("sqlite://"), Lexical(organisations)
    outbox = Outbox(store)
    assistant = Assistant(lexical.answerer, store, wake=outbox.wake)
    empty = dict.fromkeys(("teams_app_id", "teams_app_password", "teams_tenant_id"), "")
    settings = teams_settings(**empty, teams_anonymous=True)
    served = await start(assistant, outbox, lexical, settings)  # type: ignore[arg-type]
    app = web.Application()
    app.router.add_routes(served.routes())
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    worker = asyncio.create_task(outbox.run())
    async with playground(f"http://127.0.0.1:{port}/api/messages") as teams:
        yield Bot(teams, store)
    outbox.stop()
    await asyncio.wait([worker], timeout=10)
    await runner.cleanup()
    await served.close()
    await store.close()


async def test_the_playground(bot: Bot) -> None:
    """Welcome once, questions everywhere, a dialogue by buttons and inputs, a form with errors, events."""
    teams = bot.teams
    await teams.install(teams.personal)
    await teams.install(teams.personal)
    _, welcome, _ = await teams.card("guideline")
    check(welcome)
    await teams.say(teams.personal, "Får jag publicera en bild på en kollega?")
    _, answer, _ = await teams.card("Källa")
    check(answer)
    await teams.say(teams.group, "vem frågar jag", mention=True)
    assert (await teams.card("Fråga"))[2] == teams.group
    posted = await teams.say(teams.channel, "får jag publicera en bild på en kollega?", mention=True)
    assert (await teams.card("Källa"))[2] == posted["postConversationId"]
    for kind in ("uninstall", "userAdded", "teamRenamed", "channelDeleted"):
        await teams.event(teams.personal if kind == "uninstall" else teams.group, kind)
    await teams.say(teams.personal, "tack")
    await teams.card("Varsågod")


async def test_a_dialogue_in_the_playground(bot: Bot) -> None:
    teams = bot.teams
    await teams.say(teams.personal, "på svenska")
    message, _, _ = await teams.card("svenska")
    body = await teams.execute(teams.personal, message, {"action": "flow:open-account", "language": "sv"})
    assert body["type"] == "application/vnd.microsoft.activity.message", body
    message, shown, where = await teams.card("av")
    assert where == teams.personal
    for turn in range(40):
        if "s:1:submit" in json.dumps(shown):
            break
        data, inputs = answer_to(shown)
        press = teams.submit if turn % 3 == 2 else teams.execute  # older clients send the fallback
        await press(teams.personal, message, data | inputs)
        await teams.until(lambda s: s.get("action") == "updateMessage")
        message, shown, _ = await teams.card("Öppna")
        check(shown)
    assert "s:1:submit" in json.dumps(shown)
    change = next(c["value"] for i in parts(shown, "Input.ChoiceSet") for c in i["choices"])
    await teams.execute(teams.personal, message, {"action": change, "language": "sv"})
    message, shown, _ = await teams.card("Öppna", action="")
    form = next(d for d in data_of(shown) if ":form:" in str(d.get("action")))
    await teams.execute(teams.personal, message, form)
    message, shown, _ = await teams.card("f_", action="")
    sends = next(a for a in shown["actions"] if a.get("associatedInputs") == "auto")
    empty = dict.fromkeys((i["id"] for i in parts(shown, "Input.")), "")
    answered = await teams.execute(teams.personal, message, sends["data"] | empty)
    assert "⚠️" in json.dumps(answered, ensure_ascii=False)

"""Plays the conversations of tests/scenarios through every channel that can carry them.

A scenario is YAML: `title`, `org`, `language`, and `steps`. Each step is one thing that somebody does:

    say: "text"                  with `mention: {Name: id}` or `file: {name: …, place: true, people: […]}` beside it
    press: "label"               as it is shown; `old: true` takes the oldest message that shows it, not the newest
    fill: {label: value}         fields of the newest form, options by their labels, several as a list; then sent
    again: true                  the event before comes once more, as a platform does that got no answer
    together: [ … ]              several of these at the same instant
    restart: true                the assistant is stopped and started over the same store
    later: 40                    days go by
    worker: true                 the worker's round (warnings, expiry)
    change: {flow: …, drop: [step], add: [{after: step, id: …, …}], options: {step: [kept options]}}
                                 somebody edits a flow, and the assistant is started again

beside it `by: name` (another person), `from: name` (whose message is pressed), `public: true` (others read along),
and what must be so afterwards:

    see / not: text or texts     that stand, or must not stand, in any of the messages that answered; `kind`, `verdict`,
                                 `buttons`
    asks: step                   the step that the open dialogue asks now; `null` when it asks nothing
    state: {flow, state, answers: {step: value}, count, language}    of the person's newest session in the store

Through Slack each is played by HTTP on SQLite, and once more on one of its other ways in turn (ON_SLACK): Socket Mode,
PostgreSQL, two instances. With SOMEGUIDE_TEST_MATRIX=full in the environment each is played on every way.

`needs: [old, file, …]` is found out from the steps; `channels: [core]` limits them; `both_stores: true` plays it on
PostgreSQL too.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
import structlog
import yaml
from sqlalchemy import select

from bot.answering.answerer import Answerer
from bot.dialogue.expiry import expire
from bot.dialogue.sessions import session_by_id
from bot.messages import File, Person
from bot.organisations import Organisations
from bot.service import Service, service
from bot.settings import Settings
from bot.store.tables import outbox, sessions
from bot.texts import say
from knowledge.flows import Flow
from knowledge.models import Language
from tests.channels.base import Act, Changeable, Channel, Seen
from tests.channels.core import Core
from tests.channels.slack import SENT, Slack, SlackSocket, SlackSocketTwo, SlackTwo
from tests.channels.teams import Teams, TeamsTwo
from tests.channels.terminal import Terminal
from tests.channels.web import Web
from tests.clients import installed
from tests.conftest import lexical_answerer

FOLDER = Path(__file__).with_name("scenarios")
CHANNELS: dict[str, type[Channel]] = {"core": Core, "terminal": Terminal, "web": Web, "teams": Teams, "slack": Slack}
ON_SLACK: dict[str, tuple[type[Channel], bool]] = {
    "socket": (SlackSocket, False),
    "two-postgresql": (SlackTwo, True),
    "socket-two-postgresql": (SlackSocketTwo, True),
}
"""Slack's other ways, and whether on PostgreSQL. Each scenario goes one of them, or, with MATRIX, all there are."""
ON_TEAMS: dict[str, tuple[type[Channel], bool]] = {"two-postgresql": (TeamsTwo, True)}
"""The same of Teams; every third scenario goes it."""
TEAMS_MATRIX: dict[str, tuple[type[Channel], bool]] = {"postgresql": (Teams, True), "two": (TeamsTwo, False)}
MATRIX: dict[str, tuple[type[Channel], bool]] = {"postgresql": (Slack, True), "socket-postgresql": (SlackSocket, True)}
WHOLE = os.environ.get("SOMEGUIDE_TEST_MATRIX") == "full"
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ACTS = ("say", "press", "fill", "file", "again", "together", "restart", "later", "worker", "change")
BESIDE = ("by", "from", "public", "old", "mention", "see", "not", "kind", "verdict", "buttons", "asks", "state")


@dataclass
class World:
    """One installation, on a clock of its own."""

    organisations: Changeable
    url: str
    channel_type: type[Channel]
    now: float = START.timestamp()
    draft_days: int = 30
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start(self) -> None:
        """Starts the assistant and the channel over the store as it is."""
        settings = Settings(database_url=self.url, semantic=False, draft_days=self.draft_days)
        self._open = AsyncExitStack()
        found = cast(Organisations, self.organisations)
        self.service: Service = await self._open.enter_async_context(service(settings, found, lambda: self.now))
        self.channel = self.channel_type(self.service)
        await self.channel.open()
        self._open.push_async_callback(self.channel.close)

    async def stop(self) -> None:
        """Stops both."""
        await self._open.aclose()


class Player:
    """Plays one scenario."""

    def __init__(self, scenario: dict[str, Any], world: World) -> None:
        self.scenario = scenario
        self.world = world
        self.seen: dict[str, list[Seen]] = {}
        self.event = 0
        self.last: tuple[dict[str, Any], str] | None = None
        self.answered: list[str] = []

    async def play(self) -> None:
        """Everything, in its order."""
        await self.world.start()
        try:
            for number, step in enumerate(self.scenario["steps"], 1):
                try:
                    await self._step(step)
                except AssertionError as error:
                    raise AssertionError(f"{self.scenario['title']}, step {number} {step}: {error}") from error
        finally:
            await self.world.stop()

    async def _step(self, step: dict[str, Any]) -> None:
        unknown = set(step) - {*ACTS, *BESIDE}
        assert not unknown, f"a scenario has no {unknown}"
        name = step.get("by", "Anna")
        if step.get("restart"):
            await self.world.stop()
            await self.world.start()
            answer: list[Seen] = []
        elif "later" in step:
            self.world.now += step["later"] * 86_400
            answer = []
        elif step.get("worker"):
            found = cast(Organisations, self.world.organisations)
            await expire(self.world.service.store, found, self.world.now, self.world.draft_days)
            answer = []
        elif "change" in step:
            self._change(step["change"])
            await self.world.stop()
            await self.world.start()
            answer = []
        elif "together" in step:
            each = await asyncio.gather(*(self._act(one, self._next()) for one in step["together"]))
            answer = [message for messages in each for message in messages]
        elif step.get("again"):
            assert self.last is not None
            name = self.last[0].get("by", "Anna")
            answer = await self._act(*self.last)
            assert [s.text for s in answer] == self.answered, "a second delivery must be answered with the same"
        else:
            self.last = (step, self._next())
            answer = await self._act(*self.last)
            self.answered = [s.text for s in answer]
        self._expect(step, answer)
        await self._expect_state(step, name)

    def _next(self) -> str:
        self.event += 1
        self.world.now += 60
        return f"e{self.event}"

    async def _act(self, step: dict[str, Any], event: str) -> list[Seen]:
        name = step.get("by", "Anna")
        listed = step.get("file") or []
        files = tuple(
            File(f["name"], f.get("type", "image/jpeg"), f.get("place", False), tuple(f.get("people", ())))
            for f in (listed if isinstance(listed, list) else [listed])
        )
        mentions = tuple(Person(identity, known) for known, identity in (step.get("mention") or {}).items())
        language = Language(self.scenario["language"])
        act = Act(
            name, self.scenario["org"], language, step.get("say", ""), files, mentions, step.get("public", False), event
        )
        channel = self.world.channel
        if "press" in step:
            before = self._showing(step, step["press"])
            answer = await channel.press(act, before, step["press"])
        elif "fill" in step:
            forms = [s for s in self.seen.get(name, []) if set(step["fill"]) <= set(s.fields) and s.submit]
            assert forms, (
                f"no form shows {list(step['fill'])}; fields: {[list(s.fields) for s in self.seen[name]][-3:]}"
            )
            answer = await channel.fill(act, forms[-1], step["fill"])
        else:
            answer = await channel.say(act)
        self.seen.setdefault(name, []).extend(answer)
        return answer

    def _showing(self, step: dict[str, Any], label: str) -> Seen:
        whose = step.get("from", step.get("by", "Anna"))
        found = [s for s in self.seen.get(whose, []) if label in s.labels]
        shown = [list(s.labels) for s in self.seen.get(whose, [])][-2:]
        assert found, f"nothing shows {label!r}; the last messages show {shown}"
        return found[0] if step.get("old") else found[-1]

    def _change(self, change: dict[str, Any]) -> None:
        organisation = self.scenario["org"]
        flow: Flow = self.world.organisations.knowledge(organisation).flows[change["flow"]]
        data = flow.model_dump(mode="json")
        for section in data["sections"]:
            section["steps"] = [s for s in section["steps"] if s["id"] not in change.get("drop", [])]
            for new in change.get("add", []):
                ids = [s["id"] for s in section["steps"]]
                if new["after"] in ids:
                    made = {k: v for k, v in new.items() if k != "after"}
                    section["steps"].insert(ids.index(new["after"]) + 1, made)
            for step in section["steps"]:
                kept = change.get("options", {}).get(step["id"])
                step["options"] = [o for o in step.get("options", ()) if kept is None or o["id"] in kept]
        self.world.organisations.change(organisation, Flow.model_validate(data))

    def _expect(self, step: dict[str, Any], answer: list[Seen]) -> None:
        everything = "\n---\n".join(message.text for message in answer)
        flat = " ".join(everything.split())
        for text in _listed(step.get("see")):
            assert " ".join(str(text).split()) in flat, f"not seen: {text!r}\nseen was:\n{everything}"
        for text in _listed(step.get("not")):
            assert str(text) not in flat, f"seen: {text!r}\nin:\n{everything}"
        if "kind" in step:
            kinds = [message.kind for message in answer if message.kind]
            assert not kinds or step["kind"] in kinds, f"kinds are {kinds}\n{everything}"
        if "verdict" in step:
            words = {say(language, f"verdict-{step['verdict']}") for language in Language}
            assert any(line.strip() in words for line in everything.splitlines()), f"no {words} in:\n{everything}"
        for label in _listed(step.get("buttons")):
            assert any(label in message.labels for message in answer), f"no button {label!r} in:\n{everything}"

    async def _expect_state(self, step: dict[str, Any], name: str) -> None:
        if "asks" not in step and "state" not in step:
            return
        person, organisation = self.world.channel.person(name), self.scenario["org"]
        async with self.world.service.store.transaction() as tx:
            number = await tx.scalar(
                select(sessions.c.id)
                .where(sessions.c.organisation == organisation, sessions.c.person == person)
                .order_by((sessions.c.state == "open").desc(), sessions.c.updated_at.desc(), sessions.c.id.desc())
                .limit(1)
            )
            session = await session_by_id(tx, organisation, int(number or 0))
            total = len(list(await tx.execute(select(sessions.c.id).where(sessions.c.person == person))))
        assert session is not None, f"{person} has no session"
        wanted = dict(step.get("state") or {})
        flow: Flow = self.world.organisations.knowledge(organisation).flows[session.flow]
        if "asks" in step:
            facts: dict[str, tuple[str, ...]] = {}
            if (flow.accounts and "why-another" in session.answers) or step["asks"] == "why-another":
                facts = {"account-exists": ("yes",)}
            asked = session.asked(flow, facts)
            assert (asked.id if asked else None) == step["asks"], f"asked is {asked.id if asked else None}"
        for key in ("flow", "state", "language"):
            if key in wanted:
                assert str(getattr(session, key)) == wanted.pop(key)
        kept = {i: a["value"] for i, a in session.answers.items()}
        if "count" in wanted:
            assert len(kept) == wanted.pop("count"), kept
        if "sessions" in wanted:
            assert total == wanted.pop("sessions")
        for step_id, value in (wanted.pop("answers", None) or {}).items():
            given = kept.get(step_id, "nothing")
            given = given["name"] if isinstance(given, dict) and not isinstance(value, dict) else given
            assert given == value, f"{step_id} is {given!r}"
        for key, value in (wanted.pop("written", None) or {}).items():
            assert session.answers[key]["written"] == value
        for text in _listed(wanted.pop("nowhere", None)):
            async with self.world.service.store.transaction() as tx:
                rows = [tuple(r) for table in (sessions, outbox) for r in await tx.execute(select(table))]
            assert text not in json.dumps(rows, ensure_ascii=False, default=str)
        assert not wanted, f"a state has no {list(wanted)}"


def _listed(given: Any) -> list[Any]:
    if given is None:
        return []
    return given if isinstance(given, list) else [given]


def _scenarios() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        for number, scenario in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")), 1):
            found.append((f"{path.stem}-{number}", scenario))
    return found


def needs(scenario: dict[str, Any]) -> set[str]:
    """What a channel must be able to do for a scenario."""
    steps = [one for step in scenario["steps"] for one in (step, *step.get("together", []))]
    found = {what for what in ("old", "fill", "file", "mention", "again", "public") if any(what in s for s in steps)}
    return found | ({"old"} if any("from" in s for s in steps) else set())


def channels(scenario: dict[str, Any]) -> list[str]:
    """Every channel that can carry a scenario; the assistant alone only where none of the others can show it all."""
    able = [name for name, kind in CHANNELS.items() if needs(scenario) <= kind.able]
    return [name for name in able if name in scenario.get("channels", able) and (name != "core" or "web" not in able)]


SCENARIOS = _scenarios()
PLAYED = [pytest.param(s, channel, id=f"{name}-{channel}") for name, s in SCENARIOS for channel in channels(s)]


@pytest.fixture(scope="session")
def answerers(organisations: Organisations) -> dict[str, Answerer]:
    """Every organisation's answerer on words alone."""
    make = lexical_answerer(organisations)
    return {name: make(name) for name in organisations.ids}


@pytest.fixture(scope="session", autouse=True)
def _slacks_own_types(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """After the last scenario: whatever was sent to Slack is what Slack's own types allow."""
    yield
    if installed() and SENT:
        assert SENT.objections(tmp_path_factory.mktemp("slack-types"))[:3000] == ""


@pytest.fixture(autouse=True)
def _quiet() -> None:
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())


@pytest.mark.parametrize(("scenario", "channel"), PLAYED)
async def test_scenario(scenario: dict[str, Any], channel: str, answerers: dict[str, Answerer], tmp_path: Path) -> None:
    world = World(Changeable(answerers), f"sqlite:///{tmp_path / 'store.db'}", CHANNELS[channel])
    await Player(scenario, world).play()


@pytest.mark.parametrize("scenario", [pytest.param(s, id=n) for n, s in SCENARIOS if s.get("both_stores")])
async def test_scenario_on_postgresql(
    scenario: dict[str, Any], answerers: dict[str, Answerer], postgres: Callable[[], str]
) -> None:
    await Player(scenario, World(Changeable(answerers), postgres(), Core)).play()


def _slacks_other_ways() -> list[Any]:
    """Each scenario that Slack can carry, with one of its other ways or with all of them."""
    carried = [(name, scenario) for name, scenario in SCENARIOS if "slack" in channels(scenario)]
    every, one = list({**ON_SLACK, **MATRIX}.items()), list(ON_SLACK.items())
    found = []
    for number, (name, scenario) in enumerate(carried):
        for way, (kind, there) in every if WHOLE else [one[number % len(one)]]:
            found.append(pytest.param(scenario, kind, there, id=f"{name}-slack-{way}"))
    return found


def _teams_other_ways() -> list[Any]:
    """Every third scenario that Teams can carry on its other way, or with MATRIX each on all."""
    carried = [(name, scenario) for name, scenario in SCENARIOS if "teams" in channels(scenario)]
    ways = {**ON_TEAMS, **TEAMS_MATRIX} if WHOLE else ON_TEAMS
    return [
        pytest.param(scenario, kind, there, id=f"{name}-teams-{way}")
        for name, scenario in carried[:: 1 if WHOLE else 3]
        for way, (kind, there) in ways.items()
    ]


@pytest.mark.parametrize(("scenario", "kind", "postgresql"), [*_slacks_other_ways(), *_teams_other_ways()])
async def test_scenario_on_other_ways(
    scenario: dict[str, Any],
    kind: type[Channel],
    postgresql: bool,
    answerers: dict[str, Answerer],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    url = request.getfixturevalue("postgres")() if postgresql else f"sqlite:///{tmp_path / 'store.db'}"
    await Player(scenario, World(Changeable(answerers), url, kind)).play()


def test_every_flow_has_a_scenario(organisations: Organisations) -> None:
    """Of each flow of each organisation, and all three languages for each kind of flow."""
    wanted = {(name, flow) for name in organisations.ids for flow in organisations.knowledge(name).flows}
    played = {
        (scenario["org"], step["state"]["flow"])
        for _, scenario in SCENARIOS
        for step in scenario["steps"]
        if "flow" in (step.get("state") or {})
    }
    assert wanted - played == set()
    for kind in {flow for _, flow in wanted}:
        spoken = {s["language"] for n, s in SCENARIOS if n.startswith(f"flow-{kind}")}
        assert spoken == {"sv", "fi", "en"} or kind == "close-account", (kind, spoken)


def test_a_broken_scenario_is_told(answerers: dict[str, Answerer], tmp_path: Path) -> None:
    scenario = {"title": "wrong", "org": "vara", "language": "sv", "steps": [{"say": "hej", "see": "no such words"}]}
    world = World(Changeable(answerers), f"sqlite:///{tmp_path / 'store.db'}", Core)
    with pytest.raises(AssertionError, match="not seen: 'no such words'"):
        asyncio.run(Player(scenario, world).play())


@pytest.mark.parametrize("name", ["flow-comment-3", "flow-photo-1"])
def test_a_script_has_the_same_conversation(name: str, tmp_path: Path) -> None:
    """The real command over standard input, a message a line, ended in the middle and gone on with."""
    scenario = dict(SCENARIOS)[name]
    lines = [str(step.get("say", step.get("press"))).replace("\n", " ") for step in scenario["steps"]]
    environment = os.environ | {
        "SOMEGUIDE_DATABASE_URL": f"sqlite:///{tmp_path / 'store.db'}",
        "SOMEGUIDE_LOG_LEVEL": "ERROR",
    }
    command = [str(Path(sys.executable).with_name("someguide")), "chat", "--org", scenario["org"], "--user", "Anna"]
    printed = ""
    for part in (lines[:2], lines[2:]):
        run = subprocess.run(
            [*command, "--language", scenario["language"]], input="\n".join(part) + "\n", env=environment,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
        assert "Traceback" not in run.stderr
        printed += run.stdout
    for step in scenario["steps"]:
        for text in _listed(step.get("see")):
            assert str(text) in " ".join(printed.split())

"""What people meet in Slack: a unit and its communications play it through, and what stands in Slack then is kept."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import aiohttp
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from adapters.slack import wire
from adapters.slack.manifest import PATH
from adapters.slack.mount import mount
from adapters.slack.sending import SlackWire
from bot.dialogue.sessions import open_session
from bot.organisations import Organisations
from bot.service import Service, service
from bot.settings import Settings
from bot.texts import say
from knowledge.flows import StepType
from knowledge.models import Language
from tests.fakes.slack import BOT, SECRET, TEAM, TOKEN, FakeSlack
from tests.fakes.slack_people import Http, Peer

ANNA, ERIK, BO = "U0ANNA", "U0ERIK", "U0BO"
REVIEW = "C0REVIEW"
WHERE = {Language.SV: "kyrkslatt", Language.FI: "aanekoski", Language.EN: "hango"}
LOCALE = {Language.SV: "sv-SE", Language.FI: "fi-FI", Language.EN: "en-GB"}
CHANNEL = {Language.SV: "sociala-medier", Language.FI: "some-pyynnöt", Language.EN: "social-media"}
ASKED = {
    "answer": {
        Language.SV: "Får jag lägga ut en bild på en kollega?",
        Language.FI: "Saanko julkaista kuvan työkaverista?",
        Language.EN: "May I publish a photo of a colleague?",
    },
    "strange": {
        Language.SV: "Vad kostar det att parkera på torget?",
        Language.FI: "Mitä pysäköinti torilla maksaa?",
        Language.EN: "What does parking at the square cost?",
    },
}
VAGUE = {
    Language.SV: ("bild", "konto", "kommentar", "ansvar", "film", "barn", "språk", "privat"),
    Language.FI: ("kuva", "tili", "kommentti", "vastuu", "video", "lapsi", "kieli", "yksityinen"),
    Language.EN: ("picture", "account", "comment", "responsible", "film", "child", "language", "private"),
}
"""Words of which one, at least, could be several things."""
REPLIED = {
    Language.SV: "Fråga tekniska kontoret: 09 296 71. Hälsningar, Bo",
    Language.FI: "Kysy teknisestä toimistosta: 014 519 1000. Terveisin Bo",
    Language.EN: "Ask the technical office: 019 220 31. Regards, Bo",
}
REASON = {
    Language.SV: "Skriv hur ni svarar under semestern.",
    Language.FI: "Kertokaa, kuka vastaa kesälomien aikana.",
    Language.EN: "Please say who answers during the holidays.",
}
ANSWERS = yaml.safe_load(Path(__file__).with_name("slack_answers.yaml").read_text(encoding="utf-8"))
YES = {Language.SV: "ja", Language.FI: "kyllä", Language.EN: "yes"}


@dataclass(frozen=True)
class Moment:
    """What stands in one place: messages of a conversation, a window, or a home view."""

    kind: str  # "messages", "modal", "home"
    title: str
    shown: list[dict[str, Any]]


@dataclass
class Town:
    """A unit, its manager and its communications, in Slack with the assistant."""

    slack: FakeSlack
    opened: Service
    adapter: wire.Slack
    people: Peer
    language: Language
    own: Language  # the organisation's first, in which its review channel is spoken to

    async def settle(self) -> None:
        """Until everything has arrived."""
        for _ in range(3):
            while await self.opened.outbox.deliver_due():
                pass
            await self.adapter._receiver.close()
        assert not self.slack.problems, self.slack.problems

    async def say(self, user: str, text: str) -> None:
        """Somebody writes to the assistant."""
        await self.people.say(user, text)
        await self.settle()

    async def press(self, user: str, label: str, channel: str | None = None) -> None:
        """Somebody presses the newest button of that label."""
        await self.people.press(user, label, channel)
        await self.settle()

    def private(self, user: str, last: int) -> Moment:
        """The end of somebody's conversation with the assistant, without what is in threads."""
        return Moment("messages", "Someguide", copy.deepcopy(_top(self.slack.private(user).messages)[-last:]))

    def review(self) -> Moment:
        """What stands in the review channel, without what is in the threads."""
        top = _top(self.slack.channels[REVIEW].messages)
        return Moment("messages", f"# {CHANNEL[self.own]}", copy.deepcopy(top[-1:]))

    def window(self, user: str) -> Moment:
        """Somebody's open window."""
        view = self.slack.modal(user)
        assert view is not None
        return Moment("modal", view["title"]["text"], [copy.deepcopy(view)])

    async def home(self, user: str) -> Moment:
        """Somebody's home view."""
        await self.people.open_home(user)
        await self.settle()
        return Moment("home", "Someguide", [copy.deepcopy(self.slack.homes[(TEAM, user)])])

    async def asked(self) -> tuple[str, StepType] | None:
        """The step that Anna is asked now."""
        organisation = WHERE[self.language]
        async with self.opened.store.transaction() as tx:
            session = await open_session(tx, organisation, f"slack:{TEAM}:{ANNA}")
        if session is None:
            return None
        step = session.asked(self.opened.organisations.knowledge(organisation).flows[session.flow], {})
        return (step.id, step.type) if step else None


def _top(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What stands in a conversation itself; of what has replies, how many."""
    found = []
    for message in messages:
        if message.get("thread_ts", message["ts"]) == message["ts"]:
            replies = [m for m in messages if m.get("thread_ts") == message["ts"] and m is not message]
            found.append({**message, "_replies": len(replies)})
    return found


@asynccontextmanager
async def town(organisations: Organisations, language: Language, folder: Path) -> AsyncIterator[Town]:
    """A Slack in which everybody speaks the language."""
    slack, own = FakeSlack(), organisations.knowledge(WHERE[language]).organisation.languages[0]
    for user, name in ((ANNA, "Anna Lind"), (ERIK, "Erik Eskola"), (BO, "Bo Berg")):
        slack.person(user, name, LOCALE[language])
    slack.channel(REVIEW, CHANNEL[own], [BO, BOT])
    async with AsyncExitStack() as stack:
        api = await slack.start()
        stack.push_async_callback(slack.stop)
        settings = Settings(
            _env_file=None,  # type: ignore[call-arg]
            database_url=f"sqlite:///{folder}/{language.value}.db",
            slack_bot_token=SecretStr(TOKEN),
            slack_signing_secret=SecretStr(SECRET),
            slack_organisation=WHERE[language],
            slack_review_channel=REVIEW,
            slack_api_url=api,
        )
        opened = await stack.enter_async_context(service(settings, organisations))
        app = web.Application()
        close = await mount(app, opened)
        assert close is not None
        stack.push_async_callback(close)
        cast(SlackWire, opened.outbox.wires["slack"])._posting.pace.wait = lambda *_: 0.0  # type: ignore[method-assign]
        server = TestServer(app, host="127.0.0.1")
        await server.start_server()
        stack.push_async_callback(server.close)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        people = Peer(slack, Http(session, str(server.make_url(PATH))))
        adapter = cast(wire.Slack, close.__self__)  # type: ignore[attr-defined]
        yield Town(slack, opened, adapter, people, language, own)


async def moments(organisations: Organisations, language: Language, folder: Path) -> dict[str, Moment]:
    """The main messages, windows and views of one language, by what they are."""
    found: dict[str, Moment] = {}
    async with town(organisations, language, folder) as here:
        for name, texts in ASKED.items():
            await here.say(ANNA, texts[language])
            found[name] = here.private(ANNA, 2)
        await _handed_over(here, found)
        await _asked_back(here, found)
        await _requested(here, found)
        await _reviewed(here, found)
        found["home-staff"], found["home-reviewer"] = await here.home(ANNA), await here.home(BO)
    return found


async def _asked_back(here: Town, found: dict[str, Moment]) -> None:
    """A word that could be several things is asked back about."""
    none = say(here.language, "none")
    for word in VAGUE[here.language]:
        await here.say(ANNA, word)
        found["choose"] = here.private(ANNA, 2)
        if none in here.people.labels(here.slack.private(ANNA).id):
            return


async def _handed_over(here: Town, found: dict[str, Moment]) -> None:
    """The question that nothing answers goes to communications, and their answer comes back."""
    await here.press(ANNA, say(here.language, "handover-button-ask"))
    found["handover-card"] = here.review()
    await here.press(BO, say(here.own, "handover-button-answer"), REVIEW)
    await here.people.submit(BO, reason=REPLIED[here.language])
    await here.settle()
    found["handover-answer"] = here.private(ANNA, 2)


async def _requested(here: Town, found: dict[str, Moment]) -> None:
    """A checklist: some steps in the conversation, a section as a form, the summary."""
    await here.people.shortcut(ANNA, "open-account")
    await here.settle()
    await _answer(here, lambda name: name == "account-name")
    found["step"] = here.private(ANNA, 3)
    await here.press(ANNA, say(here.language, "button-form"))
    await _wrongly_filled(here)
    found["form"] = here.window(ANNA)
    await here.people.close(ANNA)
    await here.settle()
    await _answer(here, lambda name: False)
    found["summary"] = here.private(ANNA, 1)


async def _wrongly_filled(here: Town) -> None:
    """The section is sent with a value that will not do, so that the window says so at its field."""
    view = here.slack.modal(ANNA)
    assert view is not None
    kept = ANSWERS[here.language.value]
    for block in [b for b in view["blocks"] if b["type"] == "input"]:
        if block["element"]["type"] == "plain_text_input" and block["block_id"] in kept:
            await here.people.enter(ANNA, block["block_id"], kept[block["block_id"]])
    name = next(b["block_id"] for b in view["blocks"] if b["type"] == "input" and b["block_id"] == "account-name")
    await here.people.enter(ANNA, name, "")
    reply = await here.people.submit(ANNA)
    window = here.slack.modal(ANNA)
    assert window is not None
    wrong = reply.body.get("errors", {}) if isinstance(reply.body, dict) else {}
    for block in window["blocks"]:
        state = window["state"]["values"].get(block.get("block_id"), {})
        if block["type"] == "input":
            block["element"]["_state"] = next(iter(state.values()), {})
        if block.get("block_id") in wrong:
            block["_error"] = wrong[block["block_id"]]


async def _answer(here: Town, stops: Callable[[str], bool]) -> None:
    """Answers step by step, in writing."""
    for _ in range(60):
        step = await here.asked()
        if step is None or stops(step[0]):
            return
        await here.say(ANNA, ANSWERS[here.language.value].get(step[0], YES[here.language]))
    raise AssertionError("the checklist has no end")


async def _reviewed(here: Town, found: dict[str, Moment]) -> None:
    """The request is filed, agreed where a manager must, taken, and returned with a reason."""
    await here.press(ANNA, say(here.language, "button-submit"))
    found["filed"] = here.private(ANNA, 1)
    agree = say(here.language, "request-button-agree")
    if agree in here.people.labels(here.slack.private(ERIK).id):
        found["manager"] = here.private(ERIK, 1)
        await here.press(ERIK, agree)
    await here.press(BO, say(here.own, "request-button-take"), REVIEW)
    found["review"] = here.review()
    await here.press(BO, say(here.own, "request-button-return"), REVIEW)
    found["reason"] = here.window(BO)
    await here.people.submit(BO, reason=REASON[here.language])
    await here.settle()
    found["returned"] = here.private(ANNA, 1)

"""A municipality for the tests of filing: its people, its finished checklists, and platforms that fail as they do."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import select

from bot.answering.answerer import Answerer
from bot.assistant import Assistant
from bot.channels import Address, RetryLater
from bot.dialogue.replies import Answer, read_value
from bot.dialogue.sessions import Session, save
from bot.filing.filing import Filing
from bot.filing.reconcile import Difference, differences
from bot.filing.requests import Request, by_reference
from bot.messages import Incoming, Outgoing, Person
from bot.organisations import Organisations
from bot.outbox import Delivery, Outbox
from bot.settings import OrganisationFiling, ReviewConversation, Settings
from bot.store.store import Store
from bot.store.tables import outbox
from knowledge.flows import Flow, Step, StepType
from knowledge.loader import Knowledge, load
from knowledge.models import Language

START = 1_790_000_000.0  # 21 September 2026
ORG = "nykvarn"


class Clock:
    """A clock that goes only when told."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@dataclass
class Post:
    """A message as the fake platform shows it."""

    place: str
    text: str
    outgoing: Outgoing


@dataclass
class Platform:
    """A chat platform: what it shows, and how it fails. `once` names a delivery; a second of one name is refused."""

    posts: dict[int, Post] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    faults: Callable[[str, Outgoing], Exception | None] = lambda place, outgoing: None
    lost: Callable[[], bool] = lambda: False
    calls: int = 0
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def send(
        self, address: Address, outgoing: Outgoing, before: Address | None, once: str, again: bool = False
    ) -> Address:
        """See bot.channels.Wire."""
        self.calls += 1
        place = str(address.get("place") or address.get("to") or address.get("organisation"))
        fault = self.faults(place, outgoing)
        if fault:
            raise fault
        if once in self.names:
            number = self.names[once]
        elif before and before["post"] in self.posts:
            number = before["post"]
            self.posts[number] = Post(place, outgoing.text, outgoing)
        else:
            number = next(self._ids)
            self.posts[number] = Post(place, outgoing.text, outgoing)
        self.names[once] = number
        if self.lost():
            raise RetryLater("the answer was lost")
        return {"post": number}

    async def private(self, organisation: str, person: str) -> Address:
        """See bot.channels.Wire."""
        return {"place": person}

    def at(self, place: str, key: str | None = None) -> list[Post]:
        """What stands in a place."""
        return [p for p in self.posts.values() if p.place == place and (key is None or p.outgoing.key == key)]


class Unread:
    """The organisations without their indexes: for what only presses, and never asks a question."""

    def knowledge(self, organisation: str) -> Knowledge:
        """See bot.organisations.Organisations."""
        return self.answerer(organisation).knowledge

    @cache  # noqa: B019 - lives as long as its process
    def answerer(self, organisation: str) -> Answerer:
        """See bot.organisations.Organisations; it cannot answer."""
        made = Answerer.__new__(Answerer)
        object.__setattr__(made, "knowledge", load(organisation))
        return made


class Members:
    """Reviewers as a platform knows them."""

    def __init__(self, *people: str) -> None:
        self.people = people

    async def is_reviewer(self, organisation: str, person: str) -> bool:
        """See bot.filing.rights.Membership."""
        return organisation == ORG and person in self.people


def settings(**filing: Any) -> Settings:
    """Settings with a review channel on the fake platform."""
    own = OrganisationFiling(
        reviewers=("chat:rita", "chat:roy"),
        review=(ReviewConversation(conversation="chat:review", address={"place": "chat:review"}),),
        **filing,
    )
    return Settings(filing={ORG: own}, _env_file=None)


@dataclass
class Town:
    """One instance of Someguide over a store."""

    organisations: Organisations
    settings: Settings
    store: Store
    filing: Filing
    assistant: Assistant
    outbox: Outbox
    platform: Platform
    clock: Clock
    url: str

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        organisations: Organisations,
        url: str,
        given: Settings | None = None,
        platform: Platform | None = None,
        clock: Clock | None = None,
        store: Store | None = None,
    ) -> AsyncIterator[Town]:
        """Opens it; several over one address are several instances."""
        made, going = given or settings(), clock or Clock()
        opened = store or await Store.open(url)
        shown = platform or Platform()
        filing = Filing(made, opened, organisations.knowledge, going)
        box = Outbox(opened, {"chat": shown, "mail": shown, "webhook": shown}, going)
        box.on_parked = filing.parked
        assistant = Assistant(organisations.answerer, opened, filing, clock=going)
        try:
            yield cls(organisations, made, opened, filing, assistant, box, shown, going, url)
        finally:
            await opened.close()

    # -- people --------------------------------------------------------------------------------------------------

    async def take(self, who: str, text: str = "", choice: str | None = None, **more: Any) -> list[Delivery]:
        """Somebody ("chat:anna") writes or presses; in their private conversation unless `where` says another."""
        channel, name = who.split(":", 1)
        where = more.pop("where", who)
        address = {} if channel in ("web", "terminal") else {"place": where}
        reason = more.pop("reason", None)
        form = {"reason": reason} if reason is not None else more.pop("form", None)
        language = more.pop("language", Language.EN)
        incoming = Incoming(
            more.pop("org", ORG), where, text, language, choice, Person(who, more.pop("name", name.title())),
            private=where == who, address=address, form=form, **more,
        )  # fmt: skip
        return await self.assistant.take(incoming)

    async def said(self, who: str, text: str = "", choice: str | None = None, **more: Any) -> list[Outgoing]:
        """What the person is shown for it."""
        return [d.outgoing for d in await self.take(who, text, choice, **more)]

    async def press(self, who: str, reference: str, verb: str, **more: Any) -> list[Outgoing]:
        """A press of a request's button."""
        return await self.said(who, choice=f"req:{reference}:{verb}", **more)

    async def review(self, who: str, reference: str, verb: str, **more: Any) -> list[Outgoing]:
        """The same in the review channel."""
        return await self.press(who, reference, verb, where="chat:review", **more)

    # -- checklists ------------------------------------------------------------------------------------------------

    async def draft(self, who: str, flow: str = "open-account", org: str = ORG, **answers: Any) -> Session:
        """A finished checklist of a person that has not been submitted."""
        known = self.organisations.knowledge(org).flows[flow]
        session = Session(org, who, who, flow, Language.EN, steps=[s.id for s in known.steps])
        session.answers = filled(known, **answers)
        session.turn = 1
        async with self.store.transaction() as tx:
            await save(tx, session, self.clock())
        return session

    async def submit(self, who: str, session: Session, **more: Any) -> list[Outgoing]:
        """Presses "Submit" under the summary."""
        return await self.said(who, choice=f"s:{session.id}:submit:{session.turn}", **more)

    async def file(self, who: str = "chat:anna", flow: str = "open-account", **answers: Any) -> str:
        """A checklist that is filed or waits for the manager. Returns its reference."""
        session = await self.draft(who, flow, **answers)
        replies = await self.submit(who, session)
        assert replies[-1].key is not None, [r.text for r in replies]
        return replies[-1].key.removeprefix("request:")

    async def filed(self, who: str = "chat:anna", **answers: Any) -> str:
        """A request whose manager has agreed."""
        reference = await self.file(who, **answers)
        await self.press("chat:maria", reference, "agree")
        return reference

    # -- what is there ---------------------------------------------------------------------------------------------

    async def request(self, reference: str, org: str = ORG) -> Request:
        """A request."""
        async with self.store.transaction() as tx:
            found = await by_reference(tx, org, reference)
        assert found is not None
        return found

    async def differences(self, org: str = ORG) -> list[Difference]:
        """What reconcile finds."""
        async with self.store.transaction() as tx:
            return await differences(tx, org)

    async def rows(self, *where: Any) -> list[Any]:
        """Rows of the outbox."""
        async with self.store.transaction() as tx:
            return list(await tx.execute(select(outbox).where(*where).order_by(outbox.c.id)))

    async def deliver(self, rounds: int = 200, step: float = 4000.0) -> None:
        """Delivers until nothing is left; the clock is moved on to what is due later."""
        quiet = 0
        for _ in range(rounds):
            quiet = 0 if await self.outbox.deliver_due() else quiet + 1
            if quiet and not await self.rows(outbox.c.state == "waiting", outbox.c.channel.in_(self.outbox.wires)):
                return
            self.clock.now += step if quiet else 0.0
        raise AssertionError("the outbox does not drain")


def filled(flow: Flow, **answers: Any) -> dict[str, dict[str, Any]]:
    """An answer to every step that is asked unless another answer is given (underscores stand for hyphens)."""
    given = {key.replace("_", "-"): value for key, value in answers.items()}
    made = {}
    for step in flow.steps:
        value = given.get(step.id, _value(step, flow))
        read = read_value(step, value, Language.EN) if not isinstance(value, Answer) else value
        assert isinstance(read, Answer), (step.id, value, read)
        made[step.id] = read.as_json()
    return made


def _value(step: Step, flow: Flow) -> Any:
    if step.id == flow.approver:
        return {"id": "chat:maria", "name": "Maria Virtanen"}
    if step.type is StepType.CHOICE:
        return step.options[0].id
    if step.type is StepType.CHOICES:
        return [o.id for o in step.options[: step.least or 1]]
    return {
        StepType.YES_NO: "yes",
        StepType.CONFIRM: "yes",
        StepType.DATE: "2026-06-01" if step.past else "2030-06-01",
        StepType.NUMBER: "3",
        StepType.ADDRESS: "https://nykvarn.example/page",
        StepType.PERSON: {"id": None, "name": "Kalle Karlsson"},
    }.get(step.type, f"About {step.id} of the unit, in words that are long enough.")

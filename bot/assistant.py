"""One turn: an incoming message is handled in one transaction, which writes the state and the outgoing messages.

When `take` returns, the turn is committed: the platform can be acknowledged, and the outbox sends. A message that
comes a second time (same event) changes nothing and is answered with the same deliveries.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter, time
from typing import Any, Protocol

import structlog
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answering.answerer import Answerer
from bot.answering.text import plain
from bot.answers import NONE, Answers, Reading, read
from bot.commands import Command, command, starts_flow
from bot.dialogue.dialogue import Dialogue
from bot.dialogue.talk import Talk
from bot.messages import Incoming, Kind, Outgoing
from bot.metrics import TURN_SECONDS, TURNS
from bot.outbox import Delivery, Destination, deliveries, put
from bot.privacy import without_numbers
from bot.store.store import Store
from bot.store.tables import conversations, events, people
from bot.texts import say
from knowledge.models import Language

log = structlog.get_logger()
CHANNELS = ("slack", "teams", "web", "terminal")
PRESSED_COMMANDS = ("home", "requests", "drafts", "help")
"""Commands that a channel may offer to press, as the choice of that name."""
SYNCHRONOUS = ("web", "terminal", "ask")
"""Channels whose replies leave with the answer to the request itself."""


class Filing(Protocol):
    """What the assistant leaves to filing: everything about requests, reviews, the register and handovers."""

    async def submit(self, turn: Turn, talk: Talk) -> list[Outgoing]:
        """Files the checklist of an open session; changes the session's state and leaves keeping it to the caller."""

    async def press(self, turn: Turn, action: str) -> list[Outgoing] | None:
        """A pressed button of filing; None when the action is none of its own."""

    async def say(self, turn: Turn, known: Command) -> list[Outgoing] | None:
        """A command of filing (home, my requests, …); None when it is none."""

    async def reply(self, turn: Turn) -> list[Outgoing] | None:
        """A typed text that filing is waiting for (a reason, an answer to a handover); None when it waits for none."""

    def offer(self, outgoing: Outgoing) -> Outgoing:
        """Adds to an answer what filing offers under it (ask a person, helpful or not)."""

    async def heard(self, turn: Turn, replies: list[Outgoing]) -> None:
        """Is told of every turn's replies before they are kept (what was not answered is counted)."""


@dataclass
class Conversation:
    """What is remembered of a conversation between two messages."""

    language: Language | None
    answered_in: Language | None
    offered: list[tuple[str, str]]  # action and label of what could be pressed last: topics and buttons
    asked: dict[str, Any] | None


@dataclass
class Turn:
    """What one turn works with."""

    incoming: Incoming
    tx: AsyncConnection
    answers: Answers
    conversation: Conversation
    now: float
    reading: Reading | None = None
    draft_days: int = 30

    @property
    def organisation(self) -> str:
        """The organisation's id."""
        return self.incoming.organisation

    @property
    def person(self) -> str:
        """Who is talking; a conversation without a known person stands for its one."""
        return self.incoming.person.id if self.incoming.person else self.incoming.conversation

    @property
    def name(self) -> str:
        """The person's name as the channel knows it."""
        return self.incoming.person.name if self.incoming.person else ""

    def say(self, message: str, **values: str | int) -> str:
        """A message of the interface in the turn's language."""
        return say(self.answers.language, message, **values)

    def notice(self, message: str, **values: str | int) -> Outgoing:
        """A short word to the person."""
        return Outgoing(Kind.NOTICE, self.answers.language, self.say(message, **values))


class Assistant:
    """Handles messages for every organisation whose answerer it can get."""

    def __init__(
        self,
        answerer: Callable[[str], Answerer],
        store: Store,
        filing: Filing | None = None,
        clock: Callable[[], float] = time,
        wake: Callable[[], None] = lambda: None,
        draft_days: int = 30,
    ) -> None:
        self._answerer = answerer
        self.store = store
        self.filing = filing
        self.clock = clock
        self.wake = wake
        self.draft_days = draft_days

    async def take(self, incoming: Incoming) -> list[Delivery]:
        """Handles one message. Raises UnknownOrganisation, or StoreUnavailable when nothing could be kept."""
        began = perf_counter()
        answerer = self._answerer(incoming.organisation)
        reading = await self._read(answerer, incoming)
        about = [incoming.conversation, *([incoming.person.id] if incoming.person else [])]
        async with self.store.transaction(*(f"{incoming.organisation}/{name}" for name in about)) as tx:
            done = await self._first_time(tx, incoming)
            if done is not None:
                return await deliveries(tx, done)
            turn = await self._turn(tx, answerer, incoming, reading)
            try:
                async with tx.begin_nested():
                    replies = await self._replies(turn)
                    if self.filing:
                        await self.filing.heard(turn, replies)
            except Exception as error:
                if self.store.lost(error):
                    raise
                log.exception("turn_failed", organisation=incoming.organisation)
                text = turn.say("error")
                replies = [Outgoing(Kind.HELP, turn.answers.language, text, contact=turn.answers.contact())]
            made = await self._write(turn, replies)
        self.wake()
        channel = incoming.conversation.split(":", 1)[0]
        kind = made[0].outgoing.kind.value if made else "none"
        channel = channel if channel in CHANNELS else "other"
        TURNS.labels(incoming.organisation, channel, kind).inc()
        TURN_SECONDS.labels(channel).observe(perf_counter() - began)
        log.info(
            "turn",
            organisation=incoming.organisation,
            kind=",".join(d.outgoing.kind.value for d in made),
            topic=made[0].outgoing.topic if made else None,
        )
        return made

    def welcome(self, organisation: str, language: Language | None = None) -> Outgoing:
        """The first message of a conversation: what can be asked. Raises UnknownOrganisation."""
        answerer = self._answerer(organisation)
        chosen = language or answerer.knowledge.organisation.languages[0]
        return Answers(answerer, chosen).command(Command("hello", chosen))

    # -- before and after ----------------------------------------------------------------------------------------

    async def _read(self, answerer: Answerer, incoming: Incoming) -> Reading | None:
        """What the text would be as a question; read before the transaction, since it takes some milliseconds."""
        known = command(incoming.text)
        if incoming.choice is not None or (known and known.exact and not known.dialogue):
            return None
        try:
            return await asyncio.to_thread(read, answerer, incoming.text)
        except Exception:
            log.exception("reading_failed", organisation=incoming.organisation)
            return None

    async def _first_time(self, tx: AsyncConnection, incoming: Incoming) -> list[int] | None:
        """None for a new event, which is noted; the ids of its deliveries for one that was handled before."""
        if incoming.event is None:
            return None
        made = await tx.execute(
            self._insert(events)
            .values(event=self._event(incoming), deliveries=[], at=self.clock())
            .on_conflict_do_nothing()
        )
        if made.rowcount:
            return None
        found = await tx.execute(select(events.c.deliveries).where(events.c.event == self._event(incoming)))
        return list(found.scalar_one())

    @staticmethod
    def _event(incoming: Incoming) -> str:
        return f"{incoming.organisation}/{incoming.event}"[:255]

    def _insert(self, table: Any) -> Any:
        return sqlite.insert(table) if self.store.embedded else postgresql.insert(table)

    async def _turn(self, tx: AsyncConnection, answerer: Answerer, incoming: Incoming, reading: Reading | None) -> Turn:
        found = await tx.execute(
            select(conversations).where(
                conversations.c.organisation == incoming.organisation,
                conversations.c.conversation == incoming.conversation,
            )
        )
        row = found.first()
        conversation = (
            Conversation(
                Language(row.language) if row.language else None,
                Language(row.answered_in) if row.answered_in else None,
                [(topic, label) for topic, label in row.offered],
                row.asked,
            )
            if row
            else Conversation(None, None, [], None)
        )
        setting = conversation.language or incoming.language or answerer.knowledge.organisation.languages[0]
        return Turn(incoming, tx, Answers(answerer, setting), conversation, self.clock(), reading, self.draft_days)

    async def _write(self, turn: Turn, replies: list[Outgoing]) -> list[Delivery]:
        incoming = turn.incoming
        made = [await self._reply(turn, reply) for reply in replies]
        await self._remember(turn, replies)
        if incoming.event is not None:
            ids = [d.id for d in made]
            await turn.tx.execute(update(events).where(events.c.event == self._event(incoming)).values(deliveries=ids))
        return made

    async def _reply(self, turn: Turn, reply: Outgoing) -> Delivery:
        """Into the conversation it answers; what is private, into the person's private one."""
        incoming = turn.incoming
        here = Destination(incoming.conversation, incoming.address)
        if reply.private and not incoming.private:
            here = await private_destination(turn.tx, turn.organisation, turn.person)
        sent = here.channel in SYNCHRONOUS
        return await put(turn.tx, turn.organisation, here, reply, turn.now, sent=sent)

    async def _remember(self, turn: Turn, replies: list[Outgoing]) -> None:
        incoming, conversation = turn.incoming, turn.conversation
        offered = _offered(replies) or [list(pair) for pair in conversation.offered]
        values = {
            "language": conversation.language.value if conversation.language else None,
            "answered_in": replies[-1].language.value if replies else None,
            "offered": offered,
            "asked": conversation.asked,
            "seen_at": turn.now,
        }
        keys = {"organisation": incoming.organisation, "conversation": incoming.conversation}
        await turn.tx.execute(
            self._insert(conversations)
            .values(**keys, **values)
            .on_conflict_do_update(index_elements=list(keys), set_=values)
        )
        if incoming.person is not None:
            await self._meet(turn)

    async def _meet(self, turn: Turn) -> None:
        """Keeps how a person can be reached, as long as they use the assistant."""
        incoming = turn.incoming
        assert incoming.person is not None  # noqa: S101 - said by the caller
        values: dict[str, Any] = {"name": incoming.person.name, "seen_at": turn.now}
        if incoming.language:
            values["language"] = incoming.language.value
        if incoming.private:
            values |= {"conversation": incoming.conversation, "address": incoming.address}
        keys = {"organisation": incoming.organisation, "person": incoming.person.id}
        await turn.tx.execute(
            self._insert(people).values(**keys, **values).on_conflict_do_update(index_elements=list(keys), set_=values)
        )

    # -- what a message can be -------------------------------------------------------------------------------------

    async def _replies(self, turn: Turn) -> list[Outgoing]:
        dialogue = Dialogue(turn, self.filing)
        expired = await dialogue.expire_overdue()
        return [*expired, *await self._understood(turn, dialogue)]

    async def _understood(self, turn: Turn, dialogue: Dialogue) -> list[Outgoing]:
        if turn.incoming.choice is not None:
            return await self._pressed(turn, dialogue, turn.incoming.choice)
        pressed = _typed_button(turn.incoming.text, turn.conversation)
        if pressed:
            action, reason = pressed
            turn.incoming = replace(turn.incoming, choice=action, form={"reason": reason} if reason else None)
            return await self._pressed(turn, dialogue, action)
        waiting = await self.filing.reply(turn) if self.filing else None
        if waiting is not None:
            return waiting
        known = command(turn.incoming.text)
        if known:
            said = await self._said(turn, dialogue, known)
            if said is not None:
                return said
        answered = await dialogue.reply()
        if answered is not None:
            return answered
        if turn.incoming.files:
            started = await dialogue.with_files()
            if started is not None:
                return started
        picked = _picked(turn.incoming.text, turn.conversation)
        if picked:
            return [self._offer(turn, turn.answers.chosen(picked, turn.conversation.answered_in))]
        flow = starts_flow(turn.incoming.text, turn.answers.knowledge.flows.values())
        if flow:
            turn.answers.language = turn.answers.supported(flow[1])
            return await dialogue.start(flow[0])
        return [self._question(turn)]

    def _question(self, turn: Turn) -> Outgoing:
        if turn.reading is None:
            return Outgoing(Kind.HELP, turn.answers.language, turn.say("error"), contact=turn.answers.contact())
        reading = turn.reading
        return self._offer(turn, turn.answers.answer(reading), question=turn.incoming.text)

    def _offer(self, turn: Turn, outgoing: Outgoing, question: str = "") -> Outgoing:
        """Remembers what was asked and said, so that it can be handed over, and adds what filing offers."""
        if outgoing.kind in (Kind.ANSWER, Kind.SILENT, Kind.HANDOVER, Kind.CHOOSE):
            before = turn.conversation.asked or {}
            turn.conversation.asked = {
                "question": without_numbers(plain(question))[:2000] or before.get("question", ""),
                "said": outgoing.text[:2000],
                "topic": outgoing.topic,
                "kind": outgoing.kind.value,
            }
        return self.filing.offer(outgoing) if self.filing else outgoing

    async def _said(self, turn: Turn, dialogue: Dialogue, known: Command) -> list[Outgoing] | None:
        done = await dialogue.say(known)
        if done is not None:
            return done
        done = await self.filing.say(turn, known) if self.filing else None
        if done is not None:
            return done
        if known.dialogue:
            return None
        outgoing = turn.answers.command(known)
        if known.name.startswith("language-"):
            turn.conversation.language = outgoing.language
            return [outgoing, *await dialogue.again(outgoing.language)]
        return [outgoing, *await dialogue.again()]

    async def _pressed(self, turn: Turn, dialogue: Dialogue, action: str) -> list[Outgoing]:
        language = turn.incoming.language or turn.conversation.answered_in
        if language:
            turn.answers.language = turn.answers.supported(language)
        if action.startswith("s:"):
            return await dialogue.press(action)
        if action.startswith("flow:"):
            return await dialogue.start(action.removeprefix("flow:"))
        if action in PRESSED_COMMANDS:
            said = await self._said(turn, dialogue, Command(action, turn.answers.language))
            if said is not None:
                return said
        done = await self.filing.press(turn, action) if self.filing else None
        if done is not None:
            return done
        return [self._offer(turn, turn.answers.chosen(action, language))]


async def private_destination(tx: AsyncConnection, organisation: str, person: str) -> Destination:
    """A person's private conversation; one that is not known yet is opened by the channel's wire when it sends."""
    found = await tx.execute(
        select(people.c.conversation, people.c.address).where(
            people.c.organisation == organisation, people.c.person == person
        )
    )
    row = found.first()
    if row and row.conversation:
        return Destination(row.conversation, dict(row.address or {}))
    return Destination(person, {"person": person})


def _offered(replies: list[Outgoing]) -> list[list[str]]:
    """What the replies offer to press: a button's action, or a topic, each with its label."""
    found: list[list[str]] = []
    for reply in replies:
        found += [[choice.topic, choice.label] for choice in (*reply.choices, *reply.related)]
        found += [[button.action, button.label] for button in reply.buttons]
        found += [[b.action, b.label] for group in reply.groups for entry in group.entries for b in entry.buttons]
        found += [[row.change.action, row.change.label] for row in reply.rows if row.change]
    return found


def _typed_button(text: str, conversation: Conversation) -> tuple[str, str] | None:
    """The action of the button whose label was typed, and what stands after a colon ("Reject: because …")."""
    label, _, reason = text.partition(":")
    for said, rest in ((plain(text), ""), (plain(label), reason.strip())):
        wanted = said.strip(" .").lower()
        for action, known in conversation.offered:
            if wanted and ":" in action and plain(known).lower() == wanted:
                return action, rest
    return None


def _picked(text: str, conversation: Conversation) -> str | None:
    """The offered topic that a typed number or label names, or NONE."""
    said = plain(text).strip(" .)").lower()
    topics = [(action, label) for action, label in conversation.offered if ":" not in action]
    if topics and conversation.answered_in and said == plain(say(conversation.answered_in, "none")).lower():
        return NONE
    if said.isdigit() and 1 <= int(said) <= len(topics):
        return topics[int(said) - 1][0]
    return next((topic for topic, label in topics if plain(label).lower() == said), None)

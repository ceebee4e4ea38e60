"""One turn: an incoming message is handled in one transaction, which writes the state and the outgoing messages.

When `take` returns, the turn is committed: the platform can be acknowledged, and the outbox sends. A message that
comes a second time (same event) changes nothing and is answered with the same deliveries.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import perf_counter, time
from typing import Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import asked
from bot.answering.answerer import Answerer, Decision
from bot.answering.text import plain
from bot.answers import Answers, Reading, read
from bot.channels import RetryLater
from bot.commands import Command, command, starts_flow
from bot.dialogue.dialogue import Dialogue
from bot.dialogue.talk import Talk
from bot.followups import goes_on_from, with_before
from bot.memory import Conversation, Recalled, handled, note, private_destination, recall, remember, speak
from bot.messages import Incoming, Kind, Outgoing
from bot.metrics import TURN_SECONDS, TURNS
from bot.offered import picked_topic, typed_button
from bot.outbox import Delivery, Destination, Lease, Outbox, deliveries, put
from bot.privacy import without_numbers
from bot.readings import Readings
from bot.store.store import Store
from bot.texts import say
from knowledge.models import Language

log = structlog.get_logger()
CHANNELS = ("slack", "teams", "web", "terminal")
PRESSED_COMMANDS = ("home", "requests", "drafts", "help", "hello")
"""Commands that a channel may offer to press, as the choice of that name."""
KEEP = "keep:"
"""Before the action of a form that was not sent: what stands in it, to be kept."""
ANSWERS = frozenset({Kind.ANSWER, Kind.SILENT, Kind.HANDOVER, Kind.CHOOSE})
"""What answers a question, or tries to."""
SYNCHRONOUS = ("web", "terminal", "ask")
"""Channels whose replies leave with the answer to the request itself."""


Reviewing = dict[str, bool | RetryLater]
"""Whether people review for the organisation of a message, as far as that was asked; or why it cannot be said."""


class _HandledElsewhere(Exception):
    """Another instance has handled the same event meanwhile: nothing of this turn is kept."""


class Filing(Protocol):
    """What the assistant leaves to filing: everything about requests, reviews, the register and handovers."""

    async def reviewing(self, incoming: Incoming) -> Reviewing:
        """Whether the sender reviews, where the message may turn on it: asked before the transaction, since a channel
        may have to ask its platform."""

    async def submit(self, turn: Turn, talk: Talk) -> list[Outgoing]:
        """Files the checklist of an open session; changes the session's state and leaves keeping it to the caller."""

    async def press(self, turn: Turn, action: str) -> list[Outgoing] | None:
        """A pressed button of filing; None when the action is none of its own."""

    async def say(self, turn: Turn, known: Command) -> list[Outgoing] | None:
        """A command of filing (home, my requests, …); None when it is none."""

    async def reply(self, turn: Turn) -> list[Outgoing] | None:
        """A typed text that filing is waiting for (a reason, an answer to a handover); None when it waits for none."""

    def offer(self, outgoing: Outgoing, key: str) -> Outgoing:
        """Adds to an answer what filing offers under it (ask a person, helpful or not); `key` names the question."""

    async def heard(self, turn: Turn, replies: list[Outgoing]) -> None:
        """Is told of every turn's replies before they are kept (what was not answered is counted)."""


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
    known: Recalled = field(default_factory=Recalled)
    reviewing: Reviewing = field(default_factory=dict)
    elsewhere: list[Delivery] = field(default_factory=list)  # what was written beside the replies

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
        outbox: Outbox | None = None,
    ) -> None:
        """`outbox`: the worker of this process, which sends the replies as soon as they are committed."""
        self._answerer = answerer
        self.store = store
        self.filing = filing
        self.clock = clock
        self.wake = outbox.wake if outbox else wake
        self.outbox = outbox
        self._readings = Readings()
        self._continued = Readings()  # of messages together with the question before them
        self.draft_days = draft_days

    async def take(self, incoming: Incoming) -> list[Delivery]:
        """Handles one message. Raises UnknownOrganisation, or StoreUnavailable when nothing could be kept."""
        began = perf_counter()
        answerer = self._answerer(incoming.organisation)
        reading = await self._read(answerer, incoming)
        reviewing = await self.filing.reviewing(incoming) if self.filing else {}
        try:
            made = await self._once(answerer, incoming, reading, reviewing)
        except Exception as error:
            if self.store.lost(error):
                raise
            log.exception("turn_failed", organisation=incoming.organisation)
            made = await self._once(answerer, incoming, reading, reviewing, failed=True)
        self._count(incoming, made, perf_counter() - began)
        return made

    def _count(self, incoming: Incoming, made: list[Delivery], seconds: float) -> None:
        channel = incoming.conversation.split(":", 1)[0]
        kind = made[0].outgoing.kind.value if made else "none"
        channel = channel if channel in CHANNELS else "other"
        TURNS.labels(incoming.organisation, channel, kind).inc()
        TURN_SECONDS.labels(channel).observe(seconds)
        log.info(
            "turn",
            organisation=incoming.organisation,
            kind=",".join(d.outgoing.kind.value for d in made),
            topic=made[0].outgoing.topic if made else None,
        )

    async def _once(
        self,
        answerer: Answerer,
        incoming: Incoming,
        reading: Reading | None,
        reviewing: Reviewing,
        failed: bool = False,
    ) -> list[Delivery]:
        """The transaction: whatever it wrote is undone if anything in it fails; `failed` then says so to the person."""
        about = [incoming.conversation, *([incoming.person.id] if incoming.person else [])]
        try:
            async with self.store.transaction(*(f"{incoming.organisation}/{name}" for name in about)) as tx:
                known = await recall(tx, incoming)
                if known.handled is not None:
                    return await deliveries(tx, known.handled)
                turn = self._turn(tx, answerer, incoming, reading, known, reviewing)
                replies = [self._sorry(turn)] if failed else await self._replies(turn)
                if self.filing and not failed:
                    await self.filing.heard(turn, replies)
                made = await self._write(turn, replies)
        except _HandledElsewhere:
            async with self.store.transaction() as tx:
                return await deliveries(tx, await handled(tx, incoming))
        self._send(turn, made)
        return made

    def _send(self, turn: Turn, made: list[Delivery]) -> None:
        """It is committed: what this process holds leaves at once, the rest is the worker's to find."""
        held = [delivery.held for delivery in made if delivery.held]
        if self.outbox and held:
            self.outbox.hand(held)
        if turn.elsewhere or len(held) < sum(d.channel not in SYNCHRONOUS for d in made):
            self.wake()

    def welcome(self, organisation: str, language: Language | None = None) -> Outgoing:
        """The first message of a conversation: what can be asked. Raises UnknownOrganisation."""
        answerer = self._answerer(organisation)
        chosen = language or answerer.knowledge.organisation.languages[0]
        return Answers(answerer, chosen).command(Command("hello", chosen))

    async def greeting(self, incoming: Incoming) -> list[Outgoing]:
        """What somebody sees first: the welcome and what they have begun; where an open dialogue stands instead.

        A language set now is theirs from now on, else it is the one last spoken. Raises UnknownOrganisation, or
        StoreUnavailable.
        """
        answerer = self._answerer(incoming.organisation)
        about = [incoming.conversation, *([incoming.person.id] if incoming.person else [])]
        async with self.store.transaction(*(f"{incoming.organisation}/{name}" for name in about)) as tx:
            await speak(tx, incoming)
            turn = self._turn(tx, answerer, incoming, None, await recall(tx, incoming), {})
            language = turn.conversation.language or incoming.language or turn.conversation.answered_in
            if language:
                turn.answers.language = turn.answers.supported(language)
            dialogue = Dialogue(turn, self.filing)
            back = await dialogue.welcome_back(incoming.language)
            drafts = [] if back else [draft for draft in [await dialogue.drafts()] if draft.groups[0].entries]
            if back or drafts:
                await remember(turn, [*back, *drafts])
            return back or [self.welcome(incoming.organisation, turn.answers.language), *drafts]

    # -- before and after ----------------------------------------------------------------------------------------

    async def _read(self, answerer: Answerer, incoming: Incoming) -> Reading | None:
        """What the text would be as a question; read before the transaction, since it takes some milliseconds."""
        known = command(incoming.text)
        if incoming.choice is not None or (known and known.exact and not known.dialogue):
            return None
        earlier = self._readings.find(answerer, incoming.text)
        if earlier is not None:
            return earlier
        try:
            reading = await asyncio.to_thread(read, answerer, incoming.text)
        except Exception:
            log.exception("reading_failed", organisation=incoming.organisation)
            return None
        self._readings.keep(answerer, reading)
        return reading

    def _turn(
        self,
        tx: AsyncConnection,
        answerer: Answerer,
        incoming: Incoming,
        reading: Reading | None,
        known: Recalled,
        reviewing: Reviewing,
    ) -> Turn:
        setting = known.conversation.language or incoming.language or answerer.knowledge.organisation.languages[0]
        answers, now = Answers(answerer, setting), self.clock()
        return Turn(incoming, tx, answers, known.conversation, now, reading, self.draft_days, known, reviewing)

    @staticmethod
    def _sorry(turn: Turn) -> Outgoing:
        return Outgoing(Kind.HELP, turn.answers.language, turn.say("error"), contact=turn.answers.contact())

    async def _write(self, turn: Turn, replies: list[Outgoing]) -> list[Delivery]:
        incoming = turn.incoming
        made = [await self._reply(turn, reply) for reply in replies]
        await remember(turn, replies)
        if incoming.event is not None and not await note(turn.tx, incoming, [d.id for d in made], turn.now):
            raise _HandledElsewhere
        return made

    async def _reply(self, turn: Turn, reply: Outgoing) -> Delivery:
        """Into the conversation it answers; what is private, into the person's private one."""
        incoming = turn.incoming
        here = Destination(incoming.conversation, incoming.address)
        if reply.private and not incoming.private:
            here = await private_destination(turn.tx, turn.organisation, turn.person)
        sent = here.channel in SYNCHRONOUS
        lease = None if sent else self._lease(turn, here)
        return await put(turn.tx, turn.organisation, here, reply, turn.now, sent=sent, lease=lease)

    def _lease(self, turn: Turn, here: Destination) -> Lease | None:
        """Where nothing else waits for the conversation of the turn, the reply is this process's to send at once."""
        if self.outbox is None or here.conversation != turn.incoming.conversation or turn.known.waiting:
            return None
        if any(delivery.conversation == here.conversation for delivery in turn.elsewhere):
            return None
        return self.outbox.lease(here.channel)

    # -- what a message can be -------------------------------------------------------------------------------------

    async def _replies(self, turn: Turn) -> list[Outgoing]:
        dialogue = Dialogue(turn, self.filing)
        expired = await dialogue.expire_overdue()
        replies = [*expired, *await self._understood(turn, dialogue)]
        asked_openly = not turn.incoming.private and turn.incoming.choice is None
        if asked_openly and replies and all(reply.private for reply in replies):
            return [turn.notice("in-private"), *replies]  # else those who read along would see no answer
        return replies

    async def _understood(self, turn: Turn, dialogue: Dialogue) -> list[Outgoing]:
        if turn.incoming.choice is not None:
            return await self._pressed(turn, dialogue, turn.incoming.choice)
        if turn.incoming.beside:
            return await self._asked_about(turn, dialogue)
        pressed = typed_button(turn.incoming.text, turn.conversation)
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
        picked = picked_topic(turn.incoming.text, turn.conversation)
        if picked:
            return [self._offer(turn, turn.answers.chosen(picked, turn.conversation.answered_in))]
        flow = starts_flow(turn.incoming.text, turn.answers.knowledge.flows.values())
        if flow:
            turn.answers.language = turn.answers.supported(flow[1])
            return await dialogue.start(flow[0])
        return [await self._question(turn)]

    async def _asked_about(self, turn: Turn, dialogue: Dialogue) -> list[Outgoing]:
        """Words that were not said here, but are asked about: nothing waits for them, and an open dialogue goes on."""
        started = await dialogue.with_files() if turn.incoming.files else None
        return started or [await self._question(turn), *await dialogue.again()]

    async def _question(self, turn: Turn) -> Outgoing:
        if turn.reading is None:
            return self._sorry(turn)
        before = None
        if not turn.incoming.beside:  # else it was said elsewhere, of something else
            before = goes_on_from(turn.reading, turn.conversation.asked, turn.now)
        if before is None:
            answered = self._readings.answer(turn.answers, turn.reading)
            return self._offer(turn, answered, question=turn.incoming.text)
        reading = await self._with_before(turn.answers.answerer, turn.reading, before)
        outgoing = turn.answers.answer(reading)
        if reading.parts[0].decision is Decision.HANDOVER:  # it goes on from nothing after all
            return self._offer(turn, outgoing, question=turn.incoming.text)
        return self._offer(turn, outgoing, f"{before['root']} {turn.incoming.text}", before["root"])

    async def _with_before(self, answerer: Answerer, alone: Reading, before: asked.Asked) -> Reading:
        """The reading of a message with the question before it: looked up first, for the transaction waits for it."""
        both = "\n".join((before["root"], before["topic"], alone.text))
        earlier = self._continued.find(answerer, both)
        if earlier is not None:
            return replace(earlier, text=alone.text)
        reading = await asyncio.to_thread(with_before, answerer, alone, before)
        self._continued.keep(answerer, replace(reading, text=both))
        return reading

    def _offer(self, turn: Turn, outgoing: Outgoing, question: str = "", root: str = "") -> Outgoing:
        """Remembers what was asked and said, so that it can be handed over, and adds what filing offers."""
        if outgoing.kind not in ANSWERS:
            return outgoing
        said = without_numbers(plain(question))
        turn.conversation.asked = asked.noted(turn.conversation.asked, said, outgoing, turn.now, root)
        return self.filing.offer(outgoing, asked.meant(turn.conversation.asked)["key"]) if self.filing else outgoing

    async def _said(self, turn: Turn, dialogue: Dialogue, known: Command) -> list[Outgoing] | None:
        done = await dialogue.say(known)
        if done is not None:
            return done
        done = await self.filing.say(turn, known) if self.filing else None
        if done is not None:
            return done
        if known.dialogue:
            return None
        if known.name == "not-helpful" and (done := await self._not_helpful(turn, known)) is not None:
            return [*done, *await dialogue.again()]
        if known.name == "why":
            turn.answers.language = turn.answers.supported(known.language)
            return [_why(turn), *await dialogue.again()]
        outgoing = turn.answers.command(known)
        if known.name.startswith("language-"):
            turn.conversation.language = outgoing.language
            return [outgoing, *await dialogue.again(outgoing.language)]
        return [outgoing, *await dialogue.again()]

    async def _not_helpful(self, turn: Turn, known: Command) -> list[Outgoing] | None:
        """As the button of that name under the last answer; None where there is none."""
        last = asked.meant(turn.conversation.asked).get("key")
        turn.answers.language = turn.answers.supported(known.language)
        return await self.filing.press(turn, f"fb:no:{last}") if self.filing and last else None

    async def _pressed(self, turn: Turn, dialogue: Dialogue, action: str) -> list[Outgoing]:
        conversation = turn.conversation
        language = turn.incoming.language or conversation.answered_in
        if turn.incoming.beside:  # what was chosen or last spoken here goes before the setting
            language = conversation.language or conversation.answered_in or turn.incoming.language
        if language:
            turn.answers.language = turn.answers.supported(language)
        if action.startswith(KEEP):
            return await dialogue.entered(action.removeprefix(KEEP))
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


def _why(turn: Turn) -> Outgoing:
    """What the last answer rests on; with nothing answered before, whom to ask."""
    topic = asked.meant(turn.conversation.asked).get("topic")
    if topic in turn.answers.knowledge.guidance:
        return turn.answers.why(topic)
    return turn.answers.command(Command("why", turn.answers.language))

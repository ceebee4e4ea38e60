"""Filing, as the assistant and the outbox see it: every part of it behind one door (bot.assistant.Filing)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import time
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import asked
from bot.channels import RetryLater
from bot.commands import Command, command
from bot.filing import asking, handover, parked, questions, submission
from bot.filing.acts import LABELS, Pressed, to_withdraw
from bot.filing.desk import Desk, Office
from bot.filing.destinations import Destinations
from bot.filing.document import FORMS, MEDIA_TYPES, Paper, find
from bot.filing.home import Home
from bot.filing.rights import Rights, Role
from bot.messages import Button, Document, Incoming, Kind, Outgoing
from bot.outbox import Held
from bot.settings import Settings
from bot.store.store import Store
from bot.texts import say
from knowledge.loader import Knowledge

if TYPE_CHECKING:
    from bot.assistant import Reviewing, Turn
    from bot.dialogue.talk import Talk

RATED = frozenset({Kind.ANSWER, Kind.SILENT})
UNANSWERED = frozenset({Kind.SILENT, Kind.HANDOVER})
REVIEWERS_TOO = frozenset({"home", "requests"})
"""Commands that show reviewers more than others."""


def _turns_on_reviewers(incoming: Incoming) -> bool:
    """Whether what is shown or done may turn on who reviews: a filing button, the home view, a reference that is typed.

    Words that were asked for before cannot be told from others here; they follow a press that has asked already.
    """
    if incoming.choice is not None:
        return incoming.choice in REVIEWERS_TOO or incoming.choice.split(":", 1)[0] in ("req", "ho")
    known = command(incoming.text)
    return bool(known and known.name in REVIEWERS_TOO) or asking.REFERENCE.search(incoming.text) is not None


class Filing:
    """Requests, reviews, the register and handovers of every organisation."""

    def __init__(
        self, settings: Settings, store: Store, knowledge: Callable[[str], Knowledge], clock: Callable[[], float] = time
    ) -> None:
        reviewers = {organisation: own.reviewers for organisation, own in settings.filing.items()}
        self.store = store
        self.clock = clock
        self.office = Office(
            Rights(reviewers, settings.local_reviewers),
            Destinations(settings.filing),
            knowledge,
        )

    @property
    def rights(self) -> Rights:
        """Who may do what; a channel adds what it knows of reviewers to `memberships`."""
        return self.office.rights

    @property
    def destinations(self) -> Destinations:
        """Where requests go; a channel adds its review channels to `places`."""
        return self.office.destinations

    # -- before a turn -------------------------------------------------------------------------------------------

    async def reviewing(self, incoming: Incoming) -> Reviewing:
        """See bot.assistant.Filing. A platform that is slow to say holds no transaction open so."""
        person = incoming.person.id if incoming.person else ""
        if not person or not _turns_on_reviewers(incoming):
            return {}
        try:
            return {person: await self.rights.reviews(incoming.organisation, person)}
        except RetryLater as error:
            return {person: error}

    # -- a turn --------------------------------------------------------------------------------------------------

    async def submit(self, turn: Turn, talk: Talk) -> list[Outgoing]:
        """See bot.assistant.Filing."""
        try:
            async with turn.tx.begin_nested():
                return await submission.submit(self.office.at(turn), talk, turn.person, turn.name)
        except RetryLater:  # a channel cannot say just now who reads along where the request is shown
            return [turn.notice("store-away")]

    async def press(self, turn: Turn, action: str) -> list[Outgoing] | None:
        """See bot.assistant.Filing."""
        try:
            async with turn.tx.begin_nested():
                return await self._pressed(turn, action)
        except RetryLater:  # a channel cannot say just now who its reviewers are
            return [turn.notice("store-away")]

    async def _pressed(self, turn: Turn, action: str) -> list[Outgoing] | None:
        desk = self.office.at(turn)
        kind = action.split(":", 1)[0] if ":" in action else ""
        if kind == "req":
            return await Pressed(desk, turn, action).result()
        if kind == "ho":
            return await handover.press(desk, turn, action)
        if kind == "fb":
            return await self._helpful(desk, turn, action)
        return None

    async def say(self, turn: Turn, known: Command) -> list[Outgoing] | None:
        """See bot.assistant.Filing."""
        if known.name not in ("home", "requests"):
            return None
        turn.answers.language = turn.answers.supported(known.language)
        home = Home(self.office.at(turn), turn, await self._roles_now(turn))
        return [await (home.shown() if known.name == "home" else home.requests())]

    async def _roles_now(self, turn: Turn) -> frozenset[Role]:
        """Whether the person reviews; when their channel cannot say just now, they are shown what is their own."""
        try:
            return await self.office.at(turn).roles(turn.person)
        except RetryLater:
            return frozenset()

    async def reply(self, turn: Turn) -> list[Outgoing] | None:
        """See bot.assistant.Filing. Words that were asked for, or an act typed with its reference."""
        stopped = asking.given_up(turn)
        if stopped:
            return [stopped]
        action, words = asking.waited_for(turn), turn.incoming.text
        if action is None:
            typed = asking.typed(words, LABELS)
            if typed is None:
                return [await to_withdraw(self.office.at(turn), turn)] if asking.withdraws(words) else None
            verb, reference, words = typed
            action = f"req:{reference}:{verb}"
        turn.incoming = replace(turn.incoming, choice=action, form={"reason": words})
        language = turn.conversation.answered_in or turn.incoming.language
        turn.answers.language = turn.answers.supported(language) if language else turn.answers.language
        return await self.press(turn, action)

    def offer(self, outgoing: Outgoing, key: str) -> Outgoing:
        """See bot.assistant.Filing."""
        about = f"{outgoing.topic or '-'}:{key}"
        names = [("handover-button-ask", f"{handover.ASK}:{key}")]
        if outgoing.kind in RATED:
            names += [("handover-button-helpful", f"fb:yes:{about}"), ("handover-button-not-helpful", f"fb:no:{about}")]
        offered = tuple(Button(say(outgoing.language, message), action) for message, action in names)
        return replace(outgoing, buttons=(*outgoing.buttons, *offered))

    async def heard(self, turn: Turn, replies: list[Outgoing]) -> None:
        """See bot.assistant.Filing. What was not answered is counted, without the person."""
        asking.forget(turn)
        last = asked.meant(turn.conversation.asked)
        for reply in replies:
            asked_now = last.get("question") and last["at"] == turn.now  # else it was asked before, and is counted
            if reply.kind in UNANSWERED and asked_now and last["kind"] == reply.kind.value:
                desk = self.office.at(turn)
                await questions.count(desk, reply.language.value, last["question"], reply.kind.value, reply.topic)
                return

    async def _helpful(self, desk: Desk, turn: Turn, action: str) -> list[Outgoing] | None:
        _, said, topic, key, *_ = [*action.split(":"), "", "", ""]
        if said not in ("yes", "no") or (topic != "-" and topic not in turn.answers.knowledge.topics):
            return [turn.notice("old-button")]
        about = asked.meant(turn.conversation.asked, key)
        memory = asked.rated(turn.conversation.asked, key or topic)
        if memory is not None:
            turn.conversation.asked = memory
            await questions.helpful(desk.tx, desk.organisation, topic, said == "yes")
            if said == "no":
                language = turn.answers.language.value
                await questions.count(desk, language, about.get("question", ""), questions.NOT_HELPFUL, topic)
        if said == "yes":
            return [turn.notice("handover-thanks")]
        ask = Button(turn.say("handover-button-ask"), f"{handover.ASK}:{key}")
        return [replace(turn.notice("handover-sorry"), buttons=(ask,))]

    # -- beside turns --------------------------------------------------------------------------------------------

    async def parked(self, tx: AsyncConnection, row: Held, reason: str) -> None:
        """A message could not be delivered (bot.outbox.Outbox.on_parked): somebody who can act is told."""
        await parked.tell(Desk(self.office, tx, row.organisation, self.clock()), row, reason)

    async def paper(self, organisation: str, document: Document) -> Paper:
        """What a message's document says. Raises NoSuchRequest."""
        async with self.store.transaction() as tx:
            return await find(tx, self.office.knowledge(organisation), document.reference)

    async def document(self, organisation: str, document: Document) -> bytes:
        """The file that goes with a message, for channels that can send files. Raises NoSuchRequest."""
        return FORMS[MEDIA_TYPES[document.media_type]](await self.paper(organisation, document))

"""What filing has at hand: for the whole process (`Office`) and for one transaction (`Desk`)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import RetryLater
from bot.filing.cards import Reader
from bot.filing.consequences import Purpose
from bot.filing.destinations import LOCAL, Destinations
from bot.filing.requests import Request
from bot.filing.rights import Rights, Role, towards
from bot.memory import private_destination
from bot.messages import Button, Kind, Outgoing
from bot.outbox import Delivery, Destination, put
from bot.store.tables import conversations, outbox, people
from knowledge.loader import Knowledge
from knowledge.models import Language

if TYPE_CHECKING:
    from bot.assistant import Reviewing, Turn


@dataclass(frozen=True)
class Office:
    """What lasts as long as the process."""

    rights: Rights
    destinations: Destinations
    knowledge: Callable[[str], Knowledge]

    def at(self, turn: Turn) -> Desk:
        """The desk for a turn, whose replies go into its own conversation."""
        known, here = turn.reviewing, turn.incoming.conversation
        return Desk(self, turn.tx, turn.organisation, turn.now, here, known, turn.elsewhere)


@dataclass(frozen=True)
class Desk:
    """What belongs to one transaction."""

    office: Office
    tx: AsyncConnection
    organisation: str
    now: float
    here: str = ""  # the conversation in which a turn is answered: it gets its message as the reply
    known: Reviewing = field(default_factory=dict)  # who reviews, as far as it was asked before the transaction
    sent: list[Delivery] = field(default_factory=list)  # what was written here

    @property
    def languages(self) -> tuple[Language, ...]:
        """The organisation's, its own first."""
        return self.office.knowledge(self.organisation).organisation.languages

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's time zone."""
        return self.office.knowledge(self.organisation).organisation.zone

    @property
    def prefix(self) -> str:
        """What the organisation's references begin with."""
        return self.office.knowledge(self.organisation).organisation.prefix

    @property
    def year(self) -> int:
        """The year of a reference number given now."""
        return datetime.fromtimestamp(self.now, self.zone).year

    def called(self, request: Request) -> dict[Language, str]:
        """What a request's checklist is called now; empty where it is not there any more."""
        flow = self.office.knowledge(self.organisation).flows.get(request.flow)
        return dict(flow.title) if flow else {}

    # -- who somebody is -------------------------------------------------------------------------------------------

    async def reviews(self, person: str) -> bool:
        """Whether a person is a reviewer of the organisation. Raises RetryLater when their channel cannot say."""
        known = self.known.get(person)
        if known is None:
            known = await self.office.rights.reviews(self.organisation, person)
        if isinstance(known, RetryLater):
            raise known
        return known

    async def roles(self, person: str, request: Request | None = None) -> frozenset[Role]:
        """What a person is to a request; without one, whether they review. Raises RetryLater."""
        return towards(request, self.organisation, person, await self.reviews(person))

    # -- whom a message is for -----------------------------------------------------------------------------------

    async def person(self, person: str) -> Destination:
        """A person's private conversation."""
        return await private_destination(self.tx, self.organisation, person)

    async def reader(self, to: Destination, roles: Collection[Role] = (), fallback: Language | None = None) -> Reader:
        """Who reads a conversation: their language (chosen there, or set in their channel) and their roles."""
        return Reader(await self._language(to.conversation, fallback), self.zone, roles)

    async def _language(self, conversation: str, fallback: Language | None) -> Language:
        own = self.languages
        chosen = await self.tx.scalar(
            select(conversations.c.language).where(
                conversations.c.organisation == self.organisation, conversations.c.conversation == conversation
            )
        )
        setting = await self.tx.scalar(
            select(people.c.language)
            .where(people.c.organisation == self.organisation, people.c.conversation == conversation)
            .limit(1)
        )
        found = next((Language(value) for value in (chosen, setting) if value), fallback)
        return found if found in own else own[0]

    async def roles_in(self, conversation: str, request: Request) -> frozenset[Role]:
        """What the readers of a conversation are to a request."""
        if self.office.destinations.is_review(self.organisation, conversation):
            return frozenset({Role.REVIEWER})
        found = await self.tx.execute(
            select(people.c.person).where(
                people.c.organisation == self.organisation, people.c.conversation == conversation
            )
        )
        readers = {*found.scalars(), conversation}
        own = {Role.REQUESTER} if request.requester in readers else set()
        own |= {Role.MANAGER} if request.approver in readers else set()
        if not own and any([await self.reviews(reader) for reader in readers]):
            own = {Role.REVIEWER}
        return frozenset(own)

    # -- sending ---------------------------------------------------------------------------------------------------

    async def send(self, to: Destination, message: Outgoing, purpose: Purpose, request: Request | None) -> Delivery:
        """Puts a message into the outbox; in the terminal its buttons can then be typed."""
        reference = request.reference if request else None
        made = await put(self.tx, self.organisation, to, message, self.now, purpose=purpose.value, request=reference)
        self.sent.append(made)
        if to.channel in LOCAL and message.buttons:
            await self._offer(to.conversation, message.buttons)
        return made

    async def _offer(self, conversation: str, buttons: tuple[Button, ...]) -> None:
        keys = {"organisation": self.organisation, "conversation": conversation}
        offered = [[b.action, b.label] for b in buttons]
        insert = sqlite.insert if self.tx.dialect.name == "sqlite" else postgresql.insert
        await self.tx.execute(
            insert(conversations)
            .values(**keys, offered=offered, seen_at=self.now)
            .on_conflict_do_update(index_elements=list(keys), set_={"offered": offered})
        )

    async def tell(
        self, to: Destination, purpose: Purpose, message: str, request: Request, *acts: Button, **values: str | int
    ) -> None:
        """A short word about a request, with the button that opens it."""
        reader = await self.reader(to, fallback=request.language if purpose is Purpose.DECISION else None)
        text = reader.of(request, message, reference=request.reference, **values)
        buttons = (*acts, reader.show_button(request))
        private = not self.office.destinations.is_review(self.organisation, to.conversation)
        notice = Outgoing(Kind.NOTICE, reader.language, text, flow=request.flow, buttons=buttons, private=private)
        await self.send(to, notice, purpose, request)

    async def show(self, to: Destination, roles: Collection[Role], purpose: Purpose, request: Request) -> None:
        """The request itself."""
        fallback = request.language if Role.REQUESTER in roles else None
        reader = await self.reader(to, roles, fallback)
        await self.send(to, reader.card(request), purpose, request)

    async def places(self, request: Request) -> list[Destination]:
        """Every conversation in which the request is shown."""
        rows = await self.tx.execute(
            select(outbox.c.conversation, outbox.c.address)
            .where(outbox.c.organisation == self.organisation, outbox.c.key == request.key)
            .order_by(outbox.c.id)
        )
        return [Destination(name, dict(address)) for name, address in {r[0]: r[1] for r in rows}.items()]

    async def renew(self, request: Request, but: Collection[str] = ()) -> None:
        """Shows the request as it stands now in every place where it is shown, except here and in `but`."""
        for place in await self.places(request):
            if place.conversation != self.here and place.conversation not in but:
                roles = await self.roles_in(place.conversation, request)
                await self.show(place, roles, Purpose.UPDATE, request)

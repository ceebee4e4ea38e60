"""Teams as a channel of the outbox: renders, keeps Teams' pace, and replaces earlier messages."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import Callable
from time import monotonic
from typing import Any

from adapters.teams.contract import NotThere, Platform
from adapters.teams.members import Members
from adapters.teams.payload import part, partner, text
from adapters.teams.render import activity, plain
from adapters.teams.tenants import Tenants
from bot.channels import Address, Gone, RetryLater, TooBig
from bot.messages import Kind, Outgoing
from bot.outbox import Destination

PACE = ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0))
"""What Teams takes of a bot in one conversation: so many messages in so many seconds."""
PATIENCE = 2.5
"""Seconds that a message waits here; for longer it goes back to the outbox."""


REFRESHED = 60
"""Teams takes so many people who get their own view of a card."""


class Pace:
    """Keeps to the limits of each conversation, as far as this process knows."""

    def __init__(self, clock: Callable[[], float] = monotonic, most: int = 2000) -> None:
        self._clock = clock
        self._most = most
        self._sent: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, conversation: str) -> float:
        """Seconds until the next message may go."""
        sent, now = self._sent.get(conversation), self._clock()
        if not sent:
            return 0.0
        return max((sent[-count] + span - now for count, span in PACE if len(sent) >= count), default=0.0)

    def note(self, conversation: str) -> None:
        """A message goes now."""
        sent = self._sent.setdefault(conversation, deque(maxlen=PACE[-1][0]))
        sent.append(self._clock())
        self._sent.move_to_end(conversation)
        while len(self._sent) > self._most:
            self._sent.popitem(last=False)


def _asks(outgoing: Outgoing) -> bool:
    """Whether the person is to answer or read on now; a request's card and what was answered stay where they are."""
    if outgoing.kind is Kind.STEP:
        return outgoing.field is not None
    return outgoing.kind in (Kind.FORM, Kind.SUMMARY, Kind.OUTCOME, Kind.HOME)


class TeamsWire:
    """Implements bot.channels.Wire over any wire to Teams."""

    def __init__(self, platform: Platform, tenants: Tenants | None = None, members: Members | None = None) -> None:
        self.platform = platform
        self.tenants = tenants or Tenants(())
        self.members = members or Members(platform)
        self.pace = Pace()

    async def send(
        self, address: Address, outgoing: Outgoing, before: Address | None, once: str, again: bool = False
    ) -> Address:
        """See bot.channels.Wire. Teams cannot refuse a second message of one name, so `once` is of no use here."""
        made = await self._activity(address, outgoing)
        if before and _asks(outgoing) and text(before, "message") != text(address, "said"):
            before = None  # far up in the chat nobody would see it: it is asked anew, below
        try:
            return await self._deliver(address, made, before)
        except TooBig:
            return await self._deliver(address, plain(outgoing), before)

    async def _activity(self, address: Address, outgoing: Outgoing) -> dict[str, Any]:
        personal = text(address, "reference", "conversation", "conversationType") == "personal"
        reviewers = () if personal or outgoing.kind is not Kind.REQUEST else await self._reviewers(address)
        chooser = partner(address) if personal else None  # elsewhere Teams has no people picker for everybody
        return activity(outgoing, personal=personal, reviewers=reviewers, chooser=chooser)

    async def _reviewers(self, address: Address) -> tuple[str, ...]:
        """Where not all of a review channel decide: the Teams ids of those who do. Raises RetryLater."""
        tenant = self.tenants.of_id(text(address, "tenant"))
        where = text(address, "reference", "conversation", "id")
        if tenant is None or not tenant.reviewers or not where.startswith(tenant.review_channel or "-"):
            return ()
        found = []
        for identity in tenant.reviewers[:REFRESHED]:
            with contextlib.suppress(Gone):
                found.append(text(await self.members.find(address, identity), "id"))
        return tuple(name for name in found if name)

    # -- what filing asks --------------------------------------------------------------------------------------------

    def review_destination(self, organisation: str) -> Destination | None:
        """See bot.filing.destinations.ReviewPlace."""
        return self.tenants.review(organisation)

    async def is_reviewer(self, organisation: str, person: str) -> bool:
        """See bot.filing.rights.Membership."""
        return await self.tenants.may_review(self.members, organisation, person)

    # -- sending -----------------------------------------------------------------------------------------------------

    async def _deliver(self, address: Address, made: dict[str, Any], before: Address | None) -> Address:
        if before and text(before, "message"):
            try:
                await self._in_time(before)
                await self.platform.update(before, text(before, "message"), made)
                return before
            except NotThere:
                pass
        await self._in_time(address)
        return _sent(address, await self.platform.send(address, made))

    async def _in_time(self, address: Address) -> None:
        """Waits until the conversation may be written to. Raises RetryLater."""
        conversation = (text(address, "reference", "conversation", "id") or text(address, "channel")).split(";")[0]
        wait = self.pace.wait(conversation)
        if wait > PATIENCE:
            raise RetryLater("Teams' limit for this conversation is reached", wait)
        self.pace.note(conversation)
        if wait > 0:
            await asyncio.sleep(wait)

    async def private(self, organisation: str, person: str) -> Address:
        """See bot.channels.Wire."""
        channel, _, rest = person.partition(":")
        tenant, _, identity = rest.partition(":")
        if channel != "teams" or not tenant or not identity:
            raise Gone("not a person of Teams")
        return await self.platform.open_private(tenant, identity)


def _sent(address: Address, message: str) -> Address:
    """Where a message stands now: enough to replace it, and, in a channel, to answer in its thread."""
    where = dict(address) | {"message": message}
    reference = part(address, "reference")
    conversation = part(reference, "conversation")
    if text(conversation, "conversationType") == "channel" and ";messageid=" not in text(conversation, "id"):
        threaded = conversation | {"id": f"{text(conversation, 'id')};messageid={message}"}
        where["reference"] = reference | {"conversation": threaded}
    return where

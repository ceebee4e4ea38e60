"""The outbox's rows: how a message is written into it, and how channels that are read from take theirs."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Row, and_, bindparam, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Address
from bot.messages import OUTGOING, Outgoing
from bot.store.tables import outbox

BATCH = 50
"""Rows that are taken at a time."""
FETCHED = ("web", "terminal")
"""Channels that are read from: a reader says up to which message it has seen."""


@dataclass(frozen=True)
class Delivery:
    """An outgoing message on its way: where it goes and what it is."""

    id: int
    channel: str
    conversation: str
    address: Address
    outgoing: Outgoing
    purpose: str = "reply"
    held: Held | None = field(default=None, compare=False)  # this process is to send it


@dataclass(frozen=True)
class Lease:
    """Who sends a row, and until when nobody else does."""

    until: float
    by: int | None = None  # the process's number; None where it has none just now


@dataclass(frozen=True)
class Held:
    """A row whose lease this process holds."""

    id: int
    organisation: str
    channel: str
    conversation: str
    address: Address
    message: Outgoing | dict[str, Any]
    key: str | None
    once: str
    request: str | None
    purpose: str
    lease: Lease
    attempts: int = 0
    again: bool = False  # a lease that ran out, or a try that failed, may have reached the platform all the same
    before: Address | None = None  # what an earlier message of the key is called, if that has been looked up
    looked: bool = False

    @staticmethod
    def of_row(row: Row[Any], lease: Lease) -> Held:
        """A row as it was before it was leased."""
        return Held(
            row.id, row.organisation, row.channel, row.conversation, dict(row.address), row.message, row.key, row.once,
            row.request, row.purpose, lease, row.attempts, row.attempts > 0 or row.leased_until is not None,
        )  # fmt: skip

    @property
    def outgoing(self) -> Outgoing:
        """The message. Raises ValueError for one that cannot be read."""
        return self.message if isinstance(self.message, Outgoing) else OUTGOING.validate_python(self.message)


@dataclass(frozen=True)
class Destination:
    """A conversation that can be written to."""

    conversation: str
    address: Address

    @property
    def channel(self) -> str:
        """The platform: the first part of the conversation's id."""
        return self.conversation.split(":", 1)[0]


def delivery(row: Row[Any]) -> Delivery:
    """A row of the table as a delivery."""
    message = OUTGOING.validate_python(row.message)
    return Delivery(row.id, row.channel, row.conversation, dict(row.address), message, row.purpose)


async def put(
    tx: AsyncConnection,
    organisation: str,
    to: Destination,
    outgoing: Outgoing,
    now: float,
    *,
    purpose: str = "reply",
    request: str | None = None,
    sent: bool = False,
    lease: Lease | None = None,
) -> Delivery:
    """Writes a message into the outbox.

    `sent`: it leaves with the answer to the request that is being handled. `lease`: this process sends it as
    soon as it is committed (Delivery.held), so nobody needs to look for it; the caller knows that nothing else waits
    for this conversation.
    """
    if request is None and outgoing.key and outgoing.key.startswith("request:"):
        request = outgoing.key.removeprefix("request:")
    before = None
    if outgoing.key and lease is not None:
        before = await shown_before(tx, organisation, to.conversation, outgoing.key)
    elif outgoing.key:
        await _supersede(tx, organisation, to.conversation, outgoing.key)
    if not sent and to.channel in FETCHED and tx.dialect.name == "postgresql":
        await tx.execute(_ONE_AFTER_ANOTHER)
    values = {
        "organisation": organisation,
        "channel": to.channel,
        "conversation": to.conversation,
        "address": to.address,
        "message": OUTGOING.dump_python(outgoing, mode="json"),
        "key": outgoing.key,
        "once": str(uuid.uuid4()),
        "request": request,
        "purpose": purpose,
        "state": "sent" if sent else "waiting",
        "attempts": 0,
        "due_at": now,
        "leased_until": lease.until if lease else None,
        "leased_by": lease.by if lease else None,
        "created_at": now,
        "sent_at": now if sent else None,
    }
    number = int(await tx.scalar(_WRITTEN, values) or 0)
    held = None
    if lease is not None:
        given = {name: values[name] for name in ("organisation", "channel", "conversation", "address", "key", "once")}
        held = Held(number, **given, message=outgoing, request=request, purpose=purpose, lease=lease)
        held = replace(held, before=before, looked=True)
    return Delivery(number, to.channel, to.conversation, to.address, outgoing, purpose, held)


_COLUMNS = ("organisation", "channel", "conversation", "address", "message", "key", "once", "request", "purpose",
            "state", "attempts", "due_at", "leased_until", "leased_by", "created_at", "sent_at")  # fmt: skip
_WRITTEN = outbox.insert().values({name: bindparam(name) for name in _COLUMNS}).returning(outbox.c.id)
# Numbers are given when a row is written and seen when it is committed: without this a reader could be told of a
# message, and say so, before one of a lower number is there to be seen, which would then pass for seen as well.
_ONE_AFTER_ANOTHER = text("select pg_advisory_xact_lock(hashtextextended('someguide/fetched', 0))")


async def shown_before(
    tx: AsyncConnection, organisation: str, conversation: str, key: str, below: int | None = None
) -> Address | None:
    """What the platform called the last message of this key, which a new one takes the place of."""
    found = await tx.execute(
        _SHOWN if below is None else _SHOWN.where(outbox.c.id < below),
        {"organisation": organisation, "conversation": conversation, "key": key},
    )
    return found.scalar_one_or_none()


_SHOWN = (
    select(outbox.c.reference)
    .where(
        outbox.c.organisation == bindparam("organisation"),
        outbox.c.conversation == bindparam("conversation"),
        outbox.c.key == bindparam("key"),
        outbox.c.reference.is_not(None),
    )
    .order_by(outbox.c.id.desc())
    .limit(1)
)


async def _supersede(tx: AsyncConnection, organisation: str, conversation: str, key: str) -> None:
    """An older message of the same key that has not left need not leave any more: the newer one shows the thing."""
    await tx.execute(
        update(outbox)
        .where(
            outbox.c.organisation == organisation,
            outbox.c.conversation == conversation,
            outbox.c.key == key,
            outbox.c.state == "waiting",
            outbox.c.attempts == 0,
            outbox.c.leased_until.is_(None),
        )
        .values(state="replaced")
    )


async def deliveries(tx: AsyncConnection, ids: Sequence[int]) -> list[Delivery]:
    """The messages of the given rows, in their order."""
    if not ids:
        return []
    rows = await tx.execute(select(outbox).where(outbox.c.id.in_(ids)).order_by(outbox.c.id))
    return [delivery(row) for row in rows]


SHARED_DAYS = 30


async def read_along(
    tx: AsyncConnection, organisation: str, conversation: str, after: int, now: float
) -> list[Delivery]:
    """For a conversation that several read: what came after the last one this reader has seen, the oldest first.

    Of each thing only the newest is given, and nobody's reading takes a message away from the others.
    """
    rows = list(
        await tx.execute(
            select(outbox)
            .where(
                outbox.c.organisation == organisation,
                outbox.c.conversation == conversation,
                outbox.c.state.in_(("waiting", "sent")),
                outbox.c.id > after,
                outbox.c.created_at > now - SHARED_DAYS * 86_400,
            )
            .order_by(outbox.c.id.desc())
            .limit(BATCH)
        )
    )
    new = [row.id for row in rows if row.state == "waiting"]
    if new:
        await tx.execute(update(outbox).where(outbox.c.id.in_(new)).values(state="sent", sent_at=now))
    newest = {row.key or row.id: row for row in reversed(rows)}
    return [delivery(row) for row in sorted(newest.values(), key=lambda row: row.id)]


async def fetch(tx: AsyncConnection, organisation: str, conversation: str, after: int, now: float) -> list[Delivery]:
    """For channels that are read from (page, terminal): what waits, while what was shown (up to `after`) is done."""
    mine = and_(outbox.c.organisation == organisation, outbox.c.conversation == conversation)
    if after:
        await tx.execute(
            update(outbox)
            .where(mine, outbox.c.state == "waiting", outbox.c.id <= after)
            .values(state="sent", sent_at=now)
        )
    rows = await tx.execute(
        select(outbox).where(mine, outbox.c.state == "waiting", outbox.c.id > after).order_by(outbox.c.id).limit(BATCH)
    )
    return [delivery(row) for row in rows]

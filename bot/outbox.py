"""The outbox: every outgoing message is a row, written in the transaction of its turn and delivered after the commit.

A row is leased before it is sent, so that a killed worker's rows are taken up again when the lease runs out: at least
once to the platform, exactly once in the store. Messages of one conversation keep their order. What cannot be sent is
tried again with growing pauses up to a ceiling, and then parked with its reason, where `someguide outbox` shows it.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import time
from typing import Any

import structlog
from sqlalchemy import Row, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Address, Gone, RetryLater, TooBig, Wire
from bot.messages import OUTGOING, Outgoing
from bot.metrics import DELIVERIES
from bot.store.store import Store, StoreUnavailable
from bot.store.tables import outbox

log = structlog.get_logger()

LEASE = 60.0
"""Seconds after which another worker takes up a row whose worker has gone."""
ATTEMPTS = 16
"""Tries before a message is parked: with the pauses below, about five hours."""
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 3600.0
BATCH = 50
IDLE = 5.0
"""Seconds between two looks at the table when nothing wakes the worker (another instance may have written)."""


@dataclass(frozen=True)
class Delivery:
    """An outgoing message on its way: where it goes and what it is."""

    id: int
    channel: str
    conversation: str
    address: Address
    outgoing: Outgoing
    purpose: str = "reply"


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
) -> Delivery:
    """Writes a message into the outbox. `sent`: it leaves with the answer to the request that is being handled."""
    if request is None and outgoing.key and outgoing.key.startswith("request:"):
        request = outgoing.key.removeprefix("request:")
    if outgoing.key:
        await _supersede(tx, organisation, to.conversation, outgoing.key)
    number = await tx.scalar(
        outbox.insert()
        .values(
            organisation=organisation,
            channel=to.channel,
            conversation=to.conversation,
            address=to.address,
            message=OUTGOING.dump_python(outgoing, mode="json"),
            key=outgoing.key,
            once=str(uuid.uuid4()),
            request=request,
            purpose=purpose,
            state="sent" if sent else "waiting",
            attempts=0,
            due_at=now,
            created_at=now,
            sent_at=now if sent else None,
        )
        .returning(outbox.c.id)
    )
    return Delivery(int(number or 0), to.channel, to.conversation, to.address, outgoing, purpose)


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


class Outbox:
    """The worker that delivers what waits."""

    def __init__(self, store: Store, wires: dict[str, Wire] | None = None, clock: Callable[[], float] = time) -> None:
        self.store = store
        self.wires: dict[str, Wire] = dict(wires or {})
        self.clock = clock
        self.on_parked: Callable[[Row[Any], str], Awaitable[None]] | None = None
        self._awake = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """There is something new: deliver it now."""
        self._awake.set()

    async def run(self) -> None:
        """Delivers until stopped; a database that is away is waited for."""
        while not self._stopping:
            self._awake.clear()
            try:
                worked = await self.deliver_due()
            except StoreUnavailable as error:
                log.warning("outbox_waits_for_store", reason=str(error))
                worked = 0
            if not worked and not self._stopping:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._awake.wait(), await self._pause())

    async def _pause(self) -> float:
        """Seconds until something is due, at most IDLE."""
        try:
            async with self.store.transaction() as tx:
                waiting = and_(outbox.c.state == "waiting", outbox.c.channel.in_(self.wires))
                next_due = await tx.scalar(select(func.min(outbox.c.due_at)).where(waiting))
        except StoreUnavailable:
            return IDLE
        return min(IDLE, max(0.05, next_due - self.clock())) if next_due is not None else IDLE

    def stop(self) -> None:
        """Finish what is being sent, then end `run`."""
        self._stopping = True
        self._awake.set()

    async def deliver_due(self) -> int:
        """One round: leases what is due and sends it. Returns how many rows were taken."""
        if not self.wires:
            return 0
        async with self.store.transaction("outbox") as tx:
            rows = await self._lease(tx)
        groups: dict[str, list[Row[Any]]] = {}
        for row in rows:
            groups.setdefault(row.conversation, []).append(row)
        await asyncio.gather(*(self._in_order(group) for group in groups.values()))
        return len(rows)

    async def _lease(self, tx: AsyncConnection) -> list[Row[Any]]:
        now = self.clock()
        earlier = outbox.alias("earlier")
        held_back = exists().where(
            earlier.c.conversation == outbox.c.conversation,
            earlier.c.state == "waiting",
            earlier.c.id < outbox.c.id,
            or_(earlier.c.due_at > now, earlier.c.leased_until > now),
        )
        due = and_(
            outbox.c.state == "waiting",
            outbox.c.due_at <= now,
            or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= now),
            outbox.c.channel.in_(self.wires),
            ~held_back,
        )
        # a turn that replaces one of these rows holds it (PostgreSQL): left for the next round, not waited for
        wanted = (
            select(outbox).where(due).order_by(outbox.c.id).limit(BATCH).with_for_update(of=outbox, skip_locked=True)
        )
        found = list(await tx.execute(wanted))
        if found:
            ids = [row.id for row in found]
            await tx.execute(update(outbox).where(outbox.c.id.in_(ids)).values(leased_until=now + LEASE))
        return found

    async def _in_order(self, rows: list[Row[Any]]) -> None:
        for place, row in enumerate(rows):
            if not await self._send(row):
                await self._release(rows[place + 1 :])
                return

    async def _send(self, row: Row[Any]) -> bool:
        """One message. True when the next of its conversation may go."""
        wire = self.wires[row.channel]
        try:
            address = await self._address(wire, row)
            before = await self._before(row)
            # a lease that ran out, or a try that failed, may have reached the platform all the same
            again = row.attempts > 0 or row.leased_until is not None
            reference = await wire.send(address, OUTGOING.validate_python(row.message), before, row.once, again)
        except RetryLater as error:
            return await self._later(row, str(error), error.after)
        except (Gone, TooBig) as error:
            await self._park(row, f"{type(error).__name__}: {error}")
            return True
        except Exception as error:
            log.exception("delivery_failed", row=row.id, channel=row.channel, purpose=row.purpose)
            await self._park(row, f"{type(error).__name__}: a fault in Someguide; see the log")
            return True
        await self._mark(row, state="sent", reference=reference, sent_at=self.clock(), error=None)
        DELIVERIES.labels(row.channel, "sent").inc()
        return True

    async def _address(self, wire: Wire, row: Row[Any]) -> Address:
        person = row.address.get("person") if set(row.address) == {"person"} else None
        return await wire.private(row.organisation, person) if person else dict(row.address)

    async def _before(self, row: Row[Any]) -> Address | None:
        if not row.key:
            return None
        async with self.store.transaction() as tx:
            found = await tx.execute(
                select(outbox.c.reference)
                .where(
                    outbox.c.organisation == row.organisation,
                    outbox.c.conversation == row.conversation,
                    outbox.c.key == row.key,
                    outbox.c.reference.is_not(None),
                    outbox.c.id < row.id,
                )
                .order_by(outbox.c.id.desc())
                .limit(1)
            )
            return found.scalar_one_or_none()

    async def _later(self, row: Row[Any], reason: str, after: float | None) -> bool:
        attempts = row.attempts + 1
        if attempts >= ATTEMPTS:
            await self._park(row, f"given up after {attempts} tries: {reason}")
            return True
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (attempts - 1)) * random.uniform(0.8, 1.2)  # noqa: S311
        due = self.clock() + (max(after, 0.1) if after is not None else pause)
        await self._mark(row, attempts=attempts, due_at=due, error=reason)
        DELIVERIES.labels(row.channel, "later").inc()
        return False

    async def _park(self, row: Row[Any], reason: str) -> None:
        DELIVERIES.labels(row.channel, "parked").inc()
        log.warning("delivery_parked", row=row.id, channel=row.channel, purpose=row.purpose, reason=reason)
        await self._mark(row, state="parked", attempts=row.attempts + 1, error=reason)
        if self.on_parked is not None:
            await self.on_parked(row, reason)

    async def _mark(self, row: Row[Any], **values: Any) -> None:
        async with self.store.transaction("outbox") as tx:
            await tx.execute(update(outbox).where(outbox.c.id == row.id).values(leased_until=None, **values))

    async def _release(self, rows: Sequence[Row[Any]]) -> None:
        if rows:
            async with self.store.transaction("outbox") as tx:
                ids = [row.id for row in rows]
                await tx.execute(update(outbox).where(outbox.c.id.in_(ids)).values(leased_until=None))


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

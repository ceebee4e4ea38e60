"""The outbox: every outgoing message is a row, written in the transaction of its turn and delivered after the commit.

A row is leased before it is sent, so that a killed worker's rows are taken up again: as soon as it is seen to be gone
(bot.outbox_leases), at the latest when the lease runs out. At least once to the platform, exactly once in the store.
Messages of one conversation keep their order. What cannot be sent is tried again with growing pauses up to a ceiling,
and then parked with its reason, where `someguide outbox` shows it.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Sequence
from time import time
from typing import Any

import structlog
from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Address, Gone, RetryLater, TooBig, Wire
from bot.metrics import DELIVERIES
from bot.outbox_leases import SETTLED, take_over
from bot.outbox_marks import Marks
from bot.outbox_rows import (
    BATCH,
    Delivery,
    Destination,
    Held,
    Lease,
    deliveries,
    fetch,
    put,
    read_along,
    shown_before,
)
from bot.store.presence import presence
from bot.store.store import Store
from bot.store.tables import outbox
from bot.store.unavailable import StoreUnavailable

__all__ = [
    "ATTEMPTS", "LEASE", "Delivery", "Destination", "Held", "Lease", "Outbox", "deliveries", "fetch", "put",
    "read_along",
]  # fmt: skip
log = structlog.get_logger()

LEASE = 60.0
"""Seconds after which another worker takes up a row whose worker is stuck, or not seen to be gone."""
ATTEMPTS = 16
"""Tries before a message is parked: with the pauses below, about five hours."""
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 3600.0
SLOW = 20.0
"""Seconds of the lease that must be left when a message is sent; with less, it is left to the next lease."""
AT_ONCE = 100
"""Conversations that are written to at a time; what comes in beyond them waits in the table."""
IDLE = 5.0
"""Seconds between two looks at the table when nothing wakes the worker (another instance may have written)."""
LOOK = 5.0
"""Seconds between two looks whether another instance has ended and left something."""

Telling = Callable[[AsyncConnection, Held, str], Awaitable[None]]
"""Tells somebody of a message that could not be delivered, in the transaction in which it is given up."""


class Outbox:
    """The worker that delivers what waits."""

    def __init__(self, store: Store, wires: dict[str, Wire] | None = None, clock: Callable[[], float] = time) -> None:
        self.store = store
        self.wires: dict[str, Wire] = dict(wires or {})
        self.clock = clock
        self.on_parked: Telling | None = None
        self._awake = asyncio.Event()
        self._running = False
        self._stopping = False
        self._held_back = False  # something is due that must wait for an earlier message of its conversation
        self._handed: set[asyncio.Task[None]] = set()
        self._marks = Marks(store)
        self._presence = presence(store)
        self._look_at = 0.0  # by the loop's time

    def wake(self) -> None:
        """There is something new: deliver it now."""
        self._awake.set()

    async def run(self) -> None:
        """Delivers until stopped; a database that is away is waited for."""
        try:
            with contextlib.suppress(StoreUnavailable):  # it is looked for again with the first messages
                await self._take_over()
            self._running = True
            await self._work()
        finally:
            self._running = False
            try:
                if self._handed:
                    await asyncio.wait(set(self._handed))
            finally:
                await self._presence.end()

    async def _take_over(self) -> None:
        """What a process that has ended left is due soon."""
        loop = asyncio.get_running_loop()
        if loop.time() >= self._look_at:
            self._look_at = loop.time() + LOOK
            if await take_over(self.store, self._presence, self.clock()):
                loop.call_later(SETTLED, self.wake)

    async def _work(self) -> None:
        while not self._stopping:
            self._awake.clear()
            try:
                await self._take_over()
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
            async with self.store.reading() as tx:
                free = or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= self.clock())
                waiting = and_(outbox.c.state == "waiting", free, outbox.c.channel.in_(self.wires))
                next_due = await tx.scalar(select(func.min(outbox.c.due_at)).where(waiting))
        except StoreUnavailable:
            return IDLE
        self._held_back = next_due is not None and next_due <= self.clock()
        return min(IDLE, max(0.05, next_due - self.clock())) if next_due is not None else IDLE

    # -- what a turn hands over ------------------------------------------------------------------------------------

    def lease(self, channel: str) -> Lease | None:
        """That a message that is being written is this process's to send. None: it goes the way of the table."""
        if self._stopping or not self._running or channel not in self.wires or len(self._handed) >= AT_ONCE:
            return None
        return self._own(self.clock())

    def _own(self, now: float) -> Lease:
        return Lease(now + LEASE, self._presence.number)

    def hand(self, rows: Sequence[Held]) -> None:
        """Sends what was written with a lease and is committed now, in its order."""
        groups: dict[str, list[Held]] = {}
        for row in rows:
            groups.setdefault(row.conversation, []).append(row)
        for group in groups.values():
            task = asyncio.create_task(self._at_once(group))
            self._handed.add(task)
            task.add_done_callback(self._handed.discard)

    async def _at_once(self, rows: list[Held]) -> None:
        try:
            await self._in_order(rows)
        except StoreUnavailable as error:  # the lease runs out, and the row is taken up again
            log.warning("outbox_waits_for_store", reason=str(error))
        if self._held_back:
            self.wake()

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
        groups: dict[str, list[Held]] = {}
        for row in rows:
            groups.setdefault(row.conversation, []).append(row)
        await asyncio.gather(*(self._in_order(group) for group in groups.values()))
        return len(rows)

    async def _lease(self, tx: AsyncConnection) -> list[Held]:
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
        own = self._own(now)
        if found:
            ids = [row.id for row in found]
            await tx.execute(
                update(outbox).where(outbox.c.id.in_(ids)).values(leased_until=own.until, leased_by=own.by)
            )
        return [Held.of_row(row, own) for row in found]

    async def _in_order(self, rows: list[Held]) -> None:
        for place, row in enumerate(rows):
            if row.lease.by not in (None, self._presence.number):
                return  # this process was not seen for a moment: others may have taken it to be gone, and send these
            if row.lease.until - self.clock() < SLOW:
                await self._release(rows[place:])
                return
            if not await self._send(row):
                await self._release(rows[place + 1 :])
                return

    async def _send(self, row: Held) -> bool:
        """One message. True when the next of its conversation may go."""
        wire = self.wires[row.channel]
        try:
            address = await self._address(wire, row)
            before = await self._before(row)
            reference = await wire.send(address, row.outgoing, before, row.once, row.again)
        except RetryLater as error:
            return await self._later(row, str(error), error.after)
        except StoreUnavailable as error:  # what stands before, or a document, could not be read
            return await self._later(row, str(error), None)
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

    async def _address(self, wire: Wire, row: Held) -> Address:
        person = row.address.get("person") if set(row.address) == {"person"} else None
        return await wire.private(row.organisation, person) if person else dict(row.address)

    async def _before(self, row: Held) -> Address | None:
        if not row.key or row.looked:
            return row.before
        async with self.store.reading() as tx:
            return await shown_before(tx, row.organisation, row.conversation, row.key, row.id)

    async def _later(self, row: Held, reason: str, after: float | None) -> bool:
        attempts = row.attempts + 1
        if attempts >= ATTEMPTS:
            await self._park(row, f"given up after {attempts} tries: {reason}")
            return True
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (attempts - 1)) * random.uniform(0.8, 1.2)  # noqa: S311
        due = self.clock() + (max(after, 0.1) if after is not None else pause)
        await self._mark(row, attempts=attempts, due_at=due, error=reason)
        DELIVERIES.labels(row.channel, "later").inc()
        self.wake()  # the worker looks anew when something is due
        return False

    async def _park(self, row: Held, reason: str) -> None:
        """Given up, and somebody told in its stead: in one transaction, so that no process can end between the two."""
        parked = {"state": "parked", "attempts": row.attempts + 1, "error": reason, "leased_until": None}
        mine = and_(outbox.c.id == row.id, outbox.c.state == "waiting")
        async with self.store.transaction() as tx:
            done = await tx.execute(update(outbox).where(mine).values(parked))
            if not done.rowcount:
                return  # another worker, whose lease came after this one, has ended it
            if self.on_parked is not None:
                await self._tell(tx, self.on_parked, row, reason)
        DELIVERIES.labels(row.channel, "parked").inc()
        log.warning("delivery_parked", row=row.id, channel=row.channel, purpose=row.purpose, reason=reason)
        self.wake()

    async def _tell(self, tx: AsyncConnection, on_parked: Telling, row: Held, reason: str) -> None:
        """A fault in telling ends neither the parking nor the worker; `someguide reconcile` shows what was not told."""
        try:
            async with tx.begin_nested():
                await on_parked(tx, row, reason)
        except Exception as error:
            if self.store.lost(error):
                raise
            log.exception("parked_untold", row=row.id, channel=row.channel, purpose=row.purpose)

    async def _mark(self, row: Held, **values: Any) -> None:
        await self._marks.write(row.id, {"leased_until": None, **values})

    async def _release(self, rows: Sequence[Held]) -> None:
        for row in rows:
            await self._mark(row)
        self.wake()

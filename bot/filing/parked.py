"""When a message of a request cannot be delivered: nothing is dropped, a person who can act is told."""

from __future__ import annotations

from sqlalchemy import select

from bot.filing.consequences import Purpose
from bot.filing.desk import Desk
from bot.filing.requests import Request, by_reference
from bot.filing.rights import Role
from bot.filing.states import Act, State
from bot.outbox import Held
from bot.store.tables import outbox

TO_REQUESTER = frozenset({"reply", Purpose.DECISION.value})
SILENT = frozenset({Purpose.INSTEAD.value, Purpose.UPDATE.value, Purpose.NEWS.value})
"""Of these nobody is told: the first would go in circles, the others only repeat what is shown elsewhere."""


async def tell(desk: Desk, row: Held, reason: str) -> None:
    """Tells somebody, in the message's stead. `someguide outbox` shows the message and the reason."""
    request = await by_reference(desk.tx, desk.organisation, row.request, hold=True) if row.request else None
    if request is None or row.purpose in SILENT:
        return
    if row.purpose == Purpose.APPROVAL.value:
        await _manager_away(desk, request)
    elif row.purpose == Purpose.REVIEW.value:
        await _review_elsewhere(desk, request, row.conversation)
    else:
        message = "request-parked-requester" if row.purpose in TO_REQUESTER else "request-parked-document"
        await _reviewers(
            desk, request, row.conversation, message, name=request.requester_name or "–", channel=row.channel
        )


async def _manager_away(desk: Desk, request: Request) -> None:
    """The requester may name another."""
    if request.state is not State.WAITING:
        return
    to = await desk.person(request.requester)
    reader = await desk.reader(to, {Role.REQUESTER}, request.language)
    name = reader.name(request.approver_name)
    button = reader.button(request, Act.NAME)
    await desk.tell(to, Purpose.INSTEAD, "request-parked-manager", request, button, name=name)


async def _review_elsewhere(desk: Desk, request: Request, away: str) -> None:
    """The request goes to the next review conversation, or to the mailbox; if there is none, the requester is told."""
    others = [
        d
        for d in desk.office.destinations.review(desk.organisation, request.requester)
        if d.conversation != away and not await _is_parked(desk, request, d.conversation)
    ]
    shown = {place.conversation for place in await desk.places(request)}
    for to in others:
        if to.conversation not in shown:
            await desk.show(to, {Role.REVIEWER}, Purpose.INSTEAD, request)
            return
    if others:
        await desk.tell(others[0], Purpose.INSTEAD, "request-parked-review", request)
        return
    to = await desk.person(request.requester)
    await desk.tell(to, Purpose.INSTEAD, "request-parked-nobody", request)


async def _is_parked(desk: Desk, request: Request, conversation: str) -> bool:
    found = await desk.tx.scalar(
        select(outbox.c.id)
        .where(
            outbox.c.organisation == desk.organisation,
            outbox.c.request == request.reference,
            outbox.c.conversation == conversation,
            outbox.c.state == "parked",
        )
        .limit(1)
    )
    return found is not None


async def _reviewers(desk: Desk, request: Request, away: str, message: str, **values: str) -> None:
    for to in desk.office.destinations.review(desk.organisation, request.requester):
        if to.conversation != away:
            await desk.tell(to, Purpose.INSTEAD, message, request, **values)

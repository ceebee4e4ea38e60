"""Unfinished dialogues do not lie for ever: the person is warned, and then what they answered is forgotten.

Called by the worker now and then. A person who comes back to an overdue dialogue where no worker runs (the terminal)
is told by `Dialogue.expire_overdue` instead.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select, update

from bot.dialogue.days import shown_date
from bot.dialogue.sessions import DAY, UNFINISHED, Session, save, session_by_id, warning
from bot.memory import private_destination
from bot.messages import Button, Kind, Outgoing, Style
from bot.outbox import put
from bot.store.store import Store
from bot.store.tables import sessions
from bot.texts import say
from knowledge.loader import Knowledge, KnowledgeError, UnknownOrganisation

if TYPE_CHECKING:
    from bot.organisations import Organisations

log = structlog.get_logger()


async def expire(store: Store, organisations: Organisations, now: float, draft_days: int) -> int:
    """Warns of what will soon expire and ends what is overdue. Returns how many sessions were touched."""
    quiet_since = now - draft_days * DAY + warning(draft_days)
    async with store.transaction() as tx:
        found = list(
            await tx.execute(
                select(sessions.c.id, sessions.c.organisation, sessions.c.person, sessions.c.conversation).where(
                    sessions.c.state.in_([state.value for state in UNFINISHED]),
                    sessions.c.updated_at <= quiet_since,
                    sessions.c.request.is_(None),
                )
            )
        )
    touched = 0
    for row in found:
        knowledge = await _knowledge(organisations, row.organisation)
        about = (f"{row.organisation}/{row.conversation}", f"{row.organisation}/{row.person}")
        async with store.transaction(*about) as tx:
            session = await session_by_id(tx, row.organisation, row.id)
            if session is None or session.state not in UNFINISHED or session.updated_at > quiet_since:
                continue  # the person came back meanwhile
            if session.warned_at is None:
                to = await private_destination(tx, session.organisation, session.person)
                ends = now + warning(draft_days)
                message = _warning(session, knowledge, max(session.expires_at(draft_days), ends))
                if message:
                    await put(tx, session.organisation, to, message, now, purpose="expiry")
                await tx.execute(update(sessions).where(sessions.c.id == session.id).values(warned_at=now))
            elif session.expires_at(draft_days) <= now:
                session.expire()
                await save(tx, session, now)
            else:
                continue
        touched += 1
    if touched:
        log.info("drafts_expiring", count=touched)
    return touched


async def _knowledge(organisations: Organisations, organisation: str) -> Knowledge | None:
    """What an organisation knows; None for one that is no longer there."""
    try:
        return await asyncio.to_thread(organisations.knowledge, organisation)
    except (UnknownOrganisation, KnowledgeError):
        return None


def _warning(session: Session, knowledge: Knowledge | None, ends: float) -> Outgoing | None:
    """What the person is told; None when the flow is no longer there."""
    flow = knowledge.flows.get(session.flow) if knowledge else None
    if knowledge is None or flow is None:
        return None
    title = flow.title.get(session.language) or next(iter(flow.title.values()))
    begun, end = (shown_date(knowledge.organisation.day(at)) for at in (session.created_at, ends))
    return Outgoing(
        Kind.NOTICE,
        session.language,
        say(session.language, "expires-soon", title=title, begun=begun, date=end),
        flow=session.flow,
        buttons=(
            Button(say(session.language, "button-resume"), f"s:{session.id}:resume", Style.PRIMARY),
            Button(say(session.language, "button-cancel"), f"s:{session.id}:cancel"),
        ),
        private=True,
    )

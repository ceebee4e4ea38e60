"""What the store holds of a message's sender and conversation: read with one statement before the turn, written after.

The statements are made once: building and compiling them anew took longer than running them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, Table, and_, bindparam, exists, literal_column, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogue.sessions import UNFINISHED, Session, of_row
from bot.messages import Incoming, Outgoing
from bot.outbox import Destination
from bot.store.tables import conversations, events, outbox, people, sessions
from knowledge.models import Language

if TYPE_CHECKING:
    from bot.assistant import Turn

SAID = "said"
"""In an address: the message that somebody has just written or pressed on. It is another each time, and no part of how
they are reached."""
SEEN_AGAIN = 86_400.0
"""Seconds after which a person of whom nothing has changed is noted anew as somebody who uses the assistant."""


@dataclass
class Conversation:
    """What is remembered of a conversation between two messages."""

    language: Language | None
    answered_in: Language | None
    offered: list[tuple[str, str]]  # action and label of what could be pressed last: topics and buttons
    asked: dict[str, Any] | None


@dataclass(frozen=True)
class Recalled:
    """What was known when the message came in."""

    handled: list[int] | None = None  # the deliveries that answered the same event, if it was handled before
    conversation: Conversation = field(default_factory=lambda: Conversation(None, None, [], None))
    person: dict[str, Any] | None = None  # their row
    unfinished: tuple[Session, ...] = ()  # the person's dialogues, the latest first
    waiting: bool = False  # whether a message to this conversation has not left yet


def event_key(incoming: Incoming) -> str | None:
    """An event's name in the store."""
    return f"{incoming.organisation}/{incoming.event}"[:255] if incoming.event is not None else None


_SESSION = "session_"


@cache
def _all_at_once() -> Any:
    """One row for each unfinished dialogue, at least one; everything else is the same in each."""
    one = select(literal_column("1").label("one")).subquery("one")
    organisation: Any = bindparam("organisation")
    conversation: Any = bindparam("conversation")
    joined = (
        one.outerjoin(events, events.c.event == bindparam("event"))
        .outerjoin(
            conversations,
            and_(conversations.c.organisation == organisation, conversations.c.conversation == conversation),
        )
        .outerjoin(people, and_(people.c.organisation == organisation, people.c.person == bindparam("person")))
        .outerjoin(
            sessions,
            and_(
                sessions.c.organisation == organisation,
                sessions.c.person == bindparam("talker"),
                or_(*(sessions.c.state == _written_out(state.value) for state in UNFINISHED)),
            ),
        )
    )
    waits = exists().where(outbox.c.conversation == conversation, outbox.c.state == _written_out("waiting"))
    return (
        select(
            events.c.deliveries,
            conversations.c.conversation.label("known"),
            conversations.c.language.label("chosen"),
            *(conversations.c[name] for name in ("answered_in", "offered", "asked")),
            *(people.c[name].label(f"person_{name}") for name in _PERSON),
            waits.label("waits"),
            *(column.label(f"{_SESSION}{column.name}") for column in sessions.c),
        )
        .select_from(joined)
        .order_by(sessions.c.updated_at.desc(), sessions.c.id.desc())
    )


def _written_out(state: str) -> Any:
    """A state of ours as part of the statement. Given as a value, SQLite would plan anew each time: it must see
    whether the index over open dialogues alone serves."""
    return literal_column(f"'{state}'")


_PERSON = ("name", "language", "conversation", "address", "seen_at")


async def recall(tx: AsyncConnection, incoming: Incoming) -> Recalled:
    """All that a turn needs to know before it begins."""
    found = await tx.execute(
        _all_at_once(),
        {
            "organisation": incoming.organisation,
            "conversation": incoming.conversation,
            "event": event_key(incoming),
            "person": incoming.person.id if incoming.person else None,
            "talker": incoming.person.id if incoming.person else incoming.conversation,
        },
    )
    rows = found.all()
    row = rows[0]
    unfinished = (r._asdict() for r in rows if r.session_id is not None)
    return Recalled(
        handled=None if row.deliveries is None else list(row.deliveries),
        conversation=_conversation(row),
        person=None if row.person_seen_at is None else {name: getattr(row, f"person_{name}") for name in _PERSON},
        unfinished=tuple(of_row(whole, _SESSION) for whole in unfinished),
        waiting=bool(row.waits),
    )


def _conversation(row: Row[Any]) -> Conversation:
    if row.known is None:
        return Conversation(None, None, [], None)
    return Conversation(
        Language(row.chosen) if row.chosen else None,
        Language(row.answered_in) if row.answered_in else None,
        [(topic, label) for topic, label in row.offered],
        row.asked,
    )


async def remember(turn: Turn, replies: Sequence[Outgoing]) -> None:
    """Keeps the conversation as the turn leaves it, and the person."""
    incoming, conversation = turn.incoming, turn.conversation
    spoken = replies[-1].language if replies else conversation.answered_in
    values = {
        "organisation": incoming.organisation,
        "conversation": incoming.conversation,
        "language": conversation.language.value if conversation.language else None,
        "answered_in": spoken.value if spoken else None,
        "offered": _offered(replies) or [list(pair) for pair in conversation.offered],
        "asked": conversation.asked,
        "seen_at": turn.now,
    }
    await turn.tx.execute(_kept(turn.tx.dialect.name, conversations), values)
    if incoming.person is not None:
        await _meet(turn)


async def speak(tx: AsyncConnection, incoming: Incoming) -> None:
    """The reader has set the language of their own page: what was spoken or chosen there before holds no more."""
    if incoming.language is None:
        return
    here = (
        conversations.c.organisation == incoming.organisation,
        conversations.c.conversation == incoming.conversation,
    )
    spoken = {"language": None, "answered_in": incoming.language.value}
    await tx.execute(update(conversations).where(*here).values(**spoken))
    if incoming.person is not None:
        known = (people.c.organisation == incoming.organisation, people.c.person == incoming.person.id)
        await tx.execute(update(people).where(*known).values(language=incoming.language.value))


async def _meet(turn: Turn) -> None:
    """Keeps how a person can be reached, as long as they use the assistant."""
    incoming, known = turn.incoming, turn.known.person
    assert incoming.person is not None  # noqa: S101 - said by the caller
    values = {"language": None, "conversation": None, "address": None, **(known or {})}
    values |= {"name": incoming.person.name, "seen_at": turn.now}
    # a press comes in the language of the message it stood under: no more than a first guess at the person's own
    if incoming.language and (incoming.choice is None or incoming.beside or known is None):
        values["language"] = incoming.language.value
    if incoming.private:
        reached = {name: kept for name, kept in incoming.address.items() if name != SAID}
        values |= {"conversation": incoming.conversation, "address": reached}
    if known and {**values, "seen_at": 0.0} == {**known, "seen_at": 0.0} and turn.now - known["seen_at"] < SEEN_AGAIN:
        return
    keys = {"organisation": incoming.organisation, "person": incoming.person.id}
    await turn.tx.execute(_kept(turn.tx.dialect.name, people), {**keys, **values})


@cache
def _kept(dialect: str, table: Table) -> Any:
    """Writes a whole row, new or known."""
    insert: Any = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    given = insert.values({column.name: bindparam(column.name) for column in table.c})
    changed = {column.name: given.excluded[column.name] for column in table.c if not column.primary_key}
    return given.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed)


@cache
def _noted(dialect: str) -> Any:
    insert: Any = sqlite.insert(events) if dialect == "sqlite" else postgresql.insert(events)
    return insert.values({column.name: bindparam(column.name) for column in events.c}).on_conflict_do_nothing()


async def note(tx: AsyncConnection, incoming: Incoming, deliveries: list[int], now: float) -> bool:
    """Writes down that an event was handled. False when another instance has done so meanwhile."""
    values = {"event": event_key(incoming), "deliveries": deliveries, "at": now}
    return bool((await tx.execute(_noted(tx.dialect.name), values)).rowcount)


async def handled(tx: AsyncConnection, incoming: Incoming) -> list[int]:
    """The deliveries that answered an event that was handled before."""
    found = await tx.execute(select(events.c.deliveries).where(events.c.event == event_key(incoming)))
    return list(found.scalar_one())


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


def _offered(replies: Sequence[Outgoing]) -> list[list[str]]:
    """What the replies offer to press: a button's action, or a topic, each with its label."""
    found: list[list[str]] = []
    for reply in replies:
        found += [[choice.topic, choice.label] for choice in (*reply.choices, *reply.related)]
        found += [[button.action, button.label] for button in reply.buttons]
        found += [[b.action, b.label] for group in reply.groups for entry in group.entries for b in entry.buttons]
        found += [[row.change.action, row.change.label] for row in reply.rows if row.change]
    return found

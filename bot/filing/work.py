"""Doing an act on a request, with all that follows from it, in the turn's transaction."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.dialogue.sessions import Session, save, session_by_id
from bot.dialogue.sessions import State as SessionState
from bot.filing import register
from bot.filing.cards import Reader
from bot.filing.consequences import CONSEQUENCES, Consequence, Dialogue, Purpose
from bot.filing.desk import Desk
from bot.filing.requests import Request, Snapshot, move
from bot.filing.rights import Role
from bot.filing.states import Act, State
from bot.messages import Button, Document, Kind, Outgoing, Style
from bot.outbox import Destination
from knowledge.models import Language


@dataclass(frozen=True)
class Deed:
    """What somebody does: an act with its words, and what it changes in the request's columns."""

    act: Act
    person: str
    name: str
    reason: str = ""
    step: str = ""
    answers: Snapshot | None = None
    changes: dict[str, str | None] = field(default_factory=dict)


async def do(desk: Desk, request: Request, deed: Deed) -> Request:
    """Changes the request and writes every message that follows. Raises Impossible or Overtaken."""
    moved = await move(
        desk.tx,
        request,
        deed.act,
        deed.person,
        deed.name,
        desk.now,
        reason=deed.reason,
        step=deed.step,
        answers=deed.answers,
        **deed.changes,
    )
    if deed.act is Act.APPROVE:
        await register.approved(desk.tx, moved, desk.office.knowledge(desk.organisation), desk.now)
    await follow(desk, moved, request.state)
    return moved


async def follow(desk: Desk, request: Request, before: State) -> None:
    """What follows from the latest step of a request's history."""
    act = request.last.what
    what = CONSEQUENCES[act]
    if what.dialogue:
        await _dialogue(desk, request, what.dialogue)
    shown = await _cards(desk, request, what)
    await desk.renew(request, but=shown)
    await _words(desk, request, what, before)
    await _documents(desk, request, what)


async def _cards(desk: Desk, request: Request, what: Consequence) -> set[str]:
    shown: set[str] = set()
    if what.approval and request.approver:
        to = await desk.person(request.approver)
        await desk.show(to, {Role.MANAGER}, Purpose.APPROVAL, request)
        shown.add(to.conversation)
    for to in desk.office.destinations.review(desk.organisation, request.requester) if what.review else ():
        await desk.show(to, {Role.REVIEWER}, Purpose.REVIEW, request)
        if _was_filed(request, before=request.version):
            await desk.tell(to, Purpose.NEWS, "request-news-again", request, version=request.version)
        shown.add(to.conversation)
    return shown


async def _words(desk: Desk, request: Request, what: Consequence, before: State) -> None:
    """What people are told in a message of its own: a card that changes in its place goes unnoticed."""
    last = request.last
    values = {"name": last.name or "–", "reason": last.reason}
    if what.requester:
        to = await desk.person(request.requester)
        reader = await desk.reader(to, {Role.REQUESTER}, request.language)
        values["name"] = reader.name(last.name)
        await desk.tell(
            to, Purpose.DECISION, f"request-told-{last.what.value}", request, *_next(reader, request), **values
        )
    news = f"request-news-{last.what.value}"
    if what.manager and request.approver and before is State.WAITING:
        await desk.tell(await desk.person(request.approver), Purpose.NEWS, news, request, **values)
    if what.colleague and request.reviewer and request.reviewer != last.person:
        await desk.tell(await desk.person(request.reviewer), Purpose.NEWS, news, request, **values)
    if what.reviewers and _was_filed(request):
        for to in desk.office.destinations.review(desk.organisation, request.requester):
            if to.conversation != desk.here:
                await desk.tell(to, Purpose.NEWS, news, request, **values)


def _was_filed(request: Request, before: int | None = None) -> bool:
    """Whether the reviewers have seen it: any version, or one `before` another."""
    seen = [e.version for e in request.events if e.state in (State.FILED, State.IN_REVIEW)]
    return bool(seen) and (before is None or min(seen) < before)


def _next(reader: Reader, request: Request) -> tuple[Button, ...]:
    """What the requester can do about it at once."""
    if request.state is State.RETURNED:
        action = f"s:{request.session}:resume"
        mend = Button(reader.say("request-button-mend"), action, Style.PRIMARY)
        return (mend, reader.button(request, Act.WITHDRAW)) if request.last.what is Act.DECLINE else (mend,)
    return (reader.button(request, Act.ANSWER),) if request.question() else ()


async def _documents(desk: Desk, request: Request, what: Consequence) -> None:
    """The mail to communications and the webhook; what they hold is made, when they leave, from the history."""
    found = desk.office.destinations
    reference = f"{request.reference}@{request.last.id}"
    mailbox = found.mailbox(desk.organisation)
    if what.mail and mailbox and _was_filed(request):
        document = Document(f"{request.reference}.pdf", "application/pdf", reference)
        await _document(desk, mailbox, Purpose.MAIL, request, document)
    webhook = found.webhook(desk.organisation)
    if what.webhook and webhook:
        document = Document(f"{request.reference}.json", "application/json", reference)
        await _document(desk, webhook, Purpose.WEBHOOK, request, document)


async def _document(desk: Desk, to: Destination, purpose: Purpose, request: Request, document: Document) -> None:
    reader = Reader(desk.languages[0], desk.zone, {Role.REVIEWER})
    subject = f"{reader.heading(request)}{f': {request.unit}' if request.unit else ''}"
    if purpose is Purpose.MAIL:
        subject = f"{subject} – {reader.of(request, f'request-mail-{request.state.value}')}"
    text = reader.state(request)
    message = Outgoing(Kind.REQUEST, reader.language, text, title=subject, document=document)
    await desk.send(to, message, purpose, request)


async def _dialogue(desk: Desk, request: Request, what: Dialogue) -> None:
    """Opens the requester's session again, with the words on its steps; or ends it."""
    session = await session_by_id(desk.tx, desk.organisation, request.session)
    if session is None:
        return
    if what is Dialogue.REOPEN:
        session.state, session.asking = SessionState.PAUSED, None
        session.pending = {"notes": _notes(desk, request, session.language)}
    elif session.state is not SessionState.FILED:
        session.state, session.answers, session.pending = SessionState.CANCELLED, {}, None
    await save(desk.tx, session, desk.now)


def _notes(desk: Desk, request: Request, language: Language) -> dict[str, str]:
    """What was written to single answers and by whom; a manager's words belong to the answer that names the manager."""
    flow = desk.office.knowledge(desk.organisation).flows.get(request.flow)
    if request.last.what is Act.DECLINE:
        said = {flow.approver: request.last} if flow and flow.approver else {}
    else:
        said = {e.step: e for e in request.events if e.version == request.version and e.what is Act.NOTE}
    reader = Reader(language, desk.zone)
    return {
        step: reader.say("request-words", name=reader.name(event.name), reason=event.reason)
        for step, event in said.items()
    }


def done(session: Session, reference: str) -> None:
    """The session has become a request."""
    session.state, session.request, session.pending, session.asking = SessionState.FILED, reference, None, None

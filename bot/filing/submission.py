"""A finished checklist becomes a request, or the next version of a returned one."""

from __future__ import annotations

from bot.dialogue.sessions import State as SessionState
from bot.dialogue.talk import Talk
from bot.filing.answers import snapshot
from bot.filing.cards import Reader
from bot.filing.desk import Desk
from bot.filing.people import Named, find
from bot.filing.requests import Request, by_reference, create, next_reference
from bot.filing.rights import Role
from bot.filing.states import Act, State
from bot.filing.work import Deed, do, done, follow
from bot.messages import Outgoing


async def submit(desk: Desk, talk: Talk, person: str, name: str) -> list[Outgoing]:
    """Files the session's answers. The session is changed; the caller keeps it."""
    session = talk.session
    before = await by_reference(desk.tx, desk.organisation, session.request) if session.request else None
    if before is not None and before.state is not State.RETURNED:
        session.state = SessionState.FILED
        return [talk.notice("request-already-filed", reference=before.reference)]
    manager = await _manager(desk, talk, person)
    if manager and manager.id == person:
        assert talk.flow.approver is not None  # noqa: S101 - it named the manager
        return [talk.notice("request-manager-self"), *talk.change(talk.flow.approver)]
    act = Act.SUBMIT if manager is None or _agreed_before(before, manager) else Act.SUBMIT_TO_MANAGER
    if before is None:
        request = await _first(desk, talk, person, name, manager, act)
    else:
        request = await _again(desk, talk, before, manager, act)
    done(session, request.reference)
    return [await receipt(desk, request, talk)]


async def _manager(desk: Desk, talk: Talk, person: str) -> Named | None:
    """The person of the approver step, where this way through the flow has one."""
    step = talk.flow.approver
    asked = {s.id for s in talk.at().asked}
    if step is None or step not in asked or talk.session.answers[step]["value"] is None:
        return None
    value = talk.session.answers[step]["value"]
    return await find(desk.tx, desk.organisation, str(value["name"]), value.get("id"), person)


def _agreed_before(request: Request | None, manager: Named) -> bool:
    """The same manager has agreed to an earlier version and not declined since: the reviewer's return is mended."""
    said = request.latest(Act.AGREE, Act.DECLINE) if request else None
    return said is not None and said.what is Act.AGREE and said.person == manager.id


def _columns(talk: Talk, manager: Named | None) -> dict[str, str | None]:
    unit = talk.session.answers.get(talk.flow.unit or "", {}).get("value")
    return {
        "unit": str(unit or "")[:200],
        "approver": manager.id if manager else None,
        "approver_name": manager.name if manager else None,
    }


async def _first(desk: Desk, talk: Talk, person: str, name: str, manager: Named | None, act: Act) -> Request:
    columns = _columns(talk, manager)
    draft = Request(
        organisation=desk.organisation,
        reference=await next_reference(desk.tx, desk.organisation, desk.prefix, desk.year),
        flow=talk.flow.id,
        session=talk.session.id,
        version=0,
        revision=0,
        state=State.DRAFT,
        unit=columns["unit"] or "",
        language=talk.language,
        requester=person,
        requester_name=name,
        approver=columns["approver"],
        approver_name=columns["approver_name"],
        reviewer=None,
        reviewer_name=None,
        created_at=desk.now,
        updated_at=desk.now,
    )
    request = await create(desk.tx, draft, act, snapshot(talk))
    await follow(desk, request, State.DRAFT)
    return request


async def _again(desk: Desk, talk: Talk, before: Request, manager: Named | None, act: Act) -> Request:
    deed = Deed(act, before.requester, before.requester_name, answers=snapshot(talk), changes=_columns(talk, manager))
    return await do(desk, before, deed)


async def receipt(desk: Desk, request: Request, talk: Talk) -> Outgoing:
    """What the requester is told at once: the reference, what happens next, and when."""
    here = await desk.person(request.requester)
    reader = await desk.reader(here, {Role.REQUESTER}, talk.language)
    reader.language = talk.language
    opening = reader.of(request, "request-receipt", reference=request.reference)
    if request.report:
        return reader.card(request, f"{opening} {_at_once(talk, reader)}")
    days = desk.office.destinations.of(desk.organisation).answer_days
    if request.state is State.WAITING:
        message = "request-next-manager" if request.approver else "request-next-nobody"
    else:
        message = "request-next-review"
    name = reader.name(request.approver_name)
    return reader.card(request, f"{opening} {reader.say(message, name=name, days=days)}")


def _at_once(talk: Talk, reader: Reader) -> str:
    """What does not wait for an answer: no report promises a day, and what is urgent is told to a person now."""
    urgent = talk.flow.urgent
    who = talk.answers.contact(urgent.contact if urgent else None).line()
    said = reader.say("request-next-report", contact=who)
    return f"{said}\n\n{talk.answers.in_language(urgent.text)}" if urgent else said

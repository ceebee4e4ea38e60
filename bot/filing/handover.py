"""Questions put to a person: what was asked and said goes to the reviewers, their answer goes back to the asker."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, insert, select, update

from bot import asked
from bot.filing import asking, questions
from bot.filing.consequences import Purpose
from bot.filing.desk import Desk
from bot.filing.rights import Look, ruling
from bot.messages import Button, Kind, Outgoing, Style
from bot.outbox import Destination
from bot.store.tables import handovers, outbox
from bot.texts import say
from knowledge.models import Language

if TYPE_CHECKING:
    from bot.assistant import Turn

OPEN, ANSWERED, DRAFTED = "open", "answered", "drafted"
ASK = "ho:ask"


async def press(desk: Desk, turn: Turn, action: str) -> list[Outgoing]:
    """`ho:ask:<key>` hands over the question it stands under; `ho:<id>:answer`, `…:draft`, `…:show` are reviewers'."""
    _, number, verb, *_ = [*action.split(":"), "", ""]
    if f"ho:{number}" == ASK:
        return await _hand_over(desk, turn, verb)
    row = await _by_id(desk, int(number)) if number.isdigit() and len(number) < 10 else None
    if row is None or verb not in ("answer", "draft", "show"):
        return [turn.notice("old-button")]
    roles = await desk.roles(turn.person)
    allowed = ruling(Look.ANSWER_HANDOVER, roles)
    if not allowed.allowed:
        return [replace(turn.notice(allowed.why_not), private=True)]
    if verb == "answer":
        return await _answer(desk, turn, row, action)
    if verb == "draft":
        return await _draft(desk, turn, row)
    return [await _card(desk, Destination(desk.here, {}), row)]


async def _by_id(desk: Desk, number: int) -> Row[Any] | None:
    """Nobody else changes it meanwhile: what shows it would miss the change (see requests.by_reference)."""
    found = await desk.tx.execute(
        select(handovers)
        .where(handovers.c.organisation == desk.organisation, handovers.c.id == number)
        .with_for_update()
    )
    return found.first()


async def waiting(desk: Desk, most: int) -> list[Row[Any]]:
    """The questions that nobody has answered yet, the oldest first."""
    where = handovers.c.organisation == desk.organisation, handovers.c.state == OPEN
    return list(await desk.tx.execute(select(handovers).where(*where).order_by(handovers.c.id).limit(most)))


async def _hand_over(desk: Desk, turn: Turn, key: str) -> list[Outgoing]:
    about = asked.meant(turn.conversation.asked, key)
    if not about.get("question"):
        return [turn.notice("handover-nothing")]
    same = (
        handovers.c.organisation == desk.organisation,
        handovers.c.asker == turn.person,
        handovers.c.question == about["question"],
        handovers.c.state == OPEN,
    )
    if await desk.tx.scalar(select(handovers.c.id).where(*same).limit(1)):
        return [turn.notice("handover-already")]
    incoming = turn.incoming
    number = await desk.tx.scalar(
        insert(handovers)
        .values(
            organisation=desk.organisation,
            language=turn.answers.language.value,
            question=about["question"],
            said=about["said"],
            topic=about["topic"],
            state=OPEN,
            asker=turn.person,
            conversation=incoming.conversation,
            channel=incoming.conversation.split(":", 1)[0],
            address=incoming.address,
            at=desk.now,
        )
        .returning(handovers.c.id)
    )
    row = await _by_id(desk, int(number or 0))
    assert row is not None  # noqa: S101 - it was written above
    for to in desk.office.destinations.review(desk.organisation, turn.person):
        await desk.send(to, await _card(desk, to, row), Purpose.HANDOVER, None)
    return [turn.notice("handover-sent", question=about["question"])]


async def _card(desk: Desk, to: Destination, row: Row[Any]) -> Outgoing:
    """The question for the reviewers. Who asks is not said: the answer finds its way without."""
    reader = await desk.reader(to)
    parts = [reader.say("handover-card", question=row.question), reader.say("handover-said", said=row.said or "–")]
    buttons: tuple[Button, ...]
    if row.state == OPEN:
        label = reader.say("handover-reason")
        buttons = (Button(reader.say("handover-button-answer"), f"ho:{row.id}:answer", Style.PRIMARY, label),)
    else:
        values = {"name": reader.name(row.reviewer_name), "date": reader.moment(row.answered_at or 0.0)}
        parts.append(reader.say("handover-answered", answer=row.answer, **values))
        draft = Button(reader.say("handover-button-draft"), f"ho:{row.id}:draft")
        buttons = (draft,) if row.state == ANSWERED else ()
    shared = desk.office.destinations.is_review(desk.organisation, to.conversation)
    title = reader.say("handover-title", number=row.id)
    return Outgoing(
        Kind.REQUEST,
        reader.language,
        "\n\n".join(parts),
        title=title,
        buttons=buttons,
        key=_key(row),
        private=not shared,
    )


def _key(row: Row[Any]) -> str:
    return f"handover:{row.id}"


async def _answer(desk: Desk, turn: Turn, row: Row[Any], action: str) -> list[Outgoing]:
    words = asking.words(turn)
    if row.state == OPEN and not words:
        return asking.ask(turn, action, turn.say("handover-reason"))
    refused = asking.refused(turn, words)
    if refused:
        return [refused]
    done = await desk.tx.execute(
        update(handovers)
        .where(handovers.c.id == row.id, handovers.c.state == OPEN)
        .values(
            state=ANSWERED,
            answer=words,
            reviewer=turn.person,
            reviewer_name=turn.name,
            answered_at=desk.now,
            asker="",
        )
    )
    fresh = await _by_id(desk, row.id)
    assert fresh is not None  # noqa: S101 - it was there above
    here = Destination(desk.here, {})
    if not done.rowcount:
        reader = await desk.reader(here)
        values = {"name": reader.name(fresh.reviewer_name), "date": reader.moment(fresh.answered_at or 0.0)}
        late = replace(turn.notice("handover-too-late", **values), private=True)
        return [late, await _card(desk, here, fresh)]
    await _hand_back(desk, fresh)
    await _renew(desk, fresh)
    return [await _card(desk, here, fresh)]


async def _hand_back(desk: Desk, row: Row[Any]) -> None:
    """The answer, where it was asked, in the language in which it was asked."""
    language = Language(row.language)
    text = say(language, "handover-back", question=row.question, answer=row.answer)
    to = Destination(row.conversation, dict(row.address))
    message = Outgoing(Kind.NOTICE, language, text, topic=row.topic)
    await desk.send(to, message, Purpose.HANDED_BACK, None)


async def _renew(desk: Desk, row: Row[Any]) -> None:
    rows = await desk.tx.execute(
        select(outbox.c.conversation, outbox.c.address)
        .where(outbox.c.organisation == desk.organisation, outbox.c.key == _key(row))
        .order_by(outbox.c.id)
    )
    for name, address in {r[0]: r[1] for r in rows}.items():
        if name != desk.here:
            to = Destination(name, dict(address))
            await desk.send(to, await _card(desk, to, row), Purpose.UPDATE, None)


async def _draft(desk: Desk, turn: Turn, row: Row[Any]) -> list[Outgoing]:
    """Keeps question and answer for the guideline's editors, without anybody's name."""
    if row.state != ANSWERED:
        return [turn.notice("old-button")]
    number = await questions.drafted(desk, row.language, row.question, row.answer, row.topic)
    await desk.tx.execute(update(handovers).where(handovers.c.id == row.id).values(state=DRAFTED))
    fresh = await _by_id(desk, row.id)
    assert fresh is not None  # noqa: S101 - it was there above
    await _renew(desk, fresh)
    command = f"someguide questions --org {desk.organisation} --draft {number}"
    return [turn.notice("handover-drafted", command=command), await _card(desk, Destination(desk.here, {}), fresh)]

"""Never lost, never doubled, point 2: every step of filing killed at every statement, and after its commit."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.channels import Gone
from bot.filing.states import Act
from bot.organisations import Organisations
from bot.outbox import LEASE, Outbox
from bot.store.tables import accounts, events, handovers, history, numbers, outbox, questions, requests, sessions
from tests.filing_town import Town
from tests.killing import Killed, killed_at

REFERENCE = "NYK-2026-0001"
STRANGE = "Vem lagar kaffemaskinen på tredje våningen?"
Message = dict[str, Any]


async def submit(town: Town, flow: str = "open-account") -> Message:
    session = await town.draft("chat:anna", flow)
    return {"who": "chat:anna", "choice": f"s:{session.id}:submit:{session.turn}"}


def press(who: str, verb: str, version: int | str = 1, **more: Any) -> Message:
    where = {"where": "chat:review"} if who == "chat:rita" else {}
    return {"who": who, "choice": f"req:{REFERENCE}:{verb}:{version}", **where, **more}


async def waiting(town: Town, message: Message) -> Message:
    await town.take(**await submit(town))
    return message


async def filed(town: Town, message: Message) -> Message:
    await waiting(town, message)
    await town.take(**press("chat:maria", "agree"))
    return message


async def asked(town: Town) -> Message:
    await filed(town, {})
    await town.take(**press("chat:rita", "ask", reason="Who?"))
    return press("chat:anna", "answer", reason="Me.")


async def returned(town: Town) -> Message:
    await filed(town, {})
    await town.take(**press("chat:rita", "return", reason="More."))
    number = (await town.request(REFERENCE)).session
    shown = (await town.said("chat:anna", choice=f"s:{number}:resume"))[-1]
    return {"who": "chat:anna", "choice": next(b.action for b in shown.buttons if ":submit:" in b.action)}


async def approved(town: Town) -> Message:
    await filed(town, {})
    await town.take(**press("chat:rita", "approve"))
    return press("chat:rita", "finish")


async def closing(town: Town) -> Message:
    await town.take(**await submit(town, "close-account"))
    await town.take(**press("chat:maria", "agree"))
    return press("chat:rita", "approve")


async def handed_over(town: Town, *presses: Message) -> Message:
    await town.take("chat:anna", STRANGE)
    for message in presses[:-1]:
        await town.take(**message)
    return presses[-1]


ASK = {"who": "chat:anna", "choice": "ho:ask"}
ANSWER = {"who": "chat:rita", "choice": "ho:1:answer", "where": "chat:review", "reason": "No."}
DRAFT = {"who": "chat:rita", "choice": "ho:1:draft", "where": "chat:review"}
STEPS: dict[str, Callable[[Town], Awaitable[Message]]] = {
    Act.SUBMIT: lambda town: submit(town, "incident"),
    Act.SUBMIT_TO_MANAGER: submit,
    Act.AGREE: lambda town: waiting(town, press("chat:maria", "agree")),
    Act.DECLINE: lambda town: waiting(town, press("chat:maria", "decline", reason="No.")),
    Act.NAME: lambda town: waiting(town, press("chat:anna", "approver", reason="Bo Berg")),
    Act.REMIND: lambda town: waiting(town, press("chat:anna", "resend")),
    Act.TAKE: lambda town: filed(town, press("chat:rita", "take")),
    Act.PASS: lambda town: filed(town, press("chat:rita", "pass", reason="Roy")),
    Act.ASK: lambda town: filed(town, press("chat:rita", "ask", reason="Who?")),
    Act.ANSWER: asked,
    Act.NOTE: lambda town: filed(town, press("chat:rita", "note", version="1:unit", reason="Which?")),
    Act.APPROVE: lambda town: filed(town, press("chat:rita", "approve")),
    Act.RETURN: lambda town: filed(town, press("chat:rita", "return", reason="More.\n2: Which?")),
    Act.REJECT: lambda town: filed(town, press("chat:rita", "reject", reason="No.")),
    Act.WITHDRAW: lambda town: filed(town, press("chat:anna", "withdraw")),
    Act.FINISH: approved,
    "submit again": returned,
    "approve the closing": closing,
    "hand over": lambda town: handed_over(town, ASK),
    "answer a question": lambda town: handed_over(town, ASK, ANSWER),
    "draft": lambda town: handed_over(town, ASK, ANSWER, DRAFT),
}
TABLES = (requests, history, numbers, sessions, outbox, accounts, events, handovers, questions)


async def fingerprint(town: Town) -> tuple[Any, ...]:
    """All that the database holds of requests and messages, as far as a step of filing changes it."""
    async with town.store.transaction() as tx:
        counts = [await tx.scalar(select(func.count()).select_from(table)) for table in TABLES]
        stands = (await tx.execute(select(requests.c.state, requests.c.version, requests.c.revision))).all()
        answered = (await tx.execute(select(handovers.c.state))).all()
        asking = (await tx.execute(select(sessions.c.state, sessions.c.request).order_by(sessions.c.id))).all()
        waits = (await tx.execute(select(outbox.c.state).order_by(outbox.c.id))).all()
    return (*counts, *stands, *answered, *asking, *waits)


async def one_card_everywhere(town: Town, key: str) -> None:
    """One thing, shown once in each place, and nothing differs."""
    for place in ("chat:anna", "chat:maria", "chat:review"):
        assert len(town.platform.at(place, key)) <= 1, place
    assert [str(d) for d in await town.differences()] == []


def test_every_act_has_its_kill_points() -> None:
    assert set(STEPS) >= set(Act)


@pytest.mark.parametrize("step", STEPS)
async def test_2_every_kill_point_of_every_step(either_town: Town, step: str) -> None:
    """Killed at its k-th statement, nothing of a step has happened; the platform's redelivery then brings it about."""
    town = either_town
    message = await STEPS[step](town)
    before, k = await fingerprint(town), 1
    while True:
        with killed_at(town.store, k) as count, suppress(Killed):
            await town.take(**message, event="e1")
        if count[0] < k:
            break
        assert await fingerprint(town) == before, f"killed at statement {k}"
        k += 1 if town.store.embedded else 3
    done = await fingerprint(town)
    assert k > 5
    assert done != before
    await town.take(**message, event="e1")
    assert await fingerprint(town) == done, "the same event again"
    await town.deliver()
    await one_card_everywhere(town, f"request:{REFERENCE}")
    await one_card_everywhere(town, "handover:1")


@pytest.mark.parametrize("step", [Act.SUBMIT_TO_MANAGER, Act.APPROVE])
async def test_2_killed_with_its_process(organisations: Organisations, tmp_path: Path, step: str) -> None:
    """The same over the file that the dead process leaves, opened by another."""
    base, path, k = tmp_path / "base.db", tmp_path / "killed.db", 0
    async with Town.open(organisations, f"sqlite:///{base}") as town:
        message = await STEPS[step](town)
        before = await fingerprint(town)
    ends = set()
    while True:
        k += 5
        for old in tmp_path.glob("killed.db*"):
            old.unlink()
        shutil.copy(base, path)
        async with Town.open(organisations, f"sqlite:///{path}") as town:
            with killed_at(town.store, k) as count, suppress(Killed):
                await town.take(**message, event="e1")
        async with Town.open(organisations, f"sqlite:///{path}") as town:
            if count[0] >= k:
                assert await fingerprint(town) == before, f"killed at statement {k}"
            await town.take(**message, event="e1")
            ends.add(await fingerprint(town))
            await town.deliver()
            await one_card_everywhere(town, f"request:{REFERENCE}")
        if count[0] < k:
            break
    assert k > 10
    assert len(ends) == 1, "the same end from every kill point"


async def test_2_killed_between_commit_and_sending(either_town: Town) -> None:
    """Committed, but neither acknowledged nor sent: the redelivery is answered alike, another worker sends."""
    town = either_town
    message = await submit(town)
    first = await town.take(**message, event="e1")
    again = await town.take(**message, event="e1")
    assert [d.id for d in again] == [d.id for d in first]
    assert [d.outgoing for d in again] == [d.outgoing for d in first]
    other = Outbox(town.store, {"chat": town.platform}, town.clock)
    while await other.deliver_due():
        pass
    await one_card_everywhere(town, f"request:{REFERENCE}")


@pytest.mark.parametrize("k", range(1, 16))
async def test_2_killed_while_sending_and_marking(town: Town, k: int) -> None:
    """Killed at any statement of the worker, before or after the platform took it: the lease ends, one card each."""
    await town.filed()
    with killed_at(town.store, k), suppress(Killed, BaseExceptionGroup):
        await town.outbox.deliver_due()
    town.clock.now += LEASE + 1
    await town.deliver()
    await one_card_everywhere(town, f"request:{REFERENCE}")


async def test_2_killed_while_giving_a_message_up(either_town: Town) -> None:
    """The manager is gone: killed at any statement of saying so, the requester is told all the same, and once."""
    town, k = either_town, 0
    town.platform.faults = lambda place, outgoing: Gone("uninstalled") if place == "chat:maria" else None
    while True:
        k += 1
        reference = await town.file(f"chat:person{k}")
        with killed_at(town.store, k) as count, suppress(Killed, BaseExceptionGroup):
            await town.outbox.deliver_due()
        town.clock.now += LEASE + 1
        await town.deliver()
        (parked,) = await town.rows(outbox.c.request == reference, outbox.c.state == "parked")
        assert parked.purpose == "approval"
        told = [p for p in town.platform.at(f"chat:person{k}") if "could not reach Maria" in p.text]
        assert len(told) == 1, f"killed at statement {k}"
        if count[0] < k:
            break
    assert k > 10
    assert await town.differences() == []


async def test_2_killed_while_sending_and_marking_on_either_database(either_town: Town) -> None:
    """The worker dies again and again, each time a little later."""
    town = either_town
    await town.filed()
    for k in range(1, 16):
        with killed_at(town.store, k), suppress(Killed, BaseExceptionGroup):
            await town.outbox.deliver_due()
        town.clock.now += LEASE + 1
    await town.deliver()
    await one_card_everywhere(town, f"request:{REFERENCE}")

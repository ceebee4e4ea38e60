"""Never lost, never doubled: the acceptance list (docs/requests.md), points 1, 3 to 7 and 9, on both databases (10)."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.channels import Gone, RetryLater, TooBig
from bot.filing.reconcile import differences
from bot.filing.states import State
from bot.messages import Outgoing
from bot.organisations import Organisations
from bot.outbox import ATTEMPTS
from bot.store.tables import history, numbers, outbox, requests, sessions
from tests.filing_town import ORG, Clock, Town, settings
from tests.killing import Killed, killed_at

ROOT = Path(__file__).parents[3]


async def one_card_everywhere(town: Town, reference: str) -> None:
    """One request, delivered once to each place."""
    key = f"request:{reference}"
    for place in ("chat:anna", "chat:maria", "chat:review"):
        assert len(town.platform.at(place, key)) <= 1, place
    found = [str(d) for d in await town.differences()]
    assert found == []


# -- 1: kill -9 ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
async def test_1_kill_9_at_random_points(town: Town, seed: int) -> None:
    """A child files; the parent kills it; what it acknowledged is there once, the rest not or once."""
    rng = random.Random(seed)
    drafts = [await town.draft(f"chat:person{n}", manager={"id": "chat:maria", "name": "Maria"}) for n in range(12)]
    todo = {f"e{d.id}": d for d in drafts}
    acknowledged: set[str] = set()
    for _ in range(3):
        waiting = [f"{name},{todo[name].person},{todo[name].id}" for name in todo if name not in acknowledged]
        command = [sys.executable, "-m", "tests.filing_child", town.url, *waiting]
        child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert child.stdout is not None
        for _ in range(rng.randint(1, 3)):
            line = child.stdout.readline().strip()
            acknowledged |= {line} if line in todo else set()
        await asyncio.sleep(rng.random() * 0.05)
        os.kill(child.pid, signal.SIGKILL)
        acknowledged |= {line.strip() for line in child.stdout if line.strip() in todo}
        child.wait()
    async with town.store.transaction() as tx:
        there = list((await tx.execute(select(requests.c.session))).scalars())
    assert acknowledged, "the child has worked"
    assert len(there) == len(set(there))
    assert {todo[name].id for name in acknowledged} <= set(there)
    for name, draft in todo.items():
        await town.submit(draft.person, draft, event=name)
    async with town.store.transaction() as tx:
        there = list((await tx.execute(select(requests.c.session))).scalars())
        last = await tx.scalar(select(numbers.c.last))
    assert sorted(there) == sorted(d.id for d in drafts)
    assert last == len(drafts)
    await town.deliver()
    assert await town.differences() == []
    assert len(town.platform.at("chat:maria")) == len(drafts)


# -- 3: the answer is lost -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
async def test_3_the_platform_took_it_but_the_answer_was_lost(either_town: Town, seed: int) -> None:
    town, rng = either_town, random.Random(seed)
    town.platform.lost = lambda: rng.random() < 0.5
    reference = await town.filed()
    await town.deliver()
    await town.review("chat:rita", reference, "approve:1")
    await town.deliver()
    await one_card_everywhere(town, reference)
    (card,) = town.platform.at("chat:review")
    assert "Rita" in card.text


# -- 4: the same event again ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 2, 4])
async def test_4_the_same_event_in_two_instances(organisations: Organisations, database: str, times: int) -> None:
    clock = Clock()
    async with (
        Town.open(organisations, database, clock=clock) as one,
        Town.open(organisations, database, clock=clock, platform=one.platform) as two,
    ):
        drafts = [await one.draft(f"chat:p{n}") for n in range(3)]
        calls = [
            town.submit(draft.person, draft, event=f"e{draft.id}")
            for draft in drafts
            for town in [one, two] * (times // 2) or [one]
        ]
        random.Random(times).shuffle(calls)
        made = await asyncio.gather(*calls)
        assert all(len(replies) == 1 for replies in made)
        await asyncio.gather(one.deliver(), two.deliver())
        assert await one.differences() == []
    async with Town.open(organisations, database, clock=clock, platform=one.platform) as later:
        for draft in drafts:
            await later.submit(draft.person, draft, event=f"e{draft.id}")
        await later.deliver()
        assert len(later.platform.at("chat:maria")) == 3
        async with later.store.transaction() as tx:
            assert await tx.scalar(select(func.count()).select_from(requests)) == 3
            assert await tx.scalar(select(func.count()).select_from(history)) == 3


# -- 5: two reviewers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verbs", [("approve", "return"), ("reject", "approve"), ("approve", "approve")])
async def test_5_two_reviewers_at_the_same_moment(
    organisations: Organisations, database: str, verbs: tuple[str, str]
) -> None:
    clock = Clock()
    async with (
        Town.open(organisations, database, clock=clock) as one,
        Town.open(organisations, database, clock=clock, platform=one.platform) as two,
    ):
        reference = await one.filed()
        made = await asyncio.gather(
            one.press("chat:rita", reference, f"{verbs[0]}:1", reason="One.", name="Rita"),
            two.press("chat:roy", reference, f"{verbs[1]}:1", reason="Two.", name="Roy"),
        )
        request = await one.request(reference)
        decided = [e for e in request.events if e.what.value in ("approve", "return", "reject")]
        assert len(decided) == 1
        late = [replies for replies in made if "no longer possible" in replies[0].text]
        assert len(late) == 1
        assert decided[0].name in late[0][0].text
        assert "2026" in late[0][0].text
        await asyncio.gather(one.deliver(), two.deliver())
        assert await one.differences() == []


# -- 6: double, stale, foreign, gone -------------------------------------------------------------------------------


async def test_6_double_press_and_stale_card(either_town: Town) -> None:
    town = either_town
    reference = await town.filed()
    await asyncio.gather(*(town.review("chat:rita", reference, "take:1") for _ in range(3)))
    request = await town.request(reference)
    assert [e.what.value for e in request.events].count("take") == 1
    await town.review("chat:rita", reference, "return:1", reason="More, please.")
    session = f"s:{request.session}"
    summary = (await town.said("chat:anna", choice=f"{session}:resume"))[-1]
    await town.said("chat:anna", choice=next(b.action for b in summary.buttons if ":submit:" in b.action))
    stale = await town.review("chat:rita", reference, "approve:1")
    assert "has changed" in stale[0].text
    assert (await town.request(reference)).state is State.FILED
    (foreign,) = await town.press("chat:eve", reference, "approve:2")
    assert "Only communications" in foreign.text
    async with town.store.transaction() as tx:
        await tx.execute(requests.delete())
    (gone,) = await town.press("chat:rita", reference, "approve:2")
    assert "There is no request" in gone.text


# -- 7: what platforms answer --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "ends"),
    [
        (lambda: RetryLater("429", 7.0), "sent"),
        (lambda: RetryLater("412"), "sent"),
        (lambda: RetryLater("502"), "sent"),
        (lambda: RetryLater("504"), "sent"),
        (lambda: Gone("403 blocked"), "parked"),
        (lambda: TooBig("413"), "parked"),
        (lambda: RuntimeError("a bug"), "parked"),
    ],
)
@pytest.mark.parametrize("place", ["chat:anna", "chat:maria", "chat:review"])
async def test_7_refusals_end_sent_or_seen(town: Town, fault: Any, ends: str, place: str) -> None:
    refused = {"left": 3}

    def faults(where: str, outgoing: Outgoing) -> Exception | None:
        if where != place or (ends == "sent" and refused["left"] <= 0):
            return None
        refused["left"] -= 1
        return fault()  # type: ignore[no-any-return]

    town.platform.faults = faults
    reference = await town.filed()
    await town.deliver()
    await town.review("chat:rita", reference, "approve:1")
    await town.deliver()
    parked = await town.rows(outbox.c.state == "parked")
    assert bool(parked) == (ends == "parked")
    assert all(row.error for row in parked)
    instead = await town.rows(outbox.c.purpose == "instead")
    assert bool(instead) == (ends == "parked"), "a person is told"
    rows = await town.rows()
    assert {row.state for row in rows} <= {"sent", "parked", "replaced", "waiting"}
    assert not [row for row in rows if row.state == "waiting" and row.channel not in ("web", "terminal")]
    if ends == "sent":
        assert await town.differences() == []


async def test_7_a_platform_that_stays_away_is_given_up_visibly(town: Town) -> None:
    town.platform.faults = lambda place, outgoing: RetryLater("503") if place == "chat:review" else None
    await town.filed()
    await town.deliver()
    (row,) = await town.rows(outbox.c.state == "parked", outbox.c.purpose == "review-card")
    assert row.attempts == ATTEMPTS
    assert "given up" in row.error
    told = [p.text for p in town.platform.at("chat:anna")]
    assert any("cannot reach communications" in text for text in told)


async def test_7_a_gone_manager_can_be_replaced(town: Town) -> None:
    town.platform.faults = lambda place, outgoing: Gone("uninstalled") if place == "chat:maria" else None
    reference = await town.file()
    await town.deliver()
    told = [p.outgoing for p in town.platform.at("chat:anna") if "could not reach Maria" in p.text]
    other = next(b.action for b in told[-1].buttons if ":approver:" in b.action)
    await town.said("chat:anna", choice=other, reason="Bo", mentions=())
    await town.take("chat:bo", "hello", name="Bo")
    await town.said("chat:anna", choice=other, reason="Bo")
    await town.press("chat:bo", reference, "agree:1")
    await town.deliver()
    assert (await town.request(reference)).state is State.FILED
    assert await town.differences() == []


# -- 9: the reconciler notices -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (outbox.delete().where(outbox.c.purpose == "review-card"), "no review channel"),
        (outbox.delete().where(outbox.c.purpose == "decision"), "should be told 1"),
        (outbox.delete().where(outbox.c.purpose == "reply"), "no receipt"),
        (outbox.update().where(outbox.c.purpose == "review-card").values(state="waiting"), "waits for chat"),
        (outbox.update().where(outbox.c.purpose == "review-card").values(state="parked", error="x"), "is parked"),
        (outbox.delete().where(outbox.c.purpose == "update"), "before the last change"),
        (requests.update().values(state="approved"), "its history says"),
        (history.delete().where(history.c.what == "agree"), "its history says"),
        (history.update().where(history.c.what == "agree").values(version=7), "it leads to"),
        (history.update().values(answers=None), "hold answers"),
        (numbers.update().values(last=3), "do not run"),
        (sessions.update().values(id=77), "there is no request"),
        (requests.update().values(revision=9), "its history says"),
    ],
)
async def test_9_reconcile_notices(town: Town, damage: Any, says: str) -> None:
    await town.filed()
    await town.deliver()
    assert await town.differences() == []
    async with town.store.transaction() as tx:
        await tx.execute(damage)
    found = [str(d) for d in await town.differences()]
    assert any(says in line for line in found), found


async def test_9_a_manager_asked_twice_or_never_is_noticed(town: Town) -> None:
    await town.file()
    await town.deliver()
    asked = outbox.c.purpose == "approval"
    async with town.store.transaction() as tx:
        row = (await tx.execute(select(outbox).where(asked))).one()._asdict()
        await tx.execute(outbox.insert().values({k: v for k, v in row.items() if k != "id"}))
    assert any("2 cards went to managers for 1 naming(s)" in str(d) for d in await town.differences())
    async with town.store.transaction() as tx:
        await tx.execute(outbox.delete().where(asked))
    assert any("waits for a manager who was not asked" in str(d) for d in await town.differences())


async def test_9_a_doubled_card_is_noticed(town: Town) -> None:
    reference = await town.filed()
    await town.deliver()
    async with town.store.transaction() as tx:
        row = (await tx.execute(select(outbox).where(outbox.c.purpose == "review-card"))).one()._asdict()
        await tx.execute(outbox.insert().values({k: v for k, v in row.items() if k != "id"}))
    assert any("2 review cards for 1 filing" in str(d) for d in await town.differences())
    assert reference


# -- numbers -------------------------------------------------------------------------------------------------------


async def test_numbers_have_no_gaps_and_begin_anew_each_year(either_town: Town) -> None:
    town = either_town
    assert await town.file("chat:a") == "NYK-2026-0001"
    broken = await town.draft("chat:b")
    with pytest.raises(Killed), killed_at(town.store, 25):
        await town.submit("chat:b", broken)
    assert await town.file("chat:c") == "NYK-2026-0002"
    town.clock.now = 1_798_758_000.0  # 31 December 2026, 23:00 in UTC: the new year has begun in Stockholm
    assert await town.file("chat:d") == "NYK-2027-0001"
    many = [await town.draft(f"chat:m{n}") for n in range(8)]
    await asyncio.gather(*(town.submit(d.person, d) for d in many))
    async with town.store.transaction() as tx:
        assert not [d for d in await differences(tx, ORG) if "run" in d.what]
        last = await tx.scalar(select(numbers.c.last).where(numbers.c.year == 2027))
    assert last == 9


async def test_two_organisations_of_one_prefix_do_not_mix(town: Town) -> None:
    first = await town.file("chat:a")
    session = await town.draft("chat:a", org="vara")
    replies = await town.submit("chat:a", session, org="vara")
    assert first == "NYK-2026-0001"
    assert replies[-1].key == "request:VAR-2026-0001"
    assert settings().filing[ORG].reviewers

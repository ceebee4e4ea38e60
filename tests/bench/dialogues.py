"""A turn in a dialogue, store included, beside an empty turn: one committed write on the same database."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from dataclasses import replace

import structlog
from sqlalchemy import update

from bot.assistant import Assistant
from bot.dialogue.sessions import open_session
from bot.messages import Incoming, Outgoing, Person
from bot.organisations import Organisations
from bot.settings import Settings
from bot.store.store import Store
from bot.store.tables import conversations
from knowledge.flows import StepType
from tests.bench.common import Run, percentiles, table_of
from tests.bot.dialogue.walking import good_reply, known
from tests.postgres import CannotStart, server

ORGANISATION, FLOW = "nykvarn", "open-account"
Timed = dict[str, list[float]]


def dialogues(run: Run) -> None:
    """p50, p99 and turns a second, one after another on one core; words alone, so that reading a reply is small."""
    table = table_of("A turn in a dialogue, store included", "", "p50 ms", "p99 ms", "turns a second")
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    walks = 3 if run.quick else 12
    with ExitStack() as opened:
        urls = {"SQLite": f"sqlite:///{run.folder / 'bench.db'}"}
        try:
            urls["PostgreSQL"] = f"{opened.enter_context(server('max_connections=50'))}/postgres"
        except CannotStart as error:
            run.console.print(str(error))
        for name, url in urls.items():
            for what, times in asyncio.run(_measured(run, url, walks)).items():
                turns = f"{1000 * len(times) / sum(times):.0f}"
                table.add_row(f"{name}: {what}", *percentiles(times), turns)
    structlog.reset_defaults()
    run.console.print(table)


async def _measured(run: Run, url: str, walks: int) -> Timed:
    store = await Store.open(url)
    organisations = Organisations(Settings(cache_dir=run.folder, semantic=False))
    assistant = Assistant(organisations.answerer, store)
    times: Timed = {"an empty turn (one committed write)": [], "a pressed button": [], "a typed answer": []}
    empty, pressed, typed = times.values()
    await _walk(assistant, "warm", [], [])
    for number in range(walks):
        await _walk(assistant, f"p{number}", pressed, typed)
    keys = (conversations.c.organisation == ORGANISATION, conversations.c.conversation == "web:p0")
    for number in range(len(pressed) + len(typed)):
        start = time.perf_counter()
        async with store.transaction("one") as tx:
            await tx.execute(update(conversations).where(*keys).values(seen_at=float(number)))
        empty.append((time.perf_counter() - start) * 1000)
    await store.close()
    return times


async def _walk(assistant: Assistant, name: str, pressed: list[float], typed: list[float]) -> None:
    """A checklist from its start to its summary: what has buttons is pressed, all else is typed."""
    flow, person = known(ORGANISATION).flows[FLOW], Person(f"web:{name}", name)
    language = known(ORGANISATION).organisation.languages[0]
    message = Incoming(ORGANISATION, person.id, flow.start[language][0], language, person=person)
    last: Outgoing = (await assistant.take(message))[-1].outgoing
    while last.field is not None:
        step = flow.step(last.field.name)
        actions = [option.action for option in last.field.options if option.action]
        if actions and step.type is not StepType.CHOICES:
            incoming, times = replace(message, text="", choice=actions[0]), pressed
        else:
            incoming, times = replace(message, text=good_reply(step, language, 2)[0]), typed
        start = time.perf_counter()
        made = await assistant.take(incoming)
        times.append((time.perf_counter() - start) * 1000)
        last = made[-1].outgoing
    async with assistant.store.transaction() as tx:
        session = await open_session(tx, ORGANISATION, person.id)
    assert session is not None
    assert len(session.answers) > 30

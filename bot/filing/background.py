"""What a reviewer wants to know beside a request: earlier requests of the unit, and accounts on the platform."""

from __future__ import annotations

from functools import partial

from rapidfuzz import fuzz, utils

from bot.dialogue.case import SAME_UNIT
from bot.filing import register
from bot.filing.cards import Reader
from bot.filing.desk import Desk
from bot.filing.requests import Request, listed
from bot.messages import Entry, Group, Kind, Outgoing
from bot.store.tables import requests
from knowledge.models import Language

MOST = 10


async def shown(desk: Desk, reader: Reader, request: Request) -> Outgoing:
    """Two lists."""
    earlier = [
        entry(reader, r, desk.called(r))
        for r in await listed(desk.tx, desk.organisation, requests.c.reference != request.reference)
        if _same(r.unit, request.unit)
    ]
    known = desk.office.knowledge(desk.organisation)
    unit = partial(register.unit_in, knowledge=known, language=reader.language)
    platform = register.platform(request, desk.languages[0])
    await register.seed(desk.tx, known, desk.now)
    accounts = [
        Entry(f"{a.platform}: {a.name}", " · ".join(p for p in (unit(a), a.responsible, a.closed) if p))
        for a in await register.listed(desk.tx, desk.organisation)
        if platform and register.same(a.platform, platform)
    ]
    empty = reader.say("request-none")
    groups = (
        Group(reader.say("request-earlier", unit=request.unit or "–"), tuple(earlier[:MOST]), empty),
        Group(reader.say("request-accounts", platform=platform or "–"), tuple(accounts[:MOST]), empty),
    )
    return Outgoing(Kind.HOME, reader.language, reader.heading(request), groups=groups)


def entry(reader: Reader, request: Request, about: dict[Language, str], own: bool = False) -> Entry:
    """A request in a list: what it is about, from whom (where that is not the reader), and where it stands."""
    called = about.get(reader.language) or request.flow
    detail = reader.of(request, f"request-short-{request.state.value}", date=reader.day(request.updated_at))
    title = " · ".join(part for part in (request.reference, called, request.unit) if part)
    whose = "" if own else f"{reader.name(request.requester_name)} · "
    return Entry(title, f"{whose}{detail}", (reader.show_button(request),))


def _same(one: str, other: str) -> bool:
    a, b = utils.default_process(one), utils.default_process(other)
    return bool(a and b) and fuzz.token_set_ratio(a, b) >= SAME_UNIT

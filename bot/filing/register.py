"""The register of the organisation's accounts: seeded from its documents, kept by approvals, imported and exported."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from rapidfuzz import fuzz, utils
from sqlalchemy import Row, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.filing.answers import shown, value
from bot.filing.requests import Request
from bot.store.tables import accounts
from knowledge.loader import Knowledge
from knowledge.models import Language

OPEN_FLOW, CLOSE_FLOW = "open-account", "close-account"
SAME = 92
"""Likeness (rapidfuzz ratio, 0 to 100) of two accounts' names or addresses from which they are one."""
OTHER = "other"
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Account:
    """An entry of the register. The steps of the shared checklists that fill it are named in `_STEPS`."""

    platform: str
    name: str
    unit: str = ""
    url: str = ""
    responsible: str = ""
    publishers: str = ""
    substitute: str = ""
    opened: str = ""  # YYYY-MM-DD, as far as known
    closed: str = ""
    source: str = ""
    responsible_id: str | None = None
    request: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What makes it one account."""
        return self.platform, self.name


COLUMNS = tuple(f.name for f in fields(Account) if f.name not in ("source", "responsible_id", "request"))
"""What is imported, and exported beside the source."""
_STEPS = {"responsible": ("responsible", "closer"), "publishers": ("publishers",), "substitute": ("deputy",)}


def _account(row: Row[Any]) -> Account:
    return Account(**{f.name: getattr(row, f.name) for f in fields(Account)})


async def listed(tx: AsyncConnection, organisation: str) -> list[Account]:
    """Every account, open and closed, by platform and name."""
    found = await tx.execute(
        select(accounts).where(accounts.c.organisation == organisation).order_by(accounts.c.platform, accounts.c.name)
    )
    return [_account(row) for row in found]


def _insert(tx: AsyncConnection) -> Any:
    return sqlite.insert(accounts) if tx.dialect.name == "sqlite" else postgresql.insert(accounts)


async def seed(tx: AsyncConnection, knowledge: Knowledge, now: float) -> None:
    """Adds the accounts that the organisation's documents name and the register does not have yet."""
    own = knowledge.organisation.languages[0]
    for known in knowledge.organisation.accounts:
        account = Account(
            known.platform,
            known.name,
            known.unit.get(own) or next(iter(known.unit.values())),
            known.url or "",
            source=known.passage,
        )
        values = {**vars(account), "organisation": knowledge.id, "updated_at": now}
        await tx.execute(_insert(tx).values(**values).on_conflict_do_nothing())


def unit_in(account: Account, knowledge: Knowledge, language: Language) -> str:
    """An account's unit in a language, where it is still the one that the documents name; else as it was written."""
    own = knowledge.organisation.languages[0]
    for known in knowledge.organisation.accounts:
        if (known.platform, known.name) == account.key and account.unit in (known.unit.get(own), *known.unit.values()):
            return known.unit.get(language, account.unit)
    return account.unit


def named(account: Account, words: str, knowledge: Knowledge) -> bool:
    """Whether somebody who writes these words may mean the account: by its name, or by its unit in any language."""
    units = {account.unit, *(unit_in(account, knowledge, language) for language in knowledge.organisation.languages)}
    return any(same(said, words) or words.lower() in said.lower() for said in (account.name, *units))


async def put(tx: AsyncConnection, organisation: str, account: Account, now: float) -> None:
    """Writes an entry, new or known."""
    values = {**vars(account), "organisation": organisation, "updated_at": now}
    keys = ["organisation", "platform", "name"]
    changed = {key: item for key, item in values.items() if key not in keys}
    await tx.execute(_insert(tx).values(**values).on_conflict_do_update(index_elements=keys, set_=changed))


def same(one: str, other: str) -> bool:
    """Whether two names are one, spelling aside."""
    return _likeness(one, other) >= SAME


def _likeness(one: str, other: str) -> float:
    """From 0 to 100. Numbers are no matter of spelling: preschool 1 is not preschool 2."""
    a, b = utils.default_process(one), utils.default_process(other)
    return fuzz.ratio(a, b) if a and _NUMBER.findall(a) == _NUMBER.findall(b) else 0.0


def platform(request: Request, language: Language) -> str:
    """The platform that a request is about, in words."""
    kept = request.answers()
    if value(kept, "platform") == OTHER:
        return shown(kept, "platform-other", language)
    return shown(kept, "platform", language)


async def approved(tx: AsyncConnection, request: Request, knowledge: Knowledge, now: float) -> None:
    """What an approval means for the register."""
    if request.flow not in (OPEN_FLOW, CLOSE_FLOW):
        return
    await seed(tx, knowledge, now)
    own = knowledge.organisation.languages[0]
    today = datetime.fromtimestamp(now, knowledge.organisation.zone).date().isoformat()
    if request.flow == OPEN_FLOW:
        await put(tx, request.organisation, _opened(request, own, today), now)
    else:
        await _close(tx, request, own, today, now)


def _opened(request: Request, own: Language, today: str) -> Account:
    kept = request.answers()
    said = {column: _first(request, steps, own) for column, steps in _STEPS.items()}
    responsible = value(kept, "responsible")
    return Account(
        platform(request, own) or "–",
        shown(kept, "account-name", own) or request.unit or request.reference,
        request.unit,
        opened=today,
        source=request.reference,
        responsible_id=responsible.get("id") if isinstance(responsible, dict) else None,
        request=request.reference,
        **said,
    )


def _first(request: Request, steps: tuple[str, ...], language: Language) -> str:
    return next((found for step in steps if (found := shown(request.answers(), step, language))), "")


async def _close(tx: AsyncConnection, request: Request, own: Language, today: str, now: float) -> None:
    kept = request.answers()
    named, where = shown(kept, "account", own), platform(request, own)
    last_day = value(kept, "last-day") or today
    there = [a for a in await listed(tx, request.organisation) if same(a.platform, where)]
    likest = max(there, key=lambda a: _likeness_of(a, named), default=None)
    if likest and _likeness_of(likest, named) >= SAME:
        await tx.execute(
            update(accounts)
            .where(
                accounts.c.organisation == request.organisation,
                accounts.c.platform == likest.platform,
                accounts.c.name == likest.name,
            )
            .values(closed=last_day, request=request.reference, updated_at=now)
        )
        return
    entry = Account(where or "–", named or request.reference, request.unit, closed=last_day, source=request.reference)
    await put(tx, request.organisation, replace(entry, request=request.reference), now)


def _likeness_of(account: Account, named: str) -> float:
    return max(_likeness(account.name, named), _likeness(account.url, named))


async def responsible_for(tx: AsyncConnection, organisation: str, person: str, name: str) -> list[Account]:
    """The open accounts that a person answers for."""
    mine = utils.default_process(name)
    return [
        a
        for a in await listed(tx, organisation)
        if not a.closed and (a.responsible_id == person or (mine and utils.default_process(a.responsible) == mine))
    ]

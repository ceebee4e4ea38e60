"""The register as a file: CSV for spreadsheets, JSON, an accessible list for the website; and back from CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

from bot.dialogue.replies import as_written
from bot.filing.platforms import Platforms
from bot.filing.register import COLUMNS, Account, unit_in
from bot.privacy import identity_number, password
from bot.texts import say
from knowledge.loader import Knowledge
from knowledge.models import Language

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet: it is written with an apostrophe before it."""
_ADDRESS = re.compile(r"https?://[^\s\"'<>]+")
LONGEST = 1000
EXPORTED = (*COLUMNS, "source")
"""The columns of an exported file; an imported one may leave out all but platform and name."""
templates = Environment(
    loader=PackageLoader("bot.filing", "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    trim_blocks=True,
    lstrip_blocks=True,
)


class BadRegister(Exception):
    """A file that cannot be imported, with every line that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip().startswith(RISKY) or cell.startswith(RISKY) else cell


def unguarded(cell: str) -> str:
    """The cell as it was before `guarded`."""
    return cell[1:] if cell.startswith("'") and guarded(cell[1:]) == cell else cell


def as_csv(accounts: Iterable[Account]) -> str:
    """For spreadsheets."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(EXPORTED)
    for account in accounts:
        writer.writerow([guarded(str(getattr(account, column))) for column in EXPORTED])
    return out.getvalue()


def as_json(accounts: Iterable[Account]) -> str:
    """For programs."""
    listed = [{column: getattr(a, column) for column in EXPORTED} for a in accounts]
    return json.dumps(listed, ensure_ascii=False, indent=2)


def as_html(accounts: Iterable[Account], knowledge: Knowledge, language: Language, today: date) -> str:
    """The open accounts as a page for the website: no names of people, and links only to web addresses."""
    name = knowledge.organisation.name
    shown = [a for a in accounts if not a.closed or a.closed > today.isoformat()]
    return templates.get_template("register.html").render(
        accounts=[(a, unit_in(a, knowledge, language), a.url if _ADDRESS.fullmatch(a.url) else "") for a in shown],
        organisation=name.get(language) or next(iter(name.values())),
        language=language.value,
        say=lambda message, **values: say(language, message, **values),
        updated=f"{today.day}.{today.month}.{today.year}",
    )


@dataclass(frozen=True)
class Imported:
    """One line of a file: what it says of an account. A column that the file does not have says nothing."""

    said: Mapping[str, str]

    @property
    def key(self) -> tuple[str, str]:
        """The account that it is about."""
        return self.said.get("platform", ""), self.said.get("name", "")

    def onto(self, known: Account | None) -> Account:
        """The entry after the import: what the file does not say stays as it is in the register."""
        before = known or Account(*self.key)
        made = replace(before, **{column: text for column, text in self.said.items() if column != "source"})
        if made.responsible != before.responsible:
            made = replace(made, responsible_id=None)  # it was the one before
        return replace(made, source=self.said.get("source") or before.source or "import")


def read(text: str, form: str, platforms: Platforms | None = None) -> list[Imported]:
    """What a CSV or JSON file says of accounts. Raises BadRegister with every line that is wrong.

    `platforms`: those whose names are known, where a platform that is only named otherwise is to be told.
    """
    numbered = list(_json(text) if form == "json" else _csv(text))
    problems: list[str] = []
    seen: dict[tuple[str, str], int] = {}
    found: list[Imported] = []
    for line, row in numbered:
        account, wrong = _account(row)
        platform, name = account.key
        if account.key in seen and not wrong:
            wrong.append(f"{platform}: {name} stands already on line {seen[account.key]}")
        meant = platforms.meant(platform) if platforms and platform else None
        wrong += [f"platform {platform!r} is called {meant!r} here"] if meant else []
        seen.setdefault(account.key, line)
        problems += [f"line {line}: {w}" for w in wrong]
        found.append(account)
    if problems:
        raise BadRegister(problems)
    return found


def _csv(text: str) -> Iterable[tuple[int, Mapping[str, Any]]]:
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise BadRegister(["the file is empty"])
    first = text.splitlines()[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    header = [name.strip().lower() for name in reader.fieldnames or []]
    lacking = [c for c in ("platform", "name") if c not in header]
    unknown = [c for c in header if c not in EXPORTED]
    if lacking or unknown or len(set(header)) != len(header):
        what = f"lacks {', '.join(lacking)}" if lacking else f"has {', '.join(unknown) or 'a column twice'}"
        raise BadRegister([f"line 1: the heading {what}; the columns are {', '.join(COLUMNS)}"])
    reader.fieldnames = header
    try:
        yield from ((reader.line_num, row) for row in reader)
    except csv.Error as error:
        raise BadRegister([f"line {reader.line_num}: {error}"]) from None


def _json(text: str) -> Iterable[tuple[int, Mapping[str, Any]]]:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise BadRegister([f"not JSON: {error}"]) from None
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise BadRegister(["must be a list of objects"])
    return list(enumerate(data, 1))


def _account(row: Mapping[str, Any]) -> tuple[Imported, list[str]]:
    wrong = ["more cells than the heading has"] if None in row else []
    unknown = [str(key) for key in row if key is not None and key not in EXPORTED]
    wrong += [f"there is no column {key!r}" for key in unknown]
    said: dict[str, str] = {}
    for column in EXPORTED:
        given = row.get(column)
        if isinstance(given, str):
            said[column] = as_written(unguarded(given))
        elif given is not None:
            wrong.append(f"{column} must be a text")
    wrong += [f"{column} is missing" for column in ("platform", "name") if not said.get(column)]
    wrong += [f"{column} is longer than {LONGEST} characters" for column in said if len(said[column]) > LONGEST]
    if said.get("url") and not _ADDRESS.fullmatch(said["url"]):
        wrong.append("url must begin with https:// or http://")
    for column in ("opened", "closed"):
        if said.get(column) and not _is_date(said[column]):
            wrong.append(f"{column} must be a date as YYYY-MM-DD")
    if any(identity_number(text) or password(text, account=True) for text in said.values()):
        wrong.append("holds what looks like a personal identity number or a password")
    return Imported(said), wrong


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False

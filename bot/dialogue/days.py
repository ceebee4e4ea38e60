"""Days as people write them in Swedish, Finnish and English: 3.3.2027, 3 mars, huomenna, next Friday, i fredags."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from bot.answering.text import plain
from knowledge.models import Language

LONGEST = 60
_WEEKDAYS = (
    ("måndag", "maanantai", "monday"),
    ("tisdag", "tiistai", "tuesday"),
    ("onsdag", "keskiviikko", "wednesday"),
    ("torsdag", "torstai", "thursday"),
    ("fredag", "perjantai", "friday"),
    ("lördag", "lauantai", "saturday"),
    ("söndag", "sunnuntai", "sunday"),
)
_SHORT = {
    Language.SV: ("mån", "tis", "ons", "tors", "fre", "lör", "sön"),
    Language.FI: ("ma", "ti", "ke", "to", "pe", "la", "su"),
    Language.EN: ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_NUMBER_OF = {name: number for number, names in enumerate(_WEEKDAYS) for name in names}
_WEEKDAY = re.compile(
    r"(?P<before>på|nästa|kommande|nu på|denna|i|förra|senaste|"
    r"ensi|tuleva(?:na)?|tänä|viime|next|this|on|coming|last)?"
    rf"\s*(?P<name>{'|'.join(_NUMBER_OF)})(?P<ending>en|s|na|n)?",
    re.IGNORECASE,
)
_PAST = ("förra", "senaste", "viime", "last")
_FAR = {
    **dict.fromkeys(("i förrgår", "förrgår", "toissapäivänä", "the day before yesterday", "day before yesterday"), -2),
    **dict.fromkeys(("i övermorgon", "övermorgon", "ylihuomenna", "the day after tomorrow", "day after tomorrow"), 2),
}
_COUNTS = {"yhden": 1, "kahden": 2, "kolmen": 3, "neljän": 4, "en": 1, "två": 2, "tre": 3, "fyra": 4, "a": 1, "one": 1}
_COUNTS |= {"two": 2, "three": 3, "four": 4, "": 1}
_HENCE = re.compile(
    r"(?:om |in )?(?P<count>\d{1,3}|[a-zåäö]*?)\s*(?P<unit>päivän|viikon|dag(?:ar)?|veck(?:a|or)|days?|weeks?)"
    r"(?P<after> päästä| kuluttua)?",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"(?:nästa|förra|i|ensi|viime|tänä|tässä|next|last|this)\s+"
    r"(?:år|månad|vuonna|vuosi|kuussa|kuukausi|kuukaudessa|year|month)",
    re.IGNORECASE,
)
"""Words for a whole year or month, which name no day."""
_DAY_MONTH = re.compile(r"(\d{1,2})\.\s?(\d{1,2})(?:\.\s?(\d{4}|\d{2}))?")


def shown_date(found: date) -> str:
    """A day as it is shown in every language here."""
    return f"{found.day}.{found.month}.{found.year}"


def shown_day(found: date, language: Language) -> str:
    """A day with its weekday, by which a reader notices that another was meant."""
    return f"{_SHORT[language][found.weekday()]} {shown_date(found)}"


def day(written: str, language: Language, today: date, *, future: bool = True) -> date | None:
    """The day that is meant. Where year or week is not said, the coming one is, or the last one if not `future`."""
    said = plain(written).strip(" .!").lower()
    if not said or len(said) > LONGEST or _VAGUE.fullmatch(said):
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        pass
    if said in _FAR:
        return today + timedelta(days=_FAR[said])
    return _weekday(said, today, future) or _hence(said, today) or _figures(said, today, future) or _parsed(
        said, language, today, future
    )  # fmt: skip


def is_weekday(written: str) -> bool:
    """Whether a text is no more than a day of the week ("next Monday")."""
    return bool(_WEEKDAY.fullmatch(plain(written).strip(" .!").lower()))


def _weekday(said: str, today: date, future: bool) -> date | None:
    found = _WEEKDAY.fullmatch(said)
    if not found:
        return None
    before = found["before"] or ""
    past = before in _PAST or (before == "i" and found["ending"] == "s") or (not before and not future)
    ahead = (_NUMBER_OF[found["name"]] - today.weekday()) % 7
    return today + timedelta(days=ahead - 7 if past else ahead or 7)


def _hence(said: str, today: date) -> date | None:
    found = _HENCE.fullmatch(said)
    if not found or not (found["after"] or said.startswith(("om ", "in "))):
        return None
    count = int(found["count"]) if found["count"].isdigit() else _COUNTS.get(found["count"])
    if count is None:
        return None
    return today + timedelta(days=count * (7 if found["unit"][0] in "vw" else 1))


def _figures(said: str, today: date, future: bool) -> date | None:
    found = _DAY_MONTH.fullmatch(said)
    if not found:
        return None
    year = int(found[3]) if found[3] else today.year
    try:
        meant = date(year + 2000 if year < 100 else year, int(found[2]), int(found[1]))
        if not found[3] and future != (meant >= today):
            meant = meant.replace(year=today.year + (1 if future else -1)) if meant != today else meant
    except ValueError:
        return None
    return meant


def _parsed(said: str, language: Language, today: date, future: bool) -> date | None:
    import dateparser  # some tenths of a second: only when somebody writes a date

    settings: Any = {
        "PREFER_DATES_FROM": "future" if future else "past",
        "DATE_ORDER": "DMY",
        "RELATIVE_BASE": datetime(today.year, today.month, today.day),
        "REQUIRE_PARTS": ["day", "month"],
    }
    for wanted in ([language.value], ["sv", "fi", "en"]):
        found: datetime | None = dateparser.parse(said, languages=wanted, settings=settings)
        if found:
            return found.date()
    return None

"""References that no two organisations share, and each organisation's own time zone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.filing.document import as_text, find
from knowledge import loader
from knowledge.loader import FOLDER, KnowledgeError, load, organisation
from tests.filing_town import Town

NEW_YEAR_IN_FINLAND = 1_798_754_400.0
"""31 December 2026, 22:00 in UTC: 23:00 in Sweden, midnight in Finland."""


async def test_each_organisation_has_its_own_time(town: Town) -> None:
    town.clock.now = NEW_YEAR_IN_FINLAND
    found = {}
    for org in ("nykvarn", "aanekoski"):
        session = await town.draft(f"chat:{org}", org=org)
        receipt = (await town.submit(f"chat:{org}", session, org=org))[-1]
        reference = (receipt.key or "").removeprefix("request:")
        async with town.store.transaction() as tx:
            text = as_text(await find(tx, town.organisations.knowledge(org), reference))
        found[reference] = (receipt.text, text)
    swedish, finnish = sorted(found, reverse=True)
    assert (swedish, finnish) == ("NYK-2026-0001", "AAN-2027-0001")
    for text in found[swedish]:
        assert "31.12.2026" in text
    for text in found[finnish]:
        assert "1.1.2027" in text
    assert "31.12.2026 23:00" in found[swedish][1]
    assert "1.1.2027 00:00" in found[finnish][1]


def test_the_shipped_prefixes_and_zones() -> None:
    shown = {org: (itself.prefix, itself.timezone) for org in loader.organisations() for itself in [organisation(org)]}
    assert shown == {
        "aanekoski": ("AAN", "Europe/Helsinki"),
        "hango": ("HAN", "Europe/Helsinki"),
        "kyrkslatt": ("KYR", "Europe/Helsinki"),
        "nykvarn": ("NYK", "Europe/Stockholm"),
        "vara": ("VAR", "Europe/Stockholm"),
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped knowledge, and "nykoping", a copy of Nykvarn that has written nothing of its references."""
    shutil.copytree(FOLDER, tmp_path / "knowledge", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    made = tmp_path / "knowledge"
    shutil.copytree(made / "nykvarn", made / "nykoping")
    say(made, "nykoping", "id: nykvarn", "id: nykoping")
    say(made, "nykoping", "reference: NYK\n", "")
    return made


def say(folder: Path, org: str, old: str, new: str) -> None:
    path = folder / org / "organisation.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def problems(folder: Path, org: str) -> str:
    try:
        load(org, folder)
    except KnowledgeError as error:
        return str(error)
    return ""


def test_a_newcomer_of_the_same_letters_is_told_to_take_others(folder: Path) -> None:
    assert "nykoping/organisation.yaml:1: its references begin with NYK, like those of nykvarn" in problems(
        folder, "nykoping"
    )
    assert problems(folder, "nykvarn") == "", "who has written its own goes on working"
    say(folder, "nykoping", "id: nykoping\n", "id: nykoping\nreference: NYKO\n")
    assert problems(folder, "nykoping") == ""
    assert organisation("nykoping", folder).prefix == "NYKO"


def test_two_that_write_the_same_are_both_told(folder: Path) -> None:
    say(folder, "nykoping", "id: nykoping\n", "id: nykoping\nreference: NYK\n")
    assert "like those of nykvarn" in problems(folder, "nykoping")
    assert "like those of nykoping" in problems(folder, "nykvarn")


def test_what_is_wrong_with_another_organisation_does_not_stop_this_one(folder: Path) -> None:
    (folder / "nykoping" / "organisation.yaml").write_text("id: [", encoding="utf-8")
    assert problems(folder, "nykvarn") == ""
    assert "not readable as YAML" in problems(folder, "nykoping")
    with pytest.raises(KnowledgeError, match="not readable as YAML"):
        organisation("nykoping", folder)


@pytest.mark.parametrize(
    ("field", "says"), [("reference: nyk", "reference"), ("reference: N", "reference"), ("timezone: Mars/Base", "Mars")]
)
def test_wrong_values_are_told_with_their_line(folder: Path, field: str, says: str) -> None:
    say(folder, "vara", "reference: VAR\ntimezone: Europe/Stockholm\n", f"{field}\n")
    told = problems(folder, "vara")
    assert told.startswith("vara/organisation.yaml:4:")
    assert says in told

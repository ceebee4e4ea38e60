"""How sources are written."""

from __future__ import annotations

from bot.messages import Source
from bot.sources import Cited, cited, places

A = "Ohje"
FOUND = (
    Source(A, "2020", "Luku 1", "x-1", "https://a.example"),
    Source("Liite", None, "Liite", "l-1"),
    Source(A, "2020", "Luku 2", "x-3", "https://a.example"),
    Source(A, "2020", "Luku 1", "x-2", "https://a.example"),
)


def test_each_document_once_with_its_places() -> None:
    assert cited(FOUND) == [
        Cited("Ohje (2020), Luku 1 [x-1, x-2]; Luku 2 [x-3]", "https://a.example"),
        Cited("Liite [l-1]", None),
    ]


def test_a_section_called_as_its_document_is_not_named_twice() -> None:
    assert cited(FOUND[1:2] * 2) == [Cited("Liite [l-1, l-1]", None)]
    assert places(FOUND) == ["Luku 1 [x-1, x-2]", "[l-1]", "Luku 2 [x-3]"]
    assert FOUND[1].place() == "Liite"
    assert FOUND[0].place() == "Ohje, Luku 1"


def test_a_document_is_named_with_its_date_where_it_has_one() -> None:
    assert [source.dated() for source in FOUND[:2]] == ["Ohje (2020)", "Liite"]

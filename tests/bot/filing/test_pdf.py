"""The document as PDF: to be archived (fonts, metadata) and to be read aloud (tags, language, title)."""

from __future__ import annotations

import io
import re
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pypdf
import pytest

from bot.filing.document import FORMS, Paper, find
from knowledge.models import Language
from tests.filing_town import ORG, Town

LONG = "\n".join(f"Rad {n}: ”Åkerby” – Öster, så" for n in range(100))


@pytest.fixture
async def paper(town: Town) -> Paper:
    """A request that has been through everything, with an answer over several pages."""
    reference = await town.filed(unit="Åkerby förskola", purpose=LONG)
    await town.review("chat:rita", reference, "note:1:goals", reason="Skriv målen i siffror, på svenska åäö.")
    await town.review("chat:rita", reference, "return", reason="Nästan.")
    async with town.store.transaction() as tx:
        return await find(tx, town.organisations.knowledge(ORG), reference, Language.SV)


@pytest.fixture
def document(paper: Paper) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(FORMS["pdf"](paper)), strict=True)


def texts(document: pypdf.PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in document.pages).split())


def test_all_of_it_can_be_read_in_its_order(paper: Paper, document: pypdf.PdfReader) -> None:
    said = texts(document)
    wanted = [
        f"{paper.title} {paper.reference}",
        *(f"{heading}: {text}" for heading, text in paper.facts),
        "Frågor och svar",
        *(part for answer in paper.answers for part in (answer.question, *answer.answer.splitlines()[:1])),
        "Källor",
        "Historik",
        *(f"{step.when} {step.what}" for step in paper.history),
    ]
    at = 0
    for part in wanted:
        found = said.find(" ".join(part.split()), at)
        assert found >= 0, part
        at = found
    assert "Rad 99: ”Åkerby” – Öster, så" in said
    assert "Skriv målen i siffror, på svenska åäö." in said
    assert len(document.pages) > 4
    for number, page in enumerate(document.pages, 1):
        assert f"{paper.reference} · {number} / {len(document.pages)}" in page.extract_text()


def kinds(element: Any) -> list[str]:
    """The structure elements below one, in the order in which they are read."""
    element = element.get_object()
    if not isinstance(element, dict) or "/S" not in element:
        return []
    below = element.get("/K", [])
    below = below.get_object() if hasattr(below, "get_object") else below
    return [str(element["/S"]), *(k for part in (below if isinstance(below, list) else [below])
                                  if hasattr(part, "get_object") for k in kinds(part))]  # fmt: skip


def test_a_screen_reader_finds_headings_language_and_title(paper: Paper, document: pypdf.PdfReader) -> None:
    root: Any = document.trailer["/Root"]
    assert root["/Lang"] == "sv"
    assert root["/MarkInfo"]["/Marked"] is not False
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    tree = root["/StructTreeRoot"]["/K"]
    found = [k for part in (tree if isinstance(tree, list) else [tree]) for k in kinds(part)]
    assert set(found) == {"/Document", "/H1", "/H2", "/H3", "/P"}
    assert (found.count("/H1"), found.count("/H2"), found.count("/H3")) == (1, 3, len(paper.answers))
    for before, after in pairwise(found):
        assert (before, after) != ("/H1", "/H3"), "no level is left out"


def test_it_says_what_an_archive_asks(paper: Paper, document: pypdf.PdfReader) -> None:
    root: Any = document.trailer["/Root"]
    metadata = root["/Metadata"].get_object().get_data().decode()
    ElementTree.fromstring(metadata[metadata.index("<x:xmpmeta") : metadata.index("</x:xmpmeta>") + 12])
    for part in (
        "<pdfaid:part>2</pdfaid:part>",
        "<pdfaid:conformance>U</pdfaid:conformance>",
        f"{paper.title} {paper.reference}</rdf:li>",
        f"<dc:identifier>{paper.reference}</dc:identifier>",
        f"<rdf:li>{paper.organisation}</rdf:li>",
        f'xmp:ModifyDate="{paper.updated}"',
    ):
        assert part in metadata, part
    assert root["/OutputIntents"], "colours mean the same everywhere"
    assert document.trailer["/ID"]
    assert not document.is_encrypted
    for page in document.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            assert "/FontFile2" in inner["/FontDescriptor"].get_object(), "its letters are within"
            assert "/ToUnicode" in font.get_object(), "and can be searched and copied"


def test_the_same_request_is_the_same_file(paper: Paper) -> None:
    one = FORMS["pdf"](paper)
    assert one == FORMS["pdf"](paper)
    assert not re.search(rb"/(JavaScript|Launch|URI|EmbeddedFile)", one)

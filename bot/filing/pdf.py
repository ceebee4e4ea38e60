"""The document as PDF/A: archivable (fonts embedded), tagged (headings and paragraphs in reading order), deterministic.

fpdf2 is pure Python, maintained, and writes PDF/A-2u; it tags only headings and pictures by itself, so that `_Tagged`
adds the marks of paragraphs. WeasyPrint tags everything but needs Pango on the machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from fpdf import FPDF, ViewerPreferences
from fpdf.enums import DocumentCompliance, XPos, YPos

from bot.dialogue.replies import as_written
from bot.filing.document import Paper, source_lines
from bot.filing.exchange import templates

FONTS = Path(__file__).with_name("fonts")
FONT = "DejaVu"
MARGIN, BOTTOM = 20.0, 22.0


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    from fontTools.ttLib import TTFont

    return frozenset(TTFont(FONTS / "DejaVuSans.ttf").getBestCmap())


def _shown(text: str) -> str:
    """The text in characters that the font has; a sign stands for any other."""
    known = _characters()
    return "".join(c if ord(c) in known or c == "\n" else "\ufffd" for c in as_written(text).replace("\t", " "))


def _metadata(paper: Paper) -> str:
    """What PDF/A wants to be said of the document; of the same step it is always the same."""
    return templates.get_template("metadata.xml").render(
        paper=paper,
        title=_shown(f"{paper.title} {paper.reference}"),
        state=_shown(paper.state_text),
        organisation=_shown(paper.organisation),
    )


class _Tagged(FPDF):
    """A document whose every text is a heading or a paragraph to a screen reader."""

    def __init__(self, paper: Paper) -> None:
        super().__init__(format="A4", enforce_compliance=DocumentCompliance.PDFA_2U)
        self._paper = paper
        self.set_lang(paper.language.value)
        self.set_title(_shown(f"{paper.title} {paper.reference}"))
        self.viewer_preferences = ViewerPreferences(
            display_doc_title=True
        )  # a screen reader says it, not the file's name
        self.set_xmp_metadata(_metadata(paper))
        self.set_creation_date(datetime.fromisoformat(paper.updated))
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(False)
        for style, name in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
            self.add_font(FONT, style, FONTS / name)
        self.set_font(FONT, size=10)
        self.alias_nb_pages("{pages}")
        self.add_page()

    def footer(self) -> None:
        """Reference and page number; no part of the text."""
        self._out("/Artifact BMC")
        self.set_y(-15)
        self.set_font(FONT, size=8)
        self.cell(text=_shown(f"{self._paper.reference} · {self.page_no()} / {{pages}}"))
        self._out("EMC")

    @contextmanager
    def _marked(self, kind: str) -> Iterator[None]:
        mark = self.struct_builder.next_mcid_for_page(self.page)
        self._add_marked_content(struct_type=f"/{kind}", mcid=mark)
        self._out(f"/{kind} <</MCID {mark}>> BDC")
        yield
        self._out("EMC")

    def text_of(self, kind: str, text: str, size: float = 10, style: str = "", indent: float = 0) -> None:
        """A heading or paragraph; over the end of a page it goes on as another of the same kind."""
        self.set_font(FONT, style, size)
        height = size * 0.53
        self.ln(height * 0.5 if kind == "H2" else 0)
        self.set_x(MARGIN + indent)
        width = self.epw - indent
        found = self.multi_cell(width, height, _shown(text) or "–", dry_run=True, output="LINES", align="L")
        lines = list(found) if isinstance(found, list) else [str(found)]
        while lines:
            room = int((self.h - BOTTOM - self.y) / height)
            if room < (3 if kind.startswith("H") else 1):
                self.add_page()
                self.set_font(FONT, style, size)
                continue
            with self._marked(kind):
                for line in lines[:room]:
                    self.set_x(MARGIN + indent)
                    self.cell(width, height, line, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            lines = lines[room:]
        self.ln(height * 0.35)


def as_pdf(paper: Paper) -> bytes:
    """The document."""
    pdf = _Tagged(paper)
    pdf.text_of("H1", f"{paper.title} {paper.reference}", 17, "B")
    pdf.text_of("P", paper.organisation, 11)
    for heading, text in paper.facts:
        pdf.text_of("P", f"{heading}: {text}")
    pdf.text_of("H2", paper.say("request-document-answers"), 13, "B")
    for answer in paper.answers:
        changed = f" ({paper.say('request-document-changed')})" if answer.changed else ""
        pdf.text_of("H3", f"{answer.question}{changed}", 10, "B")
        pdf.text_of("P", answer.answer, indent=5)
        if answer.note:
            pdf.text_of("P", f"{paper.say('request-document-note')}: {answer.note}", indent=5)
    pdf.text_of("H2", paper.say("request-document-sources"), 13, "B")
    for line in source_lines(paper.sources):
        pdf.text_of("P", line, 9)
    pdf.text_of("H2", paper.say("request-document-history"), 13, "B")
    for step in paper.history:
        on = f" ({step.question})" if step.question else ""
        pdf.text_of("P", f"{step.when} {step.what}{on}{f': {step.reason}' if step.reason else ''}", 9)
    return bytes(pdf.output())

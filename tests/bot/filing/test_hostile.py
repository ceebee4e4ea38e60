"""Hostile text through every surface that filing renders: nothing in it becomes active, and nothing breaks."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from typing import Any

import pypdf
import pytest
from markdown_it import MarkdownIt
from rich.console import Console
from sqlalchemy import select

from adapters.terminal.render import show as terminal_show
from adapters.web.render import render as page_render
from bot.filing import exchange, register
from bot.filing.document import FORMS, Paper, as_markdown, as_text, escaped, find
from bot.filing.mail import MailWire
from bot.filing.register import Account
from bot.filing.webhook import event
from bot.messages import Document, Kind, Outgoing
from bot.store.tables import handovers
from knowledge.loader import load
from knowledge.models import Language
from tests.filing_town import ORG, Town

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</dd></main><iframe src=//evil.example></iframe>",
    "[klicka](https://evil.example) ![x](https://evil.example/p.png)",
    "https://evil.example/x www.evil.example mailto:a@evil.example",
    "# rubrik\n- lista\n> citat\n```\nkod\n```\n| a | b |\n|---|---|",
    "<!channel> <@U123> @everyone",
    '=HYPERLINK("https://evil.example","x")',
    "+1+1 cmd|' /C calc'!A0",
    "-2+3 and more words",
    "@SUM(1+1) and more words",
    "\tTab =1+1 first",
    "rad ett\r\nBcc: victim@evil.example\r\n\r\nkropp",
    "\u202egnp.exe\u202c \u2066x\u2069 bidi",
    "noll\u200bbredd \ufeff och \x00\x07\x1b[31m röd \x1b]8;;https://evil.example\x07länk",
    "Z̸̧̛͚̳͚a̵̢̛l̷g̶o̸ staplad",
    "{{ 7*7 }} {% raw %} ${7*7} { $name }",
    "'; DROP TABLE requests; -- text",
    "%s %d %(name)s {0} {name}",
    "emoji 👩‍👩‍👧 och 𝔘𝔫𝔦 och العربية och 漢字",
    "&lt;b&gt; &amp; &#60;script&#62;",
    "a" * 299,
    "javascript:alert(1) as an address",
]
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
"""What acts on a terminal, or turns the direction of writing."""
ACTIVE = {"script", "iframe", "img", "object", "embed", "form", "input", "svg", "link", "base", "a"}


class Tags(HTMLParser):
    """The elements and addresses of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.handlers: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


@pytest.fixture
async def papers(town: Town) -> list[tuple[str, Paper]]:
    """A document for each hostile text, which stands in answers, names, notes and reasons."""
    made = []
    for n, text in enumerate(HOSTILE):
        who = f"chat:anna{n}"
        session = await town.draft(who, purpose=text + " och några ord till.")
        session.answers["unit"] = session.answers["unit"] | {"value": text, "written": text}
        session.answers["account-name"] = {"value": text, "written": text}
        session.answers["responsible"] = {"value": {"id": None, "name": text}, "written": text}
        async with town.store.transaction() as tx:
            from bot.dialogue.sessions import save

            await save(tx, session, town.clock())
        replies = await town.submit(who, session, name=text)
        reference = (replies[-1].key or "").removeprefix("request:")
        assert reference, [r.text for r in replies]
        await town.press("chat:maria", reference, "agree", name=text)
        await town.review("chat:rita", reference, "note:1:goals", reason=text, name=text)
        await town.review("chat:rita", reference, "return", reason=text, name=text)
        async with town.store.transaction() as tx:
            paper = await find(tx, town.organisations.knowledge(ORG), reference)
        made.append((text, paper))
    return made


async def test_documents_cards_and_mail(town: Town, papers: list[tuple[str, Paper]]) -> None:
    """Every document of every hostile text; the cards; the mails."""
    pages_markdown_pdf_json_and_text(papers)
    webhooks(papers)
    await cards(town)
    await mails(town, papers)


def pages_markdown_pdf_json_and_text(papers: list[tuple[str, Paper]]) -> None:
    plain = next(p for t, p in papers if t.startswith("a" * 50))
    elements = set(Tags(FORMS["html"](plain).decode()).tags)
    for text, paper in papers:
        page = Tags(FORMS["html"](paper).decode())
        assert set(page.tags) <= elements | {"em", "dd"}, text
        assert not page.links
        assert not page.handlers
        shown = MarkdownIt("gfm-like", {"linkify": False}).render(as_markdown(paper))
        marked = Tags(shown)
        assert not set(marked.tags) & ACTIVE, (text, marked.tags)
        assert set(marked.tags) <= {"h1", "h2", "h3", "p", "ul", "li", "strong", "em", "br"}, text
        assert not marked.links
        assert not re.search(r"(?<!\\)(https?:|www\.)", as_markdown(paper)), text
        data = json.loads(FORMS["json"](paper))
        assert data["reference"] == paper.reference
        one = FORMS["pdf"](paper)
        assert one == FORMS["pdf"](paper), "deterministic"
        reader = pypdf.PdfReader(io.BytesIO(one))
        said = "".join(p.extract_text() for p in reader.pages)
        assert paper.reference in said
        assert not [a for p in reader.pages for a in p.get("/Annots") or []], "nothing to press"
        assert b"/JavaScript" not in one
        assert b"/URI" not in one
        for out in (said, as_text(paper), shown):
            assert not re.search("[\x00-\x08\x0b\x0e-\x1f\u202a-\u202e\u2066-\u2069]", out), text


def webhooks(papers: list[tuple[str, Paper]]) -> None:
    """What a program reads is JSON whose texts hold nothing that acts in a terminal, and all that was filed."""
    for text, paper in papers:
        body = event(paper)
        data = json.loads(body)["data"]
        assert data["reference"] == paper.reference
        assert [a["answer"] for a in data["answers"]] == [a.answer for a in paper.answers]
        assert not UNSEEN.search("".join(texts_in(data))), text


def texts_in(data: Any) -> Iterator[str]:
    """Every text within JSON."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for part in data.values() if isinstance(data, dict) else data:
            yield from texts_in(part)


def in_the_terminal(outgoing: Outgoing) -> None:
    """Nothing moves the cursor, colours, links or turns the direction of writing."""
    for terminal in (True, False):
        console = Console(file=io.StringIO(), force_terminal=terminal, width=80)
        terminal_show(console, outgoing)
        shown = re.sub(r"\x1b\[[0-9;]*m", "", console.file.getvalue()) if terminal else console.file.getvalue()  # type: ignore[attr-defined]
        assert not UNSEEN.search(shown), outgoing.text


def on_the_page(outgoing: Outgoing) -> None:
    """The page writes every text as text; what it makes a link or a press of is ours."""
    shown = page_render(outgoing, 1)
    assert not UNSEEN.search("".join(texts_in(shown))), outgoing.text
    links = [source["url"] for source in shown["sources"] if source.get("url")]
    assert not [link for link in links if "evil" in link]
    assert "evil" not in str(shown["document"])


async def cards(town: Town) -> None:
    """In messages the words of people stand in rows, and in texts that adapters show as plain text only."""
    await town.deliver()
    for post in town.platform.posts.values():
        in_the_terminal(post.outgoing)
        on_the_page(post.outgoing)
        for button in post.outgoing.buttons:
            assert len(button.label) <= 75
            assert len(button.action) <= 255
            assert not any(t in button.action for t in HOSTILE)
        assert "\x00" not in post.text
    assert await town.differences() == []


async def mails(town: Town, papers: list[tuple[str, Paper]]) -> None:
    given = town.settings.model_copy(update={"mail_from": "someguide@nykvarn.example"})
    for text, paper in papers:

        async def made(organisation: str, document: Document, paper: Paper = paper) -> Paper:
            return paper

        wire = MailWire(given, made)
        outgoing = Outgoing(
            Kind.REQUEST, Language.SV, text, title=f"{paper.title} {paper.reference}: {text}",
            document=Document("x.pdf", "application/pdf", paper.reference),
        )  # fmt: skip
        address = {"to": "kommunikation@nykvarn.example", "organisation": ORG}
        mail: EmailMessage = await wire._message(address, outgoing, "once-1")
        back: Any = message_from_bytes(mail.as_bytes(), policy=default)
        assert back["To"] == "kommunikation@nykvarn.example"
        assert back["Bcc"] is None
        assert back["Cc"] is None
        assert paper.reference in back["Subject"]
        assert len(back["Subject"]) <= 200
        parts = [p.get_content_type() for p in back.walk()]
        assert parts == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/pdf"]
        assert not Tags(back.get_body(("html",)).get_content()).links
        assert paper.answers[0].question in back.get_body(("plain",)).get_content()


async def test_questions_to_communications(town: Town) -> None:
    """What is asked, what is answered, and what stands in the lists of people and of the command line."""
    for n, text in enumerate(HOSTILE):
        who = f"chat:asker{n}"
        await town.said(who, f"{text} hjälp", name=text)
        await town.said(who, choice="ho:ask", name=text)
        for where in ("chat:review", "chat:rita"):
            await town.said("chat:rita", choice=f"ho:{n + 1}:answer", where=where, reason=text, name=text)
    (home,) = await town.said("chat:rita", "home")
    in_the_terminal(home)
    on_the_page(home)
    await cards(town)
    async with town.store.transaction() as tx:
        kept = [row.question + row.answer for row in await tx.execute(select(handovers))]
    assert len(kept) > len(HOSTILE) / 2
    assert not [text for text in kept if UNSEEN.search(text)]


def test_register_as_csv_json_and_page() -> None:
    known, day = load(ORG), date(2026, 9, 21)
    usual = set(Tags(exchange.as_html([], known, Language.SV, day)).tags)
    for text in HOSTILE:
        account = Account(text, text, text, "javascript:alert(1)", text, text, text, source="import")
        rows = list(csv.reader(io.StringIO(exchange.as_csv([account]), newline="")))
        assert len(rows) == 2
        for cell in rows[1]:
            assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r")), text
        assert json.loads(exchange.as_json([account]))[0]["name"] == text
        page = Tags(exchange.as_html([account], known, Language.SV, day))
        assert set(page.tags) <= usual | {"th"}
        assert not page.links
        assert not page.handlers


async def test_the_register_is_fed_by_hostile_requests(town: Town) -> None:
    for n, text in enumerate(HOSTILE):
        session = await town.draft(f"chat:a{n}")
        session.answers["account-name"] = {"value": text, "written": text}
        async with town.store.transaction() as tx:
            from bot.dialogue.sessions import save

            await save(tx, session, town.clock())
        reference = ((await town.submit(f"chat:a{n}", session))[-1].key or "").removeprefix("request:")
        await town.press("chat:maria", reference, "agree")
        await town.review("chat:rita", reference, "approve")
    async with town.store.transaction() as tx:
        found = await register.listed(tx, ORG)
    assert len(found) == len(HOSTILE)
    for account in found:
        with suppress(exchange.BadRegister):  # what looks like a password
            (back,) = exchange.read(exchange.as_csv([account]), "csv")
            assert back.onto(None).name.split() == account.name.split()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("NYK-2026-0001", "NYK-2026-0001"),
        ("22.11.2026 12:00", "22.11.2026 12:00"),
        ("Får vi? (ja), 50 %!", "Får vi? (ja), 50 %!"),
        ("1. a", "1\\. a"),
        ("---", "\\---"),
        ("https://x.example", "https\\://x.example"),
        ("mailto:a@b.example", "mailto\\:a\\@b.example"),
    ],
)
def test_markdown_marks_only_what_would_be_markdown(text: str, shown: str) -> None:
    assert escaped(text) == shown

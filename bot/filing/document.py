"""A request as a document for the records system: what it says, and how that looks as HTML, Markdown and JSON.

It is made from the history, so that the document of any step can be made again, the same to the last byte.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogue.replies import as_written
from bot.filing.answers import lines, sources, title
from bot.filing.cards import Reader
from bot.filing.exchange import templates
from bot.filing.requests import Request, by_reference
from bot.filing.rights import Role
from bot.filing.states import Act
from bot.messages import Source
from knowledge.loader import Knowledge
from knowledge.models import Language


class NoSuchRequest(Exception):
    """There is no request of that reference."""


@dataclass(frozen=True)
class Answered:
    """A question with its answer."""

    question: str
    answer: str
    changed: bool  # since the version before
    note: str  # a reviewer's words on it


@dataclass(frozen=True)
class Step:
    """A step of the history."""

    at: str  # ISO 8601 with its offset
    when: str  # as people write it
    what: str
    act: str
    state: str
    version: int
    name: str
    reason: str
    question: str  # that a reviewer's note is on


@dataclass(frozen=True)
class Paper:
    """All that the document says, in one language."""

    language: Language
    organisation: str
    reference: str
    title: str
    state: str
    state_text: str
    version: int
    filed: str
    updated: str
    facts: tuple[tuple[str, str], ...]  # heading and value
    answers: tuple[Answered, ...]
    sources: tuple[Source, ...]
    history: tuple[Step, ...]
    made_from: int  # the step of the history

    def say(self, message: str, **values: str | int) -> str:
        """A heading."""
        return Reader(self.language, ZoneInfo("UTC")).say(message, **values)


def paper(request: Request, knowledge: Knowledge, language: Language | None = None) -> Paper:
    """The document of a request as it is given (see Request.at), in the organisation's own language or another."""
    zone = knowledge.organisation.zone
    chosen = language or knowledge.organisation.languages[0]
    reader = Reader(chosen, zone, {Role.REVIEWER})
    name = knowledge.organisation.name
    before = request.answers(request.version - 1) if request.version > 1 else None
    asked = lines(request.answers(), chosen, before)
    notes = request.notes()
    labels = {line.step: line.label for line in asked}
    return Paper(
        language=chosen,
        organisation=name.get(chosen) or next(iter(name.values())),
        reference=request.reference,
        title=title(request.answers(), chosen),
        state=request.state.value,
        state_text=reader.state(request),
        version=request.version,
        filed=_iso(request.created_at, zone),
        updated=_iso(request.updated_at, zone),
        facts=_facts(request, reader),
        answers=tuple(Answered(a.label, as_written(a.value), a.changed, notes.get(a.step, "")) for a in asked),
        sources=sources(request.answers()),
        history=tuple(
            Step(
                _iso(e.at, zone),
                reader.moment(e.at),
                reader.step(request, e),
                e.what.value,
                e.state.value,
                e.version,
                as_written(e.name),
                as_written(e.reason),
                labels.get(e.step, e.step),
            )
            for e in request.events
        ),
        made_from=request.last.id,
    )


def _facts(request: Request, reader: Reader) -> tuple[tuple[str, str], ...]:
    agreed = request.latest(Act.AGREE)
    manager = request.approver_name or ""
    if agreed:
        manager = reader.say("request-document-agreed", name=reader.name(agreed.name), date=reader.moment(agreed.at))
    reviewer = request.latest(Act.APPROVE, Act.RETURN, Act.REJECT)
    found = [
        ("document-reference", request.reference),
        ("document-state", reader.state(request)),
        ("document-unit", request.unit),
        ("document-requester", request.requester_name),
        ("document-manager", manager),
        ("document-reviewer", reviewer.name if reviewer else ""),
        ("document-filed", reader.moment(request.created_at)),
        ("document-updated", reader.moment(request.updated_at)),
        ("document-version", str(request.version)),
    ]
    return tuple((reader.say(f"request-{heading}"), as_written(text)) for heading, text in found if text)


def _iso(at: float, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at, zone).isoformat(timespec="seconds")


# -- how it looks ------------------------------------------------------------------------------------------------


def as_html(one: Paper) -> str:
    """A page of its own; every text of a person is text."""
    return templates.get_template("request.html").render(paper=one, say=one.say, sources=source_lines(one.sources))


def as_json(one: Paper) -> str:
    """For programs."""
    return json.dumps(asdict(one), ensure_ascii=False, indent=2)


_MARKUP = re.compile(r"[\\`*_\[\]<>&~|$@]")
"""What is Markdown wherever it stands."""
_ADDRESSES = re.compile(r":(?=//)|(?<=www)\.|(?<=mailto):|(?<=xmpp):|:(?=[a-z+][\w+-]*:)", re.IGNORECASE)
"""What makes an address a link, and a word between colons a picture, without any mark."""
_BEGINS = re.compile(r"^(?:[#+=:-]|\d+[.)](?=\s|$))")
"""What makes a heading, a list or a rule at the beginning of a line."""


def escaped(text: str) -> str:
    """A text in which nothing is Markdown: no heading, link, picture, address or HTML comes of it.

    Only what would be is marked, so that a reference or a date can be searched for as it is written.
    """
    return "  \n".join(_escaped_line(line.strip()) for line in text.splitlines())


def _escaped_line(line: str) -> str:
    marked = _ADDRESSES.sub(lambda found: f"\\{found[0]}", _MARKUP.sub(lambda found: f"\\{found[0]}", line))
    return _BEGINS.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", marked)


def as_markdown(one: Paper) -> str:
    """For people and tools that read Markdown."""
    out = [f"# {escaped(one.title)} {escaped(one.reference)}", "", f"{escaped(one.organisation)}", ""]
    out += [f"- **{escaped(heading)}:** {_one_line(text)}" for heading, text in one.facts]
    out += ["", f"## {one.say('request-document-answers')}", ""]
    for answer in one.answers:
        mark = f" _({one.say('request-document-changed')})_" if answer.changed else ""
        out += [f"### {escaped(answer.question)}{mark}", "", escaped(answer.answer) or "–", ""]
        out += [f"{one.say('request-document-note')}: {escaped(answer.note)}", ""] if answer.note else []
    out += [f"## {one.say('request-document-sources')}", ""]
    out += [f"- {escaped(line)}" for line in source_lines(one.sources)]
    out += ["", f"## {one.say('request-document-history')}", ""]
    for step in one.history:
        on = f" ({_one_line(step.question)})" if step.question else ""
        why = f": {_one_line(step.reason)}" if step.reason else ""
        out.append(f"- {escaped(step.when)} {_one_line(step.what)}{on}{why}")
    return "\n".join(out) + "\n"


def _one_line(text: str) -> str:
    return escaped(" ".join(text.split()))


def source_lines(found: Iterable[Source]) -> list[str]:
    """The places in the documents, a line for each section with its passages."""
    sections: dict[tuple[str, str], list[str]] = {}
    for source in found:
        sections.setdefault((source.dated(), source.section), []).append(source.passage)
    return [f"{dated}, {section} [{', '.join(passages)}]" for (dated, section), passages in sections.items()]


def as_text(one: Paper) -> str:
    """The whole of it for a mail's plain part."""
    out = [f"{one.title} {one.reference}", one.organisation, ""]
    out += [f"{heading}: {text}" for heading, text in one.facts]
    for answer in one.answers:
        mark = f" ({one.say('request-document-changed')})" if answer.changed else ""
        out += ["", f"{answer.question}{mark}", *(f"    {line}" for line in answer.answer.splitlines() or ["–"])]
        out += [f"    ({one.say('request-document-note')}: {answer.note})"] if answer.note else []
    out += ["", f"{one.say('request-document-sources')}:", *(f"    {line}" for line in source_lines(one.sources))]
    out += ["", f"{one.say('request-document-history')}:"]
    for step in one.history:
        on = f" ({step.question})" if step.question else ""
        out.append(f"    {step.when} {step.what}{on}{': ' + ' '.join(step.reason.split()) if step.reason else ''}")
    return "\n".join(out) + "\n"


def _as_pdf(one: Paper) -> bytes:
    from bot.filing.pdf import as_pdf  # fpdf2 and its fonts take some tenths of a second to load

    return as_pdf(one)


FORMS: dict[str, Callable[[Paper], bytes]] = {
    "html": lambda p: as_html(p).encode(),
    "md": lambda p: as_markdown(p).encode(),
    "json": lambda p: as_json(p).encode(),
    "pdf": _as_pdf,
}
MEDIA_TYPES = {"application/pdf": "pdf", "application/json": "json", "text/html": "html", "text/markdown": "md"}


async def find(tx: AsyncConnection, knowledge: Knowledge, reference: str, language: Language | None = None) -> Paper:
    """The document of a request, or of a step of it ("NYK-2026-0007@31"). Raises NoSuchRequest."""
    name, _, step = reference.partition("@")
    request = await by_reference(tx, knowledge.id, name)
    if request is None or (step and not any(str(e.id) == step for e in request.events)):
        raise NoSuchRequest(f"there is no request {reference} of {knowledge.id}")
    return paper(request.at(int(step)) if step else request, knowledge, language)

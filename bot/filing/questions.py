"""Questions that were not answered, kept without the person; what people found helpful; and drafts of new guidance."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import yaml
from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.filing.nameless import kept
from bot.store.tables import feedback, questions
from bot.texts import slug
from knowledge.loader import Knowledge
from knowledge.models import GuidanceFile, TopicFile

if TYPE_CHECKING:
    from bot.filing.desk import Desk

OPEN, DRAFTED = "open", "drafted"
LONGEST = 500
NOT_HELPFUL = "not-helpful"
REVIEW_IN = timedelta(days=180)


@dataclass(frozen=True)
class Question:
    """A question and how often it was asked."""

    id: int
    language: str
    question: str
    kind: str
    topic: str | None
    answer: str
    count: int
    state: str
    at: float


def _question(row: Row[Any]) -> Question:
    return Question(**{f.name: row._mapping[f.name] for f in fields(Question)})


async def count(desk: Desk, language: str, question: str, kind: str, topic: str | None) -> None:
    """Notes a question that was not answered, or one more time that it was not, without the names in it."""
    text = kept(question, desk.office.knowledge(desk.organisation))[:LONGEST]
    if not text:
        return
    same = (
        questions.c.organisation == desk.organisation,
        questions.c.kind == kind,
        questions.c.state == OPEN,
        func.lower(questions.c.question) == text.lower(),
    )
    found = await desk.tx.scalar(select(questions.c.id).where(*same).limit(1))
    if found is not None:
        await desk.tx.execute(
            update(questions).where(questions.c.id == found).values(count=questions.c.count + 1, at=desk.now)
        )
        return
    await desk.tx.execute(
        insert(questions).values(
            organisation=desk.organisation,
            language=language,
            question=text,
            kind=kind,
            topic=topic,
            count=1,
            state=OPEN,
            at=desk.now,
        )
    )


async def drafted(desk: Desk, language: str, question: str, answer: str, topic: str | None) -> int:
    """Keeps a question with a person's answer to it, to be made into guidance."""
    number = await desk.tx.scalar(
        insert(questions)
        .values(
            organisation=desk.organisation,
            language=language,
            question=question[:LONGEST],
            kind="handover",
            topic=topic,
            answer=answer,
            count=1,
            state=DRAFTED,
            at=desk.now,
        )
        .returning(questions.c.id)
    )
    return int(number or 0)


async def helpful(tx: AsyncConnection, organisation: str, topic: str, yes: bool) -> None:
    """Counts what somebody said of an answer."""
    insert_ = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    keys = {"organisation": organisation, "topic": topic, "helpful": yes}
    await tx.execute(
        insert_(feedback)
        .values(**keys, count=1)
        .on_conflict_do_update(index_elements=list(keys), set_={"count": feedback.c.count + 1})
    )


async def listed(tx: AsyncConnection, organisation: str, limit: int = 200) -> list[Question]:
    """What was not answered, the most asked first."""
    found = await tx.execute(
        select(questions)
        .where(questions.c.organisation == organisation, questions.c.state.in_((OPEN, DRAFTED)))
        .order_by(questions.c.count.desc(), questions.c.at.desc())
        .limit(limit)
    )
    return [_question(row) for row in found]


async def by_id(tx: AsyncConnection, organisation: str, number: int) -> Question | None:
    """One of them."""
    found = await tx.execute(
        select(questions).where(questions.c.organisation == organisation, questions.c.id == number)
    )
    row = found.first()
    return _question(row) if row else None


def draft(question: Question, knowledge: Knowledge, today: date) -> str:
    """A topic and its guidance as YAML, valid and ready to be reviewed: what an editor must decide is marked."""
    organisation = knowledge.organisation
    name = _free_name(question, knowledge)
    about = " ".join(question.question.split())
    label = about[:57] + "…" if len(about) > 58 else about
    known = knowledge.guidance.get(question.topic or "")
    passages = list(known.passages) if known else [_first_passage(knowledge)]
    language = question.language
    topic = {
        "id": name,
        "label": {lang.value: label for lang in organisation.languages},
        "about": f"Asked {question.count} time(s): {about}",
        "wordings": {language: [about[:400] if len(about) > 1 else f"{about}?"]},
    }
    entry: dict[str, Any] = {
        "topic": name,
        "silent": not question.answer,
        "passages": passages,
        "contact": organisation.contact,
        "text": {lang.value: question.answer or about for lang in organisation.languages},
    }
    guidance = {"owner": organisation.contact, "review_by": today + REVIEW_IN, "guidance": [entry]}
    topics = {"topics": [topic]}
    TopicFile.model_validate(topics)
    GuidanceFile.model_validate(guidance)
    return "\n".join(
        [
            f"# Draft from question {question.id}. To decide before it is used:",
            "# - the label (short), at least seven more wordings, and every language but " + language,
            "# - the verdict, if the topic is a 'may I' question (then also `may: true`)",
            "# - the passages that the answer really rests on",
            f"# --- knowledge/{knowledge.id}/topics-draft.yaml",
            _yaml(topics),
            f"# --- knowledge/{knowledge.id}/guidance/draft.yaml",
            "---",
            _yaml(guidance),
        ]
    )


def _yaml(data: Any) -> str:
    return str(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120))


def _free_name(question: Question, knowledge: Knowledge) -> str:
    letters = unicodedata.normalize("NFKD", question.question).encode("ascii", "ignore").decode()
    name = "-".join(slug(letters).split("-")[:6])[:50].strip("-") or "question"
    return name if name not in knowledge.topics else f"{name}-{question.id}"


def _first_passage(knowledge: Knowledge) -> str:
    return next(p for d in knowledge.documents for s in d.sections for p in s.passages)


def as_json(found: list[Question]) -> str:
    """For programs."""
    return json.dumps([vars(q) for q in found], ensure_ascii=False, indent=2)

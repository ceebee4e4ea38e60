"""Checks what the models cannot see: references, coverage, languages, duplicates, review dates."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date

from knowledge.check_flows import check_flow
from knowledge.flows import Flow
from knowledge.loader import Knowledge, Place, Problem
from knowledge.models import Guidance, Language, Topic

FEWEST_WORDINGS = 8
"""A topic has at least so many a language (issue 2)."""
LONGEST_TEXT = 120
"""Words; a guidance text beyond it is reported, since people stop reading (issue 2: up to about 120)."""
MOST_NOT_USED = 0.05
"""Share of the normative passages that may stand unused (issue 2)."""

_SPACE = re.compile(r"\s+")


@dataclass
class Report:
    """What a check of one organisation found."""

    organisation: str
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    normative: int = 0
    rested_on: int = 0
    not_used: int = 0
    silent: list[str] = field(default_factory=list)
    overdue: list[str] = field(default_factory=list)


def check(knowledge: Knowledge, today: date) -> Report:
    """Everything that can be said of an organisation's knowledge without asking it questions."""
    report = Report(knowledge.id)
    _check_topics(knowledge, report)
    for guidance in knowledge.guidance.values():
        _check_guidance(knowledge, guidance, report)
    _check_organisation(knowledge, report)
    _check_coverage(knowledge, report)
    for flow in knowledge.flows.values():
        for message in check_flow(knowledge, flow):
            report.errors.append(_at(_place(knowledge, flow, message), f"{flow.id}: {message}"))
    report.silent = sorted(t for t in knowledge.topics if not knowledge.answered(t))
    report.overdue = sorted(t for t, (_, by) in knowledge.reviews.items() if by < today)
    for topic in report.overdue:
        place = knowledge.places[f"guidance:{topic}"]
        owner, by = knowledge.reviews[topic]
        report.warnings.append(_at(place, f"guidance on {topic!r} was to be reviewed by {by} ({owner}); look at it"))
    report.counts = {
        "topics": len(knowledge.topics),
        "own topics": len(knowledge.own_topics),
        "guidance": len(knowledge.guidance),
        "flows": len(knowledge.flows),
        "wordings": sum(len(w) for t in knowledge.topics.values() for w in t.wordings.values()),
    }
    return report


def _place(knowledge: Knowledge, flow: Flow, message: str) -> Place:
    """Where the part of a flow stands that a message begins with ("step consent: …"); else where the flow begins."""
    first, second, *_ = [*message.replace(":", " ").split(), "", ""]
    for part in (f"{first} {second}", first):
        if f"flow:{flow.id}/{part}" in knowledge.places:
            return knowledge.places[f"flow:{flow.id}/{part}"]
    return knowledge.places[f"flow:{flow.id}"]


def _at(place: Place, message: str) -> Problem:
    return Problem(place.file, place.line, message)


def _check_topics(knowledge: Knowledge, report: Report) -> None:
    claimed: dict[str, str] = {}
    for topic in knowledge.topics.values():
        place = knowledge.places[f"topic:{topic.id}"]
        own = topic.id in knowledge.own_topics
        needed = knowledge.organisation.languages if own else tuple(Language)
        _check_languages(topic, needed, place, report)
        for other in topic.related:
            if other not in knowledge.topics:
                report.errors.append(_at(place, f"{topic.id}: related names {other!r}, and there is no such topic"))
        for wordings in topic.wordings.values():
            for wording in wordings:
                key = normal(wording)
                if claimed.setdefault(key, topic.id) != topic.id:
                    message = f"{topic.id}: the wording {wording!r} also stands under {claimed[key]!r}; keep it in one"
                    report.errors.append(_at(place, message))
    for kind in knowledge.outside:
        for wordings in kind.wordings.values():
            for wording in wordings:
                if normal(wording) in claimed:
                    message = f"{kind.id}: {wording!r} also stands under the topic {claimed[normal(wording)]!r}"
                    report.errors.append(Problem("common/outside.yaml", 1, message))


def normal(wording: str) -> str:
    """A wording without case, spacing and final punctuation: what makes two of them the same."""
    return _SPACE.sub(" ", wording.lower()).strip(" ?!.")


def _check_languages(topic: Topic, needed: tuple[Language, ...], place: Place, report: Report) -> None:
    for language in needed:
        if language not in topic.label:
            report.errors.append(_at(place, f"{topic.id}: label is missing in {language.value}; add it"))
        count = len(set(topic.wordings.get(language, ())))
        if count < FEWEST_WORDINGS:
            message = f"{topic.id}: {count} wordings in {language.value}; write at least {FEWEST_WORDINGS}"
            report.errors.append(_at(place, message))


def _check_guidance(knowledge: Knowledge, guidance: Guidance, report: Report) -> None:
    place = knowledge.places[f"guidance:{guidance.topic}"]
    topic = knowledge.topics.get(guidance.topic)
    if topic is None:
        report.errors.append(_at(place, f"guidance names the topic {guidance.topic!r}, and there is no such topic"))
        return
    if topic.may and guidance.verdict is None and not guidance.silent:
        report.errors.append(_at(place, f'{topic.id} is a "may I" question: give verdict yes, no or conditional'))
    if not topic.may and guidance.verdict is not None:
        report.errors.append(_at(place, f'{topic.id} is no "may I" question: take the verdict out'))
    for language in knowledge.organisation.languages:
        text = guidance.text.get(language)
        if text is None:
            report.errors.append(_at(place, f"{topic.id}: the text is missing in {language.value}; write it"))
        elif len(text.split()) > LONGEST_TEXT:
            message = f"{topic.id}: {len(text.split())} words in {language.value}; shorten to about {LONGEST_TEXT}"
            report.warnings.append(_at(place, message))
    contacts = knowledge.organisation.contacts
    for key in {guidance.contact, knowledge.reviews[guidance.topic][0]} - set(contacts):
        message = f"{topic.id}: {key!r} is no contact; there are {', '.join(contacts)}"
        report.errors.append(_at(place, message))
    for passage in guidance.passages:
        if not _exists(knowledge, passage):
            report.errors.append(_at(place, f"{topic.id}: there is no passage {passage!r} in documents.yaml"))


def _exists(knowledge: Knowledge, passage: str) -> bool:
    try:
        knowledge.section_of(passage)
    except KeyError:
        return False
    return True


def _check_organisation(knowledge: Knowledge, report: Report) -> None:
    file = f"{knowledge.id}/organisation.yaml"
    organisation = knowledge.organisation
    if organisation.contact not in organisation.contacts:
        report.errors.append(Problem(file, 1, f"contact {organisation.contact!r} is not among the contacts"))
    cited = [a.passage for a in organisation.accounts] + [k.passage for k in organisation.links]
    for passage in [*cited, *(n.passage for n in organisation.not_used)]:
        if not _exists(knowledge, passage):
            report.errors.append(Problem(file, 1, f"there is no passage {passage!r} in documents.yaml"))
    for language in organisation.languages:
        named = [organisation.name, *(c.role for c in organisation.contacts.values())]
        named += [a.unit for a in organisation.accounts] + [k.label for k in organisation.links]
        if any(language not in texts for texts in named):
            report.errors.append(Problem(file, 1, f"a name, role, unit or label is missing in {language.value}"))


def _check_coverage(knowledge: Knowledge, report: Report) -> None:
    file = f"{knowledge.id}/organisation.yaml"
    normative = {p for d in knowledge.documents for s in d.sections for p in s.passages}
    cited = Counter(p for g in knowledge.guidance.values() for p in g.passages)
    not_used = {n.passage for n in knowledge.organisation.not_used}
    report.normative, report.not_used = len(normative), len(not_used & normative)
    report.rested_on = len(normative & set(cited))
    for passage in sorted(normative - set(cited) - not_used):
        message = f"nothing rests on {passage}: cite it in a guidance, or list it under not_used with the reason"
        report.errors.append(Problem(file, 1, message))
    for passage in sorted(not_used & set(cited)):
        report.errors.append(Problem(file, 1, f"{passage} stands under not_used, yet guidance cites it; take it out"))
    if normative and report.not_used > MOST_NOT_USED * len(normative):
        message = f"{report.not_used} of {len(normative)} passages are not used; at most {MOST_NOT_USED:.0%} may be"
        report.errors.append(Problem(file, 1, message))


def matrix(organisations: list[Knowledge]) -> dict[str, dict[str, str]]:
    """Topics x organisations: 'answered', 'silent', or '' where the topic is another organisation's own."""
    table: dict[str, dict[str, str]] = defaultdict(dict)
    for knowledge in organisations:
        for topic in knowledge.topics:
            table[topic][knowledge.id] = "answered" if knowledge.answered(topic) else "silent"
    return dict(table)

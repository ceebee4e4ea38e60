"""Reads the YAML files into the models; every error names file, line, what is wrong and what would be right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from knowledge.flows import Flow, SharedFile, StepOption, UnknownShared, expanded
from knowledge.models import (
    Document,
    DocumentFile,
    Guidance,
    GuidanceFile,
    Language,
    Model,
    Organisation,
    OutsideFile,
    Section,
    TermFile,
    Topic,
    TopicFile,
)
from knowledge.models import Outside as OutsideModel
from knowledge.models import Term as TermModel

FOLDER = Path(__file__).parent
"""Where the knowledge that ships with Someguide lives."""

COMMON = "common"
FLOWS = "flows"
M = TypeVar("M", bound=Model)
_YamlLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Problem:
    """Something wrong in the knowledge, in words that its author can act on."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class KnowledgeError(Exception):
    """The knowledge cannot be used. Carries every problem found."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(p) for p in problems))


class UnknownOrganisation(Exception):
    """No such organisation; the message names the known ones."""

    def __init__(self, org: str, known: list[str]) -> None:
        super().__init__(f"unknown organisation {org!r}; known are: {', '.join(known)}")


class _StrictLoader(_YamlLoader):  # type: ignore[misc]
    """Safe loader that refuses a key given twice, which YAML would silently overwrite."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a plain word", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} stands here twice", key.start_mark)
            seen.add(key.value)
        return dict(super().construct_mapping(node, deep))


@dataclass(frozen=True)
class Place:
    """Where a piece of knowledge stands."""

    file: str
    line: int


@dataclass(frozen=True)
class Knowledge:
    """All that one organisation's assistant knows: the common topics and its own, its guidance and documents."""

    organisation: Organisation
    documents: tuple[Document, ...]
    topics: dict[str, Topic]
    own_topics: frozenset[str]
    guidance: dict[str, Guidance]
    terms: tuple[TermModel, ...]
    outside: tuple[OutsideModel, ...]
    flows: dict[str, Flow]
    places: dict[str, Place] = field(default_factory=dict, compare=False, repr=False)
    reviews: dict[str, tuple[str, Any]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def id(self) -> str:
        """The organisation's id."""
        return self.organisation.id

    def section_of(self, passage: str) -> tuple[Document, Section]:
        """The document and section in which a passage stands. Raises KeyError for an unknown passage."""
        for document in self.documents:
            for section in document.sections:
                if passage in section.passages or passage in section.furniture:
                    return document, section
        raise KeyError(passage)

    def answered(self, topic: str) -> bool:
        """True when the organisation's document decides the topic."""
        guidance = self.guidance.get(topic)
        return guidance is not None and not guidance.silent


def organisations(folder: Path = FOLDER) -> list[str]:
    """The ids of the organisations in a knowledge folder, in alphabetical order."""
    return sorted(p.parent.name for p in folder.glob("*/organisation.yaml"))


def organisation(org: str, folder: Path = FOLDER) -> Organisation:
    """Who an organisation is, without the rest of its knowledge. Raises UnknownOrganisation or KnowledgeError."""
    if org not in organisations(folder):
        raise UnknownOrganisation(org, organisations(folder))
    reader = _Reader(folder)
    found = reader.read(folder / org / "organisation.yaml", Organisation)
    if found is None:
        raise KnowledgeError(reader.problems)
    return found


def load(org: str, folder: Path = FOLDER) -> Knowledge:
    """One organisation's knowledge, the common part included.

    Raises UnknownOrganisation, or KnowledgeError with every problem that the models find.
    """
    if org not in organisations(folder):
        raise UnknownOrganisation(org, organisations(folder))
    reader = _Reader(folder)
    common = reader.topics(folder / COMMON / "topics")
    own = reader.topics(folder / org)
    own_file = folder / org / "organisation.yaml"
    itself = reader.read(own_file, Organisation)
    documents = reader.read(folder / org / "documents.yaml", DocumentFile)
    guidance = reader.guidance(folder / org / "guidance")
    terms = reader.read(folder / COMMON / "terms.yaml", TermFile)
    outside = reader.read(folder / COMMON / "outside.yaml", OutsideFile)
    flows = reader.flows(folder / org / "flows")
    if reader.problems or not (itself and documents and terms and outside):
        raise KnowledgeError(reader.problems)
    if itself.id != org:
        reader.problem(own_file, 1, f"id is {itself.id!r}; the folder says {org!r}")
    same = _same_references(itself, folder)
    if same:
        told = f"its references begin with {itself.prefix}, like those of {same}; give it another with reference: …"
        reader.problem(own_file, 1, told)
    topics = {t.id: t for _, f in [*common, *own] for t in f.topics}
    for path, file in own:
        for topic_id, wordings in file.more_wordings.items():
            if topic_id not in topics:
                reader.problem(path, 1, f"more_wordings names the topic {topic_id!r}, which does not exist")
                continue
            topics[topic_id] = _extended(topics[topic_id], wordings)
    if reader.problems:
        raise KnowledgeError(reader.problems)
    return Knowledge(
        organisation=itself,
        documents=documents.documents,
        topics=topics,
        own_topics=frozenset(t.id for _, f in own for t in f.topics),
        guidance={g.topic: g for g in guidance},
        terms=terms.terms,
        outside=outside.outside,
        flows={flow.id: flow for flow in flows},
        places=reader.places,
        reviews=reader.reviews,
    )


def _same_references(itself: Organisation, folder: Path) -> str | None:
    """Another organisation whose requests would have the same references. Who has written its beginning out keeps it;
    what is wrong with the other's file is told where that one is loaded."""
    for org in organisations(folder):
        other = _Reader(folder).read(folder / org / "organisation.yaml", Organisation)
        if other is None or other.id == itself.id or other.prefix != itself.prefix:
            continue
        if not itself.reference or other.reference:
            return other.id
    return None


def _extended(topic: Topic, wordings: dict[Language, tuple[str, ...]]) -> Topic:
    merged = {lang: (*topic.wordings.get(lang, ()), *wordings.get(lang, ())) for lang in Language}
    return topic.model_copy(update={"wordings": merged})


class _Reader:
    """Reads files and collects problems instead of stopping at the first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.places: dict[str, Place] = {}
        self.reviews: dict[str, tuple[str, Any]] = {}

    def problem(self, path: Path, line: int, message: str) -> None:
        self.problems.append(Problem(self.name(path), line, message))

    def name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def read(self, path: Path, model: type[M], prepare: Callable[[Any], Any] = lambda data: data) -> M | None:
        if not path.exists():
            self.problem(path, 1, "the file is missing")
            return None
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            line = path.read_bytes()[: error.start].count(b"\n") + 1
            self.problem(path, line, "not UTF-8; save the file with the encoding UTF-8")
            return None
        try:
            data = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            self.problem(path, line, f"not readable as YAML: {error.problem}")
            return None
        except yaml.reader.ReaderError as error:
            line = text[: error.position].count("\n") + 1
            self.problem(path, line, f"a character that YAML does not allow (code {error.character}); delete it")
            return None
        try:
            return model.model_validate(prepare(data))
        except ValidationError as error:
            node = yaml.compose(text, Loader=_YamlLoader)
            for detail in error.errors():
                self.problem(path, line_of(node, detail["loc"]), _in_words(detail))
            return None
        except UnknownShared as error:
            node = yaml.compose(text, Loader=_YamlLoader)
            self.problem(path, line_of(node, error.loc), str(error))
            return None

    def flows(self, folder: Path) -> list[Flow]:
        shared = self.shared()
        found: list[Flow] = []
        for path in sorted(folder.glob("*.yaml")):
            flow = self.read(path, Flow, lambda data: expanded(data, shared))
            if flow is None:
                continue
            self._claim(f"flow:{flow.id}", path, 1, f"the flow {flow.id!r}")
            if flow.id != path.stem:
                self.problem(path, 1, f"id is {flow.id!r}; the file's name says {path.stem!r}")
            for part, line in _flow_parts(path.read_text(encoding="utf-8")):
                self.places.setdefault(f"flow:{flow.id}/{part}", Place(self.name(path), line))
            found.append(flow)
        return found

    def shared(self) -> SharedFile:
        """The steps and option lists of every file in common/flows."""
        steps: dict[str, dict[str, Any]] = {}
        options: dict[str, tuple[StepOption, ...]] = {}
        for path in sorted((self.folder / COMMON / FLOWS).glob("*.yaml")):
            file = self.read(path, SharedFile)
            for name in file.steps if file else {}:
                self._claim(f"shared step:{name}", path, 1, f"the shared step {name!r}")
            steps |= file.steps if file else {}
            options |= file.options if file else {}
        return SharedFile(steps=steps, options=options)

    def topics(self, folder: Path) -> list[tuple[Path, TopicFile]]:
        files: list[tuple[Path, TopicFile]] = []
        for path in sorted(folder.glob("*.yaml" if folder.name == "topics" else "topics*.yaml")):
            file = self.read(path, TopicFile)
            if file is None:
                continue
            for index, line in self._lines(path, "topics"):
                topic = file.topics[index]
                self._claim(f"topic:{topic.id}", path, line, f"the topic {topic.id!r}")
            files.append((path, file))
        return files

    def guidance(self, folder: Path) -> list[Guidance]:
        found: list[Guidance] = []
        for path in sorted(folder.glob("*.yaml")):
            file = self.read(path, GuidanceFile)
            if file is None:
                continue
            for index, line in self._lines(path, "guidance"):
                guidance = file.guidance[index]
                self._claim(f"guidance:{guidance.topic}", path, line, f"guidance on {guidance.topic!r}")
                self.reviews[guidance.topic] = (guidance.owner or file.owner, guidance.review_by or file.review_by)
                found.append(guidance)
        return found

    def _claim(self, key: str, path: Path, line: int, what: str) -> None:
        if key in self.places:
            first = self.places[key]
            self.problem(path, line, f"{what} stands twice; the first is in {first.file}:{first.line}")
        else:
            self.places[key] = Place(self.name(path), line)

    def _lines(self, path: Path, key: str) -> Iterator[tuple[int, int]]:
        """Index and line of each entry in the list under a key, found without building a second YAML tree."""
        index, inside, indent = 0, False, -1
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            depth = len(line) - len(line.lstrip())
            if line and depth == 0 and not line.startswith(("#", "-")):
                inside = line.startswith(f"{key}:")
            elif inside and line.lstrip().startswith("- "):
                indent = depth if indent < 0 else indent
                if depth == indent:
                    yield index, number
                    index += 1


_PART = re.compile(r"\s*-\s+(?:id|use):\s*([a-z0-9-]+)\s*$")
_RENAMED = re.compile(r"\s+id:\s*([a-z0-9-]+)\s*$")
_PARTS = {"outcomes": "outcome", "advice": "advice"}


def _flow_parts(text: str) -> Iterator[tuple[str, int]]:
    """The parts of a flow's file ("section use", "step consent", "outcome yes", "advice"), each with its line."""
    top, began, outer = "", 0, -1
    for number, line in enumerate(text.splitlines(), 1):
        if line[:1].isalpha():
            top, outer = line.split(":")[0], -1
            yield top, number
        part = _PART.match(line)
        found = part or (_RENAMED.match(line) if number == began + 1 else None)
        if found is None:
            continue
        if part:
            began, depth = number, len(line) - len(line.lstrip())
            outer = depth if outer < 0 else outer
            kind = "section" if depth == outer else "step"
        yield f"{_PARTS.get(top, kind)} {found[1]}", began


def line_of(node: Any, loc: tuple[int | str, ...]) -> int:
    """The line (from 1) at which a location of a pydantic error stands, or that of the nearest thing above it."""
    line = 1 if node is None else node.start_mark.line + 1
    for step in loc:
        found = None
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = node.value[step]
            line = found.start_mark.line + 1
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(step):
                    found, line = value, key.start_mark.line + 1
        if found is None:
            break
        node = found
    return line


_RIGHT = {
    "missing": "the field is missing; add it",
    "extra_forbidden": "there is no such field; see the schema for the fields there are (a misspelling?)",
    **dict.fromkeys(
        ("date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact", "date_type"),
        "must be a date: year-month-day, like 2027-12-31",
    ),
    **dict.fromkeys(("bool_parsing", "bool_type"), "must be true or false"),
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float"), "must be a whole number, in figures"),
    "string_type": 'must be a text; put it in quotation marks: "…"',
    **dict.fromkeys(
        ("tuple_type", "list_type"), "must be a list: [one, another], or a line beginning with “- ” for each"
    ),
    **dict.fromkeys(
        ("dict_type", "model_type", "model_attributes_type"), "must hold fields: a name, a colon and what it is"
    ),
    **dict.fromkeys(("enum", "literal_error"), "must be {expected}"),
    "string_too_long": "is too long: at most {max_length} characters",
    "string_too_short": "is too short: at least {min_length} character(s)",
    "too_short": "holds too few: at least {min_length}, and there are {actual_length}",
    "too_long": "holds too many: at most {max_length}, and there are {actual_length}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_pattern_mismatch": "is not written as it has to be; see docs/communications.md for the field",
    "value_error": "{error}",
}
"""What would be right, for each kind of error of pydantic; in braces what its context says."""


def _in_words(detail: Any) -> str:
    where = ".".join(str(step) for step in detail["loc"] if step != "[key]") or "the whole file"
    kind = detail["type"]
    right = _RIGHT[kind].format(**detail.get("ctx", {})) if kind in _RIGHT else detail["msg"]
    given = detail.get("input")
    simple = kind not in ("missing", "extra_forbidden") and isinstance(given, str | int | float | bool | date)
    shown = f" (given: {str(given)[:60]!r})" if simple else ""
    return f"{where}: {right}{shown}"

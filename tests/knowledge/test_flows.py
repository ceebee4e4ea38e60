"""Flows as data: what a broken one is told, that every way is proved, and how a flow is drawn."""

from __future__ import annotations

import re
import shutil
import time
from datetime import date
from itertools import product
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer import Typer
from typer.testing import CliRunner

from bot.commands_flows import flow as flow_command
from knowledge.check import check
from knowledge.check_flows import check_flow
from knowledge.diagram import edges, mermaid, steps_table, svg
from knowledge.flows import Flow
from knowledge.loader import FOLDER, KnowledgeError, load, organisations
from knowledge.models import Language
from knowledge.walk import Answers, holds, position, ways

KNOWN = {name: load(name) for name in organisations()}
EVERY = [(name, flow) for name, known in KNOWN.items() for flow in known.flows.values()]
VARA = KNOWN["vara"]
IDS = [f"{name}/{flow.id}" for name, flow in EVERY]
L3 = "{sv: Ord, fi: Sana, en: Word}"
GOOD = f"""\
id: trial
kind: decision
title: {L3}
intro: {L3}
start: {{sv: [pröva flödet], fi: [kokeile kulkua], en: [try the flow]}}
sections:
  - id: first
    title: {L3}
    steps:
      - id: who
        type: choice
        ask: {L3}
        help: {L3}
        options:
          - {{id: child, label: {{sv: Ett barn, fi: Lapsi, en: A child}}}}
          - {{id: adult, label: {{sv: En vuxen, fi: Aikuinen, en: An adult}}}}
        passages: [vara/ansvar-4]
      - id: agreed
        type: yes-no
        when: {{who: adult}}
        ask: {L3}
        help: {L3}
        passages: [vara/ansvar-4]
outcomes:
  - id: never
    at_once: true
    when: {{who: child}}
    verdict: no
    text: {L3}
    passages: [vara/ansvar-4]
  - id: fine
    when: {{agreed: yes}}
    verdict: yes
    text: {L3}
    passages: [vara/ansvar-4]
  - id: otherwise
    text: {L3}
    passages: [vara/ansvar-4]
advice:
  - id: keep-it
    kind: keep
    when: {{agreed: yes}}
    text: {L3}
    passages: [vara/ansvar-4]
"""


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Vara's knowledge, to which a flow can be added."""
    folder = tmp_path_factory.mktemp("knowledge")
    for name in ("common", "vara"):
        shutil.copytree(FOLDER / name, folder / name)
    return folder


def problems(folder: Path, text: str) -> list[str]:
    """What the loader, or else the check, says of a flow."""
    (folder / "vara" / "flows" / "trial.yaml").write_text(text, encoding="utf-8")
    try:
        known = load("vara", folder)
    except KnowledgeError as error:
        return [str(p) for p in error.problems]
    return [str(p) for p in check(known, date(2026, 11, 21)).errors if "trial" in p.file]


def broken(old: str, new: str, times: int = 1) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, times)


def test_the_good_one_is_good(copied: Path) -> None:
    assert problems(copied, GOOD) == []


BROKEN: dict[str, tuple[str, int, str]] = {
    "no yaml": (broken("kind: decision", "kind: [decision"), 3, "not readable as YAML"),
    "tabs": (broken("    title:", "\ttitle:"), 8, "not readable as YAML"),
    "key twice": (broken("kind: decision", "kind: decision\nkind: checklist"), 3, "'kind' stands here twice"),
    "unknown kind": (broken("kind: decision", "kind: decicion"), 2, "'checklist' or 'decision'"),
    "unknown field": (
        broken("        help:", "        hepl:", 1),
        13,
        "sections.0.steps.0.hepl: there is no such field",
    ),
    "missing field": (
        broken(f"        help: {L3}\n        options", "        options"),
        10,
        "help: the field is missing; add it",
    ),
    "unknown type": (broken("type: yes-no", "type: yes-or-no"), 19, "given: 'yes-or-no'"),
    "one option": (
        broken("          - {id: adult, label: {sv: En vuxen, fi: Aikuinen, en: An adult}}\n", ""),
        10,
        "a choice has 2 to 12 options",
    ),
    "options of a text": (broken("type: choice", "type: text"), 10, "only choice and choices have options"),
    "option twice": (broken("{id: adult,", "{id: child,"), 10, "an option stands twice"),
    "no passages": (
        broken("        passages: [vara/ansvar-4]\n      - id", "        passages: []\n      - id"),
        17,
        "holds too few: at least 1",
    ),
    "too long a question": (
        broken(f"ask: {L3}", "ask: {sv: " + "ord " * 60 + ", fi: Sana, en: Word}"),
        12,
        "at most 220 characters",
    ),
    "unknown shared step": (
        broken("id: agreed", "use: agreed"),
        18,
        "use: there is no shared step 'agreed'; known are: account-",
    ),
    "other file name": (broken("id: trial", "id: trail"), 1, "id is 'trail'; the file's name says 'trial'"),
    "step twice": (broken("id: agreed", "id: who"), 10, "step who stands twice; give one of them another id"),
    "text missing": (broken(f"ask: {L3}", "ask: {sv: Ord, en: Word}"), 10, "step who: ask is missing in fi; write it"),
    "unknown passage": (
        broken("vara/ansvar-4", "vara/ansvar-99"),
        10,
        "step who: there is no passage 'vara/ansvar-99'",
    ),
    "unknown topic": (
        broken("start:", "topics: [no-topic]\nstart:"),
        5,
        "topics names 'no-topic', and there is no such topic",
    ),
    "unknown contact": (
        broken("    verdict: yes\n", "    verdict: yes\n    contact: nobody\n"),
        31,
        "outcome fine: 'nobody' is no contact; there are",
    ),
    "unknown approver": (
        broken("start:", "approver: boss\nstart:"),
        5,
        "approver: 'boss' is no step of the flow; name one of who, agreed",
    ),
    "condition on nothing": (
        broken("when: {who: adult}", "when: {whom: adult}"),
        18,
        "step agreed: when speaks of 'whom', and there is no such step",
    ),
    "condition on later": (
        broken("        type: choice\n", "        type: choice\n        when: {agreed: yes}\n"),
        10,
        "step who: when speaks of 'agreed', which is asked later: only earlier steps may decide",
    ),
    "unknown answer": (
        broken("when: {who: adult}", "when: {who: grown-up}"),
        18,
        "step agreed: when speaks of who = 'grown-up'; its answers are child, adult",
    ),
    "nothing after else": (
        broken("    when: {agreed: yes}\n    verdict: yes\n", "    verdict: yes\n"),
        31,
        "outcome fine has no condition, so that nothing after it is reached; put it last",
    ),
    "no outcome": (
        broken(f"  - id: otherwise\n    text: {L3}\n    passages: [vara/ansvar-4]\n", ""),
        1,
        "no outcome for: who = adult, agreed = no; add one",
    ),
    "unreachable outcome": (
        broken("when: {agreed: yes}", "when: {who: child, agreed: yes}"),
        31,
        "outcome fine is never reached; mend its condition",
    ),
    "step never asked": (
        broken("when: {who: adult}", "when: {all: [{who: adult}, {who: child}]}"),
        18,
        "step agreed is never asked; mend its condition or take it out",
    ),
    "advice never given": (
        broken("    kind: keep\n    when: {agreed: yes}", "    kind: keep\n    when: {who: child, agreed: yes}"),
        40,
        "advice keep-it is never given; mend its condition",
    ),
    "decision without outcomes": (GOOD[: GOOD.index("outcomes:")], 1, "a decision needs outcomes"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_flow_is_told_with_file_line_and_what_would_be_right(copied: Path, name: str) -> None:
    text, line, wanted = BROKEN[name]
    found = problems(copied, text)
    assert found
    right = [p for p in found if p.startswith(f"vara/flows/trial.yaml:{line}: ") and wanted in p]
    assert right, "\n".join(found)
    assert all(re.match(r"vara/flows/trial\.yaml:\d+: ", problem) for problem in found)


def test_a_flow_that_is_no_text(copied: Path) -> None:
    path = copied / "vara" / "flows" / "trial.yaml"
    path.write_bytes(GOOD.replace("Ord", "Örd").encode("latin-1"))
    with pytest.raises(KnowledgeError, match=r"trial\.yaml:3: not UTF-8"):
        load("vara", copied)
    path.write_text(GOOD, encoding="utf-8")


@pytest.mark.parametrize(("organisation", "flow"), EVERY, ids=IDS)
def test_every_shipped_flow_is_proved(organisation: str, flow: Flow) -> None:
    assert list(check_flow(KNOWN[organisation], flow)) == []


def test_proving_is_quick() -> None:
    for known in KNOWN.values():
        before = time.perf_counter()
        for flow in known.flows.values():
            list(check_flow(known, flow))
        assert time.perf_counter() - before < 2


# -- the proof itself, against every combination there is

VALUES = {"a": ["x", "y", "z"], "b": ["yes", "no"], "c": ["x", "y"], "d": ["yes", "no"]}
TEXT = dict.fromkeys(("sv", "fi", "en"), "Word")


@st.composite
def conditions(draw: st.DrawFn, before: list[str], depth: int = 2) -> object:
    """A condition on some of the earlier steps."""
    kind = draw(st.sampled_from(["is", "is", "all", "any", "not"])) if depth else "is"
    if kind == "is":
        step = draw(st.sampled_from(before))
        return {step: draw(st.lists(st.sampled_from(VALUES[step]), min_size=1, max_size=2, unique=True))}
    if kind == "not":
        return {"not": draw(conditions(before, depth - 1))}
    return {kind: [draw(conditions(before, depth - 1)) for _ in range(2)]}


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """A small decision with any conditions."""
    steps = []
    for number, (name, values) in enumerate(VALUES.items()):
        options = [{"id": v, "label": TEXT} for v in values] if "yes" not in values else []
        before = list(VALUES)[:number]
        when = draw(st.none() | conditions(before)) if before else None
        more = {"options": options} if options else {}
        steps.append(
            {"id": name, "type": "choice" if options else "yes-no", "ask": TEXT, "help": TEXT, "passages": ["x/y"],
             "when": when, "optional": draw(st.booleans()), **more}
        )  # fmt: skip
    outcomes = [
        {"id": f"o{n}", "text": TEXT, "passages": ["x/y"], "when": draw(conditions(list(VALUES))),
         "at_once": draw(st.booleans())}
        for n in range(draw(st.integers(1, 3)))
    ]  # fmt: skip
    advice = [{"id": "advised", "text": TEXT, "passages": ["x/y"], "when": draw(conditions(list(VALUES)))}]
    return Flow.model_validate(
        {"id": "any", "kind": "decision", "title": TEXT, "intro": TEXT, "start": {}, "outcomes": outcomes,
         "sections": [{"id": "all", "title": TEXT, "steps": steps}], "advice": advice}
    )  # fmt: skip


def every_way(flow: Flow) -> tuple[set[str], set[str | None], set[str]]:
    """Steps asked, outcomes reached (None: none) and advice given, by trying every combination of answers."""
    asked: set[str] = set()
    reached: set[str | None] = set()
    given_advice: set[str] = set()
    choices = [[(v,) for v in VALUES[s.id]] + ([()] if s.optional else []) for s in flow.steps]
    for combination in product(*choices):
        whole = {s.id: value for s, value in zip(flow.steps, combination, strict=True)}
        answers: dict[str, tuple[str, ...]] = {}
        while (at := position(flow, answers)).step is not None:
            answers[at.step.id] = whole[at.step.id]
            asked.add(at.step.id)
        reached.add(at.outcome.id if at.outcome else None)
        counted: Answers = {s.id: answers[s.id] for s in at.asked}
        for item in flow.advice:
            if holds(item.when, counted) and item.when and item.when.steps() & set(counted):
                given_advice.add(item.id)
    return asked, reached, given_advice


@settings(max_examples=120, deadline=None, derandomize=True, database=None)
@given(flow=flows())
def test_the_proof_sees_what_trying_everything_sees(flow: Flow) -> None:
    asked, reached, given_advice = every_way(flow)
    walked = ways(flow)
    assert walked.asked == asked
    assert {end.outcome.id if end.outcome else None for end, _ in walked.ends} == reached
    said = [message for message in check_flow(VARA, flow) if "advised is never given" in message]
    assert bool(said) == ("advised" not in given_advice)


def test_an_early_outcome_that_only_a_step_left_out_makes_certain_is_reached() -> None:
    data = Flow.model_validate(
        {"id": "any", "kind": "decision", "title": TEXT, "intro": TEXT, "start": {},
         "sections": [{"id": "all", "title": TEXT, "steps": [
             {"id": "b", "type": "yes-no", "ask": TEXT, "help": TEXT, "passages": ["x/y"]},
             {"id": "d", "type": "yes-no", "ask": TEXT, "help": TEXT, "passages": ["x/y"], "when": {"b": "yes"}},
         ]}],
         "outcomes": [{"id": "early", "at_once": True, "when": {"not": {"d": "yes"}}, "text": TEXT,
                       "passages": ["x/y"]},
                      {"id": "late", "when": {"d": "yes"}, "text": TEXT, "passages": ["x/y"]}]}
    )  # fmt: skip
    at = position(data, {"b": ("no",)})
    assert at.outcome is not None
    assert at.outcome.id == "early"


# -- drawings


@pytest.mark.parametrize(("organisation", "flow"), EVERY, ids=IDS)
def test_every_flow_is_drawn(organisation: str, flow: Flow) -> None:
    for language in KNOWN[organisation].organisation.languages:
        text = mermaid(flow, language)
        assert text.startswith("flowchart TD\n")
        nodes = set(re.findall(r"^ +(n_\w+|start)[\[({]", text, re.MULTILINE))
        linked = re.findall(r"^  (\w+) -->(?:\|\"[^\"]*\"\|)? (\w+)$", text, re.MULTILINE)
        assert {node for link in linked for node in link} <= nodes
        assert len(linked) == len(edges(flow, language))
        picture = Xml.fromstring(svg(flow, language))
        drawn = " ".join("".join(t.itertext()) for t in picture.iter("{http://www.w3.org/2000/svg}text"))
        for step in flow.steps:
            assert f"n_step_{step.id.replace('-', '_')}" in nodes
            assert step.ask[language].split()[0] in drawn
        table = steps_table(flow, language).splitlines()
        assert len(table) == 2 + len(flow.steps)
        for step, row in zip(flow.steps, table[2:], strict=True):
            assert row.startswith(f"| {step.id} |")
            assert all(passage in row for passage in step.passages)


def test_what_is_drawn_of_a_small_flow() -> None:
    trial = KNOWN["nykvarn"].flows["photo"]
    found = {(e.source, e.target): e.label for e in edges(trial, Language.EN)}
    assert found["step:people", "step:consent"].startswith("people: Only people in their official role / ")
    assert found["step:people", "step:medium"] == "otherwise"
    assert found["step:rights", "outcome:no-right"].startswith("rights: ")
    assert found["end", "outcome:anonymous"] == "otherwise"


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = Typer()
    app.command("flow")(flow_command)
    app.command("other")(lambda: None)
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke(app, ["flow", "photo", "--org", "nykvarn", "--diagram"])
    assert run.exit_code == 0
    assert "flowchart TD" in run.stdout
    assert (tmp_path / "nykvarn-photo.svg").read_text(encoding="utf-8").startswith("<svg")
    run = CliRunner().invoke(app, ["flow", "open-account", "--org", "vara", "--steps", "--language", "en"])
    assert "| unit | Which unit" in run.stdout
    assert CliRunner().invoke(app, ["flow", "nothing", "--org", "vara"]).exit_code == 2
    assert "open-account" in CliRunner().invoke(app, ["flow", "nothing", "--org", "vara"]).output
    assert CliRunner().invoke(app, ["flow", "photo", "--org", "nowhere"]).exit_code == 2
    assert CliRunner().invoke(app, ["flow", "photo", "--org", "vara", "--picture", "/no/x.svg"]).exit_code == 2

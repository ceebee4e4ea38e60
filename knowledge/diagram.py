"""Draws a flow: as Mermaid text, as an SVG picture, and as a table of its steps with the passages that ask for them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as Xml

from knowledge.flows import ACCOUNT_EXISTS, Condition, Flow, FlowKind, Outcome, Step, StepType
from knowledge.models import Language

_WORDS = {
    Language.SV: {"yes": "ja", "no": "nej", "and": "och", "or": "eller", "not": "inte", "else": "annars"},
    Language.FI: {"yes": "kyllä", "no": "ei", "and": "ja", "or": "tai", "not": "ei", "else": "muuten"},
    Language.EN: {"yes": "yes", "no": "no", "and": "and", "or": "or", "not": "not", "else": "otherwise"},
}
_NAMES = {
    Language.SV: {"start": "Början", "end": "Resultatet", "request": "Begäran", "exists": "kontot finns redan"},
    Language.FI: {"start": "Alku", "end": "Tulos", "request": "Pyyntö", "exists": "tili on jo olemassa"},
    Language.EN: {"start": "Start", "end": "Result", "request": "Request", "exists": "the account exists"},
}
_HEADINGS = {
    Language.SV: ("Steg", "Fråga", "Typ", "När", "Ställen"),
    Language.FI: ("Vaihe", "Kysymys", "Tyyppi", "Milloin", "Kohdat"),
    Language.EN: ("Step", "Question", "Type", "When", "Passages"),
}


def in_words(flow: Flow, condition: Condition | None, language: Language) -> str:
    """A condition as people read it: "people: A child / A patient"; empty for none."""
    if condition is None:
        return ""
    words = _WORDS[language]
    if condition.step == ACCOUNT_EXISTS:
        return _NAMES[language]["exists"]
    if condition.step is not None:
        named = [_answer(flow.step(condition.step), value, language) for value in condition.values]
        return f"{condition.step}: {' / '.join(named)}"
    if condition.none is not None:
        return f"{words['not']} ({in_words(flow, condition.none, language)})"
    parts = [in_words(flow, part, language) for part in condition.all or condition.any]
    return f" {words['or' if condition.any else 'and']} ".join(parts)


def _answer(step: Step, value: str, language: Language) -> str:
    if step.type in (StepType.YES_NO, StepType.CONFIRM):
        return _WORDS[language].get(value, value)
    return next((option.label[language] for option in step.options if option.id == value), value)


@dataclass(frozen=True)
class Edge:
    """A way from one node to another, and when it is taken."""

    source: str
    target: str
    label: str = ""


START, END = "start", "end"


def edges(flow: Flow, language: Language) -> list[Edge]:
    """Every way from step to step, and to the outcomes; nodes are "step:…", "outcome:…", START and END."""
    found: list[Edge] = []
    steps = flow.steps
    for number in range(-1, len(steps)):
        source = f"step:{steps[number].id}" if number >= 0 else START
        passed = False
        for following in steps[number + 1 :]:
            label = in_words(flow, following.when, language)
            found.append(Edge(source, f"step:{following.id}", label or (_WORDS[language]["else"] if passed else "")))
            passed = True
            if following.when is None:
                break
        else:
            found.append(Edge(source, END, _WORDS[language]["else"] if passed else ""))
    for outcome in flow.outcomes:
        label = in_words(flow, outcome.when, language) or (_WORDS[language]["else"] if len(flow.outcomes) > 1 else "")
        found.append(Edge(_decided_at(flow, outcome), f"outcome:{outcome.id}", label))
    return found


def _decided_at(flow: Flow, outcome: Outcome) -> str:
    """The last step that an early outcome depends on; the end for the others."""
    if not outcome.at_once or outcome.when is None:
        return END
    asked = [step.id for step in flow.steps if step.id in outcome.when.steps()]
    return f"step:{asked[-1]}" if asked else START


def mermaid(flow: Flow, language: Language) -> str:
    """The flow as a Mermaid flowchart."""
    names = _NAMES[language]
    lines = ["flowchart TD", f"  {START}([{_quoted(flow.title[language])}])"]
    for section in flow.sections:
        lines.append(f"  subgraph {_id('section:' + section.id)} [{_quoted(section.title[language])}]")
        lines += [f"    {_id('step:' + s.id)}[{_quoted(s.ask[language])}]" for s in section.steps]
        lines.append("  end")
    end = names["request"] if flow.kind is FlowKind.CHECKLIST else names["end"]
    lines.append(f"  {_id(END)}{{{{{_quoted(end)}}}}}")
    for outcome in flow.outcomes:
        lines.append(f"  {_id('outcome:' + outcome.id)}([{_quoted(_outcome(outcome, language))}])")
    for edge in edges(flow, language):
        label = f"|{_quoted(edge.label)}|" if edge.label else ""
        lines.append(f"  {_id(edge.source)} -->{label} {_id(edge.target)}")
    for verdict, colour in _COLOURS.items():
        marked = [_id(f"outcome:{o.id}") for o in flow.outcomes if o.verdict and o.verdict.value == verdict]
        if marked:
            lines += [f"  classDef {verdict} fill:{colour}", f"  class {','.join(marked)} {verdict}"]
    return "\n".join(lines) + "\n"


def _outcome(outcome: Outcome, language: Language) -> str:
    first = outcome.text[language].split(". ")[0].rstrip(".")
    return f"{outcome.id}: {textwrap.shorten(first, 90, placeholder='…')}"


def _id(node: str) -> str:
    """A Mermaid name; never the bare word "end", which Mermaid reads as its own."""
    return "n_" + node.replace(":", "_").replace("-", "_") if node != START else START


def _quoted(text: str) -> str:
    clean = " ".join(text.split()).replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
    return f'"{clean}"'


# -- the picture -------------------------------------------------------------------------------------------------------

_COLOURS = {"yes": "#d8efd9", "no": "#f6d5d5", "conditional": "#fbeec6"}
_WIDE, _GAP, _LINE, _PAD, _MARGIN = 430, 26, 17, 10, 24
_SVG = "http://www.w3.org/2000/svg"


def svg(flow: Flow, language: Language) -> str:
    """The flow as a picture: steps from top to bottom, each with its condition, and outcomes beside them."""
    Xml.register_namespace("", _SVG)
    picture = Xml.Element(f"{{{_SVG}}}svg", {"role": "img", "font-family": "sans-serif", "font-size": "13"})
    Xml.SubElement(picture, f"{{{_SVG}}}title").text = flow.title[language]
    y = _text(picture, _MARGIN, _MARGIN + 16, [flow.title[language]], size=18, bold=True) + _GAP
    right = _MARGIN + _WIDE + 150
    early: dict[str, list[Outcome]] = {}
    for outcome in flow.outcomes:
        early.setdefault(_decided_at(flow, outcome), []).append(outcome)
    beside = y
    for section in flow.sections:
        y = _text(picture, _MARGIN, y + 12, [section.title[language]], bold=True) + 8
        for step in section.steps:
            top = y
            when = in_words(flow, step.when, language)
            passages = ", ".join(step.passages)
            y = _box(picture, _MARGIN, y, _WIDE, step.ask[language], when, passages, "#eef2f8", bool(when))
            beside = max(beside, top)
            for outcome in early.get(f"step:{step.id}", []):
                middle = beside + 20
                _arrow(picture, _MARGIN + _WIDE, min(top + 20, y - 8), right, middle)
                beside = _outcome_box(picture, flow, outcome, right, beside, language) + _GAP
            _arrow(picture, _MARGIN + 40, y, _MARGIN + 40, y + _GAP)
            y += _GAP
    names = _NAMES[language]
    end = names["request"] if flow.kind is FlowKind.CHECKLIST else names["end"]
    top = y
    y = _box(picture, _MARGIN, y, _WIDE, end, "", "", "#ffffff", False)
    beside = max(beside, top)
    for outcome in early.get(END, []):
        _arrow(picture, _MARGIN + _WIDE, top + 16, right, beside + 20)
        beside = _outcome_box(picture, flow, outcome, right, beside, language) + _GAP
    width, height = right + _WIDE + _MARGIN, max(y, beside) + _MARGIN
    picture.set("viewBox", f"0 0 {width} {height}")
    picture.set("width", str(width))
    picture.set("height", str(height))
    Xml.indent(picture)
    return Xml.tostring(picture, encoding="unicode") + "\n"


def _outcome_box(picture: Xml.Element, flow: Flow, outcome: Outcome, x: int, y: int, language: Language) -> int:
    colour = _COLOURS.get(outcome.verdict.value, "#ffffff") if outcome.verdict else "#ffffff"
    when = in_words(flow, outcome.when, language) or _WORDS[language]["else"]
    return _box(picture, x, y, _WIDE, _outcome(outcome, language), when, ", ".join(outcome.passages), colour, False)


def _box(
    picture: Xml.Element, x: int, y: int, wide: int, text: str, when: str, passages: str, colour: str, dashed: bool
) -> int:
    """A box with its condition above the text and its passages below. Returns its lower edge."""
    parts = [(line, "#6b4e00", True) for line in textwrap.wrap(when, 62)]
    parts += [(line, "#111111", False) for line in textwrap.wrap(text, 60)]
    parts += [(line, "#555555", False) for line in textwrap.wrap(passages, 56, break_on_hyphens=False)]
    high = len(parts) * _LINE + 2 * _PAD
    frame = {"x": str(x), "y": str(y), "width": str(wide), "height": str(high), "rx": "6", "fill": colour}
    frame |= {"stroke": "#44546a"} | ({"stroke-dasharray": "5 3"} if dashed else {})
    Xml.SubElement(picture, f"{{{_SVG}}}rect", frame)
    for number, (line, ink, slanted) in enumerate(parts):
        place = {"x": str(x + _PAD), "y": str(y + _PAD + 13 + number * _LINE), "fill": ink}
        place |= {"font-style": "italic"} if slanted else {}
        Xml.SubElement(picture, f"{{{_SVG}}}text", place).text = line
    return y + high


def _text(picture: Xml.Element, x: int, y: int, lines: list[str], *, size: int = 13, bold: bool = False) -> int:
    for number, line in enumerate(lines):
        place = {"x": str(x), "y": str(y + number * _LINE), "font-size": str(size)}
        place |= {"font-weight": "bold"} if bold else {}
        Xml.SubElement(picture, f"{{{_SVG}}}text", place).text = line
    return y + (len(lines) - 1) * _LINE


def _arrow(picture: Xml.Element, x1: int, y1: int, x2: int, y2: int) -> None:
    line = {"x1": str(x1), "y1": str(y1), "x2": str(x2), "y2": str(y2), "stroke": "#44546a"}
    Xml.SubElement(picture, f"{{{_SVG}}}line", line)
    down = x1 == x2
    tip = f"{x2},{y2} {x2 - 5},{y2 - 8} {x2 + 5},{y2 - 8}" if down else f"{x2},{y2} {x2 - 9},{y2 - 5} {x2 - 9},{y2 + 5}"
    Xml.SubElement(picture, f"{{{_SVG}}}polygon", {"points": tip, "fill": "#44546a"})


# -- the table ---------------------------------------------------------------------------------------------------------


def steps_table(flow: Flow, language: Language) -> str:
    """Which passage asks for which step, as a Markdown table."""
    rows = [_HEADINGS[language], ("---",) * 5, *_rows(flow, language)]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows) + "\n"


def _rows(flow: Flow, language: Language) -> Iterator[tuple[str, ...]]:
    for step in flow.steps:
        optional = " *" if step.optional else ""
        when = in_words(flow, step.when, language)
        yield step.id, step.ask[language], step.type.value + optional, when, ", ".join(step.passages)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")

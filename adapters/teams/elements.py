"""The parts of an Adaptive Card, as plain dicts.

Text stands in rich text blocks, whose runs know no Markdown, so that nothing a person typed can become a link, a
heading or a list. A text block is used only for a heading that has no character Markdown would read.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from adapters.teams.texts import say
from bot.messages import Button, Field, Input, Option, Person, Style
from knowledge.models import Language

Element = dict[str, Any]

EVERYBODY = "graph.microsoft.com/users"
"""Teams' name for all people of the organisation, in the people picker's query."""
ACTIONS = 6
"""Teams' guideline: at most so many actions on a card."""
BUTTONS_AT_MOST = 5
"""More options than this become a select."""
EXPANDED_AT_MOST = 8
"""A choice of several has boxes up to this many options."""
TITLE = 75
VERB = "someguide"
REFRESH = "someguide-refresh"
FIELD, PICKED = "f_", "p_"
"""What the id of an input begins with, so that no field's name meets a key of ours in an action's data. A person can
be written (f_) or picked (p_)."""
_STYLES = {Style.PRIMARY: "positive", Style.DANGER: "destructive"}
_HIDDEN = re.compile(
    "[\u200b\u200e\u200f\u061c\u2060-\u2064\u202a-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_BREAKS = re.compile("\r\n?|[\u2028\u2029]")
_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>#|~!&]|^\s*(?:[-+]|\d+[.)])\s|://|\bwww\.")
_USUAL = re.compile(
    "[\n\t -~\u00a0-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u20a0-\u20cf\u2190-\u27bf]*"
)
"""Letters of Europe and usual signs: text of these alone, as nearly all is, has nothing to be cleaned of."""
_MARKS = 3
"""Combining marks on one letter; more is no language, but a way to write over other lines."""


def clean(text: str) -> str:
    """Text without what cannot be seen: control and direction characters, lone surrogates, towers of marks."""
    if _USUAL.fullmatch(text):
        return text
    text = _HIDDEN.sub("", _BREAKS.sub("\n", text))
    kept: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if category == "Cs":
            kept.append("\ufffd")
        elif char in "\n\t" or (category != "Cc" and marks <= _MARKS):
            kept.append(char)
    return "".join(kept)


def cut(text: str, most: int) -> str:
    """A text with its end left out, and seen to be."""
    return text if len(text) <= most else text[: max(0, most - 1)].rstrip() + "…"


def size(part: Any) -> int:
    """Bytes on the wire, at the worst: everything that is not ASCII escaped."""
    return len(json.dumps(part, separators=(",", ":")))


# -- text ------------------------------------------------------------------------------------------------------------


def run(text: str, **style: Any) -> Element:
    """A run of text that is nothing but text."""
    return {"type": "TextRun", "text": clean(text), **style}


def link(text: str, url: str) -> Element:
    """A run that opens an address of ours."""
    return run(text, selectAction={"type": "Action.OpenUrl", "url": url})


def line(runs: Iterable[Element], **style: Any) -> Element:
    """A line of runs."""
    return {"type": "RichTextBlock", "inlines": list(runs), **style}


def words(text: str, email: str | None = None, **style: Any) -> Iterator[Element]:
    """A text, line by line; a blank line becomes space. The contact's own address can be pressed."""
    gap = "Default"
    for part in clean(text).split("\n"):
        if not part.strip():
            gap = "Medium"
            continue
        yield line(_with_email(part, email, style), spacing=gap)
        gap = "Small"


def _with_email(part: str, email: str | None, style: Element) -> list[Element]:
    if not email or email not in part or not re.fullmatch(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", email):
        return [run(part, **style)]
    before, after = part.split(email, 1)
    around = [run(before, **style)] if before else []
    return [*around, link(email, f"mailto:{email}"), *([run(after, **style)] if after else [])]


def heading(text: str) -> Element:
    """A heading; one that Markdown could read something into is a bold line instead."""
    shown = clean(text).replace("\n", " ")
    if _MARKDOWN.search(shown):
        return line([run(shown, weight="Bolder", size="Large")])
    return {"type": "TextBlock", "text": shown, "style": "heading", "weight": "Bolder", "size": "Large", "wrap": True}


def small(text: str) -> Element:
    """Something said beside the matter."""
    return line([run(text, size="Small", isSubtle=True)], spacing="Small")


# -- actions ---------------------------------------------------------------------------------------------------------


def execute(title: str, data: Element, style: Style = Style.PLAIN, *, inputs: bool = False) -> Element:
    """A button. Clients that do not know Action.Execute send the same data as a message."""
    common: Element = {"title": cut(clean(title), TITLE) or "–", "data": data}
    if style in _STYLES:
        common["style"] = _STYLES[style]
    common["associatedInputs"] = "auto" if inputs else "none"
    return {"type": "Action.Execute", "verb": VERB, **common, "fallback": {"type": "Action.Submit", **common}}


def with_reason(button: Button, data: Element, language: Language, number: int) -> Element:
    """A button that needs a text: it opens the input, and the input's own button sends."""
    name = f"reason_{number}"
    asked = {
        "type": "Input.Text",
        "id": name,
        "label": cut(clean(button.reason or button.label), 500),
        "isMultiline": True,
        "isRequired": True,
        "errorMessage": say(language, "invalid-reason"),
        "maxLength": 3000,
    }
    sent = execute(button.label, {**data, "reason": name}, button.style, inputs=True)
    return show_card(button.label, [asked], [sent], button.style)


def show_card(title: str, body: list[Element], actions: list[Element], style: Style = Style.PLAIN) -> Element:
    """A button that unfolds a card within the card."""
    inner: Element = {"type": "AdaptiveCard", "version": "1.5", "body": body}
    if actions:
        inner["actions"] = actions
    found: Element = {"type": "Action.ShowCard", "title": cut(clean(title), TITLE), "card": inner}
    return found | ({"style": _STYLES[style]} if style in _STYLES else {})


def at_most(actions: list[Element], language: Language) -> list[Element]:
    """At most six actions; the rest unfold. What stands out stays in sight, then what comes first."""
    if len(actions) <= ACTIONS:
        return actions
    order = sorted(range(len(actions)), key=lambda place: (actions[place].get("style") != "positive", place))
    seen = set(order[: ACTIONS - 1])
    shown = [action for place, action in enumerate(actions) if place in seen]
    rest = [action for place, action in enumerate(actions) if place not in seen]
    body = [small(say(language, "more-label")), *_unfolded(rest)]
    return [*shown, show_card(say(language, "more"), body, [])]


def _unfolded(actions: list[Element]) -> Iterator[Element]:
    """Actions within a card that unfolds. Nothing unfolds there again: what an action would show stands open.

    Several inputs may stand there, so that none is required: one would be asked for when another's button is pressed.
    """
    plain: list[Element] = []
    for action in actions:
        if action["type"] != "Action.ShowCard":
            plain.append(action)
            continue
        inner = action["card"]
        yield from ({**e, "isRequired": False} if e["type"].startswith("Input.") else e for e in inner["body"])
        if inner.get("actions"):
            yield {"type": "ActionSet", "actions": inner["actions"]}
    for at in range(0, len(plain), ACTIONS):
        yield {"type": "ActionSet", "actions": plain[at : at + ACTIONS]}


def pick(name: str, label: str, options: Iterable[tuple[str, str]], language: Language, value: str = "") -> Element:
    """A list of which each entry is an action of its own."""
    listed = [_choice(title, action) for title, action in options]
    return {
        "type": "Input.ChoiceSet",
        "id": name,
        "label": cut(clean(label), 500),
        "style": "compact",
        "isRequired": True,
        "errorMessage": say(language, "choose-first"),
        "placeholder": say(language, "choose"),
        "choices": listed,
        **({"value": value} if value else {}),
    }


def _choice(title: str, value: str) -> Element:
    """Some clients read Markdown in the title of a box; a link is what must not come of it."""
    return {"title": cut(clean(title).replace("\n", " ").replace("](", "] ("), 200) or "–", "value": value}


# -- inputs ----------------------------------------------------------------------------------------------------------


def field_inputs(
    field: Field, language: Language, *, required: bool, chooser: Person | None = None
) -> Iterator[Element]:
    """The input of a field; of a person also Teams' people picker, where there is a `chooser` who may look for others.

    It searches all of the organisation, and Teams has it in personal chats and dialogs only. The chooser is among its
    choices, so that a client without it shows a list that is not empty; a name can be written everywhere.
    """
    if field.input is not Input.PERSON or field.options or chooser is None:
        yield field_input(field, language, required=required)
        return
    yield field_input(field, language, required=False)
    yield {
        "type": "Input.ChoiceSet",
        "id": PICKED + field.name,
        "label": say(language, "person-search"),
        "isRequired": False,
        "errorMessage": say(language, "invalid-choice"),
        "placeholder": say(language, "choose"),
        "choices": [_choice(chooser.name, chooser.id)],
        "choices.data": {"type": "Data.Query", "dataset": EVERYBODY},
    }


def field_input(field: Field, language: Language, *, required: bool) -> Element:
    """The input of a field, with its label, what it holds, and what is said when the client finds it wrong."""
    made: Element = {
        "id": FIELD + field.name,
        "label": _label(field, language),
        "isRequired": required,
        "errorMessage": say(language, "invalid-choice" if field.options else "invalid"),
    }
    if field.options:
        return made | _choices(field, language)
    value = field.value if isinstance(field.value, str) else ", ".join(field.value)
    if field.input is Input.DATE:
        dated = re.fullmatch(r"\d{4}-\d\d-\d\d", value)
        return made | {"type": "Input.Date"} | ({"value": value} if dated else {})
    if field.input is Input.NUMBER:
        number = _number(value)
        return made | {"type": "Input.Number"} | ({"value": number} if number is not None else {})
    long = field.input is Input.LONG_TEXT
    made |= {"type": "Input.Text", "isMultiline": long, "maxLength": max(1, field.longest)}
    if field.input is Input.PERSON:
        made["placeholder"] = say(language, "person-hint")
    return made | ({"value": clean(value)} if value else {})


def _label(field: Field, language: Language) -> str:
    label = cut(clean(field.label), 1000) or say(language, "answer")
    marks = [say(language, "optional")] if field.optional else []
    marks += [say(language, "fresh")] if field.fresh else []
    return f"{label} ({', '.join(marks)})" if marks else label


def _choices(field: Field, language: Language) -> Element:
    several = field.input is Input.CHOICES
    expanded = len(field.options) <= (EXPANDED_AT_MOST if several else 4)
    known = {o.value for o in field.options}
    held = [v for v in ([field.value] if isinstance(field.value, str) else field.value) if v in known]
    made: Element = {
        "type": "Input.ChoiceSet",
        "style": "expanded" if expanded else "compact",
        "isMultiSelect": several,
        "wrap": True,
        "choices": [_choice(_titled(o, language), o.value) for o in field.options],
    }
    if not expanded:
        made["placeholder"] = say(language, "choose")
    return made | ({"value": ",".join(held)} if held else {})


def _titled(option: Option, language: Language) -> str:
    """An option's label; one that goes with no other says so, since a card unticks nothing by itself."""
    return f"{cut(clean(option.label), TITLE)} ({say(language, 'alone')})" if option.alone else option.label


def _number(value: str) -> int | float | None:
    try:
        found = float(value.replace(",", "."))
    except ValueError:
        return None
    if found != found or found in (float("inf"), float("-inf")):
        return None
    return int(found) if found.is_integer() else found


def as_buttons(options: tuple[Option, ...]) -> bool:
    """Whether options stand as buttons of their own."""
    return 0 < len(options) <= BUTTONS_AT_MOST and all(o.action for o in options)

"""Block Kit as HTML, near enough to how Slack draws it to judge what people see. The looks are in slack.css."""

from __future__ import annotations

import re
from html import escape
from typing import Any

Block = dict[str, Any]
_LINK = re.compile(r"&lt;(https?://[^|&]+|mailto:[^|&]+)\|(.*?)&gt;")
_BOLD = re.compile(r"(?<!\w)\*(.+?)\*(?!\w)")


def blocks(given: list[Block]) -> str:
    """Blocks, one below the other."""
    return "".join(_BLOCKS[block["type"]](block) for block in given)


def text(given: Block) -> str:
    """A text object."""
    if given["type"] == "plain_text":
        return _lines(escape(given["text"]))
    said = escape(given["text"].replace("&lt;", "‹").replace("&gt;", "›").replace("&amp;", "&"))
    said = _LINK.sub(r'<a href="\1">\2</a>', said)
    return _lines(_BOLD.sub(r"<b>\1</b>", said).replace("‹", "&lt;").replace("›", "&gt;"))


def _lines(said: str) -> str:
    return said.replace("\n", "<br>")


# -- blocks ------------------------------------------------------------------------------------------------------------


def _header(block: Block) -> str:
    return f'<h3 class="header">{text(block["text"])}</h3>'


def _divider(_: Block) -> str:
    return "<hr>"


def _section(block: Block) -> str:
    inner = f"<p>{text(block['text'])}</p>" if "text" in block else ""
    if "fields" in block:
        inner += '<div class="fields">' + "".join(f"<p>{text(field)}</p>" for field in block["fields"]) + "</div>"
    beside = f'<div class="accessory">{element(block["accessory"])}</div>' if "accessory" in block else ""
    return f'<div class="section"><div>{inner}</div>{beside}</div>'


def _rich_text(block: Block) -> str:
    return "".join(f'<p class="rich">{"".join(map(_run, part["elements"]))}</p>' for part in block["elements"])


def _run(part: Block) -> str:
    if part["type"] == "link":
        return f'<a href="{escape(part["url"])}">{escape(part.get("text") or part["url"])}</a>'
    return _lines(escape(part["text"]))


def _context(block: Block) -> str:
    return '<div class="context">' + "".join(f"<span>{text(part)}</span>" for part in block["elements"]) + "</div>"


def _actions(block: Block) -> str:
    return '<div class="actions">' + "".join(map(element, block["elements"])) + "</div>"


def _input(block: Block) -> str:
    optional = ' <span class="optional">(optional)</span>' if block.get("optional") else ""
    hint = f'<p class="hint">{text(block["hint"])}</p>' if "hint" in block else ""
    wrong = f'<p class="wrong">{escape(block["_error"])}</p>' if "_error" in block else ""
    label = f"<label>{text(block['label'])}{optional}</label>"
    return f'<div class="input">{label}{element(block["element"])}{wrong}{hint}</div>'


_BLOCKS = {
    "header": _header,
    "divider": _divider,
    "section": _section,
    "rich_text": _rich_text,
    "context": _context,
    "actions": _actions,
    "input": _input,
}

# -- elements ----------------------------------------------------------------------------------------------------------


def element(given: Block) -> str:
    """Something that can be pressed, chosen or filled in; `_state` is what a person has entered there."""
    kind, state = given["type"], given.get("_state", {})
    if kind == "button":
        return f'<span class="button {given.get("style", "")}">{text(given["text"])}</span>'
    if kind in ("radio_buttons", "checkboxes"):
        return _marks(given, kind, state)
    hint = text(given["placeholder"]) if "placeholder" in given else ""
    value = state.get("value") or state.get("selected_date") or given.get("initial_value") or given.get("initial_date")
    chosen = state.get("selected_option") or given.get("initial_option")
    many = state.get("selected_options") or given.get("initial_options") or ([chosen] if chosen else [])
    shown = escape(value) if value else ", ".join(text(option["text"]) for option in many)
    shape = {"static_select": "select", "multi_static_select": "select", "users_select": "select"}.get(kind, kind)
    tall = " tall" if given.get("multiline") else ""
    filled = _lines(shown) if shown else f'<span class="placeholder">{hint}</span>'
    return f'<div class="field {shape}{tall}">{filled}</div>'


def _marks(given: Block, kind: str, state: Block) -> str:
    single = state.get("selected_option") or given.get("initial_option")
    on = state.get("selected_options") or given.get("initial_options") or ([single] if single else [])
    rows = []
    for option in given["options"]:
        mark = f'<i class="{kind}{" on" if option in on else ""}"></i>'
        rows.append(f'<div class="mark">{mark}{text(option["text"])}</div>')
    return f'<div class="marks">{"".join(rows)}</div>'

"""What Slack refuses in messages and views, as a table of its own: nothing here is taken from the adapter.

`message` and `view` return what is wrong, each with the place where it stands. Sources: docs/PLATFORM-RULES, section 1,
and the models of slack_sdk.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

ELEMENTS: dict[str, dict[str, set[str]]] = {
    # type: keys that must be there, keys that may
    "button": {"must": {"text", "action_id"}, "may": {"value", "style", "url", "confirm", "accessibility_label"}},
    "static_select": {
        "must": {"action_id"},
        "may": {"placeholder", "options", "option_groups", "initial_option", "confirm", "focus_on_load"},
    },
    "multi_static_select": {
        "must": {"action_id"},
        "may": {
            "placeholder",
            "options",
            "option_groups",
            "initial_options",
            "confirm",
            "max_selected_items",
            "focus_on_load",
        },
    },
    "users_select": {"must": {"action_id"}, "may": {"placeholder", "initial_user", "confirm", "focus_on_load"}},
    "datepicker": {"must": {"action_id"}, "may": {"placeholder", "initial_date", "confirm", "focus_on_load"}},
    "checkboxes": {"must": {"action_id", "options"}, "may": {"initial_options", "confirm", "focus_on_load"}},
    "radio_buttons": {"must": {"action_id", "options"}, "may": {"initial_option", "confirm", "focus_on_load"}},
    "plain_text_input": {
        "must": {"action_id"},
        "may": {
            "initial_value",
            "multiline",
            "min_length",
            "max_length",
            "dispatch_action_config",
            "placeholder",
            "focus_on_load",
        },
    },
    "number_input": {
        "must": {"action_id", "is_decimal_allowed"},
        "may": {"initial_value", "min_value", "max_value", "dispatch_action_config", "placeholder", "focus_on_load"},
    },
}
IN_ACTIONS = {"button", "static_select", "users_select", "datepicker", "checkboxes", "radio_buttons"}
IN_SECTION = IN_ACTIONS | {"multi_static_select"}
IN_INPUT = set(ELEMENTS) - {"button"}
BLOCKS: dict[str, dict[str, set[str]]] = {
    "section": {"must": set(), "may": {"text", "fields", "accessory", "expand"}},
    "header": {"must": {"text"}, "may": set()},
    "divider": {"must": set(), "may": set()},
    "context": {"must": {"elements"}, "may": set()},
    "actions": {"must": {"elements"}, "may": set()},
    "input": {"must": {"label", "element"}, "may": {"hint", "optional", "dispatch_action"}},
    "rich_text": {"must": {"elements"}, "may": set()},
}
RICH = {
    "text": ({"text"}, {"style"}),
    "link": ({"url"}, {"text", "style", "unsafe"}),
    "emoji": ({"name"}, set()),
    "user": ({"user_id"}, set()),
    "usergroup": ({"usergroup_id"}, set()),
    "broadcast": ({"range"}, set()),
    "channel": ({"channel_id"}, set()),
}


def length(text: str) -> int:
    """As Slack's clients count: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def message(payload: dict[str, Any]) -> list[str]:
    """What is wrong with a message."""
    return list(_message(payload))


def view(payload: dict[str, Any]) -> list[str]:
    """What is wrong with a view."""
    return list(_view(payload))


def total(blocks: Any) -> int:
    """The characters of all blocks, as far as they count towards the undocumented limit."""
    if isinstance(blocks, dict):
        return sum(
            length(v) if k in ("text", "value", "url") and isinstance(v, str) else total(v)
            for k, v in blocks.items()
            if k not in ("type", "action_id", "block_id")
        )
    return sum(map(total, blocks)) if isinstance(blocks, list) else 0


def _message(payload: dict[str, Any]) -> Iterator[str]:
    text = payload.get("text")
    if not isinstance(text, str) or not text.strip():
        yield "text: a message needs a top-level text for those who hear it"
    elif length(text) > 40_000:
        yield f"text: {length(text)} characters, 40,000 allowed"
    yield from _encodable(payload, "message")
    blocks = payload.get("blocks", [])
    if not isinstance(blocks, list) or len(blocks) > 50:
        yield "blocks: more than 50, or no list"
        return
    if total(blocks) >= 13_200:
        yield f"blocks: {total(blocks)} characters over all, 13,200 allowed (msg_blocks_too_long)"
    yield from _all_blocks(blocks, "message")


def _view(payload: dict[str, Any]) -> Iterator[str]:
    kind = payload.get("type")
    if kind not in ("modal", "home"):
        yield f"type: {kind}"
    if kind == "modal":
        yield from _plain(payload.get("title"), 24, "title")
        for name in ("submit", "close"):
            if name in payload:
                yield from _plain(payload[name], 24, name)
    elif set(payload) - {"type", "blocks", "private_metadata", "callback_id", "external_id"}:
        yield f"home: {set(payload)}"
    may = {"type", "title", "submit", "close", "blocks", "private_metadata", "callback_id", "external_id"}
    may |= {"notify_on_close", "clear_on_close", "submit_disabled"}
    if set(payload) - may:
        yield f"view: unknown {set(payload) - may}"
    for name, most in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)):
        if not isinstance(payload.get(name, ""), str) or length(payload.get(name, "")) > most:
            yield f"{name}: over {most}"
    yield from _encodable(payload, "view")
    if len(json.dumps(payload).encode()) > 250_000:
        yield "view: over 250 KB"
    blocks = payload.get("blocks")
    if not isinstance(blocks, list) or len(blocks) > 100:
        yield "blocks: more than 100, or no list"
        return
    if kind == "modal" and "submit" not in payload and any(b.get("type") == "input" for b in blocks):
        yield "submit: a modal with inputs needs it"
    yield from _all_blocks(blocks, str(kind))


def _encodable(payload: Any, place: str) -> Iterator[str]:
    try:
        json.dumps(payload, ensure_ascii=False).encode()
    except (UnicodeEncodeError, TypeError) as error:
        yield f"{place}: not JSON in UTF-8: {error}"


def _all_blocks(blocks: list[Any], surface: str) -> Iterator[str]:
    ids = [b.get("block_id") for b in blocks if isinstance(b, dict) and "block_id" in b]
    if len(set(ids)) != len(ids):
        yield "block_id: twice"
    for number, block in enumerate(blocks):
        yield from _block(block, surface, f"blocks[{number}]")


def _block(block: Any, surface: str, at: str) -> Iterator[str]:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in BLOCKS:
        yield f"{at}: unknown block {kind}"
        return
    at = f"{at} {kind}"
    yield from _keys(block, BLOCKS[kind]["must"], BLOCKS[kind]["may"] | {"block_id"}, at)
    if "block_id" in block:
        yield from _id(block["block_id"], f"{at}.block_id")
    if kind == "section":
        yield from _section(block, at)
    elif kind == "header":
        yield from _plain(block.get("text"), 150, f"{at}.text")
    elif kind in ("context", "actions"):
        yield from _many(block, kind, at)
    elif kind == "input":
        yield from _input(block, at)
    elif kind == "rich_text":
        yield from _rich(block, at)


def _section(block: dict[str, Any], at: str) -> Iterator[str]:
    if "text" not in block and "fields" not in block:
        yield f"{at}: neither text nor fields"
    if "text" in block:
        yield from _text(block["text"], 3000, f"{at}.text")
    if "fields" in block:
        fields = block["fields"]
        if not isinstance(fields, list) or not 1 <= len(fields) <= 10:
            yield f"{at}.fields: 1 to 10"
            return
        for field in fields:
            yield from _text(field, 2000, f"{at}.fields")
    if "accessory" in block:
        yield from _element(block["accessory"], IN_SECTION, f"{at}.accessory")


def _many(block: dict[str, Any], kind: str, at: str) -> Iterator[str]:
    elements, most = block.get("elements"), 10 if kind == "context" else 25
    if not isinstance(elements, list) or not 1 <= len(elements) <= most:
        yield f"{at}.elements: 1 to {most}"
        return
    for element in elements:
        if kind == "context":
            yield from _text(element, 2000, f"{at}.elements")
        else:
            yield from _element(element, IN_ACTIONS, f"{at}.elements")
    ids = [e.get("action_id") for e in elements if isinstance(e, dict) and "action_id" in e]
    if len(set(ids)) != len(ids):
        yield f"{at}: action_id twice"


def _input(block: dict[str, Any], at: str) -> Iterator[str]:
    yield from _plain(block.get("label"), 2000, f"{at}.label")
    if "hint" in block:
        yield from _plain(block["hint"], 2000, f"{at}.hint")
    yield from _element(block.get("element"), IN_INPUT, f"{at}.element")


def _rich(block: dict[str, Any], at: str) -> Iterator[str]:
    for part in block.get("elements") or [{}]:
        if part.get("type") not in ("rich_text_section", "rich_text_quote", "rich_text_preformatted"):
            yield f"{at}: {part.get('type')}"
        if not part.get("elements"):
            yield f"{at}: an empty section"
        for element in part.get("elements", []):
            if element.get("type") not in RICH:
                yield f"{at}: {element.get('type')}"
                continue
            must, may = RICH[element["type"]]
            yield from _keys(element, must, may, f"{at}.{element['type']}")
            if element["type"] == "text" and not element.get("text"):
                yield f"{at}: an empty text"
            if element["type"] == "link" and not re.match(r"(https?|mailto|tel):", element.get("url", "")):
                yield f"{at}: link to {element.get('url')}"


def _element(element: Any, allowed: set[str], at: str) -> Iterator[str]:
    kind = element.get("type") if isinstance(element, dict) else None
    if kind not in allowed:
        yield f"{at}: {kind} is not allowed here"
        return
    at = f"{at} {kind}"
    yield from _keys(element, ELEMENTS[kind]["must"], ELEMENTS[kind]["may"], at)
    if "action_id" in element:
        yield from _id(element["action_id"], f"{at}.action_id")
    if "placeholder" in element:
        yield from _plain(element["placeholder"], 150, f"{at}.placeholder")
    if kind == "button":
        yield from _button(element, at)
    elif "options" in ELEMENTS[kind]["must"] | ELEMENTS[kind]["may"]:
        yield from _options(element, 10 if kind in ("checkboxes", "radio_buttons") else 100, at)
    elif kind == "plain_text_input":
        yield from _typed(element, at)
    elif kind == "number_input":
        initial = element.get("initial_value", "0")
        if not re.fullmatch(r"-?\d+(\.\d+)?", initial):
            yield f"{at}.initial_value: {initial}"
    elif kind == "datepicker" and not re.fullmatch(r"\d{4}-\d\d-\d\d", element.get("initial_date", "2026-01-01")):
        yield f"{at}.initial_date: {element['initial_date']}"
    elif kind == "users_select" and not re.fullmatch(r"[UW][A-Z0-9]+", element.get("initial_user", "U1")):
        yield f"{at}.initial_user: {element['initial_user']}"


def _button(element: dict[str, Any], at: str) -> Iterator[str]:
    yield from _plain(element.get("text"), 75, f"{at}.text")
    if "value" in element and not 1 <= length(element["value"]) <= 2000:
        yield f"{at}.value: {length(element['value'])} characters, 1 to 2,000"
    if element.get("style", "primary") not in ("primary", "danger"):
        yield f"{at}.style: {element['style']}"


def _options(element: dict[str, Any], most: int, at: str) -> Iterator[str]:
    groups = element.get("option_groups")
    if (groups is None) == ("options" not in element):
        yield f"{at}: either options or option_groups"
        return
    lists = [element["options"]] if groups is None else [g.get("options") for g in groups]
    if groups is not None and not 1 <= len(groups) <= 100:
        yield f"{at}: {len(groups)} groups"
    for group in groups or []:
        yield from _plain(group.get("label"), 75, f"{at}.label")
    for options in lists:
        if not isinstance(options, list) or not 1 <= len(options) <= most:
            yield f"{at}.options: 1 to {most}"
            return
        for option in options:
            yield from _plain(option.get("text"), 75, f"{at}.option")
            if "description" in option:
                yield from _plain(option["description"], 75, f"{at}.option.description")
            if not 1 <= length(option.get("value", "")) <= 150:
                yield f"{at}.option.value: {option.get('value')!r}"
    offered = [option for options in lists for option in options]
    for initial in element.get("initial_options", [element["initial_option"]] if "initial_option" in element else []):
        if initial not in offered:
            yield f"{at}.initial_option: {initial} is not offered"


def _typed(element: dict[str, Any], at: str) -> Iterator[str]:
    most = element.get("max_length", 3000)
    if not 1 <= most <= 3000:
        yield f"{at}.max_length: {most}"
    if "initial_value" in element and not 1 <= length(element["initial_value"]) <= most:
        yield f"{at}.initial_value: {length(element['initial_value'])} characters of {most}"


def _keys(what: dict[str, Any], must: set[str], may: set[str], at: str) -> Iterator[str]:
    if must - set(what):
        yield f"{at}: lacks {must - set(what)}"
    if set(what) - must - may - {"type"}:
        yield f"{at}: unknown {set(what) - must - may - {'type'}}"


def _id(value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, str) or not 1 <= length(value) <= 255:
        yield f"{at}: 1 to 255 characters"


def _plain(text: Any, most: int, at: str) -> Iterator[str]:
    if not isinstance(text, dict) or text.get("type") != "plain_text":
        yield f"{at}: must be plain_text"
        return
    yield from _text(text, most, at)


def _text(text: Any, most: int, at: str) -> Iterator[str]:
    if not isinstance(text, dict) or text.get("type") not in ("plain_text", "mrkdwn"):
        yield f"{at}: no text object"
        return
    yield from _keys(text, {"text"}, {"emoji"} if text["type"] == "plain_text" else {"verbatim"}, at)
    said = text.get("text")
    if not isinstance(said, str) or not 1 <= length(said) <= most:
        yield f"{at}: {length(said) if isinstance(said, str) else said} characters, 1 to {most}"


# -- hostile text ------------------------------------------------------------------------------------------------------


def active(payload: Any) -> list[str]:
    """Everything in a message or view that does something: markup in mrkdwn or the top-level text, rich elements."""
    found: list[str] = []

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            if part.get("type") == "mrkdwn":
                found.extend(re.findall(r"<[^<>]*>", str(part.get("text"))))
                if part.get("verbatim") is not True:
                    found.append(f"not verbatim: {part.get('text')}")
            if part.get("type") in ("user", "usergroup", "broadcast", "channel"):
                found.append(str(part))
            if part.get("type") == "link":
                found.append(part["url"])
                if part.get("text") and part["text"] not in (part["url"], part["url"].removeprefix("mailto:")):
                    found.append(f"{part['text']} hides {part['url']}")
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(payload)
    if isinstance(payload, dict) and isinstance(payload.get("text"), str):
        found.extend(re.findall(r"<[^<>]*>", payload["text"]))
    return found

"""What can be pressed, chosen and entered in blocks, what Slack then says of it, and the words that a person reads."""

from __future__ import annotations

from typing import Any

Element = dict[str, Any]


def elements(blocks: list[dict[str, Any]]) -> list[Element]:
    """Everything that can be pressed or chosen in blocks, with its block's id."""
    found = []
    for number, block in enumerate(blocks):
        inside = [*(block.get("elements", []) if block["type"] == "actions" else [])]
        inside += [block[key] for key in ("accessory", "element") if key in block]
        found += [{**e, "block_id": block.get("block_id", f"slack{number}")} for e in inside]
    return found


def options(element: Element) -> list[dict[str, Any]]:
    """The options of a select."""
    return [*element.get("options", []), *(o for g in element.get("option_groups", []) for o in g["options"])]


def bare(element: Element) -> Element:
    """As an action repeats it."""
    return {k: element[k] for k in ("type", "action_id", "block_id")}


def entered(element: Element, value: Any) -> dict[str, Any]:
    """The state of an input in which something was entered; options by their value or label."""
    kind = element["type"]
    if kind in ("checkboxes", "multi_static_select"):
        ticked = [value] if isinstance(value, str) else value
        return {"type": kind, "selected_options": [_option(element, v) for v in ticked if v]}
    if kind in ("radio_buttons", "static_select"):
        return {"type": kind, "selected_option": _option(element, value) if value else None}
    if kind == "datepicker":
        return {"type": kind, "selected_date": value or None}
    if kind == "users_select":
        return {"type": kind, "selected_user": value or None}
    return {"type": kind, "value": value or None}


def _option(element: Element, wanted: str) -> dict[str, Any]:
    return next(o for o in options(element) if wanted in (o["value"], o["text"]["text"]))


def initial(element: Element) -> dict[str, Any]:
    """The state of an input that nobody touched."""
    kind = element["type"]
    if kind in ("checkboxes", "multi_static_select"):
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    if kind in ("radio_buttons", "static_select"):
        return {"type": kind, "selected_option": element.get("initial_option")}
    if kind == "datepicker":
        return {"type": kind, "selected_date": element.get("initial_date")}
    if kind == "users_select":
        return {"type": kind, "selected_user": element.get("initial_user")}
    return {"type": kind, "value": element.get("initial_value")}


def words(message: dict[str, Any]) -> str:
    """Everything that a person reads in a message or view."""
    found: list[str] = []

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("text"), str):
                found.append(part["text"])
            elif part.get("type") == "link":
                found.append(part["url"])
            for value in part.values():
                if not isinstance(value, str):
                    walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(message.get("blocks", []))
    return "\n".join(found)

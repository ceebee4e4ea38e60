"""Modals and the home view: a form, a reason, the moment before a form is there, and what a person has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from adapters.slack import press
from adapters.slack.blocks import (
    Block,
    Buttons,
    actions,
    block_id,
    choices,
    chosen,
    header,
    option,
    placeholder,
    plain,
    small,
    words,
)
from adapters.slack.limits import FIELD, ID, INPUT, LABEL, PROMPTS, RADIOS, TITLE, VIEW_BLOCKS, cut, length
from adapters.slack.render import several
from adapters.slack.texts import say
from bot.messages import Entry, Field, Group, Input, Outgoing
from knowledge.models import Language

FORM, REASON, LOADING = "form", "reason", "loading"
"""The callback_id of each modal."""
RADIO_AT_MOST = 5
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?")
_USER = re.compile(r"slack:[A-Z0-9]+:([UW][A-Z0-9]+)")


def form(outgoing: Outgoing, channel: str = "", thread: str = "") -> dict[str, Any]:
    """A section of a dialogue as a modal."""
    language = outgoing.language
    action = outgoing.submit.action if outgoing.submit else ""
    label = outgoing.submit.label if outgoing.submit else ""
    view = _modal(_title(outgoing.title), FORM, language, list(_form_blocks(outgoing)))
    view["submit"] = plain(label if label and length(label) <= TITLE else say(language, "submit"), TITLE)
    view["private_metadata"] = press.Metadata(action, language, channel, thread).write()
    view["notify_on_close"] = True
    return view


def _title(whole: str) -> str:
    """As much of "Dialogue: section" as fits above a window; the whole stands in it."""
    return next((part for part in (whole, whole.partition(": ")[2]) if part and length(part) <= TITLE), whole)


def _form_blocks(outgoing: Outgoing) -> Iterator[Block]:
    above = [] if length(outgoing.title) <= TITLE else [header(outgoing.title)]
    above += [small(outgoing.progress)] if outgoing.progress else []
    above += words(outgoing.text)[: VIEW_BLOCKS // 4]
    wrong = [field for field in outgoing.fields if field.error]
    above += [{"type": "section", "text": plain(f"⚠️ {f.label}: {f.error}", FIELD)} for f in wrong[: VIEW_BLOCKS // 4]]
    buttons = Buttons(outgoing.language)
    below = actions([buttons.of(given) for given in outgoing.buttons])
    yield from above
    for field in outgoing.fields[: VIEW_BLOCKS - len(above) - len(below)]:
        yield _input(field, outgoing)
    yield from below


def _input(field: Field, outgoing: Outgoing) -> Block:
    """One field. Every change is sent at once, so that closing the window loses nothing."""
    block: Block = {
        "type": "input",
        "block_id": block_id(field.name),
        "label": plain(_label(field, outgoing.language), LABEL),
        "element": _element(field, outgoing),
        "optional": field.optional,
        "dispatch_action": True,
    }
    hint = "\n".join(part for part in (f"⚠️ {field.error}" if field.error else "", field.help) if part)
    return block | ({"hint": plain(hint, LABEL)} if hint else {})


def _label(field: Field, language: Language) -> str:
    """What is asked, and that it was not asked before; that it may be left out, Slack says itself."""
    if not field.fresh:
        return field.label
    mark = f" ({say(language, 'fresh')})"
    return cut(field.label, LABEL - length(mark)) + mark


def _element(field: Field, outgoing: Outgoing) -> Block:
    """The input that a field takes; one that cannot show what was entered gives way to a text, which can."""
    value = field.value if isinstance(field.value, str) else ", ".join(field.value)
    if field.options and (field.input is Input.CHOICES or len(field.options) == 1):
        return several(field, outgoing)  # a lone option is ticked, so that it can be unticked too
    if field.options:
        return _select(field, outgoing.language)
    if field.input is Input.DATE and (not value or _is_date(value)):
        hint = placeholder(outgoing.language, "choose-date")
        initial = {"initial_date": value} if value else {}
        return {"type": "datepicker", "action_id": press.INPUT, "placeholder": hint, **initial}
    if field.input is Input.NUMBER and (not value or _NUMBER.fullmatch(value)):
        initial = {"initial_value": value} if value else {}
        decimal = {"is_decimal_allowed": True}
        return {"type": "number_input", "action_id": press.INPUT, **decimal, **initial, **_typed()}
    user = _USER.fullmatch(value)
    if field.input is Input.PERSON and (not value or user):
        hint = placeholder(outgoing.language, "choose-person")
        initial = {"initial_user": user.group(1)} if user else {}
        return {"type": "users_select", "action_id": press.INPUT, "placeholder": hint, **initial}
    return _text(field, value)


def _text(field: Field, value: str) -> Block:
    longest = max(1, min(field.longest, INPUT))
    element: Block = {"type": "plain_text_input", "action_id": press.INPUT, "max_length": longest, **_typed()}
    element["multiline"] = field.input is Input.LONG_TEXT or "\n" in value
    shown = cut(value, longest)  # what is left without control characters may be nothing
    return element | ({"initial_value": shown} if shown.strip() else {})


def _typed() -> Block:
    return {"dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}}


def _select(field: Field, language: Language) -> Block:
    """Radio buttons for a few options that cannot be skipped: a pressed radio button cannot be released again."""
    made = [option(o.label, o.value) for o in field.options]
    before = chosen(field.options, made, [field.value] if isinstance(field.value, str) else field.value)
    element: Block = {"action_id": press.INPUT} | ({"initial_option": before[0]} if before else {})
    if len(made) <= min(RADIO_AT_MOST, RADIOS) and not field.optional:
        return element | {"type": "radio_buttons", "options": made}
    return element | {"type": "static_select", "placeholder": placeholder(language, "choose"), **choices(made)}


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def errors(outgoing: Outgoing, shown: set[str]) -> dict[str, str] | None:
    """What is wrong, by block, where the modal has the inputs (`shown`) that the form now has; else None: draw it anew.

    An answer can bring a field, and take one away that would else stand there to be filled in for nothing.
    """
    found = {field.name: cut(field.error, FIELD) for field in outgoing.fields if field.error}
    return found if found and {block_id(field.name) for field in outgoing.fields} == shown else None


def loading(language: Language, external_id: str) -> dict[str, Any]:
    """The modal that opens at once and is filled as soon as the form is there."""
    view = _modal("", LOADING, language, words(say(language, "fetching")))
    return view | {"external_id": external_id[:ID]}


def told(language: Language, external_id: str, said: str) -> dict[str, Any]:
    """A window that only says something: when no form comes, or when it goes on elsewhere."""
    view = _modal("", LOADING, language, words(said)[:VIEW_BLOCKS])
    return view | ({"external_id": external_id[:ID]} if external_id else {})


def reason(pressed: press.Press, channel: str = "", thread: str = "", title: str = "") -> dict[str, Any]:
    """Asks for the text that a press must bring along; `title` is what was pressed."""
    language = pressed.language
    element = {"type": "plain_text_input", "action_id": press.INPUT, "multiline": True, "max_length": INPUT}
    block = {"type": "input", "block_id": "reason", "label": plain(pressed.reason, LABEL), "element": element}
    view = _modal(title if 0 < length(title) <= TITLE else say(language, "reason-title"), REASON, language, [block])
    view["submit"] = plain(say(language, "send"), TITLE)
    view["private_metadata"] = press.Metadata(pressed.action, language, channel, thread).write()
    return view


def _modal(title: str, callback: str, language: Language, blocks: list[Block]) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": callback,
        "title": plain(title or say(language, "app"), TITLE),
        "close": plain(say(language, "close"), TITLE),
        "blocks": blocks or words("–"),
    }


# -- home --------------------------------------------------------------------------------------------------------------


def home(outgoing: Outgoing, page: int = 0) -> dict[str, Any]:
    """The home view: at most 100 blocks, the rest a press away."""
    buttons = Buttons(outgoing.language)
    pages = _home_pages(outgoing, buttons)
    page = max(0, min(page, len(pages) - 1))
    turn = []
    if page + 1 < len(pages):
        turn.append(_turn(buttons, "show-more", page + 1))
    if page > 0:
        turn.append(_turn(buttons, "show-first", 0))
    return {"type": "home", "blocks": [*pages[page], *actions(turn)] or words("–")}


def _turn(buttons: Buttons, message: str, page: int) -> Block:
    return buttons.make(say(buttons.language, message), press.value(press.Press(buttons.language, page=page)))


def _home_pages(outgoing: Outgoing, buttons: Buttons) -> list[list[Block]]:
    """Pages of whole entries; each page but the first repeats nothing."""
    start: list[Block] = [header(outgoing.title)] if outgoing.title else []
    start += _to_ask(outgoing, buttons)
    start += [{"type": "divider"}] if start else []
    start += words(outgoing.text)[: VIEW_BLOCKS // 2]
    pages = [start]
    for group in outgoing.groups:
        for some in _entries(group, buttons):
            if len(pages[-1]) + len(some) > VIEW_BLOCKS - 1:
                pages.append([])
            pages[-1] += some
    return pages


def _to_ask(outgoing: Outgoing, buttons: Buttons) -> Iterator[Block]:
    """What can be asked, each question in full beside its button, and what can be begun."""
    language = outgoing.language
    if outgoing.suggestions:
        yield header(say(language, "home-ask"))
        for asked in outgoing.suggestions[:PROMPTS]:
            pressed = press.value(press.Press(language, says=cut(asked, 500)))
            text = plain(asked, FIELD)
            yield {"type": "section", "text": text, "accessory": buttons.make(say(language, "ask"), pressed)}
    if outgoing.buttons:
        yield header(say(language, "home-begin"))
        yield from actions([buttons.of(given) for given in outgoing.buttons][:25])


def _entries(group: Group, buttons: Buttons) -> Iterator[list[Block]]:
    """A group's heading with its first entry, then each entry."""
    heading: list[Block] = [header(group.title)]
    if not group.entries:
        yield heading + words(group.empty)
        return
    for position, entry in enumerate(group.entries):
        yield (heading if position == 0 else []) + _entry(entry, buttons)


def _entry(entry: Entry, buttons: Buttons) -> list[Block]:
    text = plain(f"{entry.title}\n{entry.detail}".strip(), FIELD)
    made = [buttons.of(given) for given in entry.buttons[:25]]
    if len(made) == 1:
        return [{"type": "section", "text": text, "accessory": made[0]}]
    return [{"type": "section", "text": text}, *actions(made)]

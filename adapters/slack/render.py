"""An outgoing message as Slack's JSON: `text` with the whole sense for those who hear it, and blocks for the others.

Pure functions. `messages` gives what one message needs: itself, and, where Slack would refuse its length, what goes
into the thread beneath it. Nothing a person typed is ever markup here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from adapters.slack import press, sources
from adapters.slack.blocks import (
    Block,
    Buttons,
    actions,
    block_id,
    bold,
    choices,
    chosen,
    escape,
    header,
    linked,
    option,
    placeholder,
    plain,
    size,
    small,
    words,
)
from adapters.slack.limits import (
    BUTTON_SEEN,
    FIELD,
    LABEL,
    MESSAGE_BLOCKS,
    MESSAGE_TEXT,
    MESSAGE_TOTAL,
    OPTION_VALUE,
    OPTIONS,
    RADIOS,
    cut,
    length,
)
from adapters.slack.texts import say as own
from bot.messages import Button, Field, Group, Input, Kind, Outgoing, Row, Style
from bot.texts import say
from knowledge.models import Language

NONE = "none"
BUTTONS_AT_MOST = 5
"""More options than this become a select."""
CHANGES_BESIDE = 8
"""More answers than this are changed from a list, and not by a button beside each."""
CARD_ROWS, CARD_VALUE = 6, 200
"""What a request's card shows of the answers; the whole of them goes into its thread."""
OURS = (Kind.ANSWER, Kind.SILENT, Kind.HANDOVER, Kind.HELP, Kind.OUTCOME)
"""Kinds whose text is the guideline's and ours alone; in all others it may hold a person's words."""
SYMBOL = {"yes": "✅", "no": "⛔", "conditional": "⚠️"}


def render(outgoing: Outgoing) -> dict[str, Any]:
    """The message itself."""
    return messages(outgoing)[0]


def messages(outgoing: Outgoing, total: int = MESSAGE_TOTAL) -> list[dict[str, Any]]:
    """The message, and what belongs into the thread beneath it; each of at most so many characters."""
    buttons = Buttons(outgoing.language)
    head, card = [*_head(outgoing), *_groups(outgoing, buttons)], outgoing.kind is Kind.REQUEST
    body = list(_rows(outgoing.rows, buttons, outgoing))
    short = list(_rows(_shortened(outgoing.rows), buttons, outgoing)) if card else body
    tail = list(_tail(outgoing, buttons))
    if card and short != body:
        pages = _pages([*head, *short], [small(own(outgoing.language, "rest")), *tail], outgoing, total)
        return pages + [_message(outgoing, page) for page in _packed(body, total)]
    return _pages([*head, *body], tail, outgoing, total)


def _pages(body: list[Block], tail: list[Block], outgoing: Outgoing, total: int) -> list[dict[str, Any]]:
    """One message where it fits; else what fits with the buttons beneath it, and the rest for the thread."""
    tail = tail[: MESSAGE_BLOCKS - 2]
    below = sum(map(size, tail))
    while tail and below > total // 2:
        below -= size(tail[-1])
        tail = tail[:-1]
    if len(body) + len(tail) <= MESSAGE_BLOCKS and below + sum(map(size, body)) <= total:
        return [_message(outgoing, [*body, *tail], first=True)]
    tail = [small(own(outgoing.language, "rest")), *tail]
    first, rest = _fitting(body, MESSAGE_BLOCKS - len(tail), total - sum(map(size, tail)))
    return [_message(outgoing, [*first, *tail], first=True)] + [
        _message(outgoing, page) for page in _packed(rest, total)
    ]


def _packed(blocks: list[Block], total: int) -> Iterator[list[Block]]:
    while blocks:
        page, blocks = _fitting(blocks, MESSAGE_BLOCKS, total)
        yield page


def _fitting(blocks: list[Block], most: int, total: int) -> tuple[list[Block], list[Block]]:
    count = 0
    for count, block in enumerate(blocks):
        total -= size(block)
        if count == most or (total < 0 and count > 0):
            return blocks[:count], blocks[count:]
    return blocks, []


def _message(outgoing: Outgoing, blocks: list[Block], first: bool = False) -> dict[str, Any]:
    text = fallback(outgoing) if first else escape(cut(spoken(blocks), MESSAGE_TEXT))
    return {"text": text or "–", "blocks": blocks or words("–")}


def spoken(blocks: list[Block]) -> str:
    """The words in blocks, for the top-level text of a continuation."""
    found: list[str] = []

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("text"), str) and part.get("type") in ("plain_text", "text", "link"):
                found.append(part["text"])
            elif isinstance(part.get("text"), str) and part.get("type") == "mrkdwn":
                found.append(part["text"].strip("*").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
            else:
                for value in part.values():
                    walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(blocks)
    return "\n".join(found)


# -- the whole sense, for a screen reader and a notification ---------------------------------------------------------


def fallback(outgoing: Outgoing) -> str:
    """The message as plain text, escaped: what it says, then what can be done."""
    language = outgoing.language
    verdict = f"{say(language, f'verdict-{outgoing.verdict.value}')}." if outgoing.verdict else ""
    lines = [outgoing.title, outgoing.progress, verdict, outgoing.field.error if outgoing.field else "", outgoing.text]
    lines += [f"{row.label}: {row.value}" for row in outgoing.rows]
    lines += [f"{field.label} {field.error}" for field in outgoing.fields if field.error]
    lines += [line for group in outgoing.groups for line in _group_lines(group)]
    lines += sources.lines(language, outgoing.sources)
    if outgoing.contact and outgoing.contact.line() not in outgoing.text:
        lines.append(f"{say(language, 'contact')}: {outgoing.contact.line()}")
    offered = [c.label for c in outgoing.choices] + (
        [o.label for o in outgoing.field.options] if outgoing.field else []
    )
    lines += [f"– {label}" for label in offered]
    return escape(cut("\n".join(line for line in lines if line.strip()), MESSAGE_TEXT))


def _group_lines(group: Group) -> Iterator[str]:
    yield group.title
    yield from (f"– {e.title}: {e.detail}" if e.detail else f"– {e.title}" for e in group.entries)
    if not group.entries:
        yield group.empty


# -- above the buttons ---------------------------------------------------------------------------------------------


def _head(outgoing: Outgoing) -> Iterator[Block]:
    language = outgoing.language
    if outgoing.kind is Kind.STEP:
        where = " · ".join(part for part in (outgoing.title, outgoing.progress) if part)
        yield from [small(where)] if where else []
    else:
        yield from [header(outgoing.title)] if outgoing.title else []
        yield from [small(outgoing.progress)] if outgoing.progress else []
    if outgoing.verdict:
        verdict = f"{SYMBOL[outgoing.verdict.value]} {say(language, f'verdict-{outgoing.verdict.value}')}"
        yield {"type": "section", "text": bold(verdict, FIELD)}
    if outgoing.field and outgoing.field.error:
        yield {"type": "section", "text": plain(f"⚠️ {outgoing.field.error}", FIELD)}
    email = outgoing.contact.email if outgoing.contact else None
    yield from linked(outgoing.text, email) if outgoing.kind in OURS else words(outgoing.text)
    if outgoing.field and outgoing.field.help and outgoing.field.help not in outgoing.text:
        yield small(outgoing.field.help)


def _groups(outgoing: Outgoing, buttons: Buttons) -> Iterator[Block]:
    """Each group in one text, or, where something can be done about its entries, each entry above its buttons."""
    for group in outgoing.groups:
        title, *lines = _group_lines(group)
        if not any(entry.buttons for entry in group.entries):
            yield from words("\n".join((title, *lines)))
            continue
        yield from words(title)
        for entry, line in zip(group.entries, lines, strict=True):
            yield from words(line)
            yield from actions([buttons.of(given) for given in entry.buttons])


def _rows(rows: tuple[Row, ...], buttons: Buttons, outgoing: Outgoing) -> Iterator[Block]:
    """Each row as its label in bold and its value as plain text; one that is too long for that goes on beneath."""
    if outgoing.kind is Kind.STEP and outgoing.field is None:
        return  # an answered step: its text says it
    beside = outgoing.kind is Kind.REQUEST or not _changed_by_list(rows)
    for row in rows:
        marks = f" ({own(outgoing.language, 'changed')})" if row.changed else ""
        long = length(row.value) > FIELD
        value = "" if long else (row.value.strip() or own(outgoing.language, "missing"))
        fields = [bold(row.label + marks, FIELD), *([plain(value, FIELD)] if value else [])]
        section: Block = {"type": "section", "fields": fields}
        yield section | ({"accessory": buttons.of(row.change)} if row.change and beside else {})
        if long:
            yield from words(row.value)
        if row.note:
            yield from words(f"{own(outgoing.language, 'note')}: {row.note}")


def _changed_by_list(rows: tuple[Row, ...]) -> bool:
    """Whether one list of all answers serves better than a button beside each: on a phone they fill the screen."""
    found = [row.change for row in rows if row.change]
    return CHANGES_BESIDE < len(found) <= OPTIONS and all(not b.reason for b in found) and _split(found) is not None


def _split(found: list[Button]) -> tuple[str, list[str]] | None:
    return press.split([button.action for button in found])


def _changes(rows: tuple[Row, ...], language: Language) -> list[Block]:
    """The list from which an answer is chosen to be changed."""
    found = [row for row in rows if row.change]
    split = _split([row.change for row in found if row.change])
    if split is None or not _changed_by_list(rows):
        return []
    made = [
        option(row.change.label, value, row.label) for row, value in zip(found, split[1], strict=True) if row.change
    ]
    select: Block = {"type": "static_select", "action_id": f"{press.PICK}:{language.value}", "options": made}
    select["placeholder"] = placeholder(language, "choose-change")
    return [{"type": "actions", "block_id": block_id(split[0]), "elements": [select]}]


def _shortened(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The first answers, short; what can be done about each stands beside the whole answer."""
    return tuple(replace(row, value=cut(row.value, CARD_VALUE), change=None) for row in rows[:CARD_ROWS])


# -- below: sources, contact, what can be pressed ---------------------------------------------------------------------


def _tail(outgoing: Outgoing, buttons: Buttons) -> Iterator[Block]:
    language = outgoing.language
    if outgoing.sources:
        yield sources.block(language, outgoing.sources)
    if outgoing.contact and outgoing.contact.line() not in outgoing.text:
        yield from linked(f"{say(language, 'contact')}: {outgoing.contact.line()}", outgoing.contact.email)
    if outgoing.field:
        yield from _asked(outgoing.field, outgoing, buttons)
    yield from _changes(outgoing.rows, language) if outgoing.kind is not Kind.REQUEST else ()
    yield from _offered([(c.label, c.topic) for c in outgoing.choices], buttons, "---")
    yield from actions(_none(outgoing, buttons))
    yield from actions([buttons.of(given) for given in outgoing.buttons])
    if outgoing.kind is not Kind.FORM and outgoing.submit and not outgoing.field:
        yield from actions([buttons.of(outgoing.submit)])
    if outgoing.related:
        yield small(say(language, "related"))
        yield from _offered([(c.label, c.topic) for c in outgoing.related], buttons, "----")
    yield from actions(
        [buttons.make(s, press.value(press.Press(language, says=cut(s, 500)))) for s in outgoing.suggestions]
    )


def _offered(offered: list[tuple[str, str]], buttons: Buttons, name: str) -> list[Block]:
    """Labels with their actions: as buttons, or, where Slack would cut a label short, as a list to choose from.

    `name` is the list's own among the message's blocks; of dashes alone, it says nothing.
    """
    cut_short = any(length(label) > BUTTON_SEEN for label, _ in offered)
    fit = len(offered) <= RADIOS and all(length(action) <= OPTION_VALUE for _, action in offered)
    if not cut_short or not fit:
        return actions([buttons.act(label, action) for label, action in offered])
    made = [option(label, action) for label, action in offered]
    pick = {"type": "radio_buttons", "action_id": f"{press.PICK}:{buttons.language.value}", "options": made}
    return [{"type": "actions", "block_id": name, "elements": [pick]}]


def _none(outgoing: Outgoing, buttons: Buttons) -> list[Block]:
    """The way out of a choice, unless the assistant gave one."""
    if outgoing.kind is not Kind.CHOOSE or any(b.action == NONE for b in outgoing.buttons):
        return []
    return [buttons.act(say(outgoing.language, "none"), NONE)]


# -- what a step asks --------------------------------------------------------------------------------------------------


def _asked(field: Field, outgoing: Outgoing, buttons: Buttons) -> Iterator[Block]:
    """The inputs of a step. Whatever they offer can also be typed."""
    if field.input is Input.CHOICES and field.options:
        yield from _several(field, outgoing, buttons)
    elif field.options:
        yield from _one(field, outgoing, buttons)
    elif field.input in (Input.DATE, Input.PERSON):
        yield _picker(field, outgoing)


def _one(field: Field, outgoing: Outgoing, buttons: Buttons) -> Iterator[Block]:
    """Buttons for a few options, a select for many."""
    bring = [option_.action or option_.value for option_ in field.options]
    split = press.split(bring) if len(bring) > BUTTONS_AT_MOST else None
    if split is None:
        yield from _offered([(o.label, a) for o, a in zip(field.options, bring, strict=True)], buttons, "--")
        return
    made = [option(o.label, value) for o, value in zip(field.options, split[1], strict=True)]
    select: Block = {"type": "static_select", "action_id": f"{press.PICK}:{outgoing.language.value}", **choices(made)}
    select["placeholder"] = placeholder(outgoing.language, "choose")
    before = chosen(field.options, made, _values(field))
    if before:
        select["initial_option"] = before[0]
    yield {"type": "actions", "block_id": block_id(split[0]), "elements": [select]}


def _several(field: Field, outgoing: Outgoing, buttons: Buttons) -> Iterator[Block]:
    """Several options, and a button that sends them."""
    element = several(field, outgoing)
    label = plain(field.label, LABEL)
    yield {"type": "input", "block_id": block_id(field.name), "label": label, "optional": True, "element": element}
    submit = outgoing.submit
    pressed = press.value(press.Press(outgoing.language, submit.action if submit else "", field=field.name))
    label_ = submit.label if submit else own(outgoing.language, "ok")
    yield from actions([buttons.make(label_, pressed, Style.PRIMARY, press.SUBMIT)])


def several(field: Field, outgoing: Outgoing) -> Block:
    """Checkboxes for a few options, a select for many. One that goes with no other says so: Slack unticks nothing."""
    alone = own(outgoing.language, "alone")
    made = [option(o.label, o.value, alone if o.alone else "") for o in field.options]
    before = chosen(field.options, made, _values(field))
    element: Block = {"action_id": press.INPUT} | ({"initial_options": before} if before else {})
    if len(made) <= RADIOS:
        return element | {"type": "checkboxes", "options": made}
    hint = placeholder(outgoing.language, "choose-several")
    return element | {"type": "multi_static_select", "placeholder": hint, **choices(made)}


def _picker(field: Field, outgoing: Outgoing) -> Block:
    date = field.input is Input.DATE
    kind, hint = (press.DATE, "choose-date") if date else (press.PERSON, "choose-person")
    element: Block = {
        "type": "datepicker" if date else "users_select",
        "action_id": f"{kind}:{outgoing.language.value}:{field.name}"[:255],
        "placeholder": placeholder(outgoing.language, hint),
    }
    action = outgoing.submit.action if outgoing.submit else ""
    return {"type": "actions", "block_id": block_id(action), "elements": [element]}


def _values(field: Field) -> tuple[str, ...]:
    return (field.value,) if isinstance(field.value, str) else field.value

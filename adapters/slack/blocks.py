"""The pieces of Block Kit that we use. Whatever a person typed goes into `plain` or `words`, never into `bold`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from adapters.slack import press
from adapters.slack.limits import (
    ACTIONS,
    BUTTON,
    BUTTON_SEEN,
    HEADER,
    ID,
    OPTION,
    OPTION_VALUE,
    OPTIONS,
    SECTION,
    VALUE,
    cut,
    length,
    parts,
)
from adapters.slack.texts import say
from bot.messages import Button, Option, Style
from knowledge.models import Language

Block = dict[str, Any]

_LINK = re.compile(r"https://[^\s<>\"'”’]*[^\s<>\"'”’.,;:!?)\]}]")


def escape(text: str) -> str:
    """The three characters with which Slack's markup begins, as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str, longest: int) -> Block:
    """Text without any markup; emoji codes stay as they were typed."""
    return {"type": "plain_text", "text": cut(text, longest) or "–", "emoji": False}


def bold(text: str, longest: int) -> Block:
    """Our own words in bold. `verbatim`: Slack must make no links or mentions of them."""
    short = cut(text.replace("*", "∗"), longest // 6)  # an entity is up to five characters, and two asterisks
    return {"type": "mrkdwn", "text": f"*{escape(short) or '–'}*", "verbatim": True}


def header(text: str) -> Block:
    """A heading."""
    return {"type": "header", "text": plain(text, HEADER)}


def words(text: str) -> list[Block]:
    """A text as rich text: nothing in it is markup, and nothing can be pressed."""
    return _rich(text, lambda part: [{"type": "text", "text": part}])


def linked(text: str, email: str | None = None) -> list[Block]:
    """Our own text: a web address in it, and the given e-mail address, can be pressed; both are shown in full."""
    return _rich(text, lambda part: list(_elements(part, email)))


def _rich(text: str, elements: Callable[[str], list[Block]]) -> list[Block]:
    blocks = []
    for part in parts(text, SECTION):
        section = {"type": "rich_text_section", "elements": elements(part)}
        blocks.append({"type": "rich_text", "elements": [section]})
    return blocks


def _elements(text: str, email: str | None) -> Iterable[Block]:
    pattern = re.compile(f"{_LINK.pattern}|{re.escape(email)}") if email else _LINK
    position = 0
    for match in pattern.finditer(text):
        if match.start() > position:
            yield {"type": "text", "text": text[position : match.start()]}
        found = match.group()
        yield {"type": "link", "url": f"mailto:{found}"} | {"text": found} if found == email else _web(found)
        position = match.end()
    if position < len(text):
        yield {"type": "text", "text": text[position:]}


def _web(url: str) -> Block:
    return {"type": "link", "url": url, "text": url} if len(url) <= SECTION else {"type": "text", "text": url}


def small(*texts: str) -> Block:
    """A line in small print."""
    return {"type": "context", "elements": [plain(text, 1_000) for text in texts]}


def button(label: str, pressed: str, action_id: str, style: Style = Style.PLAIN) -> Block:
    """A button; `pressed` is its value."""
    if len(pressed) > VALUE:
        raise ValueError("a button's action is at most 255 characters")
    made: Block = {"type": "button", "text": plain(label, BUTTON), "action_id": action_id, "value": pressed}
    if length(label) > BUTTON_SEEN:
        made["accessibility_label"] = cut(label, BUTTON)  # Slack cuts short what is seen, not what is read aloud
    return made | ({"style": style.value} if style is not Style.PLAIN else {})


class Buttons:
    """Makes buttons with an action_id of their own within a message."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._made = 0

    def of(self, given: Button) -> Block:
        """One of the assistant's buttons."""
        return self.make(given.label, press.of_button(given, self.language), given.style)

    def act(self, label: str, action: str) -> Block:
        """A button that brings back an action."""
        return self.make(label, press.value(press.Press(self.language, action)))

    def make(self, label: str, pressed: str, style: Style = Style.PLAIN, kind: str = press.BUTTON) -> Block:
        """Any button."""
        self._made += 1
        return button(label, pressed, f"{kind}:{self._made}", style)


def actions(elements: Sequence[Block]) -> list[Block]:
    """Elements in as many rows of buttons as they need."""
    starts = range(0, len(elements), ACTIONS)
    return [{"type": "actions", "elements": list(elements[at : at + ACTIONS])} for at in starts]


def option(label: str, value: str, detail: str = "") -> Block:
    """One of a select's options; `detail` stands beneath it in small print."""
    made: Block = {"text": plain(label, OPTION), "value": cut(value, OPTION_VALUE) or "–"}
    return made | ({"description": plain(detail, OPTION)} if detail else {})


def choices(options: Sequence[Block]) -> Block:
    """Options as a select takes them: in groups when they are many."""
    if len(options) <= OPTIONS:
        return {"options": list(options)}
    groups = []
    for at in range(0, min(len(options), OPTIONS * OPTIONS), OPTIONS):
        some = list(options[at : at + OPTIONS])
        groups.append({"label": plain(f"{at + 1}–{at + len(some)}", OPTION), "options": some})
    return {"option_groups": groups}


def chosen(options: Sequence[Option], made: Sequence[Block], values: Iterable[str]) -> list[Block]:
    """Which of the made options were chosen before."""
    before = set(values)
    return [block for given, block in zip(options, made, strict=True) if given.value in before]


def placeholder(language: Language, message: str) -> Block:
    """The grey words in an empty input."""
    return plain(say(language, message), 150)


def block_id(text: str) -> str:
    """A block_id that carries something; Slack makes one up where it is empty."""
    if len(text) > ID:
        raise ValueError("an action or field name is at most 255 characters")
    return text or "-"


def size(block: Any) -> int:
    """The characters of a block that count towards Slack's limit for all blocks of a message."""
    if isinstance(block, str):
        return length(block)
    if isinstance(block, dict):
        return sum(size(v) for k, v in block.items() if k not in ("type", "style", "action_id", "block_id"))
    return sum(size(v) for v in block) if isinstance(block, list) else 0

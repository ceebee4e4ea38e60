"""What could be pressed last, where its label or its number is typed instead."""

from __future__ import annotations

from functools import lru_cache

from bot.answering.text import plain
from bot.answers import NONE
from bot.memory import Conversation
from bot.texts import say


@lru_cache(maxsize=1024)  # the same few labels are compared with every message
def _compared(label: str) -> str:
    """A label as it is compared with what was typed."""
    return plain(label).lower()


def typed_button(text: str, conversation: Conversation) -> tuple[str, str] | None:
    """The action of the button whose label was typed, and what stands after a colon ("Reject: because …")."""
    label, _, reason = text.partition(":")
    for said, rest in ((plain(text), ""), (plain(label), reason.strip())):
        wanted = said.strip(" .").lower()
        for action, known in conversation.offered:
            if wanted and ":" in action and _compared(known) == wanted:
                return action, rest
    return None


def picked_topic(text: str, conversation: Conversation) -> str | None:
    """The offered topic that a typed number or label names, or NONE."""
    said = plain(text).strip(" .)").lower()
    topics = [(action, label) for action, label in conversation.offered if ":" not in action]
    if topics and conversation.answered_in and said == _compared(say(conversation.answered_in, "none")):
        return NONE
    if said.isdigit() and 1 <= int(said) <= len(topics):
        return topics[int(said) - 1][0]
    return next((topic for topic, label in topics if _compared(label) == said), None)

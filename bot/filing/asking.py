"""Words that a press must bring along (a reason, a name): asked for where the channel did not, and read when typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.commands import command
from bot.dialogue.replies import as_written
from bot.messages import Outgoing
from bot.privacy import identity_number, password
from bot.texts import say
from knowledge.models import Language

if TYPE_CHECKING:
    from bot.assistant import Turn

LONGEST = 3000
"""Characters of a reason."""
LEAVES = frozenset({"cancel", "help", "home", "requests", "drafts"})
"""Commands that are not taken for the words that are waited for."""
REFERENCE = re.compile(r"\b([A-Z]{2,6}-\d{4}-\d{4,})\b", re.IGNORECASE)


def words(turn: Turn) -> str:
    """What the press brought along."""
    return as_written(str((turn.incoming.form or {}).get("reason") or ""))[:LONGEST]


def refused(turn: Turn, text: str) -> Outgoing | None:
    """What must not be collected is not taken as a reason either."""
    if identity_number(text):
        return turn.notice("refused-identity")
    return turn.notice("refused-password") if password(text) else None


def ask(turn: Turn, action: str, label: str) -> list[Outgoing]:
    """Asks for the words; the person's next message is read as them."""
    asked = turn.conversation.asked or {}
    turn.conversation.asked = {**asked, "waits": {"action": action, "person": turn.person, "at": turn.now}}
    return [turn.notice("request-ask-words", label=label)]


def waited_for(turn: Turn) -> str | None:
    """The action that this message brings the words for. It is waited for no longer."""
    asked = turn.conversation.asked or {}
    waits = asked.get("waits")
    if not waits or waits.get("person") != turn.person or turn.incoming.choice is not None:
        return None
    turn.conversation.asked = {key: value for key, value in asked.items() if key != "waits"} or None
    known = command(turn.incoming.text)
    return None if known and known.name in LEAVES else str(waits["action"])


def forget(turn: Turn) -> None:
    """Words are waited for in the next message only: a person who did something else does not mean to give them."""
    asked = turn.conversation.asked or {}
    waits = asked.get("waits")
    if waits and waits.get("person") == turn.person and waits.get("at") != turn.now:
        turn.conversation.asked = {key: value for key, value in asked.items() if key != "waits"} or None


def typed(text: str, labels: dict[str, str]) -> tuple[str, str, str] | None:
    """ "Approve NYK-2026-0007: because …" as verb, reference and words; the reference alone shows the request.

    `labels` is the message of each verb's button.
    """
    found = REFERENCE.search(text)
    if not found:
        return None
    before, rest = text[: found.start()].strip(), text[found.end() :].strip()
    reason = rest[1:].strip() if rest.startswith(":") else ""
    if not before and not rest:
        return "show", found[1].upper(), ""
    if rest and not rest.startswith(":"):
        return None
    wanted = before.lower()
    for verb, message in labels.items():
        if any(say(language, message).lower() == wanted for language in Language):
            return verb, found[1].upper(), reason
    return None

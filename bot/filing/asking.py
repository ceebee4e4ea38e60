"""Words that a press must bring along (a reason, a name): asked for where the channel did not, and read when typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.commands import command
from bot.dialogue.replies import as_written
from bot.messages import Outgoing
from bot.privacy import identity_number, password
from bot.texts import say
from knowledge.models import Language

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.assistant import Turn

LONGEST = 3000
"""Characters of a reason."""
LEAVES = frozenset({"cancel", "help", "home", "requests", "drafts"})
"""Commands that are not taken for the words that are waited for."""
SHORTEST = 3
"""Letters of a button's first words that stand for its whole label ("Ask" for "Ask the requester")."""
NOTE, NOTE_LABEL = "note", "request-button-note"
_NUMBER = re.compile(r"\d{1,2}")
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


def _waits(turn: Turn) -> dict[str, Any] | None:
    """What this person was asked for words for."""
    waits = (turn.conversation.asked or {}).get("waits")
    return waits if waits and waits.get("person") == turn.person else None


def _wait_no_more(turn: Turn) -> None:
    asked = turn.conversation.asked or {}
    turn.conversation.asked = {key: value for key, value in asked.items() if key != "waits"} or None


def given_up(turn: Turn) -> Outgoing | None:
    """What is said to "cancel" where words were waited for; None where that is not what the message is."""
    known = command(turn.incoming.text) if turn.incoming.choice is None and _waits(turn) else None
    if known is None or known.name != "cancel":
        return None
    _wait_no_more(turn)
    return turn.notice("request-nothing-sent")


def waited_for(turn: Turn) -> str | None:
    """The action that this message brings the words for. It is waited for no longer."""
    waits = _waits(turn)
    if waits is None or turn.incoming.choice is not None:
        return None
    _wait_no_more(turn)
    known = command(turn.incoming.text)
    return None if known and known.name in LEAVES else str(waits["action"])


def forget(turn: Turn) -> None:
    """Words are waited for in the next message only: a person who did something else does not mean to give them."""
    waits = _waits(turn)
    if waits is not None and waits.get("at") != turn.now:
        _wait_no_more(turn)


def typed(text: str, labels: Mapping[str, Sequence[str]]) -> tuple[str, str, str] | None:
    """ "Approve NYK-2026-0007: because …" as verb, reference and words; the reference alone shows the request.

    `labels` is the messages of each verb's button. The first words of a label are enough where no other begins so. What
    is typed as "Comment on 12" is the verb "note::12".
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
    verb = _verb(" ".join(before.lower().split()), labels)
    return (verb, found[1].upper(), reason) if verb else None


def _verb(wanted: str, labels: Mapping[str, Sequence[str]]) -> str | None:
    known = list(_labels(wanted, labels))
    whole = next((verb for verb, label in known if label == wanted), None)
    if whole or len(wanted) < SHORTEST:
        return whole
    begun = {verb for verb, label in known if label.startswith(f"{wanted} ")}
    return begun.pop() if len(begun) == 1 else None


def _labels(wanted: str, labels: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Every verb with each of its labels, as it is compared."""
    number = _NUMBER.search(wanted)
    for language in Language:
        for verb, messages in labels.items():
            yield from ((verb, say(language, message).lower()) for message in messages)
        if number:
            yield f"{NOTE}::{number[0]}", say(language, NOTE_LABEL, number=int(number[0])).lower()


_WITHDRAW = re.compile(
    r"(?:återkalla|dra tillbaka|peru|peruuta|withdraw)"
    r"(?P<what> (?:mitt |min |my |the )?(?:ärendet?|begäran|pyyntö(?:ni)?|request))?[.!]?",
    re.IGNORECASE,
)


def withdraws(text: str) -> bool:
    """Whether somebody wants to withdraw a request without saying which ("peruuta" alone leaves a dialogue)."""
    found = _WITHDRAW.fullmatch(" ".join(text.split()))
    return found is not None and (bool(found["what"]) or command(text) is None)

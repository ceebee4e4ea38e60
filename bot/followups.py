"""A short message that may go on from the last answer ("and if it is a child?") is read with what was asked before."""

from __future__ import annotations

import re

from bot import asked
from bot.answering.answerer import Answerer, Decision
from bot.answering.text import plain, words
from bot.answers import Reading

LIFE = 1800.0
"""Seconds after which a message goes on from nothing."""
MOST_WORDS = 10
"""A longer message says itself what it is about."""
SURE = 0.9
"""Probability of what a message is about when read alone, from which nothing is added to it."""
_CONDITION = re.compile(
    r"(?:(?:och|men|även|också|inte ens)\s+(?:om|ifall|när)|trots att"
    r"|fast(?=\s+(?:jag|du|han|hon|hen|den|det|vi|ni|de|dom|man|alla|ingen|barne[tn])\b)"  # "fast internet" is English
    r"|(?:ja|mutta|entä|eikö)\s+(?:jos|kun|vaikka)|vaikka"
    r"|(?:and|but|even|also|not even)\s+(?:if|when|though))\b",
    re.IGNORECASE,
)
"""How a condition begins that is put to the answer before: "even if …", "entä jos …"."""


def depends(message: str) -> bool:
    """Whether a message's form says that it goes on from what was said before it."""
    return _CONDITION.match(plain(message)) is not None


def goes_on_from(alone: Reading, memory: asked.Memory | None, now: float) -> asked.Asked | None:
    """The question before a message that is short and not clear by itself; None where it stands for itself."""
    last = asked.understood(memory, now - LIFE)
    if not last.get("root") or len(alone.parts) != 1 or len(words(plain(alone.text))) > MOST_WORDS:
        return None
    best = alone.parts[0]
    if depends(alone.text):
        return last
    return None if best.decision is Decision.ANSWER and best.probability >= SURE else last


def with_before(answerer: Answerer, alone: Reading, before: asked.Asked) -> Reading:
    """The reading of a message with the question before it. Takes some milliseconds, as any reading does."""
    understood = answerer.understand_after(before["root"], alone.text, alone.parts[0].scores, depends(alone.text))
    return Reading(alone.text, (understood,), after=before["topic"])

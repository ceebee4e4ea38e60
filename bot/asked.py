"""What was asked lately in a conversation, and what was said to it: a button under an answer means that question.

A channel keeps old messages, and several people may write in one conversation, so that the question which a button
stands under is not always the last one. The last few are therefore kept, each under a key that the buttons carry.
"""

from __future__ import annotations

import hashlib
from typing import Any

from bot.messages import Outgoing

KEPT = 10
"""Questions of a conversation that a button can still mean."""
KEPT_FOR = 86_400.0
"""Seconds for which a question can be handed over with one press."""
LONGEST = 2000

Memory = dict[str, Any]
"""What a conversation remembers (`Conversation.asked`): the last "questions", newest first, and the "rated" answers."""
Asked = dict[str, Any]
"""A question (numbers of people taken out): what was said to it, its topic, kind, key, root and the topics offered."""


def noted(memory: Memory | None, question: str, outgoing: Outgoing, now: float, root: str = "") -> Memory:
    """The memory after an answer. Without a question the answer is to a topic that was offered under an earlier one.

    `root` is the question that this one goes on from, where it does.
    """
    asked = question[:LONGEST] or _offered_under(memory, outgoing.topic).get("question", "")
    entry: Asked = {
        "key": key(asked, outgoing),
        "question": asked,
        "root": root or asked,
        "said": outgoing.text[:LONGEST],
        "topic": outgoing.topic,
        "kind": outgoing.kind.value,
        "offers": [choice.topic for choice in (*outgoing.choices, *outgoing.related)],
        "at": now,
    }
    others = [old for old in _kept(memory) if old["key"] != entry["key"] and old["at"] > now - KEPT_FOR]
    return {"questions": [entry, *others][:KEPT], "rated": (memory or {}).get("rated", [])}


def key(question: str, outgoing: Outgoing) -> str:
    """Names a question with its answer; the same again has the same name."""
    named = "\n".join((question, outgoing.topic or "", outgoing.kind.value))
    return hashlib.blake2s(named.encode(), digest_size=6).hexdigest()


def meant(memory: Memory | None, wanted: str = "") -> Asked:
    """The question of a key; without a key the last one. Empty when it is not kept (any more)."""
    return next((known for known in _kept(memory) if not wanted or known["key"] == wanted), {})


def understood(memory: Memory | None, since: float) -> Asked:
    """The last question, asked since then, that was understood. Empty when there is none."""
    return next((known for known in _kept(memory) if known["topic"] and known["at"] >= since), {})


def rated(memory: Memory | None, answer: str) -> Memory | None:
    """The memory in which an answer has been rated; None when it has been before."""
    before = (memory or {}).get("rated", [])
    return None if answer in before else {**(memory or {}), "rated": [answer, *before][:KEPT]}


def _offered_under(memory: Memory | None, topic: str | None) -> Asked:
    kept = _kept(memory)
    return next((known for known in kept if topic in known["offers"]), meant(memory))


def _kept(memory: Memory | None) -> list[Asked]:
    return list((memory or {}).get("questions", ()))

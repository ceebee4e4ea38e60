"""What the platforms are called in the register, so that "Insta" does not become another platform than Instagram."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process, utils

from bot.filing.register import OPEN_FLOW, OTHER, Account
from knowledge.loader import Knowledge

NEAR = 80
"""Likeness (rapidfuzz ratio, 0 to 100) from which a platform's name is a misspelt one that is known."""
_STEP = "platform"


@dataclass(frozen=True)
class Platforms:
    """The names in use, and the other words for them."""

    names: frozenset[str]
    words: dict[str, str]

    def meant(self, written: str) -> str | None:
        """What a platform is called that was written otherwise; None where it is right, or a platform of its own."""
        if written in self.names:
            return None
        known = self.words.get(utils.default_process(written))
        if known is None:
            near = process.extractOne(
                written, sorted(self.names), scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=NEAR
            )
            known = near[0] if near else None
        return known


def platforms(knowledge: Knowledge, accounts: Iterable[Account]) -> Platforms:
    """Those of the register and of the checklist that opens an account, with the words that staff use for them."""
    own = knowledge.organisation.languages[0]
    flow = knowledge.flows.get(OPEN_FLOW)
    options = [o for s in (flow.steps if flow else ()) if s.id == _STEP for o in s.options if o.id != OTHER]
    words = {term.id: term.words.values() for term in knowledge.terms}
    found = {a.platform for a in knowledge.organisation.accounts} | {a.platform for a in accounts}
    said: dict[str, str] = {}
    for option in options:
        name = option.label.get(own) or next(iter(option.label.values()))
        found.add(name)
        for word in (option.id, *option.label.values(), *(w for group in words.get(option.id, ()) for w in group)):
            said.setdefault(utils.default_process(word), name)
    return Platforms(frozenset(found), said)

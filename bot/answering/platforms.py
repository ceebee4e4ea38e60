"""A platform's name says little of what is asked about it: some wordings are taught with other platforms' names, too.

"Our LinkedIn was hacked" is about a hacked account. But nearly all wordings that name LinkedIn are about what it is
for, so that its name alone led there: of 1,890 such questions (eight matters, six platforms) 64 % found what was asked.
Taught so, 90 % do, and as many of all other questions as before.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from zlib import crc32

from bot.answering.index import OUTSIDE, Labelled

NAMES = ("Facebook", "Instagram", "Twitter", "YouTube", "LinkedIn", "TikTok", "Snapchat")
ABOUT_ONE = 0.4
"""A topic is about one platform when so large a share of its wordings names it: there the name says what is meant."""
EACH = 8
"""So many wordings of a topic in each language are taught with a platform's name."""

_NAMED = re.compile("|".join(NAMES), re.IGNORECASE)


def with_other_names(wordings: Iterable[Labelled]) -> list[Labelled]:
    """Further wordings, made of those of each topic that is not about one platform.

    Which ones, and which name each gets, depends on the wording alone: a change of one leaves others' vectors valid.
    """
    topics: dict[str, list[Labelled]] = defaultdict(list)
    for wording in wordings:
        topics[wording.label].append(wording)
    found: list[Labelled] = []
    for label, group in topics.items():
        if not label.startswith(OUTSIDE) and not _about_one(group):
            found += _further(group)
    return found


def _about_one(group: list[Labelled]) -> bool:
    return any(sum(name.lower() in w.text.lower() for w in group) >= ABOUT_ONE * len(group) for name in NAMES)


def _further(group: list[Labelled]) -> Iterator[Labelled]:
    languages: dict[str, list[Labelled]] = defaultdict(list)
    for wording in sorted(group, key=lambda w: crc32(w.text.encode())):
        languages[wording.language].append(wording)
    for listed in languages.values():
        for wording in listed[:EACH]:
            name = NAMES[crc32(wording.text.encode()) % len(NAMES)]
            named = _NAMED.search(wording.text)
            text = wording.text.replace(named[0], name) if named else f"{wording.text} {name}"
            yield Labelled(text, wording.label, wording.language)

"""What is kept of a message that was not answered, for reviewers to read: a question, without the names of people.

A person types answers too, after a dialogue has ended or beside it: names, numbers, commands. None of that is a
question about the guideline, and it may tell who somebody is. It is better to lose a question than to keep a person.
"""

from __future__ import annotations

import re

from bot.commands import change_asked, command
from bot.dialogue.phrases import ASKS, asking, said_yes, unknown, who
from knowledge.loader import Knowledge

LEAST = 3
"""Words of a question; shorter ones are answers, names and commands more often than not."""
PLAIN = 6
"""Words from which a message counts as a question without a word or mark that makes it one."""
MARK = "[…]"
_WORD = re.compile(r"[^\W\d_]+(?:[-'’:][^\W\d_]+)*")
_NUMBER = re.compile(r"(?<!\w)\d(?:[\d .,:/-]*\d)?(?!\w)")
_NAME = re.compile(r"[^\W\d_a-zåäö][a-zåäöé]+(?:-[^\W\d_a-zåäö][a-zåäöé]+)*(?::?[a-zåäö]+)?")
_NAMES = re.compile(rf"(?<![\w-]){_NAME.pattern}(?:[ \t]+{_NAME.pattern})+(?![\w-])")


def kept(text: str, knowledge: Knowledge) -> str:
    """The question as reviewers may read it; empty where it does not read as one."""
    said = " ".join(text.split())
    words = [word.lower() for word in _WORD.findall(said)]
    if len(words) < LEAST or command(said) or change_asked(said) or who(said) or unknown(said):
        return ""
    asks = "?" in said or asking(words[0]) or bool(ASKS & set(words[1:4]))
    if not asks and (len(words) < PLAIN or said_yes(said) is not None):
        return ""
    return _NUMBER.sub(_figures, _NAMES.sub(lambda found: _unnamed(found[0], knowledge), said))


def _figures(found: re.Match[str]) -> str:
    """Up to three figures are a paragraph or an age; more may be anybody's."""
    return found[0] if sum(c.isdigit() for c in found[0]) <= 3 else MARK


def _unnamed(run: str, knowledge: Knowledge) -> str:
    """Words with capitals that follow each other are a name, but for a question's first word and what is known."""
    words = run.split()
    first = [words.pop(0)] if asking(words[0].lower()) else []
    if len(words) < 2 or any(_known(word.lower(), knowledge) for word in words):
        return run
    return " ".join([*first, MARK])


def _known(word: str, knowledge: Knowledge) -> bool:
    """Whether a word is one of the field (a platform), or of the organisation's name."""
    names = {part for name in knowledge.organisation.name.values() for part in name.lower().split()}
    terms = (form for term in knowledge.terms for forms in term.words.values() for form in forms)
    return word in names or any(word == f[1:] if f.startswith("=") else word.startswith(f) for f in terms)

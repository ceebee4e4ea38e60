"""What somebody tells where a step offers choices ("it's a photo of two kids"): no question, and no choice yet.

Which choice is meant is asked, never assumed; what was told is kept for the step that asks for it in words.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answering.features import Concepts
from bot.answering.text import plain, words
from bot.dialogue.replies import Refusal, as_written, option
from bot.messages import Outgoing
from knowledge.flows import Step, StepType

if TYPE_CHECKING:
    from bot.dialogue.talk import Talk

FEWEST_WORDS = 3
"""Words from which a text tells something; fewer are a choice that was not understood."""
SHORTEST = 4
"""Characters of a word that a label and a statement may share."""
_CHOSEN = ("refused-choice", "refused-yes-no")


def heard(talk: Talk, refusal: Refusal, text: str) -> list[Outgoing] | None:
    """What is said to a statement that is no answer to a step of choices; None: it is none."""
    step = talk.asked()
    if step is None or refusal.message not in _CHOSEN or len(words(plain(text))) < FEWEST_WORDS:
        return None
    meant = _suggested(step, text, Concepts(talk.answers.knowledge.terms)) if step.options else None
    said = [talk.notice("needs-option" if step.options else refusal.message).text]
    if meant:
        label = next(talk.answers.in_language(o.label) for o in step.options if o.id == meant)
        said = [talk.notice("meant-option", label=label).text]
    later = _asks_for_it(talk, step)
    if later:
        talk.session.remember(as_written(text))
        said.append(talk.notice("kept-for-later", question=talk.answers.in_language(later.ask)).text)
    shown = talk.show()
    talk.session.wait("option" if meant else "refused", meant or "")
    return [replace(shown[0], text="\n\n".join([" ".join(said), shown[0].text])), *shown[1:]]


def _suggested(step: Step, text: str, concepts: Concepts) -> str | None:
    """The one option that shares most of what the text speaks of; None where none or several do."""
    spoken = _marks(text, concepts)
    shared = Counter[str]()
    for one in step.options:
        marks = set().union(*(_marks(label, concepts) for label in one.label.values()))
        shared[one.id] = len(marks & spoken)
    (best, most), *others = shared.most_common()
    return best if most and (not others or others[0][1] < most) else None


def _marks(text: str, concepts: Concepts) -> set[str]:
    """The concepts of a text, and its longer words that name none."""
    found = set()
    for word in words(plain(text)):
        named = concepts.of(word)
        found |= {f"§{name}" for name in named}
        if not named and len(word) >= SHORTEST:
            found.add(word)
    return found


def _asks_for_it(talk: Talk, step: Step) -> Step | None:
    """The next question that wants an answer in sentences."""
    steps, known = talk.flow.steps, talk.applying()
    later = steps[[s.id for s in steps].index(step.id) + 1 :]
    wanted = (s for s in later if s.type is StepType.LONG_TEXT and s.id in known)
    return next((s for s in wanted if s.id not in talk.session.answers), None)


def agreed(talk: Talk, text: str) -> str | None:
    """The option that was asked about, if the text is not itself one of the options ("Yes, everybody")."""
    step, pending = talk.asked(), talk.session.pending or {}
    if step is None or talk.session.waiting != "option" or option(step, text, talk.language):
        return None
    meant = str(pending.get("text", ""))
    return meant if any(o.id == meant for o in step.options) else None

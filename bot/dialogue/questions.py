"""Whether what is typed while a dialogue is open is an answer to its step, or a question beside it."""

from __future__ import annotations

from bot.answering.text import plain, words
from bot.answers import Reading
from bot.commands import Command
from bot.dialogue.phrases import asks, said_yes
from bot.dialogue.replies import FREE, Answer, Refusal, read_reply, secret
from bot.dialogue.talk import Talk

NO_ANSWER_AT_ALL = ("refused-choice", "refused-yes-no", "refused-confirm", "refused-date", "refused-number",
                    "refused-address", "refused-summary", "refused-long")  # fmt: skip
"""Refusals of what may have been something else than an answer."""
ITS_ANSWER = {"svar", "mitt svar", "ett svar", "svaret", "vastaus", "vastaukseni", "answer", "my answer", "an answer"}
ITS_QUESTION = {"fråga", "en fråga", "frågar", "kysymys", "kysyn", "question", "a question", "asking"}
"""What people write when asked which of the two their text was."""


def reply_to(waiting: str | None, text: str) -> str | None:
    """The verb that a typed reply stands for while something else than the step is asked; None: it is no such reply."""
    said = said_yes(text)
    if waiting in ("cancel", "again") and said is not None:
        return f"{waiting}-{'yes' if said else 'no'}"
    if waiting == "start" and said is not None:
        return "start" if said else "show"
    if waiting == "either":
        word = plain(text).lower().strip(" .!")
        if said or word in ITS_ANSWER:
            return "mine"
        return "ask" if word in ITS_QUESTION else None
    return None


def is_answer(talk: Talk, text: str) -> bool:
    """Whether a text is surely meant as the answer: it names an option, or is what a step of few answers takes."""
    step = talk.asked()
    return step is not None and step.type not in FREE and isinstance(talk.readable(text), Answer)


def answers_step(talk: Talk, text: str, known: Command) -> bool:
    """Whether a command that is not of the dialogue ("ok thanks", "Finnish") is rather the answer that is asked."""
    step = talk.asked()
    if step is None:
        return False
    if step.type in FREE:
        return not known.exact
    return isinstance(read_reply(step, text, talk.language), Answer)


def is_question(reading: Reading | None, text: str, refusal: Refusal) -> bool:
    """Whether a text that is no answer is a question; what was nearly an answer (too early a day) is none.

    What is told is no question, however well a topic would fit it.
    """
    if refusal.message not in NO_ANSWER_AT_ALL or not reading or not reading.parts or len(words(text)) < 3:
        return False
    return asks(text)


def could_be_question(talk: Talk, reading: Reading | None, text: str) -> bool:
    """Whether a text that would do as an answer may have been meant as a question."""
    step = talk.asked()
    if step is None or len(words(text)) < 3 or secret(step, text):
        return False
    if step.type not in FREE and not isinstance(read_reply(step, text, talk.language), Answer):
        return False
    if any(plain(label).lower() == plain(text).lower() for o in step.options for label in o.label.values()):
        return False
    if text.rstrip().endswith("?"):
        return True
    return bool(reading and reading.parts and reading.parts[0].likely) and asks(text)

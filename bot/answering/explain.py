"""Why a question gets its answer: for `someguide explain`, and for whoever edits wordings."""

from __future__ import annotations

from collections.abc import Iterator

from bot.answering.answerer import Answerer, Calibration, Understood
from bot.answering.features import Concepts
from bot.answering.index import SIGNALS
from bot.answering.languages import foreign
from bot.answering.text import plain, words
from knowledge.models import Language


def explanation(answerer: Answerer, question: str, setting: Language | None) -> Iterator[str]:
    """Lines of text: what was read, each candidate with each signal, the thresholds, the decision."""
    knowledge, index, calibration = answerer.knowledge, answerer.index, answerer.calibration
    text = index.repaired(plain(question))
    language = index.language(text, setting or knowledge.organisation.languages[0])
    concepts = Concepts(knowledge.terms)
    yield f"read as    {text}"
    yield f"language   {language.value}"
    for word in words(text):
        named = ", ".join(sorted(concepts.of(word)))
        yield f"word       {word}" + (f"  → {named}" if named else "")
    understood = answerer.understand(question)
    yield f"known      {understood.known:.2f} of the features (at least {calibration.known} is needed)"
    if answerer.embedder is None:
        yield "semantic   not in use"
    if foreign(text):
        yield "foreign    the words are of a language that Someguide does not speak"
    shown = SIGNALS[: len(understood.candidates[0].signals)] if understood.candidates else ()
    yield "candidate  " + f"{'topic':<32}{'prob.':>6}  " + "  ".join(f"{s:>12}" for s in shown)
    for candidate in understood.candidates:
        signals = "  ".join(f"{value:12.3f}" for value in candidate.signals)
        state = "" if candidate.outside or knowledge.answered(candidate.topic) else "  (silent)"
        yield f"           {candidate.topic:<32}{candidate.probability:6.2f}  {signals}{state}"
    weights = "  ".join(f"{w:12.3f}" for w in calibration.weights[: len(shown)])
    yield f"weights    {'':<38}  {weights}"
    yield from _outside(understood, calibration)
    yield (
        f"thresholds alone {calibration.alone}, answer {calibration.answer}, choose {calibration.choose}, "
        f"outside {calibration.outside}"
    )
    beside = f", with {', '.join(understood.beside)} beside it" if understood.beside else ""
    yield f"decision   {understood.decision.value} at {understood.probability:.2f}{beside}"


def _outside(understood: Understood, calibration: Calibration) -> Iterator[str]:
    """How surely the classifiers of what is outside say so (above 0), each with its weight."""
    if understood.scores is None:
        return
    said = zip(("words", "meaning"), understood.scores.outside, calibration.outside_weights, strict=False)
    listed = ", ".join(f"{name} {score:.2f} times {weight}" for name, score, weight in said)
    yield f"outside    {listed}, and {calibration.outside_bias} for all kinds of it"

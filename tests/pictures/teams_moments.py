"""What people meet in Teams, as cards: a whole municipality plays it through, and the cards that it sent are kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from adapters.teams.elements import FIELD
from bot.answers import Answers
from bot.messages import Kind
from bot.organisations import Organisations
from knowledge.models import Language
from tests.adapters.teams.test_teams_whole import answer_to
from tests.adapters.teams.town import REVIEW, Town, act, open_town, personal, thread
from tests.fakes.teams_cards import data_of, parts

Card = dict[str, Any]
LOCALE = {Language.SV: "sv-FI", Language.FI: "fi-FI", Language.EN: "en-GB"}
SAID = {
    "welcome": {Language.SV: "hej", Language.FI: "hei", Language.EN: "hello"},
    "answer": {
        Language.SV: "Får jag publicera en bild på en kollega?",
        Language.FI: "Saanko julkaista kuvan työkaverista?",
        Language.EN: "May I publish a photo of a colleague?",
    },
    "handover": {
        Language.SV: "Vad kostar det att parkera på torget?",
        Language.FI: "Mitä pysäköinti torilla maksaa?",
        Language.EN: "What does parking at the square cost?",
    },
}
HOME = {Language.SV: "hem", Language.FI: "koti", Language.EN: "home"}
ANSWERS = yaml.safe_load(Path(__file__).with_name("teams_answers.yaml").read_text(encoding="utf-8"))
"""What is written into the steps, by language and step."""
CHECKLIST = "flow:open-account"
PEOPLE_ASKED = "vara"
"""An organisation whose checklist asks for people."""


async def moments(organisations: Organisations, language: Language) -> dict[str, Card]:
    """The main cards of one language, by what they are."""
    found: dict[str, Card] = {}
    async for town in open_town(organisations):
        for name, said in SAID.items():
            await _say(town, "anna", said[language], language)
            found[name] = town.cards(_chat("anna"))[-1]
        await _say(town, "anna", _vague(town, language), language)
        found["choose"] = town.cards(_chat("anna"))[-1]
        for who in ("rita", "olle"):
            await _say(town, who, SAID["welcome"][language], language)
        await _checklist(town, language, found)
        await _reviewed(town, language, found)
    async for town in open_town(organisations, teams_organisation=PEOPLE_ASKED):
        await _person(town, language, found)
    return found


def _vague(town: Town, language: Language) -> str:
    """A word of some topic that could mean two or three things."""
    answerer = town.service.organisations.answerer("hango")
    labels = [topic.label.get(language, "") for topic in answerer.knowledge.topics.values()]
    tried = dict.fromkeys(" ".join(label.split()[at : at + 2]) for at in (0, 1, 2) for label in labels)
    return next(said for said in tried if Answers(answerer, language).question(said).kind is Kind.CHOOSE)


async def _person(town: Town, language: Language, found: dict[str, Card]) -> None:
    """The first step that asks for a person."""
    await town.press("anna", {"action": CHECKLIST, "language": language.value})
    while "step-person" not in found:
        shown = town.cards(_chat("anna"))[-1]
        if any("choices.data" in one for one in parts(shown, "Input.ChoiceSet")):
            found["step-person"] = shown
        data, inputs = answer_to(shown)
        await town.press("anna", data, **inputs)


async def _say(town: Town, who: str, text: str, language: Language) -> None:
    await town.send(who, "message", personal(who), text=text, locale=LOCALE[language])


def _chat(who: str) -> str:
    return str(personal(who)["id"])


async def _checklist(town: Town, language: Language, found: dict[str, Card]) -> None:
    """From its first step over a section as a form to the summary, and filed."""
    await town.press("anna", {"action": CHECKLIST, "language": language.value})
    kinds: dict[str, Callable[[Card], bool]] = {
        "step-text": lambda c: bool(parts(c, "Input.Text")) and not parts(c, "Input.ChoiceSet"),
        "step-list": lambda c: any(i["id"].startswith("pick_") for i in parts(c, "Input.ChoiceSet")),
        "step-buttons": lambda c: not parts(c, "Input."),
        "step-boxes": lambda c: any(i.get("isMultiSelect") for i in parts(c, "Input.ChoiceSet")),
    }
    for _ in range(80):
        shown = town.cards(_chat("anna"))[-1]
        sending = [d for d in data_of(shown) if ":submit" in str(d.get("action"))]
        if sending:
            found["summary"] = shown
            await town.press("anna", sending[0])
            return
        for name, fits in kinds.items():
            if name not in found and fits(shown):
                found[name] = shown
        if "form" not in found and len(found) > len(SAID) + 3:
            await _form(town, shown, found)
        data, inputs = answer_to(shown)
        own = ANSWERS[language.value]
        await town.press("anna", data, **{n: own.get(n.removeprefix(FIELD), v) for n, v in inputs.items()})
    raise AssertionError("the checklist has no end")


async def _form(town: Town, shown: Card, found: dict[str, Card]) -> None:
    """The section at hand as a form, sent with nothing in it, and back to its steps."""
    wanted = [d for d in data_of(shown) if ":form:" in str(d.get("action"))]
    if not wanted:
        return
    await town.press("anna", wanted[0])
    found["form"] = form = town.cards(_chat("anna"))[-1]
    sends = next(a for a in form["actions"] if a.get("associatedInputs") == "auto")
    empty = {i["id"]: "" for i in parts(form, "Input.")}
    body = await town.press("anna", sends["data"], **empty)
    found["form-errors"] = body["value"]
    back = next(d for d in data_of(form) if str(d.get("action")).endswith(":show"))
    await town.press("anna", back)


async def _reviewed(town: Town, language: Language, found: dict[str, Card]) -> None:
    """What reviewers and the requester see of it, before and after it is taken."""
    found["review"] = town.review_card
    found["mine"] = [c for c in town.cards(_chat("anna")) if any("file" in d for d in data_of(c))][-1]
    await town.press("rita", act(town.review_card, "take"), thread(town))
    found["review-taken"] = town.review_card
    for who, name in (("anna", "home"), ("rita", "home-reviewer")):
        await _say(town, who, HOME[language], language)
        found[name] = town.cards(_chat(who))[-1]
    assert REVIEW in town.memory.messages

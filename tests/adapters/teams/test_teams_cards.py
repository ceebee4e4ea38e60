"""Every kind of message as an Adaptive Card: the official schema, Teams' rules, and text that stays text."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.teams.compose import result
from adapters.teams.elements import clean, size
from adapters.teams.press import press
from adapters.teams.render import BUDGET, activity, card, plain
from adapters.teams.spoken import fallback
from adapters.teams.texts import FOLDER
from bot.messages import Button, Entry, Field, Group, Input, Kind, Option, Outgoing, Person, Row, Source, Style
from knowledge.models import Language
from tests.clients import MISSING, installed
from tests.fakes.teams_cards import TEAMS_LIMIT, check, data_of, parts, renderer, shown, walk
from tests.fakes.teams_samples import HOSTILE, SAMPLES, everywhere, options, step

NAMES = sorted(SAMPLES)


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
    if outgoing.document:
        assert outgoing.document.reference in {d.get("file") for d in data_of(made)}
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
        assert data["thing"] == "session:1:step:x"
        assert not data.keys() & {"key", "ref", "children"}  # clients made with React lose a press that has these


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


def test_an_answered_step_is_said_once() -> None:
    made = card(SAMPLES["answered"])
    assert shown(made).count("Daghem") == 1
    assert fallback(SAMPLES["answered"]).count("Daghem") == 1
    assert [a["title"] for a in made["actions"]] == ["Ändra"]


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


def test_a_person_is_picked_or_written() -> None:
    """Picked from everybody in the organisation where Teams can do that; a name can be written everywhere."""
    made = card(SAMPLES["step-person"], chooser=Person("aad-anna", "Anna [x](https://evil.example)"))
    check(made)
    written, picked = parts(made, "Input.")
    assert (written["type"], written["id"]) == ("Input.Text", "f_who")
    assert (picked["type"], picked["id"]) == ("Input.ChoiceSet", "p_who")
    assert picked["choices.data"]["dataset"] == "graph.microsoft.com/users"
    assert picked["choices"] == [{"title": "Anna [x] (https://evil.example)", "value": "aad-anna"}]
    assert not written["isRequired"]
    assert not picked["isRequired"]
    assert "p_who" not in json.dumps(card(SAMPLES["step-person"]))


def test_what_stood_in_a_person_is_not_the_picked_ones_name() -> None:
    field = Field("who", "Vem?", Input.PERSON, value="Bo Berg")
    data = data_of(card(step(field), chooser=Person("aad-anna", "Anna")))[0]
    for typed, name in (("Bo Berg", ""), ("Eva", "Eva"), ("", "")):
        value = data | {"f_who": typed, "p_who": "aad-eva"}
        found = press({"value": {"action": {"data": value}}})
        assert found is not None
        assert found.form == {"who": {"id": "aad-eva", "name": name}}
    found = press({"value": {"action": {"data": data | {"f_who": "Bo Berg", "p_who": ""}}}})
    assert found is not None
    assert found.form == {"who": "Bo Berg"}


def test_a_new_question_of_a_form_says_so() -> None:
    made = card(
        Outgoing(Kind.FORM, Language.SV, "", fields=(Field("a", "Vad?", Input.TEXT, optional=True, fresh=True),))
    )
    assert parts(made, "Input.")[0]["label"] == "Vad? (frivilligt, ny fråga)"


@pytest.mark.parametrize(("count", "style"), [(4, "expanded"), (14, "compact")])
def test_an_option_that_goes_with_no_other_says_so(count: int, style: str) -> None:
    *others, last = (Option(f"o{n}", f"Val {n}") for n in range(count))
    field = Field("what", "Vad saknas?", Input.CHOICES, options=(*others, replace(last, alone=True)))
    for made in (card(step(field)), card(Outgoing(Kind.FORM, Language.FI, "", fields=(field,)))):
        check(made)
        asked = parts(made, "Input.ChoiceSet")[0]
        assert asked["style"] == style
        titles = [c["title"] for c in asked["choices"]]
        assert titles[-1] in (
            f"Val {count - 1} (bara för sig, inte med de andra)",
            f"Val {count - 1} (vain yksinään, ilman muita)",
        )
        assert titles[:-1] == [f"Val {n}" for n in range(count - 1)]


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


# -- what is repeated, and what is many ------------------------------------------------------------------------------


def test_a_document_is_named_once_with_its_places() -> None:
    places = ("Part one, point 4", "Part one, point 5", "Part one, point 5", "Other", "Part one, point 6")
    sources = tuple(Source("Guideline", "2024-01-01", place, f"x/{n}") for n, place in enumerate(places))
    sources += (Source("Other guideline", None, "Whole", "y/1"),)
    outgoing = replace(SAMPLES["answer"], sources=sources)
    lines = [line for line in shown(card(outgoing)).split("\n") if line.startswith(("Guideline", "Other"))]
    assert lines == [
        "Guideline (2024-01-01), Part one, point 4; point 5; Other; Part one, point 6",
        "Other guideline, Whole",
    ]
    assert "Källa: Other guideline, Whole" in fallback(outgoing)


def test_what_stands_out_is_in_sight_however_many_buttons_there_are() -> None:
    reasons = tuple(Button(f"Reason {n}", f"r:1:reason{n}", reason=f"Why {n}?") for n in range(7))
    decide = Button("Approve", "r:1:approve", Style.PRIMARY)
    made = card(replace(SAMPLES["request"], buttons=(*reasons, Button("History", "r:1:history"), decide)))
    check(made)
    assert len(made["actions"]) == 6
    titles = [a["title"] for a in made["actions"]]
    assert titles[:5] == ["Reason 0", "Reason 1", "Reason 2", "Reason 3", "Approve"]
    more = made["actions"][5]["card"]
    assert not parts(more["body"], "Action.ShowCard")  # a client unfolds only at a card's top
    assert not any(i["isRequired"] for i in parts(more, "Input."))
    asked = {i["id"]: i["label"] for i in parts(more, "Input.")}
    assert list(asked.values()) == ["Why 4?", "Why 5?", "Why 6?"]
    for data in data_of(more):
        if data.get("reason"):
            assert asked[data["reason"]].removeprefix("Why ")[0] == data["action"][-1]


@pytest.mark.skipif(installed() is None, reason=MISSING)
@pytest.mark.parametrize("text", ["", *HOSTILE])
def test_the_official_renderer_objects_to_no_card(text: str) -> None:
    """Not with hostile text either: what is refused is not shown, and what is not shown cannot be answered."""
    drawing = renderer()
    assert drawing is not None
    for name, outgoing in SAMPLES.items():
        made = card(everywhere(outgoing, text) if text else outgoing, chooser=Person("aad-anna", "Anna"))
        assert drawing.objections(made) == [], name


@pytest.mark.skipif(installed() is None, reason=MISSING)
def test_the_official_renderer_does_object() -> None:
    drawing = renderer()
    assert drawing is not None
    for broken in ({"type": "Nope"}, {"type": "Input.Text"}, {"type": "TextBlock", "text": "x", "size": "huge"}):
        assert drawing.objections({"type": "AdaptiveCard", "version": "1.5", "body": [broken]})

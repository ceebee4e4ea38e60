"""Everything that can be said, drawn within Slack's limits, with nothing of people's words coming alive."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from adapters.slack import limits, press, views
from adapters.slack.blocks import words as rich
from adapters.slack.render import messages, render, spoken
from adapters.slack.texts import FOLDER
from bot.messages import (
    Button,
    Choice,
    ContactCard,
    Document,
    Entry,
    Field,
    Group,
    Input,
    Kind,
    Option,
    Outgoing,
    Row,
    Source,
    Style,
)
from knowledge.models import Language, Verdict
from tests.fakes import slack_limits
from tests.fakes.slack_people import words

SV = Language.SV
HOSTILE = [
    "<!channel> <!here> <!everyone>",
    "<@U0ANNA> <#C0GEN|general> <!subteam^S1|@chefer>",
    "<https://evil.example|https://kommunen.se>",
    "*fet* _kursiv_ ~struken~ `kod` ```block``` &gt; citat",
    "[länk](https://evil.example) ![bild](x)",
    "javascript:alert(1) data:text/html,x",
    "&lt;!channel&gt; &amp;amp;",
    "a\u202egpj.exe\u2066x\u2069 \u200b\u200c\u200d\ufeff",
    "e" + "\u0301" * 500,
    "\x00\x07\x1b[31mröd\x1b[0m",
    "👩‍👩‍👧‍👦🏳️‍🌈" * 40,
    "\ud800 ensam",
    "ord " * 5000,
    "x" * 40_000,
    "\n" * 500 + "slut",
    "<" * 3000,
    "| > # - 1. =SUM(A1)",
    ":wave: :+1: :bomb:",
    "mailto:<a@b.se|c@d.se> <tel:112|ring>",
]


def refused(outgoing: Outgoing) -> list[str]:
    """What Slack, and the models of its SDK, would refuse."""
    found = []
    for message in messages(outgoing):
        found += slack_limits.message(message)
        for block in Block.parse_all(json.loads(json.dumps(message["blocks"]))):
            block.validate_json()
    for view in drawn(outgoing):
        found += slack_limits.view(view)
        View(**json.loads(json.dumps(view))).validate_json()
    return found


def drawn(outgoing: Outgoing) -> list[dict[str, Any]]:
    """The views of a message, whatever its kind."""
    found = [views.home(outgoing, page) for page in (0, 1, 99)]
    return [*found, views.form(outgoing, "C0GEN", "1.1"), views.told(outgoing.language, "x", outgoing.text)]


TEXT = st.one_of(st.text(max_size=400), st.sampled_from(HOSTILE))
ACTION = st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=255)
NAME = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=40)
BUTTON = st.builds(Button, TEXT, ACTION, st.sampled_from(Style), st.none() | TEXT)
ROW = st.builds(Row, TEXT, TEXT, st.none() | BUTTON, TEXT, st.booleans())
OPTIONS = st.lists(st.builds(Option, NAME, TEXT, st.just("") | ACTION), max_size=130, unique_by=lambda o: o.value)
VALUE = st.one_of(TEXT, st.just("2027-02-30"), st.just("2027-02-03"), st.just("7"), st.tuples(NAME, NAME))
FIELD = st.builds(
    Field,
    NAME,
    TEXT,
    st.sampled_from(Input),
    TEXT,
    VALUE,
    OPTIONS.map(tuple),
    st.booleans(),
    TEXT,
    st.integers(1, 5000),
)
SOURCE = st.builds(
    Source, TEXT, st.none() | TEXT, TEXT, NAME, st.none() | st.just("https://kommunen.se/a?b=1&c=2") | TEXT
)
CHOICE = st.builds(Choice, NAME, TEXT)
GROUP = st.builds(
    Group,
    TEXT,
    st.lists(st.builds(Entry, TEXT, TEXT, st.lists(BUTTON, max_size=3).map(tuple)), max_size=9).map(tuple),
    TEXT,
)


def some(what: st.SearchStrategy[Any], most: int = 6) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(what, max_size=most).map(tuple)


OUTGOING = st.builds(
    Outgoing,
    kind=st.sampled_from(Kind),
    language=st.sampled_from(Language),
    text=TEXT,
    verdict=st.none() | st.sampled_from(Verdict),
    sources=some(SOURCE, 14),
    contact=st.none() | st.builds(ContactCard, TEXT, TEXT, TEXT, st.just("a@kommunen.se")),
    choices=some(CHOICE),
    related=some(CHOICE),
    suggestions=some(TEXT, 5),
    title=TEXT,
    progress=TEXT,
    rows=some(ROW, 30),
    field=st.none() | FIELD,
    fields=st.lists(FIELD, max_size=12, unique_by=lambda f: f.name).map(tuple),
    submit=st.none() | BUTTON,
    buttons=some(BUTTON, 30),
    groups=some(GROUP, 4),
    document=st.none() | st.builds(Document, TEXT, NAME, NAME),
)


@settings(max_examples=60, deadline=None)
@given(OUTGOING)
def test_whatever_is_said_slack_takes_it(outgoing: Outgoing) -> None:
    assert refused(outgoing) == []


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("kind", list(Kind))
def test_peoples_words_do_nothing(kind: Kind, text: str) -> None:
    button = Button("Ok", "a", reason=text)
    outgoing = Outgoing(
        kind,
        SV,
        text.replace("https://", "x "),  # an address in full may be pressed, as in any message that a person writes
        title=text,
        progress=text,
        rows=(Row(text, text, button, text, True),),
        field=Field("f", text, Input.TEXT, text, text, error=text),
        fields=(Field("f", text, Input.TEXT, text, text, error=text), Field("g", text, Input.LONG_TEXT, text, text)),
        groups=(Group(text, (Entry(text, text, (button,)),), text),),
        choices=(Choice("t", text),),
        contact=ContactCard(text.replace("https://", "x ")),
        buttons=(button,),
    )
    assert refused(outgoing) == []
    for message in messages(outgoing):
        assert slack_limits.active(message) == []
    for view in [*drawn(outgoing), views.reason(press.Press(SV, "a", reason=text[:300]))]:
        assert slack_limits.view(view) == []
        assert slack_limits.active(view) == []


def test_addresses_can_be_pressed_and_are_shown_in_full() -> None:
    contact = ContactCard("Kommunikation", email="info@nykvarn.se")
    text = "Se https://nykvarn.se/a?b=1. Fråga: info@nykvarn.se (http://gammal.se, javascript:x)"
    outgoing = Outgoing(Kind.ANSWER, SV, text, contact=contact)
    assert slack_limits.active(render(outgoing))[:2] == ["https://nykvarn.se/a?b=1", "mailto:info@nykvarn.se"]
    assert len(slack_limits.active(render(outgoing))) == 3  # and once more in the line with the contact


def test_an_answer_says_everything_in_words() -> None:
    answer = Outgoing(
        Kind.ANSWER,
        Language.EN,
        "Only with consent.",
        verdict=Verdict.CONDITIONAL,
        sources=(
            Source("Riktlinje", "2024-05", "Bilder", "a/1", "https://x.se/r"),
            Source("Riktlinje", "2024-05", "Bilder", "a/2"),
            Source("Bilaga", None, "Barn", "a/3"),
        ),
        contact=ContactCard("Communications", "Kim", "08 1", "kim@x.se"),
        related=(Choice("t", "Children"),),
        buttons=(Button("Helpful", "h:1"), Button("Ask communications", "h:2", Style.PRIMARY)),
    )
    message = render(answer)
    assert message["text"] == (
        "It depends.\nOnly with consent.\nSource: Riktlinje (2024-05), Bilder\nSource: Bilaga, Barn\n"
        "Ask: Kim, Communications · 08 1 · kim@x.se"
    )
    shown = words(message)
    for part in ("It depends", "Only with consent.", "Riktlinje (2024-05), Bilder", "Kim, Communications", "Children"):
        assert part in shown
    assert shown.count("Bilder") == 1


def test_places_in_one_document_stand_on_one_line() -> None:
    places = [("Riktlinje", "2024", "1. Bilder"), ("Bilaga", None, "Barn"), ("Riktlinje", "2024", "2. <Film>")]
    found = tuple(Source(*place, f"a/{n}") for n, place in enumerate(places * 2))
    shown = render(Outgoing(Kind.ANSWER, SV, "Ja.", sources=found))
    assert shown["text"] == "Ja.\nKälla: Riktlinje (2024), 1. Bilder; 2. &lt;Film&gt;\nKälla: Bilaga, Barn"
    linked = (replace(found[0], url="https://x.se/1"), replace(found[2], url="https://x.se/2?a=1&b=2"))
    (block,) = [b for b in render(Outgoing(Kind.ANSWER, SV, "Ja.", sources=linked))["blocks"] if b["type"] == "context"]
    assert block["elements"][0]["text"] == (
        "Källa: Riktlinje (2024), <https://x.se/1|1. Bilder>; <https://x.se/2?a=1&amp;b=2|2. &lt;Film&gt;>"
    )
    many = tuple(Source("Riktlinje", None, f"Avsnitt {n} " + "x" * 90, "a", f"https://x.se/{n}") for n in range(40))
    assert refused(Outgoing(Kind.ANSWER, SV, "Ja.", sources=many)) == []


def test_points_of_one_chapter_name_it_once() -> None:
    places = ("Instruktion för närvaro, punkt 5", "Frågor?", "Instruktion för närvaro, punkt 12.1", "Bilder, film")
    found = tuple(Source("Handbok", None, place, place) for place in (*places, "Handbok", "Bilder, ljud"))
    shown = render(Outgoing(Kind.ANSWER, SV, "Ja.", sources=found))
    said = "Källa: Handbok, Instruktion för närvaro, punkt 5; punkt 12.1; Frågor?; Bilder, film; Bilder, ljud"
    assert shown["text"] == f"Ja.\n{said}"
    assert spoken(shown["blocks"]) == f"Ja.\n{said}"
    itself = (Source("Handbok", "2024", "Handbok", "a"),)
    assert render(Outgoing(Kind.ANSWER, SV, "Ja.", sources=itself))["text"] == "Ja.\nKälla: Handbok (2024)"


def test_a_step_on_a_phone() -> None:
    field = Field("f", "När?", Input.DATE, help="Så att vi hinner.", error="Det har varit.")
    step = Outgoing(Kind.STEP, SV, "När?\n\nSå att vi hinner.", title="Öppna konto", progress="5 av 16", field=field)
    shown = words(render(step))
    assert shown.splitlines()[:2] == ["Öppna konto · 5 av 16", "⚠️ Det har varit."]
    assert shown.count("Så att vi hinner.") == 1


def test_long_texts_are_parted_and_nothing_is_lost() -> None:
    text = "\n\n".join(f"Stycke {n}. " + "Ord och ord. " * 30 for n in range(60))
    made = messages(Outgoing(Kind.ANSWER, SV, text, buttons=(Button("Ok", "a"),)))
    assert len(made) > 1
    together = "".join(words(m) for m in made)
    assert all(f"Stycke {n}." in together for n in range(60))
    assert "Ok" in words(made[0])
    assert "Resten finns i tråden" in words(made[0])


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("longest", [24, 75, 150, 3000])
def test_cutting(text: str, longest: int) -> None:
    assert slack_limits.length(limits.cut(text, longest)) <= longest
    assert all(slack_limits.length(part) <= longest for part in limits.parts(text, longest))


@given(st.text(), st.integers(2, 60))
def test_parts_keep_every_word(text: str, longest: int) -> None:
    assert "".join("".join(limits.parts(text, longest)).split()) == "".join(limits.clean(text).split())


def test_emoji_families_stay_together() -> None:
    assert limits.clean("👩‍👩‍👧‍👦 ja") == "👩‍👩‍👧‍👦 ja"
    assert limits.clean("a\u200db\u202ec") == "abc"
    assert limits.clean("rad\r\nrad\u2028rad") == "rad\nrad\nrad"


@given(st.lists(ACTION, min_size=1, max_size=20, unique=True))
def test_actions_are_parted_and_put_together(actions: list[str]) -> None:
    found = press.split(actions)
    if found is None:
        return
    assert [found[0] + own for own in found[1]] == actions
    assert len(found[0]) <= 255
    assert all(0 < len(own) <= 150 for own in found[1])


@given(ACTION, st.sampled_from(Language), TEXT)
def test_a_press_carries_its_action_and_language(action: str, language: Language, reason: str) -> None:
    found = press.read(press.of_button(Button("x", action, reason=reason), language))
    assert found
    assert (found.action, found.language) == (action, language)


@pytest.mark.parametrize(
    "value", [None, "", "x", "[]", "{}", '{"l":"de"}', '{"l":"sv","a":1}', '{"l":"sv","p":"x"}', "[" * 9999]
)
def test_foreign_values_are_nothing(value: object) -> None:
    assert press.read(value) is None
    assert press.metadata(value) is None or value == '{"l":"sv","p":"x"}'


def _messages(language: Language) -> Iterator[str]:
    for line in (FOLDER / f"{language.value}.ftl").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split(" = ")[0]


def test_the_same_sentences_in_three_languages() -> None:
    assert list(_messages(Language.SV)) == list(_messages(Language.FI)) == list(_messages(Language.EN))


def test_no_text_is_no_block() -> None:
    assert rich("") == rich(" \n\u200b") == []
    assert render(Outgoing(Kind.NOTICE, SV, ""))["blocks"]

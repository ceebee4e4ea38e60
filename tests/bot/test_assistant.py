"""Whole turns: what a person gets for what they write."""

from __future__ import annotations

import pytest

from bot.answering.answerer import Candidate, Decision, Understood
from bot.answers import Answers, Reading, essential
from bot.messages import Incoming, Kind, Outgoing, Person
from bot.organisations import Organisations
from bot.texts import say
from knowledge.loader import UnknownOrganisation
from knowledge.models import Language, Verdict
from tests.conftest import Talker, lexical_answerer

ORGANISATIONS = ["aanekoski", "hango", "kyrkslatt", "nykvarn", "vara"]
LANGUAGES = list(Language)
CHILD = {
    Language.SV: "Får jag publicera en bild på ett barn?",
    Language.FI: "Saanko julkaista kuvan lapsesta?",
    Language.EN: "May I publish a photo of a child?",
}
WORDS = {
    "hello": {Language.SV: "hej", Language.FI: "moi", Language.EN: "hello"},
    "help": {Language.SV: "hjälp", Language.FI: "apua", Language.EN: "help"},
    "thanks": {Language.SV: "Tack!", Language.FI: "Kiitos!", Language.EN: "Thank you!"},
    "contact": {Language.SV: "Vem ska jag fråga?", Language.FI: "Keneltä kysyn?", Language.EN: "Whom do I ask?"},
    "guideline": {Language.SV: "vilken riktlinje", Language.FI: "mikä ohje tämä on", Language.EN: "which guideline"},
    "change": {Language.SV: "på svenska", Language.FI: "suomeksi", Language.EN: "in English"},
}
everywhere = pytest.mark.parametrize("org", ORGANISATIONS)
in_each = pytest.mark.parametrize("language", LANGUAGES)


def say_to(
    assistant: Talker,
    org: str,
    text: str = "",
    *,
    language: Language | None = None,
    choice: str | None = None,
    who: str = "test",
) -> Outgoing:
    outgoing = assistant.handle(Incoming(org, who, text, language, choice))
    assert outgoing.text.strip()
    return outgoing


def spoken(organisations: Organisations, org: str, language: Language) -> Language:
    """The language itself, or the organisation's own where the organisation does not have it."""
    languages = organisations.knowledge(org).organisation.languages
    return language if language in languages else languages[0]


def test_all_five_organisations_are_there(organisations: Organisations) -> None:
    assert set(ORGANISATIONS) <= set(organisations.ids)


def test_an_unknown_organisation_names_the_known_ones(lexical: Talker) -> None:
    with pytest.raises(UnknownOrganisation, match=r"'nowhere'.*aanekoski"):
        lexical.handle(Incoming("nowhere", "x", "hej"))


@in_each
def test_a_photo_of_a_child_in_aanekoski(assistant: Talker, language: Language) -> None:
    outgoing = say_to(assistant, "aanekoski", CHILD[language])
    assert outgoing.kind is Kind.ANSWER
    assert outgoing.language is language
    assert outgoing.verdict in (Verdict.NO, Verdict.CONDITIONAL)
    assert "aanekoski/kuvauslupa-2" in [s.passage for s in outgoing.sources]
    assert outgoing.contact is not None
    assert outgoing.contact.line() in outgoing.text


@in_each
def test_vara_says_nothing_of_photos_and_names_a_person(assistant: Talker, language: Language) -> None:
    outgoing = say_to(assistant, "vara", CHILD[language], language=language)
    assert outgoing.kind in (Kind.SILENT, Kind.HANDOVER)
    assert outgoing.language is language
    assert outgoing.verdict is None
    assert outgoing.contact is not None
    assert outgoing.contact.line() in outgoing.text


@pytest.mark.parametrize(("setting", "asked"), [("sv", "fi"), ("fi", "en"), ("en", "sv")])
def test_the_answer_is_in_the_language_of_the_question(assistant: Talker, setting: str, asked: str) -> None:
    question = CHILD[Language(asked)]
    assert say_to(assistant, "aanekoski", question, language=Language(setting)).language == asked


@everywhere
@in_each
@pytest.mark.parametrize("name", ["hello", "help", "thanks"])
def test_small_talk(lexical: Talker, organisations: Organisations, org: str, language: Language, name: str) -> None:
    outgoing = say_to(lexical, org, WORDS[name][language])
    reply = spoken(organisations, org, language)
    assert (outgoing.kind, outgoing.language) == (Kind.HELP, reply)
    assert not outgoing.sources
    assert [*outgoing.suggestions] == [say(reply, f"example-{n}") for n in (1, 2, 3)]
    if name == "thanks":
        assert outgoing.text == say(reply, "thanks")
    else:
        assert organisations.knowledge(org).organisation.name[reply] in outgoing.text
        assert all(s in outgoing.text for s in outgoing.suggestions)


@everywhere
@in_each
def test_whom_do_i_ask(lexical: Talker, organisations: Organisations, org: str, language: Language) -> None:
    outgoing = say_to(lexical, org, WORDS["contact"][language])
    assert outgoing.language is spoken(organisations, org, language)
    assert outgoing.contact is not None
    assert outgoing.contact.line() in outgoing.text


@everywhere
@in_each
def test_which_guideline(lexical: Talker, organisations: Organisations, org: str, language: Language) -> None:
    outgoing = say_to(lexical, org, WORDS["guideline"][language])
    document = organisations.knowledge(org).documents[0]
    assert outgoing.language is spoken(organisations, org, language)
    assert document.title in outgoing.text
    assert document.date is None or document.date in outgoing.text


@everywhere
@in_each
def test_a_change_of_language_is_kept(lexical: Talker, org: str, language: Language) -> None:
    other = next(lang for lang in LANGUAGES if lang is not language)
    changed = say_to(lexical, org, WORDS["change"][language], language=other)
    assert changed.language is language
    assert changed.text == say(language, "language-changed")
    later = say_to(lexical, org, "", language=other)
    assert later.language is language
    elsewhere = say_to(lexical, org, "", language=other, who="another")
    assert elsewhere.language is other


def test_a_change_of_language_holds_for_one_organisation_only(lexical: Talker) -> None:
    say_to(lexical, "aanekoski", "in English")
    assert say_to(lexical, "vara", "").language is not Language.EN


@everywhere
@in_each
def test_the_welcome(lexical: Talker, organisations: Organisations, org: str, language: Language) -> None:
    outgoing = lexical.welcome(org, language)
    assert (outgoing.kind, outgoing.language) == (Kind.HELP, spoken(organisations, org, language))
    assert outgoing.suggestions


@everywhere
def test_an_empty_message_gets_an_example(lexical: Talker, org: str) -> None:
    outgoing = say_to(lexical, org, " \n ")
    assert outgoing.kind is Kind.HELP
    assert outgoing.suggestions[0] in outgoing.text


class TestChoices:
    QUESTION = "Saanko julkaista kuvan lapsesta?"

    def offered(self, hesitant: Talker) -> Outgoing:
        outgoing = say_to(hesitant, "aanekoski", self.QUESTION, language=Language.FI)
        assert outgoing.kind is Kind.CHOOSE
        assert 2 <= len(outgoing.choices) <= 3
        assert len({c.label for c in outgoing.choices}) == len(outgoing.choices)
        return outgoing

    @pytest.mark.parametrize("written", ["2", " 2. ", "2)"])
    def test_by_number(self, hesitant: Talker, written: str) -> None:
        wanted = self.offered(hesitant).choices[1]
        assert say_to(hesitant, "aanekoski", written, language=Language.FI).topic == wanted.topic

    def test_by_label(self, hesitant: Talker) -> None:
        wanted = self.offered(hesitant).choices[1]
        assert say_to(hesitant, "aanekoski", wanted.label.upper(), language=Language.FI).topic == wanted.topic

    def test_by_button(self, hesitant: Talker) -> None:
        wanted = self.offered(hesitant).choices[1]
        outgoing = say_to(hesitant, "aanekoski", wanted.label, language=Language.FI, choice=wanted.topic)
        assert (outgoing.topic, outgoing.sources) == (wanted.topic, wanted.sources)
        assert wanted.text in outgoing.text

    def test_none_of_these(self, hesitant: Talker) -> None:
        self.offered(hesitant)
        outgoing = say_to(hesitant, "aanekoski", language=Language.FI, choice="none")
        assert outgoing.kind is Kind.HANDOVER
        assert outgoing.contact is not None

    @pytest.mark.parametrize("number", ["0", "9", "99999999999999999999"])
    def test_a_number_that_was_not_offered(self, hesitant: Talker, number: str) -> None:
        offered = self.offered(hesitant)
        assert say_to(hesitant, "aanekoski", number).topic not in {c.topic for c in offered.choices}

    def test_another_conversation_has_its_own_choices(self, hesitant: Talker) -> None:
        self.offered(hesitant)
        assert say_to(hesitant, "aanekoski", "1", who="another").kind is not Kind.ANSWER

    @in_each
    def test_a_choice_that_is_no_more(self, lexical: Talker, language: Language) -> None:
        outgoing = say_to(lexical, "aanekoski", language=language, choice="no-such-topic")
        assert outgoing.kind is Kind.HELP
        assert say(language, "stale-choice") in outgoing.text
        assert outgoing.contact is not None

    def test_another_organisations_own_topic_is_no_choice(self, lexical: Talker, organisations: Organisations) -> None:
        theirs = organisations.knowledge("aanekoski").own_topics - set(organisations.knowledge("vara").topics)
        outgoing = say_to(lexical, "vara", choice=min(theirs))
        assert outgoing.kind is Kind.HELP
        assert not outgoing.sources


@everywhere
def test_every_topic_can_be_chosen(lexical: Talker, organisations: Organisations, org: str) -> None:
    known = organisations.knowledge(org)
    for topic in known.topics:
        for language in known.organisation.languages:
            outgoing = say_to(lexical, org, choice=topic, language=language)
            assert outgoing.language is language
            assert (outgoing.kind is Kind.ANSWER) == known.answered(topic)
            assert bool(outgoing.sources) == (topic in known.guidance)
            assert outgoing.contact is not None
            assert {c.topic for c in outgoing.related} <= set(known.topics) - {topic}


def test_two_questions_in_one_message(lexical: Talker) -> None:
    text = "Kuka saa perustaa uuden some-tilin? Pitääkö jokaiseen kommenttiin vastata?"
    outgoing = say_to(lexical, "aanekoski", text)
    assert outgoing.kind is Kind.ANSWER
    assert say(outgoing.language, "also", number=1) in outgoing.text
    assert [c.topic for c in outgoing.choices] == ["open-account"] or len(outgoing.choices) == 1
    follow = say_to(lexical, "aanekoski", "1")
    assert follow.topic == outgoing.choices[0].topic


@pytest.mark.parametrize(
    ("text", "unread", "first"),
    [
        ("Kuka saa perustaa uuden some-tilin? Ihan muuta juttua vai? Pitääkö jokaiseen kommenttiin vastata?", 2, 1),
        ("Ihan muuta juttua vai? Kuka saa perustaa uuden some-tilin? Pitääkö jokaiseen kommenttiin vastata?", 1, 2),
        ("Kuka saa perustaa uuden some-tilin? Ok? Pitääkö jokaiseen kommenttiin vastata?", 0, 1),
    ],
)
def test_a_question_that_is_not_answered_is_named(
    organisations: Organisations, lexical: Talker, monkeypatch: pytest.MonkeyPatch, text: str, unread: int, first: int
) -> None:
    answerer = lexical_answerer(organisations)("aanekoski")
    understood = answerer.understand

    def unsure_of_one(question: str) -> Understood:
        if "juttua" not in question or question == text:
            return understood(question)
        return Understood(Decision.CHOOSE, (Candidate("photo-children", 0.3, ()),), 0.3, 1.0)

    monkeypatch.setattr(answerer, "understand", unsure_of_one)
    outgoing = Answers(answerer, Language.FI).question(text)
    said = say(Language.FI, "unread", count=1, listed=str(unread))
    assert (said in outgoing.text) == bool(unread)
    assert outgoing.text.endswith(say(Language.FI, "also", number=first)), "right above what can be chosen"


def test_who_comes_back_is_greeted_in_the_language_last_spoken(lexical: Talker) -> None:
    def greeted(language: Language | None = None) -> list[Outgoing]:
        return lexical.greeting(Incoming("vara", "web:eva", language=language, person=Person("web:eva", "Eva")))

    assert [(m.kind, m.language) for m in greeted()] == [(Kind.HELP, Language.SV)]
    for text in ("open an account", "The library"):
        lexical.replies(Incoming("vara", "web:eva", text, person=Person("web:eva", "Eva")))
    back, step = greeted()
    assert (back.language, step.kind) == (Language.EN, Kind.STEP)
    assert f"question {step.progress}." in back.text
    assert step.progress.startswith("2 of ")
    assert all(message.private for message in (back, step))
    lexical.replies(Incoming("vara", "web:eva", "pause", person=Person("web:eva", "Eva")))
    assert [(m.kind, m.language) for m in greeted()] == [(Kind.HELP, Language.EN), (Kind.HOME, Language.EN)]
    assert [(m.kind, m.language) for m in greeted(Language.FI)] == [
        (Kind.HELP, Language.FI),
        (Kind.HOME, Language.FI),
    ]


def test_a_failure_inside_is_said_and_does_not_end_the_conversation(
    lexical: Talker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("bot.answers.Answers.answer", lambda *_: 1 / 0)
        outgoing = say_to(lexical, "vara", "Får jag svara?", language=Language.SV)
    assert outgoing.text == say(Language.SV, "error")
    assert outgoing.contact is not None
    assert say_to(lexical, "vara", "hej").kind is Kind.HELP


@in_each
def test_what_an_unsure_question_may_also_be_about_stands_under_the_answer(
    organisations: Organisations, language: Language
) -> None:
    answerer = organisations.answerer("vara")
    candidates = (Candidate("account-logo", 0.6, ()), Candidate("account-logins", 0.3, ()))
    unsure = Understood(Decision.ANSWER, candidates, 0.6, 1.0, beside=("account-logins",))
    outgoing = Answers(answerer, language).answer(Reading("logo", (unsure,)))
    guidance = answerer.knowledge.guidance["account-logins"]
    alone = Answers(answerer, outgoing.language).chosen("account-logo")
    other = outgoing.related[0]
    assert other.topic == "account-logins"
    assert outgoing.text.startswith(alone.text)
    assert f"– {other.label}: {essential(guidance.text[outgoing.language])}" in outgoing.text
    passages = [source.passage for source in outgoing.sources]
    assert passages[: len(alone.sources)] == [source.passage for source in alone.sources]
    assert set(guidance.passages) <= set(passages)


def test_the_essential_is_a_sentence_that_says_something() -> None:
    assert essential("Yes. Ask the child's guardian first. Then post.") == "Yes. Ask the child's guardian first."
    assert essential("Ask the child's guardian first. Then post.") == "Ask the child's guardian first."

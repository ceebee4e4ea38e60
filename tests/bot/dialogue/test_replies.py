"""What people write at each type of step: what is understood, what is refused, and what is never kept or logged."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from structlog.testing import capture_logs

from bot.dialogue.days import day
from bot.dialogue.phrases import corrected, named_self, said_yes
from bot.dialogue.replies import Answer, Refusal, as_written, read_reply, read_value, still_fits
from bot.messages import Incoming, Kind, Person
from bot.privacy import identity_number, password, without_numbers
from bot.texts import say
from knowledge.flows import FlowKind, Step, StepType
from knowledge.models import Language
from tests.bot.dialogue.walking import NO, ORGANISATIONS, TODAY, YES, good_reply, known, talk
from tests.conftest import Talker

SV, FI, EN = Language.SV, Language.FI, Language.EN
OPTIONS = [
    {"id": "facebook", "label": {"sv": "Facebook", "fi": "Facebook", "en": "Facebook"}},
    {"id": "site", "label": {"sv": "Vår webbplats", "fi": "Verkkosivumme", "en": "Our website"}},
    {"id": "none", "label": {"sv": "Ingen av dem", "fi": "Ei kumpikaan", "en": "Neither of them"}},
]


def step(kind: StepType, **more: object) -> Step:
    options = OPTIONS if kind in (StepType.CHOICE, StepType.CHOICES) else ()
    text = {"sv": "Vad?", "fi": "Mitä?", "en": "What?"}
    given_more = {"options": options, "ask": text, "help": text, "passages": ("x/y",), **more}
    return Step.model_validate({"id": "asked", "type": kind, **given_more})


BAD = {
    "empty": "",
    "spaces": " \t\r\n ",
    "20,000 characters": "Saako kuvan julkaista " * 910,
    "20,000 of one character": "a" * 20_000,
    "20,000 figures": "9" * 20_000,
    "20,000 combining marks": "a" + "\u0301" * 20_000,
    "emoji": "😀🎉👩‍👩‍👧🇫🇮",
    "control": "\x00\x01\x1b[31mkuva\x07\x7f\x9f",
    "bidi": "\u202ekuva\u202c \u2066lapsi\u2069 \u200b\u200d\ufeff",
    "lone surrogate": "kuva \ud800 lapsi",
    "html": "<script>alert('kuva')</script><img src=x onerror=alert(1)>",
    "yaml": "- !!python/object/apply:os.system ['true']\n? *a\n: &a [*a]",
    "slack": "<@U123ABC> <#C1|yleinen> <https://example.com|kuva> *lihava* :smile: <!channel>",
    "template": "{ $organisation } {{ 7*7 }} ${7*7} %s %(x)s {accounts}",
    "script address": "javascript:alert(1)",
    "numbers": "1234567890 " * 50,
    "fraction": "1e999",
}
SECRETS = {
    "Finnish number": "131052-308T",
    "Finnish number in a sentence": "Asiakas 131052-308T kuvassa",
    "Swedish number": "19811218-9876",
    "Swedish number, short": "811218-9876",
    "named password": "lösenord: Hemlig7kod",
    "Finnish password": "salasana on Kissa-123!",
    "English password": "the password is Tr0ub4dor",
    "password with a year": "lösenordet är Sommar2024",
    "on a line of its own": "Biblioteket\nkX9#mPq2!z",
    "bare password": "kX9#mPq2!z",
    "PIN": "PIN-kod: 48211",
}


@pytest.mark.parametrize("kind", list(StepType))
@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_bad_input_at_every_step_type(kind: StepType, text: str) -> None:
    asked = step(kind)
    with capture_logs() as logs:
        for read in (read_reply(asked, text, FI, (), TODAY), read_value(asked, text, FI, TODAY)):
            if isinstance(read, Refusal):
                assert say(FI, read.message, **read.values).strip()
                assert text.strip() == "" or text.strip() not in say(FI, read.message, **read.values)
                continue
            kept = json.dumps(read.as_json())
            assert len(kept) < 3500 * 6
            written = json.loads(kept)["written"]
            assert not {c for c in written if c in "\x00\x1b\x7f\u202e\u2066\ud800"}
            kept.encode()
            written.encode()
    assert logs == []


@pytest.mark.parametrize("kind", [k for k in StepType if k not in (StepType.DATE, StepType.NUMBER)])
@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS.keys())
def test_secrets_are_refused_at_every_step_type(kind: StepType, secret: str) -> None:
    for read in (
        read_reply(step(kind), secret, SV, (), TODAY),
        read_value(step(kind), secret, SV, TODAY),
        *([read_value(step(kind), {"name": secret, "id": None}, SV, TODAY)] if kind is StepType.PERSON else []),
    ):
        assert isinstance(read, Refusal)
        assert read.secret
        assert secret not in say(SV, read.message, **read.values)


@pytest.mark.parametrize(
    "text",
    [
        "Lösenordet förvaras i kommunens lösenordshanterare.",
        "Password is kept by the IT department",
        "Salasana on vaihdettava kahdesti vuodessa",
        "Ring 0171-123 45 67 eller 08-555 100 00",
        "Diarienummer KS/2019:94, beslut 2019-01-25",
        "https://www.facebook.com/Nykvarn2024!kultur",
        "Familjecentralen, Bibblan & Mötesplats-22",
        "PIN behövs inte",
    ],
)
def test_what_only_speaks_of_secrets_is_kept(text: str) -> None:
    assert read_reply(step(StepType.LONG_TEXT), text, SV, (), TODAY) == Answer(text, text)
    assert not password(text)
    assert not identity_number(text)


def test_account_names_are_no_passwords() -> None:
    for name in ("@nykvarns_bad2", "Äänekoski_City2", "KommunenNykvarn1", "facebook.com/Skolan7"):
        assert read_reply(step(StepType.ADDRESS), name, SV, (), TODAY) == Answer(name, name)


def test_passwords_are_taken_out_of_what_is_kept_of_a_question() -> None:
    assert "Hemlig7kod" not in without_numbers("Är lösenordet Hemlig7kod bra?")
    assert without_numbers("Är lösenordet bra nog?") == "Är lösenordet bra nog?"


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(text=st.text(max_size=200), kind=st.sampled_from([k for k in StepType if k is not StepType.DATE]))
def test_any_text_is_an_answer_or_refused_in_words(text: str, kind: StepType) -> None:
    read = read_reply(step(kind), text, EN, (), TODAY)
    if isinstance(read, Refusal):
        assert say(EN, read.message, **read.values)
    else:
        assert json.dumps(read.as_json()).encode()
        if kind in (StepType.TEXT, StepType.LONG_TEXT):
            assert read.value == as_written(text)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (StepType.CHOICE, "fasebook", "facebook"),
        (StepType.CHOICE, "nr 2", "site"),
        (StepType.CHOICE, "webbplatsen", "site"),
        (StepType.CHOICE, "our web site", "site"),
        (StepType.CHOICE, "ingen", "none"),
        (StepType.CHOICES, "1 3", ["facebook", "none"]),
        (StepType.CHOICES, "facebok och vår webplats", ["facebook", "site"]),
        (StepType.CHOICES, "Facebook, Verkkosivumme", ["facebook", "site"]),
        (StepType.YES_NO, "Ja, det stämmer", "yes"),
        (StepType.YES_NO, "juu", "yes"),
        (StepType.YES_NO, "ei vielä", "no"),
        (StepType.YES_NO, "nope", "no"),
        (StepType.YES_NO, "👍", "yes"),
        (StepType.YES_NO, "2", "no"),
        (StepType.CONFIRM, "Jag bekräftar", "yes"),
        (StepType.CONFIRM, "Vahvistan", "yes"),
        (StepType.NUMBER, "12 inlägg", 12),
        (StepType.NUMBER, "noin 3", 3),
        (StepType.NUMBER, "2,5", 2.5),
        (StepType.ADDRESS, "https://www.vara.se/x", "https://www.vara.se/x"),
        (StepType.PERSON, "@Åsa Öhman", {"id": None, "name": "Åsa Öhman"}),
        (StepType.TEXT, " Bib\u202elio\x00teket ", "Biblioteket"),
    ],
)
def test_what_people_write(kind: StepType, text: str, value: object) -> None:
    read = read_reply(step(kind), text, SV, (), TODAY)
    assert isinstance(read, Answer), read
    assert read.value == value


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (StepType.CHOICE, "kanske", "refused-choice"),
        (StepType.CHOICE, "7", "refused-choice"),
        (StepType.CHOICES, "1, 9", "refused-choice"),
        (StepType.YES_NO, "kanske", "refused-yes-no"),
        (StepType.CONFIRM, "nej", "refused-confirm"),
        (StepType.DATE, "snart", "refused-date"),
        (StepType.DATE, "next year", "refused-date"),
        (StepType.DATE, "ensi kuussa", "refused-date"),
        (StepType.DATE, "31.2.2027", "refused-date"),
        (StepType.NUMBER, "många", "refused-number"),
        (StepType.NUMBER, "3-5", "refused-number"),
        (StepType.PERSON, "!!", "refused-person"),
        (StepType.PERSON, "min chef", "refused-person"),
        (StepType.PERSON, "ensi maanantai", "refused-person"),
        (StepType.PERSON, "Vi berättar i ett inlägg att kontot avslutas.", "refused-person"),
        (StepType.PERSON, "vet inte ännu", "refused-unknown"),
        (StepType.ADDRESS, "javascript:alert(1)", "refused-address"),
        (StepType.ADDRESS, "https://", "refused-address"),
        (StepType.ADDRESS, "https://facebook", "refused-address"),
        (StepType.ADDRESS, "htp:/facebook", "refused-address"),
        (StepType.ADDRESS, "www", "refused-address"),
        (StepType.ADDRESS, "en tiedä", "refused-unknown"),
        (StepType.TEXT, "😀", "refused-no-words"),
        (StepType.LONG_TEXT, "– – –", "refused-no-words"),
        (StepType.LONG_TEXT, "999999", "refused-no-words"),
        (StepType.TEXT, "1", "refused-no-words"),
        (StepType.LONG_TEXT, "I don't know", "refused-unknown"),
        (StepType.YES_NO, "en tiedä", "refused-unknown"),
        (StepType.YES_NO, "not sure", "refused-unknown"),
        (StepType.CHOICE, "no idea", "refused-unknown"),
        (StepType.DATE, "vet inte", "refused-unknown"),
    ],
)
def test_what_is_refused(kind: StepType, text: str, message: str) -> None:
    read = read_reply(step(kind), text, SV, (), TODAY)
    assert isinstance(read, Refusal)
    assert read.message == message


UNSURE = {"id": "unsure", "label": {"sv": "Vet inte", "fi": "En tiedä", "en": "I do not know"}}
ALONE = {
    "id": "nothing",
    "label": {"sv": "Inget av dem", "fi": "Ei mitään niistä", "en": "None of them"},
    "alone": True,
}


def test_an_option_may_say_that_one_does_not_know() -> None:
    read = read_reply(step(StepType.CHOICE, options=[*OPTIONS, UNSURE]), "vet inte", SV, (), TODAY)
    assert read == Answer("unsure", "vet inte")


@pytest.mark.parametrize("language", list(Language))
def test_none_of_them_goes_with_no_other(language: Language) -> None:
    asked = step(StepType.CHOICES, options=[*OPTIONS[:2], ALONE], least=2)
    label = ALONE["label"][language.value]  # type: ignore[index]
    for read in (
        read_reply(asked, f"Facebook, {label}", language, (), TODAY),
        read_value(asked, ["nothing", "site"], language, TODAY),
    ):
        assert isinstance(read, Refusal)
        assert label in say(language, read.message, **read.values)
    for read in (
        read_reply(asked, label, language, (), TODAY),
        read_value(asked, ["nothing"], language, TODAY),
        read_value(asked, "nothing", language, TODAY),
    ):
        assert isinstance(read, Answer)
        assert read.value == ["nothing"]
    assert not still_fits(asked, ["site", "nothing"])
    assert still_fits(asked, ["nothing"])
    assert still_fits(asked, ["facebook", "site"])


@pytest.mark.parametrize(
    ("kind", "options"),
    [(StepType.CHOICE, [*OPTIONS, ALONE]), (StepType.CHOICES, [OPTIONS[0], ALONE])],
    ids=["of one choice", "of two options"],
)
def test_an_option_alone_must_have_others_that_go_together(kind: StepType, options: list[object]) -> None:
    with pytest.raises(ValidationError, match="alone"):
        step(kind, options=options)


@pytest.mark.parametrize(
    ("text", "rest", "denied"),
    [
        ("nej, jag menade 2", "2", True),
        ("no I meant Facebook", "Facebook", True),
        ("sorry, I meant 4 March", "4 March", True),
        ("tarkoitin Instagramia", "Instagramia", False),
        ("eiku 2", "2", True),
    ],
)
def test_a_correction_in_passing(text: str, rest: str, denied: bool) -> None:
    assert corrected(text) == (rest, denied)


@pytest.mark.parametrize("text", ["nej", "nej, inte än", "no", "ei vielä", "Instagram", "jag menade " + "x" * 80, ""])
def test_what_is_no_correction(text: str) -> None:
    assert corrected(text) is None


def test_limits_of_a_step() -> None:
    for bounded, text, message in (
        (step(StepType.TEXT, least=3, most=5), "ab", "refused-short"),
        (step(StepType.TEXT, least=3, most=5), "abcdef", "refused-long"),
        (step(StepType.NUMBER, least=1, most=7), "0", "refused-small"),
        (step(StepType.NUMBER, least=1, most=7), "8", "refused-large"),
        (step(StepType.CHOICES, least=2), "1", "refused-few"),
        (step(StepType.CHOICES, most=1), "1, 2", "refused-many"),
        (step(StepType.DATE, future=True), "3 mars 2020", "refused-past"),
        (step(StepType.DATE, past=True), "imorgon", "refused-ahead"),
    ):
        read = read_reply(bounded, text, SV, (), TODAY)
        assert isinstance(read, Refusal)
        assert read.message == message
        assert say(SV, read.message, **read.values)


def test_a_mention_is_the_person_whatever_the_text() -> None:
    anna = Person("slack:T1:U1", "Anna Andersson")
    read = read_reply(step(StepType.PERSON), "<@U1>", SV, (anna,), TODAY)
    assert isinstance(read, Answer)
    assert read.value == {"id": "slack:T1:U1", "name": "Anna Andersson"}


MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "language", "coming", "past"),
    [
        ("3.3.2027", SV, "2027-03-03", "2027-03-03"),
        ("2027-03-03", EN, "2027-03-03", "2027-03-03"),
        ("den 15 mars", SV, "2027-03-15", "2026-03-15"),
        ("20. marraskuuta", FI, "2027-11-20", "2026-11-20"),
        ("20.11.", FI, "2027-11-20", "2026-11-20"),
        ("1.1.27", FI, "2027-01-01", "2027-01-01"),
        ("29.2.", FI, "2028-02-29", "2024-02-29"),
        ("next Friday", EN, "2026-11-27", "2026-11-27"),
        ("nästa fredag", SV, "2026-11-27", "2026-11-27"),
        ("ensi perjantaina", FI, "2026-11-27", "2026-11-27"),
        ("maanantaina", FI, "2026-11-30", "2026-11-16"),
        ("i fredags", SV, "2026-11-20", "2026-11-20"),
        ("viime perjantaina", FI, "2026-11-20", "2026-11-20"),
        ("i går", SV, "2026-11-22", "2026-11-22"),
        ("eilen", FI, "2026-11-22", "2026-11-22"),
        ("toissapäivänä", FI, "2026-11-21", "2026-11-21"),
        ("i övermorgon", SV, "2026-11-25", "2026-11-25"),
        ("om två veckor", SV, "2026-12-07", "2026-12-07"),
        ("kahden viikon päästä", FI, "2026-12-07", "2026-12-07"),
        ("in a week", EN, "2026-11-30", "2026-11-30"),
        ("1 March 2027", EN, "2027-03-01", "2027-03-01"),
    ],
)
def test_days_as_people_write_them(text: str, language: Language, coming: str, past: str) -> None:
    found = [day(text, language, MONDAY, future=future) for future in (True, False)]
    assert found == [date.fromisoformat(coming), date.fromisoformat(past)]


def test_yes_and_no_in_three_languages() -> None:
    assert [said_yes(word) for word in YES.values()] == [True, True, True]
    assert [said_yes(word) for word in NO.values()] == [False, False, False]
    assert said_yes("biblioteket") is None


@pytest.mark.parametrize("organisation", ORGANISATIONS)
def test_a_checklist_of_n_steps_takes_at_most_n_plus_2_messages(lexical: Talker, organisation: str) -> None:
    flow = known(organisation).flows["open-account"]
    assert flow.kind is FlowKind.CHECKLIST
    language = known(organisation).organisation.languages[0]
    walked = talk(organisation, "open-account", language=language)
    walked.begin()
    sent, asked = 1, 0
    last = lexical.replies(Incoming(organisation, "web:n", flow.start[language][0]))
    while (following := walked.asked()) is not None:
        text, _, _ = good_reply(following, language, 2)
        text = {"clear-need": YES[language], "existing-reviewed": "1"}.get(following.id, text)
        assert isinstance(walked.reply(text), list)
        last = lexical.replies(Incoming(organisation, "web:n", text))
        sent, asked = sent + 1, asked + 1
        assert sent < 60
    assert last[-1].kind is Kind.SUMMARY
    assert len(last[-1].rows) == asked
    assert last[-1].buttons
    sent += 1  # the press on Submit
    assert sent <= asked + 2


@pytest.mark.parametrize("secret", ["131052-308T", "lösenord: Hemlig7kod"])
@pytest.mark.parametrize("broken", [False, True], ids=["works", "fails inside"])
def test_nothing_said_in_a_dialogue_is_logged(
    lexical: Talker, monkeypatch: pytest.MonkeyPatch, secret: str, broken: bool
) -> None:
    if broken:
        monkeypatch.setattr("bot.dialogue.talk.Talk.reply", lambda *_: 1 / 0)
    with capture_logs() as logs:
        lexical.handle(Incoming("vara", "web:s", "öppna konto"))
        said = lexical.replies(Incoming("vara", "web:s", f"Enheten för Eeva Esimerkki {secret}"))
    assert logs
    assert "Esimerkki" not in repr(logs)
    assert secret not in repr(logs) + repr(said)


@pytest.mark.parametrize("text", ["ja", "Joo!", "ok", "yes", "japp"])
def test_a_yes_is_no_text(text: str) -> None:
    for kind in (StepType.TEXT, StepType.LONG_TEXT):
        read = read_reply(step(kind), text, SV)
        assert isinstance(read, Refusal)
        assert read.message == "refused-only-yes"
    assert isinstance(read_reply(step(StepType.LONG_TEXT), f"{text} allt är sparat", SV), Answer)
    assert isinstance(read_reply(step(StepType.YES_NO), text, SV), Answer)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("jag och Lisa Ek", "Eva och Lisa Ek"),
        ("Jag", "Eva"),
        ("minä, Olli", "Eva, Olli"),
        ("me & Bo", "Eva & Bo"),
        ("jag tänker skriva", "jag tänker skriva"),
        ("i Vara", "i Vara"),
        ("I am here", "I am here"),
        ("Jagare och Bo", "Jagare och Bo"),
    ],
)
def test_who_names_themselves_in_a_text_is_named(text: str, named: str) -> None:
    assert named_self(text, "Eva") == named
    talking = talk("vara", "open-account", me=Person("web:eva", "Eva"))
    talking.begin()
    read = talking.readable(text)
    assert isinstance(read, Answer)
    assert read.value == named

"""Whatever is sent, something sensible comes back, and nothing of it is logged."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.messages import Incoming, Kind, Outgoing
from tests.conftest import Talker

BAD = {
    "empty": "",
    "spaces": " \t\r\n ",
    "20,000 characters": "Saako kuvan julkaista " * 910,
    "20,000 of one character": "a" * 20_000,
    "20,000 combining marks": "a" + "\u0301" * 20_000,
    "emoji": "😀🎉👩‍👩‍👧🇫🇮",
    "control": "\x00\x01\x1b[31mkuva\x07\x7f\x9f",
    "bidi": "\u202ekuva\u202c \u2066lapsi\u2069 \u200b\u200d\ufeff",
    "lone surrogate": "kuva \ud800 lapsi",
    "html": "<script>alert('kuva')</script><img src=x onerror=alert(1)>",
    "many brackets": "<" * 5_000,
    "entities": "&lt;b&gt;&amp;#0;&#x110000;&nbsp;",
    "yaml": "- !!python/object/apply:os.system ['true']\n? *a\n: &a [*a]",
    "slack": "<@U123ABC> <#C1|yleinen> <https://example.com|kuva> *lihava* :smile: <!channel>",
    "template": "{ $organisation } {{ 7*7 }} ${7*7} %s %(x)s",
    "numbers": "1234567890 " * 50,
    "german": "Darf ich morgen mit meinem Hund zur Arbeit kommen?",
    "arabic": "هل يمكنني إحضار كلبي إلى العمل غدا؟",
    "personal number": "Asiakkaan 131052-308T kuva, saako julkaista?",
    "phone number": "Soita 040 123 4567 ja kysy saako kuvan julkaista",
}
SECRETS = ["131052-308T", "19811218-9876", "040 123 4567", "+46 70 123 45 67", "eeva.esimerkki@example.com"]


def ask(assistant: Talker, text: str, org: str = "aanekoski") -> Outgoing:
    outgoing = assistant.handle(Incoming(org, "bad", text))
    assert isinstance(outgoing, Outgoing)
    assert outgoing.text.strip()
    return outgoing


def assert_works(logs: list[dict[str, object]]) -> None:
    assert "turn_failed" not in [entry["event"] for entry in logs]


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_bad_messages(lexical: Talker, text: str) -> None:
    with capture_logs() as logs:
        outgoing = ask(lexical, text)
    assert_works(logs)
    assert logs
    if text.strip():
        assert text.strip() not in outgoing.text
        assert text.strip() not in repr(logs)


@pytest.mark.parametrize("name", ["empty", "spaces", "emoji"])
def test_what_has_no_words_is_asked_for_a_question(lexical: Talker, name: str) -> None:
    assert ask(lexical, BAD[name]).kind is Kind.HELP


@pytest.mark.parametrize("name", ["german", "arabic"])
@pytest.mark.parametrize("org", ["aanekoski", "vara"])
def test_another_language_is_not_answered_wrongly(lexical: Talker, name: str, org: str) -> None:
    outgoing = ask(lexical, BAD[name], org)
    assert outgoing.kind is not Kind.ANSWER
    assert not outgoing.sources


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("broken", [False, True], ids=["works", "fails inside"])
def test_nothing_private_is_logged(lexical: Talker, monkeypatch: pytest.MonkeyPatch, secret: str, broken: bool) -> None:
    if broken:
        monkeypatch.setattr("bot.answers.Answers.answer", lambda *_: 1 / 0)
    with capture_logs() as logs:
        outgoing = ask(lexical, f"Kuvassa on Eeva Esimerkki, {secret}. Saako julkaista?")
    assert logs
    assert secret not in repr(logs)
    assert "Esimerkki" not in repr(logs)
    assert secret not in outgoing.text


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=st.text(max_size=300), org=st.sampled_from(["aanekoski", "kyrkslatt", "vara"]))
def test_any_text_gets_an_answer(lexical: Talker, text: str, org: str) -> None:
    with capture_logs() as logs:
        ask(lexical, text, org)
    assert_works(logs)
    assert all(set(entry) <= {"event", "log_level", "organisation", "kind", "topic"} for entry in logs)


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(choice=st.text(max_size=80))
def test_any_choice_gets_an_answer(lexical: Talker, choice: str) -> None:
    with capture_logs() as logs:
        outgoing = lexical.handle(Incoming("vara", "bad", "", None, choice))
    assert outgoing.text.strip()
    assert_works(logs)

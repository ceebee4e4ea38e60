"""What people type, read as what they mean."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.typed import meant, mentioned

NAMES = {"U1": "Anna Andersson", "W2": "Erik"}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Får jag?", "Får jag?"),
        ("<@U0BOT> får jag?", "får jag?"),
        ("<@U0BOT|someguide>: får jag?", ": får jag?"),
        ("fråga <@U1> eller <@W2>", "fråga Anna Andersson eller Erik"),
        ("<@U9> vet", "vet"),
        ("<@U9|kim> vet", "kim vet"),
        ("i <#C1|allmänt> och <#C2>", "i #allmänt och"),
        ("<!here> <!subteam^S1|@chefer> <!date^1^{date}|igår>", "@here @chefer igår"),
        ("<http://vara.se|vara.se>", "vara.se"),
        ("<https://vara.se/|vara.se>", "vara.se"),
        ("<https://vara.se/a?b=1&amp;c=2>", "https://vara.se/a?b=1&c=2"),
        ("<https://x.se|vår sida>", "vår sida (https://x.se)"),
        ("<mailto:a@b.se|a@b.se> <tel:+461|+46 1>", "a@b.se +46 1 (+461)"),
        ("bild &amp; film &lt;3 &gt; 2", "bild & film <3 > 2"),
        ("&amp;lt;", "&lt;"),
        ("*får* _jag_ ~inte~?", "får jag inte?"),
        ("*_får_ jag*", "får jag"),
        ("kontot vara_kommun_info och 2*3*4", "kontot vara_kommun_info och 2*3*4"),
        ("<https://x.se/_a_/*b*>", "https://x.se/_a_/*b*"),
        ("“citat” och ‘så’ och Linnés", "\"citat\" och 'så' och Linnés"),
        ("`kod *här*`", "kod *här*"),
        ("```\nkod &amp; _mer_\n```", "kod & _mer_"),
        ("före ```a``` efter", "före a efter"),
        ("&gt; citerat\nsvar", "citerat\nsvar"),
        (":+1:", "👍"),
        (":thumbsup::skin-tone-3:", "👍"),
        (":two:", "2"),
        ("hej :wave: där :slightly_smiling_face:", "hej där"),
        ("kl 10:30:45", "kl 10:30:45"),
        ("a: b: c", "a: b: c"),
        ("a\xa0b  c\n\n\nd", "a b c\n\n\nd"),
        ("<", "<"),
        ("<<@U1>>", "<Anna Andersson>"),
        ("<>", ""),
        ("", ""),
    ],
)
def test_what_is_meant(typed: str, said: str) -> None:
    assert meant(typed, lambda user: NAMES.get(user, ""), "U0BOT") == said


def test_who_is_named() -> None:
    assert mentioned("<@U1> <@W2|erik> <@U1> <@lower> <@> @U3") == ["U1", "W2"]


@given(st.text("<>@#!|&;*_~`: \n\\aU1http:/.", max_size=300))
def test_anything_can_be_typed(typed: str) -> None:
    meant(typed, lambda user: "", "U1")


@pytest.mark.parametrize("piece", ["<", "*", "`", "<@U1", ":a", "&gt;", "_a ", "```", "*a* ", "~*_"])
def test_nothing_takes_long(piece: str) -> None:
    began = time.process_time()  # of this process alone: a busy machine says nothing of it
    meant(piece * 20_000, lambda user: "", "U1")
    assert time.process_time() - began < 5  # a pattern that looks back over and over takes minutes

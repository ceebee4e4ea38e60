"""Sentences: where one ends, and where a full stop ends nothing."""

from __future__ import annotations

import pytest

from bot.answering.text import sentences


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Ask Nina, tel. 019 123. Then post.", ["Ask Nina, tel. 019 123.", "Then post."]),
        ("Kysy (puh. 019 123), esim. heti. Odota!", ["Kysy (puh. 019 123), esim. heti.", "Odota!"]),
        ("Till exempel t.ex. bilder. Nr. 3", ["Till exempel t.ex. bilder.", "Nr. 3"]),
        ("No. Ask first.", ["No.", "Ask first."]),
        ("Först\n\nsedan tel.", ["Först", "sedan tel."]),
        ("", []),
    ],
)
def test_an_abbreviation_ends_no_sentence(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts

"""A platform's name does not decide what a question is about, unless the question is about the platform."""

from __future__ import annotations

import pytest

from bot.answering.answerer import Decision, taught
from bot.answering.index import Labelled
from bot.answering.platforms import EACH, NAMES, with_other_names
from bot.organisations import Organisations
from knowledge import loader
from knowledge.models import Language

HACKED = [Labelled(f"vårt konto nummer {n} är hackat", "hacked") for n in range(20)]


def test_some_wordings_of_a_topic_are_taught_with_a_platform() -> None:
    further = with_other_names(HACKED)
    assert len(further) == EACH
    assert all(w.label == "hacked" and any(name in w.text for name in NAMES) for w in further)
    assert with_other_names(HACKED[::-1]) == further  # their order decides nothing
    assert len({*further} - {*with_other_names(HACKED[1:])}) <= 1  # and neither do the others


def test_a_name_is_put_in_the_place_of_another() -> None:
    named = Labelled("koulun facebookissa on vieras", "hacked", Language.FI)
    further = next(w for w in with_other_names([named, *HACKED]) if w.language is Language.FI)
    assert further.text in {f"koulun {name}issa on vieras" for name in NAMES}


def test_topics_about_one_platform_and_what_is_outside_are_left() -> None:
    assert with_other_names([Labelled("vad är LinkedIn till för", "linkedin-use")]) == []
    assert with_other_names([Labelled("vad blir det för mat", "outside:food")]) == []


@pytest.mark.parametrize("name", ["Facebook", "Instagram", "Twitter", "YouTube", "LinkedIn", "TikTok"])
@pytest.mark.parametrize(
    ("question", "topics"),
    [
        ("vem har lösenordet till vår {}?", {"account-logins", "password-storage", "password-sharing"}),
        ("arg kommentar på {}, svara eller inte", {"angry-comment", "answer-or-not"}),
        ("film med dagisbarn på {}", {"photo-children", "photo-recognisable"}),
        ("{} för musikskolan, hur startar man?", {"account-open", "account-apply"}),
    ],
)
def test_what_is_asked_of_a_platform_is_understood_whichever_it_is(
    organisations: Organisations, question: str, topics: set[str], name: str
) -> None:
    understood = organisations.answerer("nykvarn").understand(question.format(name))
    first, *others = (candidate.topic for candidate in understood.candidates[:3])
    offered = others if understood.decision is Decision.CHOOSE else understood.beside
    assert topics & {first, *offered}


def test_what_is_taught_is_more_than_what_is_written() -> None:
    known = loader.load("vara")
    written = sum(len(listed) for topic in known.topics.values() for listed in topic.wordings.values())
    assert len(taught(known)) > written

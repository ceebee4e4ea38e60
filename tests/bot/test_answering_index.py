"""The index and what is decided with it, on a small one made here; and the vectors that ship with Someguide."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.answerer import Answerer, Calibration, Candidate, Decision, fuse, index_place
from bot.answering.index import LEXICAL, SIGNALS, Labelled, TopicIndex, build
from bot.answering.semantic import SHIPPED, VectorCache, Vectors, shortened
from bot.answering.vectors import texts_of
from knowledge import loader
from knowledge.models import Language

MOST_MISSING = 0.03
"""So large a share of texts may lack a shipped vector: embedding them takes some seconds on a fresh clone."""

WORDINGS = [
    Labelled("får jag lägga ut bilder på barn", "photo"),
    Labelled("foto av elever på instagram", "photo"),
    Labelled("saako lapsen kuvan julkaista", "photo", Language.FI),
    Labelled("vem har lösenordet till kontot", "password"),
    Labelled("var sparas lösenord", "password"),
    Labelled("kuka tietää salasanan", "password", Language.FI),
    Labelled("vad blir det för mat i dag", "outside:food"),
    Labelled("mitä ruokaa tänään on", "outside:food", Language.FI),
]
SAID = [Labelled("Fråga vårdnadshavaren först.", "photo"), Labelled("Kommunikatören har lösenorden.", "password")]
SURE = Calibration((1.0,) * len(SIGNALS), (), 0.0, 0.95, 0.5, 0.02, 0.5, 0.35)


class Lengths:
    """Stands in for an embedder: a vector a text, made of its letters."""

    name = "letters"
    step: Vectors = np.full(8, 1 / 100, dtype=np.float32)
    asked = 0

    def embed(self, texts: list[str]) -> Vectors:
        """One row a text."""
        self.asked += len(texts)
        rows = np.array([[text.lower().count(c) for c in "aeioulsk"] for text in texts], dtype=np.float32)
        return np.asarray(rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1), dtype=np.float32)

    def embed_question(self, text: str) -> Vectors:
        """The row of one text."""
        return np.asarray(self.embed([text])[0], dtype=np.float32)


@pytest.fixture
def cache(tmp_path: Path) -> VectorCache:
    return VectorCache(tmp_path / "vectors.npz", tmp_path / "none")


def test_each_signal_gives_each_class_a_score(cache: VectorCache, tmp_path: Path) -> None:
    model = Lengths()
    index, meta = build(WORDINGS, SAID, (), model, cache)
    index.save(tmp_path / "index", meta)
    for found in (index, TopicIndex.load(tmp_path / "index", ())):
        assert found.scores("får jag lägga ut en bild", model).signals.shape == (len(SIGNALS), 3)
        assert found.scores("får jag lägga ut en bild").signals.shape == (LEXICAL, 3)
        scores = found.scores("vem har lösenord")
        assert scores.labels[int(scores.signals[0].argmax())] == "password"
        assert scores.known > 0.7 > found.scores("xyzzy qwqwq").known


def test_what_all_that_is_outside_has_in_common_is_weighed(cache: VectorCache) -> None:
    model = Lengths()
    index, _ = build(WORDINGS, SAID, (), model, cache)
    inside, outside = (index.scores(text, model) for text in ("får jag lägga ut en bild", "blir det mat snart"))
    assert outside.outside[0] > 0 > inside.outside[0]
    assert outside.outside.shape == (2,)
    assert index.scores("blir det mat snart").outside.shape == (1,)
    assert outside.labels[0] == "outside:food"
    without, weighed = (fuse(outside, replace(SURE, outside_weights=weights))[0] for weights in ((), (1.0,)))
    assert weighed > without


def test_an_index_needs_no_messages_that_are_outside(cache: VectorCache) -> None:
    model = Lengths()
    index, _ = build([replace(w, label=w.label.replace("outside:", "")) for w in WORDINGS], SAID, (), model, cache)
    scores = index.scores("vem har lösenord", model)
    assert fuse(scores, replace(SURE, outside_weights=(1.0, 1.0))).argmax() == scores.labels.index("password")


@given(st.text(max_size=400), st.integers(2, 60))
def test_a_shortened_question_is_its_beginning_and_its_end(text: str, most: int) -> None:
    def tokens(part: str) -> int:
        return len(re.findall(r"\S{1,3}", part))

    short = shortened(text, tokens, most)
    assert tokens(short) <= most
    assert short == text or any(
        text.lstrip().startswith(short[:at]) and text.endswith(short[at:]) for at in range(len(short) + 1)
    )


def test_of_a_story_its_question_is_kept() -> None:
    story = f"Igår var vi ute. {'Vi gick länge och såg mycket. ' * 20}Får jag visa barnen?"
    short = shortened(story, lambda t: len(t.split()), 10)
    assert short == "Igår var vi och såg mycket. Får jag visa barnen?"


def test_vectors_are_computed_once_and_kept(cache: VectorCache, tmp_path: Path) -> None:
    model, texts = Lengths(), ["alla", "elever", "alla"]
    first = cache.embed(texts, model)
    assert model.asked == 2
    again = VectorCache(tmp_path / "vectors.npz", tmp_path / "none").embed(texts, model)
    assert model.asked == 2
    assert np.array_equal(first, again)
    assert np.abs(first - model.embed(texts)).max() <= model.step[0]


def test_what_another_embedder_kept_is_not_used(cache: VectorCache, tmp_path: Path) -> None:
    cache.embed(["alla"], Lengths())
    other = Lengths()
    other.name = "other"
    VectorCache(tmp_path / "vectors.npz", tmp_path / "none").embed(["alla"], other)
    assert other.asked == 1


def test_nearly_all_vectors_ship_with_someguide(tmp_path: Path) -> None:
    texts = texts_of()
    missing = VectorCache(tmp_path / "none.npz").missing(texts)
    assert missing <= MOST_MISSING * len(texts), "run: python -m bot.answering.vectors"
    keys, vectors = np.load(SHIPPED / "keys.npy"), np.load(SHIPPED / "vectors.npy")
    assert len(keys) == len(vectors)
    assert (np.diff(keys.astype(object)) > 0).all()
    assert vectors.dtype == np.int8


@pytest.mark.parametrize(
    "question",
    ["Darf ich morgen mit meinem Hund zur Arbeit kommen?", "Можно ли публиковать фотографии?", "", "👍", "zzqx wqxz"],
)
def test_what_is_not_understood_is_handed_over(question: str) -> None:
    known = loader.load("vara")
    index, _ = build(WORDINGS, SAID, (), None)
    assert Answerer(known, index, calibration=SURE).understand(question).decision is Decision.HANDOVER


def test_an_index_is_built_anew_only_when_what_it_is_made_of_changes(tmp_path: Path) -> None:
    known = loader.load("vara")
    place = index_place(known, tmp_path, None)
    assert index_place(replace(known, flows={}, documents=()), tmp_path, None) == place
    assert index_place(replace(known, terms=known.terms[1:]), tmp_path, None) != place
    assert index_place(replace(known, outside=known.outside[1:]), tmp_path, None) != place
    assert index_place(known, tmp_path, Lengths()) != place


def deciding(*probabilities: tuple[str, float]) -> tuple[Decision, tuple[str, ...]]:
    """What is decided when topics of Vara are this probable, and which stand beside the first."""
    known = loader.load("vara")
    index, _ = build(WORDINGS, SAID, (), None)
    candidates = tuple(Candidate(topic, probability, ()) for topic, probability in probabilities)
    understood = Answerer(known, index, calibration=replace(SURE, answer=0.6)).decide(candidates, 1.0)
    return understood.decision, understood.beside


LOGO, LOGINS, MUSIC = "account-logo", "account-logins", "music-in-video"


def test_a_sure_answer_stands_alone() -> None:
    assert deciding((LOGO, 0.96), (LOGINS, 0.04)) == (Decision.ANSWER, ())


def test_the_runners_up_stand_beside_an_answer_that_is_not_sure() -> None:
    assert deciding((LOGO, 0.5), (LOGINS, 0.3), ("account-list", 0.01)) == (Decision.ANSWER, (LOGINS,))


def test_what_is_outside_or_silent_is_not_put_beside_an_answer() -> None:
    assert not loader.load("vara").answered(MUSIC)
    assert deciding((LOGO, 0.7), ("outside:food", 0.1), (MUSIC, 0.1)) == (Decision.ANSWER, ())


def test_together_too_unlikely_is_asked_back() -> None:
    assert deciding((LOGO, 0.3), (LOGINS, 0.2), ("outside:food", 0.2))[0] is Decision.CHOOSE

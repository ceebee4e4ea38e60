"""Clients that others wrote, as npm packages: the tests with them need node, and `npm ci --prefix tests/clients`.

They stand in one folder because several platforms' tests need them. The lock holds no registry's address.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

FOLDER = Path(os.environ.get("SOMEGUIDE_CLIENTS", str(Path(__file__).parent)))
"""The folder whose node_modules holds the packages; SOMEGUIDE_CLIENTS names another."""
MISSING = "node or its packages are not here: npm ci --prefix tests/clients"


def installed() -> Path | None:
    """The folder, where node and the packages are there."""
    return FOLDER if shutil.which("node") and (FOLDER / "node_modules").is_dir() else None

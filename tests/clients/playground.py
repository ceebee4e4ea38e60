"""Someguide as in Teams, without Microsoft: `make playground` starts the bot and the Agents Playground on it.

The bot takes messages without tokens, from this machine only, and keeps what it is told in a folder that is removed at
the end. Requests are reviewed in the Playground's team. Ctrl+C stops both.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.clients import MISSING, installed
from tests.fakes.teams_playground import CHANNEL, START, TENANT, Process, free_port


def settings(organisation: str, folder: Path, port: int) -> dict[str, str]:
    """What `someguide serve` is told."""
    tenant = {"organisation": organisation, "tenant": TENANT, "review_channel": CHANNEL}
    return {
        "SOMEGUIDE_TEAMS_ANONYMOUS": "true",
        "SOMEGUIDE_TEAMS_TENANTS": json.dumps([tenant]),
        "SOMEGUIDE_HOST": "127.0.0.1",
        "SOMEGUIDE_PORT": str(port),
        "SOMEGUIDE_DATABASE_URL": f"sqlite:///{folder / 'playground.db'}",
    }


@contextmanager
def bot(organisation: str) -> Iterator[int]:
    """The bot's port, as long as the block lasts. Raises RuntimeError when it does not start."""
    with tempfile.TemporaryDirectory(prefix="someguide-playground-") as folder:
        port = free_port()
        own = {name: value for name, value in os.environ.items() if not name.startswith("SOMEGUIDE_TEAMS_")}
        environment = own | settings(organisation, Path(folder), port)
        command = [str(Path(sys.executable).with_name("someguide")), "serve"]
        with subprocess.Popen(command, env=environment, cwd=folder) as process:
            try:
                _wait(f"http://127.0.0.1:{port}/healthz", process)
                yield port
            finally:
                process.terminate()


def _wait(url: str, process: subprocess.Popen[bytes] | None = None) -> None:
    """Until something answers there."""
    until = time.monotonic() + START
    while time.monotonic() < until and (process is None or process.poll() is None):
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(url, timeout=30).close()  # an address of this machine
            return
        time.sleep(0.3)
    raise RuntimeError("the bot did not start" if process else "the Playground did not start")


def main() -> None:
    """Runs both until Ctrl+C."""
    parser = argparse.ArgumentParser(prog="make playground", description=__doc__)
    parser.add_argument("--org", default="vara", help="the organisation (vara)")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    given = parser.parse_args()
    if installed() is None:
        sys.exit(MISSING)
    with contextlib.suppress(KeyboardInterrupt), bot(given.org) as port:
        playground = Process(f"http://127.0.0.1:{port}/api/messages")
        try:
            _wait(playground.url)
            print(f"The Agents Playground is at {playground.url}; stop it with Ctrl+C", flush=True)
            if not given.no_browser and _screen():
                webbrowser.open(playground.url)
            playground.wait()
        finally:
            playground.stop()


def _screen() -> bool:
    """Whether a browser could show it."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    main()

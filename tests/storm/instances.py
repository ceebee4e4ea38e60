"""Instances of the real `someguide serve`, each a process of its own: started, killed, and started again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections import Counter
from pathlib import Path

import aiohttp

START = 180.0
"""Seconds in which an instance must be ready: some on a quiet machine, far more on a busy one."""
TOLD = ("turn_failed", "reading_failed", "delivery_failed", "request_failed", "teams_failed", "worker_failed",
        "parked_untold")  # fmt: skip
"""What an instance writes into its log when something of ours went wrong, whatever the platform did."""


class Instance:
    """One process, always at the same address."""

    def __init__(self, number: int, environment: dict[str, str], folder: Path, hurried: bool) -> None:
        self.number = number
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.kills = 0
        self.up = False
        self._environment = environment
        self._folder = folder
        self._program = "tests.storm.hurried" if hurried else "bot"
        self._process: asyncio.subprocess.Process | None = None
        self.log = folder / f"instance-{number}.log"

    async def start(self) -> None:
        """Starts it; returns when it is ready. Raises RuntimeError with the end of its log when it does not come up."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", self._program, "serve", "--port", str(self.port),
                env=self._environment, cwd=self._folder, stdout=log, stderr=log,
            )  # fmt: skip
        until = time.monotonic() + START
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(10)) as session:
            while not await self._ready(session):
                if self._process.returncode is not None or time.monotonic() > until:
                    ended = self._process.returncode is not None
                    told = "\n".join(self.log.read_text(errors="replace").splitlines()[-30:])
                    raise RuntimeError(f"instance {self.number} {'ended' if ended else 'is not ready'}: {told}")
                await asyncio.sleep(0.1)
        self.up = True

    async def _ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.url}/readyz") as answer:
                return answer.status == 200
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False

    async def kill(self) -> None:
        """SIGKILL: nothing is finished, nothing is said."""
        self.up = False
        self.kills += 1
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Asks it to end, and waits."""
        self.up = False
        await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(how)
        try:
            await asyncio.wait_for(process.wait(), 60)
        except TimeoutError:
            process.kill()
            await process.wait()

    def wrongs(self) -> Counter[str]:
        """The faults of our own that its log tells of, by name and exception."""
        found: Counter[str] = Counter()
        for line in self.log.read_text(errors="replace").splitlines():
            try:
                told = json.loads(line)
            except ValueError:
                continue
            if isinstance(told, dict) and told.get("event") in TOLD:
                last = str(told.get("exception") or told.get("reason") or "").strip().splitlines()
                found[f"{told['event']}: {last[-1] if last else '?'}"[:300]] += 1
        return found


def environment(database: str, **more: str) -> dict[str, str]:
    """What an instance is set to; nothing of the settings of whoever runs the storm."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SOMEGUIDE_")}
    caches = {name: value for name, value in os.environ.items() if name == "SOMEGUIDE_CACHE_DIR"}
    root = str(Path(__file__).parents[2])
    own = {"SOMEGUIDE_DATABASE_URL": database, "SOMEGUIDE_LOG_JSON": "true", "PYTHONPATH": root}
    return kept | caches | own | more


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])

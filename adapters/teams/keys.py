"""Microsoft's signing keys, by which its messages are known.

Fetched with aiohttp, kept for a day and shared by all who wait: the SDK fetches them blocking, on the event loop.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from time import monotonic
from typing import Any

import aiohttp
import jwt
import structlog
from jwt.algorithms import RSAAlgorithm

from adapters.teams.contract import Refused

log = structlog.get_logger()

LAST = 24 * 3600.0
"""Seconds for which keys are good."""
ANEW = 300.0
"""Seconds before an unknown key makes us look again: Microsoft may have changed keys, or somebody makes them up."""
PAUSE = 30.0
"""Seconds between two tries while the keys cannot be fetched and those of before still serve."""
TIMEOUT = 4.0


class Key:
    """A signing key, as the SDK's validation wants it."""

    def __init__(self, key: dict[str, Any]) -> None:
        self.public_key = RSAAlgorithm.from_jwk(json.dumps(key))
        self.endorsements = key.get("endorsements", [])


class Keys:
    """The keys at an address. When a later fetch fails, those of before go on; `changed` is told of every new set."""

    def __init__(self, url: str, session: aiohttp.ClientSession, changed: Callable[[], None]) -> None:
        self._url = url
        self._session = session
        self._changed = changed
        self._keys: dict[str, Key] = {}
        self._fetched = self._tried = float("-inf")
        self._lock = asyncio.Lock()

    async def get(self, key_id: str | None) -> Key:
        """The key of that id. The SDK calls this. Raises Refused."""
        age = monotonic() - self._fetched
        wanted = age > LAST or (key_id not in self._keys and age > ANEW)
        if wanted and not (self._keys and monotonic() - self._tried < PAUSE):
            await self.fetch()
        found = self._keys.get(key_id or "")
        if found is None:
            raise Refused(401, "the token is signed with a key that is not Microsoft's")
        return found

    async def fetch(self) -> None:
        """Fetches the keys now, or waits for who is fetching them. Raises Refused when there are none."""
        asked = monotonic()
        async with self._lock:
            if self._fetched >= asked:
                return
            self._tried = monotonic()
            try:
                metadata = await self._json(self._url)
                listed = (await self._json(str(metadata["jwks_uri"])))["keys"]
                found = {key["kid"]: Key(key) for key in listed if key.get("kty") == "RSA"}
                if not found:
                    raise ValueError("no keys in it")
                self._keys, self._fetched = found, monotonic()
                self._changed()
            except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError, jwt.PyJWTError) as error:
                log.warning("teams_keys_not_fetched", reason=f"{type(error).__name__}: {error}")
                if not self._keys:
                    raise Refused(503, "Microsoft's keys could not be fetched") from None

    async def _json(self, url: str) -> dict[str, Any]:
        timeout = aiohttp.ClientTimeout(TIMEOUT)
        async with self._session.get(url, timeout=timeout) as response:
            response.raise_for_status()
            found = await response.json(content_type=None)
            return found if isinstance(found, dict) else {}

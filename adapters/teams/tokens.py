"""Tokens: the bot's own, with which it calls Teams, and what incoming ones say."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from time import time
from typing import Any

import jwt

from bot.channels import RetryLater

EARLY = 300.0
"""Seconds before its end that the bot's own token is renewed."""
TRUSTED = 300.0
"""Seconds for which a token that was found good is not looked at again."""
MOST = 2000


class OwnToken:
    """The bot's own token. The SDK's credentials know how to get one, but block; so they are asked in a thread."""

    def __init__(self, credentials: Any) -> None:
        self.credentials = credentials
        self._token = ""
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def get(self, refused: str = "") -> str:
        """A token that holds for some minutes, and another one than Teams has just refused. Raises RetryLater."""
        if not self.credentials.microsoft_app_id:
            return ""
        async with self._lock:
            if time() > self._until or (refused and refused == self._token):
                try:
                    self._token = await asyncio.to_thread(self.credentials.get_access_token)
                except Exception as error:  # whatever msal, requests or Microsoft may say
                    raise RetryLater(f"no token from Microsoft: {error}") from None
                self._until = expiry(self._token, time() + 2 * EARLY) - EARLY
            return self._token

    def forget(self) -> None:
        """The next one is asked for anew."""
        self._until = 0.0


class Trusted:
    """Incoming tokens that were found to be good, with all that they were found good for.

    Teams sends one token for about an hour; looking at its signature every time takes a good part of a turn.
    """

    def __init__(self) -> None:
        self._until: OrderedDict[str, float] = OrderedDict()

    def knows(self, *of: str) -> bool:
        """Whether a token is good for a channel and a service, as far as is known."""
        return self._until.get(_name(of), 0.0) > time()

    def add(self, authorization: str, *of: str) -> None:
        """Notes a token, for no longer than it holds."""
        self._until[_name((authorization, *of))] = min(time() + TRUSTED, expiry(authorization.partition(" ")[2], 0.0))
        while len(self._until) > MOST:
            self._until.popitem(last=False)

    def clear(self) -> None:
        """The keys have changed: everything is looked at again."""
        self._until.clear()


def _name(of: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(of).encode("utf-8", "replace")).hexdigest()


def expiry(token: str, otherwise: float) -> float:
    """When a token ends, in seconds since 1970; `otherwise` where it does not say so."""
    try:
        return float(jwt.decode(token, options={"verify_signature": False})["exp"])
    except (jwt.PyJWTError, KeyError, TypeError, ValueError):
        return otherwise


def issuer(authorization: str) -> str:
    """Who a token says it is from; nothing is believed of it, but others need not be looked at further."""
    scheme, _, token = authorization.partition(" ")
    try:
        claims = jwt.decode(token, options={"verify_signature": False}) if scheme == "Bearer" else {}
        return str(claims.get("iss", "")) if jwt.get_unverified_header(token).get("kid") else ""
    except (jwt.PyJWTError, ValueError, RecursionError):
        return ""

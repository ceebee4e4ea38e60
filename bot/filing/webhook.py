"""The webhook to a municipality's own system (e-service, records): a wire that posts each step of a request as JSON.

Signed as the Standard Webhooks specification says (https://www.standardwebhooks.com): `webhook-id` is the same whenever
a delivery is repeated, and `webhook-signature` is `v1,` and the base64 of the HMAC-SHA256 of "id.timestamp.body".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import asdict
from time import time
from urllib.parse import urlsplit

import aiohttp

from bot.channels import Address, Gone, RetryLater, TooBig
from bot.filing.destinations import Destinations
from bot.filing.document import Paper
from bot.filing.mail import Papers
from bot.messages import Outgoing

TIMEOUT = 15.0
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
LATER = frozenset({401, 403, 408, 409, 412, 423, 425, 429})
"""Refusals that may pass: too many, or a key or lock that is being mended. Tried again up to the outbox's ceiling."""


def signature(secret: str, once: str, timestamp: int, body: bytes) -> str:
    """What the receiver computes too. A secret as the specification writes it (whsec_…) is read as base64."""
    key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
    signed = hmac.new(key, f"{once}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def usable(url: str) -> bool:
    """Whether an address is safe enough for what people write: https, or this machine."""
    where = urlsplit(url)
    return where.scheme == "https" or where.hostname in LOOPBACK


def event(paper: Paper) -> bytes:
    """What is posted."""
    last = paper.history[-1]
    return json.dumps(
        {"type": f"request.{last.act}", "timestamp": last.at, "data": asdict(paper)}, ensure_ascii=False
    ).encode()


class WebhookWire:
    """Posts requests (bot.channels.Wire)."""

    def __init__(self, destinations: Destinations, papers: Papers, clock: Callable[[], float] = time) -> None:
        self._destinations = destinations
        self._papers = papers
        self._clock = clock

    async def send(
        self, address: Address, outgoing: Outgoing, before: Address | None, once: str, again: bool = False
    ) -> Address:
        """See bot.channels.Wire."""
        organisation = str(address["organisation"])
        settings = self._destinations.of(organisation)
        if not usable(settings.webhook_url):
            raise Gone("webhook: the address must begin with https://")
        assert outgoing.document is not None  # noqa: S101 - every message to a webhook has one
        body = event(await self._papers(organisation, outgoing.document))
        timestamp = int(self._clock())
        secret = settings.webhook_secret.get_secret_value()
        headers = {"content-type": "application/json", "webhook-id": once, "webhook-timestamp": str(timestamp)}
        headers |= {"webhook-signature": signature(secret, once, timestamp, body)} if secret else {}
        await self._post(settings.webhook_url, body, headers)
        return {"webhook_id": once}

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> None:
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT)) as session,
                session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                status, after = answer.status, answer.headers.get("Retry-After", "")
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise RetryLater(f"webhook: {type(error).__name__}") from error
        if 200 <= status < 300:
            return
        if status == 413:
            raise TooBig("webhook: 413")
        if status in LATER or status >= 500:
            raise RetryLater(f"webhook: {status}", float(after) if after.isdigit() else None)
        raise Gone(f"webhook: {status}")

    async def private(self, organisation: str, person: str) -> Address:
        """Nobody is written to by webhook."""
        raise Gone("a webhook is no person")

"""What Teams' answer to a call means: its content, or one of the kinds of error that the assistant knows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from adapters.teams.payload import text
from bot.channels import Gone, RetryLater, TooBig

LATER = frozenset({408, 412, 425, 429, 500, 502, 503, 504})
"""What passes: Teams names 412, 429, 502 and 504; the others are a server's bad moment."""
GONE = ("MessageWritesBlocked", "BotNotInConversationRoster", "ConversationNotFound")


def content(status: int, headers: Mapping[str, str], body: bytes, missing: type[Gone]) -> bytes:
    """The content of a good answer. Raises RetryLater, TooBig, Gone, `missing` for 404; RuntimeError for a bug."""
    if 200 <= status < 300:
        return body
    try:
        said = json.loads(body or b"{}")
    except ValueError:
        said = {}
    code, words = text(said, "error", "code"), text(said, "error", "message")
    reason = f"Teams answered {status} {code} {words}".strip()[:500]
    if status == 413 or code == "MessageSizeTooBig":
        raise TooBig(reason)
    if status in LATER or status == 401:
        raise RetryLater(reason, _after(headers.get("Retry-After")))
    if status == 404:
        raise missing(reason)
    if status in (403, 410) or code in GONE:
        raise Gone(reason)
    raise RuntimeError(reason)


def _after(header: str | None) -> float | None:
    """Seconds to wait, given as seconds or as a date."""
    if not header:
        return None
    try:
        return max(0.0, min(float(header), 3600.0))
    except ValueError:
        pass
    try:
        return max(0.0, min((parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds(), 3600.0))
    except (ValueError, TypeError):
        return None

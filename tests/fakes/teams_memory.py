"""A second wire to Teams, in memory: what it proves is that nothing needs more than the contract."""

from __future__ import annotations

import itertools
import json
from collections import deque
from typing import Any
from urllib.parse import unquote

from adapters.teams.contract import Activity, NotThere, Refused
from bot.channels import Address, Gone, RetryLater, TooBig


class MemoryTeams:
    """Implements adapters.teams.contract.Platform."""

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, Activity]] = {}
        self.errors: deque[Exception] = deque()
        self.known: dict[str, dict[str, Any]] = {
            "29:anna": {"id": "29:anna", "aadObjectId": "aad-anna", "name": "Anna"}
        }
        self.content: dict[str, bytes] = {}
        self.blocked: set[str] = set()
        self.addresses: list[Address] = []
        self.log: list[tuple[str, Activity]] = []  # everything that was sent or replaced, in its order
        self._ids = itertools.count(1)

    def _trouble(self) -> None:
        if self.errors:
            raise self.errors.popleft()

    async def verify(self, authorization: str, activity: Activity) -> None:
        """Only one token is good."""
        if authorization != "Bearer good":
            raise Refused(401 if not authorization else 403, "not good")

    async def send(self, address: Address, activity: Activity) -> str:
        """Keeps the message."""
        self._trouble()
        where = address["reference"]["conversation"]["id"]
        if where in self.blocked:
            raise Gone("blocked")
        self.addresses.append(address)
        name = str(next(self._ids))
        self.messages.setdefault(where, {})[name] = activity
        self.log.append((where, activity))
        return name

    async def update(self, address: Address, message: str, activity: Activity) -> None:
        """Replaces the message."""
        self._trouble()
        where = address["reference"]["conversation"]["id"]
        kept = next((m for c, m in self.messages.items() if c in (where, where.split(";")[0]) and message in m), None)
        if kept is None:
            raise NotThere("no such message")
        kept[message] = activity
        self.log.append((where, activity))

    async def open_private(self, tenant: str, person: str) -> Address:
        """A conversation named for the person."""
        self._trouble()
        person = str(self.known.get(person, {}).get("aadObjectId", person))  # either id leads to the same chat
        if person in self.blocked:
            raise Gone("blocked")
        conversation = {"id": f"a:private-{person}", "conversationType": "personal", "tenantId": tenant}
        return {"reference": {"conversation": conversation}, "tenant": tenant}

    async def fetch(self, address: Address, path: str, most: int = 1024 * 1024) -> bytes:
        """A member of any conversation, or what was put at an address."""
        self._trouble()
        found = self.content.get(path)
        if found is None and "/members/" in path:
            known = self.known.get(unquote(path.rsplit("/", 1)[1]))
            found = json.dumps(known).encode() if known else None
        if found is None:
            raise Gone(f"nothing at {path}")
        if len(found) > most:
            raise TooBig(f"more than {most} bytes")
        return found


def error(name: str, after: float | None = None) -> Exception:
    """One of the errors, by its name."""
    return {
        "later": RetryLater("as asked", after),
        "gone": Gone("as asked"),
        "too-big": TooBig("as asked"),
        "bug": RuntimeError("as asked"),
    }[name]

"""Who is who in a conversation, as Teams knows it: asked for when needed, and kept for some minutes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any
from urllib.parse import quote

from adapters.teams.contract import Platform
from adapters.teams.payload import decoded, parts, text
from bot.channels import Address, Gone

LAST, NOBODY = 600.0, 60.0
"""Seconds for which a member is known, and for which somebody is known to be none: they may just be added."""
MOST = 5000
PAGE, PAGES = 500, 6
"""Members that are looked through one by one where Teams does not know a person by the id: so many a page, so many
pages."""


class Members:
    """The members of conversations."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._kept: OrderedDict[tuple[str, str], tuple[float, dict[str, Any] | None]] = OrderedDict()

    async def find(self, address: Address, person: str) -> dict[str, Any]:
        """A member, by object id or Teams id: id, name, aadObjectId. Raises RetryLater, or Gone for who is none."""
        where = conversation(address)
        kept = self._kept.get((where, person))
        if kept is None or monotonic() - kept[0] > (NOBODY if kept[1] is None else LAST):
            kept = (monotonic(), await self._ask(address, where, person))
            self._kept[(where, person)] = kept
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        if kept[1] is None:
            raise Gone("not a member of this conversation")
        return kept[1]

    async def _ask(self, address: Address, where: str, person: str) -> dict[str, Any] | None:
        """Teams knows a member by either id, the Agents Playground by one only; so the members are looked through."""
        path = f"conversations/{quote(where, safe=':@;=.-_')}/members/{quote(person, safe='')}"
        try:
            return decoded(await self._platform.fetch(address, path))
        except Gone:
            async for member in self._all(address, where):
                if person and person in (text(member, "id"), text(member, "aadObjectId"), text(member, "objectId")):
                    return member
        return None

    async def _all(self, address: Address, where: str) -> AsyncIterator[dict[str, Any]]:
        path = f"conversations/{quote(where, safe=':@;=.-_')}/pagedmembers?pageSize={PAGE}"
        token = ""
        for _ in range(PAGES):
            more = f"&continuationToken={quote(token, safe='')}" if token else ""
            try:
                page = decoded(await self._platform.fetch(address, path + more))
            except Gone:
                return
            for member in parts(page, "members"):
                yield member
            token = text(page, "continuationToken")
            if not token:
                return


def conversation(address: Address) -> str:
    """The conversation of an address without its thread. Raises Gone."""
    found = text(address, "reference", "conversation", "id").split(";messageid=")[0]
    if not found:
        raise Gone("the address names no conversation")
    return found

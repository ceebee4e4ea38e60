"""People whom somebody names: mentioned in a message, or picked in a form. Teams says who they are."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import Any

from adapters.teams.contract import Platform
from adapters.teams.members import Members
from adapters.teams.payload import account_id, text
from adapters.teams.tenants import channel_address
from adapters.teams.waiting import LOOKUP
from bot.channels import Address, Gone, RetryLater
from bot.messages import Incoming, Person
from bot.settings import TeamsTenant


class Nameless(Exception):
    """Somebody was picked whose name Teams does not tell us, and it was not written either."""


class People:
    """Finds out who is meant."""

    def __init__(self, platform: Platform, members: Members) -> None:
        self._platform = platform
        self._members = members

    async def known(self, incoming: Incoming, tenant: TeamsTenant) -> Incoming:
        """The message with everybody in it by the id that they themselves come with. Raises Nameless."""
        if incoming.mentions:
            found = [await self._mentioned(incoming, who) for who in incoming.mentions]
            incoming = replace(incoming, mentions=tuple(found))
        picked = {name: value for name, value in (incoming.form or {}).items() if isinstance(value, dict)}
        if picked:
            people = {name: await self._picked(incoming, value, tenant) for name, value in picked.items()}
            incoming = replace(incoming, form={**(incoming.form or {}), **people})
        return incoming

    async def _mentioned(self, incoming: Incoming, who: Person) -> Person:
        """Teams mentions people by another id than the one they write with."""
        _, tenant, identity = who.id.split(":", 2)
        found = await self._find(incoming.address, identity)
        if found is None:
            return who
        object_id = text(found, "aadObjectId") or text(found, "objectId")
        known = {"id": text(found, "id") or identity, "aadObjectId": object_id}
        return Person(account_id(known, tenant), text(found, "name") or who.name)

    async def _picked(self, incoming: Incoming, value: dict[str, Any], tenant: TeamsTenant) -> dict[str, str]:
        """The people picker gives an id alone. The name is the written one, else what Teams says of a member."""
        here, identity = str(incoming.address.get("tenant", "")), str(value["id"])
        person, written = account_id({"id": identity}, here), str(value.get("name") or "")
        if incoming.person and incoming.person.id == person and incoming.person.name:
            return {"id": person, "name": incoming.person.name}
        try:
            name = written or await asyncio.wait_for(self._name(incoming.address, here, identity, tenant), LOOKUP)
        except TimeoutError:
            name = ""
        if not name:
            raise Nameless
        return {"id": person, "name": name}

    async def _name(self, address: Address, here: str, identity: str, tenant: TeamsTenant) -> str:
        places = [address]
        if tenant.review_channel:
            places.append(channel_address(here, tenant.review_channel))
        for place in places:
            if found := await self._find(place, identity):
                return text(found, "name")
        with contextlib.suppress(Gone, RetryLater):  # who uses the assistant has a conversation with it
            own = await self._platform.open_private(here, identity)
            return text(await self._find(own, identity) or {}, "name")
        return ""

    async def _find(self, address: Address, identity: str) -> dict[str, Any] | None:
        try:
            return await asyncio.wait_for(self._members.find(address, identity), LOOKUP)
        except (RetryLater, Gone, TimeoutError):
            return None

"""Files a request and says which of its messages are being sent, which never ends: `… -m tests.sending_child URL`."""

from __future__ import annotations

import asyncio
import sys
from typing import cast

from bot.channels import Address
from bot.messages import Outgoing
from bot.organisations import Organisations
from bot.settings import Settings
from tests.filing_town import Platform, Town, Unread


class Slow(Platform):
    """A platform whose answer does not come."""

    async def send(
        self, address: Address, outgoing: Outgoing, before: Address | None, once: str, again: bool = False
    ) -> Address:
        """See bot.channels.Wire."""
        print("sending to", address["place"], flush=True)
        await asyncio.Event().wait()
        raise AssertionError


async def main(url: str) -> None:
    """One process of Someguide: its reply is handed over to be sent, the manager's card goes the way of the table."""
    async with Town.open(cast(Organisations, Unread()), url, platform=Slow()) as town:
        town.assistant.outbox, town.assistant.wake = town.outbox, town.outbox.wake
        worker = asyncio.create_task(town.outbox.run())
        while (lease := town.outbox.lease("chat")) is None or lease.by is None:
            await asyncio.sleep(0.01)  # on a slow machine the database may be asked twice
        await town.file()
        await worker


if __name__ == "__main__":
    Settings.model_config["env_file"] = None
    asyncio.run(main(sys.argv[1]))

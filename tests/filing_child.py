"""Files requests and says so, until it is killed: `python -m tests.filing_child URL event,person,session …`."""

from __future__ import annotations

import asyncio
import sys

from bot.assistant import Assistant
from bot.filing.filing import Filing
from bot.messages import Incoming, Person
from bot.settings import Settings
from bot.store.store import Store
from tests.filing_town import ORG, Clock, Unread, settings


async def main(url: str, *todo: str) -> None:
    """Takes one message after another; each is acknowledged when it is committed."""
    organisations, clock = Unread(), Clock()
    store = await Store.open(url)
    filing = Filing(settings(), store, organisations.knowledge, clock)
    assistant = Assistant(organisations.answerer, store, filing, clock=clock)
    for each in todo:
        event, person, session = each.split(",")
        incoming = Incoming(
            ORG, person, choice=f"s:{session}:submit:1", person=Person(person), event=event, address={"place": person}
        )
        await assistant.take(incoming)
        print(event, flush=True)
    await asyncio.sleep(30)


if __name__ == "__main__":
    Settings.model_config["env_file"] = None
    asyncio.run(main(*sys.argv[1:]))

"""What the tests of the served page say to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp.test_utils import TestClient

from bot.messages import Kind, Outgoing
from bot.outbox import Destination, put
from bot.service import Service
from knowledge.models import Language

Client = TestClient[Any, Any]


Serve = Callable[..., Awaitable[Client]]


NOTICE = Outgoing(Kind.NOTICE, Language.FI, "Pyyntö on hyväksytty.")


def message(**fields: Any) -> dict[str, Any]:
    return {"org": "aanekoski", "language": "fi", "visitor": "test-1", "text": "apua", **fields}


async def said(client: Client, **fields: Any) -> list[dict[str, Any]]:
    """What is answered to a message."""
    response = await client.post("/messages", json=message(**fields))
    assert response.status == 200, await response.text()
    return list((await response.json())["messages"])


async def waits(client: Client, conversation: str, after: int = 0) -> list[dict[str, Any]]:
    """What waits in a conversation's inbox."""
    query = {"org": "aanekoski", "conversation": conversation, "after": str(after)}
    return list((await (await client.get("/inbox", params=query)).json())["messages"])


async def write(opened: Service, conversation: str, outgoing: Outgoing = NOTICE) -> int:
    """Somebody else's turn sends a message to a conversation."""
    async with opened.store.transaction() as tx:
        return (await put(tx, "aanekoski", Destination(conversation, {}), outgoing, opened.assistant.clock())).id

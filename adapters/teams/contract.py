"""What a wire to Teams must offer: five functions and four kinds of error. Nothing else of an SDK is used.

Activities and references are plain dicts. An address is what `read.address` made: Teams' reference, whole, and the
tenant; it is given back untouched. The errors are those of `bot.channels`: RetryLater, Gone, TooBig; anything else is
a bug. `Refused` is the answer to a request that is not from Teams, `NotThere` a Gone that concerns one message only.
"""

from __future__ import annotations

from typing import Any, Protocol

from bot.channels import Address, Gone

Activity = dict[str, Any]
PATH = "/api/messages"
"""Where Teams writes to: what the bot's registration names."""


class Refused(Exception):
    """A request that is not to be handled, with the HTTP status that says so (401, 403; 503: keys not at hand)."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class NotThere(Gone):
    """The message is gone, the conversation perhaps not."""


class Platform(Protocol):
    """Teams, as seen from the bot."""

    async def verify(self, authorization: str, activity: Activity) -> None:
        """Makes sure that Teams sent this, for this bot and this conversation's service. Raises Refused."""

    async def send(self, address: Address, activity: Activity) -> str:
        """Posts a message and returns its id. Raises RetryLater, Gone or TooBig."""

    async def update(self, address: Address, message: str, activity: Activity) -> None:
        """Puts a message in the place of an earlier one. Raises RetryLater, Gone (NotThere) or TooBig."""

    async def open_private(self, tenant: str, person: str) -> Address:
        """Opens the conversation between the bot and a person, by object id or Teams id. Raises RetryLater or Gone."""

    async def fetch(self, address: Address, path: str, most: int = 1024 * 1024) -> bytes:
        """What the service of a conversation has: a member, an attached picture.

        At a path under /v3, or at a whole address of the service itself. Raises RetryLater, Gone, or TooBig for more
        than so many bytes.
        """

"""What a channel offers the assistant, and the four ways in which a send can fail.

Each adapter's wire implements `Wire`; the outbox calls it. A platform's own exceptions never leave the adapter: they
become one of the errors here, and anything else is a bug, which parks the message where the operator sees it.
"""

from __future__ import annotations

from typing import Any, Protocol

from bot.messages import Outgoing

Address = dict[str, Any]
"""How to reach a conversation: the adapter's own JSON, kept whole and given back untouched."""


class RetryLater(Exception):
    """The platform cannot take it now. `after` is in seconds; None leaves it to the outbox's back-off."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Gone(Exception):
    """Nobody is there any more: blocked, uninstalled, archived, deactivated. The next destination is tried."""


class TooBig(Exception):
    """The platform refuses the size."""


class Wire(Protocol):
    """A channel that can be written to at any time."""

    async def send(
        self, address: Address, outgoing: Outgoing, before: Address | None, once: str, again: bool = False
    ) -> Address:
        """Sends a message, or puts it in the place of an earlier one.

        `before` is what the send of an earlier message of the same key returned. `once` names this delivery: a
        platform that can refuse a second message of one name is given it. `again`: it may have been sent before (the
        answer was lost, or the worker was killed), so look first where the platform lets one. Returns what a later
        send needs in order to replace this message. Raises RetryLater, Gone or TooBig.
        """

    async def private(self, organisation: str, person: str) -> Address:
        """The address of a person's private conversation. Raises RetryLater or Gone."""

"""Where an organisation's requests go: the reviewers' conversations, a mailbox, a webhook. All of it from settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bot.outbox import Destination
from bot.settings import OrganisationFiling

LOCAL = ("web", "terminal")
"""Channels of this machine: a request made there is reviewed there, in the conversation "<channel>:communications"."""
COMMUNICATIONS = "communications"


class ReviewPlace(Protocol):
    """A channel that knows where an organisation's requests are reviewed."""

    def review_destination(self, organisation: str) -> Destination | None:
        """The review channel; None when the organisation has none there."""


def is_local_review(conversation: str) -> bool:
    """Whether a conversation is the reviewers' on this machine's page or terminal."""
    channel, _, rest = conversation.partition(":")
    return channel in LOCAL and (rest == COMMUNICATIONS or rest.startswith(f"{COMMUNICATIONS}:"))


class Destinations:
    """Finds where to send."""

    def __init__(
        self, filing: Mapping[str, OrganisationFiling], places: Mapping[str, ReviewPlace] | None = None
    ) -> None:
        self._filing = filing
        self.places: dict[str, ReviewPlace] = dict(places or {})

    def of(self, organisation: str) -> OrganisationFiling:
        """An organisation's settings."""
        return self._filing.get(organisation) or OrganisationFiling()

    def configured(self, organisation: str) -> list[Destination]:
        """The review channels of the settings and of the platforms."""
        found = [Destination(r.conversation, r.address) for r in self.of(organisation).review]
        found += [d for place in self.places.values() if (d := place.review_destination(organisation))]
        return list({d.conversation: d for d in found}.values())

    def review(self, organisation: str, requester: str) -> list[Destination]:
        """Where a request of this person is shown to the reviewers."""
        found = self.configured(organisation)
        channel = requester.split(":", 1)[0]
        if channel in LOCAL or not found:
            here = f"{channel if channel in LOCAL else LOCAL[0]}:{COMMUNICATIONS}"
            found += [Destination(here, {})] if here not in {d.conversation for d in found} else []
        return found

    def is_review(self, organisation: str, conversation: str) -> bool:
        """Whether reviewers read a conversation."""
        return is_local_review(conversation) or conversation in {d.conversation for d in self.configured(organisation)}

    def mailbox(self, organisation: str) -> Destination | None:
        """The communications mailbox."""
        address = self.of(organisation).mailbox
        return Destination(f"mail:{address}", {"organisation": organisation, "to": address}) if address else None

    def webhook(self, organisation: str) -> Destination | None:
        """The municipality's own system."""
        if not self.of(organisation).webhook_url:
            return None
        return Destination(f"webhook:{organisation}", {"organisation": organisation})

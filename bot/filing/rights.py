"""Who may see and do what: the one place that decides it, as a table.

A person has roles towards a request (requester, manager, reviewer of the organisation) or none. Whether somebody is a
reviewer comes from the settings and, where a channel knows it (a user group, the members of the review channel), from
that channel through `Membership`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.channels import Gone
from bot.filing.requests import Request
from bot.filing.states import Act


class Role(StrEnum):
    """What a person is to a request."""

    REQUESTER = "requester"
    MANAGER = "manager"
    REVIEWER = "reviewer"


class Look(StrEnum):
    """What can be seen or done beside the acts on a request."""

    REQUEST = "see-request"
    BACKGROUND = "see-background"  # earlier requests of the unit, accounts on the platform
    QUEUE = "see-queue"
    QUESTIONS = "see-questions"
    ANSWER_HANDOVER = "answer-handover"


_REQUESTER = frozenset({Role.REQUESTER})
_MANAGER = frozenset({Role.MANAGER})
_REVIEWER = frozenset({Role.REVIEWER})
MAY: dict[Act | Look, frozenset[Role]] = {
    Act.SUBMIT: _REQUESTER,
    Act.SUBMIT_TO_MANAGER: _REQUESTER,
    Act.AGREE: _MANAGER,
    Act.DECLINE: _MANAGER,
    Act.NAME: _REQUESTER,
    Act.REMIND: _REQUESTER,
    Act.TAKE: _REVIEWER,
    Act.PASS: _REVIEWER,
    Act.ASK: _REVIEWER,
    Act.ANSWER: _REQUESTER,
    Act.NOTE: _REVIEWER,
    Act.APPROVE: _REVIEWER,
    Act.RETURN: _REVIEWER,
    Act.REJECT: _REVIEWER,
    Act.WITHDRAW: _REQUESTER,
    Act.FINISH: _REVIEWER,
    Look.REQUEST: _REQUESTER | _MANAGER | _REVIEWER,
    Look.BACKGROUND: _REVIEWER,
    Look.QUEUE: _REVIEWER,
    Look.QUESTIONS: _REVIEWER,
    Look.ANSWER_HANDOVER: _REVIEWER,
}
_WHY_NOT = {_REQUESTER: "request-only-requester", _MANAGER: "request-only-manager", _REVIEWER: "request-only-reviewers"}


@dataclass(frozen=True)
class Ruling:
    """Whether something is allowed, and the message that says why not."""

    allowed: bool
    why_not: str = ""


def ruling(what: Act | Look, roles: Collection[Role]) -> Ruling:
    """Whether a person of these roles may do or see something."""
    if MAY[what] & set(roles):
        return Ruling(True)
    return Ruling(False, _WHY_NOT.get(MAY[what], "request-not-yours"))


class Membership(Protocol):
    """What a channel knows of its organisation's reviewers."""

    async def is_reviewer(self, organisation: str, person: str) -> bool:
        """Whether the person ("slack:T1:U1") reviews for the organisation. May raise RetryLater or Gone."""


class Rights:
    """Finds the roles of people."""

    def __init__(
        self,
        reviewers: Mapping[str, Collection[str]],
        local: Collection[str] = (),
        memberships: Mapping[str, Membership] | None = None,
    ) -> None:
        self._reviewers = reviewers
        self._local = local
        self.memberships: dict[str, Membership] = dict(memberships or {})

    async def reviews(self, organisation: str, person: str) -> bool:
        """Whether a person is a reviewer of the organisation. Raises RetryLater when their channel cannot say."""
        if not person:
            return False
        if person in self._reviewers.get(organisation, ()) or self._is_local(person):
            return True
        channel = person.split(":", 1)[0]
        known = self.memberships.get(channel)
        try:
            return await known.is_reviewer(organisation, person) if known else False
        except Gone:
            return False

    def _is_local(self, person: str) -> bool:
        """Reviewers of the page on this machine and of its terminal: "web:communications:*" is any name after it."""
        if person.split(":", 1)[0] not in ("web", "terminal"):
            return False
        return any(
            person == known or (known.endswith("*") and person.startswith(known[:-1]) and len(person) > len(known) - 1)
            for known in self._local
        )

    async def roles(self, organisation: str, person: str, request: Request | None = None) -> frozenset[Role]:
        """What a person is to a request; without one, whether they review."""
        return towards(request, organisation, person, await self.reviews(organisation, person))


def towards(request: Request | None, organisation: str, person: str, reviews: bool) -> frozenset[Role]:
    """What a person is to a request; without one, whether they review."""
    found = {Role.REVIEWER} if reviews else set()
    if request is not None and person and request.organisation == organisation:
        found |= {Role.REQUESTER} if person == request.requester else set()
        found |= {Role.MANAGER} if person == request.approver else set()
    return frozenset(found)

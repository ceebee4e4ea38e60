"""What follows from each act on a request: who is told, what is sent, and what becomes of the dialogue.

Data, so that filing does it and `someguide reconcile` checks that it was done.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.filing.states import Act


class Purpose(StrEnum):
    """Why a message was written: the column `purpose` of the outbox."""

    APPROVAL = "approval"  # the request, for the manager to agree
    REVIEW = "review-card"  # the request, for the reviewers: one for every time it is filed
    UPDATE = "update"  # the request as it stands now, in every place where it is shown
    DECISION = "decision"  # what the requester is told
    NEWS = "news"  # what managers and reviewers are told
    MAIL = "mail"
    WEBHOOK = "webhook"
    INSTEAD = "instead"  # a person is told that another message could not be delivered
    HANDOVER = "handover"
    HANDED_BACK = "handover-answer"


class Dialogue(StrEnum):
    """What becomes of the requester's session."""

    REOPEN = "reopen"
    CLOSE = "close"


@dataclass(frozen=True)
class Consequence:
    """What follows from an act."""

    requester: bool = False  # is told
    manager: bool = False  # is told
    reviewers: bool = False  # are told
    colleague: bool = False  # the reviewer whose it is now is told
    approval: bool = False  # the card goes to the manager
    review: bool = False  # the card goes to the reviewers
    mail: bool = False
    webhook: bool = True
    dialogue: Dialogue | None = None


CONSEQUENCES: dict[Act, Consequence] = {
    Act.SUBMIT: Consequence(review=True, mail=True),
    Act.SUBMIT_TO_MANAGER: Consequence(approval=True),
    Act.AGREE: Consequence(requester=True, review=True, mail=True),
    Act.DECLINE: Consequence(requester=True, dialogue=Dialogue.REOPEN),
    Act.NAME: Consequence(approval=True),
    Act.REMIND: Consequence(manager=True, webhook=False),
    Act.TAKE: Consequence(),
    Act.PASS: Consequence(colleague=True),
    Act.ASK: Consequence(requester=True),
    Act.ANSWER: Consequence(reviewers=True),
    Act.NOTE: Consequence(webhook=False),
    Act.APPROVE: Consequence(requester=True, mail=True),
    Act.RETURN: Consequence(requester=True, dialogue=Dialogue.REOPEN),
    Act.REJECT: Consequence(requester=True, mail=True),
    Act.WITHDRAW: Consequence(manager=True, reviewers=True, mail=True, dialogue=Dialogue.CLOSE),
    Act.FINISH: Consequence(requester=True),
}

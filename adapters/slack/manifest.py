"""The app's manifest, complete for the way in which Slack reaches us."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("manifest.yaml")
PATH = "/slack/events"
OPTIONAL = frozenset({"assistant:write", "files:read", "files:write", "usergroups:read"})
"""Scopes that may be struck out: something is left out then, and nothing breaks."""


def manifest(url: str | None = None) -> dict[str, Any]:
    """For HTTP at a public https address, or, without one, for Socket Mode. Raises ValueError."""
    made: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    settings = made["settings"]
    if url is None:
        settings["socket_mode_enabled"] = True
        return made
    if not url.startswith("https://") or any(c in url for c in " <>\"'"):
        raise ValueError(f"{url}: Slack only sends to an address that begins with https://")
    address = url.rstrip("/")
    address = address if address.endswith(PATH) else address + PATH
    settings["event_subscriptions"]["request_url"] = address
    settings["interactivity"]["request_url"] = address
    for command in made["features"]["slash_commands"]:
        command["url"] = address
    return made


def write(made: dict[str, Any]) -> str:
    """As YAML, to be pasted into Slack's form."""
    return str(yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=120))


def scopes() -> frozenset[str]:
    """Every scope of the manifest."""
    return frozenset(manifest()["oauth_config"]["scopes"]["bot"])

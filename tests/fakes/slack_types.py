"""What is sent to Slack, against what others say of it: slack_sdk's models, and Slack's own types for TypeScript.

`note` takes everything at once to the models and keeps one example of each shape; `objections` compiles the examples.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from tests.clients import FOLDER

TYPES = {"blocks": "KnownBlock[]", "modal": "ModalView", "home": "HomeView"}
IMPORTS = 'import type { HomeView, KnownBlock, ModalView } from "@slack/types";'
_KEPT = ("type", "style", "trigger_actions_on")
"""Keys whose texts belong to the shape; the others' do not."""


def config() -> dict[str, Any]:
    """TypeScript's settings, for a folder that is not the packages' own."""
    types = FOLDER.resolve() / "node_modules/@slack/types/dist/index.d.ts"
    options = {
        "strict": True,
        "noEmit": True,
        "skipLibCheck": True,
        "module": "esnext",
        "moduleResolution": "bundler",
        "types": [],
        "paths": {"@slack/types": [str(types)]},
    }
    return {"compilerOptions": options, "files": ["sent.ts"]}


def compiled(folder: Path, lines: list[str]) -> str:
    """What TypeScript says of some lines; nothing where they are right."""
    (folder / "sent.ts").write_text("\n".join([IMPORTS, *lines]))
    (folder / "tsconfig.json").write_text(json.dumps(config()))
    tsc = FOLDER.resolve() / "node_modules/.bin/tsc"
    done = subprocess.run([tsc, "-p", "."], cwd=folder, capture_output=True, text=True, timeout=120)
    assert bool(done.returncode) == bool(done.stdout), done.stderr
    return done.stdout


def constant(number: int, kind: str, what: Any) -> str:
    """A line of TypeScript that holds something as its type."""
    return f"export const v{number}: {TYPES[kind]} = {json.dumps(what)};"


class Sent:
    """Everything that was sent so far."""

    def __init__(self) -> None:
        self._examples: dict[str, tuple[str, Any]] = {}

    def __len__(self) -> int:
        return len(self._examples)

    def call(self, arguments: dict[str, Any]) -> None:
        """A call of the Web API, or an answer to an interaction."""
        if isinstance(arguments.get("blocks"), list):
            self.note("blocks", arguments["blocks"])
        view = arguments.get("view")
        if isinstance(view, dict):
            self.note(view["type"], view)

    def note(self, kind: str, what: Any) -> None:
        """Blocks of a message, or a view. Raises SlackObjectFormationError where the models refuse it."""
        shape = json.dumps([kind, _shape(what)])
        copied = json.loads(json.dumps(what))
        if kind == "blocks":
            for block in Block.parse_all(copied):
                block.validate_json()
        else:
            View(**copied).validate_json()
        self._examples.setdefault(shape, (kind, what))

    def objections(self, folder: Path) -> str:
        """What TypeScript says of it all."""
        return compiled(folder, [constant(n, *example) for n, example in enumerate(self._examples.values())])


def _shape(what: Any, key: str = "") -> Any:
    """Without what people read, and each part of a list once."""
    if isinstance(what, dict):
        return {k: _shape(v, k) for k, v in sorted(what.items())}
    if isinstance(what, list):
        return sorted({json.dumps(_shape(part, key)) for part in what})
    return what if key in _KEPT else type(what).__name__

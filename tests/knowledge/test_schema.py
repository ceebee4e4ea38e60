"""The schemas that editors use are those of the models."""

from __future__ import annotations

import json

import pytest

from knowledge.schema import FOLDER, SCHEMAS, schema


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_is_current(name: str) -> None:
    path = FOLDER / f"{name}.schema.json"
    assert path.exists(), "run `someguide schema` and keep the files"
    assert path.read_text(encoding="utf-8") == schema(name), "the models have changed; run `someguide schema`"


def test_no_schema_is_left_over() -> None:
    assert {p.name for p in FOLDER.glob("*")} == {f"{name}.schema.json" for name in SCHEMAS}


@pytest.mark.parametrize("name", SCHEMAS)
def test_unknown_fields_are_refused(name: str) -> None:
    assert json.loads(schema(name))["additionalProperties"] is False

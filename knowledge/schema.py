"""JSON Schemas of the knowledge files, generated from the models, so that editors complete and check them."""

from __future__ import annotations

import json
from pathlib import Path

from knowledge.flows import Flow, SharedFile
from knowledge.models import DocumentFile, GuidanceFile, Model, Organisation, OutsideFile, TermFile, TopicFile

FOLDER = Path(__file__).parent / "schemas"

SCHEMAS: dict[str, type[Model]] = {
    "topics": TopicFile,
    "guidance": GuidanceFile,
    "organisation": Organisation,
    "documents": DocumentFile,
    "terms": TermFile,
    "outside": OutsideFile,
    "flow": Flow,
    "shared": SharedFile,
}


def schema(name: str) -> str:
    """The JSON Schema of one kind of file, as text."""
    found = SCHEMAS[name].model_json_schema()
    return json.dumps(found, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def write() -> list[Path]:
    """Writes every schema into `knowledge/schemas` and returns the files."""
    FOLDER.mkdir(exist_ok=True)
    paths = []
    for name in SCHEMAS:
        path = FOLDER / f"{name}.schema.json"
        path.write_text(schema(name), encoding="utf-8")
        paths.append(path)
    return paths

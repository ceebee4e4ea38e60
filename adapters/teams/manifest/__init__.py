"""The app package that a Teams administrator uploads: manifest, its texts in three languages, and our own icons."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
FILES = ("color.png", "outline.png", "sv.json", "fi.json")
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


class BadPackage(ValueError):
    """The package cannot be made; the text says what is wrong and what would be right."""


def manifest(app_id: str, domain: str) -> dict[str, Any]:
    """The manifest for an app registration and the domain that Someguide is served on. Raises BadPackage."""
    if not _GUID.fullmatch(app_id):
        raise BadPackage("the app id is a GUID, such as 12345678-1234-1234-1234-123456789abc")
    if not _DOMAIN.fullmatch(domain.lower()) or len(domain) > 253:
        raise BadPackage("the domain is a name without https:// and path, such as someguide.example.fi")
    template = (FOLDER / "manifest.json").read_text(encoding="utf-8")
    filled = template.replace("{{APP_ID}}", app_id.lower()).replace("{{DOMAIN}}", domain.lower())
    made: dict[str, Any] = json.loads(filled)
    return made


def package(app_id: str, domain: str) -> bytes:
    """The zip to upload; the same bytes for the same app and domain. Raises BadPackage."""
    made = json.dumps(manifest(app_id, domain), ensure_ascii=False, indent=2).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in [("manifest.json", made), *((f, (FOLDER / f).read_bytes()) for f in FILES)]:
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()

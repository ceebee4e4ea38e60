"""The app package: the official schema, our own icons, three languages."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from adapters.teams.manifest import FOLDER, BadPackage, manifest, package
from adapters.teams.manifest.icons import CLEAR, _colour, _outline, png
from adapters.teams.serve import ABOUT
from bot.commands import command
from tests.clients import MISSING, installed

APP, DOMAIN = "12345678-1234-1234-1234-123456789abc", "someguide.example.fi"
SCHEMAS = Path(__file__).parent / "schemas"


def opened() -> dict[str, bytes]:
    """The files of a package."""
    with zipfile.ZipFile(io.BytesIO(package(APP, DOMAIN))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_manifest_is_what_teams_takes() -> None:
    """Microsoft's schema of version 1.19, from npm @microsoft/app-manifest (MIT)."""
    made = json.loads(opened()["manifest.json"])
    schema = json.loads((SCHEMAS / "MicrosoftTeams.schema.json").read_text(encoding="utf-8"))
    assert [e.message for e in jsonschema.Draft4Validator(schema).iter_errors(made)] == []
    assert made["bots"][0]["botId"] == APP
    assert made["validDomains"] == [DOMAIN]
    assert "{{" not in json.dumps(made)


@pytest.mark.parametrize("language", ["sv", "fi"])
def test_every_word_of_the_manifest_has_a_translation(language: str) -> None:
    files = opened()
    made, words = json.loads(files["manifest.json"]), json.loads(files[f"{language}.json"])
    schema = json.loads((SCHEMAS / "MicrosoftTeams.Localization.schema.json").read_text(encoding="utf-8"))
    assert [e.message for e in jsonschema.Draft4Validator(schema).iter_errors(words)] == []
    wanted = set(translatable({k: made[k] for k in ("bots", "composeExtensions")}, ""))
    assert wanted <= set(words), wanted - set(words)


def translatable(part: Any, path: str) -> list[str]:
    """The paths of titles and descriptions, as Teams names them."""
    found: list[str] = []
    if isinstance(part, dict):
        for name, value in part.items():
            where = f"{path}.{name}" if path else name
            found += [where] if name in ("title", "description") else translatable(value, where)
    elif isinstance(part, list):
        for number, value in enumerate(part):
            found += translatable(value, f"{path}[{number}]")
    return found


def test_every_command_of_the_manifest_is_one_that_we_know() -> None:
    files = opened()
    listed = json.loads(files["manifest.json"])["bots"][0]["commandLists"]
    titles = [c["title"] for commands in listed for c in commands["commands"]]
    for language in ("sv", "fi"):
        words = json.loads(files[f"{language}.json"])
        titles += [v for k, v in words.items() if k.startswith("bots") and k.endswith(".title")]
    assert [t for t in titles if command(t) is None] == []


def test_the_addresses_of_the_manifest_are_served() -> None:
    developer = manifest(APP, DOMAIN)["developer"]
    for name in ("websiteUrl", "privacyUrl", "termsOfUseUrl"):
        assert developer[name].removeprefix(f"https://{DOMAIN}") in ABOUT


@pytest.mark.parametrize(("name", "size"), [("color.png", 192), ("outline.png", 32)])
def test_the_icons_are_ours_and_of_the_right_size(name: str, size: int) -> None:
    data = opened()[name]
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (size, size)
    assert data == png(size, _colour if name == "color.png" else _outline)  # drawn by the script beside them


def test_the_outline_is_white_on_nothing() -> None:
    data = (FOLDER / "outline.png").read_bytes()
    start = data.index(b"IDAT") + 4
    length = struct.unpack(">I", data[start - 8 : start - 4])[0]
    rows = zlib.decompress(data[start : start + length])
    points = {rows[1 + r * 129 + c * 4 : 1 + r * 129 + c * 4 + 3] for r in range(32) for c in range(32)}
    assert points == {bytes(CLEAR[:3])}


def test_the_same_package_twice_is_the_same() -> None:
    assert package(APP, DOMAIN) == package(APP.upper(), DOMAIN.upper())


@pytest.mark.parametrize(
    ("app_id", "domain"),
    [
        ("", DOMAIN),
        ("x", DOMAIN),
        (APP, ""),
        (APP, "https://a.fi"),
        (APP, "a.fi/x"),
        (APP, 'a.fi","x":"'),
        (APP, "localhost"),
    ],
)
def test_what_is_no_id_or_domain_is_told(app_id: str, domain: str) -> None:
    with pytest.raises(BadPackage, match="such as"):
        package(app_id, domain)


@pytest.mark.skipif(installed() is None, reason=MISSING)
@pytest.mark.parametrize("name", ["MicrosoftTeams.schema.json", "MicrosoftTeams.Localization.schema.json"])
def test_the_schemas_are_the_official_ones(name: str) -> None:
    folder = installed()
    assert folder is not None
    official = folder / "node_modules/@microsoft/app-manifest/build/json-schemas/teams/v1.19" / name
    assert json.loads(official.read_text(encoding="utf-8-sig")) == json.loads((SCHEMAS / name).read_text("utf-8"))


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    from bot.__main__ import app

    run, file = CliRunner(), tmp_path / "someguide.zip"
    for wrong in (["--app-id", "x", "--domain", DOMAIN], ["--app-id", APP, "--domain", "https://x/"]):
        done = run.invoke(app, ["teams", "package", *wrong, "--out", str(file)])
        assert done.exit_code == 2
        assert "such as" in done.output
        assert not isinstance(done.exception, BadPackage)
        assert not file.exists()
    done = run.invoke(app, ["teams", "package", "--app-id", APP, "--domain", DOMAIN, "--out", str(file)])
    assert done.exit_code == 0
    assert file.read_bytes() == package(APP, DOMAIN)

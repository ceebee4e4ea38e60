"""What is drawn, against the types that Slack itself publishes for JavaScript (@slack/types), with TypeScript."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from adapters.slack import press, views
from adapters.slack.render import messages
from bot.messages import Button, Choice, Entry, Field, Group, Input, Kind, Option, Outgoing, Row, Source, Style
from knowledge.models import Language, Verdict
from tests.fakes.test_fake_slack import packages  # noqa: F401 - a fixture

SV = Language.SV
OPTIONS = tuple(Option(f"o{n}", f"Val {n}", f"s:7:set:x:o{n}") for n in range(8))
CONFIG = {
    "compilerOptions": {
        "strict": True,
        "noEmit": True,
        "skipLibCheck": True,
        "module": "esnext",
        "moduleResolution": "bundler",
        "types": [],
    },
    "files": ["drawn.ts"],
}


def said() -> list[Outgoing]:
    """A message of every kind, with a field of every input."""
    sources = (Source("Riktlinje", "2024", "Bilder", "a/1", "https://x.se/"), Source("Bilaga", None, "Barn", "a/2"))
    buttons = (Button("Hjälpte", "h:1", Style.PRIMARY), Button("Avslå", "r:1", Style.DANGER, reason="Varför?"))
    found = [
        Outgoing(
            kind,
            SV,
            "Text med https://x.se i.",
            verdict=Verdict.CONDITIONAL,
            title="Rubrik",
            progress="1 av 2",
            sources=sources,
            rows=(Row("Fråga", "svar", buttons[0], "anm.", True),),
            buttons=buttons,
            choices=(Choice("t", "Ämne"),),
            related=(Choice("u", "Mer"),),
            suggestions=("Får jag?",),
            groups=(Group("Utkast", (Entry("Ett", "steg 2", buttons), Entry("Två", "", buttons[:1])), "inga"),),
        )
        for kind in Kind
    ]
    for kind in Input:
        field = Field("f", "Fråga?", kind, "Hjälp.", options=OPTIONS if "choice" in kind else ())
        found.append(Outgoing(Kind.STEP, SV, "Fråga?", field=field, submit=Button("Svara", "s:7:put:f")))
    fields = tuple(Field(k.value, "F", k, "H", options=OPTIONS if "choice" in k else ()) for k in Input)
    found.append(Outgoing(Kind.FORM, SV, "Fyll i.", title="Del", fields=fields, submit=Button("Spara", "s:7:save:a")))
    return found


def drawn() -> list[tuple[str, Any]]:
    """Each message's blocks and each view, with its type in @slack/types."""
    every = said()
    found: list[tuple[str, Any]] = [("KnownBlock[]", m["blocks"]) for outgoing in every for m in messages(outgoing)]
    found += [("ModalView", views.form(every[-1], "C1", "1.1")), ("ModalView", views.loading(SV, "x"))]
    found += [("ModalView", views.reason(press.Press(SV, "r:1", reason="Varför?")))]
    return found + [("HomeView", views.home(outgoing)) for outgoing in every if outgoing.groups]


def test_slacks_types_take_it(packages: Path) -> None:  # noqa: F811
    lines = ['import type { HomeView, KnownBlock, ModalView } from "@slack/types";']
    lines += [f"export const v{n}: {kind} = {json.dumps(what)};" for n, (kind, what) in enumerate(drawn())]
    (packages / "drawn.ts").write_text("\n".join(lines))
    (packages / "tsconfig.json").write_text(json.dumps(CONFIG))
    done = subprocess.run(
        ["node_modules/.bin/tsc", "-p", "."], cwd=packages, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout[:3000]
    (packages / "drawn.ts").write_text("\n".join([*lines, 'export const wrong: KnownBlock = {"type": "sektion"};']))
    done = subprocess.run(
        ["node_modules/.bin/tsc", "-p", "."], cwd=packages, capture_output=True, text=True, timeout=120
    )
    assert "sektion" in done.stdout, "the types do notice what is wrong"

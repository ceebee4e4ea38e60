"""What is drawn, against the types that Slack itself publishes for JavaScript (@slack/types), with TypeScript."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from slack_sdk.errors import SlackObjectFormationError

from adapters.slack import press, views
from adapters.slack.render import messages
from bot.messages import Button, Choice, Entry, Field, Group, Input, Kind, Option, Outgoing, Row, Source, Style
from knowledge.models import Language, Verdict
from tests.clients import MISSING, installed
from tests.fakes.slack_types import Sent, compiled, constant

SV = Language.SV
OPTIONS = tuple(Option(f"o{n}", f"Val {n}", f"s:7:set:x:o{n}") for n in range(8))


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
    found: list[tuple[str, Any]] = [("blocks", m["blocks"]) for outgoing in every for m in messages(outgoing)]
    found += [("modal", views.form(every[-1], "C1", "1.1")), ("modal", views.loading(SV, "x"))]
    found += [("modal", views.reason(press.Press(SV, "r:1", reason="Varför?")))]
    return found + [("home", views.home(outgoing)) for outgoing in every if outgoing.groups]


@pytest.mark.skipif(installed() is None, reason=MISSING)
def test_slacks_types_take_it(tmp_path: Path) -> None:
    lines = [constant(n, kind, what) for n, (kind, what) in enumerate(drawn())]
    assert compiled(tmp_path, lines)[:3000] == ""
    assert "sektion" in compiled(tmp_path, [*lines, 'export const wrong: KnownBlock = {"type": "sektion"};'])


@pytest.mark.skipif(installed() is None, reason=MISSING)
def test_whatever_was_sent_is_checked(tmp_path: Path) -> None:
    sent = Sent()
    plain = {"type": "plain_text", "text": "x"}
    for text in ("x", "y"):
        sent.call({"blocks": [{"type": "header", "text": {**plain, "text": text}}]})
    assert len(sent) == 1, "what people read makes no other shape"
    assert sent.objections(tmp_path) == ""
    sent.call({"view": {"type": "modal", "title": plain, "blocks": [{"type": "divider", "colour": "red"}]}})
    assert "colour" in sent.objections(tmp_path)
    with pytest.raises(SlackObjectFormationError):
        sent.call({"blocks": [{"type": "header", "text": {**plain, "text": "x" * 151}}]})

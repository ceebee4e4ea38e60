"""One message of every kind, and texts that would like to be more than text."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from bot.messages import (
    Button,
    Choice,
    ContactCard,
    Document,
    Entry,
    Field,
    Group,
    Input,
    Kind,
    Option,
    Outgoing,
    Row,
    Source,
    Style,
)
from knowledge.models import Language, Verdict

SV, FI, EN = Language.SV, Language.FI, Language.EN
SOURCE = Source("Riktlinjer för sociala medier", "2023-05-02", "4.2 Bilder", "p12", "https://example.fi/riktlinjer.pdf")
CONTACT = ContactCard("kommunikationschef", "Sofia Berg", "040 123 4567", "sofia.berg@example.fi")
BUTTONS = (
    Button("Tillbaka", "s:1:back"),
    Button("Hoppa över", "s:1:skip:unit"),
    Button("Som formulär", "s:1:form:account"),
    Button("Pausa", "s:1:pause"),
    Button("Avbryt", "s:1:cancel"),
)


def options(count: int, actions: bool = True) -> tuple[Option, ...]:
    """Some options."""
    made = [f"option-{n}" for n in range(count)]
    return tuple(Option(v, f"Alternativ {n}", f"s:1:set:platform:{v}" if actions else "") for n, v in enumerate(made))


def step(field: Field, **given: Any) -> Outgoing:
    """A step that asks for a field."""
    submit = None if field.options and field.options[0].action else Button("Svara", "s:1:put:x", Style.PRIMARY)
    return Outgoing(
        Kind.STEP,
        SV,
        f"{field.label}\n\nSkriv högst 300 tecken.",
        title="Öppna ett konto",
        progress="5 av 16",
        field=field,
        submit=submit,
        buttons=BUTTONS,
        sources=(SOURCE,),
        key="session:1:step:x",
        private=True,
        **given,
    )


FORM_FIELDS = (
    Field("unit", "Enhet", Input.TEXT, help="Den som svarar för kontot", value="Daghem *Solen*"),
    Field("why", "Varför?", Input.LONG_TEXT, error="Skriv minst 20 tecken.", value="För att"),
    Field("platform", "Kanal", Input.CHOICE, options=options(7, False), value="option-2"),
    Field("yes", "Har chefen godkänt?", Input.CHOICE, options=options(2, False)),
    Field("groups", "Målgrupper", Input.CHOICES, options=options(4, False), value=("option-1", "option-3")),
    Field("many", "Ämnen", Input.CHOICES, options=options(12, False)),
    Field("start", "När?", Input.DATE, value="2027-03-01"),
    Field("often", "Hur ofta i veckan?", Input.NUMBER, value="3", optional=True),
    Field("link", "Adress", Input.ADDRESS, value="https://example.fi/?a=1&b=2"),
    Field("who", "Ansvarig", Input.PERSON, value="Anna Å"),
)

SAMPLES: dict[str, Outgoing] = {
    "answer": Outgoing(
        Kind.ANSWER,
        SV,
        f"Ja, om personen har gett sitt samtycke.\n– Fråga först.\n– Spara svaret.\n\nFråga: {CONTACT.line()}",
        topic="photo",
        verdict=Verdict.CONDITIONAL,
        sources=(SOURCE, replace(SOURCE, passage="p13"), Source("Bilaga", None, "2", "p40")),
        contact=CONTACT,
        related=tuple(Choice(f"t{n}", f"Närliggande ämne {n}") for n in range(3)),
        buttons=(
            Button("Får jag publicera?", "flow:publish-check"),
            Button("Fråga en människa", "handover", reason=""),
        ),
    ),
    "choose": Outgoing(
        Kind.CHOOSE,
        FI,
        "En ole varma, mitä tarkoitat. Onko se jokin näistä?",
        choices=tuple(Choice(f"t{n}", f"Aihe {n}", Verdict.YES, "Saa.", (SOURCE,)) for n in range(3)),
    ),
    "flow": Outgoing(Kind.FLOW, EN, "This starts a checklist.", buttons=(Button("Start", "flow:open-account"),)),
    "silent": Outgoing(Kind.SILENT, SV, "Riktlinjen avgör inte detta.", topic="x", contact=CONTACT),
    "handover": Outgoing(Kind.HANDOVER, EN, "I find no answer to that.", contact=CONTACT),
    "help": Outgoing(
        Kind.HELP, SV, "Hej!\n\nJag svarar.\n– a\n– b", suggestions=("Får jag publicera en bild?", "Hur öppnar vi?")
    ),
    "step-text": step(Field("unit", "Vilken enhet?", Input.TEXT, help="Namnet på enheten", value="Daghem")),
    "step-long": step(Field("why", "Varför behövs kontot?", Input.LONG_TEXT, error="För kort.")),
    "step-buttons": step(Field("platform", "Vilken kanal?", Input.CHOICE, options=options(5))),
    "step-select": step(Field("platform", "Vilken kanal?", Input.CHOICE, options=options(9), value="option-3")),
    "step-choices": step(Field("groups", "Vilka?", Input.CHOICES, options=options(4, False))),
    "step-date": step(Field("start", "När?", Input.DATE)),
    "step-number": step(Field("often", "Hur ofta?", Input.NUMBER, value="x")),
    "step-person": step(Field("who", "Vem?", Input.PERSON, optional=True)),
    "answered": Outgoing(
        Kind.STEP,
        SV,
        "✓ Vilken enhet? Daghem",
        rows=(Row("Vilken enhet?", "Daghem"),),
        buttons=(Button("Ändra", "s:1:change:unit"),),
        key="session:1:step:unit",
    ),
    "form": Outgoing(
        Kind.FORM,
        SV,
        "Fyll i det som du vet.",
        title="Öppna ett konto: kontot",
        progress="Del 1 av 4",
        fields=FORM_FIELDS,
        submit=Button("Spara", "s:1:save:account", Style.PRIMARY),
        buttons=BUTTONS[:2],
        key="session:1:form",
    ),
    "summary": Outgoing(
        Kind.SUMMARY,
        SV,
        "Det här skickas.",
        title="Öppna ett konto",
        rows=tuple(
            Row(f"{n}. Fråga {n}?", f"Svar {n}\nrad två", Button(f"Ändra {n}", f"s:1:change:q{n}"))
            for n in range(1, 17)
        ),
        buttons=(Button("Skicka", "s:1:submit:3", Style.PRIMARY), *BUTTONS[3:]),
    ),
    "outcome": Outgoing(
        Kind.OUTCOME,
        SV,
        "Du får inte.",
        verdict=Verdict.NO,
        title="Får jag?",
        sources=(SOURCE,),
        rows=(Row("Vem?", "Barn"),),
    ),
    "request": Outgoing(
        Kind.REQUEST,
        FI,
        "Tilipyyntö HNK-2026-0007, käsittelyssä.",
        title="HNK-2026-0007: Facebook, päiväkoti Aurinko",
        rows=(Row("Yksikkö", "Päiväkoti", changed=True, note="Mikä osoite?"), Row("Miksi", "")),
        buttons=(
            Button("Ota", "r:7:take", Style.PRIMARY),
            Button("Hyväksy", "r:7:approve", Style.PRIMARY),
            Button("Palauta", "r:7:return", reason="Mitä pitää korjata?"),
            Button("Hylkää", "r:7:reject", Style.DANGER, reason="Miksi?"),
            Button("Kysy", "r:7:ask", reason="Kysymys"),
            Button("Historia", "r:7:history"),
            Button("Koko pyyntö", "r:7:all"),
        ),
        document=Document("HNK-2026-0007.pdf", "application/pdf", "HNK-2026-0007"),
        key="request:7",
    ),
    "home": Outgoing(
        Kind.HOME,
        EN,
        "Your page",
        groups=(
            Group("Drafts", tuple(Entry(f"Draft {n}", "5 answers", BUTTONS[:2]) for n in range(5))),
            Group("Requests", (), "You have sent nothing yet."),
        ),
    ),
    "home-few": Outgoing(Kind.HOME, EN, "", groups=(Group("Drafts", (Entry("One", "", BUTTONS[:2]),)),)),
    "notice": Outgoing(Kind.NOTICE, SV, "Pausad.", buttons=(Button("Fortsätt", "s:1:resume", Style.PRIMARY),)),
    "empty": Outgoing(Kind.NOTICE, SV, ""),
}

HOSTILE = (
    "[click me](https://evil.example)",
    "<at>Everyone</at> <script>alert(1)</script> &lt;b&gt;",
    "**bold** _x_ # heading\n- list\n1. one",
    "![x](https://evil.example/x.png)",
    "\u202egnp.exe\u2066 \u200bhidden\ufeff \x00\x07",
    "e" + "\u0301" * 200,
    "\ud800 lone",
    "{{DATE(2017-02-14T06:08:00Z,SHORT)}} ${user}",
    '"},{"type":"Action.OpenUrl","url":"https://evil.example"}',
    "a" * 5000,
    "👩‍👩‍👧‍👦🇫🇮" * 300,
    "=1+1|cmd' /C calc'!A0",
    "\r\nx\u2028y\u2029z\tw",
    "%s {} {0} %(x)s",
)


def everywhere(part: Any, text: str) -> Any:
    """The same message with a text in the place of every text that a person reads."""
    kept = {"action", "name", "value", "topic", "flow", "key", "reference", "media_type", "passage", "date"}
    if isinstance(part, tuple):
        return tuple(everywhere(p, text) for p in part)
    if not is_dataclass(part) or isinstance(part, type):
        return text if type(part) is str else part
    given = {}
    for known in fields(part):
        value = getattr(part, known.name)
        free = known.name == "value" and isinstance(part, Row | Field) and not getattr(part, "options", ())
        if known.name == "url":
            given[known.name] = "javascript:alert(1)"
        elif known.name not in kept or free or (known.name == "name" and isinstance(part, Document)):
            given[known.name] = everywhere(value, text)
    return replace(part, **given)

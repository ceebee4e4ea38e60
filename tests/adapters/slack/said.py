"""What the stand-in says in the tests of what is pressed and filled in: steps of a dialogue, and a form."""

from __future__ import annotations

from dataclasses import replace

from bot.messages import Button, Field, Input, Kind, Option, Outgoing, Style
from knowledge.models import Language
from tests.adapters.slack.conftest import BO
from tests.fakes.slack import TEAM

SV = Language.SV


def options(count: int, actions: bool = True) -> tuple[Option, ...]:
    return tuple(Option(f"o{n}", f"Val {n}", f"s:7:set:plattform:o{n}" if actions else "") for n in range(count))


def step(kind: Input, **more: object) -> Outgoing:
    field = Field("plattform", "Vilken plattform?", kind, help="Så att vi vet.", **more)  # type: ignore[arg-type]
    submit = None if field.options and field.options[0].action else Button("Svara", "s:7:put:plattform", Style.PRIMARY)
    back = Button("Tillbaka", "s:7:back")
    return Outgoing(
        Kind.STEP,
        SV,
        "Vilken plattform?",
        title="Öppna konto",
        progress="5 av 16",
        field=field,
        submit=submit,
        buttons=(back,),
    )


def form(**errors: str) -> Outgoing:
    """A section with a field of every kind."""
    fields = (
        Field("namn", "Kontots namn", Input.TEXT, help="Som det ska synas.", value="Biblioteket", longest=40),
        Field("syfte", "Syfte", Input.LONG_TEXT, optional=True),
        Field("plattform", "Plattform", Input.CHOICE, options=options(3, False), value="o1"),
        Field("extra", "Något mer", Input.CHOICE, options=options(14, False), optional=True),
        Field("språk", "Språk", Input.CHOICES, options=options(4, False), value=("o0", "o3")),
        Field("många", "Många", Input.CHOICES, options=options(130, False), value=("o120",)),
        Field("start", "Från när", Input.DATE, value="2027-02-01"),
        Field("antal", "Antal", Input.NUMBER, value="12"),
        Field("adress", "Adress", Input.ADDRESS),
        Field("chef", "Närmaste chef", Input.PERSON, value=f"slack:{TEAM}:{BO}"),
    )
    named = tuple(replace(field, error=errors.get(field.name, "")) for field in fields)
    return Outgoing(
        Kind.FORM, SV, "Fyll i.", title="Öppna konto: grunder", progress="Del 1 av 3", fields=named,
        submit=Button("Spara och fortsätt", "s:7:save:grunder"), key="session:7:form",
    )  # fmt: skip

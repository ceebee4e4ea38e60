"""A request as a message, for its reader's roles and in their language."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.filing.answers import lines, title
from bot.filing.requests import Event, Request
from bot.filing.rights import Look, Role, ruling
from bot.filing.states import DECIDED, NEEDS_REASON, Act, State, possible
from bot.messages import Button, Document, Kind, Outgoing, Row, Style
from bot.texts import say
from knowledge.models import Language

ORDER = (
    Act.AGREE,
    Act.DECLINE,
    Act.ANSWER,
    Act.TAKE,
    Act.APPROVE,
    Act.RETURN,
    Act.REJECT,
    Act.ASK,
    Act.PASS,
    Act.FINISH,
    Act.REMIND,
    Act.NAME,
    Act.WITHDRAW,
)
"""Buttons stand in this order; a channel that shows only a few shows the first."""
_STYLES = {Act.AGREE: Style.PRIMARY, Act.APPROVE: Style.PRIMARY, Act.ANSWER: Style.PRIMARY, Act.REJECT: Style.DANGER}
_STYLES |= {Act.WITHDRAW: Style.DANGER}
AS_REPORT = frozenset(
    f"request-{name}"
    for name in (
        *("button-approve", "button-reject", "reason-reject", "receipt"),
        *("state-filed", "state-in-review", "state-approved", "state-rejected"),
        *("short-in-review", "short-approved", "short-rejected", "did-approve", "did-reject"),
        *("told-approve", "told-return", "told-reject", "mail-filed", "mail-approved", "mail-rejected"),
    )
)
"""Messages with words of their own ("…-report") for a report: it is dealt with or closed, not approved or rejected."""
REGISTERED = {"open-account": "request-registered-open", "close-account": "request-registered-closed"}
"""What an approval has done to the register (bot.filing.register)."""


class Reader:
    """Writes requests for one reader."""

    def __init__(self, language: Language, zone: ZoneInfo, roles: Collection[Role] = ()) -> None:
        self.language = language
        self.zone = zone
        self.roles = frozenset(roles)

    # -- words ---------------------------------------------------------------------------------------------------

    def say(self, message: str, **values: str | int) -> str:
        """A message of the interface in the reader's language."""
        return say(self.language, message, **values)

    def of(self, request: Request, message: str, **values: str | int) -> str:
        """A message about a request, in the words that go with its kind."""
        return self.say(f"{message}-report" if request.report and message in AS_REPORT else message, **values)

    def moment(self, at: float) -> str:
        """A time as people write it."""
        when = datetime.fromtimestamp(at, self.zone)
        return f"{when.day}.{when.month}.{when.year} {when:%H:%M}"

    def day(self, at: float) -> str:
        """A day as people write it."""
        when = datetime.fromtimestamp(at, self.zone)
        return f"{when.day}.{when.month}.{when.year}"

    def name(self, name: str | None) -> str:
        """A person's name, or a word for somebody whose name is not known."""
        return name or self.say("request-somebody")

    def heading(self, request: Request) -> str:
        """What the request is called."""
        return f"{title(request.answers(), self.language)} · {request.reference}"

    def state(self, request: Request) -> str:
        """Where it stands, who did that, and when."""
        last = request.latest(*(a for a in Act if a not in (Act.NOTE, Act.ASK, Act.ANSWER, Act.REMIND))) or request.last
        message = f"request-state-{request.state.value}"
        who: str | None = last.name
        if request.state is State.WAITING:
            who = request.approver_name
            message += "" if request.approver else "-nobody"
        elif request.state is State.IN_REVIEW:
            who = request.reviewer_name
        elif last.what is Act.DECLINE:
            message += "-declined"
        return self.of(request, message, name=self.name(who), date=self.moment(last.at))

    def step(self, request: Request, event: Event) -> str:
        """A step of a request's history on one line."""
        message = f"request-did-{event.what.value}"
        return self.of(request, message, name=self.name(event.name), version=event.version)

    # -- the card ------------------------------------------------------------------------------------------------

    def card(self, request: Request, opening: str = "") -> Outgoing:
        """The whole request as this reader may see it."""
        if not ruling(Look.REQUEST, self.roles).allowed:
            return self._elsewhere(request)
        return Outgoing(
            Kind.REQUEST,
            self.language,
            "\n\n".join(part for part in (opening, *self._about(request)) if part),
            flow=request.flow,
            title=self.heading(request),
            rows=self._rows(request),
            buttons=self._buttons(request),
            document=self._document(request),
            key=request.key,
            private=Role.REVIEWER not in self.roles,
        )

    @staticmethod
    def _document(request: Request) -> Document:
        """The request as it now stands, for channels that give files along."""
        return Document(f"{request.reference}.pdf", "application/pdf", f"{request.reference}@{request.last.id}")

    def _elsewhere(self, request: Request) -> Outgoing:
        """What stands in the place of a request that no longer concerns the reader (another manager was named)."""
        return Outgoing(
            Kind.REQUEST,
            self.language,
            self.say("request-elsewhere", reference=request.reference),
            title=request.reference,
            key=request.key,
            private=True,
        )

    def _about(self, request: Request) -> list[str]:
        about = []
        if request.state is State.WAITING and Role.MANAGER in self.roles:
            about.append(self.say("request-please", name=self.name(request.requester_name)))
        about += [self._from(request), self.state(request), *self._said(request)]
        agreed = request.latest(Act.AGREE)
        if agreed and Role.REVIEWER in self.roles:
            about.append(self.say("request-agreed", name=self.name(agreed.name), date=self.moment(agreed.at)))
        if request.state in (State.APPROVED, State.DONE) and request.flow in REGISTERED:
            about.append(self.say(REGISTERED[request.flow]))
        return about

    def _from(self, request: Request) -> str:
        values = {"name": self.name(request.requester_name), "date": self.day(request.created_at)}
        unit = f", {request.unit}" if request.unit else ""
        return self.say("request-from", **values, unit=unit, version=request.version)

    def _said(self, request: Request) -> list[str]:
        """The words that still matter: why it came back, what was asked and answered."""
        found = []
        said = request.latest(Act.RETURN, Act.DECLINE, Act.REJECT)
        if said and said.reason and request.state in (State.RETURNED, State.REJECTED):
            found.append(self.say("request-words", name=self.name(said.name), reason=said.reason))
        asked, answered = request.latest(Act.ASK), request.latest(Act.ANSWER)
        if asked and request.state not in DECIDED:
            found.append(self.say("request-asked", name=self.name(asked.name), reason=asked.reason))
            if answered and answered.id > asked.id:
                found.append(self.say("request-answered", name=self.name(answered.name), reason=answered.reason))
        return found

    def _rows(self, request: Request) -> tuple[Row, ...]:
        notes = request.notes()
        before = request.answers(request.version - 1) if request.version > 1 else None
        can_note = Act.NOTE in possible(request.state) and ruling(Act.NOTE, self.roles).allowed
        shown = request.state is State.RETURNED or Role.REVIEWER in self.roles
        return tuple(
            Row(
                line.label,
                line.value,
                change=self._note_button(request, line.step, n) if can_note else None,
                note=notes.get(line.step, "") if shown else "",
                changed=line.changed,
            )
            for n, line in enumerate(lines(request.answers(), self.language, before), 1)
        )

    def _note_button(self, request: Request, step: str, number: int) -> Button:
        action = f"req:{request.reference}:{Act.NOTE.value}:{request.version}:{step}"
        return Button(self.say("request-button-note", number=number), action, reason=self.say("request-reason-note"))

    def _buttons(self, request: Request) -> tuple[Button, ...]:
        found = []
        if request.state is State.RETURNED and Role.REQUESTER in self.roles:
            found.append(Button(self.say("request-button-mend"), f"s:{request.session}:resume", Style.PRIMARY))
        for act in ORDER:
            if self._offered(request, act):
                found.append(self.button(request, act))
        if Role.REVIEWER in self.roles and request.state is not State.WAITING:
            found.append(Button(self.say("request-button-background"), f"req:{request.reference}:background"))
        return tuple(found)

    def _offered(self, request: Request, act: Act) -> bool:
        if act not in possible(request.state) or not ruling(act, self.roles).allowed:
            return False
        if act is Act.ANSWER:
            return request.question() is not None
        if act is Act.REMIND:
            return request.approver is not None
        if act is Act.FINISH:
            return not request.report  # it is done when it has been dealt with
        return not (act is Act.PASS and request.state is State.FILED)

    def button(self, request: Request, act: Act) -> Button:
        """What is pressed to do an act on this version of the request."""
        return Button(
            self.of(request, f"request-button-{act.value}"),
            f"req:{request.reference}:{act.value}:{request.version}",
            _STYLES.get(act, Style.PLAIN),
            self.of(request, f"request-reason-{act.value}") if act in NEEDS_REASON else None,
        )

    def show_button(self, request: Request) -> Button:
        """Opens the request."""
        label = self.say("request-button-show", reference=request.reference)
        return Button(label, f"req:{request.reference}:show")

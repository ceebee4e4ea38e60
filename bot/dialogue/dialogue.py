"""The dialogue's part of a turn: finds the person's session, lets it talk, and keeps it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.answering.answerer import Decision
from bot.answering.text import plain, words
from bot.commands import Command, change_number
from bot.dialogue.replies import Answer, Refusal, read_reply, said_yes, secret
from bot.dialogue.sessions import Session, State, open_session, save, session_by_id, unfinished
from bot.dialogue.talk import KnownAccount, Talk
from bot.messages import Button, Entry, Group, Kind, Outgoing, Style
from bot.store.tables import accounts
from knowledge.flows import FlowKind, StepType
from knowledge.models import Language

if TYPE_CHECKING:
    from bot.assistant import Filing, Turn

QUESTION_WORDS = re.compile(
    r"^(?:hur|vad|vem|vilken|vilket|vilka|när|varför|var|får|kan|måste|ska|bör|behöver|gäller|"
    r"miten|mitä|mikä|kuka|milloin|miksi|missä|saako|saanko|voiko|voinko|pitääkö|täytyykö|onko|tarvitaanko|kenen|"
    r"how|what|who|which|when|why|where|may|can|must|should|do|does|is|are)\b",
    re.IGNORECASE,
)


FREE = (StepType.TEXT, StepType.LONG_TEXT, StepType.ADDRESS, StepType.PERSON)
"""Steps that take nearly any text."""
NO_ANSWER_AT_ALL = ("refused-choice", "refused-yes-no", "refused-confirm", "refused-date", "refused-number",
                    "refused-address", "refused-summary", "refused-long")  # fmt: skip
"""Refusals of what may have been something else than an answer."""
ENTERING = ("set", "put", "save")
"""Presses that bring an answer; it is taken also when the session was paused meanwhile."""


class Dialogue:
    """The dialogues of the person who is talking."""

    def __init__(self, turn: Turn, filing: Filing | None = None) -> None:
        self.turn = turn
        self.filing = filing
        self._unfinished: list[Session] | None = None  # the person's unfinished sessions, once they were looked up

    # -- finding -------------------------------------------------------------------------------------------------

    async def _open(self) -> Session | None:
        if not self.turn.incoming.private:
            return None
        if self._unfinished is not None:
            return next((session for session in self._unfinished if session.state is State.OPEN), None)
        return await open_session(self.turn.tx, self.turn.organisation, self.turn.person)

    async def talk(self, session: Session) -> Talk | None:
        """The session with its flow; None when the flow is no longer there."""
        flow = self.turn.answers.knowledge.flows.get(session.flow)
        if flow is None:
            return None
        known = await self._accounts() if flow.accounts else []
        today = datetime.fromtimestamp(self.turn.now, UTC).date()
        return Talk(self.turn.answers, flow, session, known, today, (session.pending or {}).get("notes"))

    async def _accounts(self) -> list[KnownAccount]:
        listed = self.turn.answers.knowledge.organisation.accounts
        own = self.turn.answers.in_language
        named = [KnownAccount(a.platform, a.name, own(a.unit), tuple(a.unit.values())) for a in listed]
        rows = await self.turn.tx.execute(
            select(accounts.c.platform, accounts.c.name, accounts.c.unit, accounts.c.closed).where(
                accounts.c.organisation == self.turn.organisation
            )
        )
        kept = {(row.platform, row.name): row for row in rows}
        closed = {key for key, row in kept.items() if row.closed}
        also = {(a.platform, a.name): a.also for a in named}
        opened = [
            KnownAccount(r.platform, r.name, r.unit, also.get(key, ())) for key, r in kept.items() if key not in closed
        ]
        known = {(a.platform, a.name) for a in opened}
        return opened + [a for a in named if (a.platform, a.name) not in known | closed]

    async def _keep(self, session: Session, replies: list[Outgoing]) -> list[Outgoing]:
        await save(self.turn.tx, session, self.turn.now)
        return [replace(reply, private=True) for reply in replies]

    async def expire_overdue(self) -> list[Outgoing]:
        """Ends what has lain too long, also where no worker runs; tells of it."""
        if not self.turn.incoming.private:
            return []
        told = []
        self._unfinished = await unfinished(self.turn.tx, self.turn.organisation, self.turn.person)
        for session in self._unfinished:
            if session.expires_at(self.turn.draft_days) > self.turn.now:
                continue
            flow = self.turn.answers.knowledge.flows.get(session.flow)
            session.expire()
            await save(self.turn.tx, session, self.turn.now)
            if flow:
                told.append(self.turn.notice("expired", title=self.turn.answers.in_language(flow.title)))
        return told

    # -- starting, pausing, resuming -----------------------------------------------------------------------------

    async def start(self, flow_id: str, opening: str = "") -> list[Outgoing]:
        """Begins a flow; another that is open is paused. In a channel it goes on in the private conversation."""
        flow = self.turn.answers.knowledge.flows.get(flow_id)
        if flow is None:
            return [self.turn.notice("no-such-flow")]
        paused = await self._pause_open()
        session = Session(
            self.turn.organisation,
            self.turn.person,
            self.turn.incoming.conversation,
            flow.id,
            self.turn.answers.language,
        )
        await save(self.turn.tx, session, self.turn.now)
        talk = await self.talk(session)
        assert talk is not None  # noqa: S101 - the flow was looked up above
        shown = talk.begin()
        if opening:
            shown = [replace(shown[0], text=f"{opening}\n\n{shown[0].text}"), *shown[1:]]
        kept = await self._keep(session, [*paused, *shown])
        if self.turn.incoming.private:
            return kept
        return [self.turn.notice("in-private"), *kept]

    async def with_files(self) -> list[Outgoing] | None:
        """A file with a question starts the photo decision. Only what its metadata show is told; it is not kept."""
        if "photo" not in self.turn.answers.knowledge.flows:
            return None
        said = [self.turn.say("file-not-kept"), *self._files_show()]
        if self.turn.reading and self.turn.reading.parts:
            index = self.turn.answers.answerer.index
            spoken = index.language(plain(self.turn.incoming.text), self.turn.answers.language)
            self.turn.answers.language = self.turn.answers.supported(spoken)
            said = [self.turn.say("file-not-kept"), *self._files_show()]
        return await self.start("photo", "\n".join(said))

    def _files_show(self) -> list[str]:
        """What the metadata of the sent files give away."""
        files = self.turn.incoming.files
        said = []
        if any(f.place for f in files):
            said.append(self.turn.say("file-place"))
        names = sorted({name for f in files for name in f.people})
        if names:
            said.append(self.turn.say("file-people", names=", ".join(names)))
        return said

    async def _pause_open(self) -> list[Outgoing]:
        before = await open_session(self.turn.tx, self.turn.organisation, self.turn.person)
        if before is None:
            return []
        talk = await self.talk(before)
        empty = not before.answers and not before.request
        before.state = State.CANCELLED if empty else State.PAUSED
        await save(self.turn.tx, before, self.turn.now)
        if talk is None or empty:
            return []
        title = self.turn.answers.in_language(talk.flow.title)
        return [self.turn.notice("paused-other", title=title)]

    async def _resume(self, session: Session) -> list[Outgoing]:
        if session.state not in (State.OPEN, State.PAUSED, State.DONE):
            return [self.turn.notice(f"session-{session.state.value}")]
        other = await self._pause_open() if session.state is not State.OPEN else []
        session.state = State.OPEN
        talk = await self.talk(session)
        if talk is None:
            session.state = State.CANCELLED
            return await self._keep(session, [*other, self.turn.notice("no-such-flow")])
        return await self._keep(session, [*other, *self._renewed(talk), *talk.show()])

    def _renewed(self, talk: Talk) -> list[Outgoing]:
        """What a flow that was changed meanwhile asks anew."""
        new = talk.session.reconcile(talk.flow)
        if not new:
            return []
        listed = "\n".join(f"– {self.turn.answers.in_language(step.ask)}" for step in new)
        return [talk.notice("flow-changed", steps=listed)]

    async def again(self, language: Language | None = None) -> list[Outgoing]:
        """The open session's step once more, after something else was answered."""
        session = await self._open()
        talk = await self.talk(session) if session else None
        if session is None or talk is None:
            return []
        if language:
            session.language = language
            talk = await self.talk(session) or talk
        else:
            talk.answers.language = talk.language
        return await self._keep(session, talk.show())

    # -- what is typed -------------------------------------------------------------------------------------------

    async def say(self, known: Command) -> list[Outgoing] | None:
        """A command of the dialogue; None when it is none, or when there is nothing for it to act on."""
        if not self.turn.incoming.private:
            return None
        if known.name == "drafts":
            self.turn.answers.language = self.turn.answers.supported(known.language)
            return [await self.drafts()]
        if known.name == "resume":
            mine = await unfinished(self.turn.tx, self.turn.organisation, self.turn.person)
            mine.sort(key=lambda session: session.state is not State.OPEN)
            return await self._resume(mine[0]) if mine else [self.turn.notice("nothing-to-resume")]
        session = await self._open()
        talk = await self.talk(session) if session else None
        if session is None or talk is None:
            return [self.turn.notice("nothing-open")] if known.name in ("pause", "cancel") else None
        verb = {"back": "back", "skip": "skip", "pause": "pause", "cancel": "cancel", "start-over": "again"}
        verb |= {"summary": "summary", "form": "form", "steps": "show", "submit": "submit"}
        asked = talk.asked()
        if known.name not in verb:
            return await self.reply() if self._answers(talk, known) else None
        if known.name == "form" and asked is not None:
            return await self._act(session, talk, "form", [talk.section_of(asked).id])
        if known.name == "submit" and asked is not None:
            return None
        rest = [str(session.turn)] if known.name == "submit" else []
        return await self._act(session, talk, verb[known.name], rest)

    def _answers(self, talk: Talk, known: Command) -> bool:
        """Whether a command that is not of the dialogue ("ok thanks", "Finnish") is rather the answer that is asked."""
        step = talk.asked()
        if step is None:
            return False
        if step.type in FREE:
            return not known.exact
        return isinstance(read_reply(step, self.turn.incoming.text, talk.language), Answer)

    async def reply(self) -> list[Outgoing] | None:
        """A typed text while a dialogue is open: first an answer, then a question. None: no dialogue is open."""
        session = await self._open()
        talk = await self.talk(session) if session else None
        if session is None or talk is None:
            return None
        text = self.turn.incoming.text
        renewed = self._renewed(talk)
        if self.turn.incoming.files:
            if not plain(text) and talk.flow.id != "photo":
                return None
            told = "\n".join([self.turn.say("file-not-kept-here"), *self._files_show()])
            renewed.append(Outgoing(Kind.NOTICE, talk.language, told, flow=talk.flow.id))
            if not plain(text):
                return await self._keep(session, [*renewed, *talk.show()])
        waiting = session.waiting
        if waiting in ("cancel", "again"):
            said = said_yes(text)
            if said is not None:
                return await self._act(session, talk, f"{waiting}-{'yes' if said else 'no'}", [])
        number = change_number(text)
        if number is not None:
            return await self._keep(session, [*renewed, *talk.change(number)])
        if self._could_be_question(talk, text):
            session.wait("either", text)
            return await self._keep(session, [*renewed, self._either(talk)])
        done = talk.reply(text, self.turn.incoming.mentions)
        if not isinstance(done, Refusal):
            return await self._keep(session, [*renewed, *done])
        if self._is_question(text, done):
            return await self._side_question(session, talk, text)
        return await self._keep(session, [*renewed, *talk.refused(done)])

    def _is_question(self, text: str, refusal: Refusal) -> bool:
        """Whether a text that is no answer is a question; what was nearly an answer (too early a day) is none."""
        reading = self.turn.reading
        if refusal.message not in NO_ANSWER_AT_ALL or not reading or not reading.parts or len(words(text)) < 3:
            return False
        if text.rstrip().endswith("?") or QUESTION_WORDS.match(plain(text)):
            return True
        sure = reading.parts[0].decision is Decision.ANSWER and len(words(text)) >= 4
        return sure and refusal.message in ("refused-choice", "refused-yes-no")

    def _could_be_question(self, talk: Talk, text: str) -> bool:
        """Whether a text that would do as an answer may have been meant as a question."""
        step = talk.asked()
        if step is None or len(words(text)) < 3 or secret(step, text):
            return False
        if step.type not in FREE and not isinstance(read_reply(step, text, talk.language), Answer):
            return False
        if any(plain(label).lower() == plain(text).lower() for o in step.options for label in o.label.values()):
            return False
        reading = self.turn.reading
        if text.rstrip().endswith("?"):
            return True
        sure = bool(reading and reading.parts and reading.parts[0].decision is Decision.ANSWER)
        return sure and bool(QUESTION_WORDS.match(plain(text)))

    def _either(self, talk: Talk) -> Outgoing:
        return Outgoing(
            Kind.NOTICE,
            talk.language,
            self.turn.say("either"),
            flow=talk.flow.id,
            buttons=(
                Button(self.turn.say("button-is-answer"), talk.action("mine"), Style.PRIMARY),
                Button(self.turn.say("button-is-question"), talk.action("ask")),
            ),
        )

    async def _side_question(self, session: Session, talk: Talk, text: str) -> list[Outgoing]:
        if self.turn.reading is None or self.turn.reading.text != text:
            from bot.answers import read

            self.turn.reading = read(self.turn.answers.answerer, text)
        answer = self.turn.answers.answer(self.turn.reading)
        talk.answers.language = talk.language
        return await self._keep(session, [answer, talk.notice("back-to-step"), *talk.show()])

    # -- what is pressed -----------------------------------------------------------------------------------------

    async def press(self, action: str) -> list[Outgoing]:
        """A button of a session: `s:<session>:<verb>[:…]`."""
        _, number, verb, *rest = [*action.split(":"), "", ""]
        rest = [part for part in rest if part]
        session = await session_by_id(self.turn.tx, self.turn.organisation, int(number)) if number.isdigit() else None
        if session is None:
            return [self.turn.notice("old-button")]
        if session.person != self.turn.person:
            return [replace(self.turn.notice("not-yours"), private=True)]
        talk = await self.talk(session)
        if talk is None:
            return [self.turn.notice("no-such-flow")]
        if verb == "resume":
            return await self._resume(session)
        if session.state is State.FILED and session.request:
            return [self.turn.notice("request-already-filed", reference=session.request)]
        if session.state in (State.CANCELLED, State.EXPIRED, State.FILED):
            return [self.turn.notice(f"session-{session.state.value}")]
        before: list[Outgoing] = []
        if session.state is State.PAUSED and not verb.startswith("cancel"):
            if verb not in ENTERING:
                return await self._resume(session)
            before, session.state = await self._pause_open(), State.OPEN
        if session.state is State.DONE and verb in ("change", "save"):
            before, session.state = await self._pause_open(), State.OPEN
        if session.state is State.DONE and verb not in ENTERING:
            return [self.turn.notice("session-done")]
        before += self._renewed(talk)
        return [*await self._keep(session, before), *await self._act(session, talk, verb, rest)]

    async def _act(self, session: Session, talk: Talk, verb: str, rest: list[str]) -> list[Outgoing]:
        done = self._effect(session, talk, verb, rest)
        if isinstance(done, Refusal):
            return await self._keep(session, talk.refused(done))
        if done is not None:
            return await self._keep(session, done)
        if verb == "submit":
            return await self._submit(session, talk, rest)
        if verb == "mine":
            return await self._mine(session, talk)
        if verb == "ask":
            text = str((session.pending or {}).get("text", ""))
            session.wait(None)
            if text:
                return await self._side_question(session, talk, text)
        shown = talk.show() if session.state is State.OPEN else [self._paused(talk)]
        return await self._keep(session, [talk.notice("old-button"), *shown])

    def _effect(self, session: Session, talk: Talk, verb: str, rest: list[str]) -> list[Outgoing] | Refusal | None:
        form = self.turn.incoming.form or {}
        first = rest[0] if rest else ""
        if verb == "set":
            return talk.press(first, ":".join(rest[1:]))
        if verb == "put":
            return talk.press(first, form.get(first, ""))
        if verb == "save":
            return talk.fill(first, form)
        if verb == "form":
            return talk.form(first)
        if verb == "change":
            return talk.change(first)
        if verb == "keep":
            return talk.keep(first)
        if verb == "skip":
            return talk.skip(first or None)
        if verb == "summary":
            return self._so_far(talk)
        if verb in ("cancel-yes", "again-yes") and session.waiting != verb.removesuffix("-yes"):
            return None
        simple = {"back": talk.back, "show": talk.show, "again-yes": talk.start_over}
        if verb in simple:
            return simple[verb]()
        if verb == "pause":
            session.state = State.PAUSED
            return [self._paused(talk)]
        if verb in ("cancel", "cancel-yes") and session.request:
            session.state = State.PAUSED
            withdraw = Button(self.turn.say("request-button-withdraw"), f"req:{session.request}:withdraw", Style.DANGER)
            said = talk.notice("request-cancel-means", reference=session.request)
            return [replace(said, buttons=(*self._paused(talk).buttons, withdraw))]
        if verb in ("cancel", "again"):
            return self._ask_first(session, talk, verb)
        if verb == "cancel-yes":
            session.state, session.answers, session.pending = State.CANCELLED, {}, None
            return [talk.notice("cancelled", title=self.turn.answers.in_language(talk.flow.title))]
        if verb in ("cancel-no", "again-no"):
            session.wait(None)
            return [self._paused(talk)] if session.state is State.PAUSED else talk.show()
        return None

    def _so_far(self, talk: Talk) -> list[Outgoing]:
        if talk.asked() is None:
            return talk.show()
        title = self.turn.answers.in_language(talk.flow.title)
        text = self.turn.say("summary-so-far")
        return [Outgoing(Kind.SUMMARY, talk.language, text, title=title, rows=talk.rows()), *talk.show()]

    def _ask_first(self, session: Session, talk: Talk, verb: str) -> list[Outgoing]:
        if not session.answers and verb == "cancel":
            session.state = State.CANCELLED
            return [talk.notice("cancelled", title=self.turn.answers.in_language(talk.flow.title))]
        session.wait(verb)
        yes = Button(self.turn.say(f"button-{verb}-yes"), talk.action(f"{verb}-yes"), Style.DANGER)
        no = Button(self.turn.say("button-go-on"), talk.action(f"{verb}-no"))
        text = self.turn.say(f"{verb}-sure")
        return [Outgoing(Kind.NOTICE, talk.language, text, flow=talk.flow.id, buttons=(yes, no))]

    def _paused(self, talk: Talk) -> Outgoing:
        button = Button(self.turn.say("button-resume"), talk.action("resume"), Style.PRIMARY)
        title = self.turn.answers.in_language(talk.flow.title)
        return replace(talk.notice("paused", title=title), buttons=(button,))

    async def _mine(self, session: Session, talk: Talk) -> list[Outgoing]:
        text = str((session.pending or {}).get("text", ""))
        session.wait(None)
        if not text:
            return await self._keep(session, [talk.notice("old-button"), *talk.show()])
        done = talk.reply(text)
        return await self._keep(session, talk.refused(done) if isinstance(done, Refusal) else done)

    async def _submit(self, session: Session, talk: Talk, rest: list[str]) -> list[Outgoing]:
        if talk.asked() is not None or talk.flow.kind is not FlowKind.CHECKLIST:
            return await self._keep(session, talk.show())
        if rest and rest[0] != str(session.turn):
            return await self._keep(session, [talk.notice("summary-changed"), *talk.show()])
        if self.filing is None:
            session.state = State.PAUSED
            return await self._keep(session, [talk.notice("draft-kept")])
        filed = await self.filing.submit(self.turn, talk)
        return await self._keep(session, filed)

    # -- lists ---------------------------------------------------------------------------------------------------

    async def drafts(self) -> Outgoing:
        """What the person has begun and not finished."""
        group = await self.draft_group()
        return Outgoing(
            Kind.HOME, self.turn.answers.language, group.title if group.entries else group.empty, groups=(group,),
            private=True,
        )  # fmt: skip

    async def draft_group(self) -> Group:
        """The drafts as a list with a button to go on."""
        entries = []
        for session in await unfinished(self.turn.tx, self.turn.organisation, self.turn.person):
            flow = self.turn.answers.knowledge.flows.get(session.flow)
            if flow is None:
                continue
            day = datetime.fromtimestamp(session.updated_at, UTC).date()
            detail = self.turn.say("draft-detail", count=len(session.answers), date=f"{day.day}.{day.month}.{day.year}")
            buttons = (
                Button(self.turn.say("button-resume"), f"s:{session.id}:resume", Style.PRIMARY),
                Button(self.turn.say("button-cancel"), f"s:{session.id}:cancel"),
            )
            entries.append(Entry(self.turn.answers.in_language(flow.title), detail, buttons))
        return Group(self.turn.say("drafts"), tuple(entries), self.turn.say("no-drafts"))

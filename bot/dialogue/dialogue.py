"""The dialogue's part of a turn: finds the person's session, lets it talk, and keeps it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answering.text import plain
from bot.commands import Command, change_asked, starts_flow
from bot.dialogue.accounts import known_accounts
from bot.dialogue.drafts import draft, group
from bot.dialogue.effects import effect, paused
from bot.dialogue.phrases import said_yes
from bot.dialogue.questions import answers_step, could_be_question, is_answer, is_question, reply_to
from bot.dialogue.replies import Answer, Refusal
from bot.dialogue.sessions import Session, State, open_session, save, session_by_id, unfinished
from bot.dialogue.statements import agreed, heard
from bot.dialogue.talk import Talk
from bot.messages import Button, Group, Kind, Outgoing, Person, Style
from knowledge.flows import FlowKind
from knowledge.models import Language

if TYPE_CHECKING:
    from bot.assistant import Filing, Turn

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
        known = await known_accounts(self.turn) if flow.accounts else []
        today = self.turn.answers.knowledge.organisation.day(self.turn.now)
        me, notes = Person(self.turn.person, self.turn.name), (session.pending or {}).get("notes")
        return Talk(self.turn.answers, flow, session, known, today, notes, me)

    async def _keep(self, session: Session, replies: list[Outgoing]) -> list[Outgoing]:
        await save(self.turn.tx, session, self.turn.now)
        return _private(replies)

    async def expire_overdue(self) -> list[Outgoing]:
        """Ends what has lain too long, also where no worker runs; tells of it."""
        if not self.turn.incoming.private:
            return []
        told = []
        self._unfinished = list(self.turn.known.unfinished)
        for session in self._unfinished:
            if session.expires_at(self.turn.draft_days) > self.turn.now:
                continue
            known = draft(self.turn.answers, session)
            session.expire()
            await save(self.turn.tx, session, self.turn.now)
            if known:
                told.append(self.turn.notice("expired", title=known.name))
        return told

    # -- starting, pausing, resuming -----------------------------------------------------------------------------

    async def start(self, flow_id: str, opening: str = "") -> list[Outgoing]:
        """Begins a flow; another that is open is paused. In a channel it goes on in the private conversation."""
        flow = self.turn.answers.knowledge.flows.get(flow_id)
        if flow is None:
            return [self.turn.notice("no-such-flow")]
        before = await self._pause_open()
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
        kept = await self._keep(session, [*before, *shown])
        if self.turn.incoming.private:
            return kept
        return [self.turn.notice("in-private"), *kept]

    async def with_files(self) -> list[Outgoing] | None:
        """A file with a question starts the photo decision. Only what its metadata show is told; it is not kept."""
        if "photo" not in self.turn.answers.knowledge.flows:
            return None
        said = [self.turn.say("file-not-kept"), *files_show(self.turn)]
        if self.turn.reading and self.turn.reading.parts:
            index = self.turn.answers.answerer.index
            spoken = index.language(plain(self.turn.incoming.text), self.turn.answers.language)
            self.turn.answers.language = self.turn.answers.supported(spoken)
            said = [self.turn.say("file-not-kept"), *files_show(self.turn)]
        return await self.start("photo", "\n".join(said))

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
        return [replace(self.turn.notice("paused-other", title=title), flow=talk.flow.id)]

    async def _resume(self, session: Session) -> list[Outgoing]:
        if session.state not in (State.OPEN, State.PAUSED, State.DONE):
            return [self.turn.notice(f"session-{session.state.value}")]
        other = await self._pause_open() if session.state is not State.OPEN else []
        session.state, session.language = State.OPEN, self.turn.answers.language
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

    async def welcome_back(self, language: Language | None = None) -> list[Outgoing]:
        """Where the open dialogue stands, for who comes back to it; nothing when none is open."""
        session = await self._open()
        if session is not None and language not in (None, session.language):
            session.language = language or session.language
            await save(self.turn.tx, session, self.turn.now)
        talk = await self.talk(session) if session else None
        if talk is None:
            return []
        (shown,) = talk.standing()
        title = talk.answers.in_language(talk.flow.title)
        back = talk.notice("welcome-back-answered", title=title)
        if shown.progress:
            back = talk.notice("welcome-back", title=title, progress=shown.progress)
        return _private([back, shown])

    # -- what is typed -------------------------------------------------------------------------------------------

    async def say(self, known: Command) -> list[Outgoing] | None:
        """A command of the dialogue; None when it is none, or when there is nothing for it to act on."""
        if not self.turn.incoming.private:
            return None
        if known.name == "drafts":
            self.turn.answers.language = self.turn.answers.supported(known.language)
            return [await self.drafts()]
        if known.name == "resume":
            self.turn.answers.language = self.turn.answers.supported(known.language)
            mine = await unfinished(self.turn.tx, self.turn.organisation, self.turn.person)
            mine.sort(key=lambda session: session.state is not State.OPEN)
            return await self._resume(mine[0]) if mine else [self.turn.notice("nothing-to-resume")]
        session = await self._open()
        talk = await self.talk(session) if session else None
        if session is None or talk is None:
            if known.name == "noted":  # a yes or no to what a paused draft asked
                return await self.reply()
            return [self.turn.notice("nothing-open")] if known.name in ("pause", "cancel", "start-over") else None
        verb = {"back": "back", "skip": "skip", "pause": "pause", "cancel": "cancel", "start-over": "again"}
        verb |= {"summary": "summary", "form": "form", "steps": "show", "submit": "submit", "keep": "keep"}
        asked = talk.asked()
        if known.name == "noted":
            return await self.reply()
        if known.name == "why" and asked is not None:
            return await self._keep(session, [talk.notice("why-step"), *talk.show()])
        if known.name == "submit" and known.exact and asked is not None and talk.flow.kind is FlowKind.CHECKLIST:
            return await self._keep(session, [talk.notice("not-yet-submitted"), *talk.show()])
        if known.name not in verb:
            return await self.reply() if answers_step(talk, self.turn.incoming.text, known) else None
        if known.name == "form" and asked is not None:
            return await self._act(session, talk, "form", [talk.section_of(asked).id])
        if (known.name == "submit" and asked is not None) or (known.name == "keep" and session.asking is None):
            return None
        rest = [str(session.turn)] if known.name == "submit" else []
        return await self._act(session, talk, verb[known.name], rest)

    async def reply(self) -> list[Outgoing] | None:
        """A typed text while a dialogue is open: first an answer, then a question. None: no dialogue is open."""
        text = self.turn.incoming.text
        confirmed = await self._confirmed(text)
        if confirmed is not None:
            return confirmed
        session = await self._open()
        talk = await self.talk(session) if session else None
        if session is None or talk is None:
            return None
        before = self._renewed(talk)
        if self.turn.incoming.files:
            if not plain(text) and talk.flow.id != "photo":
                return None
            told = "\n".join([self.turn.say("file-not-kept-here"), *files_show(self.turn)])
            before.append(Outgoing(Kind.NOTICE, talk.language, told, flow=talk.flow.id))
        if self.turn.incoming.files and not plain(text):
            done = await self._keep(session, talk.show())
        else:
            done = await self._meant(session, talk, text) or await self._answered(session, talk, text)
        return [*_private(before), *done]

    async def _meant(self, session: Session, talk: Talk, text: str) -> list[Outgoing] | None:
        """What a text does that is about the dialogue rather than an answer in it; None: it is no such."""
        verb = reply_to(session.waiting, text)
        if verb == "start":
            return await self.start(str((session.pending or {}).get("text")))
        if verb:
            return await self._act(session, talk, verb, [])
        meant, step = agreed(talk, text), talk.asked()
        if meant and step and said_yes(text):
            return await self._act(session, talk, "set", [step.id, meant])
        wanted = change_asked(text)
        done = talk.change(*wanted) if wanted else talk.correct(text)
        if done is not None:
            return await self._keep(session, done)
        other = starts_flow(text, self.turn.answers.knowledge.flows.values())
        if other and not is_answer(talk, text):
            return await self._keep(session, [self._another(talk, other[0], text)])
        return None

    async def _answered(self, session: Session, talk: Talk, text: str) -> list[Outgoing]:
        """What a text does as an answer to the asked step, or as a question beside it."""
        if could_be_question(talk, self.turn.reading, text):
            session.wait("either", text)
            return await self._keep(session, [self._either(talk, text)])
        done = talk.reply(text, self.turn.incoming.mentions)
        if not isinstance(done, Refusal):
            return await self._keep(session, done)
        if is_question(self.turn.reading, text, done):
            return await self._side_question(session, talk, text)
        return await self._keep(session, heard(talk, done, text) or talk.refused(done))

    async def _confirmed(self, text: str) -> list[Outgoing] | None:
        """A typed yes or no to whether a paused draft is to be cancelled, if that was the last thing asked."""
        last = next(iter(self._unfinished or []), None)
        said = said_yes(text) if last and last.state is State.PAUSED and last.waiting == "cancel" else None
        talk = await self.talk(last) if last and said is not None else None
        if last is None or talk is None:
            return None
        return [*await self._act(last, talk, f"cancel-{'yes' if said else 'no'}", []), *await self.again()]

    def _either(self, talk: Talk, text: str) -> Outgoing:
        likelier = text.rstrip().endswith("?")
        answer, question = (Style.PLAIN, Style.PRIMARY) if likelier else (Style.PRIMARY, Style.PLAIN)
        buttons = (
            Button(self.turn.say("button-is-answer"), talk.action("mine"), answer),
            Button(self.turn.say("button-is-question"), talk.action("ask"), question),
        )
        return Outgoing(Kind.NOTICE, talk.language, self.turn.say("either"), buttons=buttons)

    def _another(self, talk: Talk, flow_id: str, text: str) -> Outgoing:
        """Asks whether another dialogue is to begin, since its starting words were typed in the middle of this one."""
        title = self.turn.answers.in_language(self.turn.answers.knowledge.flows[flow_id].title)
        begin = Button(title, f"flow:{flow_id}")
        if isinstance(talk.readable(text), Answer):
            talk.session.wait("either", text)
            said, first = "either-start", Button(self.turn.say("button-is-answer"), talk.action("mine"), Style.PRIMARY)
            buttons = (first, begin)
        else:
            talk.session.wait("start", flow_id)
            said, buttons = "start-other", (begin, Button(self.turn.say("button-go-on"), talk.action("show")))
        asked = self.turn.say(said, title=title)
        return Outgoing(Kind.NOTICE, talk.language, asked, buttons=buttons)

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
            return [talk.notice(f"session-{session.state.value}"), *await self.again()]
        before: list[Outgoing] = []
        beside = session.state is State.PAUSED and verb in ("cancel-yes", "cancel-no")
        if session.state is State.PAUSED and not verb.startswith("cancel"):
            if verb not in ENTERING:
                return await self._resume(session)
            before, session.state = await self._pause_open(), State.OPEN
        if session.state is State.DONE and verb in ("change", "save"):
            before, session.state = await self._pause_open(), State.OPEN
        if session.state is State.DONE and verb not in ENTERING:
            return [self.turn.notice("session-done")]
        before += self._renewed(talk)
        done = [*await self._keep(session, before), *await self._act(session, talk, verb, rest)]
        return [*done, *await self.again()] if beside else done

    async def entered(self, action: str) -> list[Outgoing]:
        """Keeps what stands in a form that was not sent, by the form's action (`s:<session>:save:<section>`)."""
        _, number, verb, section, *_ = [*action.split(":", 4), "", "", ""]
        found = await session_by_id(self.turn.tx, self.turn.organisation, int(number)) if number.isdigit() else None
        mine = found is not None and found.person == self.turn.person and verb == "save"
        talk = await self.talk(found) if found and mine and found.state in (State.OPEN, State.PAUSED) else None
        if found and talk:
            talk.note(section, self.turn.incoming.form or {})
            await save(self.turn.tx, found, self.turn.now)
        return []

    async def _act(self, session: Session, talk: Talk, verb: str, rest: list[str]) -> list[Outgoing]:
        done = effect(talk, verb, rest, self.turn.incoming.form or {})
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
        shown = talk.show() if session.state is State.OPEN else [paused(talk)]
        return await self._keep(session, [talk.notice("old-button"), *shown])

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
        return group(self.turn.answers, await unfinished(self.turn.tx, self.turn.organisation, self.turn.person))


def files_show(turn: Turn) -> list[str]:
    """What the metadata of the sent files give away."""
    files = turn.incoming.files
    said = [turn.say("file-place")] if any(f.place for f in files) else []
    names = sorted({name for f in files for name in f.people})
    return [*said, turn.say("file-people", names=", ".join(names))] if names else said


def _private(replies: list[Outgoing]) -> list[Outgoing]:
    return [replace(reply, private=True) for reply in replies]

"""What pressed buttons and typed commands of a dialogue do to its session.

Pure over the session, like `Talk`: keeping it, and what needs the store or filing, is left to `Dialogue`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.dialogue.drafts import draft
from bot.dialogue.replies import Refusal
from bot.dialogue.sessions import State
from bot.dialogue.talk import Talk
from bot.messages import Button, Kind, Outgoing, Style
from bot.texts import say


def effect(talk: Talk, verb: str, rest: list[str], form: dict[str, Any]) -> list[Outgoing] | Refusal | None:
    """What a verb does with the rest of its action. Refusal: its value is no answer; None: not done here or now."""
    session = talk.session
    first = rest[0] if rest else ""
    if verb == "set":
        return talk.press(first, ":".join(rest[1:]))
    if verb == "put":
        return talk.press(first, form.get(first, ""))
    if verb == "save":
        return talk.fill(first, form, rest[1] if len(rest) > 1 else "")
    if verb == "form":
        return talk.form(first)
    if verb == "change":
        return talk.change(first)
    if verb == "keep":
        return talk.keep(first or talk.session.asking or "")
    if verb == "told":
        return talk.use_told()
    if verb == "skip":
        return talk.skip(first or None)
    if verb == "summary":
        return _so_far(talk)
    if verb in ("cancel-yes", "again-yes") and session.waiting != verb.removesuffix("-yes"):
        return None
    simple = {"back": talk.back, "show": talk.show, "again-yes": talk.start_over}
    if verb in simple:
        return simple[verb]()
    if verb == "pause":
        session.state = State.PAUSED
        return [paused(talk)]
    if verb in ("cancel", "cancel-yes") and session.request:
        session.state = State.PAUSED
        label = say(talk.language, "request-button-withdraw")
        withdraw = Button(label, f"req:{session.request}:withdraw", Style.DANGER)
        said = talk.notice("request-cancel-means", reference=session.request)
        return [replace(said, buttons=(*paused(talk).buttons, withdraw))]
    if verb in ("cancel", "again"):
        return _ask_first(talk, verb)
    if verb == "cancel-yes":
        session.state, session.answers, session.pending = State.CANCELLED, {}, None
        return [talk.notice("cancelled", title=talk.answers.in_language(talk.flow.title))]
    if verb in ("cancel-no", "again-no"):
        session.wait(None)
        return [_still_kept(talk)] if session.state is State.PAUSED else talk.show()
    return None


def paused(talk: Talk) -> Outgoing:
    """That it is paused, and the way on."""
    button = Button(say(talk.language, "button-resume"), talk.action("resume"), Style.PRIMARY)
    title = talk.answers.in_language(talk.flow.title)
    return replace(talk.notice("paused", title=title), buttons=(button,))


def _still_kept(talk: Talk) -> Outgoing:
    """That a paused draft was not cancelled after all."""
    about = draft(talk.answers, talk.session)
    title = about.name if about else talk.answers.in_language(talk.flow.title)
    return replace(paused(talk), text=say(talk.language, "still-kept", title=title))


def _so_far(talk: Talk) -> list[Outgoing]:
    if talk.asked() is None:
        return talk.show()
    title = talk.answers.in_language(talk.flow.title)
    if not talk.rows():
        return [talk.notice("nothing-answered"), *talk.show()]
    text = say(talk.language, "summary-so-far")
    return [Outgoing(Kind.SUMMARY, talk.language, text, title=title, rows=talk.rows()), *talk.show()]


def _ask_first(talk: Talk, verb: str) -> list[Outgoing]:
    session = talk.session
    if not session.answers and verb == "cancel":
        session.state = State.CANCELLED
        return [talk.notice("cancelled", title=talk.answers.in_language(talk.flow.title))]
    session.wait(verb)
    yes = Button(say(talk.language, f"button-{verb}-yes"), talk.action(f"{verb}-yes"), Style.DANGER)
    no = Button(say(talk.language, "button-go-on"), talk.action(f"{verb}-no"))
    text = say(talk.language, f"{verb}-sure")
    about = draft(talk.answers, session) if session.state is State.PAUSED else None
    if about:
        text = say(talk.language, "cancel-sure-other", title=about.name)
    return [Outgoing(Kind.NOTICE, talk.language, text, flow=talk.flow.id, buttons=(yes, no))]

"""Runs a conversation over standard input and output: a message a line, ended by end of file."""

from __future__ import annotations

import sys

from rich.console import Console

from adapters.terminal.render import show
from bot.assistant import Assistant
from bot.messages import Incoming
from knowledge.models import Language


def run(assistant: Assistant, organisation: str, language: Language | None, user: str) -> None:
    """Talks until the input ends. A person sees a prompt; a script sees only the answers."""
    console = Console()
    show(console, assistant.welcome(organisation, language))
    while True:
        try:
            text = input("> " if sys.stdin.isatty() else "")
        except (EOFError, KeyboardInterrupt):
            return
        except UnicodeDecodeError:
            text = ""
        show(console, assistant.handle(Incoming(organisation, f"terminal:{user}", text, language)))

"""Ends a turn or a worker at a chosen statement, as the death of its process would."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from bot.store.store import Store


class Killed(BaseException):
    """The process is gone: nothing catches this."""


@contextmanager
def killed_at(store: Store, statement: int) -> Iterator[list[int]]:
    """The k-th statement or commit does not come about any more. Yields how many were begun."""
    count = [0]
    engine = store.engine.sync_engine

    def step(*_: Any) -> None:
        count[0] += 1
        if count[0] >= statement:
            raise Killed

    event.listen(engine, "before_cursor_execute", step)
    event.listen(engine, "commit", step)
    try:
        yield count
    finally:
        event.remove(engine, "before_cursor_execute", step)
        event.remove(engine, "commit", step)

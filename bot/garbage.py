"""Python's garbage collector in a process that serves: it looks seldom, and never at what stays.

A turn leaves almost nothing that points at itself: what it made is freed as soon as nobody holds it. What the collector
looks through again and again is what was loaded at the start (knowledge, indexes, modules: hundreds of thousands of
objects), and all turns stand still for it. With Python's usual settings that was a tenth of a busy process's time and
every hundredth turn's wait (0.2 s).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = (10_000, 20, 20)
"""How many objects more than before make it look at the new ones (Python: 700), and after how many such looks it looks
at older ones. Of a turn some five objects stay that only it finds."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """For a process of its own, when everything is loaded, as long as it serves; at its end all is as it was."""
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()

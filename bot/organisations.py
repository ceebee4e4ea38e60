"""The organisations of this installation: their knowledge and index, each opened once, when first asked."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path
from threading import Lock

from bot.answering.answerer import Answerer, index_place, open_index
from bot.answering.semantic import embedder
from bot.settings import Settings
from knowledge import loader
from knowledge.loader import Knowledge


class NoOrganisation(Exception):
    """The knowledge folder holds no organisation."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"there is no organisation in {folder}; set SOMEGUIDE_KNOWLEDGE_DIR to a knowledge folder")


class Organisations:
    """Gives the answerer of an organisation. Nothing of one is reachable through another."""

    def __init__(self, settings: Settings, notice: Callable[[str], None] = lambda _: None) -> None:
        self._settings = settings
        self._notice = notice
        self._open: dict[str, Answerer] = {}
        self._lock = Lock()
        self.embedder = embedder() if settings.semantic else None

    @property
    def ids(self) -> list[str]:
        """All organisations, in alphabetical order."""
        return loader.organisations(self._settings.knowledge_dir)

    def knowledge(self, organisation: str) -> Knowledge:
        """One organisation's knowledge. Raises UnknownOrganisation or KnowledgeError."""
        return self.answerer(organisation).knowledge

    def open_all(self) -> None:
        """Opens every organisation; indexes that are not built yet are built first, on all cores at once.

        Raises KnowledgeError.
        """
        folder = self._settings.cache_dir
        known = [loader.load(name, self._settings.knowledge_dir) for name in self.ids]
        missing = [k.id for k in known if not index_place(k, folder, self.embedder).exists()]
        if len(missing) > 1:
            self._notice(f"building the indexes of {', '.join(missing)} (once, until their knowledge changes)")
            with ProcessPoolExecutor(min(len(missing), cpu_count() or 1), get_context("spawn")) as pool:
                list(pool.map(_build, missing, [self._settings] * len(missing)))
        for name in self.ids:
            self.answerer(name)

    def answerer(self, organisation: str) -> Answerer:
        """One organisation's answerer. Raises UnknownOrganisation or KnowledgeError."""
        with self._lock:
            if organisation not in self._open:
                known = loader.load(organisation, self._settings.knowledge_dir)
                index = open_index(known, self._settings.cache_dir, self.embedder, self._notice)
                self._open[organisation] = Answerer(known, index, self.embedder)
            return self._open[organisation]


def _build(organisation: str, settings: Settings) -> None:
    """Builds and keeps one organisation's index, in a process of its own."""
    Organisations(settings).answerer(organisation)

"""The organisations of this installation: their knowledge and index, each opened once, when first asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Lock

from bot.answering.answerer import Answerer, open_index
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

    def answerer(self, organisation: str) -> Answerer:
        """One organisation's answerer. Raises UnknownOrganisation or KnowledgeError."""
        with self._lock:
            if organisation not in self._open:
                known = loader.load(organisation, self._settings.knowledge_dir)
                index = open_index(known, self._settings.cache_dir, self.embedder, self._notice)
                self._open[organisation] = Answerer(known, index, self.embedder)
            return self._open[organisation]

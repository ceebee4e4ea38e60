"""The interface's own sentences, as Fluent catalogues: one file a language, the same messages in each."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource

from knowledge.models import Language

FOLDER = Path(__file__).parent


@lru_cache
def _bundle(language: Language) -> FluentBundle:
    bundle = FluentBundle([language.value], use_isolating=False)
    bundle.add_resource(FluentResource((FOLDER / f"{language.value}.ftl").read_text(encoding="utf-8")))
    return bundle


def say(language: Language, message: str, **values: str | int) -> str:
    """A message of the interface. Raises KeyError when a catalogue lacks it, ValueError when it lacks a value."""
    return _formatted(language, message, **values) if values else _fixed(language, message)


@lru_cache(maxsize=4096)
def _fixed(language: Language, message: str) -> str:
    """A message without values is always the same."""
    return _formatted(language, message)


def _formatted(language: Language, message: str, **values: str | int) -> str:
    bundle = _bundle(language)
    if not bundle.has_message(message):
        raise KeyError(f"{message} is not in {language.value}.ftl")
    value = bundle.get_message(message).value
    if value is None:
        raise KeyError(f"{message} has no text in {language.value}.ftl")
    text, errors = bundle.format_pattern(value, values)
    if errors:
        raise ValueError(f"{message} in {language.value}.ftl: {errors}")
    return str(text)


def slug(name: str) -> str:
    """A person's or unit's name as part of an id: lower-case letters and digits, joined by hyphens."""
    return re.sub(r"[\W_]+", "-", name.strip().lower()).strip("-")[:60] or "nobody"

"""The sentences that only Slack needs, beside the assistant's own: the same messages in three languages."""

from __future__ import annotations

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


@lru_cache(maxsize=512)
def say(language: Language, message: str) -> str:
    """A sentence. Raises KeyError when a catalogue lacks it."""
    bundle = _bundle(language)
    value = bundle.get_message(message).value if bundle.has_message(message) else None
    if value is None:
        raise KeyError(f"{message} is not in adapters/slack/texts/{language.value}.ftl")
    return str(bundle.format_pattern(value, {})[0])

"""What a message of Teams' editor says, as plain text: lists, quotes, emoji and mentions become what they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

LONGEST = 40_000
"""Characters of HTML that are read at all."""
_BLOCKS = {"p", "div", "br", "tr", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "hr"}
_SILENT = {"script", "style", "head", "title", "template", "attachment"}
_VOID = {"br", "hr", "img", "emoji", "input", "meta", "link"}


@dataclass
class Reading(HTMLParser):
    """Collects a message's words. A quoted message is kept apart: it is not what the writer says."""

    mentions: list[str] = field(default_factory=list)  # the texts to leave out, in their order
    own: list[str] = field(default_factory=list)
    quoted: list[str] = field(default_factory=list)
    pictures: int = 0

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lists: list[int | None] = []  # the number of the last entry; None in a list without numbers
        self._quotes: list[bool] = []  # open blockquotes; True for a quoted message
        self._silent = 0
        self._link: str | None = None
        self._link_text: list[str] = []
        self._mention: list[str] | None = None
        self._mention_tag = ""

    def _say(self, text: str) -> None:
        if self._silent:
            return
        if self._mention is not None:
            self._mention.append(text)
            return
        if self._link is not None:
            self._link_text.append(text)
        (self.quoted if any(self._quotes) else self.own).append(text)

    def handle_data(self, data: str) -> None:
        """Words, with the source's own line breaks as spaces."""
        self._say(re.sub(r"[ \t\r\n\xa0]+", " ", data))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        given = {name: value or "" for name, value in attrs}
        if tag in _SILENT:
            self._silent += 1
        elif tag == "at" or given.get("itemtype", "").endswith("/Mention"):
            self._mention, self._mention_tag = [], tag
        elif tag == "img":
            self._picture(given)
        elif tag == "emoji":
            self._say(given.get("alt", ""))
        elif tag == "a":
            self._link, self._link_text = given.get("href", ""), []
        elif tag in ("td", "th"):
            self._say(" ")
        else:
            self._block(tag, given)

    def _picture(self, given: dict[str, str]) -> None:
        if "emoji" in given.get("itemtype", "").lower() or (given.get("alt") and len(given["alt"]) <= 4):
            self._say(given.get("alt", ""))
        elif given.get("src"):
            self.pictures += 1

    def _block(self, tag: str, given: dict[str, str]) -> None:
        if tag == "blockquote":
            self._quotes.append(given.get("itemtype", "").endswith("/Reply"))
        if tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else None)
        if tag == "li":
            self._say("\n" + self._bullet())
        elif tag in _BLOCKS:
            self._say("\n")

    def _bullet(self) -> str:
        if not self._lists or self._lists[-1] is None:
            return "– "
        self._lists[-1] += 1
        return f"{self._lists[-1]}. "

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without content."""
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif self._mention is not None and tag == self._mention_tag:
            self._end_mention()
        elif tag == "a" and self._link is not None:
            self._end_link()
        elif tag == "blockquote" and self._quotes:
            self._say("\n")
            self._quotes.pop()
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
            self._say("\n")
        elif tag in _BLOCKS:
            self._say("\n")

    def _end_mention(self) -> None:
        name, self._mention = "".join(self._mention or []), None
        wanted = " ".join(name.split())
        if wanted in self.mentions:
            self.mentions.remove(wanted)
            self._say(" ")
        else:
            self._say(name)

    def _end_link(self) -> None:
        shown, href = "".join(self._link_text).strip(), self._link or ""
        self._link = None
        if href.startswith(("http://", "https://")) and shown and _bare(href) != _bare(shown):
            self._say(f" ({href})")

    def close(self) -> None:
        """An element that was never closed still says its words."""
        super().close()
        if self._mention is not None:
            self._end_mention()


def read(html: str, without: list[str]) -> tuple[str, int]:
    """The words of a message without the named mentions, and how many pictures stand in it.

    A quoted message counts only when the writer adds nothing of their own.
    """
    reading = Reading(mentions=list(without))
    reading.feed(html[:LONGEST])
    reading.close()
    said = _tidy("".join(reading.own))
    return said or _tidy("".join(reading.quoted)), reading.pictures


def _bare(address: str) -> str:
    return address.split("://", 1)[-1].rstrip("/")


def _tidy(text: str) -> str:
    lines = [" ".join(part.split()) for part in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

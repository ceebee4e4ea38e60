"""Whether a message asks for leave, so that "Yes" or "No" answers what was asked.

A guidance's verdict answers "may I?". Put before "is it forbidden to …?", "must we …?", "does it apply …?" or "who may
…?" the same word says the opposite, or nothing. There the answer begins without it: each text is written so that the
rest stands alone.
"""

from __future__ import annotations

import re

from bot.answering.text import plain, sentences

_TURNED = re.compile(  # not what a parent has forbidden: "saako kuvan julkaista, jos vanhempi on kieltänyt?"
    r"förbjude[tn]\b|förbjuder (?:riktlinje|anvisning|kommunen|staden|ni\b)|otillåt|olaglig|\bfel att\b"
    r"|(?:mot|bryter|strider)\b.{0,20}\b(?:regler|riktlinje|anvisning)"
    r"|kiellet|väärin\b|laitonta|(?:sääntöjen|ohje\w+) vasta"
    r"|\bforbidden|prohibited|banned to|\bnot (?:be )?(?:allowed|permitted)|wrong to|illegal"
    r"|against the (?:rule|guide|polic)"
    # and whether it does any harm, to which "no" gives leave
    r"|\bgör(?: det|e)? (?:något|nåt|nånting|ngt)\b|\bett problem\b|\bhaittaa\w*|\bongelma\b"
    r"|\b(?:does|do|would) (?:it|that) matter|\ba problem\b"
    r"|\b(?:do|does|would|will) (?:you|anyone|anybody|they) mind\b",
    re.IGNORECASE,
)
# Not one with dialogue/phrases.ASKS, which tells only that something is asked: these tell apart what "yes" would mean.
_LEAVE = (
    r"får|fåru|fårja|kan|kunde|kunna|okej|ok|lov|tillåt\w*|går det|funkar|duger|lämplig\w*|vågar|"
    r"saa\w*|saisi\w*|sais\w*|voi|voin\w*|voik\w*|voit\w*|voim\w*|voida\w*|voisi\w*|vois\w*|sallit\w*|luva\w*|lupa|käy\w*|sopii\w*|passaa\w*|sopiva\w*|"
    r"may|can|could|allowed|okay|fine|permitted|permission|acceptable|alright|all right|able"
)
_OTHER = (
    r"måste|behöver|behövs|bör|ska|skall|skulle|krävs|gäller|gälla|omfattas|"
    r"vem|vems|vilken|vilka|vilket|vad|va|hur|när|var|vart|varför|vaför|varifrån|"
    r"pitää\w*|pitäisi\w*|pitäs\w*|täyty\w*|tarvi\w*|tarttee\w*|kuuluu\w*|kannattaa\w*|päte\w*|koskee\w*|pakko|tuleeko|"
    r"kuka|ketkä|kenen|kene\w+|kelle|keltä|kuinka|miten|milloin|koska|mikä|mitä|mitkä|minkä|missä|mistä|mihin|minne|miksi|montako|paljonko|"
    r"must|have to|has to|need|needs|should|shall|required|does|do we|apply|applies|"
    r"who|whose|whom|which|what|how|when|where|why"
)
_FIRST = re.compile(rf"\b(?:(?P<leave>{_LEAVE})|(?P<other>{_OTHER}))\b", re.IGNORECASE)
_BEGINS = re.compile(rf"(?:{_LEAVE})\b", re.IGNORECASE)
_CLAUSES = re.compile(r"[,:;–]\s+")  # "when they play outside, may I film?"
_OPENER = re.compile(r"(?:Ja|Jo|Nej|Kyllä|Ei|Yes|No)(?:[,:.]|\s[–-])\s+(?=\S)")


def asks_leave(message: str) -> bool:
    """Whether "yes" or "no" to "may I?" answers the message: it asks for leave, or is no question in so many words."""
    said = sentences(plain(message))
    if any(_TURNED.search(part) for part in said):
        return False
    asked = [part for part in said if part.endswith("?")] or said[-1:]
    if any(_BEGINS.match(clause) for part in asked for clause in _CLAUSES.split(part)):
        return True
    firsts = [first for part in asked if (first := _FIRST.search(part))]
    return not firsts or any(first["leave"] for first in firsts)


def without_opener(text: str) -> str:
    """A guidance's text without the "Yes," or "No," that it begins with."""
    found = _OPENER.match(text)
    return text[found.end()].upper() + text[found.end() + 1 :] if found else text

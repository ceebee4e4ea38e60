"""What people write in a dialogue that is no answer by itself: yes and no, "me", "I do not know", "no, I meant 2"."""

from __future__ import annotations

import re

from bot.answering.text import plain, words

YES = {
    *("ja", "japp", "jajamän", "jo", "jep", "juu", "joo", "kyllä", "kyl", "on", "yes", "yep", "yeah", "y", "j", "k"),
    *("ok", "okej", "okay", "stämmer", "absolut", "absolutely", "totta kai", "toki", "sure", "javisst", "visst"),
    *("bekräftar", "jag bekräftar", "bekräftat", "vahvistan", "minä vahvistan", "confirm", "i confirm", "confirmed"),
    *("klart", "gjort", "tehty", "done", "👍", "✅"),
}
NO = {"nej", "nä", "nope", "no", "ei", "en", "eipä", "inte", "n", "e", "ei ole", "inte än", "ei vielä", "not yet"}
NO |= {"👎", "❌"}
_PLAIN_YES = YES - {"on", "klart", "gjort", "tehty", "done"}
"""Without the words that tell what has been done."""
_I_FIRST = re.compile(r"^(?:jag|minä|mä|i|me)(?=\s*(?:$|[,&+]|(?:och|samt|ja|sekä|and)\b))", re.IGNORECASE)
_NO_FIRST = {"nej", "nä", "inte", "ei", "en", "eipä", "no", "nope", "not"}
_NOT_YES_FIRST = {"on", "k", "j", "y"}
"""Too short, or another word, to be a yes when more follows."""
_ME = {
    *("jag", "jag själv", "mig", "mig själv", "det är jag", "minä", "minä itse", "itse", "minut", "mä", "me", "myself"),
    *("i", "i do", "it is me", "it's me", "i am", "me myself"),
}
_SAME = {
    *("samma", "samma person", "samma som ovan", "samma som nyss", "densamma", "sama", "sama henkilö", "sama ihminen"),
    *("sama kuin edellä", "sama kuin yllä", "same", "the same", "same person", "the same person", "same as above"),
}
_UNKNOWN = {
    *("vet inte", "vet ej", "jag vet inte", "ingen aning", "vet inte ännu", "vet inte än", "oklart", "osäker", "?"),
    *("en tiedä", "emme tiedä", "en minä tiedä", "ei tietoa", "ei hajuakaan", "en tiedä vielä", "ei tiedossa"),
    *("i don't know", "i dont know", "don't know", "dont know", "i do not know", "do not know", "no idea", "not sure"),
    *("we don't know", "not known yet", "unknown"),
}
_NOBODY = {
    *("min chef", "chefen", "vår chef", "min förman", "förmannen", "enhetschefen", "någon", "ingen", "alla", "vi alla"),
    *(
        "esimies",
        "esimieheni",
        "esihenkilö",
        "esihenkilöni",
        "pomo",
        "pomoni",
        "johtaja",
        "joku",
        "kaikki",
        "ei kukaan",
    ),
    *("my boss", "the boss", "my manager", "the manager", "my supervisor", "somebody", "someone", "nobody", "everyone"),
}
"""Words for somebody who must be named to be reached."""
ASKS = frozenset(
    {
        *("får", "kan", "ska", "skall", "måste", "bör", "behöver", "vad", "vem", "vems", "vilka", "vilken", "vilket"),
        *("hur", "när", "var", "varför", "finns", "är", "har", "gäller"),
        *("saa", "voi", "pitää", "täytyy", "mikä", "mitä", "mitkä", "kuka", "ketkä", "kenen", "keneltä", "kuinka"),
        *("miten", "milloin", "missä", "miksi", "montako", "millainen"),
        *("may", "can", "should", "must", "shall", "what", "who", "whom", "whose", "which", "how", "when", "where"),
        *("why", "is", "are", "do", "does", "did", "could", "would", "need"),
    }
)
"""Words that a question begins with."""
_ASKS_FI = re.compile(r"\w+[^\Wk](?:ko|kö)(?:han|hän|s)?")
"""A Finnish verb that asks ("saanko", "pitääköhän"); after a k it is a noun ("verkko", "kirkko")."""
_NOUNS_FI = {"koko", "joko", "jako", "hanko", "lanko", "tanko", "pako"}
_LEADS = {
    "och",
    "men",
    "så",
    "ok",
    "okej",
    "eller",
    "ja",
    "mutta",
    "no",
    "niin",
    "vai",
    "and",
    "but",
    "so",
    "or",
    "okay",
}
_WONDERS = re.compile(
    r"(?:jag )?undrar|jag vill veta|vet (?:du|ni)|berätta|mietin|haluaisin tietää|haluan tietää|tiedätkö|kerro|"
    r"i wonder|i am wondering|i'm wondering|i(?: would|'d) like to know|i want to know|do you know|tell me",
    re.IGNORECASE,
)
"""What a question in the form of a statement begins with."""
_NOTHING = {"-", "–", "—", "--"}
_DENIES = r"nej|nä|oj|hoppsan|förlåt|ursäkta|sorry|oops|no|ei|hups|anteeksi|wait|vänta|eiku|eikun"
_MEANT = r"jag menade|jag menar|menade|minä tarkoitin|tarkoitin|i meant|i mean|skulle vara|piti olla|should be|rättelse"
_CORRECTED = re.compile(
    rf"^(?P<denied>(?:(?:{_DENIES})\b[\s,.!:–-]*)+)?(?:(?P<meant>{_MEANT})\b[\s,:]*)?(?P<rest>\S.*)$", re.IGNORECASE
)
_NAMED = re.compile(
    r"^(?:\S+\s+){0,3}?(?:heter|ska heta|kallas|är|ska vara|is called|should be called|is|on nimeltään|on)\s+(\S.*)$",
    re.IGNORECASE,
)
"""What is said of a thing that was named wrongly: "the unit is called X"."""
LONGEST_CORRECTION = 80
"""Characters; a longer text that begins so is a text."""


def _said(text: str) -> str:
    return plain(text).lower().strip(" .!,")


def said_yes(text: str) -> bool | None:
    """True for yes, False for no, None for neither."""
    said = _said(text)
    if said in YES:
        return True
    if said in NO:
        return False
    first = said.split(",")[0].split(" ")[0]
    if first in YES - _NOT_YES_FIRST:
        return True
    return False if first in _NO_FIRST else None


def asking(word: str) -> bool:
    """Whether a lower-case word is one that a question begins with."""
    return word in ASKS or bool(_ASKS_FI.fullmatch(word) and word not in _NOUNS_FI)


def asks(text: str) -> bool:
    """Whether a text is put as a question: by its mark, its first word, or "I wonder"."""
    said = plain(text)
    first, *rest = [*words(said), ""]
    second = rest[0] if rest and first in _LEADS else ""
    return said.rstrip().endswith("?") or asking(first) or asking(second) or bool(_WONDERS.match(said))


def only_yes(text: str) -> bool:
    """Whether a text says yes and nothing else, where words are wanted."""
    return _said(text) in _PLAIN_YES


def named_self(text: str, name: str) -> str:
    """A list of people in which the writer's name stands for "I" at its beginning ("jag och Lisa")."""
    return _I_FIRST.sub(lambda _: name, text.strip(), count=1)


def who(text: str) -> str | None:
    """ "me" or "same" where a person is named by such a word; None for any other text."""
    said = _said(text)
    return "me" if said in _ME else "same" if said in _SAME else None


def unknown(text: str) -> bool:
    """Whether somebody says that they do not know."""
    return _said(text) in _UNKNOWN


def says_unknown(label: str) -> bool:
    """Whether an option says that one does not know."""
    said = f" {_said(label)} "
    return any(f" {known} " in said for known in _UNKNOWN if len(known) > 1)


def nobody(text: str) -> bool:
    """Whether a text names a role or nobody in particular where a person's name is needed."""
    return _said(text) in _NOBODY


def nothing(text: str) -> bool:
    """Whether somebody puts a stroke, as one does in a form where there is nothing to say."""
    return plain(text).strip() in _NOTHING


def corrected(text: str) -> tuple[str, bool] | None:
    """What "no, I meant 2" puts in the place of an earlier answer, and whether it says "no" too; None: no such words.

    "eiku 2" and "nej vänta, enheten heter X" are enough; "no" alone is an answer.
    """
    found = _CORRECTED.match(plain(text)) if len(text) <= LONGEST_CORRECTION else None
    if not found:
        return None
    denied = re.findall(r"\w+", (found["denied"] or "").lower())
    if not found["meant"] and not (
        {"eiku", "eikun"} & set(denied) or (len(denied) > 1 and {"vänta", "wait"} & set(denied))
    ):
        return None
    named = _NAMED.match(found["rest"])
    return named[1] if named else found["rest"], bool(denied)

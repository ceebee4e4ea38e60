"""What must not be collected (passwords, personal identity numbers), and what is taken out before text is kept."""

from __future__ import annotations

import re

_FINNISH = re.compile(r"(?<![0-9A-Za-z])(\d{6})[-+A-FU-Yavxy](\d{3})([0-9A-FHJ-NPR-Y])(?![0-9A-Za-z])", re.IGNORECASE)
_FINNISH_MARKS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_SWEDISH = re.compile(r"(?<!\d)(?:19|20)?(\d{2}[01]\d[0-6]\d)[-+ ]?(\d{4})(?!\d)")
_LONG_NUMBER = re.compile(r"(?<!\w)\+?\d(?:[ \-()]?\d){6,}(?!\w)")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")

_PASSWORD_WORD = re.compile(
    r"\b(?:lösen(?:ord)?(?:et)?|salasana(?:mme|ni)?|password|passwd|pwd|pin(?:[- ]?kod(?:en)?|[- ]?koodi(?:mme)?)?)"
    r"(?P<link>\s*[:=]\s*|\s+(?:är|on|is)\s*:?\s+|\s+)(?P<secret>\S+)",
    re.IGNORECASE,
)
_PLAIN_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_NO_SECRET = re.compile(r"https?://|www\.|^@|^#|\.(?:fi|se|com|org|net|eu)\b", re.IGNORECASE)
_COMMON = re.compile(r"^[A-ZÅÄÖ]?[a-zåäö]+(?:-[A-Za-zåäöÅÄÖ]+)*(?:19|20)?\d{0,2}[.!?]?$")


def identity_number(text: str) -> bool:
    """Whether a text holds a Finnish or Swedish personal identity number (its check mark is right)."""
    finnish = any(
        _FINNISH_MARKS[int(m[1] + m[2]) % 31] == m[3].upper() for m in _FINNISH.finditer(text)
    )  # the Digital and Population Data Services Agency's rule: the nine digits modulo 31
    return finnish or any(_luhn(m[1] + m[2]) for m in _SWEDISH.finditer(text))


def _luhn(digits: str) -> bool:
    """Skatteverket's rule for the last digit of a personnummer."""
    total = 0
    for place, digit in enumerate(digits):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def password(text: str, *, account: bool = False) -> bool:
    """Whether a reply looks like a password: it names one, or is one word that no name or sentence is.

    `account`: the reply should be an account's name, which may well have capitals and figures within.
    """
    if any(_named(found) for found in _PASSWORD_WORD.finditer(text)):
        return True
    said = text.strip()
    if account and (re.match(r"[a-z]+:", said) or not any(not c.isalnum() and c not in ".-_/@" for c in said)):
        return False
    if any(c.isspace() for c in said) or not 8 <= len(said) <= 64 or _NO_SECRET.search(said) or _MAIL.fullmatch(said):
        return False
    used = any(c.islower() for c in said) + any(c.isupper() for c in said) + any(c.isdigit() for c in said)
    used += any(not c.isalnum() and c not in ".-_/" for c in said)
    return used >= 3 and not _COMMON.match(said)


def _named(found: re.Match[str]) -> bool:
    """Whether what follows the word "password" is one: "password: kissa1", not "the password is kept safe"."""
    said = found["secret"].strip("\"'.,;!?()”“")
    if len(said) < 4 or _NO_SECRET.search(said):
        return False
    return not _PLAIN_WORD.fullmatch(said) or (found["link"].strip() in (":", "=") and len(said) >= 6)


def without_numbers(text: str) -> str:
    """A text in which passwords, identity numbers, phone numbers and mail addresses are replaced by a mark."""
    found = _PASSWORD_WORD.sub(lambda m: f"{m[0][: m.start('secret') - m.start()]}[…]" if _named(m) else m[0], text)
    found = _FINNISH.sub("[…]", found)
    for pattern in (_SWEDISH, _LONG_NUMBER, _MAIL):
        found = pattern.sub("[…]", found)
    return found

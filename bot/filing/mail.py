"""The mail to communications: the whole request to be read in it, and the document attached. A wire like any other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any

import aiosmtplib
import structlog

from bot.channels import Address, Gone, RetryLater, TooBig
from bot.dialogue.replies import as_written
from bot.filing.document import FORMS, Paper, as_html, as_text
from bot.messages import Document, Outgoing
from bot.settings import Settings

log = structlog.get_logger()
TIMEOUT = 30.0
LONGEST_SUBJECT = 200
TOO_BIG = frozenset({523, 534, 552})
"""What servers answer to a message over their size."""

Papers = Callable[[str, Document], Awaitable[Paper]]
"""Makes the document that a message goes with, for an organisation."""


def server(settings: Settings, timeout: float) -> dict[str, Any]:
    """How the mail server is reached, in aiosmtplib's words; `timeout` in seconds."""
    return {
        "hostname": settings.smtp_host,
        "port": settings.smtp_port,
        "username": settings.smtp_user or None,
        "password": settings.smtp_password.get_secret_value() or None,
        "use_tls": settings.smtp_security == "tls",
        "start_tls": settings.smtp_security == "starttls",
        "timeout": timeout,
    }


class MailWire:
    """Sends requests to mailboxes (bot.channels.Wire)."""

    def __init__(self, settings: Settings, papers: Papers) -> None:
        self._settings = settings
        self._papers = papers

    async def send(
        self, address: Address, outgoing: Outgoing, before: Address | None, once: str, again: bool = False
    ) -> Address:
        """See bot.channels.Wire. The same delivery always has the same Message-ID, by which a second is known."""
        message = await self._message(address, outgoing, once)
        settings = self._settings
        try:
            await aiosmtplib.send(
                message,
                **server(settings, TIMEOUT),
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise meaning(error) from error
        return {"message_id": message["Message-ID"]}

    async def private(self, organisation: str, person: str) -> Address:
        """Nobody is written to by mail but the mailbox."""
        raise Gone("mail goes to communications only")

    async def _message(self, address: Address, outgoing: Outgoing, once: str) -> EmailMessage:
        made = EmailMessage()
        made["Subject"] = " ".join(as_written(outgoing.title).split())[:LONGEST_SUBJECT]
        made["From"] = self._settings.mail_from
        made["To"] = str(address["to"])
        made["Date"] = formatdate(localtime=True)
        domain = self._settings.mail_from.rpartition("@")[2].strip("> ") or "someguide.invalid"
        made["Message-ID"] = f"<{once}@{domain}>"
        made["Auto-Submitted"] = "auto-generated"
        if outgoing.document is None:
            made.set_content(outgoing.text)
            return made
        paper = await self._papers(str(address["organisation"]), outgoing.document)
        made["X-Someguide-Reference"] = paper.reference
        made.set_content(f"{as_text(paper)}\n{paper.say('request-mail-note')}\n")
        made.add_alternative(as_html(paper), subtype="html")
        made.add_attachment(FORMS["pdf"](paper), "application", "pdf", filename=outgoing.document.name)
        return made


def meaning(error: Exception) -> Exception:
    """What a mail server's refusal means to the outbox."""
    code = _code(error)
    said = f"mail: {type(error).__name__}{f' {code}' if code else ''}"
    if code in TOO_BIG:
        return TooBig(said)
    wrong_settings = isinstance(error, aiosmtplib.SMTPAuthenticationError | aiosmtplib.SMTPNotSupported)
    if code is not None and 500 <= code < 600 and not wrong_settings:
        return Gone(said)
    return RetryLater(said)


def _code(error: Any) -> int | None:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
        return int(error.recipients[0].code)
    code = getattr(error, "code", None)
    return code if isinstance(code, int) else None

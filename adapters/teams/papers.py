"""A request's document as a file: offered in the personal chat, and put into the person's own OneDrive if they agree.

Teams lets a bot give a file in a personal chat only, and only so: a consent card, the address to put it to with the
answer, and a card that shows where it lies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from yarl import URL

from adapters.teams import payload
from adapters.teams.contract import Activity, Platform
from adapters.teams.payload import part, text
from adapters.teams.pictures import in_sharepoint, of_service
from adapters.teams.texts import say as own
from bot.channels import Address, Gone, RetryLater, TooBig
from bot.filing.document import NoSuchRequest
from bot.filing.filing import Filing
from bot.filing.requests import by_reference
from bot.filing.rights import Look, ruling
from bot.messages import Document
from bot.store.store import Store
from knowledge.models import Language

log = structlog.get_logger()

CONSENT = "application/vnd.microsoft.teams.card.file.consent"
INFO = "application/vnd.microsoft.teams.card.file.info"
PDF = "application/pdf"
UPLOAD = aiohttp.ClientTimeout(30)
MadeOf = Callable[[str, str, str], Awaitable[bytes | None]]
"""The document (organisation, reference) as a person may have it; None when there is none for them."""


@dataclass(frozen=True)
class Papers:
    """Makes documents for those who may see them."""

    store: Store
    filing: Filing

    async def __call__(self, organisation: str, reference: str, person: str) -> bytes | None:
        """See MadeOf. Raises RetryLater when Teams cannot say who reviews."""
        async with self.store.transaction() as tx:
            request = await by_reference(tx, organisation, reference.partition("@")[0])
        if request is None:
            return None
        roles = await self.filing.rights.roles(organisation, person, request)
        if not ruling(Look.REQUEST, roles).allowed:
            return None
        try:
            return await self.filing.document(organisation, Document(_name(reference), PDF, reference))
        except NoSuchRequest:
            return None


class Files:
    """Offers documents and gives them."""

    def __init__(self, platform: Platform, made_of: MadeOf, session: aiohttp.ClientSession) -> None:
        self._platform = platform
        self._made_of = made_of
        self._session = session

    async def offer(self, activity: Activity, organisation: str, reference: str, language: Language) -> str:
        """Asks whether the file may be put into the person's OneDrive. Returns a word to who pressed the button."""
        who = payload.person(activity)
        content = await self._made_of(organisation, reference, who.id) if who else None
        if content is None or who is None:
            return own(language, "file-none")
        here = payload.personal(activity)
        try:
            address = payload.address(activity) if here else await self._private(activity)
            await self._platform.send(address, _consent(reference, len(content), language))
        except Gone:
            return own(language, "ask-install")
        except (RetryLater, TooBig) as error:
            log.warning("teams_file_not_offered", reason=str(error))
            return own(language, "slow-press")
        return own(language, "file-below" if here else "file-in-private")

    async def _private(self, activity: Activity) -> Address:
        return await self._platform.open_private(payload.tenant(activity), payload.account(activity))

    async def answered(self, activity: Activity, organisation: str, otherwise: Language) -> None:
        """The person has agreed or not: gives the file, and lets the question become its outcome."""
        value = part(activity, "value")
        context = part(value, "context")
        spoken, reference = text(context, "language"), text(context, "file")
        language = Language(spoken) if spoken in list(Language) else otherwise
        if text(value, "action") != "accept":
            await self._became(activity, _words(own(language, "file-declined"), language))
            return
        who, upload = payload.person(activity), part(value, "uploadInfo")
        content = await self._made_of(organisation, reference, who.id) if who else None
        if content is None:
            await self._became(activity, _words(own(language, "file-none"), language))
        elif await self._put(activity, text(upload, "uploadUrl"), content):
            await self._became(activity, _words(own(language, "file-given"), language))
            await self._platform.send(payload.address(activity), _info(upload, _name(reference)))
        else:
            await self._became(activity, _words(own(language, "file-failed"), language))

    async def _put(self, activity: Activity, to: str, content: bytes) -> bool:
        """One upload, all at once. Only to SharePoint, or to the service itself."""
        if not in_sharepoint(to) and not of_service(to, text(activity, "serviceUrl")):
            log.warning("teams_file_elsewhere")
            return False
        headers = {"Content-Range": f"bytes 0-{len(content) - 1}/{len(content)}", "Content-Type": PDF}
        try:
            sent = self._session.put(URL(to, encoded=True), data=content, headers=headers, allow_redirects=False)
            async with asyncio.timeout(UPLOAD.total), sent as response:
                done = response.status in (200, 201)
                if not done:
                    log.warning("teams_file_not_given", status=response.status)
                return done
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("teams_file_not_given", reason=type(error).__name__)
            return False

    async def _became(self, activity: Activity, made: dict[str, Any]) -> None:
        """Puts a word in the place of the question, so that it is not asked any more."""
        address, asked = payload.address(activity), text(activity, "replyToId")
        try:
            if asked:
                await self._platform.update(address, asked, made)
                return
        except (Gone, RetryLater, TooBig):
            log.info("teams_file_question_stays")
        await self._platform.send(address, made)


def _name(reference: str) -> str:
    return f"{reference.partition('@')[0]}.pdf"


def _words(words: str, language: Language) -> dict[str, Any]:
    return {"type": "message", "textFormat": "plain", "text": words, "locale": language.value}


def _consent(reference: str, size: int, language: Language) -> dict[str, Any]:
    """The question whether a file may be put into the person's OneDrive."""
    context = {"file": reference, "language": language.value}
    content = {
        "description": own(language, "file-what"),
        "sizeInBytes": size,
        "acceptContext": context,
        "declineContext": context,
    }
    attachment = {"contentType": CONSENT, "name": _name(reference), "content": content}
    return {"type": "message", "locale": language.value, "attachments": [attachment]}


def _info(upload: dict[str, Any], name: str) -> dict[str, Any]:
    """Where the file lies now."""
    content = {"uniqueId": text(upload, "uniqueId"), "fileType": text(upload, "fileType") or "pdf"}
    attachment = {
        "contentType": INFO,
        "contentUrl": text(upload, "contentUrl"),
        "name": text(upload, "name") or name,
        "content": content,
    }
    return {"type": "message", "attachments": [attachment]}

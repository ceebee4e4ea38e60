"""Looks at what the metadata of attached pictures give away, where the organisation allows it. Nothing is kept.

Only two places are asked: the service that sent the message (a pasted picture; it wants the bot's token), and
Microsoft's SharePoint, where Teams puts the files of a personal chat (the address itself is the permission).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import aiohttp
import structlog
from yarl import URL

from adapters.teams.contract import Activity, Platform
from adapters.teams.payload import address, text
from adapters.teams.said import Attached, attached
from adapters.teams.streams import beginning
from bot.channels import Gone, RetryLater, TooBig
from bot.messages import File

log = structlog.get_logger()

SHAREPOINT = ".sharepoint.com"
LARGEST = 12 * 1024 * 1024
"""Bytes of a pasted picture, which Teams gives whole."""
BEGINNING = 1024 * 1024
"""Bytes of a file from its beginning: a photo's metadata stand there."""
MOST = 5
SECONDS = 4.0
Looks = Callable[[bytes, str], tuple[bool, tuple[str, ...]]]


def in_sharepoint(given: str) -> bool:
    """Whether an address leads to Microsoft's SharePoint and nowhere else."""
    try:
        url = URL(given)
    except ValueError:
        return False
    return (
        url.scheme == "https"
        and (url.host or "").lower().endswith(SHAREPOINT)
        and url.port == 443
        and url.user is None
        and url.password is None
    )


def of_service(given: str, service: str) -> bool:
    """Whether an address is of the service that a verified message came from."""
    try:
        return bool(service) and URL(given).origin() == URL(service).origin()
    except ValueError:
        return False


class Pictures:
    """Asks for pictures, looks, forgets."""

    def __init__(self, platform: Platform, looks: Looks, session: aiohttp.ClientSession) -> None:
        self._platform = platform
        self._looks = looks
        self._session = session

    async def files(self, activity: Activity) -> tuple[File, ...]:
        """The files of a message with what their metadata show; one that cannot be had is as Teams describes it."""
        found = attached(activity)
        looked = await asyncio.gather(*(self._one(activity, one) for one in found[:MOST]))
        return (*looked, *(one.file for one in found[MOST:]))

    async def _one(self, activity: Activity, one: Attached) -> File:
        if not one.file.media_type.startswith("image/") or not one.address:
            return one.file
        try:
            content = await asyncio.wait_for(self._content(activity, one.address), SECONDS)
        except (Gone, RetryLater, TooBig, aiohttp.ClientError, TimeoutError, OSError) as error:
            log.info("teams_picture_not_had", reason=type(error).__name__)
            return one.file
        if not content:
            return one.file
        place, people = await asyncio.to_thread(self._looks, content, one.file.media_type)
        return replace(one.file, place=place, people=people)

    async def _content(self, activity: Activity, given: str) -> bytes:
        if of_service(given, text(activity, "serviceUrl")):
            return await self._platform.fetch(address(activity), given, LARGEST)
        if not in_sharepoint(given):
            log.info("teams_picture_elsewhere")
            return b""
        async with self._session.get(URL(given, encoded=True), allow_redirects=False) as response:
            return await beginning(response.content, BEGINNING) if response.status == 200 else b""

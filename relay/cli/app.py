"""The command tree, and everyone's habits: exit codes, one sentence per error, quiet pipes."""

from __future__ import annotations

from typing import Annotated

import typer

from relay import __version__
from relay.cli import config, hook_help, mod, publish, room, serve, token

app = typer.Typer(
    name="clawtank-relay",
    help="Host ClawTank rooms for spectators: validate, filter, deliver.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("serve")(serve.serve)
app.command("publish")(publish.publish)
app.command("hook")(hook_help.hook)
app.command("mod", help=mod.HELP)(mod.mod)
app.add_typer(room.app, name="room")
app.add_typer(token.app, name="token")
app.add_typer(config.app, name="config")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"clawtank-relay {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Host ClawTank rooms for spectators: validate, filter, deliver."""


def main() -> None:
    """Run the command line: 0 done, 1 failed or refused, 2 bad usage, 130 interrupted."""
    app()

"""`clawtank-relay config`: is what the relay would be started with right?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relay.cli.local import fail, say

if TYPE_CHECKING:
    from relay.config import Config

app = typer.Typer(help="The relay's settings.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The relay's settings."""


@app.command()
def check(
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE.toml", help="Settings file; without it, the environment alone."),
    ] = None,
) -> None:
    """Say what is wrong with the settings, or that all is well; starts nothing."""
    from relay.config import BadConfig, load_config

    try:
        settings = load_config({}, config)
    except BadConfig as error:
        fail(str(error), 2)
    problems = _unusable_files(settings)
    if problems:
        fail("\n".join(problems), 2)
    say(f"{config or 'The environment'}: all is well.")


def _unusable_files(settings: Config) -> list[str]:
    """Return a sentence for each file that the settings name and that `serve` could not use."""
    import ssl

    from relay.audience.keyring import BadKeys, KeyRing
    from relay.audience.regions import BadDatabase, open_regions

    problems: list[str] = []
    try:
        open_regions(settings)
    except BadDatabase as error:
        problems.append(str(error))
    try:
        KeyRing(settings.auth)
    except BadKeys as error:
        problems.append(str(error))
    if settings.tls_cert is not None and settings.tls_key is not None:
        try:
            # With a password of its own: a key that has one must not be asked for here.
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
                settings.tls_cert, settings.tls_key, password=""
            )
        except ssl.SSLError:
            problems.append("tls_cert, tls_key: are not a certificate and its key without a password.")
        except OSError as error:
            problems.append(f"tls_cert, tls_key: cannot be read: {error.strerror}. Name two PEM files.")
    return problems

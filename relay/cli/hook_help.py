"""`clawtank-relay hook --help`, and its place in the list of commands; running it is `relay.cli.hook`."""

from __future__ import annotations

from typing import Annotated

import typer

# Typer reads the annotations when the command is called.
from relay.cli.local import CaFile, Data, RelayUrl, TokenFile  # noqa: TC001


def hook(
    tool: Annotated[str, typer.Argument(metavar="claude-code|codex|gemini")],
    room: Annotated[str, typer.Argument(metavar="ROOM")],
    event: Annotated[
        str, typer.Argument(metavar="[JSON]", help="As Codex's notify gives it; else standard input.")
    ] = "",
    agent: Annotated[str, typer.Option(help="What spectators call it; the tool's own name without.")] = "",
    owner: Annotated[str, typer.Option(help="Whose agent it is.")] = "",
    data: Data = None,
    relay: RelayUrl = "",
    token_file: TokenFile = None,
    ca_file: CaFile = None,
) -> None:
    """Tell a room what a coding agent does: its status and tasks, never prompts, commands or files.

    Reads what the agent hands to its hooks. Ends with 0 whatever happens; what cannot be sent is sent with
    the next one.
    """

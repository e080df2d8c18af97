"""`clawtank`: the command line of the client.

Everything heavy is imported inside the command that needs it, so that `--help` and completion answer
at once; bad usage is told in one sentence before any of it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from clawtank_tui import __version__

DEFAULT_RELAY = "ws://127.0.0.1:8787"

# No rich here: its import alone takes longer than typer's, and help is readable without boxes.
app = typer.Typer(
    name="clawtank",
    help="Watch people and AI agents build software together, live.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Relay = Annotated[
    str, typer.Option("--relay", envvar="CLAWTANK_RELAY", metavar="URL", help="The relay's address.")
]
CaFile = Annotated[
    Path | None,
    typer.Option(
        "--ca-file", metavar="FILE", help="Trust these certificate authorities (PEM) instead of the system's."
    ),
]
Mouse = Annotated[
    bool | None,
    typer.Option("--mouse/--no-mouse", show_default=False, help="Use the mouse; off over SSH unless asked."),
]
Insecure = Annotated[
    bool, typer.Option("--insecure", help="Send the token even where the connection is not encrypted.")
]
Plain = Annotated[bool, typer.Option("--plain", help="Print one line per event; no screen.")]


def main() -> None:
    """Run the command line."""
    app()


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"clawtank {__version__}")
        raise typer.Exit


@app.callback()
def clawtank(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Watch people and AI agents build software together, live."""


@app.command()
def watch(
    context: typer.Context,
    room: Annotated[str, typer.Argument(metavar="ROOM", help="The room's id; clawtank rooms lists them.")],
    relay: Relay = DEFAULT_RELAY,
    token: Annotated[
        str,
        typer.Option(
            "--token",
            envvar="CLAWTANK_TOKEN",
            metavar="T",
            show_default=False,
            help="Your viewer token, if you have one.",
        ),
    ] = "",
    token_file: Annotated[
        Path | None, typer.Option("--token-file", metavar="FILE", help="Read the viewer token from a file.")
    ] = None,
    name: Annotated[
        str,
        typer.Option(
            "--name", metavar="NAME", show_default=False, help="What others see you as in the chat."
        ),
    ] = "",
    types: Annotated[
        str,
        typer.Option(
            "--types",
            metavar="LIST",
            show_default=False,
            help="Only these: chat,task,git,agent,member, or full event types.",
        ),
    ] = "",
    since: Annotated[
        str,
        typer.Option(
            "--since",
            metavar="WHEN",
            show_default=False,
            help="Replay from then: 30m, 2h, an ISO time (UTC), or a cursor.",
        ),
    ] = "",
    batched: Annotated[
        bool, typer.Option("--batched", help="Get what happened in batches, not one by one.")
    ] = False,
    every: Annotated[
        str,
        typer.Option(
            "--every",
            metavar="TIME",
            show_default=False,
            help="Between two batches: 1s to 300s.",
        ),
    ] = "",
    low_bandwidth: Annotated[
        bool,
        typer.Option(
            "--low-bandwidth", help="For thin lines: batches, with fewer statuses and counts; no mouse."
        ),
    ] = False,
    plain: Plain = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON envelope per line; no screen.")
    ] = False,
    ca_file: CaFile = None,
    mouse: Mouse = None,
    insecure: Insecure = False,
) -> None:
    """Watch a room live."""
    _warn_of_token(context, token)
    from clawtank_tui.arguments import read_choice, read_target
    from clawtank_tui.link.target import BadTarget

    try:
        target = read_target(
            room,
            relay,
            token=token,
            token_file=token_file,
            name=name,
            types=types,
            since=since,
            ca_file=ca_file,
            insecure=insecure,
            choice=read_choice(batched=batched, every=every, low_bandwidth=low_bandwidth),
        )
    except BadTarget as problem:
        _refuse(problem)
    if as_json or plain or not has_screen():
        from clawtank_tui.plain import run_plain

        raise typer.Exit(run_plain(target, as_json=as_json))
    from clawtank_tui.app import run_watch

    raise typer.Exit(run_watch(target, mouse=wants_mouse(mouse, thin_line=low_bandwidth)))


@app.command()
def host(
    context: typer.Context,
    room: Annotated[str, typer.Argument(metavar="ROOM", help="The room's id.")],
    relay: Annotated[
        str,
        typer.Option(
            "--relay",
            envvar="CLAWTANK_RELAY",
            metavar="URL",
            show_default=False,
            help="The relay's address; the one of this machine unless named.",
        ),
    ] = "",
    token: Annotated[
        str,
        typer.Option(
            "--token",
            envvar="CLAWTANK_TOKEN",
            metavar="T",
            show_default=False,
            help="A moderate or host token; the operator's unless given, on the relay's own machine.",
        ),
    ] = "",
    token_file: Annotated[
        Path | None, typer.Option("--token-file", metavar="FILE", help="Read the token from a file.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            envvar="CLAWTANK_RELAY_DATA",
            metavar="DIR",
            help="Data directory of the relay on this machine.",
        ),
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Print one line for what is held, reported, decided; no screen.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON envelope per line; no screen.")
    ] = False,
    ca_file: CaFile = None,
    mouse: Mouse = None,
    insecure: Insecure = False,
) -> None:
    """Moderate a room's chat: the queue, reports, sanctions, settings and the log."""
    _warn_of_token(context, token)
    from clawtank_tui.arguments import read_host_target
    from clawtank_tui.link.target import BadTarget

    try:
        target = read_host_target(
            room, relay, data=data, token=token, token_file=token_file, ca_file=ca_file, insecure=insecure
        )
    except BadTarget as problem:
        _refuse(problem)
    if as_json or plain or not has_screen():
        from clawtank_tui.host_plain import run_host_plain

        raise typer.Exit(run_host_plain(target, as_json=as_json))
    from clawtank_tui.host import run_host

    raise typer.Exit(run_host(target, mouse=wants_mouse(mouse)))


@app.command()
def rooms(
    relay: Relay = DEFAULT_RELAY,
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
    ca_file: CaFile = None,
) -> None:
    """List a relay's public rooms, busiest first."""
    from clawtank_tui.arguments import read_address
    from clawtank_tui.link.target import BadTarget

    try:
        address = read_address(relay, ca_file)
    except BadTarget as problem:
        _refuse(problem)
    from clawtank_tui.directory import run_rooms

    raise typer.Exit(run_rooms(address, as_json=as_json, ca_file=ca_file))


@app.command()
def replay(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="A ClawTank session-replay file, JSON Lines or a JSON array of events, or a saved page of "
            "a relay's events; - is standard input.",
        ),
    ],
    speed: Annotated[
        str,
        typer.Option("--speed", metavar="N", help="0.25 to 64 times as fast, or max: everything at once."),
    ] = "1",
    plain: Plain = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON envelope per line; no screen.")
    ] = False,
    mouse: Mouse = None,
) -> None:
    """Play a recording at its own pace; pause, step and seek with the keys."""
    from clawtank_tui.arguments import read_speed
    from clawtank_tui.link.target import BadTarget

    try:
        times = read_speed(speed)
    except BadTarget as problem:
        _refuse(problem)
    from clawtank_tui.replay.run import run

    mode = "json" if as_json else "plain" if plain or not has_screen() else "tui"
    raise typer.Exit(run(file, times, mode, mouse=wants_mouse(mouse)))


@app.command()
def demo(
    git: Annotated[
        Path | None,
        typer.Option(
            "--git", metavar="PATH", help="Play this repository's history instead, then follow it live."
        ),
    ] = None,
    plain: Plain = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON envelope per line; no screen.")
    ] = False,
) -> None:
    """See it work: a bundled session on a relay of its own. Needs nothing else."""
    from clawtank_tui.demo import run

    raise typer.Exit(run(git, "json" if as_json else "plain" if plain or not has_screen() else "tui"))


def has_screen() -> bool:
    """Say whether a full-screen program can run here: terminals all around, and one that moves its cursor.

    Standard error counts too, because that is where the screen is drawn.
    """
    unset = "dumb" if os.name == "posix" else ""
    return (
        all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
        and os.environ.get("TERM", unset) != "dumb"
    )


def wants_mouse(asked: bool | None, *, thin_line: bool = False) -> bool:
    """Say whether to use the mouse: as asked, else wherever it costs no bytes of a remote line."""
    return not thin_line and "SSH_CONNECTION" not in os.environ if asked is None else asked


def _warn_of_token(context: typer.Context, token: str) -> None:
    source = context.get_parameter_source("token")
    if token and source is not None and source.name == "COMMANDLINE":
        typer.echo(
            "A token on the command line can be seen by others here: use --token-file or CLAWTANK_TOKEN.",
            err=True,
        )


def _refuse(problem: Exception) -> NoReturn:
    typer.echo(f"clawtank: {problem}", err=True)
    raise typer.Exit(2)

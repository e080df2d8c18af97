"""How commands reach a relay: the one of this machine by its data directory, or another by its address."""

from __future__ import annotations

import os
import ssl
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from urllib.parse import urlsplit

import typer

if TYPE_CHECKING:
    import httpx

Data = Annotated[
    Path | None,
    typer.Option("--data", envvar="CLAWTANK_RELAY_DATA", help="Data directory of the relay on this machine."),
]
RelayUrl = Annotated[
    str,
    typer.Option(
        "--relay", metavar="URL", help="Another relay's address; needs a token.", show_default=False
    ),
]
TokenFile = Annotated[
    Path | None,
    typer.Option("--token-file", metavar="FILE", help="File with the token to use.", show_default=False),
]
CaFile = Annotated[
    Path | None,
    typer.Option("--ca-file", metavar="FILE", help="Certificate authorities to trust.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def fail(sentence: str, code: int = 1) -> NoReturn:
    """Print one sentence on standard error and end the command."""
    print(sentence, file=sys.stderr)  # noqa: T201
    raise typer.Exit(code)


def say(text: str) -> None:
    """Print a line on standard output; a reader that has gone ends the command quietly."""
    try:
        print(text, flush=True)  # noqa: T201
    except BrokenPipeError:
        # Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None


def warn(sentence: str) -> None:
    """Print one sentence of the relay's on standard error, made safe for a terminal."""
    from relay.protocol.text import safe_text

    print(safe_text(sentence, 500), file=sys.stderr)  # noqa: T201


def client(data: Path | None, relay: str, token_file: Path | None, ca_file: Path | None) -> httpx.AsyncClient:
    """Return an HTTP client for the relay that is meant, with its token.

    Without an address it is the relay of this machine, and the operator's token.
    """
    import httpx

    token = os.environ.get("CLAWTANK_TOKEN", "")
    if token_file is not None:
        try:
            token = token_file.read_text().strip()
        except (OSError, UnicodeDecodeError):
            fail(f"{token_file} cannot be read. Name the file that holds the token with --token-file.", 2)
    verify: ssl.SSLContext | bool = True
    if relay:
        url = relay.replace("ws", "http", 1) if relay.startswith("ws") else relay
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            fail(
                f"{relay} is not a relay's address. Write it like https://relay.example or ws://127.0.0.1:8787.",
                2,
            )
        if token and parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            fail("The token would travel unencrypted. Use an https:// or wss:// address.", 2)
    else:
        url, own, verify = _of_this_machine(data)
        token = token or own
    if ca_file is not None:
        try:
            verify = ssl.create_default_context(cafile=str(ca_file))
        except OSError:
            fail(f"{ca_file} cannot be used as certificate authorities. Name a PEM file with --ca-file.", 2)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.AsyncClient(base_url=url, headers=headers, verify=verify, timeout=30, trust_env=False)


def _of_this_machine(data: Path | None) -> tuple[str, str, ssl.SSLContext | bool]:
    from platformdirs import user_data_path

    from relay.storage.secrets import read_local

    directory = data or user_data_path("clawtank", appauthor=False)
    try:
        found = read_local(directory)
    except OSError as error:
        fail(f"{directory} cannot be read: {error.strerror}. Run this as the user the relay runs as.")
    if found is None:
        fail(
            f"No relay is running over {directory}. Start one with: clawtank-relay serve"
            " — or name its directory with --data."
        )
    if not found.certificate:
        return found.url, found.operator_token, True
    context = ssl.create_default_context(cafile=found.certificate)
    # Its own certificate, read from its own directory: the name in it may well not be this machine's.
    context.check_hostname = False
    return found.url, found.operator_token, context


def call(
    method: str,
    path: str,
    *,
    data: Path | None,
    relay: str = "",
    token_file: Path | None = None,
    ca_file: Path | None = None,
    body: dict[str, Any] | None = None,
) -> Any:
    """Make one call and return its JSON; on failure print the relay's sentence and exit 1."""
    import asyncio

    import httpx

    async def ask() -> httpx.Response:
        async with client(data, relay, token_file, ca_file) as relay_client:
            return await relay_client.request(method, path, json=body)

    try:
        answer = asyncio.run(ask())
    except httpx.TransportError as error:
        fail(unreachable(error))
    if answer.is_success:
        return answer.json() if answer.content else None
    fail(sentence_of(answer))


def unreachable(error: Exception) -> str:
    """Return the sentence for a relay that does not answer."""
    import httpx

    if isinstance(error, httpx.ConnectError) and "CERTIFICATE" in str(error).upper():
        return "The relay's certificate is not trusted. Name its authority with --ca-file."
    if isinstance(error, httpx.TimeoutException):
        return "The relay did not answer in time. Check that it is running, then try again."
    return "No relay answers there. Check the address, or start one with: clawtank-relay serve"


def sentence_of(answer: httpx.Response) -> str:
    """Return the sentence of an error answer, made safe for a terminal."""
    from relay.protocol.text import safe_text

    if answer.status_code == 401 and "Authorization" not in answer.request.headers:
        return "This relay wants a token. Give it with --token-file FILE, or in CLAWTANK_TOKEN."
    try:
        message = answer.json()["message"]
    except (ValueError, KeyError, TypeError):
        return (
            f"The relay answered {answer.status_code} without a reason. Check that the address is a relay's."
        )
    return safe_text(str(message), 500)

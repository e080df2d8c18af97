"""`clawtank-relay token`: who may publish, host, and watch under a name."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from relay.cli.local import CaFile, Data, Json, RelayUrl, TokenFile, call, fail, say

app = typer.Typer(help="Tokens: make, list, revoke.", no_args_is_help=True)
_DAY_S = 86_400


@app.callback()
def _group() -> None:
    """Tokens: make, list, revoke."""


@app.command()
def create(
    room: Annotated[str, typer.Argument(metavar="ROOM", help="The room's id.")],
    scope: Annotated[str, typer.Option(help="publish, participate, moderate or host.")],
    name: Annotated[str, typer.Option(help="Whom it is for; shown in lists.")] = "",
    data: Data = None,
    relay: RelayUrl = "",
    token_file: TokenFile = None,
    ca_file: CaFile = None,
) -> None:
    """Make a token for a room and print it; it is shown only now."""
    if scope not in ("publish", "participate", "moderate", "host"):
        fail("--scope: must be publish, participate, moderate or host.", 2)
    body = {"scope": scope, "name": name}
    path = f"/rooms/{room}/tokens"
    say(
        call("POST", path, data=data, relay=relay, token_file=token_file, ca_file=ca_file, body=body)["token"]
    )


@app.command()
def viewer(
    name: Annotated[str, typer.Option(help="The name others see in the chat.")],
    verified: Annotated[bool, typer.Option("--verified", help="You vouch for who this is.")] = False,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long it is good for.")] = 90,
    data: Data = None,
) -> None:
    """Make a token for a registered viewer and print it."""
    body = {"name": name, "verified": verified, "lifetime_s": days * _DAY_S}
    say(call("POST", "/tokens", data=data, body=body)["token"])


@app.command("list")
def list_tokens(as_json: Json = False, data: Data = None) -> None:
    """List the tokens there are; never their secrets."""
    tokens = call("GET", "/tokens", data=data)["tokens"]
    if as_json:
        say(json.dumps(tokens))
        return
    for token in tokens:
        revoked = "  revoked" if token["revoked"] else ""
        line = (
            f"{token['id']}  {token['scope']:11}  {token.get('room', '-')}  {token.get('name', '')}{revoked}"
        )
        say(line.rstrip())


@app.command()
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="As token list shows it.")], data: Data = None
) -> None:
    """Revoke a token; whoever watches with it is told and disconnected."""
    call("DELETE", f"/tokens/{token_id}", data=data)
    say(f"{token_id} is revoked.")

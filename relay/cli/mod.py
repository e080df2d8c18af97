"""`clawtank-relay mod`: moderation from a shell."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from relay.cli.local import CaFile, Data, Json, RelayUrl, TokenFile, call, fail, say

_DONE = {"approve": "approved", "reject": "rejected"}
_ACTIONS = ("queue", *_DONE)


def mod(
    room: Annotated[str, typer.Argument(metavar="ROOM", help="The room's id.")],
    action: Annotated[
        str, typer.Argument(metavar="queue|approve|reject", help="See what waits, or decide it.")
    ],
    message_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Of held messages, as the queue lists them.")
    ] = None,
    reason: Annotated[str, typer.Option(help="What the author of a rejected message is told.")] = "",
    as_json: Json = False,
    data: Data = None,
    relay: RelayUrl = "",
    token_file: TokenFile = None,
    ca_file: CaFile = None,
) -> None:
    """Moderate a room's spectator chat: see what waits, let it through or not."""
    if action not in _ACTIONS:
        fail(f"{action}: must be one of {', '.join(_ACTIONS)}.", 2)
    if (action == "queue") == bool(message_ids):
        fail(f"Write it like: clawtank-relay mod {room} queue — or: mod {room} approve ID", 2)

    def ask(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        where = f"/rooms/{room}/moderation{path}"
        return call(method, where, data=data, relay=relay, token_file=token_file, ca_file=ca_file, body=body)

    if action == "queue":
        _show(ask("GET", "/queue")["held"], as_json=as_json)
    for message_id in message_ids or []:
        body = {"action": action, "message_id": message_id, **({"reason": reason} if reason else {})}
        decision = ask("POST", "", body)
        say(json.dumps(decision) if as_json else f"{message_id} is {_DONE[action]}.")


def _show(held: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        say(json.dumps(held))
        return
    if not held:
        say("Nothing waits.")
    for message in held:
        text = " ".join(message["message"].split())
        who = f"{message['display_name']} ({message['author_state']})"
        say(f"{message['message_id']}  {message['timestamp'][:19]}Z  {message['rule']:9}  {who}: {text}")

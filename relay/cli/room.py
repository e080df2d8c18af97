"""`clawtank-relay room`: rooms and their settings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from relay.cli.local import CaFile, Data, Json, RelayUrl, TokenFile, call, fail, say, warn
from relay.protocol.text import safe_text

app = typer.Typer(help="Rooms and their settings.", no_args_is_help=True)
_PRESETS = "open, limited or minimal."
Room = Annotated[str, typer.Argument(metavar="ROOM", help="The room's id.")]


@app.callback()
def _group() -> None:
    """Rooms and their settings."""


@app.command()
def create(
    room: Room,
    private: Annotated[bool, typer.Option("--private", help="Nobody can find or watch it.")] = False,
    name: Annotated[str, typer.Option(help="What people read.")] = "",
    preset: Annotated[str, typer.Option(help=_PRESETS, show_default=False)] = "",
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Create a room; prints its tokens, which are shown only now."""
    body: dict[str, Any] = {"id": room, "visibility": "private" if private else "public", "name": name}
    if preset:
        body["preset"] = preset
    made = call("POST", "/rooms", data=data, body=body)
    if as_json:
        say(json.dumps(made))
        return
    say(f"{made['id']}  {made['visibility']}  {made['settings']['preset']}")
    say(f"host token     {made['host_token']}")
    say(f"publish token  {made['publish_token']}")


@app.command("list")
def list_rooms(as_json: Json = False, data: Data = None) -> None:
    """List every room, private ones too."""
    rooms = call("GET", "/rooms?all=true", data=data)["rooms"]
    if as_json:
        say(json.dumps(rooms))
        return
    if not rooms:
        say("There is no room yet. Create one with: clawtank-relay room create ROOM")
    width = max((len(room["id"]) for room in rooms), default=0)
    for room in rooms:
        say(
            f"{room['id']:{width}}  {room['visibility']:7}  {room['state']:9}  "
            f"{room['spectators']} watching, peak {room['peak']}  {room['name']}"
        )


@app.command()
def show(
    room: Room,
    as_json: Json = False,
    data: Data = None,
    relay: RelayUrl = "",
    token_file: TokenFile = None,
    ca_file: CaFile = None,
) -> None:
    """Show every setting of a room, and the secret for its webhooks."""

    def get(path: str) -> Any:
        return call("GET", path, data=data, relay=relay, token_file=token_file, ca_file=ca_file)

    settings = {**get(f"/rooms/{room}/settings"), "hookSecret": get(f"/rooms/{room}/hooks")["secret"]}
    if as_json:
        say(json.dumps(settings))
        return
    for name, value in _leaves(settings):
        say(f"{name} = {json.dumps(value)}")


@app.command("set")
def set_settings(
    room: Room,
    changes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME=VALUE]...", help="As in: visibleEvents.publicChat=false. The names: room show ROOM"
        ),
    ] = None,
    preset: Annotated[str, typer.Option(help=_PRESETS, show_default=False)] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what it would have done to the room's last day.")
    ] = False,
    as_json: Json = False,
    data: Data = None,
    relay: RelayUrl = "",
    token_file: TokenFile = None,
    ca_file: CaFile = None,
) -> None:
    """Change settings of a room: all of those named, or none."""
    patch: dict[str, Any] = {"preset": preset} if preset else {}
    for change in changes or []:
        name, equals, value = change.partition("=")
        if not equals:
            fail(f"{change}: write it like visibleEvents.publicChat=false", 2)
        *parents, leaf = name.strip().split(".")
        place = patch
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                fail(f"{name}: {parent} is set to a value already.", 2)
        place[leaf] = _value(value.strip())
    if not patch:
        fail("Nothing to set. Name a setting, as in: visibleEvents.publicChat=false", 2)
    path = f"/rooms/{room}/settings" + ("?dry_run=true" if dry_run else "")

    def ask(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return call(method, path, data=data, relay=relay, token_file=token_file, ca_file=ca_file, body=body)

    before = {} if dry_run or as_json else ask("GET", path)
    changed = ask("PATCH", path, patch)
    if as_json:
        say(json.dumps(changed))
    elif dry_run:
        for line in _rehearsed(changed):
            say(line)
    else:
        say(f"{room} is {changed['visibility']}, {changed['preset']}.")
        for line in _differences(before, changed):
            say(line)
    for warning in changed.get("warnings", []):
        warn(warning)


@app.command()
def close(room: Room, data: Data = None) -> None:
    """Close a room for good: its viewers are told, nobody can watch or feed it, its name stays taken."""
    call("DELETE", f"/rooms/{room}", data=data)
    say(f"{room} is closed.")


def _differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each setting that has another value: a preset's name says little of what it did."""
    were = dict(_leaves(before))
    for name, value in _leaves(after):
        if name in were and name != "preset" and were[name] != value:
            old, new = json.dumps(were[name], ensure_ascii=False), json.dumps(value, ensure_ascii=False)
            yield f"  {name}: {safe_text(old, 160)} → {safe_text(new, 160)}"


def _rehearsed(found: dict[str, Any]) -> Iterator[str]:
    """Yield the lines that tell what a change would have done: the counts, then examples field by field."""
    since = found["since"][:16].replace("T", " ")
    yield f"Nothing was changed. What spectators would read: of {found['events']} events since {since} UTC,"
    for key, words in (
        ("hidden", "would no longer be shown"),
        ("shown", "would be shown now"),
        ("reworded", "would read otherwise"),
    ):
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(found[key].items()))
        yield f"  {sum(found[key].values()):6} {words}" + (f": {kinds}" if kinds else "")
    yield from _filtered(found["chat"])
    for example in found["examples"]:
        before, after = example["before"], example["after"]
        yield f"{safe_text(str(before['type']), 40)}"
        for name in before:
            if before[name] != after.get(name):
                yield f"  {name}: {_brief(before[name])} → {_brief(after.get(name))}"


def _filtered(chat: dict[str, Any]) -> Iterator[str]:
    """Yield what the filter would have made of the recent chat: the counts by rule, then what it saw."""
    rules = ", ".join(f"{count} {rule}" for rule, count in sorted(chat["rules"].items()))
    stopped = f"{chat['held']} held, {chat['refused']} refused" + (f": {rules}" if rules else "")
    yield f"Of {chat['judged']} recent chat messages the filter would have stopped: {stopped}"
    for one in chat["examples"]:
        yield f"  {one['message_id']}  {one['action']}  {one['rule']}: {safe_text(one['detail'], 120)}"


def _brief(value: Any) -> str:
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return safe_text("nothing" if value is None else str(value), 160)


def _leaves(settings: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in settings.items():
        if isinstance(value, dict):
            found += _leaves(value, f"{prefix}{name}.")
        else:
            found.append((prefix + name, value))
    return found


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text

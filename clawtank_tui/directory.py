"""The public rooms of a relay: `clawtank rooms`."""

from __future__ import annotations

import json
import ssl
import sys
from typing import TYPE_CHECKING, Any

import httpx

from clawtank_tui import __version__
from clawtank_tui.link.problems import fault_of, http_fault, not_a_relay
from clawtank_tui.plain import close_quietly, escape
from clawtank_tui.state import intake
from relay.protocol.envelope import BadMessage, decode_object

if TYPE_CHECKING:
    from pathlib import Path

    from clawtank_tui.link.target import RelayAddress

_TIMEOUT_S = 10.0
_MAX_BYTES = 4 * 1024 * 1024
_HEADINGS = ("ROOM", "STATE", "WATCHING", "PEAK", "NAME")


class NoDirectory(Exception):
    """The list could not be had; the text is one sentence with the next step."""


def fetch_rooms(address: RelayAddress, ca_file: Path | None = None) -> list[Any]:
    """Ask a relay for its public rooms, busiest first.

    Returns:
        The entries as the relay sent them, unchecked.

    Raises:
        NoDirectory: If there is no relay, or it does not answer as one.
    """
    verify = ssl.create_default_context(cafile=str(ca_file)) if ca_file else True
    try:
        with (
            httpx.Client(verify=verify, timeout=_TIMEOUT_S, trust_env=not address.is_loopback) as client,
            client.stream(
                "GET", f"{address.http_url}/rooms", headers={"User-Agent": f"clawtank/{__version__}"}
            ) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                retry_after = answer.headers.get("Retry-After")
                raise NoDirectory(http_fault(answer.status_code, retry_after, address).sentence)
            body = bytearray()
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > _MAX_BYTES:
                    raise NoDirectory(f"The list of {address.url} is too long to be true: check --relay.")
    except httpx.RemoteProtocolError:
        raise NoDirectory(not_a_relay(address).sentence) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        raise NoDirectory(fault_of(error, address).sentence) from None
    return _entries(bytes(body), address)


def _entries(body: bytes, address: RelayAddress) -> list[Any]:
    try:
        rooms = decode_object(body).get("rooms")
    except BadMessage:
        rooms = None
    if not isinstance(rooms, list):
        raise NoDirectory(not_a_relay(address).sentence)
    return rooms


def room_table(rooms: list[Any]) -> list[str]:
    """Lay out a relay's rooms as lines with a heading; entries without an id are left out."""
    rows = [_HEADINGS]
    for entry in rooms:
        room = intake.obj(entry)
        if room_id := intake.text(room.get("id"), 64):
            rows.append(
                (
                    room_id,
                    intake.text(room.get("state"), intake.WORD),
                    str(intake.number(room.get("spectators")) or 0),
                    str(intake.number(room.get("peak")) or 0),
                    intake.text(room.get("name"), intake.NAME),
                )
            )
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS) - 1)]
    return ["  ".join([*map(str.ljust, row[:-1], widths), row[-1]]).rstrip() for row in rows]


def run_rooms(address: RelayAddress, *, as_json: bool, ca_file: Path | None = None) -> int:
    """Print a relay's public rooms; return the exit code."""
    try:
        rooms = fetch_rooms(address, ca_file)
    except NoDirectory as problem:
        sys.stderr.write(f"clawtank: {problem}\n")
        return 1
    if as_json:
        lines = [escape(json.dumps(rooms, ensure_ascii=False, separators=(",", ":")))]
    elif rooms:
        lines = room_table(rooms)
    else:
        sys.stderr.write(f"No room of {address.url} is open to spectators right now.\n")
        lines = []
    try:
        sys.stdout.write("".join(line + "\n" for line in lines))
        sys.stdout.flush()
    except BrokenPipeError:
        close_quietly()
    return 0

"""From what stands on the command line to a `Target`: each mistake is one sentence with the next step."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from clawtank_tui.link.target import BadTarget, RelayAddress, Target, check_ca_file, parse_relay
from clawtank_tui.local_relay import default_directory, find
from clawtank_tui.replay.player import SPEEDS
from clawtank_tui.state.delivery import (
    AT_ONCE,
    Choice,
    Mode,
)
from relay.protocol.cursor import parse_cursor
from relay.protocol.events import UnknownType, parse_types
from relay.protocol.messages import BATCH_S, LONGEST_BATCH_S, SHORTEST_BATCH_S
from relay.protocol.text import safe_text
from relay.protocol.times import parse_duration, parse_instant

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_RELAY = "ws://127.0.0.1:8787"
_MAX_NAME = 100
_MAX_TOKEN_FILE = 64 * 1024


def read_target(
    room: str,
    relay: str,
    *,
    token: str = "",
    token_file: Path | None = None,
    name: str = "",
    types: str = "",
    since: str = "",
    ca_file: Path | None = None,
    insecure: bool = False,
    choice: Choice = AT_ONCE,
) -> Target:
    """Check every option of `clawtank watch`; a token file goes before a token.

    Raises:
        BadTarget: If one of them cannot be used.
    """
    is_cursor = parse_cursor(since) is not None
    return Target(
        room_id=room,
        relay=read_address(relay, ca_file),
        token=_token_from(token_file) if token_file else token,
        name=safe_text(name, _MAX_NAME).strip(),
        types=_types(types),
        since="" if is_cursor else _since(since),
        cursor=since if is_cursor else "",
        ca_file=ca_file,
        insecure=insecure,
        choice=choice,
    )


def read_host_target(
    room: str,
    relay: str,
    *,
    data: Path | None = None,
    token: str = "",
    token_file: Path | None = None,
    ca_file: Path | None = None,
    insecure: bool = False,
) -> Target:
    """Check every option of `clawtank host`; the relay of this machine gives what is not said.

    Args:
        room: The room's id.
        relay: The relay's address; empty for the one that serves `data`, or else the usual one.
        data: A relay's data directory on this machine; None for the default one.
        token: A moderate or host token, or empty.
        token_file: A file that holds one; goes before `token`.
        ca_file: Certificate authorities to trust.
        insecure: Send the token even unencrypted.

    Raises:
        BadTarget: If one of them cannot be used, or there is no token.
    """
    own = find(data or default_directory())
    if data is not None and own is None and not relay:
        raise BadTarget(
            f"No relay is running over {safe_text(str(data), 200)}: start one with clawtank-relay serve, "
            "or name another directory with --data."
        )
    address = read_address(relay or (own.url if own else DEFAULT_RELAY), ca_file)
    given = _token_from(token_file) if token_file else token
    at_home = own is not None and address == parse_relay(own.url)
    certificate = own.certificate if own is not None and at_home and ca_file is None else None
    if not given and own is not None and at_home:
        given = own.token
    if not given:
        raise BadTarget(
            "Hosting takes a token: give a moderate or host token with --token-file, or on the relay's own "
            "machine name its data directory with --data."
        )
    return Target(
        room_id=room,
        relay=address,
        token=given,
        ca_file=certificate or ca_file,
        any_name=certificate is not None,
        insecure=insecure,
    )


def read_address(relay: str, ca_file: Path | None) -> RelayAddress:
    """Check a relay's address and the authorities to trust.

    Raises:
        BadTarget: If either cannot be used.
    """
    if ca_file is not None:
        check_ca_file(ca_file)
    return parse_relay(relay)


def read_choice(*, batched: bool, every: str, low_bandwidth: bool) -> Choice:
    """Read how to be told; low bandwidth is batches too, with its own name.

    Raises:
        BadTarget: If the interval is none, out of bounds, or of nothing.
    """
    if not batched and not low_bandwidth:
        if every:
            raise BadTarget("--every is the interval of batches: add --batched or --low-bandwidth.")
        return AT_ONCE
    mode = Mode.LOW_BANDWIDTH if low_bandwidth else Mode.BATCHED
    return Choice(mode, _interval_s(every) if every else BATCH_S)


def read_speed(given: str) -> float | None:
    """Read how fast to play: times as fast as it happened, or None for `max`.

    Raises:
        BadTarget: If it is neither.
    """
    if given == "max":
        return None
    try:
        speed = float(given)
    except ValueError:
        speed = math.nan
    slowest, fastest = SPEEDS[0], SPEEDS[-1]
    if not slowest <= speed <= fastest:
        raise BadTarget(
            f"--speed: “{safe_text(given, 40)}” is no speed: use "
            f"{slowest:g} to {fastest:g}, or max for everything at once."
        )
    return speed


def _types(given: str) -> str:
    try:
        if given:
            parse_types(given)
    except UnknownType as problem:
        raise BadTarget(f"--types: {str(problem).removeprefix('types: ')}") from None
    return given


def _since(given: str) -> str:
    if given and parse_duration(given) is None and parse_instant(given) is None:
        raise BadTarget(
            f"--since: “{safe_text(given, 40)}” is no time: use a duration (30m, 2h, 1d12h), "
            "an ISO time (2026-02-17T21:00:00Z), or a cursor."
        )
    return given


def _interval_s(given: str) -> int:
    interval_ms = parse_duration(given) or 0
    if not SHORTEST_BATCH_S * 1000 <= interval_ms <= LONGEST_BATCH_S * 1000:
        raise BadTarget(
            f"--every: “{safe_text(given, 40)}” is no interval of batches: use "
            f"{SHORTEST_BATCH_S}s to {LONGEST_BATCH_S}s, like 10s or 2m."
        )
    return interval_ms // 1000


def _token_from(file: Path) -> str:
    shown = safe_text(str(file), 200)
    try:
        with file.open(encoding="utf-8") as lines:
            token = lines.read(_MAX_TOKEN_FILE).strip()
    except (OSError, UnicodeError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "it is not text"
        raise BadTarget(f"The token file {shown} cannot be read ({why}): check --token-file.") from None
    if not token:
        raise BadTarget(f"The token file {shown} is empty: put the token in it.")
    return token

"""What a viewer asks for when it connects: from the query, and from `spectator.connect`.

Spec: Authentication, `spectator.connect`. Unknown fields are ignored, wrong types of known ones refused by
name (CONN-17).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from relay.audience.identity import clean_name
from relay.delivery.frames import Variant
from relay.protocol.events import EVENT_TYPES, UnknownType, parse_types
from relay.protocol.messages import BATCH_S, LONGEST_BATCH_S, MAX_HISTORY, SHORTEST_BATCH_S
from relay.protocol.times import parse_since

if TYPE_CHECKING:
    from collections.abc import Mapping

_WHOLE = frozenset({"history", "interval_s"})
_WORDS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_DELIVERY = ("types", "frequency", "interval_s", "low_bandwidth")
_TEXTS = ("auth_token", "resume_token", "cursor", "since", "display_name", "spectator_id")


class BadOption(ValueError):
    """An option that cannot be used; the text names it and says what it should be."""


@dataclass(frozen=True, slots=True)
class Options:
    """A viewer's wishes.

    Attributes:
        token: A viewer token or resume token; empty for none.
        cursor: Resume after this position; as sent, because a wrong one is answered, not refused.
        since_ms: Replay from this instant on.
        history: Replay the last so many events.
        types: Event types of interest.
        chat: Whether it takes part in the spectator chat.
        name: The display name it would like.
        batched: Whether events come in batches.
        interval_s: Seconds of a batch, if it asked for a number.
        low_bandwidth: Whether its line is thin: batches, with statuses and presence thinned.
    """

    token: str = ""
    cursor: str = ""
    since_ms: int | None = None
    history: int = 0
    types: frozenset[str] = EVENT_TYPES
    chat: bool = True
    name: str = ""
    batched: bool = False
    interval_s: int | None = None
    low_bandwidth: bool = False

    @property
    def variant(self) -> Variant:
        """What it is delivered."""
        batched = self.batched or self.low_bandwidth
        interval_s = (self.interval_s or BATCH_S) if batched else 0
        return Variant(self.types, self.chat, interval_s, self.low_bandwidth)


def from_query(query: str, bearer: str, now_ms: int) -> tuple[Options, bool]:
    """Read the options of a handshake; also say whether the query held any.

    Raises:
        BadOption: If one cannot be used.
    """
    fields = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=False).items()}
    named: dict[str, Any] = {key: fields[key] for key in ("cursor", "since", "types") if key in fields}
    if "name" in fields:
        named["display_name"] = fields["name"]
    if "frequency" in fields:
        named["frequency"] = fields["frequency"]
    for name in _WHOLE & fields.keys():
        text = fields[name]
        named[name] = int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else text
    if "low_bandwidth" in fields:
        named["low_bandwidth"] = _WORDS.get(fields["low_bandwidth"].lower(), fields["low_bandwidth"])
    options = _apply(Options(token=fields.get("auth", "") or bearer), named, now_ms)
    return options, bool(named) or "auth" in fields


def from_connect(data: Mapping[str, Any], options: Options, room_id: str, now_ms: int) -> Options:
    """Read a `spectator.connect` on top of the handshake's options.

    Raises:
        BadOption: If a field is wrong, or the message names another room.
    """
    room = data.get("room_id")
    if room is not None and room != room_id:
        raise BadOption("room_id: must be the room of the address")
    for key in _TEXTS:
        if data.get(key) is not None and not isinstance(data[key], str):
            raise BadOption(f"{key}: must be text")
    options = _apply(options, data, now_ms)
    token = data.get("auth_token") or data.get("resume_token")
    if token:
        options = replace(options, token=token)
    return _client_info(data.get("client_info"), options)


def from_subscribe(data: Mapping[str, Any], options: Options) -> Options:
    """Read a `spectator.subscribe`: what it does not name stays as it is.

    Raises:
        BadOption: If a field is wrong.
    """
    return _apply(options, {name: data[name] for name in _DELIVERY if name in data}, 0)


def _apply(options: Options, fields: Mapping[str, Any], now_ms: int) -> Options:
    changes: dict[str, Any] = {}
    if fields.get("cursor"):
        changes["cursor"] = fields["cursor"]
    if fields.get("since"):
        changes["since_ms"] = parse_since(fields["since"], now_ms)
        if changes["since_ms"] is None:
            raise BadOption("since: must be a duration such as 30m or 2h, or an ISO 8601 time")
    history = fields.get("history")
    if history is not None:
        if isinstance(history, bool) or not isinstance(history, int) or not 0 <= history <= MAX_HISTORY:
            raise BadOption(f"history: must be a whole number from 0 to {MAX_HISTORY}")
        changes["history"] = history
    types = fields.get("types")
    if types is not None:
        if isinstance(types, list) and all(isinstance(name, str) for name in types):
            types = ",".join(types)
        if not isinstance(types, str):
            raise BadOption("types: must be text, names separated by commas")
        try:
            changes["types"] = parse_types(types)
        except UnknownType as error:
            raise BadOption(str(error)) from None
    changes |= _pace(fields)
    if fields.get("display_name"):
        changes["name"] = clean_name(fields["display_name"])
    return replace(options, **changes)


def _pace(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Read how often, and how much, a viewer wants to be sent."""
    changes: dict[str, Any] = {}
    frequency = fields.get("frequency")
    if frequency is not None:
        if frequency not in ("realtime", "batched"):
            raise BadOption("frequency: must be realtime or batched")
        changes["batched"] = frequency == "batched"
    interval_s = fields.get("interval_s")
    if interval_s is not None:
        whole = isinstance(interval_s, int) and not isinstance(interval_s, bool)
        if not whole or not SHORTEST_BATCH_S <= interval_s <= LONGEST_BATCH_S:
            raise BadOption(
                f"interval_s: must be a whole number of seconds from {SHORTEST_BATCH_S} to {LONGEST_BATCH_S}"
            )
        changes["interval_s"] = interval_s
    low_bandwidth = fields.get("low_bandwidth")
    if low_bandwidth is not None:
        if not isinstance(low_bandwidth, bool):
            raise BadOption("low_bandwidth: must be true or false")
        changes["low_bandwidth"] = low_bandwidth
    return changes


def _client_info(info: Any, options: Options) -> Options:
    """Read `client_info`: its capabilities are respected, the rest is checked and forgotten (CONN-11, 13)."""
    if info is None:
        return options
    if not isinstance(info, dict):
        raise BadOption("client_info: must be an object")
    for key in ("user_agent", "referrer"):
        if info.get(key) is not None and not isinstance(info[key], str):
            raise BadOption(f"client_info.{key}: must be text")
    capabilities = info.get("capabilities")
    if capabilities is None:
        return options
    if not isinstance(capabilities, list) or not all(isinstance(name, str) for name in capabilities):
        raise BadOption("client_info.capabilities: must be a list of names")
    return replace(options, chat="chat" in capabilities)

"""The one gate between what was published and what can be seen.

Spec: Event Sanitization Pipeline. A `RoomEvent` is any mapping, untrusted. It leaves here as the bytes of
a `SpectatorEvent`, or not at all; no part of a refused or hidden one is in the answer.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from relay.protocol.errors import Code
from relay.protocol.times import format_instant
from relay.screen.clean import clean
from relay.screen.fields import instant_ms
from relay.screen.models import FIELDS_OF, MODEL_OF, SpectatorEvent

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Hidden", "Rejected", "Screened", "Visible", "build", "clean", "digest", "screen"]


@dataclass(frozen=True, slots=True)
class Visible:
    """An event that may be stored and shown.

    Attributes:
        type: One of the thirteen.
        at_ms: When it happened, milliseconds since the Unix epoch.
        publisher_id: A digest of the event's own `id`, to recognise a repeat; None without one. The id itself
            may name people or machines, and is not kept.
        body: The event as one compact JSON object in UTF-8, `seq` and `event_id` not among its members.
    """

    type: str
    at_ms: int
    publisher_id: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Hidden:
    """An event that is none of a spectator's business: acknowledged, then forgotten."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """An event that should be visible and is not well formed.

    Attributes:
        code: The error's code on the wire.
        message: The field and what it should be; never what it was.
    """

    message: str
    code: Code = Code.INVALID_MESSAGE


Screened = Visible | Hidden | Rejected

_HIDDEN = Hidden()


def screen(raw: Mapping[str, Any], now_ms: int) -> Screened:
    """Decide about one published event, and build what may be seen of it.

    Args:
        raw: The event in the spectator's flat shape; anything may be in it.
        now_ms: The time of an event that has none of its own.
    """
    kind = raw.get("type")
    if not isinstance(kind, str) or not kind:
        return Rejected("type: must be text" if "type" in raw else "type: is missing")
    if kind not in MODEL_OF or _is_private(raw):
        return _HIDDEN
    publisher_id = raw.get("id")
    if publisher_id is not None and (not isinstance(publisher_id, str) or not publisher_id):
        return Rejected(f"{kind}: id must be text that is not empty")
    try:
        at_ms = now_ms if raw.get("timestamp") is None else instant_ms(raw["timestamp"])
        event = build(kind, raw, at_ms)
    except PydanticCustomError as error:
        return Rejected(f"{kind}: timestamp {error.message()}")
    except ValidationError as error:
        return Rejected(f"{kind}: {_first_problem(error)}")
    body = event.model_dump_json(exclude_none=True).encode()
    return Visible(kind, at_ms, digest(publisher_id) if publisher_id else None, body)


def build(kind: str, raw: Mapping[str, Any], at_ms: int) -> SpectatorEvent:
    """Build a visible event by copying its named fields; an optional field may also be null.

    Raises:
        ValidationError: If a field is missing or not what it should be.
    """
    named: dict[str, Any] = {"type": kind, "timestamp": format_instant(at_ms)}
    for name in FIELDS_OF[kind]:
        value = raw.get(name)
        if value is not None:
            named[name] = value
    return MODEL_OF[kind].model_validate(named)


def _is_private(raw: Mapping[str, Any]) -> bool:
    """Hold back what says of itself that it is not public, whatever its type claims (HIDE-1)."""
    return "visibility" in raw and raw["visibility"] != "public"


def _first_problem(error: ValidationError) -> str:
    # Our own checks word every problem but one without the value; a missing field is pydantic's to find.
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    problem = "is missing" if first["type"] == "missing" else first["msg"]
    return f"{first['loc'][0]} {problem}"


def digest(publisher_id: str) -> str:
    """Return what is kept of an event's own id, to recognise a repeat."""
    return hashlib.blake2b(publisher_id.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

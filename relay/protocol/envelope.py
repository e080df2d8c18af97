"""Envelopes: `{id, type, timestamp, data, metadata?}`, encoded once and read tolerantly.

Spec: WebSocket Protocol, Message Format. Optional parts are left out, never null (WIRE-9).
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from relay.protocol.times import format_ms

if TYPE_CHECKING:
    from collections.abc import Mapping

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def encode_json(value: Any) -> bytes:
    """Return compact UTF-8 JSON; a lone surrogate, which UTF-8 cannot carry, stands as its JSON escape."""
    return _encode(value).encode(errors="backslashreplace")


class MessageIds:
    """Message ids: a prefix for this process's life, then a count. Short, unique over restarts and nodes."""

    def __init__(self, prefix: str | None = None) -> None:
        """Start counting; the prefix is random (40 bits) unless given."""
        self._prefix = prefix or secrets.token_hex(5)
        self._count = 0

    def next(self) -> str:
        """Return the next id."""
        self._count += 1
        return f"{self._prefix}-{self._count:x}"


def encode_envelope(
    message_id: str, kind: str, now_ms: int, data: bytes, metadata: Mapping[str, str] | None = None
) -> bytes:
    """Put already encoded `data` into an envelope.

    Args:
        message_id: From `MessageIds`.
        kind: The message type; one of our own names, so it needs no escaping.
        now_ms: The relay's clock.
        data: A JSON object, encoded.
        metadata: `priority` and the like; left out when None.
    """
    tail = b',"metadata":' + encode_json(metadata) + b"}" if metadata else b"}"
    head = f'{{"id":"{message_id}","type":"{kind}","timestamp":"{format_ms(now_ms)}","data":'
    return head.encode() + data + tail


class BadMessage(ValueError):
    """A message that cannot be read; the text names the field and what it should be."""


def decode_object(text: str | bytes, *, max_depth: int = 32) -> dict[str, Any]:
    """Read one JSON object.

    Raises:
        BadMessage: If it is not JSON, not an object, or nested deeper than `max_depth`.
    """
    try:
        if not isinstance(text, str):
            text = text.decode(json.detect_encoding(text), "surrogatepass")
        value = _decode(text)
    except RecursionError:
        raise BadMessage("it is nested too deeply") from None
    except (ValueError, UnicodeDecodeError):
        raise BadMessage("it is not valid JSON") from None
    if not isinstance(value, dict):
        raise BadMessage("it is not a JSON object")
    # With no more brackets than levels it cannot be: that is so of almost everything that comes.
    if text.count("{") + text.count("[") > max_depth and _too_deep(value, max_depth):
        raise BadMessage("it is nested too deeply")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(name)


_decode = json.JSONDecoder(parse_constant=_no_constant).decode
"""Kept: one is as dear to make as a short message to read."""


def _too_deep(value: Any, levels: int) -> bool:
    if isinstance(value, dict):
        return levels <= 0 or any(_too_deep(item, levels - 1) for item in value.values())
    if isinstance(value, list):
        return levels <= 0 or any(_too_deep(item, levels - 1) for item in value)
    return False

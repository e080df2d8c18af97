"""Instants and durations on the wire: ISO 8601 UTC outside, whole milliseconds inside."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DURATION = re.compile(r"(?:(\d{1,5})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,7})s)?", re.ASCII)
_MIN_MS = -62_135_596_800_000  # year 1
_MAX_MS = 253_402_300_799_999  # year 9999


def format_ms(at_ms: int) -> str:
    """Return an instant with milliseconds, as every envelope carries it: `2026-02-17T21:03:00.000Z`."""
    whole_s, ms = divmod(min(max(at_ms, _MIN_MS), _MAX_MS), 1000)
    return f"{_second(whole_s)}.{ms:03d}Z"


def format_instant(at_ms: int) -> str:
    """Return an event's instant, without a fraction when it has none: `2026-02-17T21:03:00Z`."""
    text = format_ms(at_ms)
    return text[:-5] + "Z" if text.endswith(".000Z") else text


@lru_cache(maxsize=1024)
def _second(whole_s: int) -> str:
    # Most of what is told of a moment is told of others in the same second.
    return (_EPOCH + timedelta(seconds=whole_s)).replace(tzinfo=None).isoformat()


def parse_instant(text: str) -> int | None:
    """Read an ISO 8601 instant into milliseconds; None if it is not one.

    A time without an offset is taken as UTC (checklist EVENT-13).
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return (moment - _EPOCH) // timedelta(milliseconds=1)
    except OverflowError:
        return None


def parse_duration(text: str) -> int | None:
    """Read `90s`, `30m`, `2h`, `1d12h` or plain seconds into milliseconds; None if it is none of them."""
    if text.isascii() and text.isdecimal() and len(text) <= 9:
        return int(text) * 1000
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000


def parse_since(text: str, now_ms: int) -> int | None:
    """Read the `since` option: a duration before now, or an instant. None if it is neither."""
    duration = parse_duration(text)
    return parse_instant(text) if duration is None else now_ms - duration

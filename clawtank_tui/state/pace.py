"""What the relay says of delivery: what it agreed to, and how it copes when there is too much of it.

Spec: Adaptive Quality.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clawtank_tui.state import intake
from clawtank_tui.state.delivery import Choice, Delivery, Mode, seconds
from relay.protocol.messages import LONGEST_BATCH_S

SPARED_MS = 10 * 60_000
"""Between two remarks that news come in lots: a room on the verge would otherwise fill the feed with them."""


def agreed(before: Delivery, told: object) -> Delivery:
    """Take the `delivery` of a welcome or of a `mode_changed`; a relay that says nothing changes nothing."""
    if not isinstance(told, dict):
        return before
    data = intake.obj(told)
    interval_s = intake.number(data.get("interval_s"), LONGEST_BATCH_S) or before.choice.interval_s
    if data.get("low_bandwidth") is True:
        mode = Mode.LOW_BANDWIDTH
    else:
        mode = Mode.BATCHED if data.get("frequency") == "batched" else Mode.LIVE
    now = replace(before, choice=Choice(mode, interval_s), busy_ms=_busy_ms(data))
    return replace(now, remarked=before.remarked and now.in_lots)


def adapted(before: Delivery, notice: Mapping[str, Any], now_ms: int) -> tuple[Delivery, str]:
    """Take a `quality_changed`.

    Returns:
        The delivery, and a sentence for the feed: when one sees that it got busy, and later when it has
        calmed down, but not each time a room on the verge goes there and back; else empty.
    """
    busy_ms = _busy_ms(notice)
    now = replace(before, busy_ms=busy_ms)
    if now.in_lots and not before.remarked and (not before.remarked_ms or _long_ago(before, now_ms)):
        who = "The relay is very busy" if notice.get("reason") == "load" else "The room is very busy"
        told = f"{who}: what happens is shown every {seconds(busy_ms / 1000)} for now."
        return replace(now, remarked=True, remarked_ms=now_ms), told
    if before.remarked and not now.in_lots:
        return replace(now, remarked=False), "It has calmed down: live again."
    return now, ""


def _long_ago(delivery: Delivery, now_ms: int) -> bool:
    return now_ms - delivery.remarked_ms >= SPARED_MS


def _busy_ms(told: Mapping[str, Any]) -> int:
    return intake.number(told.get("interval_ms"), LONGEST_BATCH_S * 1000) or 0

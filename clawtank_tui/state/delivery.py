"""How news reaches this viewer: what can be chosen, what the relay makes of it, and both in words.

A choice is the viewer's: live, in batches, or in low bandwidth (batches too, thinned). Quality is the
relay's: what a live stream is put together to while a room, or the relay, is too busy for single events.
Spec: Adaptive Quality, Bandwidth Considerations.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from relay.protocol.messages import BATCH_S

SUBSCRIPTION = "d"
"""The ids of our requests for another delivery begin so: a refusal names the id, and is told apart by it."""
PLAIN_TO_SEE_MS = 1000
"""Events put together for less than this still look live; from here on one sees them come in lots."""


class Mode(StrEnum):
    """What a viewer can choose, in the order in which a key goes through them."""

    LIVE = "live"
    BATCHED = "batched"
    LOW_BANDWIDTH = "low bandwidth"


@dataclass(frozen=True, slots=True)
class Choice:
    """How a viewer wants to be told; `interval_s` counts unless it is live, and is kept while it is."""

    mode: Mode = Mode.LIVE
    interval_s: int = BATCH_S

    def next(self) -> Choice:
        """Return the choice after this one, with the same interval."""
        modes = list(Mode)
        return replace(self, mode=modes[(modes.index(self.mode) + 1) % len(modes)])

    def options(self) -> dict[str, str | int]:
        """Return what to ask for in a query; nothing for what a relay does anyway."""
        if self.mode is Mode.LIVE:
            return {}
        key, value = ("frequency", "batched") if self.mode is Mode.BATCHED else ("low_bandwidth", "true")
        return {key: value, "interval_s": self.interval_s}

    def subscription(self) -> dict[str, Any]:
        """Return the data of a `spectator.subscribe`: whole, so that nothing stays of the choice before."""
        if self.mode is Mode.LIVE:
            return {"frequency": "realtime", "low_bandwidth": False}
        return {
            "frequency": "batched",
            "interval_s": self.interval_s,
            "low_bandwidth": self.mode is Mode.LOW_BANDWIDTH,
        }


AT_ONCE = Choice()
"""What a viewer gets who asks for nothing."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the relay says that it tells this viewer.

    Attributes:
        choice: What it does of what was asked for.
        busy_ms: How long it collects events of a live stream because there are too many; 0: it does not.
        remarked_ms: When the feed last said that it got busy; 0: never.
        remarked: The feed said so and has not taken it back.
    """

    choice: Choice = AT_ONCE
    busy_ms: int = 0
    remarked_ms: int = 0
    remarked: bool = False

    @property
    def busy(self) -> bool:
        """Whether a live stream is put together."""
        return self.choice.mode is Mode.LIVE and self.busy_ms > 0

    @property
    def in_lots(self) -> bool:
        """Whether a live stream is put together so that one sees it."""
        return self.busy and self.busy_ms >= PLAIN_TO_SEE_MS

    def in_words(self) -> str:
        """Say it in a few cells."""
        every = f"every {seconds(self.choice.interval_s)}"
        match self.choice.mode:
            case Mode.BATCHED:
                return every
            case Mode.LOW_BANDWIDTH:
                return f"low bandwidth, {every}"
            case Mode.LIVE if self.in_lots:
                return f"busy: every {seconds(self.busy_ms / 1000)}"
            case Mode.LIVE:
                return "live, busy" if self.busy else "live"


LIVE = Delivery()
"""What is taken for true until a relay says otherwise."""


def seconds(count: float) -> str:
    """Return a number of seconds as people say it: `1.5 s`, `30 s`, `5 min`."""
    if count >= 120 and count % 60 == 0:
        return f"{count / 60:g} min"
    return f"{count:g} s"

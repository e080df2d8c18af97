"""The gate before every room: who comes while there is too much to do is sent away before any work is done.

Those who watch already are never touched by it. A refusal is one answer before the upgrade, with a wait that
differs from one to the next, so that those who were sent away do not come back together.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sized
from typing import TYPE_CHECKING

from relay.protocol.errors import Code, Refused

if TYPE_CHECKING:
    from relay.audience.metrics import Metrics
    from relay.clock import Clock
    from relay.service.load import Load

_WAIT_MS, _JITTER_MS = 2000, 6000
_FULL = "The relay has as many viewers as it can take. Try again in a moment."


class Gate:
    """Decides whether this relay takes on more.

    Attributes:
        sockets: Those open now; whoever serves them puts them here.
    """

    def __init__(
        self,
        load: Load,
        most: int,
        clock: Clock,
        metrics: Metrics,
        randomness: Callable[[], float] = random.random,
    ) -> None:
        """Open the gate.

        Args:
            load: How far behind the loop runs.
            most: Sockets that may be open at once; 0 for no limit.
            clock: For what is left of a drain.
            metrics: Counts who was sent away.
            randomness: Spreads the waits of those who were.
        """
        self.sockets: Sized = ()
        self._load = load
        self._most = most
        self._clock = clock
        self._metrics = metrics
        self._random = randomness
        self._drained_at_s: float | None = None

    @property
    def draining(self) -> bool:
        """Whether the relay is stopping."""
        return self._drained_at_s is not None

    def close(self, drain_s: float) -> None:
        """Let nobody in any more: in so many seconds the last viewer is asked to leave."""
        self._drained_at_s = self._clock.monotonic_s() + drain_s

    def newcomer(self) -> Refused | None:
        """Judge a connection that is in `sockets` already."""
        return self._shed("connection", self._no_more(len(self.sockets) - 1))

    def costly_call(self) -> Refused | None:
        """Judge a call that reads the log."""
        behind = Refused(Code.OVERLOADED, retry_after_ms=self._wait_ms()) if self._load.overloaded else None
        return self._shed("call", behind)

    def not_ready(self) -> Refused | None:
        """Say why a load balancer should send nobody here, if so."""
        return self._no_more(len(self.sockets))

    def _no_more(self, there: int) -> Refused | None:
        if self._drained_at_s is not None:
            # Until this relay is gone there is nobody at its address who could take over.
            left_ms = round(max(0.0, self._drained_at_s - self._clock.monotonic_s()) * 1000)
            return Refused(Code.DRAINING, retry_after_ms=left_ms + self._wait_ms())
        if self._load.overloaded:
            return Refused(Code.OVERLOADED, retry_after_ms=self._wait_ms())
        if self._most and there >= self._most:
            return Refused(Code.OVERLOADED, _FULL, self._wait_ms())
        return None

    def _shed(self, what: str, refused: Refused | None) -> Refused | None:
        if refused is not None:
            self._metrics.shed.labels(what).inc()
        return refused

    def _wait_ms(self) -> int:
        return _WAIT_MS + round(_JITTER_MS * self._random())


def connections_allowed(wanted: int | None, files: int) -> int:
    """Return how many sockets may be open: what is wanted or, unsaid, what the open files allow.

    A tenth of the files is left to HTTP calls, the database and the sources; 0 stands for no limit, on both
    sides.
    """
    return files - files // 10 if wanted is None else wanted

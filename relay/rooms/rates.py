"""Rate limits: exact sliding windows for connections, token buckets for messages. Bounded in memory."""

from __future__ import annotations

from collections import OrderedDict, deque

MAX_KEYS = 100_000
"""Addresses or viewers remembered per limit; the one idle longest is forgotten first."""


class SlidingWindow:
    """At most `limit` hits in any `window_s` seconds for each key; 0 means no limit.

    A refused hit does not count, so waiting as long as told is always enough.
    """

    def __init__(self, limit: int, window_s: float) -> None:
        """Set the limit."""
        self._limit = limit
        self._window_s = window_s
        self._hits: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_ms(self, key: str, now_s: float) -> int:
        """Return how long `key` has to wait for its next hit; 0 if it may now."""
        hits = self._hits.get(key)
        if not self._limit or hits is None:
            return 0
        while hits and hits[0] <= now_s - self._window_s:
            hits.popleft()
        if len(hits) < self._limit:
            return 0
        return _wait_ms(hits[0] + self._window_s - now_s)

    def hit(self, key: str, now_s: float) -> None:
        """Count a hit; one over the limit does not count."""
        if not self._limit or self.wait_ms(key, now_s):
            return
        hits = self._hits.get(key)
        if hits is None:
            hits = self._hits[key] = deque(maxlen=self._limit)
            if len(self._hits) > MAX_KEYS:
                self._hits.popitem(last=False)
        else:
            self._hits.move_to_end(key)
        hits.append(now_s)


class TokenBuckets:
    """A bucket per key: a burst at once, then a steady rate."""

    def __init__(self) -> None:
        """Start with every bucket full: nothing is spent."""
        self._spent: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, now_s: float, *, per_minute: float, burst: float, cost: float = 1) -> int:
        """Take `cost` tokens; return 0, or milliseconds to wait if there are not enough.

        `per_minute` 0 means no limit. The limits may change from call to call.
        """
        if not per_minute:
            return 0
        spent, then_s = self._spent.pop(key, (0.0, now_s))
        # What is spent is kept, and not what is left: a burst that grows is there at once.
        spent = max(0.0, spent - (now_s - then_s) * per_minute / 60)
        room = burst - min(cost, burst)
        enough = spent <= room
        self._spent[key] = (spent + cost if enough else spent, now_s)
        if len(self._spent) > MAX_KEYS:
            self._spent.popitem(last=False)
        return 0 if enough else _wait_ms((spent - room) * 60 / per_minute)

    def give_back(self, key: str, cost: float = 1) -> None:
        """Return tokens that were taken for nothing."""
        if key in self._spent:
            spent, then_s = self._spent[key]
            self._spent[key] = (max(0.0, spent - cost), then_s)


def _wait_ms(seconds: float) -> int:
    """Round up, and past what sums of binary fractions lose: who waits as long as told must pass."""
    return int(seconds * 1000 + 1e-6) + 1

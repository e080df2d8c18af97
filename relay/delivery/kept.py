"""What was made once and will be asked for again, within a bound of bytes: the least recently used goes."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_SHARE = 8
"""Nothing may take more than this part of the room: one giant must not drive out everything else."""


class Kept(Generic[K, V]):
    """A least-recently-used store that counts bytes."""

    def __init__(self, max_bytes: int) -> None:
        """Start empty."""
        self._max_bytes = max_bytes
        self._entries: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self.bytes = 0

    def get(self, key: K) -> V | None:
        """Return what is kept under a key, and count that as asking for it."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: K, value: V, size: int) -> None:
        """Keep a value of so many bytes instead of what was there, unless it is too large to be kept."""
        _, freed = self._entries.pop(key, (None, 0))
        self.bytes -= freed
        if size > self._max_bytes // _SHARE:
            return
        self._entries[key] = (value, size)
        self.bytes += size
        while self.bytes > self._max_bytes:
            _, (_, freed) = self._entries.popitem(last=False)
            self.bytes -= freed

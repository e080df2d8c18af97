"""The last step before the transport: what was encoded goes to those who can take it, and is counted."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING, Protocol

from relay.delivery.coding import private_frame

if TYPE_CHECKING:
    from relay.delivery.frames import Variant
    from relay.delivery.stream import Stream, Subscriber
    from relay.storage.contract import Record

HIGH = 64 * 1024
"""Bytes that may wait in a viewer's transport before it is skipped, until most of them have drained."""

_NOBODY: Set[Subscriber] = frozenset()


class Meter(Protocol):
    """Who counts what goes out."""

    def sent(self, size: int, viewers: int, labels: tuple[str, str] = ...) -> None:
        """Count one write of `size` bytes to each of `viewers`, who chose to be sent what `labels` say."""

    def flushed(self, records: Sequence[Record], viewers: int) -> None:
        """Observe how long records took that were just written to so many viewers in real time."""


class Writer:
    """Writes to viewers, and counts."""

    def __init__(self, meter: Meter) -> None:
        """Bind the meter."""
        self._meter = meter

    def to_stream(
        self, stream: Stream, payloads: Sequence[bytes], but: Set[Subscriber] = _NOBODY
    ) -> tuple[int, list[Subscriber]]:
        """Write messages to a stream's viewers.

        Returns:
            How many took them, and who is over the mark and did not.
        """
        written, slow = 0, []
        for members, data in stream.groups(payloads, but):
            took, lag = self._to_members(stream.variant, members, data)
            written += took
            slow += lag
        return written, slow

    def to_author(
        self, stream: Stream, author: Subscriber, payloads: Sequence[bytes]
    ) -> tuple[int, list[Subscriber]]:
        """Write one viewer of a stream a copy of its own; it leaves the shared window for that."""
        stream.leave_run(author)
        return self._to_members(stream.variant, {author}, _private(author, payloads))

    def to_one(self, subscriber: Subscriber, payloads: Sequence[bytes]) -> None:
        """Write messages to one viewer, whatever waits in its transport."""
        if payloads:
            data = _private(subscriber, payloads)
            subscriber.write(data)
            self._meter.sent(len(data), 1, subscriber.variant.labels)

    def _to_members(
        self, variant: Variant, members: Set[Subscriber], data: bytes
    ) -> tuple[int, list[Subscriber]]:
        slow = []
        for subscriber in members:
            if subscriber.paused:
                slow.append(subscriber)
            else:
                subscriber.write(data)
        written = len(members) - len(slow)
        self._meter.sent(len(data), written, variant.labels)
        return written, slow


def _private(subscriber: Subscriber, payloads: Sequence[bytes]) -> bytes:
    """Return messages as one viewer alone can take them."""
    return b"".join(private_frame(one, subscriber.coding, in_run=subscriber.in_run) for one in payloads)

"""The last step before the transport: what was encoded goes to those who can take it, and is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING, Protocol

from relay.delivery.coding import Coding, deflated_frame, private_frame, ws_frame

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

    def to_authors(
        self, stream: Stream, payloads: Sequence[bytes], own: Mapping[Subscriber, Mapping[int, bytes]]
    ) -> tuple[int, list[Subscriber]]:
        """Write viewers of a stream messages some of which are their own; they leave the shared window.

        What is not their own is coded once for all of them.

        Args:
            stream: Theirs.
            payloads: The messages, as everybody gets them.
            own: Who gets which of them otherwise, by their places.

        Returns:
            As `to_stream`.
        """
        written, slow = 0, []
        coded: dict[bool, list[bytes]] = {}
        for author, copies in own.items():
            stream.leave_run(author)
            plain = author.coding is Coding.PLAIN
            if plain not in coded:
                coded[plain] = list(map(ws_frame if plain else deflated_frame, payloads))
            frames = list(coded[plain])
            for place, copy in copies.items():
                frames[place] = private_frame(copy, author.coding, in_run=False)
            took, lag = self._to_members(stream.variant, {author}, b"".join(frames))
            written += took
            slow += lag
        return written, slow

    def to_one(self, subscriber: Subscriber, payloads: Sequence[bytes]) -> None:
        """Write messages to one viewer, whatever waits in its transport."""
        if payloads:
            coding, in_run = subscriber.coding, subscriber.in_run
            data = b"".join(private_frame(one, coding, in_run=in_run) for one in payloads)
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

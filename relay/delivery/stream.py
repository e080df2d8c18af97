"""Who is written the same bytes: one variant's live viewers, by what their connections can take.

A stream makes each coding of a message once, and only if somebody takes it. Those who can share a window are
in its run, or wait for the next one (`coding`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relay.delivery.coding import Coding, Run, deflated_frame, ws_frame

if TYPE_CHECKING:
    import asyncio

    from relay.delivery.frames import Variant
    from relay.storage.contract import Kind

RUN = 16
"""Frames after which a run ends for those who wait for the next one."""


@dataclass(slots=True, eq=False, weakref_slot=True)
class Subscriber:
    """A viewer, as delivery sees it.

    Attributes:
        write: Hand bytes to the transport; never blocks, never raises.
        buffered: Bytes that wait in the transport.
        coding: What its connection can take.
        give_up: Close a hopeless viewer resumably.
        variant: Its choice.
        cursor: Position of the last ordered frame it was sent; kept up only while reading.
        live: Whether it is in its variant's set.
        in_run: Whether it shares its stream's window; nothing else compressed may be written to it then.
        attached: Whether it is still there at all.
        replay: Kinds of record wanted up to `replay_until`; None for all.
        latest: The last unordered broadcast it was sent or need not be; kept up only while reading.
        drained: Set by the transport when it can take more; only while waiting for that.
    """

    write: Callable[[bytes], None]
    buffered: Callable[[], int]
    coding: Coding
    give_up: Callable[[], None]
    variant: Variant
    cursor: int = 0
    live: bool = False
    in_run: bool = False
    attached: bool = False
    replay: frozenset[Kind] | None = None
    replay_until: int = 0
    latest: int = 0
    drained: asyncio.Event | None = None


@dataclass(slots=True)
class Stream:
    """One variant's live viewers, by what they are written, and where its frames have come to.

    Attributes:
        plain: They take no compression.
        alone: They take frames that stand alone, for ever.
        waiting: They take such frames until the next run begins.
        running: They share the run, which is there as long as anybody does.
    """

    cursor: int
    heard_s: float
    run: Run | None = None
    plain: set[Subscriber] = field(default_factory=set)
    alone: set[Subscriber] = field(default_factory=set)
    waiting: set[Subscriber] = field(default_factory=set)
    running: set[Subscriber] = field(default_factory=set)

    def add(self, subscriber: Subscriber) -> None:
        """Take a viewer in."""
        match subscriber.coding:
            case Coding.PLAIN:
                self.plain.add(subscriber)
            case Coding.ALONE:
                self.alone.add(subscriber)
            case Coding.SHARED:
                self.waiting.add(subscriber)

    def discard(self, subscriber: Subscriber) -> None:
        """Let a viewer go."""
        for members in (self.plain, self.alone, self.waiting, self.running):
            members.discard(subscriber)
        subscriber.in_run = False
        if not self.running:
            self.run = None

    def leave_run(self, subscriber: Subscriber) -> None:
        """Take a viewer out of the run: it is about to be written what the others are not."""
        if subscriber.in_run:
            self.discard(subscriber)
            self.waiting.add(subscriber)

    def groups(
        self, payloads: Sequence[bytes], but: Set[Subscriber]
    ) -> Iterator[tuple[Set[Subscriber], bytes]]:
        """Yield who is written which bytes of the next messages, `but` for those who had their own copy.

        Each coding is made only if it is used.
        """
        if self.waiting and (self.run is None or self.run.frames >= RUN):
            self._begin_run(self.waiting - but)
        if self.run is not None:
            yield self.running, b"".join(map(self.run.frame, payloads))
        if self.plain:
            yield self.plain - but, b"".join(map(ws_frame, payloads))
        if self.alone or self.waiting:
            data = b"".join(map(deflated_frame, payloads))
            yield self.alone - but, data
            yield self.waiting - but, data

    def _begin_run(self, entering: Set[Subscriber]) -> None:
        if entering:
            self.run = Run()
            self.running |= entering
            self.waiting -= entering
            for subscriber in entering:
                subscriber.in_run = True

    def is_empty(self) -> bool:
        """Say whether nobody is left."""
        return not (self.plain or self.alone or self.waiting or self.running)

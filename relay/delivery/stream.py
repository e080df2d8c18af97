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

RUN, LONGEST_RUN = 16, 128
"""Frames after which a run may end, and after which it does, for those who wait for the next one."""
_WORTH = 8
"""Beginning anew costs each who is in the run about as much as this many frames cost one who waits."""


@dataclass(slots=True)
class Reading:
    """Where a viewer stands that is in no stream, but reads the log by itself.

    Attributes:
        cursor: Position of the last ordered frame it was sent.
        position: The position up to which the log was dealt with for it; what lies between was not for it.
        latest: The last unordered broadcast it was sent or need not be.
        level: The delivery level it was told.
        heard_s: When it was last written to.
        replay: Kinds of record wanted up to `replay_until`; None for all.
        replay_until: Where the replay ends.
        urgent: What it is to be served up to, whatever its variant has come to: its own words.
        due_ms: When its next batch ends, if it is batched and has no stream.
        drained: Set by the transport when it can take more; only while waiting for that.
    """

    cursor: int
    position: int
    latest: int
    level: int
    heard_s: float
    replay: frozenset[Kind] | None = None
    replay_until: int = 0
    urgent: int = 0
    due_ms: int = 0
    drained: asyncio.Event | None = None


@dataclass(slots=True, eq=False, weakref_slot=True)
class Subscriber:
    """A viewer, as delivery sees it.

    Attributes:
        write: Hand bytes to the transport; never blocks, never raises.
        buffered: Bytes that wait in the transport.
        coding: What its connection can take.
        give_up: Close a hopeless viewer resumably.
        variant: Its choice.
        paused: Whether more than `HIGH` bytes wait in the transport, or did and have not drained yet. Kept by
            the transport's calls: asking it costs a fifth of what a write does, for each viewer and frame.
        attached: Whether it is there at all.
        in_run: Whether it shares its stream's window; nothing else compressed may be written to it then.
        reading: Where it stands while it is in no stream.
    """

    write: Callable[[bytes], None]
    buffered: Callable[[], int]
    coding: Coding
    give_up: Callable[[], None]
    variant: Variant
    paused: bool = False
    attached: bool = False
    in_run: bool = False
    reading: Reading | None = None

    @property
    def live(self) -> bool:
        """Whether it is in its variant's stream."""
        return self.attached and self.reading is None

    def pause(self) -> None:
        """Note that the transport has no room."""
        self.paused = True

    def resume(self) -> None:
        """Note that the transport has room again."""
        self.paused = False
        self.wake()

    def wake(self) -> None:
        """Let whoever waits for the transport look again."""
        if self.reading is not None and self.reading.drained is not None:
            self.reading.drained.set()


@dataclass(slots=True)
class Stream:
    """One variant's live viewers, by what they are written, and where its frames have come to.

    Attributes:
        variant: What they chose.
        cursor: Position of its last ordered frame.
        reached: The position up to which the log was dealt with for it.
        heard_s: When its last ordered frame was written.
        latest: The last unordered broadcast it was written.
        latest_s: When that was.
        window: Ends its present batch, if it is batched and anything waits.
        urgent: The position it is to be served up to at once, if it is batched.
        plain: They take no compression.
        alone: They take frames that stand alone, for ever.
        waiting: They take such frames until the next run begins.
        waited: How many such frames they have been written in all since this run began.
        running: They share the run, which is there as long as anybody does.
    """

    variant: Variant
    cursor: int
    reached: int
    heard_s: float
    latest: int = 0
    latest_s: float = 0.0
    window: asyncio.TimerHandle | None = None
    closing: bool = False
    urgent: int = 0
    run: Run | None = None
    waited: int = 0
    plain: set[Subscriber] = field(default_factory=set)
    alone: set[Subscriber] = field(default_factory=set)
    waiting: set[Subscriber] = field(default_factory=set)
    running: set[Subscriber] = field(default_factory=set)

    def __len__(self) -> int:
        """Return how many viewers it has."""
        return len(self.plain) + len(self.alone) + len(self.waiting) + len(self.running)

    def __iter__(self) -> Iterator[Subscriber]:
        """Go through its viewers."""
        for members in (self.plain, self.alone, self.waiting, self.running):
            yield from list(members)

    def add(self, subscriber: Subscriber) -> None:
        """Take a viewer in."""
        subscriber.reading = None
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
        if self.waiting and (self.run is None or self._has_run_long_enough(self.run)):
            self._begin_run(self.waiting - but)
        self.waited += len(payloads) * len(self.waiting)
        if self.run is not None:
            yield self.running, b"".join(map(self.run.frame, payloads))
        if self.plain:
            yield self.plain - but, b"".join(map(ws_frame, payloads))
        if self.alone or self.waiting:
            data = b"".join(map(deflated_frame, payloads))
            yield self.alone - but, data
            yield self.waiting - but, data

    def _has_run_long_enough(self, run: Run) -> bool:
        """Say whether to begin anew: for a few who wait, the many of a run go on a little longer."""
        return run.frames >= LONGEST_RUN or (run.frames >= RUN and self.waited >= _WORTH * len(self.running))

    def _begin_run(self, entering: Set[Subscriber]) -> None:
        if entering:
            self.run, self.waited = Run(), 0
            self.running |= entering
            self.waiting -= entering
            for subscriber in entering:
                subscriber.in_run = True

    def stop(self) -> None:
        """Let go of its window: nobody is left to get it."""
        if self.window is not None:
            self.window.cancel()
            self.window = None

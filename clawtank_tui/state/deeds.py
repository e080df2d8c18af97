"""What the host decides: an order, the messages that carry it, and how its answers come in.

Pure. An order names its targets when it is given, so that nothing that arrives later falls under it. The
relay answers each target by itself, in lines of its log or refusals that name the message as `ref`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from relay.protocol.moderation import MAX_TARGETS, UPON_VIEWERS, Action

if TYPE_CHECKING:
    from clawtank_tui.state.desk import Desk

GESTURES_KEPT = 50


@dataclass(frozen=True, slots=True)
class Target:
    """What an order is about: a message, and its author.

    Attributes:
        message_id: Empty where it is about a person only.
        spectator_id: Empty where the relay has not told it.
        name: What the author goes by, for people to read.
        shown: Whether viewers see the message: only then it can be deleted, else it is rejected.
    """

    message_id: str = ""
    spectator_id: str = ""
    name: str = ""
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """A decision, before it is sent.

    Attributes:
        targets: Whom or what it is about; empty for what concerns the whole chat, and for undoing.
        seconds: For how long, or the pace of slow mode; None where that means nothing.
        entries: The lines of the log to take back, for `UNDO`.
    """

    action: Action
    targets: tuple[Target, ...] = ()
    seconds: int | None = None
    reason: str = ""
    entries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deed:
    """An act that was sent and is not answered in full.

    Attributes:
        ref: The id of the message that carries it.
        gesture: Acts of one order have one number.
        targets: Ids of the messages, people or lines of the log it is about.
        seconds: For how long, or the pace of slow mode; None where that means nothing.
        expected: How many answers there will be.
        done: How many lines of the log have answered.
        refused: How many refusals have.
        entries: The ids of those lines.
        together: How many acts carry its order.
    """

    ref: str
    gesture: int
    action: Action
    targets: frozenset[str] = frozenset()
    seconds: int | None = None
    expected: int = 1
    done: int = 0
    refused: int = 0
    entries: tuple[str, ...] = ()
    together: int = 1

    @property
    def answered(self) -> bool:
        """Whether nothing more will come."""
        return self.done + self.refused >= self.expected


def fitting(order: Order) -> tuple[Order, ...]:
    """Return an order as the relay takes it: what is shown is deleted, what waits is rejected."""
    if order.action is not Action.DELETE:
        return (order,)
    shown = tuple(target for target in order.targets if target.shown)
    waiting = tuple(target for target in order.targets if not target.shown)
    found = ((Action.DELETE, shown), (Action.REJECT, waiting))
    return tuple(replace(order, action=action, targets=targets) for action, targets in found if targets)


def people_of(targets: Sequence[Target]) -> tuple[Target, ...]:
    """Return each author once; one whose id is not known counts by the message."""
    return tuple({target.spectator_id or target.message_id: target for target in reversed(targets)}.values())[
        ::-1
    ]


def parts(order: Order) -> Iterator[tuple[dict[str, Any], frozenset[str], int]]:
    """Yield the data of the acts that carry an order, each with the ids it is about and its answers."""
    said: dict[str, Any] = {"action": order.action.value}
    if order.seconds is not None:
        said["seconds"] = order.seconds
    if order.reason:
        said["reason"] = order.reason
    if order.action is Action.UNDO:
        for entry in order.entries:
            yield {**said, "entry": entry}, frozenset({entry}), 1
    elif not order.targets:
        yield said, frozenset(), 1
    elif order.action in UPON_VIEWERS:
        yield from _parts_of_people(said, order.targets)
    else:
        for chunk in _chunks(order.targets):
            yield (
                said | _naming("message_id", [target.message_id for target in chunk]),
                frozenset(target.message_id for target in chunk),
                len(chunk),
            )


def _parts_of_people(
    said: dict[str, Any], targets: Sequence[Target]
) -> Iterator[tuple[dict[str, Any], frozenset[str], int]]:
    people = people_of(targets)
    known = [person for person in people if person.spectator_id]
    # Authors of messages from elsewhere may have no id of their own: the message stands for them.
    unknown = [person for person in people if not person.spectator_id]
    for key, group in (("spectator_id", known), ("message_id", unknown)):
        for chunk in _chunks(group):
            ids = [getattr(person, key) for person in chunk]
            theirs = {target.message_id for target in targets if getattr(target, key) in ids}
            yield said | _naming(key, ids), frozenset({*ids, *theirs} - {""}), len(chunk)


def _naming(key: str, ids: list[str]) -> dict[str, Any]:
    return {key: ids[0]} if len(ids) == 1 else {f"{key}s": ids}


def _chunks(targets: Sequence[Target]) -> Iterator[Sequence[Target]]:
    for start in range(0, len(targets), MAX_TARGETS):
        yield targets[start : start + MAX_TARGETS]


def begun(desk: Desk, deed: Deed) -> Desk:
    """Note that an act was sent; what failed about its targets before is forgotten."""
    failed = {target: why for target, why in desk.failed.items() if target not in deed.targets}
    return replace(desk, deeds=(*desk.deeds, deed), failed=failed)


@dataclass(frozen=True, slots=True)
class Gesture:
    """What one order led to: the lines of the log that could be taken back with one key."""

    number: int
    action: Action
    entries: tuple[str, ...]


def to_take_back(desk: Desk) -> Gesture | None:
    """Return the last order of this console that stands, and what of it can be taken back; None without."""
    lines = {line.entry_id: line for line in desk.log}
    for gesture in reversed(desk.mine):
        known = [lines[entry] for entry in gesture.entries if entry in lines]
        if known and all(line.undone for line in known):
            continue
        undoable = (line.entry_id for line in known if line.undoable and not line.undone)
        return replace(gesture, entries=tuple(entry for entry in undoable if not desk.busy(entry)))
    return None


def noted(mine: tuple[Gesture, ...], deed: Deed) -> tuple[Gesture, ...]:
    """Note the lines an act led to; an undoing is not itself taken back."""
    if deed.action is Action.UNDO or not deed.entries:
        return mine
    before = next((gesture for gesture in mine if gesture.number == deed.gesture), None)
    entries = (*before.entries, *deed.entries) if before else deed.entries
    rest = tuple(gesture for gesture in mine if gesture.number != deed.gesture)
    return (*rest, Gesture(deed.gesture, deed.action, entries))[-GESTURES_KEPT:]

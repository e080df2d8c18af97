"""The decision at the door: pure, from memory, in the spec's order.

Spec: Connection Validation. Existence and visibility are judged first, so that no other refusal tells a
private room from none (VALID-14).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from relay.protocol.errors import Code, Refused
from relay.protocol.events import WATCHABLE_STATES
from relay.rooms.settings import RoomSettings, Visibility


class ViewerState(StrEnum):
    """How well a viewer is known. Spec: Authentication States."""

    ANONYMOUS = "anonymous"
    REGISTERED = "registered"
    VERIFIED = "verified"


class Door(Protocol):
    """What the decision needs to know of a room."""

    visibility: Visibility
    state: str
    settings: RoomSettings

    @property
    def has_bans(self) -> bool:
        """Whether anybody is banned from it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who wants in.

    Attributes:
        viewer: How well they are known.
        country: Where they are, as an ISO 3166-1 code; `UNKNOWN` if it cannot be told.
        banned: Why they may not watch, by the room's bans; None if those do not name them.
        seated: They hold a seat of this room already (a resume, or a second window).
        seats_taken: Seats in use, theirs included if `seated`.
    """

    viewer: ViewerState
    country: str
    banned: Refused | None
    seated: bool
    seats_taken: int


@dataclass(frozen=True, slots=True)
class Admitted:
    """The way is free."""


def find(room: Door | None) -> Refused | None:
    """Judge whether there is anything to watch; a private room and none answer alike (VALID-1, 2, 3, 4)."""
    if room is None or room.visibility is not Visibility.PUBLIC or room.state not in WATCHABLE_STATES:
        return Refused(Code.ROOM_NOT_FOUND)
    return None


def may_watch(room: Door, viewer: ViewerState, *, country: str, banned: Refused | None) -> Refused | None:
    """Judge what holds for sockets and HTTP alike, and again after a change of settings (VALID-16, 17)."""
    if not room.settings.enabled:
        return Refused(Code.ACCESS_DENIED)
    # Before the registration: nobody is asked for a token that would not let them in.
    countries = room.settings.restrictGeographic
    if countries and country not in countries:
        return Refused(Code.REGION_RESTRICTED)
    if room.settings.requireRegistration and viewer is ViewerState.ANONYMOUS:
        return Refused(Code.REGISTRATION_REQUIRED)
    return banned


def watched_by_all(room: Door) -> bool:
    """Say whether `may_watch` answers everybody alike, whoever and wherever they are.

    What a shared cache may keep hangs on it: a rule that tells viewers apart has to be named here as well.
    """
    settings = room.settings
    return not (settings.requireRegistration or settings.restrictGeographic or room.has_bans)


def admit(room: Door, arrival: Arrival) -> Admitted | Refused:
    """Decide on an arrival at a room that `find` has found; rates were judged by the caller."""
    refused = may_watch(room, arrival.viewer, country=arrival.country, banned=arrival.banned)
    if refused:
        return refused
    # With N seats the Nth viewer is admitted and the next refused; 0 seats admit nobody (VALID-8, 10).
    if not arrival.seated and arrival.seats_taken >= room.settings.maxSpectators:
        return Refused(Code.CAPACITY_EXCEEDED)
    return Admitted()


def curable_by_token(refused: Refused) -> bool:
    """Say whether a token could change the refusal of somebody who has shown none.

    Nobody can have banned a viewer who has just come into being: `BANNED` is about where it comes from.
    """
    return refused.code in (Code.REGISTRATION_REQUIRED, Code.BANNED)

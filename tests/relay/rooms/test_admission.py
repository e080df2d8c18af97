"""Locks: the decision at the door, in its order, so that no refusal tells more than it should."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.protocol.countries import COUNTRIES, UNKNOWN
from relay.protocol.errors import Code, Refused
from relay.protocol.events import ROOM_STATES
from relay.rooms.admission import Admitted, Arrival, ViewerState, admit, curable_by_token, find, may_watch
from relay.rooms.settings import RoomSettings, Visibility


@dataclass
class Room:
    """A `Door`."""

    visibility: Visibility = Visibility.PUBLIC
    state: str = "active"
    settings: RoomSettings = field(default_factory=RoomSettings)
    has_bans: bool = False


def refusal_of(banned: bool) -> Refused | None:
    return Refused(Code.BANNED) if banned else None


def arrival(
    viewer: ViewerState = ViewerState.ANONYMOUS,
    *,
    country: str = UNKNOWN,
    banned: bool = False,
    seated: bool = False,
    taken: int = 0,
) -> Arrival:
    return Arrival(viewer, country, refusal_of(banned), seated, taken)


def code_of(decision: Admitted | Refused | None) -> Code | None:
    return decision.code if isinstance(decision, Refused) else None


@pytest.mark.parametrize("state", ROOM_STATES)
def test_a_room_can_be_watched_from_lobby_to_completion(state: str):
    assert (find(Room(state=state)) is None) == (state in ("lobby", "active", "paused", "completed"))


def test_a_private_room_a_closed_one_and_none_are_answered_with_equal_refusals():
    refusals = {find(None), find(Room(visibility=Visibility.PRIVATE)), find(Room(state="closed"))}
    assert refusals == {Refused(Code.ROOM_NOT_FOUND)}


def test_each_rule_has_its_own_code():
    def judged(room: Room, viewer: ViewerState, *, banned: bool = False) -> Code | None:
        return code_of(may_watch(room, viewer, country=UNKNOWN, banned=refusal_of(banned)))

    assert judged(Room(), ViewerState.ANONYMOUS) is None
    closed = Room(settings=RoomSettings(enabled=False))
    assert judged(closed, ViewerState.VERIFIED) is Code.ACCESS_DENIED
    abroad = Room(settings=RoomSettings(restrictGeographic=("DE",)))
    assert judged(abroad, ViewerState.VERIFIED) is Code.REGION_RESTRICTED
    members = Room(settings=RoomSettings(requireRegistration=True))
    assert judged(members, ViewerState.ANONYMOUS) is Code.REGISTRATION_REQUIRED
    assert judged(members, ViewerState.REGISTERED) is None
    assert judged(Room(), ViewerState.REGISTERED, banned=True) is Code.BANNED


@given(
    st.frozensets(st.sampled_from(sorted(COUNTRIES)), max_size=4),
    st.sampled_from([UNKNOWN, *sorted(COUNTRIES)]),
    st.sampled_from(ViewerState),
    st.booleans(),
)
def test_a_list_of_countries_admits_these_and_an_empty_one_everybody(
    listed: frozenset[str], country: str, viewer: ViewerState, seated: bool
):
    room = Room(settings=RoomSettings(restrictGeographic=tuple(listed)))
    decision = code_of(admit(room, arrival(viewer, country=country, seated=seated)))
    assert decision is (None if not listed or country in listed else Code.REGION_RESTRICTED)


@given(st.integers(0, 20), st.integers(0, 40), st.booleans())
def test_with_n_seats_the_nth_is_admitted_and_the_next_refused(seats: int, taken: int, seated: bool):
    room = Room(settings=RoomSettings(maxSpectators=seats))
    decision = admit(room, arrival(seated=seated, taken=taken))
    assert code_of(decision) is (None if seated or taken < seats else Code.CAPACITY_EXCEEDED)
    assert decision == Admitted() or isinstance(decision, Refused)


def test_who_holds_a_seat_comes_back_into_a_full_room():
    room = Room(settings=RoomSettings(maxSpectators=0))
    assert admit(room, arrival(seated=True, taken=1)) == Admitted()


def test_capacity_is_judged_last():
    full = {"taken": 5}
    room = Room(settings=RoomSettings(maxSpectators=5, requireRegistration=True))
    assert code_of(admit(room, arrival(**full))) is Code.REGISTRATION_REQUIRED
    assert code_of(admit(room, arrival(ViewerState.REGISTERED, banned=True, **full))) is Code.BANNED
    assert code_of(admit(room, arrival(ViewerState.REGISTERED, **full))) is Code.CAPACITY_EXCEEDED
    shut = Room(settings=RoomSettings(enabled=False, requireRegistration=True, restrictGeographic=("DE",)))
    assert code_of(admit(shut, arrival(banned=True))) is Code.ACCESS_DENIED


def test_nobody_is_asked_for_a_token_that_would_not_let_them_in():
    room = Room(settings=RoomSettings(requireRegistration=True, restrictGeographic=("DE",)))
    assert code_of(admit(room, arrival(country="US"))) is Code.REGION_RESTRICTED
    assert code_of(admit(room, arrival(country="DE"))) is Code.REGISTRATION_REQUIRED
    assert admit(room, arrival(ViewerState.REGISTERED, country="DE")) == Admitted()


def test_a_token_cures_a_missing_registration_and_where_somebody_comes_from():
    cured = [code for code in Code if curable_by_token(Refused(code))]
    assert cured == [Code.REGISTRATION_REQUIRED, Code.BANNED]

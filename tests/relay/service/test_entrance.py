"""Locks: who is counted at the entrance and who is not, and that a wait that is told is enough."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from relay.audience.identity import Identities, Viewer
from relay.audience.keyring import KeyRing
from relay.audience.presence import Audience
from relay.chat.sanctions import ADDRESS_MS, SanctionKind, Sanctions
from relay.config import AuthConfig, Limits
from relay.protocol.countries import UNKNOWN
from relay.protocol.errors import Code, Refused
from relay.rooms.admission import curable_by_token
from relay.rooms.settings import RoomSettings, Visibility
from relay.service.acquaintances import Acquaintances
from relay.service.entrance import Entrance
from relay.service.sanctioning import Sanctioning
from relay.service.tokens import Scope, Tokens
from support.clock import ManualClock
from support.documents import DocumentsInMemory

HERE, THERE = "203.0.113.7", "198.51.100.1"


@dataclass(eq=False)
class Room:
    """As much of a live room as the entrance looks at."""

    audience: Audience
    id: str = "room"
    visibility: Visibility = Visibility.PUBLIC
    state: str = "active"
    settings: RoomSettings = field(default_factory=RoomSettings)
    bans: Sanctions = field(default_factory=Sanctions)
    mutes: Sanctions = field(default_factory=Sanctions)

    @property
    def has_bans(self) -> bool:
        return len(self.bans) > 0

    def sanctions(self, kind: SanctionKind) -> Sanctions:
        return self.bans if kind is SanctionKind.BAN else self.mutes


class Scene:
    """An entrance, its room and the clock."""

    def __init__(self, settings: RoomSettings | None = None, **limits: int) -> None:
        self.clock = ManualClock()
        self.ids = Identities(b"k" * 32, KeyRing(AuthConfig()), lambda _: False, self.clock)
        self.store = DocumentsInMemory()
        self.tokens = Tokens(self.store, self.clock, "operator")
        self.sanctioning = Sanctioning(self.store, Acquaintances(self.clock), self.ids, self.clock)
        self.entrance = Entrance(Limits(**limits), self.ids, self.tokens, self.sanctioning, self.clock)
        self.room: Any = Room(Audience("room", self.clock), settings=settings or RoomSettings())

    def arrive(
        self,
        viewer: Viewer | None = None,
        address: str = HERE,
        *,
        country: str = UNKNOWN,
        again: bool = False,
    ) -> Refused | None:
        """Let somebody new, or this viewer, try to come in; whoever may takes a seat."""
        viewer = viewer or self.ids.anonymous()
        refused = self.entrance.admit(self.room, viewer, address, country=country, again=again)
        if refused is None:
            self.room.audience.enter(self.id_of(viewer), viewer.state, resumed=viewer.resumed)
            self.entrance.came_in(address)
        return refused

    def may_become(self, former: Viewer, viewer: Viewer, *, country: str = UNKNOWN) -> Refused | None:
        return self.entrance.may_become(self.room, self.id_of(former), viewer, HERE, country=country)

    def go(self, viewer: Viewer, address: str = HERE) -> None:
        self.room.audience.leave(self.id_of(viewer), clean=True)
        self.entrance.went_out(address)

    def id_of(self, viewer: Viewer) -> str:
        return self.ids.spectator_id("room", viewer)

    def resumed(self, viewer: Viewer) -> Viewer:
        back = self.ids.read(self.ids.mint_resume("room", viewer, ""), "room")
        assert isinstance(back, Viewer)
        return back

    def registered(self, name: str = "Ada") -> Viewer:
        viewer = self.ids.read(
            self.ids.mint_viewer(name, verified=False, token_id=name, lifetime_s=3600), "room"
        )
        assert isinstance(viewer, Viewer)
        return viewer


def wait_s(refused: Refused | None) -> float:
    assert refused is not None
    assert refused.code is Code.RATE_LIMITED
    assert refused.retry_after_ms
    return refused.retry_after_ms / 1000


# -- rates -----------------------------------------------------------------------------------------


def test_an_address_makes_so_many_connections_a_minute_and_no_more():
    scene = Scene(connections_per_address_per_minute=5)
    assert [scene.arrive() for _ in range(5)] == [None] * 5
    assert wait_s(scene.arrive()) == pytest.approx(60, abs=0.01)
    assert scene.arrive(address=THERE) is None


def test_the_wait_that_is_told_is_enough_however_often_one_asked_in_between():
    scene = Scene(connections_per_address_per_minute=2)
    scene.arrive(), scene.clock.advance(10), scene.arrive()
    for _ in range(5):
        refused = scene.arrive()
        scene.clock.advance(1)
    scene.clock.advance(wait_s(refused) - 1)
    assert scene.arrive() is None


def test_joins_of_a_room_are_counted_over_all_addresses():
    scene = Scene(joins_per_room_per_minute=3)
    assert [scene.arrive(address=f"203.0.113.{n}") for n in range(3)] == [None] * 3
    assert wait_s(scene.arrive(address=THERE)) == pytest.approx(60, abs=0.01)


def test_the_wait_is_enough_for_both_rates_at_once():
    scene = Scene(connections_per_address_per_minute=1, joins_per_room_per_minute=1)
    scene.entrance.knocked_in_vain(HERE)
    scene.clock.advance(30)
    assert scene.arrive(address=THERE) is None
    scene.clock.advance(wait_s(scene.arrive()))
    assert scene.arrive() is None


def test_a_refused_join_does_not_count_against_the_room():
    scene = Scene(RoomSettings(maxSpectators=1), joins_per_room_per_minute=2)
    first = scene.ids.anonymous()
    assert scene.arrive(first) is None
    for n in range(5):
        refused = scene.arrive(address=f"203.0.113.{n}")
        assert refused is not None
        assert refused.code is Code.CAPACITY_EXCEEDED
    scene.go(first)
    assert scene.arrive(address=THERE) is None


def test_a_resume_costs_no_rate():
    scene = Scene(connections_per_address_per_minute=1, joins_per_room_per_minute=1)
    viewer = scene.ids.anonymous()
    assert scene.arrive(viewer) is None
    for _ in range(10):
        scene.go(viewer)
        viewer = scene.resumed(viewer)
        assert scene.arrive(viewer) is None


def test_who_brings_the_missing_token_on_the_same_connection_is_counted_once():
    scene = Scene(RoomSettings(requireRegistration=True), connections_per_address_per_minute=1)
    refused = scene.arrive()
    assert refused is not None
    assert refused.code is Code.REGISTRATION_REQUIRED
    assert scene.arrive(scene.registered(), again=True) is None
    assert wait_s(scene.arrive(scene.registered("Bob")))


def test_guessing_names_of_rooms_costs_connections():
    scene = Scene(connections_per_address_per_minute=3)
    for _ in range(3):
        scene.entrance.knocked_in_vain(HERE)
    assert wait_s(scene.arrive())


# -- open connections ------------------------------------------------------------------------------


def test_a_viewer_and_an_address_have_so_many_open_at_once():
    scene = Scene(connections_per_viewer=2, connections_per_address=3, connections_per_address_per_minute=0)
    ada = scene.registered()
    assert [scene.arrive(ada) for _ in range(2)] == [None, None]
    assert wait_s(scene.arrive(ada))
    assert scene.arrive() is None
    assert wait_s(scene.arrive())
    assert scene.arrive(address=THERE) is None
    scene.go(ada)
    assert scene.arrive() is None


def test_an_address_nobody_is_connected_from_is_forgotten():
    scene = Scene()
    viewer = scene.ids.anonymous()
    scene.arrive(viewer)
    scene.go(viewer)
    assert not scene.entrance._open


# -- tokens ----------------------------------------------------------------------------------------


def test_wrong_tokens_are_throttled_by_address_and_right_ones_are_not_counted():
    scene = Scene(auth_failures_per_address=3)
    good = scene.ids.mint_viewer("Ada", verified=False, token_id="t", lifetime_s=3600)

    def identify(token: str, address: str = HERE) -> Viewer | Refused:
        return scene.entrance.identify(token, "room", address)

    for _ in range(10):
        assert isinstance(identify(good), Viewer)
        assert isinstance(identify(""), Viewer)
    answers = [identify("wrong") for _ in range(4)]
    assert [answer.code for answer in answers if isinstance(answer, Refused)] == [
        *[Code.AUTH_INVALID] * 3,
        Code.RATE_LIMITED,
    ]
    refused = identify(good)
    assert isinstance(refused, Refused)
    assert isinstance(identify(good, THERE), Viewer)
    scene.clock.advance(wait_s(refused))
    assert isinstance(identify(good), Viewer)


# -- becoming somebody -----------------------------------------------------------------------------


def test_who_becomes_somebody_in_a_full_room_gives_its_seat_back_for_it():
    scene = Scene(RoomSettings(maxSpectators=1))
    viewer = scene.ids.anonymous()
    assert scene.arrive(viewer) is None
    assert scene.may_become(viewer, scene.registered()) is None
    assert scene.arrive(scene.resumed(viewer)) is None  # a second window: the seat is not given back
    refused = scene.may_become(viewer, scene.registered())
    assert refused is not None
    assert refused.code is Code.CAPACITY_EXCEEDED


def test_nobody_becomes_more_windows_of_somebody_than_are_allowed():
    scene = Scene(connections_per_viewer=1)
    ada, viewer = scene.registered(), scene.ids.anonymous()
    assert scene.arrive(ada) is None
    assert scene.arrive(viewer) is None
    assert wait_s(scene.may_become(viewer, ada))
    assert scene.may_become(ada, ada) is None


# -- countries -------------------------------------------------------------------------------------


def test_neither_a_token_nor_a_seat_takes_anybody_across_a_border():
    scene = Scene(RoomSettings(restrictGeographic=("DE",)))
    viewer = scene.ids.anonymous()
    assert scene.arrive(viewer, country="DE") is None
    moved = [
        scene.arrive(scene.resumed(viewer), country="US"),
        scene.arrive(scene.registered()),
        scene.may_become(viewer, scene.registered(), country="US"),
        scene.may_become(viewer, viewer, country="US"),
    ]
    assert [refused and refused.code for refused in moved] == [Code.REGION_RESTRICTED] * 4
    assert scene.room.audience.seats_taken == 1
    assert scene.may_become(viewer, scene.registered(), country="DE") is None


# -- bans ------------------------------------------------------------------------------------------


async def ban(scene: Scene, viewer: Viewer, seconds: int = 0) -> None:
    await scene.sanctioning.impose(
        scene.room, SanctionKind.BAN, scene.id_of(viewer), "", by="Maria", reason="spam", seconds=seconds
    )


def come(scene: Scene, viewer: Viewer, address: str = HERE) -> Refused | None:
    """Arrive, and be seen where one comes from."""
    refused = scene.arrive(viewer, address)
    if refused is None:
        digest = scene.sanctioning.digest(scene.room, address)
        scene.sanctioning.came(scene.room, scene.id_of(viewer), digest, viewer.since_ms)
    return refused


def for_strangers(refused: Refused | None) -> bool:
    """Say whether it is about where somebody comes from: it says what opens the door."""
    return refused is not None and refused.code is Code.BANNED and "viewer token" in refused.message


async def test_who_is_banned_stays_out_with_and_without_a_seat_and_so_does_its_address():
    scene = Scene()
    viewer = scene.ids.anonymous()
    assert come(scene, viewer) is None
    await ban(scene, viewer)
    refused = come(scene, scene.resumed(viewer))
    assert refused is not None
    assert (refused.code, "spam" in refused.message, for_strangers(refused)) == (Code.BANNED, True, False)
    assert for_strangers(come(scene, scene.ids.anonymous()))
    assert come(scene, scene.ids.anonymous(), THERE) is None
    assert come(scene, scene.resumed(viewer), THERE) is not None


async def test_neighbours_who_are_somebody_may_come():
    scene = Scene()
    viewer = scene.ids.anonymous()
    assert come(scene, viewer) is None
    await ban(scene, viewer)
    refused = come(scene, scene.ids.anonymous())
    assert refused is not None
    assert curable_by_token(refused)
    assert come(scene, scene.registered()) is None


async def test_neighbours_who_watch_already_stay_and_who_is_named_does_not():
    scene = Scene()
    viewer, neighbour = scene.ids.anonymous(), scene.ids.anonymous()
    assert [come(scene, viewer), come(scene, neighbour)] == [None, None]
    await ban(scene, viewer)
    stays = [
        scene.entrance.may_stay(scene.room, scene.id_of(one), one, country=UNKNOWN)
        for one in (viewer, neighbour)
    ]
    assert [refused and refused.code for refused in stays] == [Code.BANNED, None]
    assert scene.may_become(neighbour, neighbour) is None
    assert scene.may_become(neighbour, scene.registered()) is None


async def test_who_has_signed_in_since_is_banned_by_both_names():
    scene = Scene()
    viewer, ada = scene.ids.anonymous(), scene.registered()
    assert come(scene, viewer) is None
    scene.sanctioning.came(scene.room, scene.id_of(ada), scene.sanctioning.digest(scene.room, THERE), 0)
    scene.sanctioning.became(scene.room, scene.id_of(viewer), scene.id_of(ada))
    await ban(scene, viewer)
    assert come(scene, ada, THERE) is not None
    assert for_strangers(come(scene, scene.ids.anonymous(), THERE))
    assert await scene.sanctioning.lift(scene.room, SanctionKind.BAN, scene.id_of(ada)) is not None
    assert come(scene, viewer) is None


async def test_trying_to_come_back_from_elsewhere_closes_that_way_too():
    scene = Scene()
    viewer = scene.ids.anonymous()
    assert come(scene, viewer) is None
    await ban(scene, viewer)
    assert come(scene, viewer, THERE) is not None
    assert for_strangers(come(scene, scene.ids.anonymous(), THERE))


async def test_who_turns_out_to_be_banned_is_banned_as_whom_it_came_too():
    scene = Scene()
    ada, stranger = scene.registered(), scene.ids.anonymous()
    await ban(scene, ada)
    assert come(scene, stranger) is None
    refused = scene.may_become(stranger, ada)
    assert refused is not None
    assert refused.code is Code.BANNED
    assert come(scene, scene.resumed(stranger), THERE) is not None
    assert for_strangers(come(scene, scene.ids.anonymous()))


async def test_a_ban_ends_when_it_was_told_to_and_an_address_is_free_after_a_week():
    scene = Scene()
    viewer, other = scene.ids.anonymous(), scene.ids.anonymous()
    assert come(scene, viewer) is None
    await ban(scene, viewer, seconds=3600)
    scene.clock.advance(3599)
    assert come(scene, viewer) is not None
    scene.clock.advance(1)
    assert come(scene, viewer) is None
    assert come(scene, other) is None
    await ban(scene, other)
    scene.clock.advance(ADDRESS_MS / 1000 - 1)
    assert for_strangers(come(scene, scene.ids.anonymous()))
    scene.clock.advance(1)
    assert come(scene, scene.ids.anonymous()) is None
    assert come(scene, other) is not None


async def test_what_is_kept_outlives_the_relay_and_holds_no_address():
    scene = Scene()
    viewer = scene.ids.anonymous()
    assert come(scene, viewer) is None
    await ban(scene, viewer, seconds=600)
    assert HERE not in scene.store.text
    scene.room.bans.lift(scene.id_of(viewer))
    assert come(scene, viewer) is None
    await scene.sanctioning.load(lambda _: scene.room)
    assert come(scene, viewer) is not None
    assert for_strangers(come(scene, scene.ids.anonymous()))
    scene.clock.advance(600)
    assert await scene.sanctioning.sweep([scene.room]) == [scene.room]
    assert await scene.store.load("sanctions") == {}


async def test_a_token_that_moderates_opens_the_room_and_is_nobodys_to_ban():
    scene = Scene()
    _, text = await scene.tokens.create(Scope.MODERATE, "room", "Maria")
    maria = scene.entrance.identify(text, "room", HERE)
    assert isinstance(maria, Viewer)
    assert (maria.name, maria.state, maria.moderates) == ("Maria", "registered", True)
    await ban(scene, maria)
    assert come(scene, maria) is None
    assert scene.resumed(maria).moderates
    operator = scene.entrance.identify("operator", "room", HERE)
    assert isinstance(operator, Refused)
    for scope, room in ((Scope.PARTICIPATE, "room"), (Scope.PUBLISH, "room"), (Scope.MODERATE, "other")):
        _, text = await scene.tokens.create(scope, room, "Paul")
        refused = scene.entrance.identify(text, "room", HERE)
        assert isinstance(refused, Refused)
        assert refused.code is Code.AUTH_INVALID


async def test_a_mute_keeps_its_viewer_and_strangers_from_its_address_from_writing():
    scene = Scene()
    viewer = scene.ids.anonymous()
    assert come(scene, viewer) is None
    await scene.sanctioning.impose(
        scene.room, SanctionKind.MUTE, scene.id_of(viewer), "", by="Maria", reason="", seconds=60
    )
    assert come(scene, viewer) is None

    def muted(who: str, *, anonymous: bool = True, address: str = HERE) -> bool:
        digest = scene.sanctioning.digest(scene.room, address)
        return scene.sanctioning.muted(scene.room, who, digest, anonymous=anonymous) is not None

    assert [muted(scene.id_of(viewer)), muted("anon_other"), muted("user_ada", anonymous=False)] == [
        True,
        True,
        False,
    ]
    assert not muted("anon_other", address=THERE)
    scene.clock.advance(60)
    assert not muted(scene.id_of(viewer))

"""Locks: what a moderator was told is done outlives the relay, and no address is kept of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from relay.audience.identity import Identities
from relay.audience.keyring import KeyRing
from relay.chat.sanctions import ADDRESS_MS, Sanction, SanctionKind, Sanctions
from relay.config import AuthConfig
from relay.protocol.errors import Code, Refused
from relay.service.acquaintances import Acquaintances
from relay.service.sanctioning import Sanctioning
from relay.storage.contract import StateStore, StorageFailed
from relay.storage.sqlite import SqliteStorage
from support.clock import ManualClock
from support.documents import DocumentsInMemory

HOME, AWAY = "203.0.113.7", "198.51.100.1"
BAN, MUTE = SanctionKind.BAN, SanctionKind.MUTE


@dataclass(eq=False)
class Room:
    """As much of a live room as sanctioning looks at."""

    id: str = "room"
    bans: Sanctions = field(default_factory=Sanctions)
    mutes: Sanctions = field(default_factory=Sanctions)

    def sanctions(self, kind: SanctionKind) -> Sanctions:
        return self.bans if kind is BAN else self.mutes


class Scene:
    """One run of a relay over a store: its sanctions, and a room."""

    def __init__(self, store: StateStore, clock: ManualClock) -> None:
        self.clock = clock
        ids = Identities(b"k" * 32, KeyRing(AuthConfig()), lambda _: False, clock)
        self.sanctioning = Sanctioning(store, Acquaintances(clock), ids, clock)
        self.room: Any = Room()

    def comes(self, who: str, address: str = HOME) -> None:
        self.sanctioning.came(self.room, who, self.digest(address), 0)

    def digest(self, address: str) -> str:
        return self.sanctioning.digest(self.room, address)

    async def impose(self, kind: SanctionKind, who: str, seconds: int = 0) -> Sanction:
        return await self.sanctioning.impose(
            self.room, kind, who, who.title(), by="Maria", reason="spam", seconds=seconds
        )

    def banned(self, who: str, address: str = HOME) -> bool:
        anonymous = who.startswith("anon")
        found = self.sanctioning.banned(self.room, who, self.digest(address), anonymous=anonymous)
        assert found is None or found.code is Code.BANNED
        return found is not None

    def muted(self, who: str, address: str = HOME) -> bool:
        anonymous = who.startswith("anon")
        return self.sanctioning.muted(self.room, who, self.digest(address), anonymous=anonymous) is not None


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def a_scene(clock: ManualClock) -> tuple[Scene, DocumentsInMemory]:
    store = DocumentsInMemory()
    return Scene(store, clock), store


async def test_everything_outlives_the_relay_on_a_real_disk(tmp_path: Path, clock: ManualClock):
    async def run(then: Callable[[Scene], Any]) -> Any:
        storage = SqliteStorage(tmp_path / "data", clock)
        try:
            scene = Scene(storage, clock)
            await scene.sanctioning.load(lambda _: scene.room)
            return await then(scene)
        finally:
            await storage.aclose()

    async def first(scene: Scene) -> list[dict[str, Any]]:
        for who in ("anon_ann", "anon_bob", "user_eve"):
            scene.comes(who)
        await scene.impose(BAN, "anon_ann")
        await scene.impose(MUTE, "anon_bob", seconds=600)
        await scene.impose(BAN, "user_eve", seconds=600)
        scene.sanctioning.knocked(scene.room, "user_eve", scene.digest(AWAY), "anon_stranger")
        await scene.sanctioning.lift(scene.room, BAN, "anon_ann")
        await scene.sanctioning.sweep([scene.room])
        return scene.sanctioning.public(scene.room)

    async def second(scene: Scene) -> None:
        assert scene.sanctioning.public(scene.room) == listed
        assert [scene.banned(who) for who in ("anon_ann", "user_eve", "user_ada")] == [True, True, False]
        assert scene.banned("anon_stranger", "192.0.2.9")
        assert [scene.banned("anon_new", address) for address in (HOME, AWAY, "192.0.2.9")] == [
            True,
            True,
            False,
        ]
        assert [scene.muted("anon_bob"), scene.muted("user_ada")] == [True, False]
        clock.advance(600)
        assert await scene.sanctioning.sweep([scene.room]) == [scene.room]

    async def third(scene: Scene) -> None:
        assert scene.sanctioning.public(scene.room) == []
        assert not scene.banned("user_eve")

    listed = await run(first)
    assert [(one["kind"], one["spectator_id"]) for one in listed] == [
        ("ban", "user_eve"),
        ("mute", "anon_bob"),
    ]
    await run(second)
    await run(third)
    written = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert HOME.encode() not in written
    assert AWAY.encode() not in written


async def test_the_addresses_of_a_ban_without_an_end_are_forgotten_after_a_week(clock: ManualClock):
    scene, store = a_scene(clock)
    scene.comes("anon_ann")
    await scene.impose(BAN, "anon_ann")
    digest = scene.digest(HOME)
    assert digest in store.text
    clock.advance(ADDRESS_MS / 1000)
    assert await scene.sanctioning.sweep([scene.room]) == []
    assert digest not in store.text
    assert [scene.banned("anon_ann"), scene.banned("anon_bob")] == [True, False]
    # Somebody who knocks does not begin the week anew.
    scene.sanctioning.knocked(scene.room, "anon_ann", digest)
    assert not scene.banned("anon_bob")


async def test_who_left_long_ago_is_banned_by_name_alone(clock: ManualClock):
    scene, _ = a_scene(clock)
    for who in ("anon_ann", "anon_bob"):
        scene.comes(who)
        scene.sanctioning.left(scene.room, who)
    clock.advance(86_399)
    await scene.sanctioning.sweep([])
    assert (await scene.impose(BAN, "anon_ann")).addresses == (scene.digest(HOME),)
    clock.advance(1)
    await scene.sanctioning.sweep([])
    assert (await scene.impose(BAN, "anon_bob")).addresses == ()


async def test_the_latest_word_says_how_long_and_what_was_covered_stays_covered(clock: ManualClock):
    scene, _ = a_scene(clock)
    scene.comes("anon_ann")
    scene.sanctioning.left(scene.room, "anon_ann")
    assert (await scene.impose(BAN, "anon_ann")).until_ms == 0
    clock.advance(2 * 86_400)
    await scene.sanctioning.sweep([scene.room])  # nobody remembers her by now
    shorter = await scene.impose(BAN, "anon_ann", seconds=60)
    assert shorter.until_ms == clock.now_ms() + 60_000
    assert scene.banned("anon_bob")
    clock.advance(60)
    assert [scene.banned("anon_ann"), scene.banned("anon_bob")] == [False, False]


async def test_a_mute_goes_with_whom_it_is_upon(clock: ManualClock):
    scene, store = a_scene(clock)
    scene.comes("anon_ann")
    await scene.impose(MUTE, "anon_ann", seconds=600)
    scene.comes("user_ada")
    scene.sanctioning.became(scene.room, "anon_ann", "user_ada")
    scene.sanctioning.left(scene.room, "anon_ann")
    assert [scene.muted("anon_ann"), scene.muted("user_ada")] == [True, True]
    scene.comes("user_ada", AWAY)
    assert scene.muted("anon_new", AWAY)
    await scene.sanctioning.sweep([scene.room])
    assert scene.digest(AWAY) in store.text
    lifted = await scene.sanctioning.lift(scene.room, MUTE, "user_ada")
    assert lifted is not None
    assert lifted.spectator_id == "anon_ann"
    assert not any(scene.muted(who) for who in ("anon_ann", "user_ada", "anon_new"))


async def test_what_could_not_be_stored_is_said_and_noted_again(clock: ManualClock):
    scene, store = a_scene(clock)
    scene.comes("anon_ann")
    await scene.impose(BAN, "anon_ann")
    scene.sanctioning.knocked(scene.room, "anon_ann", scene.digest(AWAY))
    store.broken = True
    with pytest.raises(StorageFailed):
        await scene.impose(BAN, "anon_bob")
    with pytest.raises(StorageFailed):
        await scene.sanctioning.sweep([scene.room])
    store.broken = False
    await scene.sanctioning.sweep([scene.room])
    assert scene.digest(AWAY) in store.text


async def test_many_at_once_end_as_the_last_of_them(clock: ManualClock):
    scene, store = a_scene(clock)
    scene.comes("anon_ann")
    await asyncio.gather(*(scene.impose(BAN, "anon_ann", seconds=60 + number) for number in range(20)))
    await scene.sanctioning.lift(scene.room, BAN, "anon_ann")
    assert await store.load("sanctions") == {}
    assert not scene.banned("anon_ann")


async def test_a_list_is_brought_back_and_what_stands_or_is_over_is_left_alone(clock: ManualClock):
    scene, _ = a_scene(clock)
    scene.comes("anon_ann")
    await scene.impose(BAN, "anon_ann", seconds=60)
    await scene.impose(MUTE, "anon_bob")
    listed = scene.sanctioning.public(scene.room)
    await scene.sanctioning.lift(scene.room, BAN, "anon_ann")
    assert await scene.sanctioning.bring(scene.room, listed) == (1, 1)
    assert scene.banned("anon_new")
    clock.advance(60)
    await scene.sanctioning.sweep([scene.room])
    assert await scene.sanctioning.bring(scene.room, listed) == (0, 2)
    refused = await scene.sanctioning.bring(scene.room, [{**listed[0], "until": "soon"}])
    assert isinstance(refused, Refused)
    assert refused.message.startswith("until: ")


async def test_the_refusal_says_until_when_and_why_and_what_to_do(clock: ManualClock):
    scene, _ = a_scene(clock)
    scene.comes("anon_ann")
    await scene.impose(BAN, "anon_ann", seconds=3600)
    ends = f"{clock.now_ms() // 3_600_000 % 24 + 1:02}:00 UTC"

    def told(who: str) -> str:
        refused = scene.sanctioning.banned(scene.room, who, scene.digest(HOME), anonymous=True)
        assert refused is not None
        assert refused.data()["retry_after"] == 0, "it is permanent: whoever is told does not try again"
        return refused.message

    assert "spam" in told("anon_ann")
    assert "spam" not in told("anon_bob"), "what others did is not his to know"
    assert ends in told("anon_ann")
    assert ends in told("anon_bob")
    assert "viewer token" in told("anon_bob")


async def test_a_neighbour_of_whom_is_muted_is_told_no_more_than_that(clock: ManualClock):
    scene, _ = a_scene(clock)
    scene.comes("anon_ann")
    await scene.impose(MUTE, "anon_ann")

    def told(who: str) -> str:
        muted = scene.sanctioning.muted(scene.room, who, scene.digest(HOME), anonymous=True)
        refused = scene.sanctioning.silence(muted)
        assert refused is not None
        assert refused.code is Code.CHAT_DISABLED
        return refused.message

    assert told("anon_ann") == "You are muted here: spam."
    assert "spam" not in told("anon_bob")
    assert "viewer token" in told("anon_bob")

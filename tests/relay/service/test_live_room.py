"""Locks: one room over a real log: what a newcomer is told, where its stream begins, what is rebuilt."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relay.audience.metrics import Metrics
from relay.chat.channel import Author, Message, encode_message
from relay.delivery.frames import Variant
from relay.protocol.envelope import MessageIds, encode_json
from relay.protocol.events import EVENT_TYPES
from relay.protocol.messages import CHAT
from relay.rooms.admission import ViewerState
from relay.rooms.settings import PRESETS, Preset, RoomSettings, patch_settings
from relay.service.live_room import CHAT_KEPT, CHAT_SHOWN, LiveRoom, Where
from relay.service.rehearsal import rehearse
from relay.storage.contract import Draft, Kind, Record, Storage
from relay.storage.sqlite import SqliteStorage
from support.clock import NOON_MS, ManualClock
from support.delivery import EVERYTHING, FakeTransport, settle

OPEN = PRESETS[Preset.OPEN]
DOCUMENT = {
    "name": "todo-cli",
    "visibility": "public",
    "state": "active",
    "settings": OPEN.model_dump(mode="json"),
    "created_ms": NOON_MS,
}


@dataclass
class Opened:
    """A room, its log and what drives it."""

    room: LiveRoom
    log: Storage
    clock: ManualClock

    async def publish(self, *types: str, at_ms: int = NOON_MS, **fields: Any) -> None:
        """Commit events."""
        body = {
            "timestamp": "2026-02-17T12:00:00Z",
            "author": "a",
            "author_type": "human",
            "content": "x",
            **fields,
        }
        await self.append(
            *(Draft(Kind.EVENT, name, at_ms, encode_json({"type": name, **body})) for name in types)
        )

    async def say(self, text: str, *, durable: bool = False) -> None:
        """Commit a spectator's message."""
        author = Author("anon_1", "Zoe", ViewerState.ANONYMOUS)
        body = encode_message("room", Message(author, text), NOON_MS)
        await self.append(Draft(Kind.CHAT, "", NOON_MS, body, durable=durable))

    async def append(self, *drafts: Draft) -> None:
        await self.log.append("room", drafts)

    def change(self, settings: RoomSettings) -> None:
        """Put settings into force."""
        self.room.change_settings(settings, self.room.disclosure_of(settings))

    def join(self, where: Where) -> tuple[FakeTransport, list[int]]:
        """Let a viewer in; return it, and the cursor its welcome named."""
        viewer, welcomes = FakeTransport(), []
        self.room.join(viewer.subscriber, where, welcomes.append)
        return viewer, welcomes

    async def locate(self, cursor: str = "", since_ms: int | None = None, history: int = 0) -> Where:
        """Find where a newcomer who wants every type begins."""
        return await self.room.locate(cursor, since_ms, history, EVENT_TYPES)

    def told(self, until: int | None = None) -> dict[str, Any]:
        """Return what a newcomer is told, of everything."""
        until = self.room.head if until is None else until
        return self.room.welcome_state(EVERYTHING, until=until)


@asynccontextmanager
async def opened(directory: Path, document: dict[str, Any] = DOCUMENT) -> AsyncIterator[Opened]:
    clock = ManualClock()
    log = SqliteStorage(directory, clock)
    async with asyncio.TaskGroup() as tasks:
        room = LiveRoom(
            "room",
            document,
            await log.open_room("room"),
            log,
            ids=MessageIds(),
            clock=clock,
            metrics=Metrics(clock),
            spawn=tasks.create_task,
            keyed=lambda what: hashlib.sha256(what.encode()).hexdigest(),
            peaks=None,
        )

        def committed(room_id: str, records: Sequence[Record]) -> None:
            room.apply(records)

        log.listen(committed)
        await room.rebuild()
        yield Opened(room, log, clock)
    await log.aclose()


async def caught_up(it: Opened, viewer: FakeTransport) -> None:
    """Wait for a replay from disk: each turn is as long as a read of that disk."""
    for _ in range(100):
        if viewer.subscriber.live:
            return
        await it.log.unkept("room", 0, 0)
    raise AssertionError("the replay does not end")


def contents(viewer: FakeTransport) -> list[int]:
    return [event["seq"] for data in viewer.of_type("spectator.activity") for event in data["events"]]


# -- where a stream begins -------------------------------------------------------------------------


async def test_without_a_wish_it_begins_now(tmp_path: Path):
    async with opened(tmp_path) as it:
        await it.publish("chat.public")
        viewer, welcomes = it.join(await it.locate())
        await it.publish("chat.public")
        await settle()
        assert welcomes == [1]
        assert contents(viewer) == [2]


async def test_a_cursor_goes_on_after_it_and_says_how_much_was_missed(tmp_path: Path):
    async with opened(tmp_path) as it:
        await it.publish(*["chat.public"] * 5)
        where = await it.locate(f"{it.room.epoch}-2")
        assert where.recovery() == {"requested": True, "recovered": True, "missed": 3}
        viewer, welcomes = it.join(where)
        await settle()
        assert welcomes == [2]
        assert contents(viewer) == [3, 4, 5]


async def test_a_cursor_at_the_end_misses_nothing(tmp_path: Path):
    async with opened(tmp_path) as it:
        await it.publish("chat.public")
        where = await it.locate(f"{it.room.epoch}-1")
        assert where.recovery() == {"requested": True, "recovered": True, "missed": 0}


async def test_a_cursor_of_another_log_of_the_future_or_of_nothing_is_answered_with_fresh_state(
    tmp_path: Path,
):
    async with opened(tmp_path) as it:
        await it.publish("chat.public")
        for cursor in ("zzzzzzzz-1", f"{it.room.epoch}-2", "garbage", "\ud800", f"{it.room.epoch}--1"):
            where = await it.locate(cursor)
            assert where.recovery() == {"requested": True, "recovered": False, "missed": 0}
            assert where.after is None


async def test_a_time_and_a_number_begin_in_the_past(tmp_path: Path):
    async with opened(tmp_path) as it:
        for minute in range(5):
            await it.publish("chat.public", at_ms=NOON_MS + 60_000 * minute)
        assert (await it.locate(since_ms=NOON_MS + 120_000)).after == 2
        assert (await it.locate(since_ms=NOON_MS + 10_000_000)).after == 5
        assert (await it.locate(history=2)).after == 3
        assert (await it.locate(history=100)).after == 0
        assert (await it.locate(f"{it.room.epoch}-1", NOON_MS, 100)).after == 1  # a cursor goes before both


async def test_a_number_counts_what_the_viewer_may_see(tmp_path: Path):
    async with opened(tmp_path) as it:
        await it.publish("git.commit", "chat.public", "git.commit", "chat.public")
        assert (await it.room.locate("", None, 2, frozenset({"git.commit"}))).after == 0
        it.change(patch_settings(OPEN, {"visibleEvents": {"publicChat": False}}))
        assert (await it.locate(history=1)).after == 2


async def test_a_history_shows_events_and_chat_and_no_old_notices(tmp_path: Path):
    async with opened(tmp_path) as it:
        await it.publish("chat.public")
        await it.append(Draft(Kind.SETTINGS, "", NOON_MS, b'{"kind":"settings_changed"}'))
        await it.say("hello")
        history, _ = it.join(await it.locate(history=10))
        resumed, _ = it.join(await it.locate(f"{it.room.epoch}-0"))
        await settle()
        assert [envelope["type"] for envelope in history.seen] == ["spectator.activity", CHAT]
        assert [envelope["type"] for envelope in resumed.seen] == [
            "spectator.activity",
            "spectator.notice",
            CHAT,
        ]


async def test_chat_of_the_gap_that_nobody_kept_is_counted(tmp_path: Path):
    async with opened(tmp_path) as it:
        await it.say("gone")
        await it.say("kept", durable=True)
        recovery = (await it.locate(f"{it.room.epoch}-0")).recovery()
        assert "not_kept" not in recovery  # memory has it
    async with opened(tmp_path) as it:
        where = await it.locate(f"{it.room.epoch}-0")
        assert where.recovery() == {"requested": True, "recovered": True, "missed": 2, "not_kept": 1}
        viewer, _ = it.join(where)
        await caught_up(it, viewer)
        assert [data["message"] for data in viewer.of_type(CHAT)] == ["kept"]


# -- what a newcomer is told -----------------------------------------------------------------------


async def test_state_and_stream_hold_every_chat_message_exactly_once(tmp_path: Path):
    async with opened(tmp_path) as it:
        for number in range(4):
            await it.publish("chat.public", content=str(number))
            await it.say(str(number))
        for where in (Where(), await it.locate(f"{it.room.epoch}-3"), await it.locate(history=2)):
            viewer, welcomes = it.join(where)
            told = it.told(welcomes[0])
            await settle()
            room_chat = [event["seq"] for event in told["recent_chat"]] + contents(viewer)
            assert room_chat == [1, 3, 5, 7]
            spectators = [*told["spectator_chat"], *viewer.of_type(CHAT)]
            assert [message["message"] for message in spectators] == ["0", "1", "2", "3"]
            assert told["as_of"] == f"{it.room.epoch}-8"


async def test_nothing_that_is_hidden_is_told(tmp_path: Path):
    async with opened(tmp_path) as it:
        await it.publish("chat.public", content="secret")
        await it.publish("task.created", task_id="t", title="secret", creator="a")
        await it.say("secret")
        assert json.dumps(it.told()).count("secret") == 3
        hidden = {
            "visibleEvents": {"publicChat": False, "taskActivity": False},
            "spectatorChat": {"enabled": False},
        }
        it.change(patch_settings(OPEN, hidden))
        assert "secret" not in json.dumps(it.told())
        assert it.room.features == []
        it.change(OPEN)
        assert "secret" not in json.dumps(it.room.welcome_state(Variant(frozenset(), chat=False), until=99))


async def test_what_is_worded_obeys_a_change_that_comes_meanwhile(tmp_path: Path):
    async with opened(tmp_path) as it:
        await it.publish(*["chat.public"] * 30, *["milestone.reached"] * 3, title="falcon", content="falcon")
        records = await it.log.read("room", 0, 100, until=it.room.head)
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(it.room.worded(records))
            await asyncio.sleep(0)
            assert not reading.done(), "others have their turns while it goes on"
            hidden = {"hiddenWords": ["falcon"], "visibleEvents": {"publicChat": False}}
            it.change(patch_settings(OPEN, hidden))
        worded = reading.result()
    assert [record.type for record in worded] == ["milestone.reached"] * 3
    assert not any(b"falcon" in record.body for record in worded)


class InMemory:
    """A log that never waits, so that each turn of the loop is the reader's own."""

    def __init__(self, records: list[Record]) -> None:
        self._records = records

    async def seek(self, room: str, at_ms: int) -> int:
        return 0

    async def tail(self, room: str, types: frozenset[str], count: int) -> int:
        return 0

    async def read(self, room: str, after: int, limit: int, *, until: int) -> list[Record]:
        return self._records[after : after + limit]


async def test_a_rehearsal_leaves_the_room_its_turns(tmp_path: Path):
    async with opened(tmp_path) as it:
        await it.publish(*["chat.public"] * 100, content="falcon")
        log = InMemory(await it.log.read("room", 0, 200, until=it.room.head))
        then = it.room.disclosure_of(patch_settings(OPEN, {"hiddenWords": ["falcon"]}))
        turns = 0
        async with asyncio.TaskGroup() as tasks:
            rehearsing = tasks.create_task(rehearse(it.room, OPEN, then, log, NOON_MS))
            while not rehearsing.done():
                await asyncio.sleep(0)
                turns += 1
    assert rehearsing.result().reworded == {"chat.public": 100}
    assert turns >= 10


async def test_names_seen_follow_a_change_of_settings(tmp_path: Path):
    async with opened(tmp_path) as it:
        await it.publish("member.joined", name="Ada")
        assert it.room.shown_participants() == {"Ada"}
        it.change(patch_settings(OPEN, {"anonymizeParticipants": True}))
        (name,) = it.room.shown_participants()
        assert name == it.room.welcome_state(EVERYTHING, until=0)["members"][0]["name"] != "Ada"
        it.change(patch_settings(OPEN, {"visibleEvents": {"memberActivity": False}}))
        assert it.room.shown_participants() == set()


async def test_recent_chat_is_bounded_and_replies_reach_further_back(tmp_path: Path):
    async with opened(tmp_path) as it:
        await asyncio.gather(*(it.say(str(number)) for number in range(CHAT_KEPT + 1)))
        shown = it.told()["spectator_chat"]
        assert len(shown) == CHAT_SHOWN
        assert shown[-1]["message"] == str(CHAT_KEPT)
        assert shown[-1]["message_id"] == f"{it.room.epoch}-{CHAT_KEPT + 1}"
        assert it.room.chat_message(f"{it.room.epoch}-2") is not None
        for unknown in (f"{it.room.epoch}-1", "zzzzzzzz-2", "", None, 7, {}, "\ud800"):
            assert it.room.chat_message(unknown) is None


async def test_room_info_holds_no_setting_beyond_what_a_viewer_needs(tmp_path: Path):
    async with opened(tmp_path) as it:
        assert it.room.info() == {
            "id": "room",
            "name": "todo-cli",
            "state": "active",
            "features": ["chat"],
            "chat": {
                "slow_s": 0,
                "locked": False,
                "approval": False,
                "anonymous": True,
                "watch_s": 0,
                "shielded": False,
            },
            "retention": {"events": "permanent"},
            "logging": False,
            "policy": "/privacy",
        }


# -- settings and life -----------------------------------------------------------------------------


async def test_what_was_committed_first_goes_out_under_the_rules_of_its_time(tmp_path: Path):
    async with opened(tmp_path) as it:
        viewer, _ = it.join(Where())
        it.room.apply([Record(1, Kind.EVENT, "git.commit", NOON_MS, NOON_MS, b'{"type":"git.commit"}')])
        it.change(patch_settings(OPEN, {"visibleEvents": {"gitOperations": False}}))
        assert contents(viewer) == [1]
        it.room.apply([Record(2, Kind.EVENT, "git.commit", NOON_MS, NOON_MS, b'{"type":"git.commit"}')])
        await settle()
        assert contents(viewer) == [1]


async def test_a_completed_room_has_no_chat_but_its_history(tmp_path: Path):
    async with opened(tmp_path) as it:
        await it.publish("chat.public")
        await it.append(Draft(Kind.STATE, "", NOON_MS, b'{"kind":"room_state","state":"completed"}'))
        assert (it.room.state, it.room.features) == ("completed", [])
        assert len(it.told()["recent_chat"]) == 1


async def test_everything_but_unkept_chat_is_rebuilt_from_the_log(tmp_path: Path):
    async with opened(tmp_path) as it:
        await it.publish("member.joined", name="alice")
        await it.publish("agent.joined", agent_name="Claude")
        await it.publish("task.created", task_id="t", title="CLI", creator="alice")
        await it.publish("chat.public", content="hi")
        await it.append(Draft(Kind.STATE, "", NOON_MS, b'{"kind":"room_state","state":"paused"}'))
        await it.say("kept", durable=True)
        before = it.told()
        await it.say("gone")
        document = it.room.document()
    async with opened(tmp_path, document) as it:
        after = it.told()
        assert (it.room.state, it.room.head) == ("paused", 7)
        for part in ("members", "agents", "tasks", "recent_chat", "spectator_chat"):
            assert after[part] == before[part]


async def test_a_rooms_document_opens_the_same_room(tmp_path: Path):
    changed = patch_settings(OPEN, {"maxSpectators": 3})
    async with opened(tmp_path) as it:
        it.change(changed)
        document = json.loads(json.dumps(it.room.document()))
    async with opened(tmp_path, document) as it:
        assert it.room.settings == changed
        assert it.room.document() == document
        assert RoomSettings.model_validate(document["settings"]) == changed


async def test_presence_goes_to_everybody(tmp_path: Path):
    async with opened(tmp_path) as it:
        viewer, _ = it.join(Where())
        it.room.audience.enter("a", "anonymous", resumed=False)
        it.room.announce_presence()
        assert viewer.of_type("spectator.presence") == [it.room.audience.presence()]
        assert it.room.listing()["spectators"] == 1
        assert viewer.subscriber.variant == EVERYTHING

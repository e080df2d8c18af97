"""Locks: the bytes on the wire, as websockets' own parser reads them; what each variant sees."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.delivery.coding import Coding, deflated_frame, ws_frame
from relay.delivery.frames import Encoder, Variant
from relay.protocol.envelope import MessageIds
from relay.protocol.events import EVENT_TYPES
from relay.protocol.messages import CHAT
from relay.storage.contract import Kind, Record
from support.clock import NOON_MS
from support.delivery import (
    ALL_VISIBLE,
    EPOCH,
    EVERYTHING,
    ROOM,
    LogInMemory,
    position_of,
    seqs_of,
    told_today,
)
from support.wire import WireReader

TYPES = sorted(EVENT_TYPES)


def text(size: int) -> bytes:
    return json.dumps("x" * (size - 2)).encode()


def encoder() -> Encoder:
    return Encoder(ROOM, EPOCH, MessageIds("id"), told_today)


def encode(
    records: list[Record],
    variant: Variant = EVERYTHING,
    visible: frozenset[str] = ALL_VISIBLE,
    after: int = 0,
) -> tuple[list[dict[str, Any]], int]:
    payloads, cursor, _ = encoder().payloads(records, variant, visible, after, NOON_MS)
    return [json.loads(payload) for payload in payloads], cursor


def log_of(*kinds: str) -> list[Record]:
    """Return records by name: an event's type, or `chat`, `settings`, `state`."""
    log = LogInMemory()
    for name in kinds:
        if name in EVENT_TYPES:
            log.add(Kind.EVENT, name)
        else:
            log.add(Kind(name))
    return log.records


# -- frames ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [2, 95, 96, 97, 125, 126, 127, 65_535, 65_536, 65_537, 1_000_000])
@pytest.mark.parametrize("deflate", [False, True])
def test_a_frame_reads_back_at_every_size_of_its_length_field(size: int, deflate: bool):
    frame = (deflated_frame if deflate else ws_frame)(text(size))
    assert WireReader(Coding.ALONE if deflate else Coding.PLAIN).feed(frame) == ["x" * (size - 2)]


@given(st.text(max_size=2000), st.booleans())
def test_any_text_reads_back(content: str, deflate: bool):
    payload = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    frame = (deflated_frame if deflate else ws_frame)(payload)
    assert WireReader(Coding.ALONE if deflate else Coding.PLAIN).feed(frame) == [json.loads(payload)]


@given(st.permutations(range(6)))
def test_each_compressed_frame_stands_for_itself(order: list[int]):
    """A viewer that skipped frames reads the next one: no frame needs another."""
    payloads = [
        json.dumps({"n": n, "content": "the same words again and again " * 10}).encode() for n in range(6)
    ]
    frames = [deflated_frame(payload) for payload in payloads]
    reader = WireReader(Coding.ALONE)
    assert [reader.feed(frames[n])[0]["n"] for n in order] == list(order)


def test_compression_is_left_out_where_it_costs_more_than_it_saves():
    assert deflated_frame(text(50)) == ws_frame(text(50))
    assert len(deflated_frame(text(2000))) < 100
    assert deflated_frame(text(2000))[0] == 0xC1  # FIN, RSV1, text
    assert not deflated_frame(text(2000)).endswith(b"\x00\x00\xff\xff")  # RFC 7692, 7.2.1: removed


def test_frames_run_together_are_told_apart():
    reader = WireReader(Coding.ALONE)
    data = b"".join(deflated_frame(text(size)) for size in (10, 500, 10))
    assert len(reader.feed(data)) == reader.frames == 3


# -- messages --------------------------------------------------------------------------------------


def test_an_activity_carries_its_events_and_where_it_starts_and_ends():
    (message,), cursor = encode(log_of("git.commit", "chat.public"))
    assert set(message) == {"id", "type", "timestamp", "data"}
    assert message["type"] == "spectator.activity"
    assert message["timestamp"] == "2026-02-17T12:00:00.000Z"
    data = message["data"]
    assert set(data) == {"room_id", "timestamp", "events", "after", "cursor"}
    assert (data["room_id"], data["after"], data["cursor"], cursor) == (ROOM, "abcdefgh-0", "abcdefgh-2", 2)
    assert [(event["seq"], event["event_id"], event["type"]) for event in data["events"]] == [
        (1, "abcdefgh-1", "git.commit"),
        (2, "abcdefgh-2", "chat.public"),
    ]


def test_everything_has_its_place_in_one_chain():
    messages, cursor = encode(log_of("git.commit", "chat", "git.commit", "settings", "state", "git.commit"))
    assert [message["type"].removeprefix("spectator.") for message in messages] == [
        "activity",
        "chat_message",
        "activity",
        "notice",
        "notice",
        "activity",
    ]
    assert cursor == 6
    assert messages[1]["data"]["message_id"] == "abcdefgh-2"
    assert "ref" not in messages[1]["data"]


def test_milestones_are_urgent_and_nothing_else_of_the_room_is():
    (usual,), _ = encode(log_of("git.commit"))
    (urgent,), _ = encode(log_of("git.commit", "milestone.reached"))
    assert "metadata" not in usual
    assert urgent["metadata"] == {"priority": "high"}


def test_ids_are_never_repeated():
    shared = encoder()
    payloads = [
        *shared.payloads(log_of("git.commit", "chat", "state"), EVERYTHING, ALL_VISIBLE, 0, NOON_MS)[0],
        shared.keepalive(3, 3, NOON_MS),
        shared.unordered("spectator.presence", b"{}", NOON_MS),
    ]
    assert len({json.loads(payload)["id"] for payload in payloads}) == 5


def test_a_chat_message_that_was_not_kept_is_passed_over():
    kept, gone = log_of("chat", "chat")
    gone = Record(gone.seq, gone.kind, gone.type, gone.at_ms, gone.logged_ms, b"")
    messages, cursor = encode([kept, gone])
    assert (len(messages), cursor) == (1, 1)


def test_nothing_to_see_moves_nothing():
    assert encode([], after=7) == ([], 7)
    assert encode(log_of("git.commit"), Variant(frozenset(), chat=False), after=0) == ([], 0)


KINDS = st.lists(st.sampled_from([*TYPES, "chat", "settings", "state"]), max_size=30)
SOME = st.frozensets(st.sampled_from(TYPES))


@given(KINDS, SOME, st.booleans(), SOME, st.booleans())
def test_what_is_encoded_is_the_log_filtered(
    kinds: list[str], types: frozenset[str], chat: bool, shown: frozenset[str], chat_on: bool
):
    records = log_of(*kinds)
    messages, cursor = encode(records, Variant(types, chat), shown | ({CHAT} if chat_on else set()))

    def wanted(kind: str) -> bool:
        if kind == "chat":
            return chat and chat_on
        return kind in types & shown if kind in EVENT_TYPES else True

    expected = [seq for seq, kind in enumerate(kinds, 1) if wanted(kind)]
    assert [seq for message in messages for seq in seqs_of(message)] == expected
    assert cursor == (expected[-1] if expected else 0)
    stands = 0
    for message in messages:
        assert position_of(message["data"]["after"]) == stands
        stands = position_of(message["data"]["cursor"])
    assert stands == cursor

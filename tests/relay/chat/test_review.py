"""Locks: what waits for a moderator is bounded, in order, and taken once."""

from relay.chat.channel import Author, Message
from relay.chat.review import MAX_HELD, MAX_HELD_BY_ONE, Held, ReviewQueue
from relay.protocol.errors import Refused
from relay.rooms.admission import ViewerState
from support.clock import NOON_MS


def held(
    name: str, author: str = "anon_1", *, dedup: bytes | None = None, reply_to: str | None = None
) -> Held:
    by = Author(author, "Zoe", ViewerState.ANONYMOUS)
    return Held(name, Message(by, f"text of {name}", reply_to), NOON_MS, "approval", None, dedup)


def waiting(queue: ReviewQueue) -> list[str]:
    return [message.id for message in queue]


def test_what_waits_is_taken_once_and_in_any_order():
    queue = ReviewQueue()
    for name in "abc":
        queue.add(held(name))
    taken = queue.take("b")
    assert taken is not None
    assert taken.message.text == "text of b"
    assert queue.take("b") is None
    assert queue.take("x") is None
    assert waiting(queue) == ["a", "c"]


def test_what_could_not_be_decided_waits_in_front_again():
    queue = ReviewQueue()
    for name in "abc":
        queue.add(held(name))
    taken = queue.take("b")
    assert taken is not None
    queue.put_back(taken)
    assert waiting(queue) == ["b", "a", "c"]


def test_one_author_has_a_share_that_comes_back():
    queue = ReviewQueue()
    for number in range(MAX_HELD_BY_ONE):
        assert queue.room_for("anon_1") is None
        queue.add(held(str(number)))
    assert isinstance(queue.room_for("anon_1"), Refused)
    assert queue.room_for("anon_2") is None
    queue.take("0")
    assert queue.room_for("anon_1") is None


def test_the_queue_has_an_end():
    queue = ReviewQueue()
    for number in range(MAX_HELD):
        queue.add(held(str(number), f"anon_{number}"))
    refused = queue.room_for("anon_new")
    assert isinstance(refused, Refused)
    assert refused.retry_after_ms


def test_a_publishers_key_is_known_while_its_message_waits_and_after():
    queue = ReviewQueue()
    queue.add(held("a", dedup=b"key"))
    assert queue.has(b"key")
    assert not queue.has(b"other")
    queue.take("a")
    assert queue.has(b"key")


def test_a_moderator_sees_what_is_needed_to_judge():
    assert held("a", reply_to="epoch-7").public() == {
        "message_id": "a",
        "spectator_id": "anon_1",
        "display_name": "Zoe",
        "author_state": "anonymous",
        "message": "text of a",
        "timestamp": "2026-02-17T12:00:00.000Z",
        "reply_to": "epoch-7",
        "rule": "approval",
    }
    assert "reply_to" not in held("a").public()

"""Locks: who may write what, how fast, and under which name: whatever a viewer claims, the relay decides."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.chat.channel import (
    Author,
    Message,
    Pace,
    Rates,
    SlowMode,
    Writer,
    encode_message,
    may_write,
    pace,
    read_message,
    watch_first,
)
from relay.protocol.errors import Code, Refused
from relay.rooms.admission import ViewerState
from relay.rooms.settings import PRESETS, ChatModeration, ChatRateLimit, Preset, SpectatorChatSettings
from support.clock import NOON_MS

OPEN = SpectatorChatSettings()
ANONYMOUS, REGISTERED, VERIFIED = ViewerState


def code_of(answer: object) -> Code | None:
    return answer.code if isinstance(answer, Refused) else None


# -- who -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ViewerState)
def test_everybody_writes_in_an_open_room(state: ViewerState):
    assert may_write(OPEN, "active", state) is None


@pytest.mark.parametrize("state", ViewerState)
def test_nobody_writes_where_the_chat_is_off_or_the_room_is_done(state: ViewerState):
    off = SpectatorChatSettings(enabled=False)
    assert code_of(may_write(off, "active", state)) is Code.CHAT_DISABLED
    assert code_of(may_write(OPEN, "completed", state)) is Code.CHAT_DISABLED


def test_a_host_may_want_registered_writers_only():
    limited = PRESETS[Preset.LIMITED].spectatorChat
    assert code_of(may_write(limited, "active", ANONYMOUS)) is Code.REGISTRATION_REQUIRED
    assert may_write(limited, "active", REGISTERED) is None


# -- what ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [{}, {"message": None}, {"message": 7}, {"message": ["hi"]}, {"text": "hi"}, {"message": {"a": "b"}}],
)
def test_what_is_not_text_is_refused_by_name(data: dict[str, Any]):
    refused = read_message(data, OPEN)
    assert code_of(refused) is Code.INVALID_MESSAGE
    assert isinstance(refused, Refused)
    assert refused.message.startswith("message: ")


@pytest.mark.parametrize("text", ["", "   ", "\n\t\u2003", "\u200b\u200b", "\u00ad", " \u2060 "])
def test_what_shows_nothing_is_empty(text: str):
    assert code_of(read_message({"message": text}, OPEN)) is Code.INVALID_MESSAGE


def test_length_counts_characters():
    settings = SpectatorChatSettings(moderation=ChatModeration(maxMessageLength=5))
    assert read_message({"message": "éééé🚀"}, settings) == "éééé🚀"
    assert read_message({"message": "   12345\n "}, settings) == "12345"
    refused = read_message({"message": "123456"}, settings)
    assert code_of(refused) is Code.MESSAGE_TOO_LARGE
    assert isinstance(refused, Refused)
    assert "6" in refused.message
    assert "5" in refused.message


def test_a_message_is_redacted_and_inert():
    text = read_message({"message": "mail ada@example.com \x1b]52;c;aGk=\x07 now\nand then"}, OPEN)
    assert isinstance(text, str)
    assert "ada@example.com" not in text
    assert "\x1b" not in text
    assert "\nand then" in text


@given(st.text(max_size=600))
def test_any_text_comes_out_safe_or_refused(message: str):
    text = read_message({"message": message}, OPEN)
    if isinstance(text, str):
        assert 0 < len(text) <= 500
        assert text == text.strip()
        assert all(char == "\n" or char.isprintable() or not char.isascii() for char in text)
        text.encode()


# -- how fast --------------------------------------------------------------------------------------


def test_the_better_known_write_faster():
    paces = [pace(OPEN, state) for state in (ANONYMOUS, REGISTERED, VERIFIED)]
    assert paces == [Pace(10, 2), Pace(20, 5), Pace(40, 10)]


def test_nobody_is_left_without_a_message():
    slow = SpectatorChatSettings(rateLimit=ChatRateLimit(messagesPerMinute=1, burstLimit=1))
    assert pace(slow, ANONYMOUS) == Pace(1, 1)


def ada(address: str = "x") -> Writer:
    return Writer("user_ada", address, anonymous=False)


def stranger(name: str, *, neighbours: int = 1, address: str = "x") -> Writer:
    return Writer(f"anon_{name}", address, anonymous=True, neighbours=neighbours)


def passing(rates: Rates, writers: Iterable[Writer], allowed: Pace, now_s: float = 0.0) -> list[bool]:
    return [rates.take("room", writer, allowed, now_s) is None for writer in writers]


def test_the_wait_that_is_told_is_enough():
    rates, allowed = Rates(0, 0), Pace(20, 2)
    assert passing(rates, [ada()] * 2, allowed) == [True, True]
    refused = rates.take("room", ada(), allowed, 0.0)
    assert refused is not None
    assert refused.code is Code.RATE_LIMITED
    assert refused.retry_after_ms == 3001
    assert "4 s" in refused.message
    assert rates.take("room", ada(), allowed, 3.001) is None


def test_reconnecting_or_another_window_does_not_refill():
    assert passing(Rates(0, 0), [ada(), ada("y")], Pace(1, 1)) == [True, False]


@pytest.mark.parametrize("neighbours", [0, 1])
def test_a_stranger_who_comes_back_as_another_has_spent_what_it_has_spent(neighbours: int):
    rates = Rates(0, 0)
    writers = [stranger(name, neighbours=neighbours) for name in "abc"]
    assert passing(rates, writers, Pace(10, 2)) == [True, True, False]
    assert passing(rates, [stranger("d", address="y"), ada()], Pace(10, 2)) == [True, True]
    assert rates.take("another room", stranger("e"), Pace(10, 2), 0.0) is None


def test_strangers_who_share_an_address_have_what_each_of_them_has_when_they_are_there_together():
    rates = Rates(0, 0)
    assert passing(rates, [stranger("a")] * 3, Pace(10, 2)) == [True, True, False]
    assert passing(rates, [stranger("b", neighbours=2)] * 3, Pace(10, 2)) == [True, True, False]


def test_one_address_has_a_ceiling_of_its_own():
    rates = Rates(60, 3)
    writers = [Writer(f"user_{number}", "x", anonymous=False) for number in range(5)]
    assert passing(rates, writers, Pace(60, 10)) == [True, True, True, False, False]
    assert rates.take("room", Writer("user_9", "y", anonymous=False), Pace(60, 10), 0.0) is None


def test_what_was_refused_by_one_count_is_not_counted_by_another():
    rates = Rates(60, 1)
    assert passing(rates, [ada(), ada(), ada()], Pace(60, 2)) == [True, False, False]
    assert rates.take("room", ada("y"), Pace(60, 2), 0.0) is None


# -- slow mode, and watching first -----------------------------------------------------------------


def test_slow_mode_lets_one_message_pass_in_its_time():
    slow = SlowMode()
    assert slow.wait("room", ada(), 30, 100.0) is None
    slow.heard("room", ada(), 100.0)
    refused = slow.wait("room", ada(), 30, 110.5)
    assert refused is not None
    assert (refused.code, refused.retry_after_ms) == (Code.RATE_LIMITED, 19_500)
    assert slow.wait("room", ada(), 30, 130.0) is None
    assert slow.wait("room", ada(), 0, 110.5) is None
    assert slow.wait("another room", ada(), 30, 110.5) is None


def test_slow_mode_follows_a_stranger_who_comes_back_as_another_and_no_neighbour():
    slow = SlowMode()
    slow.heard("room", stranger("a"), 100.0)
    assert slow.wait("room", stranger("b"), 30, 101.0) is not None
    assert slow.wait("room", stranger("b", neighbours=2), 30, 101.0) is None
    assert slow.wait("room", stranger("b", address="y"), 30, 101.0) is None


def test_who_has_watched_long_enough_may_write():
    assert watch_first(1_000, 0, 1_000) is None
    refused = watch_first(1_000, 300, 61_000)
    assert refused is not None
    assert (refused.code, refused.retry_after_ms) == (Code.RATE_LIMITED, 240_000)
    assert "5 min" in refused.message
    assert watch_first(1_000, 300, 301_000) is None


# -- on the wire -----------------------------------------------------------------------------------


def test_a_message_carries_the_specs_fields_and_nothing_else():
    body = encode_message("room", Message(Author("anon_1", "Zoe", ANONYMOUS), "hi"), NOON_MS)
    assert json.loads(body) == {
        "room_id": "room",
        "spectator_id": "anon_1",
        "display_name": "Zoe",
        "author_type": "spectator",
        "author_state": "anonymous",
        "message": "hi",
        "timestamp": "2026-02-17T12:00:00.000Z",
        "reply_to": None,
    }

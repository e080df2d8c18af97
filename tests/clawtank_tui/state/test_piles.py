"""Which waiting messages are laid out as one: the raid, never its neighbours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clawtank_tui.state.desk import Held
from clawtank_tui.state.piles import alike, put, put_all

RAID = (
    "free coins at coins.example/a1b2",
    "FREE   COINS at coins.example/zz9 !!!",
    "fffree coins at coins.example/7",
    "Frée coins at coins.example".replace("é", "e"),
    "𝐟𝐫𝐞𝐞 𝐜𝐨𝐢𝐧𝐬 at coins.example/9",
)
HONEST = (
    "is this the repository? git.example/todo",
    "you should kill the child process first",
    "does it keep ids stable?",
    "gg",
    "lol",
    "👍",
    "🎉🎉",
    "1234",
)


def held(number: int, text: str) -> Held:
    return Held(f"h{number}", f"s{number}", f"viewer {number}", text, 0)


@pytest.mark.parametrize("text", RAID)
def test_the_texts_of_a_raid_are_alike(text: str) -> None:
    assert alike(RAID[0], text)


def test_honest_texts_are_like_nothing_but_themselves() -> None:
    for text in (*HONEST, RAID[0]):
        assert [other for other in (*HONEST, RAID[0]) if alike(text, other)] == [text]


def test_a_raid_is_one_pile_in_the_place_of_its_oldest_and_others_stand_alone() -> None:
    texts = (HONEST[0], RAID[0], HONEST[1], *RAID[1:])
    placed = put_all(held(number, text) for number, text in enumerate(texts))
    assert [message.pile for message in placed.values()] == ["h0", "h1", "h2", "h1", "h1", "h1", "h1"]


def test_what_comes_later_joins_the_pile_even_when_the_first_of_it_is_decided() -> None:
    placed = put_all([held(0, RAID[0]), held(1, RAID[1])])
    del placed["h0"]
    assert put(placed, held(2, RAID[2])).pile == "h0"
    assert put({}, held(3, RAID[2])).pile == "h3"


def test_one_by_one_is_laid_out_as_all_at_once() -> None:
    texts = [*HONEST, *RAID]
    together = put_all(held(number, text) for number, text in enumerate(texts))
    placed: dict[str, Held] = {}
    for number, text in enumerate(texts):
        message = put(placed, held(number, text))
        placed[message.message_id] = message
    assert placed == together


def test_a_pile_is_named_by_what_was_told_whatever_was_in_the_message() -> None:
    message = replace(held(7, "something else entirely"), pile="forged")
    assert put_all([message])["h7"].pile == "h7"

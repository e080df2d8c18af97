"""Locks: the lines that `mod` prints."""

import pytest

from relay.cli.mod_lines import act_line, aligned, duration, sanction_line
from relay.protocol.times import parse_instant

NOW = "2026-02-17T21:00:00.000Z"
NOW_MS = parse_instant(NOW)


def sanction(**more):
    return {
        "kind": "ban",
        "spectator_id": "anon_a",
        "display_name": "eve",
        "by": "maria",
        "reason": "spam",
        "made_at": NOW,
        "until": None,
        "addresses": [],
        "addresses_until": None,
        **more,
    }


def act(action, **more):
    return {"id": "7", "at": NOW, "by": "maria", "action": action, "undoable": True, **more}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (1, "1 s"),
        (59, "59 s"),
        (600, "10 min"),
        (601, "10 min 1 s"),
        (3600, "1 h"),
        (3601, "1 h"),
        (90_000, "1 d 1 h"),
        (86_399, "23 h 59 min"),
        (604_800, "7 d"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("more", "cells"),
    [
        ({}, ["anon_a", "ban", "for good", "maria", "eve · spam"]),
        (
            {"until": "2026-02-17T22:30:00.000Z", "display_name": "", "kind": "mute"},
            ["anon_a", "mute", "1 h 30 min left", "maria", "spam"],
        ),
        ({"until": "2026-02-17T20:59:59.000Z"}, ["anon_a", "ban", "0 s left", "maria", "eve · spam"]),
        (
            {"addresses": ["d1", "d2"], "addresses_until": "2026-02-24T21:00:00.000Z"},
            ["anon_a", "ban", "for good", "maria", "eve · spam · and guests from 2 addresses, 7 d left"],
        ),
    ],
)
def test_a_sanction_says_how_long_yet_and_whom_else_it_covers(more, cells):
    assert sanction_line(sanction(**more), NOW_MS) == cells


@pytest.mark.parametrize(
    ("entry", "cells"),
    [
        (
            act("approve", message_id="h-1", spectator_id="anon_a", display_name="eve", shown_as="k3x-9"),
            ["approve", "h-1", "eve · shown as k3x-9"],
        ),
        (
            act("ban", message_id="h-1", spectator_id="anon_a", seconds=0, until=None, reason="spam"),
            ["ban", "anon_a", "for good · spam"],
        ),
        (
            act("mute", spectator_id="anon_a", seconds=600, rule="flood"),
            ["mute", "anon_a", "for 10 min · flood"],
        ),
        (act("delete_all", message_id="k3x-9", spectator_id="anon_a"), ["delete-all", "anon_a", ""]),
        (act("hide", message_id="k3x-9", spectator_id="anon_a"), ["hide", "k3x-9", ""]),
        (act("slow", seconds=30), ["slow", "", "every 30 s"]),
        (act("slow", seconds=0, undone=True), ["slow", "", "off · undone"]),
        (act("undo", undoes="3"), ["undo", "", "undoes 3"]),
    ],
)
def test_a_line_of_the_log_says_who_did_what_to_whom_and_why(entry, cells):
    assert act_line(entry) == ["7", "2026-02-17T21:00:00Z", "maria", *cells]


def test_columns_are_aligned_by_what_a_terminal_shows():
    rows = [["a", "日本", "tail"], ["bb", "x", "  tail  of \n two "], ["c", "", ""]]
    assert list(aligned(rows)) == ["a   日本  tail", "bb  x     tail of two", "c"]
    assert list(aligned([])) == []

"""Locks: no viewer passes for somebody else, whatever the letters; ordinary names stay as chosen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.chat.names import ANONYMOUS_NAME, Present, display_name, problem_with_name
from relay.rooms.admission import ViewerState

ANONYMOUS, REGISTERED, VERIFIED = ViewerState
HERE = {"alice", "Claude", "Ада"}
# fmt: off
OFFICES = (
    "host", "HOST", "Host!", "ad-min", "Moderator", "ⓢystem", "Ｈｏｓｔ of this room", "alice [host]",
    "Zoe · Moderator", "Paul (participant)", "h0st", "hоst", "𝐡ost", "ʜost", "H.o.s.t",
    "h\u200bost", "adm1n", "admin1", "admin_2", "4dmin", "m0d", "TheHost", "RealAdmin", "theadmin",
    "officialmod", "modbot", "mod_team", "host17", "m_o_d", "adminn", "hosst", "ᴍᴏᴅ", "🅼🅾🅳",
    "Админ", "модератор", "管理员小王", "xXadminXx", "h°st", "м0derat0r", "a d m i n", "m o d dave",
    "room.host", "h\u0336o\u0336s\u0336t\u0336", "ℍ𝕠𝕤𝕥", "mode rator",
)
TWINS = (
    "alice", "ALICE", "a l i c e", "Alice.", "Ａlice", "ａｌｉｃｅ", "claude", "alicе", "AL1CE", "al𝓲ce",
    "a|ice", "аliсе", "clаude", "Claude (agent)", "c1aude", "alice (he/him)", "àlïcé", "Aдa", "ада",
)
ORDINARY = (
    "Zoe", "modern_dave", "Hostile17", "Adminia", "Modesto", "nomad", "ghost", "hostess", "阿明",
    "Анна", "Łukasz", "José", "modal", "Mo", "D'Angelo", "alicia", "Alicent", "Claudette",
    "claudia", "malice", "operand", "Systema", "relayed", "xhosa", "localhost", "hostname",
    "hostel", "komodo", "kermode", "modulo", "Thomas", "Dave (he/him)", "★★★", "42", "🦀", "Ann",
    "agent smith", "viewer", "Ostap", "Damien", "commodore64",
)
# fmt: on


def test_a_registered_name_is_the_accounts():
    assert display_name("Mallory", REGISTERED, "Ada", set()) == "Ada"
    assert display_name("", VERIFIED, "Ada", {"Ada"}) == "Ada"


def test_an_anonymous_viewer_may_choose_and_need_not():
    assert display_name("", ANONYMOUS, "", set()) == ANONYMOUS_NAME
    assert display_name("Zoe", ANONYMOUS, "", {"alice"}) == "Zoe"


@pytest.mark.parametrize("name", [*OFFICES, *TWINS])
def test_a_name_that_could_pass_for_another_is_marked_and_refused(name: str):
    assert display_name(name, ANONYMOUS, "", HERE) == f"{name} (viewer)"
    assert problem_with_name(name, HERE).endswith(". Choose another.")


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_name_stays(name: str):
    assert display_name(name, ANONYMOUS, "", HERE) == name
    assert problem_with_name(name, HERE) == ""


def test_who_is_registered_and_here_is_not_passed_for_either():
    registered = Present()
    for _ in range(2):
        registered.enter("Grace")
    assert display_name("Gracе", ANONYMOUS, "", HERE, registered) == "Gracе (viewer)"
    assert "here" in problem_with_name("Gracе", HERE, registered)
    registered.leave("Grace")
    assert problem_with_name("Grace", HERE, registered)
    registered.leave("Grace")
    assert problem_with_name("Grace", HERE, registered) == ""


def test_letters_that_look_alike_together_are_alike():
    assert problem_with_name("Cornelia", {"Comelia"})
    assert problem_with_name("vvilliam", {"William"})
    assert problem_with_name("lan", {"Ian"})


def test_names_without_letters_are_told_apart():
    assert problem_with_name("★", {"★"})
    assert not problem_with_name("★", {"☆", "!"})


@given(st.text(max_size=40), st.sets(st.text(max_size=20), max_size=5))
def test_any_name_is_judged_and_marked_once(name: str, others: set[str]):
    shown = display_name(name, ANONYMOUS, "", others)
    assert shown in (name or ANONYMOUS_NAME, f"{name} (viewer)")
    assert bool(problem_with_name(name, others)) == shown.endswith(" (viewer)") or name.endswith(" (viewer)")

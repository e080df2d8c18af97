"""Locks: which branch a commit was made on, as far as git's history tells."""

import pytest

from relay.sources.git_branches import made_on, merged_branches
from relay.sources.git_log import Commit


def commit(sha: str, *parents: str, subject: str = "change") -> Commit:
    return Commit(sha, parents, "2026-02-17T12:00:00Z", "Alice", subject, (), 0, 0)


@pytest.mark.parametrize(
    ("subject", "branches"),
    [
        ("Merge branch 'topic'", ["topic"]),
        ("Merge branch 'feature/one' into release", ["feature/one"]),
        ("Merge branch 'topic' into 'main'", ["topic"]),
        ("Merge branches 'a', 'b' and 'c'", ["a", "b", "c"]),
        ("Merge branches 'a' and 'b' into main", ["a", "b"]),
        ("Merge branch 'main' of https://example.com/x'y", ["main"]),
        ("Merge remote-tracking branch 'origin/feature/one'", ["feature/one"]),
        ("Merge remote-tracking branches 'a/x' and 'b/y' into z", ["x", "y"]),
        ("Merge pull request #12 from alice/feature/one", ["feature/one"]),
        ("Merge tag 'v1.0'", []),
        ("Merge commit 'a1b2c3d'", []),
        ("Merge branch", []),
        ("Merge branch ''", []),
        ("Merge the two lists of 'users' into one", []),
        ("feat: scaffold", []),
        ("", []),
    ],
)
def test_a_merges_subject_names_what_it_brought(subject: str, branches: list[str]):
    assert merged_branches(subject) == branches


MERGED = (
    commit("base"),
    commit("s1", "base"),
    commit("m1", "base"),
    commit("s2", "s1"),
    commit("merge", "m1", "s2", subject="Merge branch 'side'"),
)


def test_what_was_merged_is_its_own_branchs_and_what_both_share_is_the_tips():
    assert made_on(MERGED, ["merge"], {"merge": "main"}) == {
        "base": "main",
        "m1": "main",
        "merge": "main",
        "s1": "side",
        "s2": "side",
    }


def test_a_branch_that_is_there_goes_before_what_the_subject_says():
    assert made_on(MERGED, ["merge"], {"merge": "main", "s2": "really"})["s1"] == "really"


@pytest.mark.parametrize("subject", ["my own words", "Merge branches 'a', 'b' and 'c'"])
def test_a_merge_that_does_not_say_what_it_brought_takes_it_in(subject: str):
    commits = (*MERGED[:-1], commit("merge", "m1", "s2", subject=subject))
    assert set(made_on(commits, ["merge"], {"merge": "main"}).values()) == {"main"}


def test_of_several_the_first_may_have_been_reached_without_a_merge():
    subject = "Merge branches 'one' and 'two'"
    commits = (
        commit("base"),
        commit("1", "base"),
        commit("2", "base"),
        commit("m", "1", "2", subject=subject),
    )
    found = made_on(commits, ["m"], {"m": "main"})
    assert found == {"base": "main", "1": "main", "2": "two", "m": "main"}


def test_a_merge_inside_a_merged_branch_names_its_own():
    commits = (
        commit("base"),
        commit("inner", "base"),
        commit("s1", "base"),
        commit("s2", "s1", "inner", subject="Merge branch 'inner' into side"),
        commit("merge", "base", "s2", subject="Merge branch 'side'"),
    )
    assert made_on(commits, ["merge"], {"merge": "main"}) == {
        "base": "main",
        "inner": "inner",
        "s1": "side",
        "s2": "side",
        "merge": "main",
    }


def test_of_two_tips_each_has_its_line_up_to_the_other():
    commits = (commit("1"), commit("2", "1"), commit("3", "2"))
    assert made_on(commits, ["3", "2"], {"3": "topic", "2": "main"}) == {
        "1": "main",
        "2": "main",
        "3": "topic",
    }


def test_only_a_merge_brings_a_branch_whatever_its_subject_says():
    commits = (
        commit("1", subject="Merge branch 'a'"),
        commit("2", "1", subject="Merge branches 'b' and 'c'"),
    )
    assert made_on(commits, ["2"], {"2": "main"}) == {"1": "main", "2": "main"}


def test_a_detached_head_is_no_branch():
    assert made_on((commit("1"), commit("2", "1")), ["2"], {"1": "main"}) == {"1": None, "2": None}


def test_a_history_that_was_cut_off_ends_where_it_ends():
    cut = MERGED[3:]
    assert made_on(cut, ["merge"], {"merge": "main"}) == {"s2": "side", "merge": "main"}
    assert made_on((), ["gone"], {"gone": "main"}) == {"gone": "main"}

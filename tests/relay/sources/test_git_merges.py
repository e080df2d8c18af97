"""Locks: a merge is told as the one commit it is, after what it brought, and that under its own branch."""

from pathlib import Path
from typing import Any

import pytest

from relay.screen.screen import Visible, screen
from support.repositories import Follow, Repo, following


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A repository in which `side` has two commits that `main`, with one more itself, has not."""
    repo = Repo(tmp_path / "repo")
    repo.commit("base", "base.txt")
    repo.git("checkout", "-q", "-b", "side")
    repo.commit("side 1", "side.txt")
    repo.commit("side 2", "side.txt")
    repo.git("checkout", "-q", "main")
    repo.commit("main 1", "main.txt")
    return repo


BEFORE = [("base", "main"), ("main 1", "main")]
"""What HEAD has of it at the start."""


async def told(follow: Follow) -> list[tuple[str, str | None]]:
    return [(event["message"], event.get("branch")) for event in await follow.new()]


async def last(follow: Follow) -> dict[str, Any]:
    event = (await follow.new())[-1]
    assert isinstance(screen(event, 0), Visible)
    return event


async def test_a_merge_follows_what_it_brought_and_has_no_changes_of_its_own(repo: Repo):
    repo.git("merge", "-q", "side")
    async with following(repo.path) as follow:
        events = await follow.new()
    assert sorted((event["message"], event["branch"]) for event in events[:-1]) == [
        ("base", "main"),
        ("main 1", "main"),
        ("side 1", "side"),
        ("side 2", "side"),
    ]
    merge = events[-1]
    assert (merge["message"], merge["branch"], merge["author"]) == (
        "Merge branch 'side'",
        "main",
        "Alice Döe",
    )
    assert not {"files_changed", "additions", "deletions"} & set(merge)


async def test_what_was_told_on_its_branch_is_not_told_again_by_the_merge(repo: Repo):
    async with following(repo.path) as follow:
        assert await told(follow) == BEFORE
        repo.git("checkout", "-q", "side")
        repo.commit("side 3")
        # What `side` had before the following began is history that HEAD did not have: never told.
        assert await told(follow) == [("side 3", "side")]
        repo.git("checkout", "-q", "main")
        repo.git("merge", "-q", "--no-ff", "-m", "Merge branch 'side' (reviewed)", "side")
        assert await told(follow) == [("Merge branch 'side' (reviewed)", "main")]
        repo.git("branch", "-q", "-D", "side")
        assert await told(follow) == []


async def test_a_branch_that_is_gone_by_the_time_of_the_look_still_has_its_commits(repo: Repo):
    async with following(repo.path) as follow:
        await follow.new()
        repo.git("checkout", "-q", "-b", "quick")
        repo.commit("quick 1")
        repo.commit("quick 2")
        repo.git("checkout", "-q", "main")
        repo.git("merge", "-q", "--no-ff", "quick")
        repo.git("branch", "-q", "-d", "quick")
        assert await told(follow) == [
            ("quick 1", "quick"),
            ("quick 2", "quick"),
            ("Merge branch 'quick'", "main"),
        ]


async def test_a_fast_forward_is_no_merge_and_tells_nothing_new(repo: Repo):
    async with following(repo.path) as follow:
        await follow.new()
        repo.git("checkout", "-q", "-b", "ahead")
        repo.commit("ahead 1")
        assert await told(follow) == [("ahead 1", "ahead")]
        repo.git("checkout", "-q", "main")
        repo.git("merge", "-q", "--ff-only", "ahead")
        assert await told(follow) == []


async def test_a_squash_is_an_ordinary_commit_with_its_changes(repo: Repo):
    async with following(repo.path) as follow:
        await follow.new()
        repo.git("merge", "-q", "--squash", "side")
        repo.commit("all of side")
        squashed = await last(follow)
    assert (squashed["message"], squashed["branch"]) == ("all of side", "main")
    assert squashed["files_changed"] == ["side.txt"]


async def test_an_octopus_names_each_of_its_branches(repo: Repo):
    for name in ("one", "two", "three"):
        repo.git("checkout", "-q", "-b", name, "main")
        repo.commit(f"on {name}", f"{name}.txt")
    repo.git("checkout", "-q", "main")
    repo.commit("main 2")
    repo.git("merge", "-q", "one", "two", "three")
    repo.git("branch", "-q", "-D", "one", "two", "three")
    async with following(repo.path) as follow:
        events = await told(follow)
    assert events[-1] == ("Merge branches 'one', 'two' and 'three'", "main")
    assert sorted(events[:-1]) == sorted(
        [*BEFORE, ("main 2", "main"), ("on one", "one"), ("on two", "two"), ("on three", "three")]
    )


async def test_a_merge_with_conflicts_tells_nothing_of_how_they_were_solved(repo: Repo):
    repo.git("checkout", "-q", "side")
    repo.commit("their words", "main.txt")
    repo.git("checkout", "-q", "main")
    async with following(repo.path) as follow:
        await follow.new()
        repo.git("merge", "-q", "-s", "ours", "--no-commit", "side")
        repo.commit("Merge branch 'side'\n\n# Conflicts:\n#\tmain.txt\n", "main.txt")
        merge = await last(follow)
    assert (merge["message"], merge["branch"]) == ("Merge branch 'side'", "main")
    assert "files_changed" not in merge
    assert "Conflicts" not in str(merge)


async def test_main_merged_into_a_branch_is_the_branchs_merge(repo: Repo):
    async with following(repo.path) as follow:
        await follow.new()
        repo.commit("main 2")
        repo.git("checkout", "-q", "side")
        repo.git("merge", "-q", "main")
        assert await told(follow) == [("main 2", "main"), ("Merge branch 'main' into side", "side")]


async def test_an_amended_merge_is_one_more_and_brings_nothing_twice(repo: Repo):
    async with following(repo.path) as follow:
        await follow.new()
        repo.git("merge", "-q", "side")
        assert (await told(follow))[-1] == ("Merge branch 'side'", "main")
        repo.git("commit", "-q", "--amend", "-m", "Merge branch 'side', at last")
        assert await told(follow) == [("Merge branch 'side', at last", "main")]


async def test_commits_of_one_second_are_told_parents_first(repo: Repo):
    repo.step = 0
    for number in range(4):
        repo.git("checkout", "-q", "-b", f"b{number}")
        repo.commit(f"{number}.1", f"{number}.1")
        repo.commit(f"{number}.2", f"{number}.2")
        repo.git("checkout", "-q", "main")
        repo.git("merge", "-q", "--no-ff", f"b{number}")
    parents = [line.split() for line in repo.git("log", "--format=%H %P").splitlines()]
    async with following(repo.path) as follow:
        order = [event["sha"] for event in await follow.new()]
    assert len(order) == len(parents) == 14
    for sha, *before in parents:
        assert all(order.index(parent) < order.index(sha) for parent in before)

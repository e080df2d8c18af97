"""Locks: a real repository is followed through all that git does to history, each commit told once."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from relay.clock import SystemClock
from relay.screen.screen import Visible, screen
from relay.sources.git import MOST_AT_ONCE, GitFollower, SourceError, SourceLost
from support.repositories import PATIENCE_S, Repo, following


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


async def test_the_last_commits_are_told_oldest_first_then_each_new_one(repo: Repo):
    for n in range(5):
        repo.commit(f"old {n}")
    async with following(repo.path, history=3) as follow:
        assert await follow.subjects() == ["old 2", "old 3", "old 4"]
        assert await follow.subjects() == []
        repo.commit("new 1")
        assert await follow.subjects() == ["new 1"]
        repo.commit("new 2")
        repo.commit("new 3")
        assert await follow.subjects() == ["new 2", "new 3"]


async def test_an_event_has_what_spectators_may_see_and_passes_the_screen(repo: Repo):
    repo.commit("first", "kept.txt", "dir/né w.txt")
    (repo.path / "kept.txt").rename(repo.path / "renamed.txt")
    (repo.path / "picture.bin").write_bytes(b"\0\1\2")
    sha = repo.commit("subject line\n\nbody secret-body\n", "dir/né w.txt")
    async with following(repo.path, history=1) as follow:
        (event,) = await follow.new()
    assert event == {
        "id": f"git:{sha}",
        "type": "git.commit",
        "timestamp": event["timestamp"],
        "sha": sha,
        "message": "subject line",
        "branch": "main",
        "author": "Alice Döe",
        "files_changed": ["dir/né w.txt", "picture.bin", "renamed.txt"],
        "additions": 4,
        "deletions": 1,
    }
    assert event["timestamp"].endswith("+02:00")
    result = screen(event, 0)
    assert isinstance(result, Visible)
    assert b"secret" not in result.body


async def test_an_empty_repository_waits_for_its_first_commit(repo: Repo):
    async with following(repo.path) as follow:
        assert await follow.new() == []
        repo.commit("first")
        assert await follow.subjects() == ["first"]


async def test_a_branch_without_commits_says_nothing_and_its_commits_name_it(repo: Repo):
    repo.commit("base")
    async with following(repo.path) as follow:
        await follow.new()
        repo.git("checkout", "-q", "-b", "feature/deep/one")
        assert await follow.new() == []
        repo.commit("on the branch")
        (event,) = await follow.new()
        assert (event["message"], event["branch"]) == ("on the branch", "feature/deep/one")
        repo.git("branch", "other")
        repo.git("checkout", "-q", "main")
        repo.git("branch", "-D", "other")
        assert await follow.new() == []


async def test_commits_on_several_branches_at_once_each_name_their_own(repo: Repo):
    repo.commit("base")
    async with following(repo.path) as follow:
        await follow.new()
        repo.git("checkout", "-q", "-b", "left")
        repo.commit("l")
        repo.git("checkout", "-q", "-b", "right", "main")
        repo.commit("r")
        assert {(e["message"], e["branch"]) for e in await follow.new()} == {("l", "left"), ("r", "right")}


async def test_amended_commits_are_new_ones(repo: Repo):
    repo.commit("base")
    repo.commit("first try")
    async with following(repo.path) as follow:
        await follow.new()
        repo.git("commit", "-q", "--amend", "--allow-empty", "-m", "second try")
        assert await follow.subjects() == ["second try"]


async def test_a_rebase_tells_the_final_commits_once_with_their_branch(repo: Repo):
    repo.commit("base")
    repo.git("checkout", "-q", "-b", "topic")
    repo.commit("t1", "t1")
    repo.commit("t2", "t2")
    repo.git("checkout", "-q", "main")
    repo.commit("m1", "m1")
    repo.git("checkout", "-q", "topic")
    async with following(repo.path) as follow:
        # The start tells what HEAD has; m1 is on another branch, and old.
        assert await follow.subjects() == ["base", "t1", "t2"]
        repo.git("rebase", "-q", "main")
        events = await follow.new()
        assert [(e["message"], e["branch"]) for e in events] == [("t1", "topic"), ("t2", "topic")]
        assert await follow.new() == []


async def test_while_a_rebase_is_stopped_its_passing_commits_are_not_told(repo: Repo):
    repo.commit("base", "x")
    repo.commit("one", "x")
    repo.commit("two", "y")
    async with following(repo.path) as follow:
        await follow.new()
        repo.git("-c", "sequence.editor=sed -i 1s/pick/edit/", "rebase", "-q", "-i", "HEAD~2")
        repo.git("commit", "-q", "--amend", "-m", "passing")
        assert await follow.new() == []
        repo.git("commit", "-q", "--amend", "-m", "one again")
        repo.git("rebase", "--continue")
        assert await follow.subjects() == ["one again", "two"]


async def test_going_back_and_forward_in_history_tells_nothing_twice(repo: Repo):
    first = repo.commit("one")
    repo.commit("two")
    third = repo.commit("three")
    async with following(repo.path, history=1) as follow:
        assert await follow.subjects() == ["three"]
        repo.git("reset", "-q", "--hard", first)
        assert await follow.new() == []
        repo.git("reset", "-q", "--hard", third)
        assert await follow.new() == []
        repo.git("checkout", "-q", "--detach", first)
        assert await follow.new() == []
        repo.commit("from a detached head")
        (event,) = await follow.new()
        assert event["message"] == "from a detached head"
        assert "branch" not in event


async def test_packing_and_collecting_tell_nothing_and_lose_nothing(repo: Repo):
    repo.commit("one")
    repo.commit("gone")
    async with following(repo.path) as follow:
        await follow.new()
        repo.git("commit", "-q", "--amend", "--allow-empty", "-m", "amended")
        assert await follow.subjects() == ["amended"]
        # The tip that was seen first exists no more: it can no longer be excluded by name.
        repo.git("reflog", "expire", "--expire=now", "--all")
        repo.git("gc", "-q", "--prune=now")
        assert await follow.new() == []
        repo.commit("after the packing")
        assert await follow.subjects() == ["after the packing"]


async def test_of_a_great_arrival_only_the_last_are_told(repo: Repo):
    repo.commit("base")
    async with following(repo.path) as follow:
        await follow.new()
        who = "committer A <a@b.c> {0} +0000\ndata {1}\nn {2}\n"
        stream = "".join(
            "commit refs/heads/fetched\n"
            + who.format(1_771_362_180 + n, len(f"n {n}"), n)
            + ("from refs/heads/main^0\n" if n == 0 else "")
            + "\n"
            for n in range(MOST_AT_ONCE + 20)
        )
        repo.git("fast-import", "--quiet", stdin=stream)
        assert await follow.subjects() == [f"n {n}" for n in range(20, MOST_AT_ONCE + 20)]


async def test_a_bare_repository_tells_what_is_pushed_to_it(repo: Repo, tmp_path: Path):
    repo.commit("base")
    bare = Repo(tmp_path / "bare.git", "--bare")
    repo.git("remote", "add", "origin", str(bare.path))
    async with following(bare.path) as follow:
        assert await follow.new() == []
        repo.git("push", "-q", "origin", "main")
        assert await follow.subjects() == ["base"]
        repo.commit("more")
        repo.git("push", "-q", "origin", "main:team/other")
        assert [(e["message"], e["branch"]) for e in await follow.new()] == [("more", "team/other")]
        # Without a reflog, only the innermost directory tells that this branch moved.
        repo.commit("still more")
        repo.git("push", "-q", "origin", "main:team/other")
        assert await follow.subjects() == ["still more"]


async def test_a_bare_repository_whose_head_was_never_made_starts_with_its_branches(
    repo: Repo, tmp_path: Path
):
    repo.commit("base")
    repo.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    (tmp_path / "bare.git" / "HEAD").write_text("ref: refs/heads/never\n")
    async with following(tmp_path / "bare.git") as follow:
        assert await follow.subjects() == ["base"]


async def test_a_linked_worktree_is_followed_like_its_repository(repo: Repo, tmp_path: Path):
    repo.commit("base")
    repo.git("worktree", "add", "-q", "-b", "linked", str(tmp_path / "linked"))
    async with following(tmp_path / "linked") as follow:
        assert await follow.subjects() == ["base"]
        repo.commit("in the main one")
        assert await follow.subjects() == ["in the main one"]


async def test_a_directory_inside_a_repository_stands_for_it(repo: Repo):
    repo.commit("base", "deep/down/x")
    async with following(repo.path / "deep" / "down") as follow:
        assert await follow.subjects() == ["base"]


async def test_a_commit_counts_as_told_only_when_it_was_published(repo: Repo):
    repo.commit("base")
    calls = 0

    async def refuse(events: list[dict[str, Any]]) -> None:
        nonlocal calls
        calls += 1
        raise ConnectionError

    follower = GitFollower(repo.path, SystemClock())
    for _ in range(2):
        with pytest.raises(ConnectionError):
            await follower.run(refuse)
    assert calls == 2


async def test_a_new_commit_is_noticed_by_the_real_ticker(repo: Repo):
    repo.commit("base")
    arrived: asyncio.Queue[str] = asyncio.Queue()

    async def publish(events: list[dict[str, Any]]) -> None:
        for event in events:
            arrived.put_nowait(event["message"])

    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
        task = group.create_task(GitFollower(repo.path, SystemClock()).run(publish))
        assert await arrived.get() == "base"
        await asyncio.to_thread(repo.commit, "live")
        assert await arrived.get() == "live"
        task.cancel()


async def test_a_repository_that_goes_away_ends_it_with_one_clear_error(repo: Repo):
    repo.commit("base")
    gone = asyncio.Event()

    async def publish(events: list[dict[str, Any]]) -> None:
        shutil.rmtree(repo.path)
        gone.set()

    async def tick() -> None:
        await gone.wait()

    with pytest.raises(SourceLost, match="is no longer there"):
        await GitFollower(repo.path, SystemClock(), tick=tick).run(publish)


async def test_a_repository_that_git_cannot_read_any_more_is_an_error_and_not_a_loop(
    repo: Repo, caplog: pytest.LogCaptureFixture
):
    repo.commit("base")
    follower = GitFollower(repo.path, SystemClock(), tick=lambda: asyncio.sleep(0))
    shutil.rmtree(repo.path / ".git" / "objects")

    async def publish(events: list[dict[str, Any]]) -> None:
        raise AssertionError(events)

    with pytest.raises(SourceError, match="keeps failing") as caught:
        await follower.run(publish)
    assert str(repo.path.parent) not in str(caught.value) + caplog.text, "where it lies is private"


def refusal(make: Callable[[], GitFollower]) -> str:
    with pytest.raises(SourceError) as caught:
        make()
    return str(caught.value)


def test_what_is_no_repository_is_refused_with_the_next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert "git init" in refusal(lambda: GitFollower(tmp_path, SystemClock()))
    assert "Give the path" in refusal(lambda: GitFollower(tmp_path / "none", SystemClock()))


def test_without_git_the_next_step_is_to_install_it(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert "Install git" in refusal(lambda: GitFollower(repo.path, SystemClock()))


def test_a_hooks_own_git_dir_does_not_choose_the_repository(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert "repository repo." in GitFollower(repo.path, SystemClock()).describe()


def test_it_says_beforehand_what_will_be_visible(repo: Repo):
    text = GitFollower(repo.path, SystemClock(), history=7).describe()
    assert "last 7 commits" in text
    assert "Never e-mail addresses" in text
    assert str(repo.path.parent) not in text

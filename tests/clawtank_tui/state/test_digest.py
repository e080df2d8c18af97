"""What a run says of itself in few words."""

from clawtank_tui.state.digest import heading, newest_words
from clawtank_tui.state.lines import ASCII, joined
from support.feed_rows import commit, row, status


def test_commits_are_counted_and_their_changes_added_up():
    rows = [commit(number) for number in (1, 20, 300)]

    assert joined(heading(rows)) == "Claude3 commits on main · +321 −3"
    assert joined(newest_words(rows)) == "000012c subject 300"
    assert joined(heading(rows, ASCII)) == "Claude3 commits on main | +321 -3"


def test_what_commits_do_not_tell_is_not_made_up():
    rows = [row("git.commit", author="Claude"), row("git.commit", author="Claude", sha="a1b2c3d")]

    assert joined(heading(rows)) == "Claude2 commits"
    assert joined(heading(rows[:1])) == "Claude1 commit"
    assert joined(newest_words(rows)) == "a1b2c3d "


def test_statuses_are_told_by_the_newest():
    rows = [status("thinking"), status("executing"), status("testing", task_id="T-1", progress=60)]

    assert joined(heading(rows)) == "Claude (agent)3 updates"
    assert joined(newest_words(rows)) == " is testing: «T-1» · 60 %"

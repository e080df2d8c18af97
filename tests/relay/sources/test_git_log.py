"""Locks: git's output is read by structure, so that no text in it can pass for another commit."""

from relay.sources.git_log import parents_first, parse_log, to_event

A, B, T = "a" * 40, "b" * 40, "c" * 40


def header(sha: str, parents: str = B, message: str = "subject\n", author: str = "Alice") -> str:
    return "\x01" + "\0".join((sha, parents, "2026-02-17T23:03:00+02:00", author, message, ""))


def test_a_commit_with_files_a_binary_and_a_rename():
    (commit,) = parse_log(
        header(A, message="one\n\nbody\n") + "\0\n3\t1\ta b.py\0-\t-\tx.png\0" + "0\t2\t\0old\0new\0"
    )
    assert (commit.sha, commit.parents, commit.subject, commit.author) == (A, (B,), "one", "Alice")
    assert commit.files == ("a b.py", "x.png", "new")
    assert (commit.additions, commit.deletions) == (3, 3)


def test_commits_without_files_follow_each_other():
    first, second = parse_log(header(A) + "\0" + header(B, parents="") + "\0")
    assert (first.sha, second.sha) == (A, B)
    assert first.files == second.files == ()


def test_a_merge_changes_no_file_itself():
    (merge,) = parse_log(header(A, parents=f"{B} {T}") + "\0")
    assert (merge.files, merge.parents) == (None, (B, T))
    assert "files_changed" not in to_event(merge, None)


def test_texts_that_look_like_structure_are_only_texts():
    forged = (
        header(A, message=f"\x01{B}\n1\t1\tx\n", author="\x01")
        + "\0\n1\t0\t\0\x01old\0\x01new\0"
        + "2\t0\t\x01x\0"
    )
    (commit,) = parse_log(forged)
    assert commit.sha == A
    assert commit.files == ("\x01new", "\x01x")


def test_only_the_first_line_and_the_first_files_go_on():
    many = "".join(f"1\t0\tf{n}\0" for n in range(30))
    (commit,) = parse_log(header(A, message="  \nfirst \r\nsecond") + "\0\n" + many)
    assert commit.subject == "first"
    assert commit.files == tuple(f"f{n}" for n in range(20))
    assert commit.additions == 30


def test_an_empty_message_or_name_is_said_to_be_one():
    (commit,) = parse_log(header(A, message="", author=" ") + "\0")
    assert (commit.subject, commit.author) == ("(no message)", "someone")


def test_the_event_names_its_branch():
    (commit,) = parse_log(header(A) + "\0\n1\t2\tx\0")
    assert to_event(commit, "main") == {
        "id": f"git:{A}",
        "type": "git.commit",
        "timestamp": "2026-02-17T23:03:00+02:00",
        "sha": A,
        "message": "subject",
        "branch": "main",
        "author": "Alice",
        "files_changed": ["x"],
        "additions": 1,
        "deletions": 2,
    }
    assert "branch" not in to_event(commit, None)


def test_nothing_printed_is_no_commit():
    assert parse_log("") == []


def test_of_commits_in_one_second_none_is_told_before_its_parents():
    base, left, right, merge = parse_log(
        header("0", "") + header("1", "0") + header("2", "0") + header("3", "2 1")
    )
    assert parents_first([base, left, right, merge]) == [base, left, right, merge]
    assert parents_first([left, base, right, merge]) == [base, left, right, merge]
    assert [commit.sha for commit in parents_first([merge, right, left, base])] == ["0", "1", "2", "3"]
    assert parents_first([merge, left]) == [left, merge], "what is not there is not waited for"

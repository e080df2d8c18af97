"""What was typed before: back, forth, and the line that was being written at the end."""

from clawtank_tui.widgets.typed_lines import TypedLines


def typed(*lines: str) -> TypedLines:
    before = TypedLines()
    for line in lines:
        before.add(line)
    return before


def test_one_goes_back_and_comes_back_to_the_draft() -> None:
    before = typed("one", "two")
    assert [before.go(1, "dra"), before.go(1, "two"), before.go(1, "one")] == ["two", "one", "one"]
    assert [before.go(-1, "one"), before.go(-1, "two"), before.go(-1, "dra")] == ["two", "dra", "dra"]


def test_what_is_sent_twice_is_kept_once_and_the_oldest_are_forgotten() -> None:
    before = typed("a", "a", *map(str, range(150)))
    older = [before.go(1, "") for _ in range(200)]
    assert older[0] == "149"
    assert older[-1] == "50"


def test_nothing_typed_is_nothing_to_go_back_to() -> None:
    assert TypedLines().go(1, "draft") == "draft"

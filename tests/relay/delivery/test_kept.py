"""Locks: what is kept never takes more bytes than it may, and the least recently used goes first."""

from hypothesis import given
from hypothesis import strategies as st

from relay.delivery.kept import Kept


def test_the_least_recently_used_goes_first():
    kept: Kept[str, str] = Kept(800)
    for name in "abcdefgh":
        kept.put(name, name.upper(), 100)
    assert kept.get("a") == "A"
    kept.put("i", "I", 100)
    assert (kept.get("a"), kept.get("b"), kept.get("i")) == ("A", None, "I")


def test_what_takes_too_much_is_not_kept_and_drives_out_nothing_but_its_older_self():
    kept: Kept[str, str] = Kept(800)
    kept.put("a", "A", 100)
    kept.put("b", "B", 100)
    kept.put("b", "larger", 101)
    assert (kept.get("a"), kept.get("b"), kept.bytes) == ("A", None, 100)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 60))))
def test_the_bytes_are_counted_right(puts: list[tuple[int, int]]):
    kept: Kept[int, int] = Kept(400)
    latest: dict[int, int] = {}
    for number, (key, size) in enumerate(puts):
        kept.put(key, number, size)
        latest[key] = size if size <= 50 else 0
        held = [key for key in latest if kept.get(key) is not None]
        assert kept.bytes == sum(latest[key] for key in held) <= 400
        assert size > 50 or kept.get(key) == number

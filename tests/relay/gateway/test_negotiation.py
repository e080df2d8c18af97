"""Locks: the coding a client asked for is the one it gets, and a copy it has is known by its tag."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.gateway.negotiation import ContentCoding, choose_coding, has_copy

IDENTITY, GZIP, BROTLI = ContentCoding.IDENTITY, ContentCoding.GZIP, ContentCoding.BROTLI


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        # What clients send.
        ("gzip", GZIP),
        ("gzip, deflate", GZIP),
        ("gzip, deflate, br, zstd", GZIP),
        ("br", BROTLI),
        ("deflate, zstd", IDENTITY),
        ("", IDENTITY),
        # Weights.
        ("gzip;q=0.5, br;q=0.8", BROTLI),
        ("gzip;q=0.501, br;q=0.500", GZIP),
        ("gzip;q=0, br;q=0.1", BROTLI),
        ("gzip;q=0", IDENTITY),
        ("gzip;q=0.000, identity", IDENTITY),
        ("identity, gzip;q=0.9", IDENTITY),
        ("identity;q=0.5, gzip;q=0.5", GZIP),
        ("gzip;q=0.001", GZIP),
        # The star stands for what is not named, identity included.
        ("*", GZIP),
        ("*;q=0.1, br;q=0.2", BROTLI),
        ("gzip;q=0, *", BROTLI),
        ("br;q=0, gzip;q=0, *", IDENTITY),
        ("gzip, *;q=0", GZIP),
        ("identity, *;q=0", IDENTITY),
        ("identity;q=0.1, *;q=0", IDENTITY),
        # Nothing left.
        ("identity;q=0", None),
        ("*;q=0", None),
        ("deflate, identity;q=0", None),
        ("*;q=0.0, deflate", None),
        ("br, identity;q=0", BROTLI),
        # As they may be written.
        ("GZip", GZIP),
        ("x-gzip", GZIP),
        ("\tgzip ; Q=1.000 ,, br;q=0", GZIP),
        # What is not well formed is as if it were not there.
        ("gzip;q=2", IDENTITY),
        ("gzip;q=0.1234", IDENTITY),
        ("gzip;q=-1", IDENTITY),
        ("gzip;level=9", IDENTITY),
        ("gzip br", IDENTITY),
        ("gzip;q=high, br", BROTLI),
    ],
)
def test_what_a_client_accepts(accepted: str, chosen: ContentCoding | None) -> None:
    assert choose_coding([accepted], GZIP) is chosen


def test_without_the_header_it_is_sent_as_it_is() -> None:
    assert choose_coding([], GZIP) is IDENTITY


def test_several_lines_are_one_list() -> None:
    assert choose_coding(["gzip;q=0.5", "br"], GZIP) is BROTLI


@pytest.mark.parametrize("accepted", ["gzip, br", "br, gzip", "*", "br;q=0.3, gzip;q=0.3"])
def test_among_those_liked_alike_the_operator_chooses(accepted: str) -> None:
    assert choose_coding([accepted], GZIP) is GZIP
    assert choose_coding([accepted], BROTLI) is BROTLI


@pytest.mark.parametrize(
    ("accepted", "chosen"), [("gzip", IDENTITY), ("gzip, identity;q=0", GZIP), ("*;q=0", None)]
)
def test_a_small_body_is_sent_as_it_is_unless_that_is_refused(
    accepted: str, chosen: ContentCoding | None
) -> None:
    assert choose_coding([accepted], GZIP, small=True) is chosen


WEIGHTS = st.one_of(st.none(), st.integers(0, 1000))
NAMES = st.sampled_from(["gzip", "br", "identity", "*", "deflate"])


def written(weight: int | None) -> str:
    return "" if weight is None else f";q={weight // 1000}.{weight % 1000:03}"


@given(st.dictionaries(NAMES, WEIGHTS), st.sampled_from([GZIP, BROTLI]), st.booleans(), st.randoms())
def test_nothing_refused_is_sent_and_nothing_liked_better_is_passed_over(
    liked: dict[str, int | None], preferred: ContentCoding, small: bool, random: Any
) -> None:
    """Said again from RFC 9110, 12.5.3, one coding at a time."""

    def weight(coding: ContentCoding) -> float:
        if coding in liked:
            given = liked[coding]
        elif "*" in liked:
            given = liked["*"]
        else:
            return 0.5 if coding is IDENTITY else 0  # less than any that is written
        return 1000 if given is None else given

    names = list(liked)
    random.shuffle(names)
    chosen = choose_coding([", ".join(name + written(liked[name]) for name in names)], preferred, small=small)
    if chosen is None:
        assert all(weight(coding) == 0 for coding in ContentCoding)
        return
    assert weight(chosen) > 0
    if small and weight(IDENTITY):
        assert chosen is IDENTITY
        return
    assert weight(chosen) == max(map(weight, ContentCoding))
    rank = [preferred, GZIP, BROTLI, IDENTITY].index
    equals = [coding for coding in ContentCoding if weight(coding) == weight(chosen)]
    assert chosen is min(equals, key=rank)


@given(st.lists(st.text(st.characters(max_codepoint=255)), max_size=3))
def test_any_header_is_taken(lines: list[str]) -> None:
    assert choose_coding(lines, GZIP) in (*ContentCoding, None)
    has_copy(lines, '"x"')


@pytest.mark.parametrize(
    ("header", "has"),
    [
        ('"abc-br"', True),
        ('W/"abc-br"', True),
        ('"x", W/"abc-br" , "y"', True),
        ('"x","abc-br"', True),
        (', "abc-br",', True),
        ('"with,comma", "abc-br"', True),
        ("*", True),
        (" * ", True),
        ('"abc"', False),
        ('"abc-gzip"', False),
        ('"ABC-BR"', False),
        ("abc-br", False),
        ('"not a tag", "abc-br"', False),
        ('"', False),
        ("", False),
        ('w/"abc-br"', False),
        ('"*"', False),
        ('"x" "abc-br"', False),
        ('*, "x"', False),
    ],
)
def test_which_copies_a_request_names(header: str, has: bool) -> None:
    assert has_copy([header], '"abc-br"') is has


def test_tags_over_several_lines_are_one_list() -> None:
    assert has_copy(['"x"', '"abc"'], '"abc"')
    assert not has_copy([], '"abc"')

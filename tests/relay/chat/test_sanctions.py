"""Locks: who is under a sanction and until when, against a model that only knows a list."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.chat.sanctions import (
    ADDRESS_MS,
    MAX_ADDRESSES,
    MAX_SANCTIONS,
    BadSanction,
    Sanction,
    SanctionKind,
    Sanctions,
    read_sanction,
    sanction,
)

WHO = st.sampled_from(["ann", "bob", "cat", "dan"])
FROM = st.lists(st.sampled_from(["x", "y", "z"]), max_size=3).map(tuple)
SECONDS = st.sampled_from([0, 5, 60])


def upon(
    who: str,
    *,
    seconds: int = 0,
    now_ms: int = 0,
    addresses: tuple[str, ...] = (),
    also: tuple[str, ...] = (),
) -> Sanction:
    return sanction(
        SanctionKind.BAN,
        who,
        who.title(),
        by="Maria",
        reason="spam",
        seconds=seconds,
        now_ms=now_ms,
        addresses=addresses,
        also=also,
    )


HAPPENINGS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), WHO, SECONDS, FROM, st.sets(WHO, max_size=2)),
        st.tuples(st.just("lift"), WHO),
        st.tuples(st.just("pass"), st.sampled_from([1, 10, ADDRESS_MS // 1000])),
        st.tuples(st.just("sweep")),
    ),
    max_size=30,
)


@given(HAPPENINGS)
def test_they_hold_upon_whom_and_where_a_plain_list_says(happenings: list[tuple[Any, ...]]):
    sanctions, model, now_ms = Sanctions(), list[Sanction](), 0

    def names(one: Sanction) -> set[str]:
        return {one.spectator_id, *one.also}

    for what, *rest in happenings:
        if what == "put":
            who, seconds, addresses, also = rest
            imposed = upon(
                who, seconds=seconds, now_ms=now_ms, addresses=addresses, also=tuple(sorted(also - {who}))
            )
            ended = sanctions.put(imposed)
            assert sorted(one.spectator_id for one in ended) == sorted(
                one.spectator_id for one in model if names(one) & names(imposed)
            )
            model = [one for one in model if not names(one) & names(imposed)] + [imposed]
        elif what == "lift":
            lifted = sanctions.lift(rest[0])
            assert [lifted] == ([one for one in model if rest[0] in names(one)] or [None])
            model = [one for one in model if one is not lifted]
        elif what == "pass":
            now_ms += rest[0] * 1000
        else:
            for one in sanctions.expired(now_ms):
                sanctions.lift(one.spectator_id)
            model = [one for one in model if one.holds(now_ms)]
        assert list(sanctions) == model
        for who in ("ann", "bob", "cat", "dan"):
            found = [one for one in model if who in names(one) and one.holds(now_ms)]
            assert sanctions.upon(who, now_ms) == (found[0] if found else None)
        for address in ("x", "y", "z"):
            covering = [
                one
                for one in model
                if address in one.addresses and one.holds(now_ms) and now_ms < one.addresses_until_ms
            ]
            found_there = sanctions.from_address(address, now_ms)
            assert (found_there in covering) if covering else (found_there is None)


def test_an_end_ends_both_and_without_one_an_address_is_free_some_day():
    assert upon("ann", seconds=60, now_ms=1000).addresses_until_ms == 61_000
    assert (upon("ann", now_ms=1000).until_ms, upon("ann", now_ms=1000).addresses_until_ms) == (
        0,
        1000 + ADDRESS_MS,
    )


def test_addresses_and_sanctions_are_bounded():
    many = tuple(str(number) for number in range(MAX_ADDRESSES + 5))
    assert upon("ann", addresses=many).addresses == many[5:]
    sanctions = Sanctions()
    for number in range(MAX_SANCTIONS):
        assert sanctions.put(upon(str(number))) == []
    assert [one.spectator_id for one in sanctions.put(upon("one more"))] == ["0"]
    assert len(sanctions) == MAX_SANCTIONS


@given(WHO, SECONDS, FROM, st.integers(0, 10**12))
def test_what_is_kept_reads_back_the_same(who: str, seconds: int, addresses: tuple[str, ...], now_ms: int):
    imposed = upon(who, seconds=seconds, now_ms=now_ms, addresses=addresses, also=("zoe",))
    assert read_sanction(imposed.document()) == imposed


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "hug"}, "kind"),
        ({"spectator_id": ""}, "spectator_id"),
        ({"spectator_id": 7}, "spectator_id"),
        ({"reason": "x" * 201}, "reason"),
        ({"until": "soon"}, "until"),
        ({"until": 7}, "until"),
        ({"addresses": "x"}, "addresses"),
        ({"addresses": ["x" * 65]}, "addresses"),
        ({"also": [7]}, "also"),
    ],
)
def test_what_is_none_is_refused_by_its_field(change: dict[str, Any], field: str):
    with pytest.raises(BadSanction, match=f"^{field}: "):
        read_sanction({**upon("ann").document(), **change})

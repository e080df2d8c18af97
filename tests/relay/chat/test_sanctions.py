"""Locks: who is under a sanction and until when, against a model that only knows a list."""

from dataclasses import replace
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
        st.tuples(
            st.just("widen"), WHO, st.sampled_from(["", "x", "y"]), st.sampled_from(["", "ann", "dan"])
        ),
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
            asked = upon(
                who, seconds=seconds, now_ms=now_ms, addresses=addresses, also=tuple(sorted(also - {who}))
            )
            former = [one for one in model if names(one) & names(asked)]
            imposed = sanctions.replacing(asked)
            assert names(imposed) == names(asked).union(*map(names, former))
            assert set(imposed.addresses) == set(addresses).union(
                *(one.addresses for one in former if now_ms < one.addresses_until_ms)
            )
            assert (imposed.until_ms, imposed.made_ms) == (asked.until_ms, now_ms)
            ended = sanctions.put(imposed)
            assert sorted(one.spectator_id for one in ended) == sorted(
                one.spectator_id for one in model if names(one) & names(imposed)
            )
            model = [one for one in model if not names(one) & names(imposed)] + [imposed]
        elif what == "lift":
            lifted = sanctions.lift(rest[0])
            assert [lifted] == ([one for one in model if rest[0] in names(one)] or [None])
            model = [one for one in model if one != lifted]
        elif what == "widen":
            who, address, other = rest
            wider = sanctions.widen(who, now_ms, address=address, other_id=other)
            held = [one for one in model if who in names(one) and one.holds(now_ms)]
            if wider is not None:
                model[model.index(held[0])] = wider
            for before, after in zip(held, [wider] if wider else held, strict=True):
                covers = {address} - {""} if now_ms < before.addresses_until_ms else set()
                free = (
                    {other} - {""} if all(other not in names(one) for one in model if one != after) else set()
                )
                assert set(after.addresses) == {*before.addresses, *covers}
                assert names(after) == names(before) | free
                assert after == replace(before, addresses=after.addresses, also=after.also)
        elif what == "pass":
            now_ms += rest[0] * 1000
        else:
            for one in sanctions.expired(now_ms):
                sanctions.lift(one.spectator_id)
            model = [one for one in model if one.holds(now_ms)]
            over = [one for one in model if one.addresses and now_ms >= one.addresses_until_ms]
            assert sanctions.uncover(now_ms) == [replace(one, addresses=()) for one in over]
            model = [replace(one, addresses=()) if one in over else one for one in model]
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
            ends = [one.addresses_until_ms for one in covering]
            assert (found_there.addresses_until_ms if found_there else None) == max(ends, default=None)
            assert found_there is None or found_there in covering


def test_an_end_ends_both_and_without_one_an_address_is_free_some_day():
    assert upon("ann", seconds=60, now_ms=1000).addresses_until_ms == 61_000
    assert (upon("ann", now_ms=1000).until_ms, upon("ann", now_ms=1000).addresses_until_ms) == (
        0,
        1000 + ADDRESS_MS,
    )


def test_addresses_and_sanctions_are_bounded():
    many = tuple(str(number) for number in range(MAX_ADDRESSES + 5))
    assert upon("ann", addresses=many).addresses == many[:MAX_ADDRESSES]
    sanctions = Sanctions()
    for number in range(MAX_SANCTIONS):
        assert sanctions.put(upon(str(number))) == []
    assert [one.spectator_id for one in sanctions.put(upon("one more"))] == ["0"]
    assert len(sanctions) == MAX_SANCTIONS


def test_an_address_whose_time_is_over_is_not_covered_again_by_a_later_sanction():
    sanctions = Sanctions()
    sanctions.put(upon("ann", addresses=("home",)))
    assert sanctions.replacing(upon("ann", now_ms=ADDRESS_MS - 1)).addresses == ("home",)
    assert sanctions.replacing(upon("ann", now_ms=ADDRESS_MS)).addresses == ()


def test_who_is_under_a_sanction_of_their_own_stays_under_that():
    sanctions = Sanctions()
    sanctions.put(upon("ann"))
    sanctions.put(upon("bob", seconds=60))
    assert sanctions.widen("ann", 0, other_id="bob") is None
    assert sanctions.upon("bob", 60_000) is None
    sanctions.lift("ann")
    assert sanctions.upon("bob", 0) is not None


def test_to_show_more_addresses_rids_nobody_of_the_first():
    sanctions = Sanctions()
    sanctions.put(upon("ann", addresses=("home",)))
    for number in range(MAX_ADDRESSES):
        sanctions.widen("ann", 1, address=str(number))
    assert sanctions.from_address("home", 1) is not None
    (only,) = sanctions
    assert len(only.addresses) == MAX_ADDRESSES


@given(WHO, SECONDS, FROM, st.integers(0, 10**12))
def test_what_is_kept_reads_back_the_same(who: str, seconds: int, addresses: tuple[str, ...], now_ms: int):
    imposed = upon(who, seconds=seconds, now_ms=now_ms, addresses=addresses, also=("zoe",))
    assert read_sanction(imposed.document()) == imposed


def test_a_list_that_is_brought_covers_no_address_longer_than_whom_it_names():
    brought = {**upon("ann", seconds=60).document(), "addresses_until": "2100-01-01T00:00:00.000Z"}
    assert read_sanction(brought).addresses_until_ms == 60_000


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

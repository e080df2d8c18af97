"""Locks: which texts name a country, so that a rule about countries means what its host wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.protocol.countries import COUNTRIES, UNKNOWN, country_code


def test_the_table_is_iso_3166_1_and_kosovo():
    assert len(COUNTRIES) == 249 + 1
    assert all(len(code) == 2 and code.isascii() and code.isupper() for code in COUNTRIES)
    assert {"DE", "US", "GB", "TW", "SS", "BQ", "XK"} <= COUNTRIES
    # Never assigned, withdrawn, reserved for users: nobody is there.
    assert not {"UK", "EU", "AN", "CS", "SU", "YU", "ZZ", "AA", "QO"} & COUNTRIES


@pytest.mark.parametrize("text", ["DE", "de", "De"])
def test_a_code_is_taken_in_any_case(text: str):
    assert country_code(text) == "DE"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Germany",
        "DEU",
        "276",
        "xx1",
        "XX",
        "T1",
        "A1",
        "A2",
        "EU",
        "AP",
        "ZZ",
        " DE",
        "DE\n",
        "ß",
        "ﬁ",
        "ＤＥ",
    ],
    ids=repr,
)
def test_what_names_no_country_is_unknown(text: str):
    assert country_code(text) == UNKNOWN


@given(st.text(max_size=4))
def test_whatever_it_is_it_names_a_country_or_none(text: str):
    assert country_code(text) in COUNTRIES | {UNKNOWN}

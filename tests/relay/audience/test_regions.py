"""Locks: where a country comes from, what is taken as unknown, and what cannot serve as a source."""

import ipaddress
import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.audience.regions import BadDatabase, Regions, open_regions
from relay.config import Config
from relay.protocol.countries import COUNTRIES, UNKNOWN
from support.mmdb import write_countries, write_mmdb

NETWORKS = {
    "203.0.113.0/24": "DE",
    "198.51.100.7/32": "us",
    "192.0.2.0/25": "XX",
    "192.0.2.128/25": "XK",
    "2001:db8::/33": "FR",
}


@pytest.fixture
def regions(tmp_path: Path) -> Regions:
    return open_regions(Config(data=tmp_path, geoip=write_countries(tmp_path / "c.mmdb", NETWORKS)))


def located(regions: Regions, address: str, *told: str) -> str:
    return regions.country(ipaddress.ip_address(address), told)


# -- a database ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("203.0.113.0", "DE"),
        ("203.0.113.255", "DE"),
        ("198.51.100.7", "US"),
        ("198.51.100.8", UNKNOWN),
        ("192.0.2.1", UNKNOWN),
        ("192.0.2.129", "XK"),
        ("2001:db8:1::5", "FR"),
        ("2001:db8:ffff::5", UNKNOWN),
        ("127.0.0.1", UNKNOWN),
        ("::1", UNKNOWN),
        ("10.0.0.1", UNKNOWN),
        ("fe80::1%eth0", UNKNOWN),
    ],
)
def test_a_country_is_what_the_database_has_for_the_address(regions: Regions, address: str, country: str):
    assert regions.known
    assert located(regions, address) == country


def test_an_address_that_is_none_has_no_country(regions: Regions):
    assert regions.country(None, ()) == UNKNOWN


def test_a_header_says_nothing_where_a_database_does(regions: Regions):
    assert regions.header == ""
    assert located(regions, "198.51.100.8", "DE") == UNKNOWN


def test_a_private_network_is_where_its_operators_own_database_says(tmp_path: Path):
    file = write_countries(tmp_path / "own.mmdb", {"10.0.0.0/8": "DE"})
    assert located(open_regions(Config(data=tmp_path, geoip=file)), "10.1.2.3") == "DE"


def test_the_country_of_a_networks_owner_is_not_where_its_users_are(tmp_path: Path):
    owner = {"iso_code": "US"}
    file = write_mmdb(
        tmp_path / "c.mmdb",
        {
            "203.0.113.0/25": {"registered_country": owner, "represented_country": owner},
            "203.0.113.128/25": {"registered_country": owner, "country": {"iso_code": "DE"}},
        },
    )
    regions = open_regions(Config(data=tmp_path, geoip=file))
    assert (located(regions, "203.0.113.1"), located(regions, "203.0.113.129")) == (UNKNOWN, "DE")


@pytest.mark.parametrize(
    "record", ["DE", ["DE"], {"country": "DE"}, {"country": {"iso_code": ["DE"]}}], ids=repr
)
def test_a_record_of_another_shape_is_unknown(tmp_path: Path, record):
    known = {"country": {"iso_code": "FR"}}
    file = write_mmdb(tmp_path / "c.mmdb", {"203.0.113.0/24": record, "198.51.100.0/24": known})
    assert located(open_regions(Config(data=tmp_path, geoip=file)), "203.0.113.1") == UNKNOWN


def test_a_database_of_ipv4_knows_nothing_of_ipv6(tmp_path: Path):
    file = write_mmdb(tmp_path / "4.mmdb", {"203.0.113.0/24": {"country": {"iso_code": "DE"}}}, ip_version=4)
    regions = open_regions(Config(data=tmp_path, geoip=file))
    assert (located(regions, "203.0.113.1"), located(regions, "2001:db8::1")) == ("DE", UNKNOWN)


def test_the_file_may_be_overwritten_while_it_serves(tmp_path: Path):
    file = write_countries(tmp_path / "c.mmdb", NETWORKS)
    regions = open_regions(Config(data=tmp_path, geoip=file))
    file.write_bytes(b"")
    assert located(regions, "203.0.113.9") == "DE"


def test_a_damaged_record_is_unknown_and_said_so_without_the_address(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    file = write_countries(tmp_path / "c.mmdb", {"192.0.2.0/24": "FR", "203.0.113.0/24": "DE"})
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"BDE", b"\x1fDE"))  # a type that there is not
    # Only as much is read at the start as shows that there are countries: the damage lies behind that.
    regions = open_regions(Config(data=tmp_path, geoip=file))
    with caplog.at_level(logging.ERROR):
        assert located(regions, "203.0.113.9") == UNKNOWN
    assert "damaged" in caplog.text
    assert "203.0.113" not in caplog.text


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "cannot be read"),
        (b"", "not a MaxMind database"),
        (b"\xab\xcd\xefMaxMind.com", "not a MaxMind database"),
        (b"\xab\xcd\xefMaxMind.com\xe0", "not a MaxMind database"),
        (b"# Countries\n" * 100, "not a MaxMind database"),
    ],
    ids=["missing", "empty", "marker only", "no metadata", "text"],
)
def test_what_is_no_database_is_one_sentence(tmp_path: Path, content: bytes | None, complaint: str):
    file = tmp_path / "c.mmdb"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadDatabase, match=complaint) as refused:
        open_regions(Config(data=tmp_path, geoip=file))
    assert str(file) in str(refused.value)
    assert "--geoip" in str(refused.value)


@given(st.data())
def test_a_database_with_any_byte_changed_or_cut_off_serves_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
):
    base = tmp_path_factory.getbasetemp() / "changed.mmdb"
    whole = write_countries(base, NETWORKS).read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    damaged = data.draw(
        st.sampled_from([whole[:place], whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]])
    )
    base.write_bytes(damaged)
    try:
        regions = open_regions(Config(data=base.parent, geoip=base))
    except BadDatabase:
        return
    for address in ("203.0.113.9", "198.51.100.7", "2001:db8::1"):
        assert located(regions, address) in COUNTRIES | {UNKNOWN}


def test_a_database_without_countries_is_refused_and_not_found_out_by_the_viewers(tmp_path: Path):
    file = write_mmdb(tmp_path / "asn.mmdb", {"203.0.113.0/24": {"autonomous_system_number": "64496"}})
    with pytest.raises(BadDatabase, match="holds no countries"):
        open_regions(Config(data=tmp_path, geoip=file))


# -- a header --------------------------------------------------------------------------------------


@pytest.fixture
def behind_proxy(tmp_path: Path) -> Regions:
    return open_regions(Config(data=tmp_path, country_header="CF-IPCountry", trusted_proxies=("10.0.0.0/8",)))


@pytest.mark.parametrize(
    ("told", "country"),
    [
        (["DE"], "DE"),
        (["de"], "DE"),
        ([" DE\t"], "DE"),
        (["XX"], UNKNOWN),
        (["T1"], UNKNOWN),
        ([""], UNKNOWN),
        ([], UNKNOWN),
        (["DE", "DE"], UNKNOWN),
        (["US, DE"], UNKNOWN),
        (["Germany"], UNKNOWN),
    ],
    ids=repr,
)
def test_a_header_is_one_code_or_says_nothing(behind_proxy: Regions, told: list[str], country: str):
    assert (behind_proxy.known, behind_proxy.header) == (True, "CF-IPCountry")
    assert located(behind_proxy, "203.0.113.9", *told) == country


def test_a_header_that_nobody_is_trusted_with_is_not_read_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    regions = open_regions(Config(data=tmp_path, country_header="CF-IPCountry"))
    assert not regions.known
    assert located(regions, "203.0.113.9", "DE") == UNKNOWN
    assert "--trusted-proxy" in caplog.text


def test_with_no_source_nothing_is_known(tmp_path: Path):
    regions = open_regions(Config(data=tmp_path))
    assert not regions.known
    assert regions.header == ""
    assert located(regions, "203.0.113.9", "DE") == UNKNOWN

"""Locks: a country is looked up for the client, not for its proxy, and told by nobody but a trusted proxy."""

import ipaddress
from pathlib import Path

import pytest
from starlette.datastructures import Headers
from websockets.datastructures import Headers as SocketHeaders

from relay.audience.regions import Regions, open_regions
from relay.config import Config
from relay.gateway.callers import Caller, identify_caller
from relay.protocol.countries import UNKNOWN
from support.mmdb import write_countries

PROXIES = [ipaddress.ip_network("10.0.0.0/8")]
HEADER = "X-Country"


def caller(regions: Regions, peer: str, *lines: tuple[str, str]) -> Caller:
    """Identify a caller by the headers of both kinds of request, which must agree."""
    http = Headers(raw=[(name.lower().encode(), value.encode()) for name, value in lines])
    socket = SocketHeaders(lines)
    found = {identify_caller(peer, read, PROXIES, regions) for read in (http.getlist, socket.get_all)}
    assert len(found) == 1
    return found.pop()


@pytest.fixture
def database(tmp_path: Path) -> Regions:
    countries = {"203.0.113.0/24": "DE", "2001:db8::/32": "FR", "10.0.0.0/8": "US"}
    return open_regions(Config(data=tmp_path, geoip=write_countries(tmp_path / "c.mmdb", countries)))


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.7", [], Caller("203.0.113.7", "DE")),
        ("::ffff:203.0.113.7", [], Caller("203.0.113.7", "DE")),
        ("203.0.113.7", ["198.51.100.1"], Caller("203.0.113.7", "DE")),
        ("10.0.0.1", ["203.0.113.7"], Caller("203.0.113.7", "DE")),
        ("10.0.0.1", ["198.51.100.1, 203.0.113.7"], Caller("203.0.113.7", "DE")),
        ("10.0.0.1", ["198.51.100.1"], Caller("198.51.100.1", UNKNOWN)),
        ("10.0.0.1", ["2001:db8:1:2:3:4:5:6"], Caller("2001:db8:1:2::/64", "FR")),
        ("10.0.0.1", ["unknown"], Caller("unknown", UNKNOWN)),
        ("", [], Caller("", UNKNOWN)),
    ],
    ids=str,
)
def test_the_database_is_asked_for_the_client(
    database: Regions, peer: str, forwarded: list[str], expected: Caller
):
    assert caller(database, peer, *(("X-Forwarded-For", line) for line in forwarded)) == expected


@pytest.mark.parametrize(
    ("peer", "country"),
    [
        ("10.0.0.1", "DE"),
        ("::ffff:10.0.0.1", "DE"),
        ("203.0.113.7", UNKNOWN),
        ("127.0.0.1", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_the_header_is_believed_from_a_trusted_proxy_and_from_nobody_else(peer: str, country: str):
    regions = Regions(header=HEADER)
    assert caller(regions, peer, ("x-country", "DE"), ("X-Forwarded-For", "198.51.100.1")).country == country


def test_a_header_that_came_twice_is_nobodys_word():
    assert caller(Regions(header=HEADER), "10.0.0.1", (HEADER, "DE"), (HEADER, "US")).country == UNKNOWN


def test_without_a_source_no_header_is_read():
    assert caller(Regions(), "10.0.0.1", (HEADER, "DE"), ("", "DE")).country == UNKNOWN

"""Locks: an address is believed only as far as trusted proxies vouch for it."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.gateway.addresses import client_address, is_loopback, rate_key

PROXIES = [ipaddress.ip_network(net) for net in ("10.0.0.0/8", "127.0.0.1/32", "fd00::/8")]
V4, V6 = st.ip_addresses(v=4).map(str), st.ip_addresses(v=6).map(str)


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["6.6.6.6, 203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["6.6.6.6", "203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["203.0.113.7, 10.0.0.2"], "203.0.113.7"),
        ("10.0.0.1", ["6.6.6.6, 203.0.113.7 , 10.9.9.9"], "203.0.113.7"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("127.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("127.0.0.2", ["203.0.113.7"], "127.0.0.2"),
        ("fd00::1", ["2001:db8::5"], "2001:db8::5"),
        ("::ffff:10.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["203.0.113.7, ::ffff:10.0.0.2"], "203.0.113.7"),
        ("", ["203.0.113.7"], ""),
    ],
    ids=str,
)
def test_the_last_hop_that_no_trusted_proxy_made_is_the_client(peer: str, forwarded: list[str], client: str):
    assert client_address(peer, forwarded, PROXIES) == client


@given(V4 | V6, st.lists(st.text()))
def test_without_trusted_proxies_only_the_peer_counts(peer: str, forwarded: list[str]):
    assert client_address(peer, forwarded, []) == peer


@given(st.lists(V4 | V6 | st.text(alphabet="abc.:%, ")))
def test_what_a_client_writes_itself_is_never_reached(claims: list[str]):
    assert client_address("10.0.0.1", [*claims, "203.0.113.7"], PROXIES) == "203.0.113.7"


@given(V6)
def test_an_ipv6_neighbourhood_counts_as_one(address: str):
    network = ipaddress.ip_network((address, 64), strict=False)
    keys = {rate_key(str(network[0])), rate_key(str(network[2**63])), rate_key(address)}
    mapped = ipaddress.IPv6Address(address).ipv4_mapped
    assert len(keys) == 1 or mapped
    assert len(rate_key(address)) < 60


@given(V4)
def test_an_ipv4_address_counts_for_itself_whichever_socket_it_came_through(address: str):
    assert rate_key(address) == rate_key(f"::ffff:{address}") == address


@pytest.mark.parametrize(
    "text", ["", "unknown", "203.0.113.7:1234", "fe80::1%eth0", "\ud800", "999.1.1.1"], ids=repr
)
def test_what_is_no_address_is_no_crash(text: str):
    assert isinstance(rate_key(text), str)
    assert not is_loopback(text)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_loopback(address: str):
    assert is_loopback(address)


@pytest.mark.parametrize("address", ["0.0.0.0", "10.0.0.1", "::", "::ffff:10.0.0.1", "localhost"])
def test_not_loopback(address: str):
    assert not is_loopback(address)

"""Whose address counts: the peer's, unless a trusted proxy says otherwise. Kept in memory only."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def client_address(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """Return the address of the client as far as it can be believed.

    `X-Forwarded-For` is read from the right, as long as each hop is a trusted proxy; what a client writes
    into it itself is never reached.
    """
    address = peer
    hops = [part.strip() for line in forwarded for part in line.split(",")]
    while hops and is_trusted(address, trusted):
        address = hops.pop()
    return address


def rate_key(address: Address | str) -> str:
    """Return what rates are counted by: an IPv4 address, or the /64 an IPv6 one is in."""
    parsed = parse_address(address) if isinstance(address, str) else address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))
    return str(parsed or address)


def is_loopback(address: str) -> bool:
    """Say whether an address is this machine's own."""
    parsed = parse_address(address)
    return parsed is not None and parsed.is_loopback


def is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    """Say whether an address is in one of the networks."""
    parsed = parse_address(address)
    # An address of one version is never in a network of the other.
    return parsed is not None and any(parsed in network for network in trusted)


def parse_address(address: str) -> Address | None:
    """Return an address, an IPv4 one that came through an IPv6 socket as what it is; None if it is none."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return (parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None) or parsed

"""A writer of small MaxMind databases, so that tests say in which country an address is.

Format: https://maxmind.github.io/MaxMind-DB/, with records of 24 bits and no pointers inside the data.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path

Value = str | bytes | Mapping[str, "Value"] | list["Value"]
"""What a record holds; bytes are encoded already."""
_UTF8, _UINT16, _UINT32, _MAP, _UINT64, _ARRAY = 2, 5, 6, 7, 9, 11
_SEPARATOR = bytes(16)
_MARKER = b"\xab\xcd\xefMaxMind.com"


def write_countries(path: Path, countries: Mapping[str, str]) -> Path:
    """Write a database that knows the country of some networks, as GeoLite2-Country does; return its path."""
    return write_mmdb(path, {network: {"country": {"iso_code": code}} for network, code in countries.items()})


def write_mmdb(path: Path, records: Mapping[str, Value], ip_version: int = 6) -> Path:
    """Write a database; return its path.

    Args:
        path: The file.
        records: What is known of each network; none may lie inside another.
        ip_version: 6 holds networks of both versions, 4 those of IPv4 only.
    """
    tree: list[list[int | None]] = [[None, None]]
    links: dict[tuple[int, int], int] = {}
    data = b""
    for network, record in records.items():
        place = _place(network, ip_version)
        node = 0
        for bit in place[:-1]:
            if (node, bit) not in links:
                links[node, bit] = len(tree)
                tree.append([None, None])
            node = links[node, bit]
        tree[node][place[-1]] = len(data)
        data += _encode(record)

    def pointer(node: int, bit: int) -> int:
        offset = tree[node][bit]
        return links.get((node, bit), len(tree)) if offset is None else len(tree) + len(_SEPARATOR) + offset

    nodes = b"".join(pointer(node, bit).to_bytes(3) for node in range(len(tree)) for bit in (0, 1))
    metadata: dict[str, Value] = {
        "node_count": _number(_UINT32, len(tree)),
        "record_size": _number(_UINT16, 24),
        "ip_version": _number(_UINT16, ip_version),
        "database_type": "Test",
        "languages": ["en"],
        "binary_format_major_version": _number(_UINT16, 2),
        "binary_format_minor_version": _number(_UINT16, 0),
        "build_epoch": _number(_UINT64, 1_767_225_600),
        "description": {"en": "made by a test"},
    }
    path.write_bytes(nodes + _SEPARATOR + data + _MARKER + _encode(metadata))
    return path


def _place(network: str, ip_version: int) -> list[int]:
    """Return the way through the tree to a network, bit by bit; IPv4 lies under ::/96 in a tree of IPv6."""
    parsed = ipaddress.ip_network(network)
    bits = f"{int(parsed.network_address):0{parsed.max_prefixlen}b}"[: parsed.prefixlen]
    return [int(bit) for bit in ("0" * 96 if parsed.version < ip_version else "") + bits]


def _encode(value: Value) -> bytes:
    match value:
        case str():
            text = value.encode()
            return _control(_UTF8, len(text)) + text
        case bytes():
            return value
        case list():
            return _control(_ARRAY, len(value)) + b"".join(map(_encode, value))
        case _:
            items = (_encode(key) + _encode(item) for key, item in value.items())
            return _control(_MAP, len(value)) + b"".join(items)


def _number(kind: int, value: int) -> bytes:
    encoded = value.to_bytes({_UINT16: 2, _UINT32: 4, _UINT64: 8}[kind])
    return _control(kind, len(encoded)) + encoded


def _control(kind: int, size: int) -> bytes:
    assert size < 29, "longer values need further bytes for their size"
    return bytes([kind << 5 | size]) if kind <= 7 else bytes([size, kind - 7])

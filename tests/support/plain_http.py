"""HTTP as it is on the wire: nothing asked for, decoded or followed that a test did not say."""

from __future__ import annotations

import gzip
import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import brotli  # type: ignore[import-untyped]

from support.clients import WAIT_S

DECODE: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
}


@dataclass(frozen=True)
class Answer:
    """An answer as it came.

    Attributes:
        headers: By name in lower case.
        raw: The body's bytes, still in their coding.
    """

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def coding(self) -> str:
        """The coding it says it is in."""
        return self.headers.get("content-encoding", "identity")

    @property
    def body(self) -> bytes:
        """The body out of that coding."""
        return DECODE[self.coding](self.raw)

    @property
    def json(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)

    @property
    def cache(self) -> set[str]:
        """What it says to caches."""
        return {part.strip() for part in self.headers.get("cache-control", "").split(",")}

    @property
    def vary(self) -> set[str]:
        """The request's headers that it hangs on, in lower case."""
        return {part.strip().lower() for part in self.headers.get("vary", "").split(",")}


def fetch(
    url: str, path: str, *, method: str = "GET", token: str = "", headers: dict[str, str] | None = None
) -> Answer:
    """Make one call with these headers and no others but `Host`."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=WAIT_S)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in ({"Authorization": f"Bearer {token}"} if token else {}).items():
            connection.putheader(name, value)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        raw = answer.read()
        named: dict[str, str] = {}
        for name, value in answer.getheaders():
            earlier = named.get(name.lower())
            named[name.lower()] = value if earlier is None else f"{earlier}, {value}"
        return Answer(answer.status, named, raw)
    finally:
        connection.close()

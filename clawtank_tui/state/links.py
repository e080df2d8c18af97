"""Links in what others wrote: text, and nothing that acts; the host that they would lead to can be seen.

`https://github.com@evil.example` leads to evil.example, `https://аpple.com` to xn--pple-43d.com: the true
host is marked where a reader would take it for another. What a browser does with an address is WHATWG's
URL standard; where it differs from this, it is in that more is marked here, not less.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import Enum
from urllib.parse import unquote

from relay.protocol.text import safe_text

_LINK = re.compile(r"(?i)(?<!\w)(?:https?|wss?|ftp)://[^\s<>\"“”«»]+")
_TRAILING = ".,;:!?)]}'…"
_AUTHORITY_ENDS = re.compile(r"[/\\?#]")
_LONGEST_HOST = 253
_PORT = re.compile(r":\d*$")
_DOTS = re.compile("[.\u3002\uff0e\uff61]")


class Part(Enum):
    """What a piece of a text is."""

    WORDS = "words"
    LINK = "link"
    HOST = "host"
    """Where a link leads to."""
    REMARK = "remark"
    """Not written by the author: where it leads to in truth."""


def linked(text: str) -> Iterator[tuple[str, Part]]:
    """Yield a text in pieces, with a remark behind each link that leads elsewhere than it seems."""
    end = 0
    for match in _LINK.finditer(text):
        link = match[0].rstrip(_TRAILING)
        if match.start() > end:
            yield text[end : match.start()], Part.WORDS
        yield from _pieces(link)
        end = match.start() + len(link)
    if end < len(text):
        yield text[end:], Part.WORDS


def _pieces(link: str) -> Iterator[tuple[str, Part]]:
    scheme, slashes, rest = link.partition("://")
    cut = _AUTHORITY_ENDS.search(rest)
    authority = rest[: cut.start()] if cut else rest
    user, at, place = authority.rpartition("@")
    host = _PORT.sub("", place)
    yield scheme + slashes + user + at, Part.LINK
    if host:
        yield host, Part.HOST
    rest = rest[len(user) + len(at) + len(host) :]
    if rest:
        yield rest, Part.LINK
    if host and (remark := _remark(host, disguised=bool(at))):
        yield f" [{remark}]", Part.REMARK


def _remark(host: str, *, disguised: bool) -> str:
    true = true_host(host)
    if disguised:
        return f"leads to {true}"
    if true != host.casefold():
        return true
    return "punycode" if any(part.startswith("xn--") for part in true.split(".")) else ""


def true_host(host: str) -> str:
    """Return a host as it goes over the network: unescaped, folded, and international labels as xn--."""
    plain = unicodedata.normalize("NFKC", unquote(host)).casefold()
    # What was escaped was not seen by whoever made the text safe.
    return safe_text(".".join(_ascii_label(label) for label in _DOTS.split(plain)), _LONGEST_HOST)


def _ascii_label(label: str) -> str:
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")

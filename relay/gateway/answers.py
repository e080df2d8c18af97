"""Answers to reads, for whoever is in between: validators, codings, and how long a cache may keep them.

Spec: CDN Integration. An entity tag is a digest of the content and of its coding, so it changes with every
removal and every setting that changes a byte, and is the same from every node. Codings are made in threads:
a page of history takes milliseconds that viewers would wait. What will be asked for again is coded once, and
kept under its tag: it can be found by nobody who was not given the same content to answer with.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from typing import TYPE_CHECKING

import brotli  # type: ignore[import-untyped]
from starlette.responses import Response

from relay.delivery.kept import Kept
from relay.gateway.access import Denied
from relay.gateway.negotiation import ContentCoding, choose_coding, has_copy
from relay.protocol.errors import Code, Refused
from relay.rooms.admission import watched_by_all

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from relay.config import CdnConfig
    from relay.service.live_room import LiveRoom

_NO_STORE = "no-store"
"""For whoever asked, now: no cache keeps it."""
_PRIVATE = "private, no-cache"
"""For whoever asked: its own cache may keep it, and asks again each time: every check is made again."""

_SMALL = 512
"""Bytes of a body that fits into a packet anyway."""
_IN_THREAD = 4096
"""Bytes of a body that takes long enough to code (0.1 ms and more) for a thread to pay."""
_KEPT_BYTES = 16 * 1024 * 1024
_CODING_AT_ONCE = 2
_TAG_DIGITS = 32
_NO_CODING = "This comes as it is, in gzip or in br. Accept one of them in Accept-Encoding, or leave it out."
_CODINGS = {"gzip": ContentCoding.GZIP, "brotli": ContentCoding.BROTLI}


class Answers:
    """Makes the answers of one relay."""

    def __init__(self, cdn: CdnConfig) -> None:
        """Start with nothing kept."""
        self._shared = cdn.enabled
        self._preferred = _CODINGS[cdn.compression.text_events]
        self._kept: Kept[str, bytes] = Kept(_KEPT_BYTES)
        self._coding = asyncio.Semaphore(_CODING_AT_ONCE)

    async def cacheable(
        self,
        request: Request,
        body: bytes,
        lifetime_s: int,
        *,
        room: LiveRoom | None = None,
        again: bool = False,
    ) -> Response:
        """Answer a GET or HEAD with JSON, or with 304 if the asker has it.

        Shared caches may keep what everybody gets, and nothing that was asked for with a token (CDN-8).

        Args:
            request: The call.
            body: The content.
            lifetime_s: Seconds that caches may keep it for.
            room: The room it is about.
            again: It will be asked for again: its codings are kept.

        Raises:
            Denied: If the asker takes no coding of it.
        """
        for_all = room is None or watched_by_all(room)
        shared = self._shared and for_all and "authorization" not in request.headers
        coding = self._choose(request, body)
        tag = _tag(body, coding)
        headers = {
            "Cache-Control": f"public, max-age={lifetime_s}" if shared else _PRIVATE,
            "ETag": tag,
            "Vary": "Accept-Encoding" if for_all else "Accept-Encoding, Authorization",
        }
        if has_copy(request.headers.getlist("if-none-match"), tag):
            return Response(status_code=304, headers=headers)
        coded = self._kept.get(tag) or await self._coded(body, coding, self._kept if again else None, tag)
        return _json(coded, coding, headers)

    async def fresh(self, request: Request, body: bytes) -> Response:
        """Answer with JSON that is good for now only.

        Raises:
            Denied: If the asker takes no coding of it.
        """
        coding = self._choose(request, body)
        headers = {"Cache-Control": _NO_STORE, "Vary": "Accept-Encoding"}
        return _json(await self._coded(body, coding), coding, headers)

    def _choose(self, request: Request, body: bytes) -> ContentCoding:
        accepted = request.headers.getlist("accept-encoding")
        coding = choose_coding(accepted, self._preferred, small=len(body) < _SMALL)
        if coding is None:
            raise Denied(Refused(Code.INVALID_MESSAGE, _NO_CODING), 406)
        return coding

    async def _coded(
        self, body: bytes, coding: ContentCoding, keep: Kept[str, bytes] | None = None, tag: str = ""
    ) -> bytes:
        if coding is ContentCoding.IDENTITY:
            return body
        if len(body) < _IN_THREAD:
            return _encode(body, coding)
        async with self._coding:
            # Whoever had to wait may find that the one before has made it.
            coded = keep.get(tag) if keep is not None else None
            if coded is None:
                coded = await asyncio.to_thread(_encode, body, coding)
                if keep is not None:
                    keep.put(tag, coded, len(coded))
            return coded


def _json(body: bytes, coding: ContentCoding, headers: dict[str, str]) -> Response:
    named = {} if coding is ContentCoding.IDENTITY else {"Content-Encoding": coding.value}
    return Response(body, media_type="application/json", headers={**headers, **named})


def _tag(body: bytes, coding: ContentCoding) -> str:
    suffix = "" if coding is ContentCoding.IDENTITY else f"-{coding.value}"
    return f'"{hashlib.sha256(body).hexdigest()[:_TAG_DIGITS]}{suffix}"'


def _encode(body: bytes, coding: ContentCoding) -> bytes:
    """Return a body in a coding; the same bytes for the same body, whenever and wherever it is made.

    The levels are where the next one takes twice the time for a few bytes in a hundred.
    """
    if coding is ContentCoding.GZIP:
        return gzip.compress(body, 6, mtime=0)
    coded: bytes = brotli.compress(body, quality=6)
    return coded


class NoStoreByDefault:
    """An ASGI layer: what says nothing of caches is kept by none. Errors, tokens and settings say nothing."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""

        async def say(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                if not any(name.lower() == b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", _NO_STORE.encode()))
            await send(message)

        await self._app(scope, receive, say)

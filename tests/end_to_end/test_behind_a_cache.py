"""The relay behind an ordinary cache: nginx as the README sets it up, and what RFC 9111 lets any cache do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.clients import Api, chat_event, watching
from support.nginx import NGINX, nginx_before
from support.plain_http import fetch
from support.ports import LOOPBACK
from support.rooms import Room
from support.shared_cache import SharedCache
from support.tokens import viewer_token

if TYPE_CHECKING:
    from support.relay_process import RelayProcess

needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
CODINGS = ("identity", "gzip", "br")
MINUTE_S = 60


@pytest.fixture
def origin(serve: Callable[..., RelayProcess]) -> RelayProcess:
    """A relay of one room with a closed batch, that trusts the proxy before it."""
    relay = serve("--trusted-proxy", f"{LOOPBACK}/32", rooms=["room"])
    with Api(relay.url, relay.operator_token) as api:
        api.publish("room", relay.operator_token, *(chat_event(f"number {n}") for n in range(500)))
    return relay


def batch_of(url: str, room: str = "room") -> str:
    (listed,) = fetch(url, f"/rooms/{room}/batches").json["batches"]
    return f"/rooms/{room}/batches/{listed['batch_id']}"


@needs_nginx
@pytest.mark.spec("SCALE-3")
def test_the_second_fetch_through_nginx_is_a_hit(origin: RelayProcess, tmp_path: Path) -> None:
    batch = batch_of(origin.url)
    with nginx_before(origin.url, tmp_path / "nginx") as url:
        answers = {}
        for path in (batch, "/rooms", "/rooms/room", "/openapi.json"):
            for coding in CODINGS:
                asked = {"Accept-Encoding": coding}
                first, second = (fetch(url, path, headers=asked) for _ in range(2))
                assert [first.headers["x-cache"], second.headers["x-cache"]] == ["MISS", "HIT"], path
                direct = fetch(origin.url, path, headers=asked)
                assert first.raw == second.raw == direct.raw
                for name in ("etag", "cache-control", "vary", "content-encoding"):
                    assert second.headers.get(name) == direct.headers.get(name)
                answers[path, coding] = second
        # The relay is not even asked: it is gone.
        origin.kill()
        for (path, coding), answer in answers.items():
            asked = {"Accept-Encoding": coding}
            assert fetch(url, path, headers=asked).raw == answer.raw
            asked["If-None-Match"] = answer.headers["etag"]
            assert fetch(url, path, headers=asked).status == 304


@needs_nginx
async def test_nginx_keeps_nothing_that_is_for_one_reader_and_passes_sockets_on(
    origin: RelayProcess, tmp_path: Path
) -> None:
    with Api(origin.url, origin.operator_token) as operator, Api(origin.url) as public:
        settings = {"requireRegistration": True}
        room = Room.create(origin.url, "members", operator=operator, public=public, settings=settings)
        room.publish(*(chat_event(f"number {n}") for n in range(500)))
        token = viewer_token(operator, "Ada").text
    batch = await asyncio.to_thread(batch_of, origin.url)
    with nginx_before(origin.url, tmp_path / "nginx") as url:

        def ask() -> None:
            listed = fetch(url, f"{room.path}/batches", token=token).json["batches"][0]
            for path in ("", "/batches", f"/batches/{listed['batch_id']}", "/events"):
                for _ in range(2):
                    answer = fetch(url, room.path + path, token=token)
                    assert (answer.status, answer.headers["x-cache"]) == (200, "MISS")
                assert fetch(url, room.path + path).status == 403
            for _ in range(2):
                assert fetch(url, batch, token=token).headers["x-cache"] == "MISS"
            assert fetch(url, "/metrics").status == 401, "who comes through a proxy is not the operator"

        await asyncio.to_thread(ask)
        async with watching(url, "room", options={"history": "3"}) as viewer:
            await viewer.welcome()
            assert len(await viewer.events(3)) == 3


@pytest.mark.spec("SCALE-3")
def test_any_cache_that_keeps_to_the_rfc_may_answer_the_second_time(origin: RelayProcess) -> None:
    cache = SharedCache(origin.url)
    paths = (batch_of(origin.url), "/rooms", "/rooms/room", "/rooms/room/batches", "/openapi.json")
    for path in paths:
        for coding in CODINGS:
            first, second = (cache.get(path, accept_encoding=coding) for _ in range(2))
            assert second.raw == first.raw == fetch(origin.url, path, headers={"Accept-Encoding": coding}).raw
            assert cache.seen[-2:] == ["miss", "hit"]
    # When their time is over the relay is asked, and sends nothing again that has not changed.
    cache.now_s += 60 * MINUTE_S
    for path in paths:
        for coding in CODINGS:
            assert cache.get(path, accept_encoding=coding).coding in (coding, "identity")
            assert cache.seen[-1] == "revalidated"
            cache.get(path, accept_encoding=coding)
            assert cache.seen[-1] == "hit"


def test_what_is_hidden_leaves_a_cache_within_the_lifetime_that_was_promised(origin: RelayProcess) -> None:
    cache = SharedCache(origin.url)
    batch = batch_of(origin.url)
    assert b"number 7" in cache.get(batch).raw
    with Api(origin.url, origin.operator_token) as api:
        api.call("PATCH", "/rooms/room/settings", json={"hiddenWords": ["number"]})
    cache.now_s += 5 * MINUTE_S - 1
    assert b"number 7" in cache.get(batch).raw, "a copy is good for its time, which the README says"
    cache.now_s += 1
    assert b"number" not in cache.get(batch).raw
    with Api(origin.url, origin.operator_token) as api:
        api.call("PATCH", "/rooms/room/settings", json={"requireRegistration": True})
    cache.now_s += 5 * MINUTE_S
    assert cache.get(batch).status == 403
    token = f"Bearer {origin.operator_token}"
    for _ in range(2):
        assert cache.get(batch, authorization=token).status == 200
        assert cache.seen[-1] == "miss"
    assert cache.get(batch).status == 403

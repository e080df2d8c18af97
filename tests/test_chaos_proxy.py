"""The chaos run's proxy does to a connection what its fate says, and a seed says which fate that is."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from chaos.faults import KIND, End, Fate, Stall, fate
from chaos.proxy import Proxy

ANSWER = bytes(range(256)) * 40


@asynccontextmanager
async def through(one):
    """A connection to a server that answers with `ANSWER`, through a proxy with this fate in store."""
    heads, gone = asyncio.Queue(), asyncio.Event()

    async def serve(reader, writer):
        heads.put_nowait(await reader.readuntil(b"\r\n\r\n"))
        writer.write(ANSWER)
        try:
            await reader.read()
        except ConnectionError:
            pass
        finally:
            gone.set()
            writer.close()

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        proxy = Proxy(port, lambda viewer, attempt: one if (viewer, attempt) == (7, 2) else KIND, tasks)
        await proxy.open()
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"GET / HTTP/1.1\r\nX-Connection: 7.2\r\n\r\n")
        try:
            yield reader, proxy, gone
        finally:
            writer.close()
            proxy.close()
            server.close()


async def all_of(reader):
    """What arrives until the connection breaks."""
    data = b""
    try:
        while piece := await reader.read(65536):
            data += piece
    except ConnectionError:
        pass
    return data


@pytest.mark.parametrize("one", [KIND, Fate(piece=5), Fate(rate=40_000, slow_s=1), Fate(dial_s=0.01)])
async def test_what_is_to_come_through_comes_through_unchanged(one):
    async with through(one) as (reader, _, gone):
        assert await reader.readexactly(len(ANSWER)) == ANSWER
        assert not gone.is_set()


@pytest.mark.parametrize("size", [1, 300, 5000])
async def test_a_cut_comes_after_the_byte_it_was_drawn_for_and_ends_both_sides(size):
    async with through(Fate(end_at=size)) as (reader, proxy, gone):
        assert await all_of(reader) in (ANSWER[:size], b""), "a reset may take along what was under way"
        await gone.wait()
        assert proxy.counts == {End.CUT: 1}


async def test_a_side_that_hangs_hears_nothing_of_the_others_end():
    async with through(Fate(end=End.VIEWER_HANGS, end_at=100)) as (reader, _, gone):
        assert await reader.readexactly(100) == ANSWER[:100]
        await gone.wait()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.05)
    async with through(Fate(end=End.RELAY_HANGS, end_at=100)) as (reader, _, gone):
        await all_of(reader)
        assert not gone.is_set()


async def test_a_stall_holds_back_what_comes_after_it():
    async with through(Fate(piece=200, stall=Stall(200, 5.0))) as (reader, proxy, _):
        assert await reader.readexactly(200) == ANSWER[:200]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.05)
        assert proxy.counts == {"stalled": 1}


async def test_a_kind_proxy_does_no_harm_to_those_who_come():
    async with through(Fate(end_at=1)) as (reader, proxy, _):
        proxy.be_kind()
        assert await reader.readexactly(len(ANSWER)) == ANSWER


async def test_a_kind_proxy_lets_go_of_what_waits():
    async with through(Fate(piece=1, stall=Stall(1, 60.0))) as (reader, proxy, _):
        assert await reader.readexactly(1) == ANSWER[:1]
        proxy.be_kind()
        assert await reader.readexactly(len(ANSWER) - 1) == ANSWER[1:]
    async with through(Fate(end=End.VIEWER_HANGS, end_at=1)) as (reader, proxy, gone):
        assert await reader.readexactly(1) == ANSWER[:1]
        await gone.wait()
        proxy.be_kind()
        assert await all_of(reader) == b""


def test_a_seed_draws_the_same_fates_again_and_another_seed_draws_others():
    def drawn(seed):
        return [fate(seed, viewer, attempt, patience_s=9) for viewer in range(30) for attempt in range(9)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert {one.end for one in drawn(1)} == set(End)
    assert {"stall", "rate", "dial_s", "end_at", "piece"} == {
        name
        for name in ("stall", "rate", "dial_s", "end_at", "piece")
        if any(one != replace(one, **{name: getattr(KIND, name)}) for one in drawn(1))
    }
    assert all(0.2 <= one.stall.seconds <= 9 for one in drawn(1) if one.stall)

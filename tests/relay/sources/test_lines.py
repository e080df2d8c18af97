"""Locks: a body's form is told by its content; a bad line costs only itself; a long one is never held."""

import asyncio
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.sources.lines import MAX_LINE, BadItem, LineSplitter, read_chunks, split_items


def test_a_body_is_one_object_an_array_or_json_lines():
    assert split_items(b' {"a": 1}\n') == [{"a": 1}]
    assert split_items(b'{\n  "a": 1,\n  "b": [2]\n}') == [{"a": 1, "b": [2]}]
    assert split_items(b'[{"a":1},{"a":2}]') == [{"a": 1}, {"a": 2}]
    assert split_items(b'{"a":1}\n{"a":2}\r\n\n{"a":3}') == [{"a": 1}, {"a": 2}, {"a": 3}]
    assert split_items(b'\xef\xbb\xbf{"a":1}') == [{"a": 1}]
    assert split_items(b"") == []
    assert split_items(b" \n ") == []


def test_a_bad_line_costs_only_itself():
    assert split_items(b'{"a":1}\n{broken\n"\xff"\n7\n{"a":2}') == [
        {"a": 1},
        BadItem(1, "it is not valid JSON"),
        BadItem(2, "it is not valid UTF-8"),
        BadItem(3, "it is not a JSON object"),
        {"a": 2},
    ]
    assert split_items(b'{broken\n{"a":2}') == [BadItem(0, "it is not valid JSON"), {"a": 2}]


def test_a_bad_item_of_an_array_costs_only_itself():
    assert split_items(b'[{"a":1},7,{"a":2}]') == [{"a": 1}, BadItem(1, "it is not a JSON object"), {"a": 2}]
    assert split_items(b"[]") == []


@pytest.mark.parametrize("body", [b"[", b'[{"a":1},', b'["\xff"]', b"[" * 100_000])
def test_a_broken_array_is_refused_as_one(body: bytes):
    assert split_items(body) == [BadItem(0, "the array is not valid JSON in UTF-8")]


@given(st.binary(max_size=200))
def test_no_body_is_an_error(body: bytes):
    items = split_items(body)
    assert all(item.index == place for place, item in enumerate(items) if isinstance(item, BadItem))


@given(st.lists(st.dictionaries(st.text("ab\n\u2028é", max_size=3), st.integers()), max_size=8), st.data())
def test_lines_come_out_whole_however_the_stream_is_cut(objects: list[dict[str, int]], data: st.DataObject):
    stream = b"\n".join(json.dumps(item, ensure_ascii=False).encode() for item in objects)
    splitter = LineSplitter()
    lines = []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        lines += splitter.feed(stream[:size])
        stream = stream[size:]
    lines += splitter.close()
    assert [line.item for line in lines] == objects
    assert [line.number for line in lines] == list(range(1, len(objects) + 1))


def test_blank_lines_count_as_lines_and_bad_ones_are_named_by_their_number():
    splitter = LineSplitter()
    lines = splitter.feed(b'\n{"a":1}\r\n\n\xff\n{"b":2}') + splitter.close()
    assert [(line.number, line.item) for line in lines] == [
        (2, {"a": 1}),
        (4, BadItem(4, "it is not valid UTF-8")),
        (5, {"b": 2}),
    ]
    assert splitter.close() == []


def test_a_line_of_ten_megabytes_is_refused_without_being_held():
    splitter = LineSplitter()
    assert splitter.feed(b'{"a":1}\n{"text":"') != []
    for _ in range(160):
        assert splitter.feed(b"x" * 65_536) == []
        assert len(splitter._pending) <= MAX_LINE
    lines = splitter.feed(b'"}\n{"b":2}\n')
    assert [line.item for line in lines] == [BadItem(2, f"it is longer than {MAX_LINE} bytes"), {"b": 2}]


def test_a_line_at_the_limit_passes():
    line = b'{"a":"' + b"x" * (MAX_LINE - 8) + b'"}'
    splitter = LineSplitter()
    (only,) = splitter.feed(line + b"\n")
    assert len(line) == MAX_LINE
    assert isinstance(only.item, dict)
    (last,) = splitter.feed(line + b" \n")
    assert isinstance(last.item, BadItem)


async def test_a_pipe_is_read_as_it_is_written_and_to_its_end():
    reading, writing = os.pipe()
    try:
        chunks = read_chunks(reading)
        os.write(writing, b"first")
        assert await anext(chunks) == b"first"
        os.write(writing, b"second")
        assert await anext(chunks) == b"second"
        os.close(writing)
        assert [chunk async for chunk in chunks] == []
    finally:
        os.close(reading)


async def test_waiting_for_a_silent_pipe_can_be_given_up():
    reading, writing = os.pipe()
    try:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await anext(read_chunks(reading))
    finally:
        os.close(writing)
        os.close(reading)


async def test_a_descriptor_that_cannot_be_read_says_so():
    reading, writing = os.pipe()
    os.close(writing)
    os.close(reading)
    with pytest.raises(OSError, match="descriptor"):
        await anext(read_chunks(reading))

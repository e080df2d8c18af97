"""Locks: a log line is one line, and holds nothing that anybody sent."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest

from relay.logs import configure

SECRET = "hunter2marker"


class Screen(io.StringIO):
    """A stderr that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    names = ("relay", "websockets", "httpx", "uvicorn.error")
    levels = {name: logging.getLogger(name).level for name in names}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)


def log_to(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, level: str = "info") -> io.StringIO:
    monkeypatch.setattr(sys, "stderr", stream)
    configure(level)
    return stream


def fail() -> None:
    try:
        {}[SECRET]
    except KeyError:
        logging.getLogger("relay.x").exception("a viewer's task failed\nbadly")


def test_each_line_is_one_object(monkeypatch: pytest.MonkeyPatch):
    out = log_to(io.StringIO(), monkeypatch)
    logging.getLogger("relay.server").info("ready: %d rooms, \x1b[31m\u2028é", 3)
    (line,) = out.getvalue().splitlines()
    assert line.isascii()
    record = json.loads(line)
    assert set(record) == {"time", "level", "logger", "message"}
    assert (record["level"], record["logger"]) == ("info", "relay.server")
    assert record["message"] == "ready: 3 rooms, \x1b[31m\u2028é"
    assert record["time"].endswith("Z")


@pytest.mark.parametrize("stream", [io.StringIO, Screen])
def test_an_exception_is_its_type_and_its_places_without_its_text(
    stream: type[io.StringIO], monkeypatch: pytest.MonkeyPatch
):
    out = log_to(stream(), monkeypatch)
    fail()
    text = out.getvalue()
    assert SECRET not in text
    assert "KeyError" in text
    assert "test_logs.py:" in text
    assert "/test_logs.py" not in text  # no path of this machine
    if stream is io.StringIO:
        assert len(text.splitlines()) == 1


def test_an_exception_behind_another_is_no_leak_either(monkeypatch: pytest.MonkeyPatch):
    out = log_to(io.StringIO(), monkeypatch)
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise ExceptionGroup(SECRET, [error]) from error
    except ExceptionGroup:
        logging.getLogger("relay.x").exception("failed")
    assert SECRET not in out.getvalue()


def test_people_get_readable_lines(monkeypatch: pytest.MonkeyPatch):
    out = log_to(Screen(), monkeypatch)
    logging.getLogger("relay.server").warning("the disk is nearly full")
    assert out.getvalue().endswith("warning: the disk is nearly full\n")


def test_levels_are_ours_and_libraries_speak_only_of_what_is_wrong(monkeypatch: pytest.MonkeyPatch):
    out = log_to(io.StringIO(), monkeypatch, "warning")
    logging.getLogger("relay.x").info("quiet")
    logging.getLogger("somebody").info("quiet")
    for name in ("websockets.server", "httpx", "uvicorn.error"):
        logging.getLogger(name).warning("a line per connection")
    assert out.getvalue() == ""
    logging.getLogger("relay.x").warning("loud")
    logging.getLogger("uvicorn.error").error("loud")
    assert len(out.getvalue().splitlines()) == 2


def test_configuring_twice_says_everything_once(monkeypatch: pytest.MonkeyPatch):
    out = log_to(io.StringIO(), monkeypatch)
    configure("debug")
    logging.getLogger("relay.x").debug("once")
    assert len(out.getvalue().splitlines()) == 1

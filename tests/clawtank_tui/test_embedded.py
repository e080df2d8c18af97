"""Locks: the embedded relay has one room, takes its directory with it, and says why it cannot run."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from clawtank_tui.embedded import CannotPlay, embedded_relay

if TYPE_CHECKING:
    from relay.service.relay import Relay


async def feed_nothing(relay: Relay) -> None:
    """Leave the room as it is."""


@pytest.mark.parametrize(("chat", "features"), [(True, ["chat"]), (False, [])])
def test_it_serves_one_room_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chat: bool, features: list[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with embedded_relay("todo", "The todo list", feed_nothing, chat=chat) as url:
        rooms = httpx.get(f"{url}/rooms", trust_env=False).json()["rooms"]
        assert list(tmp_path.iterdir()), "its log is here"

    assert [(room["id"], room["name"], room["features"]) for room in rooms] == [
        ("todo", "The todo list", features)
    ]
    assert not list(tmp_path.iterdir())
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/rooms", trust_env=False)


def test_without_a_temporary_directory_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(CannotPlay, match="set TMPDIR"), embedded_relay("todo", "todo", feed_nothing):
        pytest.fail("it cannot have started")

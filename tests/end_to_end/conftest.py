"""One relay for many tests, and a room of its own for each."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from support.clients import Api
from support.relay_process import UNLIMITED, RelayProcess
from support.rooms import Room

LIMITS = {**UNLIMITED, "auth_failures_per_address": 0, "chat_messages_per_minute": 0, "reports_per_minute": 0}
"""All tests come from one address: whatever counts by it is off. Who tests a limit has a relay of its own."""


@pytest.fixture(scope="session")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    """A relay process that no test stops, kills or floods; whatever went wrong in it fails the run."""
    process = RelayProcess.start(tmp_path_factory.mktemp("relay") / "data", limits=LIMITS)
    yield process
    assert process.running, f"the shared relay has died\n{process.stderr}"
    assert process.stop() == 0
    assert '"level": "error"' not in process.stderr, process.stderr


@pytest.fixture(scope="session")
def operator(relay: RelayProcess) -> Iterator[Api]:
    """HTTP with the operator's token."""
    with Api(relay.url, relay.operator_token) as api:
        yield api


@pytest.fixture(scope="session")
def public(relay: RelayProcess) -> Iterator[Api]:
    """HTTP with no token."""
    with Api(relay.url) as api:
        yield api


@pytest.fixture
def make_room(relay: RelayProcess, operator: Api, public: Api) -> Callable[..., Room]:
    """Create rooms with ids that nobody else uses: `make_room(preset=…, settings={…}, visibility=…)`."""

    def make(**wish: Any) -> Room:
        room = f"room_{secrets.token_hex(6)}"
        return Room.create(relay.url, room, operator=operator, public=public, **wish)

    return make


@pytest.fixture
def room(make_room: Callable[..., Room]) -> Room:
    """An open public room."""
    return make_room()

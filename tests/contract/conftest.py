"""Every storage that must keep the contract: one suite runs against each of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from relay.storage.contract import Storage
from support.clock import ManualClock
from support.storages import FACTORIES

Open = Callable[[], Storage]
"""Opens the storage of one data directory; called again, it opens what is there."""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=FACTORIES)
def open_storage(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Open:
    """Return what opens the storage; whoever calls it closes what it got."""
    factory = FACTORIES[request.param]
    return lambda: factory(tmp_path / "data", clock)


@pytest.fixture
async def storage(open_storage: Open) -> AsyncIterator[Storage]:
    """Return an open, empty storage."""
    opened = open_storage()
    yield opened
    await opened.aclose()

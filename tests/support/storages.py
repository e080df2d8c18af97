"""Every storage that must keep the contract of `relay.storage.contract`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from relay.storage.sqlite import SqliteStorage

if TYPE_CHECKING:
    from relay.clock import Clock
    from relay.storage.contract import Storage

FACTORIES: dict[str, Callable[[Path, Clock], Storage]] = {"sqlite": SqliteStorage}
"""By name: what opens the storage of a data directory, new or used."""

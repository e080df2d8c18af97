"""Every storage that must keep the contract of `relay.storage.contract`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from relay.clock import Clock
from relay.storage.contract import Storage
from relay.storage.sqlite import SqliteStorage

FACTORIES: dict[str, Callable[[Path, Clock], Storage]] = {"sqlite": SqliteStorage}
"""By name: what opens the storage of a data directory, new or used."""

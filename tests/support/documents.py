"""A `StateStore` in memory, that fails when told to."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from relay.storage.contract import StorageFailed


class DocumentsInMemory:
    """Buckets of JSON documents.

    Attributes:
        broken: Every call fails.
        puts: How many documents were written.
    """

    def __init__(self) -> None:
        self.broken = False
        self.puts = 0
        self._buckets: dict[str, dict[str, Any]] = {}

    async def load(self, bucket: str) -> dict[str, Mapping[str, Any]]:
        """Return a whole bucket."""
        self._check()
        return copy.deepcopy(self._buckets.get(bucket, {}))

    async def put(self, bucket: str, key: str, document: Mapping[str, Any]) -> None:
        """Write one document."""
        text = json.dumps(document)
        self._check()
        self.puts += 1
        self._buckets.setdefault(bucket, {})[key] = json.loads(text)

    async def drop(self, bucket: str, key: str) -> None:
        """Delete one document."""
        self._check()
        self._buckets.get(bucket, {}).pop(key, None)

    @property
    def text(self) -> str:
        """Everything that is stored."""
        return json.dumps(self._buckets)

    def _check(self) -> None:
        if self.broken:
            raise StorageFailed("the disk is gone")

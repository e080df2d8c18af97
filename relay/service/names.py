"""What later events need to name somebody: publishers' ids → display names.

The ids are kept as keyed digests, the names as the screen lets them pass, so that the table tells nothing
that spectators were not shown.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from relay.screen.clean import clean
from relay.storage.contract import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from relay.sources.names import Kind
    from relay.storage.contract import StateStore

MAX_NAMES = 5000
NAMES = "names"
"""The bucket of these tables."""


class RoomNames:
    """The table of one room."""

    def __init__(
        self, room_id: str, known: Mapping[str, str], store: StateStore, keyed: Callable[[str], str]
    ) -> None:
        """Go on from what earlier runs learned; `keyed` turns an id into its digest."""
        self._room = room_id
        self._store = store
        self._keyed = keyed
        self._names: OrderedDict[str, str] = OrderedDict(known)
        self._changed = False

    def learn(self, kind: Kind, id: str, name: str, /) -> None:
        """Note a name; forget one that is empty."""
        key, shown = self._keyed(f"{kind}\0{id}"), clean(name, 100)
        if not shown:
            self._changed |= self._names.pop(key, None) is not None
            return
        if self._names.get(key) != shown:
            self._names[key] = shown
            self._changed = True
        self._names.move_to_end(key)
        if len(self._names) > MAX_NAMES:
            self._names.popitem(last=False)

    def name_of(self, kind: Kind, id: str, /) -> str | None:
        """Return a name, if it is known."""
        return self._names.get(self._keyed(f"{kind}\0{id}"))

    async def save(self) -> None:
        """Commit what was learned since."""
        if self._changed:
            # Before the write: what is learned meanwhile must be written too.
            self._changed = False
            try:
                await self._store.put(NAMES, self._room, dict(self._names))
            except StorageError:
                self._changed = True
                raise

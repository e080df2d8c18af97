"""Which of many literals are in a text, without looking for each of them.

Most rules have nothing to say about most texts: a rule is tried only where one of its gates is. There are
hundreds of gates, so the text's own groups of three characters are looked up instead: a gate can be there
only if its rarest three are.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_GROUP = 3


class Gates:
    """Literals in lower case, each with what it opens."""

    def __init__(self, table: Mapping[str, tuple[int, ...]]) -> None:
        """Index the gates of a table: gate → the places of the rules it opens."""
        self._table = dict(table)
        self._short = tuple(gate for gate in table if len(gate) < _GROUP)
        long = [gate for gate in table if len(gate) >= _GROUP]
        common = Counter(group for gate in long for group in _groups(gate))
        index: dict[str, list[str]] = {}
        for gate in long:
            index.setdefault(min(_groups(gate), key=lambda group: (common[group], group)), []).append(gate)
        self._index = {group: tuple(gates) for group, gates in index.items()}

    def opened(self, lower: str) -> set[int]:
        """Return the places that the gates in a lower-case text open."""
        table = self._table
        places: set[int] = set()
        for gate in self._short:
            if gate in lower:
                places.update(table[gate])
        for group in self._index.keys() & _groups(lower):
            for gate in self._index[group]:
                if gate in lower:
                    places.update(table[gate])
        return places


def _groups(text: str) -> set[str]:
    return {text[at : at + _GROUP] for at in range(len(text) - _GROUP + 1)}

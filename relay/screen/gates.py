"""Which of many literals are in a text, without looking for each of them.

Most rules have nothing to say about most texts: a rule is tried only where one of its gates is. There are
hundreds of gates, so the text's own groups of three characters are looked up instead: a gate can be there
only if its rarest three are.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_GROUP = 3
Group = tuple[str, ...]


class Gates:
    """Literals in lower case, each with what it opens."""

    def __init__(self, table: Mapping[str, tuple[int, ...]]) -> None:
        """Index the gates of a table: gate → the places of the rules it opens."""
        self._table = dict(table)
        self._short = tuple(gate for gate in table if len(gate) < _GROUP)
        long = [gate for gate in table if len(gate) >= _GROUP]
        common = Counter(group for gate in long for group in set(_groups(gate)))
        index: dict[Group, list[str]] = {}
        for gate in long:
            index.setdefault(min(_groups(gate), key=lambda group: (common[group], group)), []).append(gate)
        self._index = {group: tuple(gates) for group, gates in index.items()}
        self._indexed = frozenset(index)

    def opened(self, lower: str) -> dict[int, list[str]]:
        """Return the places that the gates in a lower-case text open, each with those gates."""
        table, index = self._table, self._index
        places: dict[int, list[str]] = {}
        # Plain loops: nearly every text of people goes through them, and most gates are not there.
        for gate in self._short:
            if gate in lower:
                for place in table[gate]:
                    places.setdefault(place, []).append(gate)
        for group in self._indexed.intersection(_groups(lower)):
            for gate in index[group]:
                if gate in lower:
                    for place in table[gate]:
                        places.setdefault(place, []).append(gate)
        return places


def _groups(text: str) -> Iterator[Group]:
    # Tuples, because `zip` makes them without a step of the interpreter for each: twice as fast as slices.
    return zip(text, text[1:], text[2:], strict=False)

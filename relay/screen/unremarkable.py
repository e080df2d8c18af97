"""Short texts in which nothing was found, so that nothing need be looked for in them again.

A room says the same names, branches, task ids and file names all day. What is remembered here is what passed
unchanged, which everybody reads anyway: no text that held anything secret is ever kept.
"""

from __future__ import annotations

MAX_LENGTH = 100
"""Characters of a text worth remembering: a name's limit. What people say is hardly said twice."""
MAX_TEXTS = 4096
"""Texts of one generation; two are kept."""


class Unremarkable:
    """The texts seen lately, in two generations.

    What is seen again moves to the younger one; when that is full it becomes the older one, and the former
    older one is forgotten. So what is seen often stays, whatever else comes, at the cost of a look-up.
    """

    def __init__(self) -> None:
        """Start with none."""
        self._young: set[str] = set()
        self._old: set[str] = set()

    def __contains__(self, text: str) -> bool:
        """Say whether a text is known to hold nothing."""
        if text in self._young:
            return True
        if text not in self._old:
            return False
        self.add(text)
        return True

    def add(self, text: str) -> None:
        """Remember a text in which nothing was found, if it is short."""
        if len(text) > MAX_LENGTH:
            return
        if len(self._young) >= MAX_TEXTS:
            self._old, self._young = self._young, set()
        self._young.add(text)

"""Make the rows of `disguises.jsonl` and `floods.jsonl` that were not written by hand.

    PYTHONPATH=tests python -m chat_corpus.make

Those written by hand stay as they are. Other rows for an old id are another corpus: what was measured on the
one does not hold for the other.
"""

from __future__ import annotations

from chat_corpus import disguise, flood
from chat_corpus.rows import disguises, floods, write

SEED = 20260


def main() -> None:
    """Write both files."""
    write("disguises", [*(row for row in disguises() if _by_hand(row.id)), *disguise.made(SEED)])
    write("floods", [*(row for row in floods() if _by_hand(row.id)), *flood.made(SEED)])


def _by_hand(id: str) -> bool:
    return not id.startswith("made-")


if __name__ == "__main__":
    main()

"""A run of rows in the feed: its summary while it is folded, its heading while it is not.

A summary has as many lines with a thousand rows as with three, so that one more of them moves nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clawtank_tui.state.digest import heading, newest_words
from clawtank_tui.widgets.cells import Line, Piece, apart, cut, width_of
from clawtank_tui.widgets.event_row import columns, styled, under
from clawtank_tui.widgets.palette import STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from clawtank_tui.state.model import Row

FOLDED: Piece = ("▸", STYLES["key"])
UNFOLDED: Piece = ("▾", STYLES["key"])


def paint_summary(rows: Sequence[Row], width: int, tz: tzinfo | None) -> tuple[Line, ...]:
    """Paint what stands for folded rows: commits with the newest subject, statuses as the newest of them."""
    newest = rows[-1]
    head, *rest = heading(rows)
    lead = columns(newest, FOLDED, head, width, tz)
    margin = width_of(lead)
    room = max(width - margin, 2)
    if newest.type == "git.commit":
        return under(lead, [cut(styled(rest), room), cut(styled(newest_words(rows)), room)], margin, width)
    more = [(f" +{len(rows) - 1} earlier", STYLES["number"])]
    return under(lead, [apart(_trimmed(styled(newest_words(rows))), more, room)], margin, width)


def paint_heading(rows: Sequence[Row], width: int, tz: tzinfo | None) -> Line:
    """Paint the line over rows that are not folded."""
    head, *rest = heading(rows)
    lead = columns(rows[0], UNFOLDED, head, width, tz)
    margin = width_of(lead)
    [line] = under(lead, [cut(styled(rest), max(width - margin, 2))], margin, width)
    return line


def _trimmed(pieces: list[Piece]) -> list[Piece]:
    """Leave out the blank that stood between an actor and what it did."""
    (text, style), *rest = pieces
    return [(text.lstrip(), style), *rest]

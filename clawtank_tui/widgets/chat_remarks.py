"""What is said above the line of the chat: the most urgent of what this viewer has to know. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING

from clawtank_tui.state.notices import start_of
from clawtank_tui.state.standing import closed
from clawtank_tui.state.talk import Refusal, Word

if TYPE_CHECKING:
    from clawtank_tui.state.model import ViewState

_NAMED = 24
"""Characters of a message by which its author knows which one is meant."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence, empty for none; a calm one is no warning."""

    text: str = ""
    calm: bool = False


def remark(
    view: ViewState, returned: bool, put_away: Refusal | Word | None, now_ms: int, zone: tzinfo | None
) -> Remark:
    """Return what the relay refused or told, else why the line is closed, else what waits for a moderator.

    Args:
        view: What holds.
        returned: The text of what was refused is on the line again.
        put_away: What the viewer has read and put away.
        now_ms: The viewer's clock.
        zone: Of times of day; the system's when None.
    """
    match told_last(view, put_away, now_ms):
        case Refusal() as refusal:
            return Remark(_of(refusal, returned))
        case Word(text, grave):
            return Remark(text, calm=not grave)
        case None:
            pass
    shut = closed(view, now_ms)
    if shut is not None:
        return Remark(shut.in_words(zone, now_ms))
    held = view.talk.held
    if held:
        return Remark(f"{'Held' if held == 1 else f'{held} held'}: a moderator will look.")
    return Remark()


def told_last(view: ViewState, put_away: Refusal | Word | None, now_ms: int) -> Refusal | Word | None:
    """Return what the relay said last to this viewer alone, if it still holds and is not put away."""
    refusal, word = view.talk.refusal, view.talk.word
    if refusal is not None and not 0 < refusal.until_ms <= now_ms:
        return None if refusal is put_away else refusal
    return None if word is put_away else word


def _of(refusal: Refusal, returned: bool) -> str:
    """Say why something was refused, and which text it was where that is not plain to see."""
    line = "" if refusal.request is None else refusal.request.line
    if not line or (returned and not refusal.others):
        return refusal.reason
    back = "" if returned else " ↑ brings it back."
    return f"“{start_of(line, _NAMED)}”: {refusal.reason}{back}"

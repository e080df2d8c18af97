"""What the machine and the socket tell each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clawtank_tui.link.target import RelayAddress


@dataclass(frozen=True, slots=True)
class Opening:
    """One try: what to open.

    Attributes:
        url: The socket's address, every option in its query.
        bearer: For the `Authorization` header, or empty. Never anywhere else.
    """

    address: RelayAddress
    url: str
    bearer: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What one message from the relay led to.

    Attributes:
        envelope: To hand on; None when it was a repeat, expired, unknown or unreadable.
        hang_up: Cut the line now, without a closing handshake: a clean close would give up the seat.
        welcomed: The line became live with this message.
    """

    envelope: dict[str, Any] | None = None
    hang_up: bool = False
    welcomed: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a try failed or a line ended.

    Attributes:
        sentence: For people: what failed, where, and what to do.
        retry_after_s: What the relay asked us to wait, or None.
        fatal: Nothing will change by itself.
        fatal_at_first: So wrong an address that only a viewer who was welcomed before goes on trying.
        close_code: The WebSocket close code, or 0.
    """

    sentence: str
    retry_after_s: float | None = None
    fatal: bool = False
    fatal_at_first: bool = False
    close_code: int = 0

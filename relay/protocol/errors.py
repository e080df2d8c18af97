"""The one table of what can go wrong on the wire.

Spec: Error Handling. Each code has one WebSocket close code, one HTTP status and one answer to
"may I try again?"; the sentence is what a person reads, so it ends with the next step.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """Every `code` a `spectator.error` or an HTTP error body can carry."""

    ROOM_NOT_FOUND = "ROOM_NOT_FOUND"
    ACCESS_DENIED = "ACCESS_DENIED"
    CAPACITY_EXCEEDED = "CAPACITY_EXCEEDED"
    REGISTRATION_REQUIRED = "REGISTRATION_REQUIRED"
    REGION_RESTRICTED = "REGION_RESTRICTED"
    BANNED = "BANNED"
    AUTH_INVALID = "AUTH_INVALID"
    RATE_LIMITED = "RATE_LIMITED"
    INVALID_MESSAGE = "INVALID_MESSAGE"
    MESSAGE_TOO_LARGE = "MESSAGE_TOO_LARGE"
    MESSAGE_REJECTED = "MESSAGE_REJECTED"
    CHAT_DISABLED = "CHAT_DISABLED"
    FEATURE_DISABLED = "FEATURE_DISABLED"
    SLOW_CONSUMER = "SLOW_CONSUMER"
    OVERLOADED = "OVERLOADED"
    DRAINING = "DRAINING"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """What one code means.

    Attributes:
        close_code: WebSocket close code when the error ends a connection.
        status: HTTP status when the error answers a request.
        permanent: Whether repeating the same attempt is useless; clients stop.
        retry_after_ms: How long to wait when nothing better is known; 0 when waiting does not help.
        message: The sentence shown when no better one is at hand.
    """

    close_code: int
    status: int
    permanent: bool
    retry_after_ms: int
    message: str


ERRORS: dict[Code, ErrorRow] = {
    Code.ROOM_NOT_FOUND: ErrorRow(
        4404,
        404,
        True,
        0,
        "No public room has this name here. Check the spelling, or list rooms with: clawtank rooms",
    ),
    Code.ACCESS_DENIED: ErrorRow(
        4403, 403, True, 0, "The host has closed this room to spectators. Ask the host, or try another room."
    ),
    Code.CAPACITY_EXCEEDED: ErrorRow(
        4409, 503, False, 30_000, "All spectator seats of this room are taken. Try again in a moment."
    ),
    Code.REGISTRATION_REQUIRED: ErrorRow(
        4401,
        401,
        True,
        0,
        "This needs a registered viewer. Ask the operator for a token and pass it with --token-file.",
    ),
    Code.REGION_RESTRICTED: ErrorRow(
        4451,
        403,
        True,
        0,
        "This room can be watched from some countries only, and yours is not one of them, or cannot be told. "
        "Ask the host.",
    ),
    Code.BANNED: ErrorRow(
        4410, 403, True, 0, "You may not watch this room. Ask the host if you think this is a mistake."
    ),
    Code.AUTH_INVALID: ErrorRow(
        4402,
        401,
        True,
        0,
        "The token is not valid here. Ask for a new one, or connect without a token to watch anonymously.",
    ),
    Code.RATE_LIMITED: ErrorRow(
        4429, 429, False, 60_000, "Too many attempts in a short time. Wait a moment, then try again."
    ),
    Code.INVALID_MESSAGE: ErrorRow(
        4400, 400, True, 0, "The message could not be understood. Correct it and send it again."
    ),
    Code.MESSAGE_TOO_LARGE: ErrorRow(
        4413, 413, True, 0, "The message is too long. Shorten it and send it again."
    ),
    Code.MESSAGE_REJECTED: ErrorRow(
        4422, 422, True, 0, "The message was not accepted. Change it and send it again."
    ),
    Code.CHAT_DISABLED: ErrorRow(
        4423, 403, True, 0, "The spectator chat of this room is closed. You can go on watching."
    ),
    Code.FEATURE_DISABLED: ErrorRow(
        4424, 403, True, 0, "The host has not turned this feature on. You can go on watching."
    ),
    Code.SLOW_CONSUMER: ErrorRow(
        4408,
        503,
        False,
        1_000,
        "The connection is too slow for this room. Reconnect to go on where it broke off.",
    ),
    Code.OVERLOADED: ErrorRow(
        4503, 503, False, 5_000, "The relay has more work than it can do. Try again in a moment."
    ),
    Code.DRAINING: ErrorRow(4504, 503, False, 2_000, "The relay is restarting. Try again in a moment."),
    Code.INTERNAL: ErrorRow(
        4500,
        500,
        False,
        5_000,
        "The relay failed at this. Try again in a moment; the operator finds the cause in its log.",
    ),
}

CODE_BY_CLOSE: dict[int, Code] = {row.close_code: code for code, row in ERRORS.items()}


@dataclass(frozen=True, slots=True)
class Refused:
    """An expected "no", as a value: who gets it turns it into a frame or an HTTP answer.

    Attributes:
        code: The row of the table.
        message: A sentence that is better than the table's, or empty.
        retry_after_ms: A better wait than the table's, or None.
    """

    code: Code
    message: str = ""
    retry_after_ms: int | None = None

    def data(self) -> dict[str, object]:
        """Return the `data` of a `spectator.error`; also the body of an HTTP error."""
        row = ERRORS[self.code]
        wait = row.retry_after_ms if self.retry_after_ms is None else self.retry_after_ms
        return {
            "code": self.code.value,
            "message": self.message or row.message,
            "retry_after": wait,
            "permanent": row.permanent,
        }


def retry_after(data: dict[str, object]) -> str:
    """Return HTTP's `Retry-After` for an error's `data`: whole seconds, never fewer than it says."""
    return str(-(-int(str(data["retry_after"])) // 1000))

"""Reports of viewers: taken, counted, passed to the moderators; enough of them hide a message.

Spec: Moderation Features (MOD-8, MOD-9, MOD-14).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from relay.protocol import messages
from relay.protocol.errors import Code, Refused
from relay.rooms.rates import TokenBuckets
from relay.screen.clean import clean
from relay.service.live_room import author_of

if TYPE_CHECKING:
    from relay.chat.reports import Reporter
    from relay.clock import Clock
    from relay.service.live_room import LiveRoom
    from relay.service.moderation import Moderation
    from relay.service.spectator_chat import SpectatorChat

MAX_REASON = 200


class Reporting:
    """The reports of every room."""

    def __init__(self, moderation: Moderation, chat: SpectatorChat, per_minute: int, clock: Clock) -> None:
        """Bind the house.

        Args:
            moderation: Hides what enough viewers reported.
            chat: Judges what reasons say.
            per_minute: Reports of one voice in a minute; 0 is unlimited.
            clock: For rates and times.
        """
        self._moderation = moderation
        self._chat = chat
        self._per_minute = per_minute
        self._clock = clock
        self._rates = TokenBuckets()

    async def report(self, room: LiveRoom, reporter: Reporter, data: Mapping[str, Any]) -> str | Refused:
        """Take a report; return the id of the message it is about.

        Args:
            room: Where.
            reporter: Who reports.
            data: `message_id` and `reason`, not looked at yet.
        """
        now_s = self._clock.monotonic_s()
        # Before anything is looked at: guessing ids is not free.
        rate = self._per_minute
        wait_ms = self._rates.take(reporter.weighs_as, now_s, per_minute=rate, burst=rate)
        if wait_ms:
            why = "You report more than can be looked at. Wait a moment, then try again."
            return Refused(Code.RATE_LIMITED, why, wait_ms)
        reason = data.get("reason", "")
        if not isinstance(reason, str) or len(reason) > MAX_REASON:
            return Refused(Code.INVALID_MESSAGE, f"reason: must be text of at most {MAX_REASON} characters.")
        record = room.chat_message(data.get("message_id"))
        if record is None:
            return Refused(Code.INVALID_MESSAGE, "message_id: names no recent message of this room's chat.")
        if author_of(record) == reporter.id:
            return Refused(Code.INVALID_MESSAGE, "message_id: is a message of yours.")
        reason = room.disclosure.worded(clean(reason, MAX_REASON).strip())
        refused = self._chat.judge_words(room, reason)
        if refused is not None:
            return refused
        message = room.reportable(record)
        report = room.desk.reports.add(message, reporter, reason, self._clock.now_ms())
        if report is not None:
            threshold = room.settings.spectatorChat.moderation.reportsToHide
            if room.desk.reports.is_to_be_hidden(report, threshold):
                await self._moderation.hide(room, report)
            room.desk.tell(messages.REPORTED, report.public())
        return str(message["message_id"])

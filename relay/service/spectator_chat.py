"""The spectators' chat of every room: what is said is shown, held or refused, and what is held is decided.

A viewer's message goes through the rules in the order of their cost: whether this viewer may write at all,
the shape of the message, the rates, the automatic filter, the host's wish to approve everything. What passes
is committed to the room's log; what is held waits in the room's `ReviewQueue` and has no place in the log.
"""

from __future__ import annotations

import contextlib
import weakref
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from relay.chat import channel
from relay.chat.channel import Author, Message
from relay.chat.filter import RECENT_KEPT, Action, Filter, Remark, Verdict, remark
from relay.chat.review import Held, ReviewQueue
from relay.delivery.frames import Origin
from relay.protocol.errors import Code, Refused
from relay.rooms.admission import ViewerState
from relay.screen.clean import clean
from relay.service.spoken import Shown, Waits
from relay.storage.contract import Draft, Kind, StorageError

if TYPE_CHECKING:
    from relay.clock import Clock
    from relay.config import Limits
    from relay.protocol.envelope import MessageIds
    from relay.service.intake import Intake
    from relay.service.live_room import LiveRoom
    from relay.service.spoken import Connection, Moderator, Spoken
    from relay.sources.shapes import SpectatorSaid
    from relay.storage.contract import EventLog

_APPROVAL = Verdict(Action.HOLD, "approval", "A moderator will look at it.")
"""Of what is held because the host approves every message."""
_REASON = 200


@dataclass(slots=True)
class _Talk:
    """What the chat of one room remembers."""

    filter: Filter
    recent: deque[Remark] = field(default_factory=lambda: deque(maxlen=RECENT_KEPT))
    refusals: deque[Remark] = field(default_factory=lambda: deque(maxlen=RECENT_KEPT))
    queue: ReviewQueue = field(default_factory=ReviewQueue)
    moderators: set[Moderator] = field(default_factory=set)


class SpectatorChat:
    """The chats of a relay."""

    def __init__(
        self,
        log: EventLog,
        intake: Intake,
        limits: Limits,
        ids: MessageIds,
        clock: Clock,
        connections: Mapping[str, Iterable[Connection]],
    ) -> None:
        """Start with nothing said.

        Args:
            log: Where what is shown gets its place.
            intake: What may wait for that.
            limits: The relay's own ceilings.
            ids: Names what is held.
            clock: For rates, the filter and timestamps.
            connections: Who is connected, by room.
        """
        self._log = log
        self._intake = intake
        self._rates = channel.Rates(limits.chat_messages_per_minute, limits.chat_burst)
        self._ids = ids
        self._clock = clock
        self._connections = connections
        self._talks: dict[str, _Talk] = {}

    def pace(self, room: LiveRoom, state: ViewerState) -> channel.Pace:
        """Return how fast somebody may write here."""
        return channel.pace(room.settings.spectatorChat, state)

    # -- what is said --------------------------------------------------------------------------------

    async def say(self, room: LiveRoom, author: Author, spoken: Spoken) -> Shown | Waits | Refused:
        """Take a viewer's message, or say why not."""
        settings = room.settings.spectatorChat
        refused = channel.may_write(settings, room.state, author.state)
        if refused is not None:
            return refused
        message = self._read(room, author, spoken)
        if isinstance(message, Refused):
            return message
        talk = self._talk(room)
        recent = talk.recent
        said = remark(author.id, message.text, self._clock.monotonic_s())
        verdict = talk.filter.judge(message.text, said, recent, talk.refusals)
        if verdict.action in (Action.REFUSE, Action.SANCTION):
            # Not remembered: it was not said, and once mended it is no repeat of itself.
            if verdict.flood:
                talk.refusals.append(said)
            return Refused(Code.MESSAGE_REJECTED, verdict.reason)
        if settings.moderation.requireApproval:
            verdict = _APPROVAL
        # Before it is committed: the next one may be judged meanwhile.
        recent.append(said)
        origin = Origin(weakref.ref(spoken.subscriber), spoken.ref)
        if verdict.action is Action.HOLD:
            outcome: Shown | Waits | Refused = self._hold(
                room, message, verdict, self._clock.now_ms(), origin=origin
            )
        else:
            outcome = await self._show(room, message, origin)
        if isinstance(outcome, Refused):
            with contextlib.suppress(ValueError):  # so much was said meanwhile that it is forgotten
                recent.remove(said)
        return outcome

    async def answer(self, room: LiveRoom, author: Author, spoken: Spoken) -> Shown | Refused:
        """Take a message from inside the room; whether there may be one was judged by the caller.

        The filter and the host's approval are for viewers (INTEG-7): whoever holds a token of the room has
        been chosen by the host.
        """
        message = self._read(room, author, spoken)
        if isinstance(message, Refused):
            return message
        return await self._show(room, message, Origin(weakref.ref(spoken.subscriber), spoken.ref))

    def bring_in(
        self, room: LiveRoom, author: Author, said: SpectatorSaid, at_ms: int, dedup: bytes | None
    ) -> Draft | Waits | Refused | None:
        """Take a message that a room server publishes; return None to hide it.

        It was written and judged elsewhere, so that neither rates nor the filter apply; the host's wish to
        approve everything does.

        Args:
            room: Where it was said.
            author: By whom.
            said: What was published.
            at_ms: When it was said.
            dedup: Makes a repeat harmless, in the log and in the queue.
        """
        settings = room.settings.spectatorChat
        text = clean(said.text, settings.moderation.maxMessageLength, multiline=True).strip()
        if channel.may_write(settings, room.state, ViewerState.VERIFIED) is not None or not text:
            return None
        message = _message(room, author, text)
        # Whatever the host wishes by now: what was rejected is not shown because it is sent again.
        if dedup is not None and self._talk(room).queue.has(dedup):
            return Waits("", again=True)
        if not settings.moderation.requireApproval:
            return _draft(room, message, at_ms, dedup=dedup)
        return self._hold(room, message, _APPROVAL, at_ms, dedup=dedup)

    def _read(self, room: LiveRoom, author: Author, spoken: Spoken) -> Message | Refused:
        """Read a message as far as its author's rate allows."""
        settings = room.settings.spectatorChat
        text = channel.read_message(spoken.data, settings)
        if isinstance(text, Refused):
            return text
        reply_to = spoken.data.get("reply_to")
        if reply_to is not None and room.chat_message(reply_to) is None:
            return Refused(Code.INVALID_MESSAGE, "reply_to: names no recent message of this room's chat.")
        refused = self._rates.take(
            author.id, spoken.address, self.pace(room, author.state), self._clock.monotonic_s()
        )
        return refused or _message(room, author, text, reply_to)

    async def _show(self, room: LiveRoom, message: Message, origin: Origin) -> Shown | Refused:
        draft = _draft(room, message, self._clock.now_ms(), origin)
        full = self._intake.take(room.id, len(draft.body))
        if full is not None:
            return Refused(Code.OVERLOADED, retry_after_ms=full.retry_after_ms)
        try:
            await self._log.append(room.id, [draft])
        except StorageError:
            return Refused(Code.INTERNAL)
        finally:
            self._intake.give_back(room.id, len(draft.body))
        return Shown()

    # -- what is held ----------------------------------------------------------------------------------

    def _hold(
        self,
        room: LiveRoom,
        message: Message,
        verdict: Verdict,
        at_ms: int,
        *,
        origin: Origin | None = None,
        dedup: bytes | None = None,
    ) -> Waits | Refused:
        talk = self._talk(room)
        refused = talk.queue.room_for(message.author.id)
        if refused is not None:
            return refused
        held = Held(self._ids.next(), message, at_ms, verdict.rule, origin, dedup)
        talk.queue.add(held)
        for moderator in list(talk.moderators):
            moderator.held(held.public())
        return Waits(verdict.reason)

    def held(self, room: LiveRoom) -> list[dict[str, Any]]:
        """Return what waits in a room, oldest first, as moderators see it."""
        return [held.public() for held in self._talk(room).queue]

    def listen(self, room: LiveRoom, moderator: Moderator) -> None:
        """Tell a moderator from now on what is held and decided."""
        self._talk(room).moderators.add(moderator)

    def stop_listening(self, room: LiveRoom, moderator: Moderator) -> None:
        """Tell a moderator nothing more."""
        self._talk(room).moderators.discard(moderator)

    async def decide(
        self, room: LiveRoom, data: Mapping[str, Any], decider: Moderator | None = None
    ) -> dict[str, Any] | Refused:
        """Approve or reject a held message, and tell the moderators.

        Args:
            room: Where it was said.
            data: `action`, `message_id` and perhaps `reason`, not looked at yet.
            decider: Who decides and is told by the answer, if one of those who listen.

        Returns:
            The decision: `action`, `message_id`, and `shown_as`, the id of what was approved.

        Raises:
            StorageError: If an approved message could not be committed; it waits as before.
        """
        action, held_id, reason = data.get("action"), data.get("message_id"), data.get("reason", "")
        if action not in ("approve", "reject"):
            return Refused(Code.INVALID_MESSAGE, "action: must be approve or reject.")
        if not isinstance(reason, str):
            return Refused(Code.INVALID_MESSAGE, "reason: must be text.")
        settings = room.settings.spectatorChat
        closed = channel.may_write(settings, room.state, ViewerState.VERIFIED)
        if action == "approve" and closed is not None:
            return closed
        talk = self._talk(room)
        held = talk.queue.take(held_id) if isinstance(held_id, str) else None
        if held is None:
            why = "message_id: no message waits under this id. It may be decided already; read the queue."
            return Refused(Code.INVALID_MESSAGE, why)
        decision = {"action": action, "message_id": held.id}
        if action == "approve":
            draft = _draft(room, held.message, self._clock.now_ms(), held.origin, held.dedup)
            try:
                (seq,) = (await self._log.append(room.id, [draft])).seqs
            except StorageError:
                talk.queue.put_back(held)
                raise
            if seq is not None:
                decision["shown_as"] = room.encoder.cursor(seq)
        else:
            self._tell_author(room, held, clean(reason, _REASON).strip())
        for moderator in talk.moderators - {decider}:
            moderator.decided(decision)
        return decision

    def _tell_author(self, room: LiveRoom, held: Held, reason: str) -> None:
        """Tell who wrote a rejected message: where it came from or, if that is gone, wherever they are."""
        if held.origin is None:
            return
        own = [line for line in self._connections[room.id] if line.author_id == held.message.author.id]
        writer = held.origin.author()
        why = f"A moderator did not let this message through{f': {reason}' if reason else '.'}"
        for line in [line for line in own if writer is not None and line.is_of(writer)] or own:
            line.refuse(Refused(Code.MESSAGE_REJECTED, why), held.origin.ref)

    def _talk(self, room: LiveRoom) -> _Talk:
        settings = room.settings.spectatorChat
        talk = self._talks.get(room.id)
        if talk is None:
            talk = self._talks[room.id] = _Talk(Filter(settings))
        elif talk.filter.settings is not settings:
            talk.filter = Filter(settings)
        return talk


def _message(room: LiveRoom, author: Author, text: str, reply_to: str | None = None) -> Message:
    """Return a message without the host's own words: they are not even kept."""
    worded = room.disclosure.worded
    return Message(replace(author, name=worded(author.name)), worded(text), reply_to)


def _draft(
    room: LiveRoom, message: Message, at_ms: int, origin: Origin | None = None, dedup: bytes | None = None
) -> Draft:
    body = channel.encode_message(room.id, message, at_ms)
    kept = room.settings.logInteractions
    return Draft(Kind.CHAT, "", at_ms, body, dedup, durable=kept, origin=origin)

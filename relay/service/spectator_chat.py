"""The spectators' chat of every room: what is said is shown, held or refused.

A viewer's message goes through the rules in the order of their cost: whether this viewer may write at all,
the shape of the message, the rates, slow mode, the automatic filter, the host's wish to approve everything.
As far as the rates it is judged where it comes in (`refuse`): nothing is begun for most of a flood.
What passes is committed to the room's log; what is held waits on the room's desk and has no place in the log.
"""

from __future__ import annotations

import contextlib
import logging
import weakref
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from relay.chat import channel
from relay.chat.channel import Author, Message, Writer
from relay.chat.filter import ALLOWED, RECENT_KEPT, Action, Filter, Remark, Verdict, remark
from relay.chat.review import Held
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
    from relay.service.spoken import Connection, Spoken
    from relay.sources.shapes import SpectatorSaid
    from relay.storage.contract import EventLog

_log = logging.getLogger("relay.service")
Mute = Callable[["LiveRoom", str, str, int, str], Awaitable[None]]
_APPROVAL = Verdict(Action.HOLD, "approval", "A moderator will look at it.")
"""Of what is held because the host approves every message."""
_SHIELD = Verdict(Action.HOLD, "shield", "The room is shielded: a moderator will look at it.")
"""Of what is held because the shield is up."""


@dataclass(slots=True)
class _Heard:
    """What the filter of one room knows of what was said, and of what it refused."""

    filter: Filter
    recent: deque[Remark] = field(default_factory=lambda: deque(maxlen=RECENT_KEPT))
    refusals: deque[Remark] = field(default_factory=lambda: deque(maxlen=RECENT_KEPT))


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
        mute: Mute,
    ) -> None:
        """Start with nothing said.

        Args:
            log: Where what is shown gets its place.
            intake: What may wait for that.
            limits: The relay's own ceilings.
            ids: Names what is held.
            clock: For rates, the filter and timestamps.
            connections: Who is connected, by room.
            mute: Mutes a viewer of a room, by id and name, for so many seconds, for breaking a rule.
        """
        self._log = log
        self._intake = intake
        self._rates = channel.Rates(limits.chat_messages_per_minute, limits.chat_burst)
        self._slow = channel.SlowMode()
        self._ids = ids
        self._clock = clock
        self._connections = connections
        self._mute = mute
        self._heard: dict[str, _Heard] = {}

    def pace(self, room: LiveRoom, state: ViewerState) -> channel.Pace:
        """Return how fast somebody may write here."""
        return channel.pace(room.settings.spectatorChat, state)

    # -- what is said --------------------------------------------------------------------------------

    def refuse(self, room: LiveRoom, author_id: str, state: ViewerState, spoken: Spoken) -> Refused | None:
        """Say why a viewer may not write this now; None if it may, and the message is counted."""
        chat = room.settings.spectatorChat
        refused = channel.may_write(chat, room.state, state) or spoken.silenced
        if refused is None and room.shielded and spoken.known_since_ms >= room.shielded_ms:
            refused = Refused(Code.CHAT_DISABLED, "The room is shielded: who came lately can watch for now.")
        if refused is None:
            watched_s, now_ms = chat.moderation.watchSeconds, self._clock.now_ms()
            refused = channel.watch_first(spoken.known_since_ms, watched_s, now_ms)
        return refused or self._count(room, author_id, state, spoken)

    async def say(self, room: LiveRoom, author: Author, spoken: Spoken) -> Shown | Waits | Refused:
        """Take a viewer's message that was not refused where it came in, or say why not."""
        writer = _writer(author.id, author.state, spoken)
        slow_s = room.settings.spectatorChat.moderation.slowSeconds
        message = self._slow.wait(room.id, writer, slow_s, self._clock.monotonic_s()) or self._read(
            room, author, spoken
        )
        if isinstance(message, Refused):
            return message
        heard = self._heard_in(room)
        recent = heard.recent
        now_s = self._clock.monotonic_s()
        said = remark(author.id, message.text, now_s)
        verdict = heard.filter.judge(message.text, said, recent, heard.refusals)
        if verdict.action in (Action.REFUSE, Action.SANCTION):
            # Not remembered: it was not said, and once mended it is no repeat of itself.
            if verdict.flood:
                heard.refusals.append(said)
            return await self._turned_away(room, author, verdict)
        if room.shielded:
            verdict = _SHIELD
        elif room.settings.spectatorChat.moderation.requireApproval:
            verdict = _APPROVAL
        # Before it is committed: the next one may be judged meanwhile.
        recent.append(said)
        self._slow.heard(room.id, writer, now_s)
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

    async def _turned_away(self, room: LiveRoom, author: Author, verdict: Verdict) -> Refused:
        """Say why a message is refused, and see to it that its author writes no more if it must."""
        if verdict.action is Action.SANCTION:
            try:
                await self._mute(room, author.id, author.name, verdict.seconds, verdict.rule)
            except StorageError as error:
                _log.error("a flooding viewer could not be muted: %s", error)
        return Refused(Code.MESSAGE_REJECTED, verdict.reason)

    async def answer(self, room: LiveRoom, author: Author, spoken: Spoken) -> Shown | Refused:
        """Take a message from inside the room; whether there may be one was judged by the caller.

        The filter and the host's approval are for viewers (INTEG-7): whoever holds a token of the room has
        been chosen by the host.
        """
        message = self._count(room, author.id, author.state, spoken) or self._read(room, author, spoken)
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
        now_ms = self._clock.now_ms()
        if room.bans.upon(author.id, now_ms) or room.mutes.upon(author.id, now_ms):
            return None
        message = _message(room, author, text)
        # Whatever the host wishes by now: what was rejected is not shown because it is sent again.
        if dedup is not None and room.desk.queue.has(dedup):
            return Waits("", again=True)
        if room.shielded or settings.moderation.requireApproval:
            verdict = _SHIELD if room.shielded else _APPROVAL
            return self._hold(room, message, verdict, at_ms, dedup=dedup)
        return _draft(room, message, at_ms, dedup=dedup)

    def _count(self, room: LiveRoom, author_id: str, state: ViewerState, spoken: Spoken) -> Refused | None:
        """Look at a message's shape, and count it as far as its author's rate allows."""
        text = channel.check_message(spoken.data, room.settings.spectatorChat)
        if isinstance(text, Refused):
            return text
        reply_to = spoken.data.get("reply_to")
        if reply_to is not None and room.chat_message(reply_to) is None:
            return Refused(Code.INVALID_MESSAGE, "reply_to: names no recent message of this room's chat.")
        writer, now_s = _writer(author_id, state, spoken), self._clock.monotonic_s()
        return self._rates.take(room.id, writer, self.pace(room, state), now_s)

    def _read(self, room: LiveRoom, author: Author, spoken: Spoken) -> Message | Refused:
        text = channel.read_message(spoken.data, room.settings.spectatorChat)
        if isinstance(text, Refused):
            return text
        return _message(room, author, text, spoken.data.get("reply_to"))

    async def _show(self, room: LiveRoom, message: Message, origin: Origin) -> Shown | Refused:
        draft = _draft(room, message, self._clock.now_ms(), origin)
        full = self._intake.take(room.id, len(draft.body), chat=True)
        if full is not None:
            return Refused(Code.OVERLOADED, retry_after_ms=full.retry_after_ms)
        try:
            await self._log.append(room.id, [draft])
        except StorageError:
            return Refused(Code.INTERNAL)
        finally:
            self._intake.give_back(room.id, len(draft.body))
        return Shown()

    def judge_words(self, room: LiveRoom, text: str) -> Refused | None:
        """Judge what somebody writes to the moderators alone, by the host's keywords (MOD-14)."""
        verdict = self._heard_in(room).filter.judge_words(text)
        if verdict is ALLOWED:
            return None
        why = verdict.reason if verdict.action is Action.REFUSE else "Say it in other words."
        return Refused(Code.MESSAGE_REJECTED, why)

    def _heard_in(self, room: LiveRoom) -> _Heard:
        """Return what was heard in a room, with the filter of its settings as they are now."""
        settings = room.settings.spectatorChat
        heard = self._heard.get(room.id)
        if heard is None:
            heard = self._heard[room.id] = _Heard(Filter(settings))
        elif heard.filter.settings is not settings:
            heard.filter = Filter(settings)
        return heard

    # -- what is held --------------------------------------------------------------------------------

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
        refused = room.desk.queue.room_for(message.author.id)
        if refused is not None:
            return refused
        room.desk.hold(
            Held(self._ids.next(), message, at_ms, verdict.rule, origin, dedup, detail=verdict.detail)
        )
        return Waits(verdict.reason)

    async def show_held(self, room: LiveRoom, held: Held) -> str:
        """Show an approved message; return the id it is shown under.

        Raises:
            StorageError: If it could not be committed.
        """
        draft = _draft(room, held.message, self._clock.now_ms(), held.origin, held.dedup)
        (seq,) = (await self._log.append(room.id, [draft])).seqs
        return room.encoder.cursor(seq) if seq is not None else ""

    def tell_rejected(self, room: LiveRoom, held: Held, reason: str) -> None:
        """Tell who wrote a rejected message: where it came from or, if that is gone, wherever they are."""
        if held.origin is None:
            return
        own = [line for line in self._connections[room.id] if line.author_id == held.message.author.id]
        writer = held.origin.author()
        why = f"A moderator did not let this message through{f': {reason}' if reason else '.'}"
        for line in [line for line in own if writer is not None and line.is_of(writer)] or own:
            line.refuse(Refused(Code.MESSAGE_REJECTED, why), held.origin.ref)


def _writer(author_id: str, state: ViewerState, spoken: Spoken) -> Writer:
    return Writer(author_id, spoken.address, state is ViewerState.ANONYMOUS, spoken.neighbours)


def _message(room: LiveRoom, author: Author, text: str, reply_to: str | None = None) -> Message:
    """Return a message without the host's own words: they are not even kept."""
    worded = room.disclosure.worded
    return Message(replace(author, name=worded(author.name)), worded(text), reply_to)


def _draft(
    room: LiveRoom, message: Message, at_ms: int, origin: Origin | None = None, dedup: bytes | None = None
) -> Draft:
    body = channel.encode_message(room.id, message, at_ms)
    kept = room.settings.logInteractions
    author = message.author.id
    return Draft(Kind.CHAT, "", at_ms, body, dedup, durable=kept, origin=origin, author=author)

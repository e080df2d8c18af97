"""Carrying out what moderators decide; every act leaves a line in the room's moderation log.

An act is done first and noted then, so that a line says what has happened. Whoever sits at the room's desk
is told of each line, and those concerned of what concerns them: the viewers by the room's own sequence, an
author or a reporter privately.

Spec: Moderation Features (MOD-6 to MOD-13).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from relay.chat import channel
from relay.chat.acts import Act
from relay.chat.channel import decode_message
from relay.chat.entries import HIDE, IMPORT, RELAY, Entry
from relay.chat.review import Held
from relay.chat.sanctions import Sanction, SanctionKind
from relay.protocol import messages
from relay.protocol.errors import Code, Refused
from relay.protocol.moderation import Action
from relay.service.removal import Removal, Whom, author_in, whom_of
from relay.storage.contract import StorageError

if TYPE_CHECKING:
    from relay.chat.desk import Moderator
    from relay.chat.reports import Report
    from relay.clock import Clock
    from relay.service.changes import Changes
    from relay.service.live_room import LiveRoom
    from relay.service.moderation_log import ModerationLog
    from relay.service.sanctioning import Sanctioning
    from relay.service.spectator_chat import SpectatorChat
    from relay.service.spoken import Connection

_LATEST = 50
"""Lines of the log that a console starts with."""
_KINDS = {
    Action.BAN: SanctionKind.BAN,
    Action.UNBAN: SanctionKind.BAN,
    Action.MUTE: SanctionKind.MUTE,
    Action.UNMUTE: SanctionKind.MUTE,
}


class Moderation:
    """What moderators, and the relay for them, do in every room."""

    def __init__(
        self,
        removal: Removal,
        acts: ModerationLog,
        chat: SpectatorChat,
        sanctioning: Sanctioning,
        clock: Clock,
        connections: Mapping[str, Iterable[Connection]],
        changes: Changes,
    ) -> None:
        """Bind the house.

        Args:
            removal: Takes away what was said.
            acts: What was done.
            chat: Shows what is approved.
            sanctioning: Imposes and lifts.
            clock: For the lines.
            connections: Who is connected, by room.
            changes: Changes a room's settings, and its shield.
        """
        self._removal = removal
        self._acts = acts
        self._chat = chat
        self._sanctioning = sanctioning
        self._clock = clock
        self._connections = connections
        self._changes = changes
        self._told_lately: set[str] = set()
        self._due: dict[LiveRoom, None] = {}
        self._how: dict[Action, Callable[[LiveRoom, Act, str], Awaitable[Entry | Refused]]] = {
            Action.APPROVE: self._approve,
            Action.REJECT: self._reject,
            Action.DELETE: self._delete,
            Action.DELETE_ALL: self._delete_all,
            Action.WARN: self._warn,
            Action.MUTE: self._impose,
            Action.UNMUTE: self._lift,
            Action.BAN: self._impose,
            Action.UNBAN: self._lift,
            Action.SLOW: self._slow,
            Action.LOCK: self._lock,
            Action.UNLOCK: self._lock,
            Action.SHIELD: self._raise,
            Action.UNSHIELD: self._raise,
            Action.UNDO: self._undo,
        }

    async def carry_out(
        self, room: LiveRoom, acts: Sequence[Act], by: str, asker: Moderator | None = None
    ) -> list[dict[str, Any] | Refused]:
        """Do what is asked for; one act that cannot be done costs the others nothing.

        Args:
            room: Where.
            acts: What, as `read_acts` returns it.
            by: Who asks, as the log will say.
            asker: Who is told by the answer, if one of those at the desk.

        Returns:
            For each act its line of the log, or why it was not done.

        Raises:
            StorageError: If something could not be stored.
        """
        return list(await asyncio.gather(*(self._carry_out(room, act, by, asker) for act in acts)))

    async def _carry_out(
        self, room: LiveRoom, act: Act, by: str, asker: Moderator | None
    ) -> dict[str, Any] | Refused:
        done = await self._how[act.action](room, act, by)
        return done if isinstance(done, Refused) else await self._note(room, done, asker)

    async def _note(self, room: LiveRoom, entry: Entry, asker: Moderator | None = None) -> dict[str, Any]:
        line = await self._acts.append(room.id, entry)
        room.desk.tell(messages.DECIDED, line, but=asker)
        return line

    def desk(self, room: LiveRoom) -> dict[str, Any]:
        """Return everything that a console starts with."""
        return {
            **self.waiting(room),
            "log": self._acts.latest(room.id, _LATEST),
        }

    def waiting(self, room: LiveRoom) -> dict[str, Any]:
        """Return what waits, what is reported, and who may not write or watch."""
        return {
            "held": room.desk.waiting(),
            "reports": room.desk.reported(),
            "sanctions": self._sanctioning.public(room),
        }

    async def page(self, room: LiveRoom, before: int | None, limit: int) -> tuple[list[dict[str, Any]], bool]:
        """Return lines of the log, newest first, and whether there are older ones."""
        return await self._acts.page(room.id, before, limit)

    # -- the queue -----------------------------------------------------------------------------------

    async def _approve(self, room: LiveRoom, act: Act, by: str) -> Entry | Refused:
        held = room.desk.queue.take(act.message_id)
        if held is None:
            report = room.desk.reports.get(act.message_id)
            if report is None:
                return _unknown("no message waits under this id. It may be decided already; read the queue")
            self._removal.settle(room, act.message_id, kept=True)
            return self._entry(act, by, Whom(report.author_id, report.author_name))
        closed = channel.closed(room.settings.spectatorChat, room.state)
        if closed is not None:
            room.desk.queue.put_back(held)
            return closed
        try:
            shown_as = await self._chat.show_held(room, held)
        except StorageError:
            room.desk.queue.put_back(held)
            raise
        # Under either id: what a moderator let stand is not hidden by further reports.
        for message_id in (act.message_id, shown_as):
            self._removal.settle(room, message_id, kept=True)
        return self._entry(act, by, whom_of(held), shown_as=shown_as)

    async def _reject(self, room: LiveRoom, act: Act, by: str) -> Entry | Refused:
        held = room.desk.queue.take(act.message_id)
        if held is None:
            return _unknown("no message waits under this id. It may be decided already; read the queue")
        self._removal.turn_down(room, held, act.reason)
        return self._entry(act, by, whom_of(held))

    # -- what is shown -------------------------------------------------------------------------------

    async def _delete(self, room: LiveRoom, act: Act, by: str) -> Entry | Refused:
        if room.desk.queue.get(act.message_id) is not None:
            return await self._reject(room, act, by)
        record = await self._removal.find(room, act.message_id)
        if record is None:
            return _unknown("no message of this chat has this id; it may be deleted already")
        whom = author_in(record)
        await self._removal.remove(room, "deleted", record)
        self._removal.settle(room, act.message_id, kept=False)
        return self._entry(act, by, whom)

    async def _delete_all(self, room: LiveRoom, act: Act, by: str) -> Entry | Refused:
        whom = await self._viewer(room, act)
        if isinstance(whom, Refused):
            return whom
        await self._removal.remove_all(room, whom.id, act.reason)
        return self._entry(act, by, whom)

    # -- viewers -------------------------------------------------------------------------------------

    async def _warn(self, room: LiveRoom, act: Act, by: str) -> Entry | Refused:
        whom = await self._viewer(room, act)
        if isinstance(whom, Refused):
            return whom
        about = {"message_id": act.message_id} if act.message_id else {}
        if not self._removal.tell(room, whom.id, "warning", reason=act.reason, **about):
            return Refused(
                Code.INVALID_MESSAGE, f"{whom.name or whom.id} is not connected: nobody was warned."
            )
        return self._entry(act, by, whom)

    async def _impose(self, room: LiveRoom, act: Act, by: str) -> Entry | Refused:
        whom = await self._viewer(room, act)
        if isinstance(whom, Refused):
            return whom
        sanction = await self._punish(room, _KINDS[act.action], whom, by, act.reason, act.seconds)
        if act.action is Action.BAN:
            for one in sanction.ids:
                await self._removal.remove_all(room, one, act.reason)
        return self._entry(act, by, whom, until_ms=sanction.until_ms)

    async def _punish(
        self, room: LiveRoom, kind: SanctionKind, whom: Whom, by: str, reason: str, seconds: int
    ) -> Sanction:
        sanction = await self._sanctioning.impose(
            room, kind, whom.id, whom.name, by=by, reason=reason, seconds=seconds
        )
        self._sanctions_changed(room, sanction.ids)
        return sanction

    async def _lift(self, room: LiveRoom, act: Act, by: str) -> Entry | Refused:
        kind = _KINDS[act.action]
        target = act.spectator_id
        if not target:
            whom = await self._viewer(room, act)
            if isinstance(whom, Refused):
                return whom
            target = whom.id
        lifted = await self._sanctioning.lift(room, kind, target)
        if lifted is None:
            return _unknown(f"no {kind} of this viewer is in force", "spectator_id")
        self._sanctions_changed(room, lifted.ids)
        return self._entry(act, by, Whom(lifted.spectator_id, lifted.name))

    async def bring(self, room: LiveRoom, documents: Sequence[Any], by: str) -> tuple[int, int] | Refused:
        """Impose exported sanctions; return how many were new, and how many there already."""
        brought = await self._sanctioning.bring(room, documents)
        if not isinstance(brought, Refused) and brought[0]:
            self._tell_sanctions(room)
            reason = f"{brought[0]} sanctions imported"
            await self._note(room, Entry(by, IMPORT, self._clock.now_ms(), reason=reason))
        return brought

    async def sweep(self, rooms: Iterable[LiveRoom]) -> None:
        """Let sanctions end whose time is over, and tell what changed lately; called each second."""
        self._told_lately.clear()
        due, self._due = self._due, {}
        for room in due:
            self._tell_sanctions(room)
        for room in await self._sanctioning.sweep(rooms):
            self._tell_sanctions(room)

    def sanctions(self, room: LiveRoom) -> list[dict[str, Any]]:
        """Return what is in force."""
        return self._sanctioning.public(room)

    def _sanctions_changed(self, room: LiveRoom, ids: Iterable[str]) -> None:
        """Have those who are named hear of it at once; of many changes in a row the others do each second.

        A raid is a hundred sanctions: to look at each viewer for each of them would outlast the raid.
        """
        named = frozenset(ids)
        for connection in list(self._connections[room.id]):
            if connection.author_id in named:
                connection.reconsider()
        if room.id in self._told_lately:
            self._due[room] = None
        else:
            self._told_lately.add(room.id)
            self._tell_sanctions(room)

    def _tell_sanctions(self, room: LiveRoom) -> None:
        room.desk.tell(messages.SANCTIONS, {"sanctions": self._sanctioning.public(room)})
        for connection in list(self._connections[room.id]):
            connection.reconsider()

    async def _viewer(self, room: LiveRoom, act: Act) -> Whom | Refused:
        """Return whom an act is upon: a viewer of this room, named by its id or by a message."""
        whom = (
            Whom(act.spectator_id, self._removal.name(room, act.spectator_id)) if act.spectator_id else None
        )
        if whom is None:
            whom = await self._removal.writer(room, act.message_id)
        if whom is None:
            return _unknown("no message of this chat has this id; name its author by spectator_id")
        if not whom.id.startswith(("anon_", "user_")):
            return Refused(
                Code.INVALID_MESSAGE,
                "spectator_id: is nobody who watches. Of people inside the room, revoke the token.",
            )
        return whom

    # -- the room ------------------------------------------------------------------------------------

    async def _slow(self, room: LiveRoom, act: Act, by: str) -> Entry | Refused:
        was = room.settings.spectatorChat.moderation.slowSeconds
        refused = await self._moderate(room, slowSeconds=act.seconds)
        return refused or self._entry(act, by, was=was)

    async def _lock(self, room: LiveRoom, act: Act, by: str) -> Entry | Refused:
        locked = act.action is Action.LOCK
        if room.settings.spectatorChat.moderation.locked == locked:
            return Refused(Code.INVALID_MESSAGE, f"The chat is {'locked' if locked else 'open'} already.")
        return await self._moderate(room, locked=locked) or self._entry(act, by)

    async def _moderate(self, room: LiveRoom, **changed: Any) -> Refused | None:
        return await self._changes.change(room, {"spectatorChat": {"moderation": changed}})

    async def _raise(self, room: LiveRoom, act: Act, by: str) -> Entry | Refused:
        up = act.action is Action.SHIELD
        if not await self._changes.shield(room, up):
            return Refused(Code.INVALID_MESSAGE, f"The shield is {'up' if up else 'down'} already.")
        return self._entry(act, by)

    # -- taking back ---------------------------------------------------------------------------------

    async def _undo(self, room: LiveRoom, act: Act, by: str) -> Entry | Refused:
        done = self._acts.undoable(room.id, act.entry)
        if done is None:
            return _unknown("this line of the log cannot be undone, or is undone already", "entry")
        refused = await self._take_back(room, done)
        if refused is not None:
            return refused
        whom = Whom(done.spectator_id, done.display_name)
        return self._entry(act, by, whom, message_id=done.message_id)

    async def _take_back(self, room: LiveRoom, done: Entry) -> Refused | None:
        match Action(done.action):
            case Action.BAN | Action.MUTE as action:
                lift = Act(
                    Action.UNBAN if action is Action.BAN else Action.UNMUTE, spectator_id=done.spectator_id
                )
                lifted = await self._lift(room, lift, "")
                return lifted if isinstance(lifted, Refused) else None
            case Action.SLOW:
                return await self._moderate(room, slowSeconds=done.was or 0)
            case Action.LOCK | Action.UNLOCK as action:
                return await self._moderate(room, locked=action is Action.UNLOCK)
            case Action.SHIELD | Action.UNSHIELD as action:
                await self._changes.shield(room, action is Action.UNSHIELD)
                return None
            case _:
                held = room.desk.rejected.pop(done.message_id, None)
                if held is None:
                    return _unknown("the rejected message is forgotten by now", "entry")
                room.desk.hold(held)
                return None

    # -- what the relay does by itself -----------------------------------------------------------------

    async def hide(self, room: LiveRoom, report: Report) -> None:
        """Take a message off the screens until a moderator has looked: enough viewers reported it."""
        record = room.chat_message(report.message_id)
        if record is None:
            return
        report.hidden = True
        held = Held(report.message_id, decode_message(record.body), record.at_ms, "reported", record.origin)
        await self._removal.remove(room, "reported", record)
        room.desk.hold(held)
        entry = Entry(
            RELAY, HIDE, self._clock.now_ms(), report.message_id, report.author_id, report.author_name
        )
        await self._note(room, entry)

    async def mute(self, room: LiveRoom, spectator_id: str, name: str, seconds: int, rule: str) -> None:
        """Mute who was refused again and again."""
        now_ms = self._clock.now_ms()
        whom = Whom(spectator_id, name)
        sanction = await self._punish(room, SanctionKind.MUTE, whom, RELAY, "", seconds)
        entry = Entry(
            RELAY, Action.MUTE, now_ms, "", spectator_id, name, seconds, sanction.until_ms, rule=rule
        )
        await self._note(room, entry)

    def _entry(self, act: Act, by: str, whom: Whom | None = None, **more: Any) -> Entry:
        timed = act.action in (Action.MUTE, Action.BAN, Action.SLOW)
        told: dict[str, Any] = {
            "message_id": act.message_id,
            "spectator_id": whom.id if whom else "",
            "display_name": whom.name if whom else "",
            "seconds": act.seconds if timed else None,
            "reason": act.reason,
            "undoes": act.entry,
        }
        return Entry(by, act.action.value, self._clock.now_ms(), **{**told, **more})


def _unknown(why: str, field: str = "message_id") -> Refused:
    return Refused(Code.INVALID_MESSAGE, f"{field}: {why}.")

"""What happens on the host socket, where those inside a room look out at its spectators; no socket in here.

A participant is a subscriber like any viewer, of a variant that holds no events: the room's activity is where
they are already. What they get of the chat is the host's integration level, and changes with it at once;
moderators also get what is held, as it comes. They take no seat and are not counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relay.chat.integration import may_answer, reads
from relay.delivery.frames import Variant
from relay.delivery.stream import Subscriber
from relay.delivery.writer import HIGH
from relay.gateway.peer import Line, Peer, Phase
from relay.protocol import messages
from relay.protocol.errors import Code, Refused
from relay.service.insiders import Insider, identify
from relay.service.live_room import LiveRoom, Where
from relay.service.spoken import Spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relay.chat.channel import Author
    from relay.gateway.callers import Caller
    from relay.service.relay import Relay

_UNKNOWN = Refused(
    Code.AUTH_INVALID,
    "Send a participate, moderate or host token of this room in the Authorization header.",
)
"""The answer to every token that opens nothing here, whether there is such a room or not."""


class HostSession(Peer):
    """One connection to `/rooms/{room_id}/host`."""

    __slots__ = ("_author", "_capabilities", "_insider", "_missed_queue")

    def __init__(self, relay: Relay, line: Line, room_id: str, caller: Caller) -> None:
        """Bind a socket that was just upgraded, as `Peer` says."""
        super().__init__(relay, line, room_id, caller)
        self._insider: Insider | None = None
        self._author: Author | None = None
        self._capabilities: list[str] = []
        self._missed_queue = False

    # -- coming in ---------------------------------------------------------------------------------

    def open(self, query: str, bearer: str) -> None:
        """Let in whoever shows a token for the room; whatever is in the query is not looked at."""
        if self._phase is Phase.CLOSED:
            return  # lost in the turn between the upgrade and here
        refused = self._relay.entrance.admit_insider(self._address)
        if refused is not None:
            self._refuse(refused)
            return
        insider = identify(self._relay.tokens, bearer, self._room_id)
        room = self._relay.room(self._room_id)
        if insider is None or room is None or room.state == "closed":
            self._refuse(_UNKNOWN)
            return
        self._insider, self._room = insider, room
        self._author = insider.author(room.id, self._relay.identities)
        self.author_id = self._author.id
        self._relay.watchers[room.id].add(self)
        self._relay.entrance.came_in(self._address)
        self._begin(room, insider)

    def _begin(self, room: LiveRoom, insider: Insider) -> None:
        self._phase = Phase.WATCHING
        line = self._line
        subscriber = Subscriber(
            line.write, line.buffered, line.coding, self._give_up, self._variant(room, insider)
        )
        self._subscriber = subscriber
        self._capabilities = _capabilities(room, insider)
        room.join(subscriber, Where(), lambda position: self._welcome(room, insider, position))
        if insider.role.moderates:
            room.desk.join(self)

    def _welcome(self, room: LiveRoom, insider: Insider, position: int) -> None:
        author, limits = self._who(), self._relay.config.limits
        pace = self._relay.chat.pace(room, author.state)
        self._send(
            messages.WELCOME,
            {
                "room_info": room.info(),
                "current_state": room.welcome_state(self._variant(room, insider), until=position),
                "insider": {
                    "id": author.id,
                    "role": insider.role.value,
                    "display_name": author.name,
                    "capabilities": self._capabilities,
                },
                "cursor": room.encoder.cursor(position),
                "limits": {
                    "keepalive_s": limits.keepalive_s,
                    "message_bytes": limits.message_bytes,
                    "chat_message_length": room.settings.spectatorChat.moderation.maxMessageLength,
                    "chat_messages_per_minute": pace.per_minute,
                    "chat_burst": pace.burst,
                },
                **(self._relay.moderation.desk(room) if insider.role.moderates else {}),
            },
        )

    # -- messages ----------------------------------------------------------------------------------

    def _handle(self, kind: str, data: dict[str, Any], ref: str) -> None:
        if self._room is None or self._insider is None or self._subscriber is None:
            self.fault(Refused(Code.INVALID_MESSAGE, "Wait for the welcome before you write."), ref)
        elif kind == messages.CHAT:
            refused = may_answer(self._room.settings.spectatorChat, self._room.state)
            if refused is not None:
                self._answer(refused, ref)
            else:
                spoken = Spoken(data, ref, self._address, self._subscriber)
                self._relay.spawn(self._say(self._room, spoken))
        elif kind == messages.MODERATE:
            if self._insider.role.moderates:
                self._relay.spawn(self._act(self._room, data, ref, self._insider.signature))
            else:
                why = "This needs a moderate or host token. Ask the host for one."
                self._answer(Refused(Code.ACCESS_DENIED, why), ref)
        else:
            known = ", ".join(sorted(messages.INSIDER_MESSAGES))
            self.fault(Refused(Code.INVALID_MESSAGE, f"type: must be one of {known}."), ref)

    async def _say(self, room: LiveRoom, spoken: Spoken) -> None:
        outcome = await self._relay.chat.answer(room, self._who(), spoken)
        if isinstance(outcome, Refused):
            self.refuse(outcome, spoken.ref)

    # -- the desk ----------------------------------------------------------------------------------

    def pass_on(self, kind: str, data: Mapping[str, Any]) -> None:
        """Send a message of those who moderate.

        Whose line is full is sent everything that waits once it has drained, instead of each change.
        """
        if self._missed_queue or self._line.buffered() > HIGH:
            self._missed_queue = True
        else:
            super().pass_on(kind, data)

    def resume(self) -> None:
        """Note that the transport has room again."""
        super().resume()
        if self._missed_queue and self._room is not None and self._phase is Phase.WATCHING:
            self._missed_queue = False
            self._send(messages.QUEUE, self._relay.moderation.waiting(self._room))

    # -- staying and leaving -----------------------------------------------------------------------

    def reconsider(self) -> None:
        """Follow a change of settings at once; leave if the room is closed or the token revoked."""
        room, insider, subscriber = self._room, self._insider, self._subscriber
        if room is None or insider is None or subscriber is None or self._phase is Phase.CLOSED:
            return
        if room.state == "closed":
            self._refuse(Refused(Code.ROOM_NOT_FOUND, "The room was closed."))
        elif insider.token_id and self._relay.tokens.revoked(insider.token_id):
            self._refuse(Refused(Code.AUTH_INVALID, "The token was revoked. Ask for a new one."))
        else:
            room.hub.change_variant(subscriber, self._variant(room, insider))
            capabilities = _capabilities(room, insider)
            if capabilities != self._capabilities:
                self._capabilities = capabilities
                self._notify("mode_changed", capabilities=capabilities)

    def _left(self, room: LiveRoom, *, clean: bool) -> None:
        room.desk.leave(self)

    def _variant(self, room: LiveRoom, insider: Insider) -> Variant:
        return Variant(frozenset(), chat=reads(room.settings.spectatorChat, insider.role))

    def _who(self) -> Author:
        assert self._author is not None
        return self._author


def _capabilities(room: LiveRoom, insider: Insider) -> list[str]:
    settings = room.settings.spectatorChat
    found = []
    if room.features and reads(settings, insider.role):
        found.append("read_chat")
    if may_answer(settings, room.state) is None:
        found.append("answer")
    if insider.role.moderates:
        found.append("moderate")
    return found

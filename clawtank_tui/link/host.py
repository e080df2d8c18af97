"""The line of somebody inside the room: the host socket, its messages, and what may be sent there.

It has no history to resume: each welcome tells all there is. What is common to every line, the schedule of
tries, the reading of refusals, the order of the chat, is `Machine` and `Session`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from clawtank_tui.link.machine import Machine
from clawtank_tui.link.session import Session
from relay.protocol import messages

if TYPE_CHECKING:
    from clawtank_tui.link.outcome import Opening
    from clawtank_tui.link.target import RelayAddress, Target


class HostMachine(Machine):
    """The decisions of an insider's line."""

    KNOWN: ClassVar[frozenset[str]] = messages.RELAY_MESSAGES | {
        messages.HELD,
        messages.REPORTED,
        messages.DECIDED,
        messages.SANCTIONS,
        messages.QUEUE,
    }

    def __init__(self, target: Target, random: Callable[[], float]) -> None:
        """Start disconnected, as `Machine` does."""
        super().__init__(target, random)
        self._sent = 0

    def open(self) -> Opening:
        """Begin a try, always where the user said: the token is for that relay, not for one it names."""
        self._address = self._home
        return super().open()

    def _url(self, address: RelayAddress) -> str:
        return address.host_url(self._target.room_id)

    def next_id(self, kind: str) -> str:
        """Return an id for a message of a kind, which each answer names as `ref`."""
        self._sent += 1
        return f"{kind}{self._sent}"


class HostSession(Session):
    """An insider's line to one room."""

    MAX_BYTES: ClassVar[int] = 16 * 1024 * 1024
    """A full queue of the longest messages is one welcome."""

    def _make_machine(self, target: Target, random: Callable[[], float]) -> Machine:
        self._ids = HostMachine(target, random)
        return self._ids

    async def send_chat(self, text: str, reply_to: str = "") -> str:
        """Say something to the spectators.

        Returns:
            The message's id: the relay's copy of it, or its refusal, names it as `ref`.

        Raises:
            NotSent: If there is no line now. The text is still the caller's.
        """
        message_id = self._ids.next_id("c")
        data = {"message": text, "reply_to": reply_to} if reply_to else {"message": text}
        await self.send(message_id, messages.CHAT, data)
        return message_id

    async def send_act(self, data: Mapping[str, Any], note: Callable[[str], None]) -> None:
        """Send a `moderation.act`.

        Args:
            data: What to do.
            note: Called with its id before it leaves, so that no answer comes too early: each names it as
                `ref`.

        Raises:
            NotSent: If there is no line now.
        """
        self._open_line()
        message_id = self._ids.next_id("a")
        note(message_id)
        await self.send(message_id, messages.MODERATE, data)

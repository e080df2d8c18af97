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

    def open(self) -> Opening:
        """Begin a try, always where the user said: the token is for that relay, not for one it names."""
        self._address = self._home
        return super().open()

    def _url(self, address: RelayAddress) -> str:
        return address.host_url(self._target.room_id)


class HostSession(Session):
    """An insider's line to one room."""

    MAX_BYTES: ClassVar[int] = 16 * 1024 * 1024
    """A full queue of the longest messages is one welcome."""
    _acts = _said = 0

    def _make_machine(self, target: Target, random: Callable[[], float]) -> Machine:
        return HostMachine(target, random)

    async def send_act(self, data: Mapping[str, Any], note: Callable[[str], None]) -> None:
        """Send a `moderation.act`.

        Args:
            data: What to do.
            note: Called with its id before it leaves, so that no answer comes too early: each names it as
                `ref`.

        Raises:
            NotSent: If there is no line now.
        """
        self._open_line()  # or there is nothing to note
        self._acts += 1
        message_id = f"a{self._acts}"
        note(message_id)
        await self.send(message_id, messages.MODERATE, data)

    async def send_chat(self, text: str, reply_to: str = "") -> str:
        """Send a message to the spectator chat; return its id, which the answer names as `ref`.

        Raises:
            NotSent: If there is no line now.
        """
        self._said += 1
        message_id = f"c{self._said}"
        data = {"message": text, **({"reply_to": reply_to} if reply_to else {})}
        await self.send(message_id, messages.CHAT, data)
        return message_id

"""What a host asks over HTTP, because the socket does not carry it: the room's settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import httpx

from clawtank_tui import __version__
from clawtank_tui.link.problems import fault_of
from clawtank_tui.link.trust import trust
from relay.protocol.envelope import BadMessage, decode_object
from relay.protocol.text import safe_text

if TYPE_CHECKING:
    from clawtank_tui.link.target import Target

_TIMEOUT_S = 10.0
_LONGEST = 300


class NotDone(Exception):
    """The relay did not do it; the text is one sentence."""


class HostCalls:
    """Calls with the host's token to the relay the host named."""

    def __init__(self, target: Target) -> None:
        """Prepare; nothing is opened before a call."""
        self._target = target

    async def settings(self) -> Mapping[str, Any]:
        """Return all settings of the room, as the relay sent them.

        Raises:
            NotDone: If the relay does not tell.
        """
        return await self._call("GET", None)

    async def change(self, patch: Mapping[str, Any]) -> Mapping[str, Any]:
        """Change settings, whole or not at all; return all of them as they are then.

        Raises:
            NotDone: If the relay does not take it.
        """
        return await self._call("PATCH", patch)

    async def _call(self, method: str, body: Mapping[str, Any] | None) -> Mapping[str, Any]:
        target, relay = self._target, self._target.relay
        headers = {"User-Agent": f"clawtank/{__version__}", "Authorization": f"Bearer {target.token}"}
        try:
            async with httpx.AsyncClient(
                verify=trust(target) or True,
                timeout=_TIMEOUT_S,
                # A proxy between a host and a relay on the same machine is always a mistake.
                trust_env=not relay.is_loopback,
            ) as client:
                answer = await client.request(
                    method, f"{relay.http_url}/rooms/{target.room_id}/settings", headers=headers, json=body
                )
        except (httpx.HTTPError, OSError) as error:
            raise NotDone(fault_of(error, relay).sentence) from None
        try:
            found = decode_object(answer.content)
        except BadMessage:
            found = {}
        if answer.is_success and found:
            return found
        message = found.get("message")
        if isinstance(message, str) and message:
            raise NotDone(safe_text(message, _LONGEST))
        raise NotDone(f"The relay at {relay.url} did not answer as one (HTTP {answer.status_code}).")

"""The secret with which a forge vouches for its deliveries to a room.

GitHub signs with it, so the relay has to know it in clear: a publish token, kept as a digest only, cannot
serve. It is derived from the relay's key instead and never stored: the same as long as the key and the room's
id are, unrelated to the secret of any other room, and nothing to look up, so that asking for the secret of a
room that does not exist takes as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relay.audience.identity import Identities


def hook_secret(identities: Identities, room_id: str) -> str:
    """Return a room's hook secret: 128 bits, in hexadecimal."""
    # Everything else that is keyed holds a NUL behind its kind: no id of a publisher can ask for this.
    return identities.keyed(room_id, "hook secret")

"""Names of the messages on the spectator socket, and on the host socket.

Spec: WebSocket Protocol. Every message is an envelope `{id, type, timestamp, data, metadata?}`.
"""

from __future__ import annotations

SUBPROTOCOL = "clawtank.spectator.v1"

WELCOME = "spectator.welcome"
ACTIVITY = "spectator.activity"
BATCH = "spectator.batch"
CHAT = "spectator.chat_message"
CHAT_REMOVED = "spectator.chat_removed"
PRESENCE = "spectator.presence"
NOTICE = "spectator.notice"
KEEPALIVE = "spectator.keepalive"
ERROR = "spectator.error"
CONNECT = "spectator.connect"
SUBSCRIBE = "spectator.subscribe"
REPORT = "spectator.report"

HELD = "moderation.held"
DECIDED = "moderation.decided"
REPORTED = "moderation.reported"
SANCTIONS = "moderation.sanctions"
QUEUE = "moderation.queue"
MODERATE = "moderation.act"

RELAY_MESSAGES = frozenset({WELCOME, ACTIVITY, BATCH, CHAT, CHAT_REMOVED, PRESENCE, NOTICE, KEEPALIVE, ERROR})
VIEWER_MESSAGES = frozenset({CONNECT, SUBSCRIBE, CHAT, REPORT})
INSIDER_MESSAGES = frozenset({CHAT, MODERATE})

KEEPALIVE_S = 60
"""Seconds of silence after which a connection hears from the relay; the client's measure of a dead line."""
BATCH_S = 30
"""Seconds of a batch, unless its viewer asks for others."""
SHORTEST_BATCH_S, LONGEST_BATCH_S = 1, 300
MAX_HISTORY = 1000
"""The most recent events a viewer may ask for with `history` when it connects."""

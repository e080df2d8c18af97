"""The relay: validates, filters, delivers and moderates what spectators of a room may see.

What flows through, and which room of the house it passes:

```
sources ─► screen ─► storage (log) ─► rooms (state) ─► delivery ─► gateway ─► viewers
```

- `gateway` is the network, `service` what may be done with the rooms, whoever asks.
- `sources` maps what comes in, `screen` decides what of it may be seen, `storage` makes it durable.
- `rooms` is what a room is, `delivery` who gets which bytes when, `chat` the spectators' own channel,
  `audience` who they are and how many.
- `protocol` is the wire, shared with the client.

What must stay true, and the test that locks it:

1. Nothing the allow-list did not name reaches a viewer: `tests/relay/screen`,
   `tests/end_to_end/test_events.py`, `test_hidden_events.py`, `test_sanitising.py`, `test_canary_events.py`,
   and `test_caching.py` for what caches may hold.
2. An acknowledged event is durable, in order, delivered once after de-duplication: `tests/contract`,
   `tests/relay/delivery/test_hub.py`, `tests/end_to_end/test_kill.py`.
3. What a viewer costs is bounded, and one cannot slow another: `tests/relay/delivery/test_hub.py`.
4. A private room is indistinguishable from none: `tests/end_to_end/test_validation.py`.
5. Nobody is identifiable: `tests/relay/audience`, `tests/end_to_end/test_operations.py`.
"""

__version__ = "0.1.0"

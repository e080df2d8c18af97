"""The terminal client: watch a ClawTank room live.

What flows through: `link` (connection machine, socket) → `state` (reducer, sentences) → `plain`
lines or `widgets` on `screens`. The client knows the relay through `relay.protocol` only; the demo
alone starts a relay.
"""

__version__ = "0.1.0"

"""The wire, shared by relay and client: names, shapes and limits that both sides must agree on.

Standard library only, so that `clawtank` starts without a validation library. What the relay
validates with pydantic lives in `relay.screen` and `relay.rooms.settings`.
"""

"""The network: the only code that knows uvicorn, Starlette and websockets.

`http` and `sockets` are the two protocol classes of the one port; `session` is what happens on a spectator's
socket once it is open, `api` the HTTP calls. What they do, they do through `relay.service`.
"""

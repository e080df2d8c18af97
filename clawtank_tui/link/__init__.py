"""The line to a relay: where it leads, when to try again, and the socket itself.

`target` says what a viewer asked for, `machine` decides (no IO), `problems` puts failures into
sentences, `session` moves the bytes. Nothing above this package ever holds a token.
"""

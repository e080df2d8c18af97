"""The spectator chat: a channel of its own, apart from the room's activity.

First form: length, rate and names. It never touches room events; its messages share the room's one
sequence, so that a resume repairs them too.
"""

"""The rooms at work: what may be done with them, whoever asks.

Between the gateway, which knows sockets and HTTP, and the parts that each know one thing (rooms,
delivery, chat, audience, sources). `live_room` puts those parts together for one room, `relay` is the house
with all its rooms, `tokens` says who may do what.
"""

"""Delivery: encode once, write the same bytes to all, read the log for whoever fell behind.

`frames` turns records into bytes; `hub` holds a room's viewers by variant and decides who gets what when.
Neither knows sockets: a viewer is two callables, one that writes and one that says how much waits.
"""

"""Delivery: encode once, write the same bytes to all, read the log for whoever fell behind.

`hub` is a room's delivery: it decides who gets what when. `stream` holds the viewers who share bytes,
`frames` makes the messages, `coding` the bytes, `writer` hands them over, `batches` names batches; `reading`
serves whoever is in no stream from the log, whose end `tail` keeps in memory; `quality` says how fine-grained
realtime is. None of it knows sockets: a viewer is two callables, one that writes and one that says how much
waits.
"""

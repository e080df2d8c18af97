"""A room as the relay knows it: settings, life, what is going on in it, and who may come in.

Pure but for nothing: no sockets, no storage. `settings` is the host's word, `state` what the log adds up to,
`admission` the decision at the door.
"""

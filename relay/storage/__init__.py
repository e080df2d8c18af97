"""Durable things: each room's log, and small documents (rooms, tokens, peaks, names).

`contract` says what every storage must do; one test suite in `tests/contract` runs against each of them.
`sqlite` is the default. Only screened events are ever handed to a storage.
"""

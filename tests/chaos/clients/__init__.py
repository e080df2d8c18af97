"""Clients that others wrote, watching a lively room for minutes: what they make of it is what was sent.

    PYTHONPATH=tests python -m chaos.clients --minutes 10

A browser (Chromium), node's `ws` and Python's `websockets`, each in a process of its own, with deflate as
they offer it by default and as hardly anybody does (`kinds`). They know nothing of what they are told: they
connect where they were before, write down each message as their library gave it to them, and now and then
they break off (`node.mjs`, `browser.html`, `python_client`). Meanwhile the room has tides (`tides`): floods,
long silences, chat, a host who hides and shows, and others who come and go, so that windows that viewers
share end and begin again. What was written down is held against the log by the judge of the storm (`lines`,
`run`).

A client that is not installed is skipped, and that is said.
"""

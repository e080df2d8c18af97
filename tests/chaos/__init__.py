"""A room watched through a bad network while its relay is killed again and again: nobody may miss anything.

    PYTHONPATH=tests python -m chaos                  # 200 viewers, ten kills, three minutes
    PYTHONPATH=tests python -m chaos --quick          # 20 viewers, two kills, twenty seconds
    PYTHONPATH=tests python -m chaos.clients --minutes 10

What is judged is judged by a stranger: nothing here imports the relay, its client or the library under them.
Viewers speak WebSocket by `websocket` (written from the RFCs), reach the relay through `proxy` (which does
what `faults` drew for them from the seed), and write down what they were sent (`journal`). Publishers send
each event again until it is acknowledged (`load`). At the end `judge` holds every journal against what was
acknowledged. It is pure, and its own tests show that it sees each kind of breach.

`clients` is another run, with kinder lines and clients that others wrote: a browser, node, Python.
"""

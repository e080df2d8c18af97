"""Benchmarks: how the product compares, in the same run, with what a user would take instead.

    PYTHONPATH=tests python -m bench.fanout       # what a delivered event costs, and how late it comes
    PYTHONPATH=tests python -m bench.handshake    # what a viewer that comes in costs
    PYTHONPATH=tests python -m bench.memory       # what a viewer holds, idle and under load
    PYTHONPATH=tests python -m bench.stalled      # what readers that stop reading cost, and whom
    PYTHONPATH=tests python -m bench.growth       # whether a delivery costs the same among many
    PYTHONPATH=tests python -m bench.bandwidth    # bytes per event and per hour
    PYTHONPATH=tests python -m bench.ingest       # what an event costs that comes in
    PYTHONPATH=tests python -m bench.all          # all of these, as the tables of docs/performance.md
    PYTHONPATH=tests python -m bench.ingest       # what a published event costs, and how late its answer is
    PYTHONPATH=tests python -m bench.start        # how soon a command answers and the screen stands

A machine is never quiet, so nothing is compared across runs: the peers take turns in every round, and
what counts is the median of the ratios within the rounds. `--quick` is for CI: it checks that everything
arrives, and says nothing about speed.
"""

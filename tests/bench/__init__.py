"""Benchmarks: how the product compares, in the same run, with what a user would take instead.

    PYTHONPATH=tests python -m bench.fanout       # what a delivered event, a handshake, an idle viewer cost
    PYTHONPATH=tests python -m bench.start        # how soon a command answers and the screen stands

A machine is never quiet, so nothing is compared across runs: the peers take turns in every round, and
what counts is the median of the ratios within the rounds. `--quick` is for CI: it checks that everything
arrives, and says nothing about speed.
"""

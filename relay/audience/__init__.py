"""Who watches: identity, seats and presence, and the figures for the operator.

Nobody is identifiable: ids are keyed per room, addresses are used in memory and never kept, and no figure
has a label per viewer.
"""

"""The relay: validates, filters, batches and moderates what spectators of a room may see."""

__version__ = "0.1.0"

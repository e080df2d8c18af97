"""What a server's processes have used."""

from __future__ import annotations

import psutil


class Usage:
    """A server: its process, and those that it started (nginx works in a child)."""

    def __init__(self, pid: int) -> None:
        root = psutil.Process(pid)
        self._processes = [root, *root.children(recursive=True)]

    def cpu_us(self) -> float:
        """Return user and system time so far."""
        times = [process.cpu_times() for process in self._processes]
        return sum(each.user + each.system for each in times) * 1e6

    def resident_kib(self) -> float:
        """Return the resident set now."""
        return sum(process.memory_info().rss for process in self._processes) / 1024

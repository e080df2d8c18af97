"""The terminal under the screen: drawn on standard output, in the encoding it has.

Textual draws on standard error, which people redirect to a file; whether there is a terminal at all was
decided by standard output. Where the locale is not UTF-8, each sign is replaced by one of its own width,
so that columns stay straight.
"""

from __future__ import annotations

import codecs
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING, TextIO

from rich.cells import cell_len

if TYPE_CHECKING:
    from textual.driver import Driver

LOOKALIKES = str.maketrans(
    "─│╭╮╰╯├┬╌═…·•●○◌◐◎▶▷▸▾◆✔✖★⎇→←↑↓⇡⇣↳›«»“”‘’–—−⋯×", '-|++++++-=.--*o.@O>>>v*vx*#><^v^v>>""""\'\'---.x'
)
"""ASCII of the same width for the signs the screen is made of."""


def _to_ascii(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    missing = error.object[error.start : error.end].translate(LOOKALIKES)
    return "".join(char if char.isascii() else "?" * cell_len(char) for char in missing), error.end


codecs.register_error("clawtank.lookalike", _to_ascii)


def output(stream: TextIO) -> TextIOWrapper:
    """Return a stream over the same file that can write any text: what the encoding lacks becomes ASCII."""
    return open(  # lives as long as the terminal does
        stream.fileno(), "w", encoding=stream.encoding, errors="clawtank.lookalike", newline="", closefd=False
    )


def terminal_driver() -> type[Driver] | None:
    """Return the driver for a terminal on standard output; None where Textual's own choice serves."""
    if sys.platform == "win32" or sys.__stdout__ is None or not sys.__stdout__.isatty():
        return None
    from textual.drivers.linux_driver import LinuxDriver

    class OutputDriver(LinuxDriver):
        """Textual's driver, on standard output."""

        def __init__(self, *args: object, **kwargs: object) -> None:
            super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed through as they come
            assert sys.__stdout__ is not None
            self._file = output(sys.__stdout__)

    return OutputDriver

"""Completion: commands at the beginning of a line, names anywhere else."""

import pytest

from clawtank_tui.state.completion import Completion, complete

NAMES = ["ken", "Anonymous Viewer", "Kendra", "marta"]
COMMANDS = ["reply", "report", "help"]


@pytest.mark.parametrize(
    ("line", "start", "texts"),
    [
        ("/re", 0, ("/reply ", "/report ")),
        ("/", 0, ("/reply ", "/report ", "/help ")),
        ("ke", 0, ("ken ", "Kendra ")),
        ("hi @ke", 3, ("@ken ", "@Kendra ")),
        ("/reply an", 7, ("Anonymous Viewer ",)),
        ("/mute Anonymous V", 6, ("Anonymous Viewer ",)),
        ("/mute ~mar", 6, ("marta ",)),
    ],
)
def test_what_fits(line, start, texts):
    assert complete(line, len(line), NAMES, COMMANDS) == Completion(start, len(line), texts)


@pytest.mark.parametrize("line", ["", "hi ", "zed", "/zed", "/reply zed", "@"])
def test_what_does_not(line):
    assert complete(line, len(line), NAMES, COMMANDS) is None


def test_the_word_before_the_cursor_counts():
    assert complete("ma, hello", 2, NAMES, COMMANDS) == Completion(0, 2, ("marta ",))

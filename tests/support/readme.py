"""What README.md promises, read back out of it: marked blocks, tables, and the command lines it shows.

A marker is an HTML comment, invisible to readers, on the line before what it marks.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"
OPERATIONS = README.parent / "docs" / "operations.md"
MODERATION = README.parent / "docs" / "moderation.md"
_FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_BETWEEN_COMMANDS = frozenset({"&&", "||", "|", ";", "&", "(", ")"})


def text() -> str:
    """Return the whole README."""
    return README.read_text(encoding="utf-8")


def after(marker: str, document: Path = README) -> str:
    """Return what follows `<!-- marker -->`.

    Raises:
        AssertionError: If the marker is not there exactly once.
    """
    _, *rest = document.read_text(encoding="utf-8").split(f"<!-- {marker} -->\n")
    assert len(rest) == 1, f"{document.name} should have one line <!-- {marker} -->, it has {len(rest)}"
    return rest[0].lstrip("\n")


def command(marker: str) -> str:
    """Return the one line of the fenced block under a marker."""
    block = _FENCE.match(after(marker))
    assert block, f"README.md should have a ```sh block under <!-- {marker} -->"
    lines = block[1].splitlines()
    assert len(lines) == 1, f"the block under <!-- {marker} --> should be one line, to be copied at once"
    return lines[0]


def table(marker: str, document: Path = README) -> dict[str, list[str]]:
    """Return the rows of the table under a marker: the first cell to the others, code quotes taken off."""
    rows: dict[str, list[str]] = {}
    for line in after(marker, document).splitlines()[2:]:
        if not line.startswith("|"):
            break
        first, *others = [cell.strip(" `") for cell in line.strip("|").split("|")]
        rows[first] = others
    return rows


def command_lines(*programs: str, document: Path = README) -> list[list[str]]:
    """Return every call of some programs in a document's `sh` blocks, as words, the name first."""
    calls: list[list[str]] = []
    for block in _FENCE.findall(document.read_text(encoding="utf-8")):
        for line in block.replace("\\\n", " ").splitlines():
            calls += [words for words in _commands(line.removeprefix("$ ")) if words[0] in programs]
    return calls


def _commands(line: str) -> list[list[str]]:
    words: list[list[str]] = [[]]
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    for word in lexer:
        if word in _BETWEEN_COMMANDS or set(word) <= set("<>"):
            words.append([])
        elif words[-1] or not re.match(
            r"[A-Z_]+=", word
        ):  # a variable before the command is none of its words
            words[-1].append(word)
    for call in words:
        call[:1] = [Path(name).name for name in call[:1]]
    return [call for call in words if call]

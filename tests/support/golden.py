"""Golden screenshots: the screen as SVG, compared byte for byte with what is checked in.

    CLAWTANK_UPDATE_SCREENSHOTS=1 python -m pytest tests/clawtank_tui/screens/test_screenshots.py

writes them anew, and the PNGs of the README too where `rsvg-convert` is installed. Look at them before you
check them in.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
UPDATE = "CLAWTANK_UPDATE_SCREENSHOTS"
_IDS = re.compile(r"terminal-\d+-")
_FACES = re.compile(r"    @font-face \{.*?\}\n", re.DOTALL)


def normalised(svg: str) -> str:
    """Drop from Rich's SVG what differs from run to run, and what would be fetched from elsewhere.

    Blanks become real ones that count, so that every renderer keeps them at the ends of a text.
    """
    svg = _FACES.sub("", _IDS.sub("clawtank-", svg))
    return svg.replace("<svg ", '<svg xml:space="preserve" ', 1).replace("&#160;", " ")


def check(name: str, svg: str, *, png: bool = False) -> None:
    """Compare a screenshot with the one checked in, or replace that when asked to.

    Args:
        name: The file's name without its ending.
        svg: As Textual exported it.
        png: Whether the README shows it, so that a PNG is wanted beside it.
    """
    path = SCREENSHOTS / f"{name}.svg"
    shown = normalised(svg)
    if os.environ.get(UPDATE):
        path.write_text(shown, encoding="utf-8")
        if png and (converter := shutil.which("rsvg-convert")):
            _write_png(converter, path)
    assert shown == path.read_text(encoding="utf-8"), f"{path.name} differs: look, then set {UPDATE}=1"


def _write_png(converter: str, path: Path) -> None:
    # rsvg ignores `textLength`: DejaVu's letters fill the cells at 20.27 px instead of 20.
    svg = path.read_text(encoding="utf-8").replace("font-size: 20px", "font-size: 20.27px")
    svg = svg.replace("font-family: Fira Code, monospace", "font-family: DejaVu Sans Mono, monospace")
    subprocess.run([converter, "-o", path.with_suffix(".png")], input=svg.encode(), check=True)

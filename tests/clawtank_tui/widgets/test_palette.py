"""Colours: readable on dark and on light, the same in 256 colours, and one per name."""

from __future__ import annotations

import pytest
from rich.color import Color, ColorSystem

from clawtank_tui.widgets.palette import BACKGROUND, FAINT, NAMES, QUIET, TEXT, name_style


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour. Spec: WCAG 2.2."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", NAMES)
def test_names_can_be_read_on_our_ground_and_on_white_and_survive_256_colours(name: str) -> None:
    assert contrast(name, BACKGROUND) >= 4.2
    assert contrast(name, "#ffffff") >= 3
    downgraded = Color.parse(name).downgrade(ColorSystem.EIGHT_BIT)
    assert downgraded.get_truecolor().hex == name


@pytest.mark.parametrize("grey", [FAINT, QUIET, TEXT])
def test_greys_can_be_read(grey: str) -> None:
    assert contrast(grey, BACKGROUND) >= 4.5


def test_a_name_has_one_colour_and_all_colours_are_used() -> None:
    assert name_style("Claude") == name_style("claude")
    used = {colour.name for number in range(200) if (colour := name_style(f"viewer_{number}").color)}
    assert used == set(NAMES)

"""Whether the public page can be read: contrast in light and dark, and letters that no phone zooms into."""

import re

import pytest

from web.app import STYLE

# (ink, paper) that meet on the page, and how much they must differ (WCAG 2.2, 1.4.3 and 1.4.11).
TEXT = [
    ("ink", "paper"),
    ("ink", "card"),
    ("quiet", "paper"),
    ("quiet", "card"),
    ("main", "paper"),
    ("main", "card"),
    ("on-main", "main"),
    ("on-main", "main-press"),
    ("soft-ink", "soft"),
    ("ink", "soft"),
    ("bad-ink", "bad"),
]
EDGES = [("field", "card"), ("main", "card")]


def colours(scheme: str) -> dict[str, str]:
    light, _, dark = STYLE.partition("prefers-color-scheme: dark")
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light))
    return found if scheme == "light" else {**found, **dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", dark))}


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read_in_light_and_dark(scheme: str) -> None:
    named = colours(scheme)
    assert all(contrast(named[ink], named[paper]) >= 4.5 for ink, paper in TEXT)
    assert all(contrast(named[edge], named[paper]) >= 3 for edge, paper in EDGES)


def test_no_letters_are_smaller_than_sixteen_pixels() -> None:
    sizes = re.findall(r"font(?:-size)?: ([\d.]+)(rem|em|px|pt|%)", STYLE)
    assert sizes and all(unit == "rem" and float(size) >= 1 for size, unit in sizes)


def test_the_style_asks_for_nothing_from_elsewhere() -> None:
    assert not re.search(r"url\(|@import|https?:|</", STYLE)

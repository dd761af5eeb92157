"""Contrast of two colours, as WCAG 2 counts it. Pure."""

import re

TEXT = 4.5
"""Least contrast of a text with its ground (AA)."""
CONTROL = 3.0
"""Least contrast of a control or a shape with its ground (AA)."""

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def contrast(one: str, other: str) -> float:
    """From 1 (same) to 21 (black on white). Colours as "#rrggbb"; raises ValueError for any other form."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    if not _HEX.fullmatch(colour):
        raise ValueError(f"couleur « {colour} » : écrivez-la comme #0b5d5e")
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

"""How wide a text is, in a terminal and in any font of fixed width."""

from __future__ import annotations

from unicodedata import east_asian_width


def width_of(text: str) -> int:
    """How many columns of a fixed-width font a text takes; a Chinese character takes two."""
    if text.isascii():
        return len(text)
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)

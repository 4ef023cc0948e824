"""Texts as a workbook can hold them."""

from __future__ import annotations

import re

# Excel's limit of a cell's text.
_LONGEST_TEXT = 32_767
# Excel repairs, and so loses, a file that holds one of these.
_FORBIDDEN_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def legible(text: str) -> str:
    """The text with � for characters that no workbook can hold, cut to what a cell holds."""
    shown = _FORBIDDEN_IN_XML.sub("�", text)
    return shown if len(shown) <= _LONGEST_TEXT else shown[: _LONGEST_TEXT - 1] + "…"


def cut(name: str, length: int) -> str:
    """The beginning of a name that is no longer than Excel counts."""
    # Excel counts a character outside the basic plane as two.
    units = name.encode("utf-16-le")[: 2 * length]
    return units.decode("utf-16-le", errors="ignore")

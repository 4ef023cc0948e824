"""What a run's files are called: by the day, and by what was asked for beside everything."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from hashlib import sha256

# As people say them: a file's name holds none of these signs.
_SIGNS = {"<=": "le", ">=": "ge", "<>": "ne", "!=": "ne", "<": "lt", ">": "gt", "=": "eq"}
# Characters of a part, and of the whole: file systems take 255 bytes, of which a Chinese
# character is three, and the endings of half-written files take some.
_LONGEST, _LONGEST_STEM = 40, 70


def file_stem(day: date, asked: Iterable[str]) -> str:
    """`screen-DAY`, and behind it what was asked for: two runs that ask otherwise never meet."""
    stem = "-".join((f"screen-{day}", *(_readable(text) for text in asked if text)))
    return stem if len(stem) <= _LONGEST_STEM else f"{stem[:_LONGEST_STEM]}-{_mark(stem)}"


def _readable(text: str) -> str:
    """The text as part of a file's name; where something is lost, a mark of the whole stands."""
    spelled = text
    for sign, word in _SIGNS.items():
        spelled = spelled.replace(sign, f" {word} ")
    slug = re.sub(r"[^\w.]+", "-", spelled).strip("-.")[:_LONGEST]
    is_whole = re.fullmatch(r"[\w. ]*", spelled) and len(slug) < _LONGEST
    return slug if is_whole else f"{slug}-{_mark(text)}"


def _mark(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:6]

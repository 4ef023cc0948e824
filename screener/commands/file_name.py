"""What a run's files are called: by the day, and by what was asked for beside everything."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from hashlib import sha256

# As people say them: a file's name holds none of these signs.
_SIGNS = {"<=": "le", ">=": "ge", "<>": "ne", "!=": "ne", "<": "lt", ">": "gt", "=": "eq"}
_LONGEST = 40


def file_stem(day: date, asked: Iterable[str]) -> str:
    """`screen-DAY`, and behind it what was asked for: two runs that ask otherwise never meet."""
    return "-".join((f"screen-{day}", *(_readable(text) for text in asked if text)))


def _readable(text: str) -> str:
    """The text as part of a file's name; where something is lost, a mark of the whole stands."""
    spelled = text
    for sign, word in _SIGNS.items():
        spelled = spelled.replace(sign, f" {word} ")
    slug = re.sub(r"[^\w.]+", "-", spelled).strip("-.")[:_LONGEST]
    is_whole = re.fullmatch(r"[\w. ]*", spelled) and len(slug) < _LONGEST
    return slug if is_whole else f"{slug}-{sha256(text.encode()).hexdigest()[:6]}"

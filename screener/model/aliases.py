"""A small table of listings by code: what they are called, and when their fiscal year ends.

It holds the names of the bundled watchlists, and those that are easily taken for them.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from unicodedata import normalize


@dataclass(frozen=True, slots=True)
class KnownListing:
    """What a code is known to stand for."""

    symbol: str
    name: str
    fiscal_year_end: str


def plain_name(name: str) -> str:
    """A name as it can be compared: no blanks, no full-width signs."""
    plain = "".join(normalize("NFKC", name).split())
    return plain if any(ord(character) > 0x2E80 for character in plain) else " ".join(name.split())


@cache
def _known() -> Mapping[str, KnownListing]:
    with (Path(__file__).parent / "aliases.csv").open(encoding="utf-8", newline="") as file:
        rows = [KnownListing(**row) for row in csv.DictReader(file)]
    return MappingProxyType({row.symbol: row for row in rows})


KNOWN = _known()

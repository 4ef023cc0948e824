"""A small table of listings by code: what they are called, and when their fiscal year ends.

It holds the names of the bundled watchlists, and those that are easily taken for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from unicodedata import normalize

from screener.model.shipped import rows_of


@dataclass(frozen=True, slots=True)
class KnownListing:
    """What a code is known to stand for."""

    symbol: str
    name: str
    name_en: str
    fiscal_year_end: str


def plain_name(name: str) -> str:
    """A name as it can be compared: no blanks, no full-width signs."""
    # Tables space Chinese names out to one width (`深 桑 达Ａ`); in Latin ones blanks part words.
    plain = "".join(normalize("NFKC", name).split())
    return plain if any(ord(character) > 0x2E80 for character in plain) else " ".join(name.split())


KNOWN: Mapping[str, KnownListing] = {
    row["symbol"]: KnownListing(**row) for row in rows_of("aliases")
}


def known_by_name(name: str) -> list[KnownListing]:
    """The listings that are called so: none, one, or a company's on several exchanges."""
    return _by_name().get(plain_name(name), [])


@cache
def _by_name() -> Mapping[str, list[KnownListing]]:
    found: dict[str, list[KnownListing]] = {}
    for known in KNOWN.values():
        found.setdefault(plain_name(known.name), []).append(known)
    return found

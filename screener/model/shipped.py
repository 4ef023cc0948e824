"""Tables that come with the program: CSV files in this folder."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path


@cache
def rows_of(name: str) -> Sequence[Mapping[str, str]]:
    """The rows of `NAME.csv` by its columns, in their order; read once."""
    path = Path(__file__).with_name(f"{name}.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))

"""What is different between two runs: the record that is shown of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from screener.model.column_table import columns_of
from screener.model.messages import Sentence
from screener.model.problems import Problem

if TYPE_CHECKING:
    import polars as pl


COLUMNS = columns_of("change")


@dataclass(frozen=True, slots=True)
class Changes:
    """The second run against the first.

    `rows` has a row for each name that both have, with the columns `COLUMNS`; `came` and `went`
    are names of one only, as (sector, symbol, name). Problems are compared by kind, symbol and
    message. `said` is what makes the two hard to compare.
    """

    rows: pl.DataFrame
    came: tuple[tuple[str, str, str], ...]
    went: tuple[tuple[str, str, str], ...]
    new_problems: tuple[Problem, ...]
    gone_problems: tuple[Problem, ...]
    said: tuple[Sentence, ...]

"""What a valuation table is: its headings, its rows, what of it could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal


class Market(Enum):
    """Which market rows are said to be of: by the table as a whole, or by a line above them."""

    NONE = "none"
    HONG_KONG_TABLE = "table of Hong Kong"
    HONG_KONG = "Hong Kong"
    MAINLAND = "mainland"
    ABROAD = "abroad"

    @property
    def is_hong_kong(self) -> bool:
        return self in (Market.HONG_KONG_TABLE, Market.HONG_KONG)


Kind = Literal["code", "name", "eps", "pe", "market_cap", "price", "currency", "other"]


@dataclass(frozen=True, slots=True)
class Heading:
    """One column of a table: what it holds, of which fiscal year, and where it stands."""

    kind: Kind
    year: int | None
    text: str
    left: float
    right: float
    # Another column of the table that says the same: neither is kept.
    rival: str = ""

    @property
    def is_figure(self) -> bool:
        """Whether its cells are figures that a watchlist keeps."""
        by_year = self.kind in ("eps", "pe") and self.year is not None
        return by_year or self.kind in ("market_cap", "price")


@dataclass(frozen=True, slots=True)
class Row:
    """One listing as it is printed: the text of each cell by kind and fiscal year."""

    where: str
    code: str
    name: str
    cells: Mapping[tuple[Kind, int | None], str]
    # Which market the table, or a line above the row, says it is of.
    market: Market = Market.NONE
    # The texts of the columns that are not kept: a country, an exchange.
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """A line in a table that is no row of it, and why."""

    where: str
    text: str
    why: str
    # A mean or total of the rows, which is left out rightly.
    is_summary: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A valuation table: its headings and rows, and what is said around it."""

    where: str
    headings: tuple[Heading, ...]
    rows: tuple[Row, ...]
    unread: tuple[Unread, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    caption: str = ""
    number: int | None = None
    # The lines of the document that it takes.
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class TableHead:
    """The heading of a table that begins at a line: its columns, and where its rows begin."""

    start: int
    end: int
    headings: tuple[Heading, ...]

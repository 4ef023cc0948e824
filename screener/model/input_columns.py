"""The columns of the one frame that every metric is computed from."""

from __future__ import annotations

from collections.abc import Sequence

from screener.model.column_table import FY1, FY2, LAST, calendar_year, columns_of, fiscal_year
from screener.model.columns import Column

PRICE_COLUMNS = columns_of("price")
ACCOUNTS_COLUMNS = columns_of("accounts")


def input_columns(years: Sequence[int]) -> tuple[Column, ...]:
    """The columns of the frame, for a table with these fiscal years."""
    fiscal, calendar = map(fiscal_year, years), map(calendar_year, years)
    estimated, reported = (*fiscal, FY1, FY2, LAST, *calendar), (*map(fiscal_year, years), FY1)
    return (
        *columns_of("listing"),
        *PRICE_COLUMNS,
        *columns_of("consensus"),
        *columns_of("estimate", estimated),
        *columns_of("report", reported),
        *ACCOUNTS_COLUMNS,
    )


def stated_columns(years: Sequence[int]) -> tuple[Column, ...]:
    """What is stated beside the frame, per share of its own day: what EPS is computed from."""
    return columns_of("stated", [fiscal_year(year) for year in years])

"""The Inputs sheet: its columns, and the names that formulas call its cells by."""

from __future__ import annotations

from collections.abc import Sequence

from screener.model.column_table import columns_of, fiscal_year
from screener.model.columns import Column

TABLE = "tblInputs"
# Named cells and ranges: what formulas call them.
PRICE_DAY, FX_PAIR, FX_RATE, FISCAL_YEARS = "Price_Day", "FX_Pair", "FX_Rate", "Fiscal_Years"


def sheet_columns(years: Sequence[int]) -> tuple[Column, ...]:
    """The columns of the table, in their order, for these fiscal years.

    Headers are letters, digits and single blanks only: formulas refer to the columns by them.
    """
    return columns_of("typed", [fiscal_year(year) for year in years])

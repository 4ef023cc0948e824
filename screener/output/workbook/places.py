"""Cells and ranges as formulas name them."""

from __future__ import annotations

from datetime import date
from functools import cache

from xlsxwriter.utility import xl_col_to_name

letters = cache(xl_col_to_name)


def cell(row: int, column: int) -> str:
    """A cell of this row, whatever column the formula is copied to: `$C5`."""
    return in_row(str(row + 1), column)


def in_row(row: str, column: int) -> str:
    """A cell of a row whose number is written so, or is still to be put in there."""
    return f"${letters(column)}{row}"


def fixed(row: int, column: int) -> str:
    """A cell that a formula means wherever it is copied to: `$C$5`."""
    return f"${letters(column)}${row + 1}"


def area_of(first_row: int, first_column: int, last_row: int, last_column: int) -> str:
    """A range of cells that stays where it is."""
    return f"{fixed(first_row, first_column)}:{fixed(last_row, last_column)}"


def serial(day: date) -> int:
    """A day as Excel counts days, from the last one but one of 1899."""
    return (day - date(1899, 12, 30)).days

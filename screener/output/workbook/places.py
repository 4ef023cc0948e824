"""Cells and ranges as formulas name them."""

from __future__ import annotations

from datetime import date

from xlsxwriter.utility import xl_col_to_name


def cell(row: int, column: int) -> str:
    """A cell of this row, whatever column the formula is copied to: `$C5`."""
    return f"${xl_col_to_name(column)}{row + 1}"


def fixed(row: int, column: int) -> str:
    """A cell that a formula means wherever it is copied to: `$C$5`."""
    return f"${xl_col_to_name(column)}${row + 1}"


def area_of(first_row: int, first_column: int, last_row: int, last_column: int) -> str:
    """A range of cells that stays where it is."""
    return f"{fixed(first_row, first_column)}:{fixed(last_row, last_column)}"


def serial(day: date) -> int:
    """A day as Excel counts days, from the last one but one of 1899."""
    return (day - date(1899, 12, 30)).days

"""The Inputs sheet of a workbook as plain cells, read in a child: openpyxl trusts what it reads."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from screener.consensus.sheet_columns import FX_PAIR, FX_RATE, PRICE_DAY, TABLE
from screener.model.bounded import UnreadableError, answer, read_in_child
from screener.model.messages import say
from screener.model.reading import check_plain

# A workbook of two thousand names is read in five seconds.
MOST_SECONDS = 30.0
# So many names with so many columns are in none.
MOST_CELLS = 1_000_000
# No name or code is longer.
LONGEST_TEXT = 1000
NAMED = (PRICE_DAY, FX_PAIR, FX_RATE)


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell, a formula's value; `is_uncomputed` where a formula has none."""

    coordinate: str
    value: str | float | bool | datetime | None
    is_uncomputed: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet with the table: its title, the rows of the table, the cells that have names."""

    title: str
    rows: Sequence[Sequence[Cell]]
    named: Mapping[str, Sequence[Cell]]


def read_sheet(path: Path, timeout: float = MOST_SECONDS) -> Sheet:
    """The sheet with the table of inputs. Raises UnreadableError and OSError."""
    check_plain(path)
    messages, fault = read_in_child("screener.consensus.sheet", str(path), timeout=timeout)
    if fault:
        raise UnreadableError(fault)
    title, named, *rows = messages
    return Sheet(
        title,
        [[_cell(each) for each in row] for row in rows],
        {name: [_cell(each) for each in cells] for name, cells in named},
    )


def _cell(plain: Sequence[Any]) -> Cell:
    coordinate, value, is_uncomputed = plain
    # A day is the only value that JSON has not.
    day = datetime.fromisoformat(value["day"]) if isinstance(value, dict) else value
    return Cell(coordinate, day, is_uncomputed)


def _sheet(path: Path) -> Iterator[Any]:
    """The title, the cells that have names, and each row of the table, as plain values."""
    import warnings

    from openpyxl import load_workbook

    with warnings.catch_warnings():
        # openpyxl says what it cannot keep on saving; nothing is saved here.
        warnings.simplefilter("ignore")
        book = load_workbook(path, data_only=True)
        # The table, not the sheet, is looked for: a person may rename the sheet.
        sheet = next((sheet for sheet in book.worksheets if TABLE in sheet.tables), None)
        if sheet is None:
            fault = say(
                "has no table {table}: it was not written by screener, or its Inputs are gone",
                table=TABLE,
            )
            raise UnreadableError(fault)
        formulas = load_workbook(path)[sheet.title]
    yield sheet.title
    yield [
        [name, [_plain(cell, formulas) for cell in _named(book, sheet, name)]]
        for name in NAMED
        if name in book.defined_names
    ]
    for row in _area(sheet, sheet.tables[TABLE].ref):
        yield [_plain(cell, formulas) for cell in row]


def _named(book: Any, own: Any, name: str) -> Iterator[Any]:
    for title, reference in book.defined_names[name].destinations:
        # A program that renames a sheet may leave its old name in those of cells.
        sheet = book[title] if title in book.sheetnames else own
        for row in _area(sheet, reference.replace("$", "")):
            yield from row


def _area(sheet: Any, reference: str) -> Any:
    """The rows of an area. Raises UnreadableError for one of more cells than any table has."""
    from openpyxl.utils import range_boundaries

    left, top, right, bottom = (end or MOST_CELLS for end in range_boundaries(reference))
    if (right - left + 1) * (bottom - top + 1) > MOST_CELLS:
        fault = say("has a table of more than {most:,} cells", most=MOST_CELLS)
        raise UnreadableError(fault)
    return sheet.iter_rows(min_row=top, min_col=left, max_row=bottom, max_col=right)


def _plain(cell: Any, formulas: Any) -> list[Any]:
    value = cell.value
    if isinstance(value, datetime):
        value = {"day": value.isoformat()}
    elif not isinstance(value, int | float | bool | None):
        value = str(value)[:LONGEST_TEXT]
    is_uncomputed = value is None and formulas[cell.coordinate].data_type == "f"
    return [cell.coordinate, value, is_uncomputed]


if __name__ == "__main__":
    answer(lambda: _sheet(Path(sys.argv[1])))

"""A sheet under construction: cells and rows written safely, columns as wide as what they hold."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from screener.model.width import width_of
from screener.output.workbook.exact import Cell, Exact, Form
from screener.output.workbook.places import cell
from screener.output.workbook.texts import legible

if TYPE_CHECKING:
    from xlsxwriter.format import Format

    from screener.output.workbook.styles import Styles

# Longer texts fold: a column that fills the screen hides the figures beside it.
WIDEST = 60
# Three lines of a heading, and how many Chinese characters of one stand in a line at least.
_HEAD_HEIGHT, _HEAD_CHARACTERS = 44, 4
# Points of a line of Arial 10, as Excel makes it.
_LINE_HEIGHT = 13.5


class CellError(RuntimeError):
    """A cell that could not be written as asked: a mistake of the program, not of its input."""


@dataclass
class Page:
    """One sheet: every cell goes through here, is what it should be, and is counted for widths."""

    book: Styles
    sheet: Exact
    name: str
    widths: dict[int, int] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        """How formulas of other sheets begin."""
        return f"'{self.name}'!"

    def text(self, row: int, column: int, text: str, style: Format, *, fits: bool = True) -> None:
        """Write text as text, whatever it looks like; characters that no file holds become �.

        A sentence is said in the language of the workbook.
        """
        shown = legible(self.book.said(text))
        self._done(self.sheet.write_string(row, column, shown, style), row, column)
        if fits:
            self.fit(column, shown)

    def link(self, row: int, column: int, target: str) -> None:
        """Let a cell lead to another place of the workbook."""
        self.sheet.lead(row, column, target)

    def note(self, row: int, column: int, text: str) -> None:
        """A note on a cell, which a spreadsheet program shows beside it when it is pointed at."""
        looks = {"x_scale": 1.2, "y_scale": 0.5, "author": "screener"}
        self._done(self.sheet.write_comment(row, column, legible(text), looks), row, column)

    def number(self, row: int, column: int, value: float | None, style: Format) -> None:
        """Write a number, or an empty cell for None."""
        if value is None:
            self._done(self.sheet.write_blank(row, column, None, style), row, column)
            return
        self._finite(value, row, column)
        self._done(self.sheet.write_number(row, column, value, style), row, column)

    def day(self, row: int, column: int, value: date | datetime, style: Format) -> None:
        """Write a day, or a moment as it is on the clock of its zone."""
        naive = value.replace(tzinfo=None) if isinstance(value, datetime) else value
        self._done(self.sheet.write_datetime(row, column, naive, style), row, column)
        self.fit(column, _as_read(naive))

    def value(self, row: int, column: int, value: Any, style: Format, *, fits: bool = True) -> None:
        """Write a text, a day, a moment or a number as what it is; None leaves the cell empty."""
        if isinstance(value, str):
            self.text(row, column, value, style, fits=fits)
        elif isinstance(value, date):
            self.day(row, column, value, style)
        else:
            self.number(row, column, value, style)

    def table(
        self,
        top: int,
        columns: Sequence[tuple[str, str]],
        rows: Iterable[Sequence[Any]],
        *,
        grey: range = range(0),
    ) -> int:
        """A table of values, each column a heading and a format; returns its last row.

        Columns at the places in `grey` stand back from the others.
        """
        self.table_head(top, {place: head for place, (head, _) in enumerate(columns)})
        styles = [
            self.book.style("note" if place in grey else "text", number)
            for place, (_, number) in enumerate(columns)
        ]
        said = [
            [self.book.said(value) if isinstance(value, str) else value for value in row]
            for row in rows
        ]
        return self.rows(top + 1, [Cell(*each) for each in enumerate(styles)], said)

    def rows(self, top: int, cells: Sequence[Cell], rows: Sequence[Sequence[Any]]) -> int:
        """Rows of values under each other, as wide as their texts and days; returns the last."""
        form = Form(cells)
        for number, values in enumerate(rows, start=top):
            self.row(number, form, values)
        for cell_, values in zip(cells, zip(*rows, strict=True), strict=False):
            self.fit_column(cell_.column, filter(None, map(_as_read, values)))
        return top + len(rows) - 1

    def formula(
        self, row: int, column: int, formula: str, value: float | str | bool, style: Format
    ) -> None:
        """Write a formula with the value it has now."""
        if isinstance(value, str):
            value = legible(value)
        else:
            self._finite(value, row, column)
        bare = escape(formula.removeprefix("="))
        self._done(self.sheet.exact_formula(row, column, bare, style, value), row, column)

    def row(self, row: int, form: Form, values: Sequence[Any], other: str = "") -> None:
        """Write a row of a table by its form, without a look at widths.

        `other` is the number of the row that its formulas have for the one of another sheet.
        """
        for column, value in zip(form.columns, values, strict=True):
            if isinstance(value, float):
                self._finite(value, row, column)
        self._done(self.sheet.exact_row(row, form, values, other), row, 0)

    def fit_column(self, column: int, texts: Iterable[str]) -> None:
        """Make the column wide enough for all of the texts."""
        for text in set(texts):
            self.fit(column, text)

    def table_head(self, row: int, heads: Mapping[int, str]) -> None:
        """The headings of a table, in a high row."""
        style = self.book.style("head")
        for column, head in heads.items():
            self.text(row, column, head, style, fits=False)
            head = self.book.said(head)
            # Headings fold: Latin at blanks, Chinese after any character.
            for word in head.split():
                self.fit(column, word if word.isascii() else word[:_HEAD_CHARACTERS])
        self.sheet.set_row(row, _HEAD_HEIGHT)

    def fit(self, column: int, text: str) -> None:
        """Make the column wide enough for a text."""
        self.widths[column] = max(self.widths.get(column, 0), width_of(text))

    def heighten(self, row: int, texts: Mapping[int, str], widest: int) -> None:
        """Make a row high enough for texts that fold in columns of up to that width.

        Excel would do so by itself, LibreOffice does not.
        """
        lines = max(-(-width_of(text) // (widest - 2)) for text in texts.values())
        if lines > 1:
            self.sheet.set_row(row, lines * _LINE_HEIGHT)

    def set_widths(self, *, widest: int = WIDEST, least: int = 6) -> None:
        """Give each column the width of its longest text."""
        for column, width in self.widths.items():
            self.sheet.set_column(column, column, min(max(width + 2, least), widest))

    def _finite(self, value: float, row: int, column: int) -> None:
        if not math.isfinite(value):
            raise CellError(f"{self.name}!{cell(row, column)} would hold {value}")

    def _done(self, code: int, row: int, column: int) -> None:
        if code != 0:
            raise CellError(f"{self.name}!{cell(row, column)} was not written ({code})")


def _as_read(value: Any) -> str:
    """A text as it is, a day or moment as it is shown; nothing for a figure."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return value if isinstance(value, str) else str(value) if isinstance(value, date) else ""

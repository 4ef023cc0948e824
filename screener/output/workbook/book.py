"""A workbook under construction: its words, looks and sheet names, and cells written safely."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal
from xml.sax.saxutils import escape

import xlsxwriter

from screener.model.columns import FORMATS
from screener.model.messages import said
from screener.model.width import width_of
from screener.output.workbook.exact import Exact
from screener.output.workbook.places import area_of, cell
from screener.output.workbook.texts import cut, legible

if TYPE_CHECKING:
    from xlsxwriter.format import Format

    from screener.model.columns import Column
    from screener.watchlists.read import Watchlist


Role = Literal["input", "computed", "link", "text", "head", "statistic", "note", "title", "light"]

# How every workbook is written.
OPTIONS: Mapping[str, Any] = {
    "in_memory": True,
    # What a watchlist says stays text, whatever it looks like.
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_format_properties": {"font_name": "Arial", "font_size": 10},
}

NAVY, GREY, PALE = "#1F3864", "#7F7F7F", "#F2F2F2"

# The trade's colours: what is typed is blue, what is computed black, what is from elsewhere green.
_ROLES: Mapping[Role, Mapping[str, Any]] = {
    "input": {"font_color": "#0000FF"},
    "computed": {},
    "link": {"font_color": "#00703C"},
    "text": {},
    "head": {
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": NAVY,
        "align": "center",
        "valign": "vcenter",
        "text_wrap": True,
        "border": 1,
        "border_color": "#BFBFBF",
    },
    "statistic": {"bg_color": PALE},
    "note": {"font_color": GREY},
    "title": {"bold": True, "font_size": 14, "font_color": NAVY},
    "light": {"bold": True, "align": "center", "border": 1},
}

_ALIGNED_RIGHT = {"align": "right"}
# Above the headings: the title, where the rows are from, and a blank row.
HEADER_ROW = 3
# Longer texts fold: a column that fills the screen hides the figures beside it.
WIDEST = 60
# Three lines of a heading, and how many Chinese characters of one stand in a line at least.
_HEAD_HEIGHT, _HEAD_CHARACTERS = 44, 4
# Points of a line of Arial 10, as Excel makes it.
_LINE_HEIGHT = 13.5
# Excel's limit of a sheet's name.
_LONGEST_NAME = 31
# `~` is no wildcard in a name that formulas look up.
_FORBIDDEN_IN_NAMES = str.maketrans("[]:*?/\\'~", "_________")


class CellError(RuntimeError):
    """A cell that could not be written as asked: a mistake of the program, not of its input."""


@dataclass
class Page:
    """One sheet: every cell goes through here, is what it should be, and is counted for widths."""

    book: Book
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
            self._fit(column, shown)

    def link(self, row: int, column: int, target: str) -> None:
        """Let a cell lead to another place of the workbook; what it shows is written after this."""
        self._done(self.sheet.write_url(row, column, f"internal:{target}"), row, column)

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
        self._fit(column, f"{naive:%Y-%m-%d %H:%M}" if isinstance(naive, datetime) else str(naive))

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
        row = top
        for row, cells in enumerate(rows, start=top + 1):
            for place, (cell_value, style) in enumerate(zip(cells, styles, strict=True)):
                self.value(row, place, cell_value, style)
        return row

    def formula(
        self, row: int, column: int, formula: str, value: float | str | bool, style: Format
    ) -> None:
        """Write a formula with the value it has now."""
        self.escaped(row, column, escape(formula.removeprefix("=")), value, style)

    def escaped(
        self, row: int, column: int, formula: str, value: float | str | bool, style: Format
    ) -> None:
        """Write a formula that is escaped already, as XML holds it, with the value it has now."""
        if isinstance(value, str):
            value = legible(value)
        else:
            self._finite(value, row, column)
        self._done(self.sheet.exact_formula(row, column, formula, style, value), row, column)

    def table_head(self, row: int, heads: Mapping[int, str]) -> None:
        """The headings of a table, in a high row."""
        style = self.book.style("head")
        for column, head in heads.items():
            self.text(row, column, head, style, fits=False)
            head = self.book.said(head)
            # Headings fold: Latin at blanks, Chinese after any character.
            for word in head.split():
                self._fit(column, word if word.isascii() else word[:_HEAD_CHARACTERS])
        self.sheet.set_row(row, _HEAD_HEIGHT)

    def fit(self, column: int, text: str) -> None:
        """Make the column wide enough for a text that is not written as one."""
        self._fit(column, text)

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

    def _fit(self, column: int, text: str) -> None:
        self.widths[column] = max(self.widths.get(column, 0), width_of(text))

    def _finite(self, value: float, row: int, column: int) -> None:
        if not math.isfinite(value):
            raise CellError(f"{self.name}!{cell(row, column)} would hold {value}")

    def _done(self, code: int, row: int, column: int) -> None:
        if code != 0:
            raise CellError(f"{self.name}!{cell(row, column)} was not written ({code})")


class Book:
    """The workbook: its sheets by name, its styles, its language."""

    def __init__(self, workbook: xlsxwriter.Workbook, lang: str) -> None:
        self.workbook = workbook
        self.lang = lang
        # Excel keeps the name History for itself.
        self._names = {"history"}
        self._styles: dict[tuple[Any, ...], Format] = {}

    def said(self, text: str) -> str:
        """A sentence in the workbook's language; any other text as it is."""
        return str(said(text, self.lang))

    def label(self, watchlist: Watchlist) -> str:
        """What a watchlist is called."""
        return watchlist.provenance.label(self.lang)

    def head(self, column: Column, label: str = "") -> str:
        """What a column is called, with its unit below."""
        unit = column.unit.said(self.lang)
        return (label or column.label(self.lang)) + (f"\n({unit})" if unit else "")

    def style(self, role: Role, number: str = "", **more: Any) -> Format:
        """The looks of a cell: its role, the number format of that name, and more."""
        key = (role, number, *sorted(more.items()))
        if key not in self._styles:
            looks = dict(_ROLES[role])
            if number:
                looks["num_format"] = FORMATS[number].excel
            if number not in ("", "text"):
                looks |= _ALIGNED_RIGHT
            elif number == "text":
                looks["indent"] = 1
            self._styles[key] = self.workbook.add_format({**looks, **more})
        return self._styles[key]

    def add(self, label: str, title: str = "", subtitle: str = "") -> Page:
        """A new sheet: A4 landscape, one page wide, numbered, with its title and what it is of."""
        name = self._free_name(label)
        sheet = self.workbook.add_worksheet(name, worksheet_class=Exact)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer("&L&F · &A&R&P / &N")
        page = Page(self, sheet, name)
        page.text(0, 0, title or name, self.style("title"), fits=False)
        if subtitle:
            page.text(1, 0, subtitle, self.style("note"), fits=False)
        return page

    def name(self, name: str, page: Page, first: tuple[int, int], last: tuple[int, int]) -> None:
        """Give cells of a sheet a name that formulas use."""
        area = area_of(*first, *last)
        if self.workbook.define_name(name, f"={page.reference}{area}") != 0:
            raise CellError(f"{name} is no name")

    def _free_name(self, label: str) -> str:
        base = cut(legible(label).translate(_FORBIDDEN_IN_NAMES), _LONGEST_NAME) or "Sheet"
        name, number = base, 2
        while name.lower() in self._names:
            name, number = f"{cut(base, _LONGEST_NAME - 4)} {number}", number + 1
        self._names.add(name.lower())
        return name

"""A workbook under construction: its sheets by name, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

from screener.output.workbook.archive import Archived
from screener.output.workbook.exact import Exact
from screener.output.workbook.page import CellError, Page
from screener.output.workbook.places import area_of
from screener.output.workbook.styles import Styles
from screener.output.workbook.texts import cut, legible

if TYPE_CHECKING:
    from screener.model.columns import Column
    from screener.watchlists.read import Watchlist


# How every workbook is written.
_OPTIONS: Mapping[str, Any] = {
    # What a watchlist says stays text, whatever it looks like.
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_format_properties": {"font_name": "Arial", "font_size": 10},
}

# Above the headings: the title, where the rows are from, and a blank row.
HEADER_ROW = 3
# Excel's limit of a sheet's name.
_LONGEST_NAME = 31
# `~` is no wildcard in a name that formulas look up.
_FORBIDDEN_IN_NAMES = str.maketrans("[]:*?/\\'~", "_________")


def opened(target: BytesIO) -> Archived:
    """An empty workbook, which is written to the target when it is left."""
    return Archived(target, _OPTIONS)


class Book(Styles):
    """The workbook: its sheets by name, in its language and styles."""

    def __init__(self, workbook: Archived, lang: str) -> None:
        super().__init__(workbook, lang)
        # Excel keeps the name History for itself.
        self._names = {"history"}

    def label(self, watchlist: Watchlist) -> str:
        """What a watchlist is called."""
        return watchlist.provenance.label(self.lang)

    def head(self, column: Column, label: str = "") -> str:
        """What a column is called, with its unit below."""
        unit = column.unit.said(self.lang)
        return (label or column.label(self.lang)) + (f"\n({unit})" if unit else "")

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

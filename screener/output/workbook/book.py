"""A workbook under construction: its words, looks and sheet names, and cells written safely."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from screener.model.columns import FORMATS
from screener.model.messages import said
from screener.output.workbook.archive import Archived
from screener.output.workbook.exact import CellError, Exact
from screener.output.workbook.page import Page
from screener.output.workbook.places import area_of
from screener.output.workbook.texts import cut, legible

if TYPE_CHECKING:
    from xlsxwriter.format import Format

    from screener.model.columns import Column
    from screener.watchlists.read import Watchlist


Role = Literal["input", "computed", "link", "text", "head", "statistic", "note", "title", "light"]

# How every workbook is written.
_OPTIONS: Mapping[str, Any] = {
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
# Excel's limit of a sheet's name.
_LONGEST_NAME = 31
# `~` is no wildcard in a name that formulas look up.
_FORBIDDEN_IN_NAMES = str.maketrans("[]:*?/\\'~", "_________")


def opened(target: BytesIO) -> Archived:
    """An empty workbook, which is written to the target when it is left."""
    return Archived(target, _OPTIONS)


class Book:
    """The workbook: its sheets by name, its styles, its language."""

    def __init__(self, workbook: Archived, lang: str) -> None:
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

"""How a workbook speaks and looks: its language, and the style of each role of a cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from screener.model.columns import FORMATS
from screener.model.messages import said
from screener.output.workbook.archive import Archived

if TYPE_CHECKING:
    from xlsxwriter.format import Format

Role = Literal["input", "computed", "link", "text", "head", "statistic", "note", "title", "light"]

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


class Styles:
    """The language of a workbook, and its styles, each made once."""

    def __init__(self, workbook: Archived, lang: str) -> None:
        self.workbook = workbook
        self.lang = lang
        self._styles: dict[tuple[Any, ...], Format] = {}

    def said(self, text: str) -> str:
        """A sentence in the workbook's language; any other text as it is."""
        return str(said(text, self.lang))

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

"""A worksheet of XlsxWriter's that writes formulas and numbers as they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from xlsxwriter.worksheet import CellFormulaTuple, Worksheet

from screener.output.workbook.places import letters

if TYPE_CHECKING:
    from xlsxwriter.format import Format

# What Excel has for a value that there is none of.
_ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")


class Exact(Worksheet):  # type: ignore[misc]
    """A worksheet whose formulas are written as they are, and its numbers to the last digit.

    XlsxWriter looks for functions of newer Excels in every formula, inside sheet names too, and
    spends most of its time on that; ours use none. It writes numbers with 16 digits; it takes 17
    for what is read back to be the number that was computed with.
    """

    def exact_formula(
        self, row: int, column: int, formula: str, style: Format, value: float | str
    ) -> int:
        """Write a formula, escaped as XML holds it, with its value; 0 if it is within the sheet."""
        if self._check_dimensions(row, column):
            return -1
        self.table[row][column] = CellFormulaTuple(formula, style, value)
        return 0

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        if type(cell) is not CellFormulaTuple:
            super()._write_cell(row, col, cell)
            return
        formula, style, value = cell
        kind = ""
        if isinstance(value, bool):
            kind, value = ' t="b"', int(value)
        elif isinstance(value, str) and value:
            kind = ' t="e"' if value in _ERRORS else ' t="str"'
            value = escape(value)
        place = f'r="{letters(col)}{row + 1}" s="{style._get_xf_index()}"'
        shown = value if isinstance(value, str) else repr(value)
        self.fh.write(f"<c {place}{kind}><f>{formula}</f><v>{shown}</v></c>")

    def _xml_number_element(
        self, number: float, attributes: Iterable[tuple[str, object]] = ()
    ) -> None:
        marks = "".join(f' {key}="{value}"' for key, value in attributes)
        self.fh.write(f"<c{marks}><v>{number!r}</v></c>")

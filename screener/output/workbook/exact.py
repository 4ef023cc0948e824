"""A worksheet of XlsxWriter's that writes formulas and numbers as they are, and whole rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.sax.saxutils import escape

from xlsxwriter.url import Url
from xlsxwriter.worksheet import CellFormulaTuple, Worksheet

from screener.output.workbook.places import letters
from screener.output.workbook.texts import legible

if TYPE_CHECKING:
    from xlsxwriter.format import Format

# What Excel has for a value that there is none of.
_ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")

# Excel takes a sheet that has more links for damaged.
_MOST_LINKS = 65_530

# In formulas that rows share: the number of the row, and that of a row of another sheet.
ROW, OTHER = "\0", "\1"


class Cell(NamedTuple):
    """A cell of every row of a form: its formula, as XML holds it, is empty where one types."""

    column: int
    style: Format
    formula: str = ""


class Form:
    """What rows of a table have in common: the columns from left to right, styles, formulas."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        cells = sorted(cells, key=attrgetter("column"))
        self.columns = {cell.column: at for at, cell in enumerate(cells)}
        self.typed = [not cell.formula for cell in cells]
        self._xml = f'<row r="{ROW}">{"".join(map(_marked, cells))}</row>'

    def xml(self, row: int, other: str, parts: Sequence[str]) -> str:
        """The row of that number with these parts for its marks."""
        return self._xml.replace(ROW, str(row + 1)).replace(OTHER, other) % tuple(parts)


def _marked(cell: Cell) -> str:
    """The XML of a cell with a mark for all that follows its style, or two if it has a formula."""
    begin = f'<c r="{letters(cell.column)}{ROW}" s="{cell.style._get_xf_index()}"%s'
    if not cell.formula:
        return begin
    return f"{begin}><f>{cell.formula.replace('%', '%%')}</f><v>%s</v></c>"


def _computed(value: float | str) -> tuple[str, str]:
    """How a cell says what its formula gives, and that."""
    if isinstance(value, str):
        return _of_text(value)
    return (' t="b"', str(int(value))) if isinstance(value, bool) else ("", repr(value))


@lru_cache(4096)
def _of_text(text: str) -> tuple[str, str]:
    kind = ' t="e"' if text in _ERRORS else ' t="str"' if text else ""
    return kind, escape(text)


class Exact(Worksheet):  # type: ignore[misc]
    """A worksheet whose formulas are written as they are, and its numbers to the last digit.

    XlsxWriter looks for functions of newer Excels in every formula, inside sheet names too, and
    spends most of its time on that; ours use none. It writes numbers with 16 digits; it takes 17
    for what is read back to be the number that was computed with. Rows of a form it need not take
    apart into cells at all: they become XML when the sheet is written.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[int, tuple[Form, str, Sequence[Any]]] = {}
        self._texts: dict[str, int] = {}

    def exact_formula(
        self, row: int, column: int, formula: str, style: Format, value: float | str
    ) -> int:
        """Write a formula, escaped as XML holds it, with its value; 0 if it is within the sheet."""
        if self._check_dimensions(row, column):
            return -1
        self.table[row][column] = CellFormulaTuple(formula, style, value)
        return 0

    def exact_row(self, row: int, form: Form, values: Sequence[Any], other: str = "") -> int:
        """Write a row with the values of its cells; 0 if it is within the sheet."""
        if any(self._check_dimensions(row, column) for column in (0, max(form.columns))):
            return -1
        pairs = zip(form.typed, values, strict=True)
        self.rows[row] = form, other, [self._kept(value, typed=typed) for typed, value in pairs]
        return 0

    def lead(self, row: int, column: int, target: str) -> None:
        """Let a cell lead to another place of the workbook, as long as Excel has room."""
        if self.hlink_count == _MOST_LINKS:
            return
        self.hlink_count += 1
        self.hyperlinks[row][column] = Url(f"internal:{target}")

    def _kept(self, value: float | str | date | None, *, typed: bool) -> float | str | None:
        """A value as a cell holds it: a text that is typed is counted, a day is a number."""
        if isinstance(value, str):
            text = legible(value)
            if not typed:
                return text
            if text:
                self._texts[text] = self.str_table._get_shared_string_index(text)
            return text or None
        if value is None or isinstance(value, int | float):
            return value
        naive = value.replace(tzinfo=None) if isinstance(value, datetime) else value
        return float(self._convert_date_time(naive))

    def _typed(self, value: float | str | None) -> str:
        """What follows the place and style of a cell that has no formula."""
        if value is None:
            return "/>"
        if isinstance(value, str):
            return f' t="s"><v>{self._texts[value]}</v></c>'
        return f"><v>{value!r}</v></c>"

    def _write_rows(self) -> None:
        first, last = self.dim_rowmin, self.dim_rowmax
        for row, (form, other, values) in sorted(self.rows.items()):
            self._write_rows_of_cells(first, row - 1)
            parts: list[str] = []
            for is_typed, value in zip(form.typed, values, strict=True):
                if is_typed:
                    parts.append(self._typed(value))
                else:
                    parts += _computed(value)
            self.fh.write(form.xml(row, other, parts))
            first = row + 1
        self._write_rows_of_cells(first, last)

    def _write_rows_of_cells(self, first: int, last: int) -> None:
        if first <= last:
            self.dim_rowmin, self.dim_rowmax = first, last
            super()._write_rows()

    def _get_range_data(
        self, first_row: int, first_column: int, last_row: int, last_column: int
    ) -> list[Any]:
        """What a chart keeps of the cells it draws."""
        found: list[Any] = []
        for row in range(first_row, last_row + 1):
            if row in self.rows:
                form, _, values = self.rows[row]
                columns = range(first_column, last_column + 1)
                found += [values[form.columns[column]] for column in columns]
            else:
                found += super()._get_range_data(row, first_column, row, last_column)
        return found

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        if type(cell) is not CellFormulaTuple:
            super()._write_cell(row, col, cell)
            return
        formula, style, value = cell
        kind, shown = _computed(value)
        place = f'r="{letters(col)}{row + 1}" s="{style._get_xf_index()}"'
        self.fh.write(f"<c {place}{kind}><f>{formula}</f><v>{shown}</v></c>")

    def _xml_number_element(
        self, number: float, attributes: Iterable[tuple[str, object]] = ()
    ) -> None:
        marks = "".join(f' {key}="{value}"' for key, value in attributes)
        self.fh.write(f"<c{marks}><v>{number!r}</v></c>")

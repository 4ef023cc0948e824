"""Files of an office to lines of cells: workbooks (.xlsx) and documents (.docx)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from screener.importing.documents.line import Cell, Line, clean, grid_line, placed_line


def workbook(path: Path) -> Iterator[Line]:
    """Rows of every sheet of a workbook; merged cells span their columns.

    A formula that no program has computed reads as `=?`: a figure that is missing, not none.
    """
    from openpyxl import load_workbook

    # openpyxl gives either values or formulas; only both tell an empty cell from an uncomputed one.
    book = load_workbook(path, data_only=True, rich_text=True)
    formulas = load_workbook(path) if _has_formulas(path) else book
    # What its maker has hidden is no table that is shown to anybody.
    for sheet in (each for each in book.worksheets if each.sheet_state == "visible"):
        title = Cell(clean(sheet.title), 0, 1)
        yield Line(f"{path}:{sheet.title}", (title,), begins_part=True)
        spans = {
            (area.min_row, area.min_col): area.max_col - area.min_col + 1
            for area in sheet.merged_cells.ranges
        }
        rows = zip(sheet.iter_rows(), formulas[sheet.title].iter_rows(), strict=True)
        for number, (cells, typed) in enumerate(rows, start=1):
            row = [
                "=?" if cell.value is None and of.data_type == "f" else _shown(cell)
                for cell, of in zip(cells, typed, strict=True)
            ]
            yield grid_line(f"{path}:{sheet.title}!{number}", _spanned(row, number, spans))


def _has_formulas(path: Path) -> bool:
    """Whether any sheet of a workbook computes: most tables do not, and are read once."""
    with ZipFile(path) as archive:
        sheets = (name for name in archive.namelist() if name.startswith("xl/worksheets/"))
        return any(b"<f>" in (xml := archive.read(name)) or b"<f " in xml for name in sheets)


def _spanned(
    row: list[str], number: int, spans: Mapping[tuple[int, int], int]
) -> Iterator[tuple[str, int]]:
    column = 1
    while column <= len(row):
        span = min(spans.get((number, column), 1), len(row) - column + 1)
        yield row[column - 1], span
        column += span


def _unraised(piece: Any) -> str:
    font = getattr(piece, "font", None)
    return "" if font is not None and font.vertAlign == "superscript" else str(piece)


def _shown(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, list):  # of pieces, some of them raised: marks of footnotes
        return "".join(map(_unraised, value))
    # 2371 under the format 000000 is the code 002371.
    if isinstance(value, int) and re.fullmatch("0{2,}", str(cell.number_format)):
        return str(value).zfill(len(cell.number_format))
    # 23877770000 under #,##0,, is shown as 23,878: what is read is what is shown.
    scaled = re.search(r"[0#?](,+)(?:[^0#?,]|$)", str(cell.number_format).partition(";")[0])
    if scaled and isinstance(value, int | float):
        value = value / 1000.0 ** len(scaled[1])
    if isinstance(value, float):
        # As a person typed it: 0.1 and not 0.1000000000000000055.
        return f"{value:.10f}".rstrip("0").rstrip(".") if abs(value) < 1e15 else str(value)
    return f"{value:%Y-%m-%d}" if hasattr(value, "strftime") else str(value)


def document(path: Path) -> Iterator[Line]:
    """Paragraphs and rows of tables of a Word document, in their order."""
    from docx import Document
    from docx.table import Table

    for number, item in enumerate(Document(str(path)).iter_inner_content(), start=1):
        if not isinstance(item, Table):
            yield placed_line(f"{path}:paragraph {number}", item.text.replace("\n", " "))
            continue
        seen: set[Any] = set()
        for line, row in enumerate(item.rows, start=1):
            yield grid_line(f"{path}:table at {number}, row {line}", _merged(row, seen))


def _merged(row: Any, seen: set[Any]) -> Iterator[tuple[str, int]]:
    # python-docx gives a merged cell again for every column and row that it spans.
    for element, cells in groupby(row.cells, key=lambda cell: cell._tc):
        first, *others = cells
        yield "" if element in seen else _without_marks(first), 1 + len(others)
        seen.add(element)


def _without_marks(cell: Any) -> str:
    """The text of a cell as it is read: with what was inserted, without what was taken back.

    Raised digits are marks of footnotes, and would be digits of the figure.
    """
    parts = []
    for run in cell._tc.iter(f"{_W}r"):
        looks = run.find(f"{_W}rPr")
        marks = set() if looks is None else {_mark(each) for each in looks}
        is_gone = next(run.iterancestors(f"{_W}del"), None) is not None
        if not is_gone and not marks & _NOT_READ:
            parts += [text.text or "" for text in run.iter(f"{_W}t")]
        parts += [" " for _ in run.iter(f"{_W}br", f"{_W}tab")]
    return "".join(parts)


def _mark(looks: Any) -> tuple[str, str]:
    return looks.tag.removeprefix(_W), looks.get(f"{_W}val", "1")


_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NOT_READ = {("vertAlign", "superscript"), ("strike", "1"), ("dstrike", "1"), ("vanish", "1")}

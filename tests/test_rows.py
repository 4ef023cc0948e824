"""Rows that are written by a form hold what the same cells hold when they are written alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from screener.model.messages import say
from screener.output.workbook import exact
from screener.output.workbook.book import Book, opened
from screener.output.workbook.exact import Cell, Form
from screener.output.workbook.page import CellError, Page

TOP, DAY = 4, date(2026, 11, 29)

texts = st.text(max_size=12)
figures = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
days = st.dates(date(1901, 1, 1), date(2100, 1, 1))
moments = st.datetimes(datetime(1901, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds have none
typed = st.tuples(st.just(""), st.none() | texts | figures | days | moments)
formulas = st.sampled_from(["A1+1", 'IF(A1>0,"<&>","100%")', "SUM($B$1:$B$9)*50%", 'A1&"%s"'])
computed = st.tuples(formulas, texts | figures | st.booleans() | st.sampled_from(["#N/A", "NM"]))


def written(rows: Sequence[Sequence[tuple[str, Any]]], *, by_form: bool) -> bytes:
    """A workbook of one sheet with these rows of cells: a formula, or none, and a value."""
    buffer = BytesIO()
    with opened(buffer) as workbook:
        book = Book(workbook, "en")
        page = book.add("rows")
        for number, row in enumerate(rows, start=TOP):
            styles = [style(book, *each) for each in row]
            if by_form:
                cells = [
                    Cell(column, styles[column], escape(formula))
                    for column, (formula, _) in enumerate(row)
                ]
                page.row(number, Form(cells), [value for _, value in row])
            else:
                for column, (formula, value) in enumerate(row):
                    alone(page, number, column, formula, value, styles[column])
    return buffer.getvalue()


def style(book: Book, formula: str, value: Any) -> Any:
    number = "time" if isinstance(value, datetime) else "day" if isinstance(value, date) else ""
    return book.style("computed" if formula else "input", number)


def alone(page: Page, row: int, column: int, formula: str, value: Any, look: Any) -> None:
    if formula:
        page.formula(row, column, formula, value, look)
    else:
        page.value(row, column, value or (value if value == 0 else None), look)


def cells(workbook: Workbook) -> list[Any]:
    return [
        (cell.coordinate, cell.value, cell.data_type, cell.number_format, cell.font.color.rgb)
        if cell.font.color
        else (cell.coordinate, cell.value, cell.data_type, cell.number_format)
        for row in workbook["rows"].iter_rows(min_row=TOP + 1)
        for cell in row
    ]


@given(st.lists(st.lists(typed | computed, min_size=1, max_size=6), min_size=1, max_size=3))
def test_a_row_by_its_form_is_the_row_cell_by_cell(rows: list[list[tuple[str, Any]]]) -> None:
    expected, found = (written(rows, by_form=by_form) for by_form in (False, True))
    for values in (False, True):
        books = [load_workbook(BytesIO(each), data_only=values) for each in (expected, found)]
        assert cells(books[0]) == cells(books[1])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("formula", ["", "1/0"])
def test_what_is_no_number_is_never_written_as_one(value: float, formula: str) -> None:
    with pytest.raises(CellError):
        written([[(formula, value)]], by_form=True)


def test_formulas_of_a_form_are_those_of_their_row_and_of_another_sheets() -> None:
    buffer = BytesIO()
    with opened(buffer) as workbook:
        page = Book(workbook, "en").add("rows")
        look = page.book.style("computed")
        form = Form([Cell(0, look, f"$B{exact.ROW}"), Cell(1, look, f"Other!$C${exact.OTHER}")])
        page.row(TOP, form, [1, 2], other="17")
        page.row(TOP + 5, form, [1, 2], other="3")
    sheet = load_workbook(BytesIO(buffer.getvalue()))["rows"]
    assert ("=$B5", "=Other!$C$17") == tuple(cell.value for cell in sheet[5])
    assert ("=$B10", "=Other!$C$3") == tuple(cell.value for cell in sheet[10])


def test_a_sheet_has_no_more_links_than_excel_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "_MOST_LINKS", 2)
    buffer = BytesIO()
    with opened(buffer) as workbook:
        page = Book(workbook, "en").add("rows")
        form = Form([Cell(0, page.book.style("text"))])
        for number in range(TOP, TOP + 4):
            page.row(number, form, ["text"])
            page.link(number, 0, "rows!A1")
    sheet = load_workbook(BytesIO(buffer.getvalue()))["rows"]
    first = [row[0] for row in sheet.iter_rows(TOP + 1)]
    assert [True, True, False, False] == [bool(cell.hyperlink) for cell in first]
    assert ["text"] * 4 == [cell.value for cell in first]


def test_what_a_table_holds_is_said_in_the_language_of_the_workbook() -> None:
    buffer = BytesIO()
    with opened(buffer) as workbook:
        page = Book(workbook, "zh").add("rows")
        assert TOP + 1 == page.table(TOP, [("", "text"), ("", "day")], [(say("Name"), DAY)])
        assert TOP + 1 == page.table(TOP + 1, [("", "text")], [])
    sheet = load_workbook(BytesIO(buffer.getvalue()))["rows"]
    assert ["名称", datetime(2026, 11, 29)] == [cell.value for cell in sheet[TOP + 2]]  # noqa: DTZ001
    assert len("2026-11-29") == page.widths[1]


def test_a_chart_keeps_no_character_that_no_file_holds() -> None:
    buffer = BytesIO()
    with opened(buffer) as workbook:
        page = Book(workbook, "en").add("rows")
        look = page.book.style("computed")
        page.row(TOP, Form([Cell(0, look, "B5&C5"), Cell(1, look, "1+1")]), ["odd\ufffe", 2.0])
        chart = workbook.add_chart({"type": "column"})
        chart.add_series({"categories": "=rows!$A$5", "values": "=rows!$B$5"})
        page.sheet.insert_chart(6, 0, chart)
    with ZipFile(buffer) as archive:
        parts = [archive.read(name).decode() for name in archive.namelist()]
    assert 2 == sum("odd�" in part for part in parts)
    assert not any("\ufffe" in part for part in parts)

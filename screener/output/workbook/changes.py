"""What changed between two runs, as a workbook of one sheet."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from screener.files import MARK
from screener.model.messages import say
from screener.model.problems import SEVERITIES
from screener.output.workbook.book import HEADER_ROW, Book, opened
from screener.screening.changed import COLUMNS, Changes

if TYPE_CHECKING:
    from screener.output.workbook.page import Page


def render_changes(changes: Changes, lang: str, title: str) -> bytes:
    """The bytes of the workbook: a row a name, below what came and went."""
    buffer = BytesIO()
    with opened(buffer) as workbook:
        workbook.set_properties({"author": MARK})
        book = Book(workbook, lang)
        _write(book, book.add(book.said(say("Changes")), subtitle=title), changes)
    return buffer.getvalue()


def _write(book: Book, page: Page, changes: Changes) -> None:
    heads = [(book.head(column), column.format) for column in COLUMNS]
    row = page.table(HEADER_ROW, heads, changes.rows.iter_rows())
    page.sheet.autofilter(HEADER_ROW, 0, max(row, HEADER_ROW + 1), len(COLUMNS) - 1)
    page.sheet.freeze_panes(HEADER_ROW + 1, 3)
    lines = [each.said(book.lang) for each in changes.said]
    lines += [f"+ {' '.join(name)}" for name in changes.came]
    lines += [f"− {' '.join(name)}" for name in changes.went]
    for mark, problems in (("+", changes.new_problems), ("−", changes.gone_problems)):
        for problem in problems:
            severity = SEVERITIES[problem.severity].said(book.lang)
            lines.append(f"{mark} {severity}: {problem.symbol} {problem.message.said(book.lang)}")
    for number, line in enumerate(lines, start=row + 2):
        page.text(number, 0, line, book.style("text"), fits=False)
    page.set_widths(widest=28)

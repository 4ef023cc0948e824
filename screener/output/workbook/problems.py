"""The Problems and Audit sheets: what is wrong or missing, one a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screener.audit.findings import KINDS
from screener.model.messages import Sentence, say
from screener.model.problems import PROBLEM_KINDS, SEVERITIES, Severity
from screener.output.workbook.book import HEADER_ROW, Book
from screener.output.workbook.page import Page
from screener.output.workbook.places import area_of
from screener.output.workbook.sources import WIDE
from screener.output.workbook.styles import GREY

if TYPE_CHECKING:
    from screener.screening.result import Result


SYMBOL = say("Symbol")
_PROBLEM_HEADS = (say("Severity"), say("Kind"), SYMBOL, say("Where"), say("Message"))
_FINDING_HEADS = (
    say("Severity"),
    say("Kind"),
    SYMBOL,
    say("Fiscal year"),
    say("Where"),
    say("Message"),
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A sheet of problems or findings: its name, and the cells of their severities."""

    name: str
    severities: str


def write_problems(book: Book, result: Result, page: Page, places: Mapping[str, str]) -> Listed:
    """Every problem of the run, the worst first; `places` are the rows of symbols."""
    rows = [
        (
            problem.severity,
            PROBLEM_KINDS[problem.kind].label(book.lang),
            problem.symbol,
            problem.where,
            problem.message.said(book.lang),
        )
        for problem in result.problems
    ]
    return _write_list(book, page, _PROBLEM_HEADS, rows, places)


def write_findings(book: Book, result: Result, page: Page, places: Mapping[str, str]) -> Listed:
    """What the printed tables get wrong, the worst first; `places` are the rows of symbols."""
    rows = [
        (
            finding.severity,
            KINDS[finding.kind].label(book.lang),
            finding.symbol,
            f"FY{finding.fiscal_year}" if finding.fiscal_year else "",
            finding.where,
            finding.message.said(book.lang),
        )
        for finding in result.findings
    ]
    return _write_list(book, page, _FINDING_HEADS, rows, places)


def _write_list(
    book: Book,
    page: Page,
    heads: Sequence[Sentence],
    rows: Iterable[tuple[Severity, *tuple[str, ...]]],
    places: Mapping[str, str],
) -> Listed:
    """A table of texts, the worst first: its first column the severity, its last one long."""
    rows = sorted(rows, key=lambda row: list(SEVERITIES).index(row[0]))
    page.table_head(HEADER_ROW, dict(enumerate(heads)))
    colours = {"error": "#C00000", "warning": "#9C5700", "note": GREY}
    plain = book.style("text", "text", text_wrap=True, valign="top")
    for row, (severity, *texts) in enumerate(rows, start=HEADER_ROW + 1):
        style = book.style("text", font_color=colours[severity], valign="top")
        page.text(row, 0, SEVERITIES[severity].said(book.lang), style)
        for column, text in enumerate(texts, start=1):
            if heads[column] == SYMBOL and text in places:
                page.link(row, column, places[text])
            page.text(row, column, text, plain)
        page.heighten(row, dict(enumerate(texts, start=1)), WIDE)
    if not rows:
        page.text(HEADER_ROW + 1, 0, say("None"), book.style("note"))
    page.sheet.autofilter(HEADER_ROW, 0, HEADER_ROW + max(len(rows), 1), len(heads) - 1)
    page.sheet.freeze_panes(HEADER_ROW + 1, 0)
    page.sheet.repeat_rows(HEADER_ROW)
    page.set_widths(widest=WIDE)
    last = HEADER_ROW + max(len(rows), 1)
    return Listed(page.name, page.reference + area_of(HEADER_ROW + 1, 0, last, 0))
